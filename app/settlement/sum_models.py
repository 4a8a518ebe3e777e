import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Amount, Row, append_only, words
from app.pricing.models import Effect
from app.settlement.states import LineKind


@append_only
class SettlementSum(Row):
    """The lines of one settlement together, of one effect, municipality and kind: how many, and what is paid for them
    (minor units).

    The lines of a settlement never change, so that its pages need not add them up again. `first_settlement_id` is, of
    lines that pay later, the settlement that took their proofs first.
    """

    __tablename__ = "settlement_sum"

    settlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlement.id"), index=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    first_settlement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("settlement.id"))
    kind: Mapped[LineKind] = words(LineKind)
    lines: Mapped[int]
    paid_minor: Mapped[Amount]

    effect: Mapped[Effect] = relationship()
