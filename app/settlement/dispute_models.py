import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Amount, Root, Row, append_only, words
from app.people.models import User
from app.settlement.models import Statement
from app.settlement.states import DISPUTE_FLOW, DisputeState


class Dispute(Root):
    """A municipality says, with a reason, that it does not owe (all of) an approved statement.

    The intermediary answers: the statement stands, or it owes `lower_minor` less, which a second person confirms.
    Returned, it waits for another answer in a row of its own. Both may name the groups of lines that they are `about`
    (ids of `SettlementGroup`).
    """

    __tablename__ = "dispute"
    __table_args__ = (
        Index(
            "uq_dispute_open",
            "statement_id",
            unique=True,
            sqlite_where=text("state IN ('raised', 'answered')"),
            postgresql_where=text("state IN ('raised', 'answered')"),
        ),
    )
    FLOW = DISPUTE_FLOW

    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("statement.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    reason: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    returned_because: Mapped[str] = mapped_column(default="")
    about: Mapped[list[str]] = mapped_column(JSON, default=list)
    answer_about: Mapped[list[str]] = mapped_column(JSON, default=list)
    lower_minor: Mapped[Amount | None]
    state: Mapped[DisputeState] = words(DisputeState, default=DisputeState.RAISED)
    raised_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    statement: Mapped[Statement] = relationship(back_populates="disputes", lazy="joined")
    raised_by: Mapped[User] = relationship(foreign_keys=[raised_by_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def title(self) -> str:
        return _("Dispute of statement %(reference)s", reference=self.statement.reference)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Dispute"]:
        """Whoever may see the statement."""
        seen = Statement.visible_to(user).with_only_columns(Statement.id)
        return select(cls).where(cls.statement_id.in_(seen))

    def roles_of(self, user: Any) -> set[Role]:
        return self.statement.roles_of(user)


@append_only
class Correction(Row):
    """A correcting statement: the municipality owes `amount_minor` less than its statement says (minor units).

    `vat_minor` of it is VAT. The statement itself is never edited.
    """

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("dispute_id"), CheckConstraint("amount_minor > 0", name="amount"))

    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("statement.id"), index=True)
    dispute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dispute.id"))
    amount_minor: Mapped[Amount]
    vat_minor: Mapped[Amount]
    reason: Mapped[str]

    statement: Mapped[Statement] = relationship(back_populates="corrections")
    dispute: Mapped[Dispute] = relationship()
