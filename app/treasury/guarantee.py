"""Capital that did not come back, made up by the guarantor of its tranche at the end of the bond."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.capital.models import Tranche
from app.core.models import Amount, Root, words
from app.programmes.models import Programme
from app.treasury.desk_row import DeskRow
from app.treasury.states import GUARANTEE_FLOW, GuaranteeState


class GuaranteeCall(DeskRow, Root):
    """`amount_minor` that `guarantor` pays in by `due_on` for what `tranche` still lacks of its capital."""

    __tablename__ = "guarantee_call"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = GUARANTEE_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    tranche_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tranche.id"))
    guarantor: Mapped[str]
    amount_minor: Mapped[Amount]
    due_on: Mapped[date]
    reference: Mapped[str] = mapped_column(unique=True)  # what the guarantor writes with its payment
    state: Mapped[GuaranteeState] = words(GuaranteeState, default=GuaranteeState.PREPARED)
    received_on: Mapped[date | None]
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    tranche: Mapped[Tranche] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Call of the guarantee")
