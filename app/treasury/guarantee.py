"""Capital that did not come back, made up by the guarantor of its tranche at the end of the bond."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.capital.models import Tranche
from app.core.models import Amount, Root, words
from app.programmes.models import Programme
from app.treasury.desk_row import DeskRow
from app.treasury.states import GUARANTEE_FLOW, GuaranteeState


class GuaranteeCall(DeskRow, Root):
    """`amount_minor` that `guarantor` pays in by `due_on` for what `tranche` still lacks of its capital.
    Of what comes in in parts each is a row of its own, with the same reference: `paid_of` is the row that holds what is
    still owed."""

    __tablename__ = "guarantee_call"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(
            "uq_guarantee_call_reference",
            "reference",
            unique=True,
            sqlite_where=text("paid_of_id IS NULL"),
            postgresql_where=text("paid_of_id IS NULL"),
        ),
    )
    FLOW = GUARANTEE_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    tranche_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tranche.id"))
    guarantor: Mapped[str]
    amount_minor: Mapped[Amount]
    due_on: Mapped[date]
    reference: Mapped[str]  # what the guarantor writes with its payment
    state: Mapped[GuaranteeState] = words(GuaranteeState, default=GuaranteeState.PREPARED)
    received_on: Mapped[date | None]
    paid_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("guarantee_call.id"))
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    tranche: Mapped[Tranche] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Call of the guarantee")
