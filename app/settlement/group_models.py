import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.format import money
from app.core.models import Amount, Row, append_only, words
from app.people.models import Organisation
from app.pricing.models import Effect
from app.settlement.models import Settlement
from app.settlement.states import LineKind


@append_only
class SettlementGroup(Row):
    """The lines of one settlement that are alike: of one effect, municipality and kind, at one price, cut by the same
    rules. It is what somebody reads who may see no row about a person, and must know what is paid and why.

    `steps` are those of all its lines together; `price_minor` is the gross of one unit, None where the units of a line
    do not divide it. Amounts in minor units. Source: the domain, section 9; GDPR, article 5(1)(c).
    """

    __tablename__ = "settlement_group"

    settlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlement.id"), index=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    first_settlement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("settlement.id"))
    kind: Mapped[LineKind] = words(LineKind)
    price_minor: Mapped[Amount | None]
    lines: Mapped[int]
    gross_minor: Mapped[Amount]
    paid_minor: Mapped[Amount]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    effect: Mapped[Effect] = relationship()
    payer: Mapped[Organisation] = relationship()
    first_settlement: Mapped[Settlement | None] = relationship(foreign_keys=[first_settlement_id])

    def in_words(self, currency: str) -> str:
        """As one choice of a list: the effect, how many at which price, and what is paid for them."""
        told = [self.effect.name, ngettext("%(num)d line", "%(num)d lines", self.lines)]
        if self.price_minor is not None:
            told.append(_("price of one %(price)s", price=money(self.price_minor, currency)))
        told.append(_("to pay %(amount)s", amount=money(self.paid_minor, currency)))
        if self.first_settlement is not None:
            told.append(f"{self.kind.label}: {self.first_settlement.title}")
        return ", ".join(told)
