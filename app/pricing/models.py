import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Integer, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.flow import Labelled
from app.core.models import Instant, Root, words
from app.pricing.rounding import half_up
from app.pricing.states import FLOW, PUBLIC, TableState
from app.programmes.models import LifeDomain, Part, Programme, programmes_of


class EffectKind(Labelled):
    """The kinds of `replay/1` that a page can price; the engine knows them all."""

    PER_PERSON = "per_person", _l("per person, once")
    PER_UNIT = "per_unit", _l("per unit (day, week, month)")


class EvidenceType(Labelled):
    """What proves an effect, from whom. Never the provider's own word (gate D3)."""

    REGISTRY = "registry", _l("extract from a public registry")
    EMPLOYER = "employer", _l("employment contract or payslip")
    SCHOOL = "school", _l("statement of the school")
    LANDLORD = "landlord", _l("rental contract or landlord's statement")
    CREDITOR = "creditor", _l("statement of the debt counsellor or creditors")
    CARE = "care", _l("statement of a care institution")
    JUSTICE = "justice", _l("statement of police or justice")


class SavingClass(Labelled):
    """What kind of saving stands behind a price; only the first may be called a saving in money (gate C2)."""

    CASHABLE = "cashable", _l("cashable saving")
    CAPACITY = "capacity", _l("capacity-freeing")
    AVOIDED = "avoided", _l("avoided future cost")
    SOCIAL = "social", _l("social value")


class PriceTable(Root):
    """One version of the table. `number` counts up per programme; caps are in minor units, empty means none."""

    __tablename__ = "price_table"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    note: Mapped[str] = mapped_column(default="")  # what is new in this version
    illustrative: Mapped[bool] = mapped_column(default=False)
    cap_per_person_minor: Mapped[int | None]
    cap_contract_minor: Mapped[int | None]
    state: Mapped[TableState] = words(TableState, default=TableState.DRAFT)
    published_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    effects: Mapped[list["Effect"]] = relationship(
        back_populates="table", order_by="Effect.position", cascade="all, delete-orphan"
    )

    @property
    def title(self) -> str:
        return _("Price table %(number)d", number=self.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["PriceTable"]:
        """Published is public, for ever; before that only the governments of the bond see it."""
        own = cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT))
        return select(cls).where(or_(cls.state.in_(PUBLIC), own))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


class Effect(Root):
    """One row of the table: an effect that is binary, provable by someone other than the provider, and priced.

    `price_minor` per person or unit; `deadweight_bp` in basis points (1/10,000) taken off for what would have
    happened anyway; `evidence_days` how long after the achievement evidence may be dated.
    """

    __tablename__ = "effect"
    __table_args__ = (
        UniqueConstraint("table_id", "code"),
        CheckConstraint("price_minor > 0", name="price"),
        CheckConstraint("deadweight_bp >= 0 AND deadweight_bp < 10000", name="deadweight"),
    )
    FLOW = FLOW

    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"), index=True)
    position: Mapped[int]
    code: Mapped[str]  # short and stable over versions, such as "work-13w"
    name: Mapped[str]
    life_domain: Mapped[LifeDomain] = words(LifeDomain)
    kind: Mapped[EffectKind] = words(EffectKind, default=EffectKind.PER_PERSON)
    who: Mapped[str] = mapped_column(default="")
    definition: Mapped[str]  # what, with its threshold
    unit: Mapped[str] = mapped_column(default="")
    sustained: Mapped[str] = mapped_column(default="")  # the period it must have lasted, in words
    price_minor: Mapped[int]
    deadweight_bp: Mapped[int] = mapped_column(default=0)
    # None is unlimited and is stored as such; without evaluates_none() the default would take its place
    max_per_person: Mapped[int | None] = mapped_column(Integer().evaluates_none(), default=1)
    requires_code: Mapped[str] = mapped_column(default="")  # the effect of the same table that must come first
    evidence_type: Mapped[EvidenceType] = words(EvidenceType)
    evidence_days: Mapped[int] = mapped_column(default=90)
    saving_minor: Mapped[int | None]
    saving_class: Mapped[SavingClass | None] = words(SavingClass, nullable=True)
    saving_source: Mapped[str] = mapped_column(default="")

    table: Mapped[PriceTable] = relationship(back_populates="effects")

    @property
    def title(self) -> str:
        return self.name

    @property
    def deadweight(self) -> Decimal:
        """The fraction that would have happened anyway."""
        return Decimal(self.deadweight_bp).scaleb(-4)

    @property
    def paid_minor(self) -> int:
        """What one proven effect brings: its price less what would have happened anyway, rounded half up."""
        return half_up(Fraction(self.price_minor * (10_000 - self.deadweight_bp), 10_000), 1)

    @property
    def state(self) -> TableState:
        return self.table.state

    @property
    def programme_id(self) -> uuid.UUID:
        return self.table.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Effect"]:
        return select(cls).where(cls.table_id.in_(PriceTable.visible_to(user).with_only_columns(PriceTable.id)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.table.roles_of(user)


def table_in_force(programme_id: uuid.UUID) -> Select[PriceTable]:
    """The published table of a programme, if there is one."""
    return select(PriceTable).where(PriceTable.programme_id == programme_id, PriceTable.state == TableState.PUBLISHED)


def table_before(table: PriceTable) -> Select[PriceTable]:
    """The last version that was published before this one, if there was one."""
    found = select(PriceTable).where(PriceTable.programme_id == table.programme_id, PriceTable.state.in_(PUBLIC))
    return found.where(PriceTable.number < table.number).order_by(PriceTable.number.desc()).limit(1)
