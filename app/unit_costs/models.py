import uuid
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import CONTRIBUTORS, Role
from app.core.flow import Labelled
from app.core.models import Amount, Root, words
from app.people.models import Organisation
from app.programmes.models import LifeDomain
from app.unit_costs.states import FLOW, FigureState

if TYPE_CHECKING:
    from app.pricing.models import PriceTable


class SavingClass(Labelled):
    """What kind of saving stands behind a price; only the first may be called a saving in money (gate C2)."""

    CASHABLE = "cashable", _l("cashable saving")
    CAPACITY = "capacity", _l("capacity-freeing")
    AVOIDED = "avoided", _l("avoided future cost")
    SOCIAL = "social", _l("social value")


class Bearer(Labelled):
    """Whose budget the saving falls in (gate C4: the saver need not be the payer)."""

    MUNICIPALITY = "municipality", _l("municipality")
    CENTRAL = "central", _l("central government")
    COMMUNITY = "community", _l("region or community")
    INSURER = "insurer", _l("health insurer")
    JUSTICE = "justice", _l("police and justice")
    SOCIETY = "society", _l("society at large")


class UnitCost(Root):
    """One figure: `value_minor` of `currency` per `unit` (a year, a place, an event), in prices of `price_year`."""

    __tablename__ = "unit_cost"
    __table_args__ = (CheckConstraint("value_minor > 0", name="value"),)
    FLOW = FLOW

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    life_domain: Mapped[LifeDomain | None] = words(LifeDomain, nullable=True)
    value_minor: Mapped[Amount]
    currency: Mapped[str] = mapped_column(default="EUR")
    unit: Mapped[str]
    price_year: Mapped[int]
    country: Mapped[str]  # ISO 3166, where it was measured
    bearer: Mapped[Bearer] = words(Bearer)
    saving_class: Mapped[SavingClass] = words(SavingClass)
    source: Mapped[str]
    address: Mapped[str] = mapped_column(default="")  # where the source can be read
    licence: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    illustrative: Mapped[bool] = mapped_column(default=False)
    withdrawn: Mapped[bool] = mapped_column(default=False)  # no longer offered; tables that used it keep their copy

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    # Drafts too: whoever shows them leaves out what is not published.
    tables: Mapped[list["PriceTable"]] = relationship(
        secondary="effect",
        primaryjoin="UnitCost.id == Effect.unit_cost_id",
        secondaryjoin="Effect.table_id == PriceTable.id",
        order_by="PriceTable.published_at.desc()",
        viewonly=True,
    )

    @property
    def title(self) -> str:
        return self.name

    @property
    def state(self) -> FigureState:
        return FigureState.WITHDRAWN if self.withdrawn else FigureState.OFFERED

    @classmethod
    def visible_to(cls, user: Any) -> Select["UnitCost"]:
        """The register is public, and so is what was withdrawn: published tables lean on it."""
        return select(cls)

    def roles_of(self, user: Any) -> set[Role]:
        return {Role.MEMBER} if self.organisation_id in user.organisation_ids else set()


def may_contribute(organisation: Organisation) -> bool:
    """Whether it may fill the register: vetted, and neither an investor nor an assessor."""
    return organisation.vetted_at is not None and organisation.kind in CONTRIBUTORS
