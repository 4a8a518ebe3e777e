"""Money on the account of the bond that no call, statement or guarantee asked for."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Amount, Instant, Root, words
from app.people.models import Organisation
from app.programmes.models import Programme
from app.treasury.desk_row import DeskRow
from app.treasury.states import OTHER_RECEIPT_FLOW, OtherReceiptKind, OtherReceiptState


class OtherReceipt(DeskRow, Root):
    """`amount_minor` of `organisation` (none: the tax authority), on the account since `received_on`.

    What a municipality paid too much stays owed to it until it is set off or paid back. What was booked wrongly the
    books took back at `reversed_at`, by two people.
    """

    __tablename__ = "other_receipt"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = OTHER_RECEIPT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[OtherReceiptKind] = words(OtherReceiptKind)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    amount_minor: Mapped[Amount]
    received_on: Mapped[date]
    description: Mapped[str]
    state: Mapped[OtherReceiptState] = words(OtherReceiptState, default=OtherReceiptState.BOOKED)
    reversal_reason: Mapped[str] = mapped_column(default="")
    reversed_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @property
    def party(self) -> str:
        return self.organisation.name if self.organisation is not None else _("Tax authority")

    @classmethod
    def visible_to(cls, user: Any) -> Select[Any]:
        """The desk; the organisation that paid it."""
        desk = super().visible_to(user).with_only_columns(cls.id)
        return select(cls).where(or_(cls.id.in_(desk), cls.organisation_id.in_(user.organisation_ids)))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles
