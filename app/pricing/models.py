import uuid
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.flow import Labelled
from app.core.models import Amount, Instant, Root, Row, append_only, words
from app.extensions import db
from app.people.models import User
from app.pricing.rounding import half_up
from app.pricing.states import FLOW, PUBLIC, TableState
from app.programmes.models import LifeDomain, Part, Programme, programmes_of
from app.unit_costs.models import Bearer, SavingClass


class EffectKind(Labelled):
    """The kinds of `replay/1`. The first two are claimed per participant; the others are measured or counted once."""

    PER_PERSON = "per_person", _l("per person, once")
    PER_UNIT = "per_unit", _l("per unit (day, week, month)")
    STEPS = "steps", _l("by steps of a measured value")
    BANDS = "bands", _l("per point of a measured value, in bands")
    DIFFERENCE = "difference", _l("per event avoided, against a comparison group")
    SHARE = "share", _l("share of the cost avoided")
    FEE = "fee", _l("fixed fee")


# Kinds of which a number of units is proven, so that a plan can state volumes and a price is paid for each.
COUNTED = (EffectKind.PER_PERSON, EffectKind.PER_UNIT, EffectKind.FEE)
# Kinds that are established for a cohort as a whole, once per period.
MEASURED = (EffectKind.STEPS, EffectKind.BANDS, EffectKind.DIFFERENCE, EffectKind.SHARE)
# Kinds that a provider claims for one participant.
PERSONAL = (EffectKind.PER_PERSON, EffectKind.PER_UNIT)


class EvidenceType(Labelled):
    """What proves an effect, from whom. The last two may be reported and never priced (gate D3, grade C)."""

    REGISTRY = "registry", _l("extract from a public registry")
    PAYROLL = "payroll", _l("payroll or benefit data")
    EMPLOYER = "employer", _l("employment contract or payslip")
    SCHOOL = "school", _l("statement of the school")
    LANDLORD = "landlord", _l("rental contract or landlord's statement")
    CREDITOR = "creditor", _l("statement of the debt counsellor or creditors")
    CARE = "care", _l("statement of a care institution")
    JUSTICE = "justice", _l("statement of police or justice")
    SCALE = "scale", _l("score on a scale, given by a care worker")
    SELF_REPORT = "self_report", _l("the participant's or provider's own word")


UNPRICED = (EvidenceType.SCALE, EvidenceType.SELF_REPORT)
FROM_A_REGISTRY = (EvidenceType.REGISTRY, EvidenceType.PAYROLL)


class Counterfactual(Labelled):
    """What the effects are compared with: what would have happened without the support (gate D6)."""

    FIXED = "fixed", _l("fixed deadweight percentage")
    DURATION = "duration", _l("expected duration model")
    MATCHED = "matched", _l("matched group from administrative data")
    WAITING_LIST = "waiting_list", _l("waiting list")
    RCT = "rct", _l("randomised controlled trial")
    NONE = "none", _l("none, with a published deadweight")


class Lasts(Labelled):
    """The unit in which an effect says how long it must last."""

    DAYS = "days", _l("days")
    WEEKS = "weeks", _l("weeks")
    MONTHS = "months", _l("months")


class CompanionView(Labelled):
    """Whose view the unpriced companion indicator gives (gate D9)."""

    PARTICIPANT = "participant", _l("participant")
    CARE_WORKER = "care_worker", _l("care worker")
    YOUTH_JUDGE = "youth_judge", _l("youth judge")


class Grade(Labelled):
    """How hard an effect is: A and B may be priced, C never, and no override changes that (domain, section 4)."""

    A = "A", _l("binary, from a registry, with a counterfactual"), "good"
    B = "B", _l("binary, from a document, with a fixed discount or a comparison"), "info"
    C = "C", _l("scale or own word: reported, never priced"), "bad"


class Reduce(Labelled):
    """Who loses when a cap binds."""

    LATEST_FIRST = "latest_first", _l("the newest effects lose first")
    PRO_RATA = "pro_rata", _l("every effect of the settlement loses its share")


class Overshoot(Labelled):
    """What becomes of the money that a cap per period cuts off."""

    LOST = "lost", _l("is lost")
    CARRIED = "carried", _l("is owed in a later period, while it has room")


class PriceTable(Root):
    """One version of the table. `number` counts up per programme; caps are in minor units, empty means none."""

    __tablename__ = "price_table"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    note: Mapped[str] = mapped_column(default="")  # what is new in this version
    illustrative: Mapped[bool] = mapped_column(default=False)
    cap_per_person_minor: Mapped[Amount | None]
    cap_contract_minor: Mapped[Amount | None]
    # [{"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 1}]: what statements dated in a period pay together
    period_caps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    reduce: Mapped[Reduce] = words(Reduce, default=Reduce.LATEST_FIRST)
    overshoot: Mapped[Overshoot] = words(Overshoot, default=Overshoot.LOST)
    step_minor: Mapped[Amount] = mapped_column(default=1)  # the smallest payable step: 1 a cent, 100 a whole euro
    vat_bp: Mapped[int | None]  # set when prices include VAT, in basis points
    copied_from_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("price_table.id"))
    state: Mapped[TableState] = words(TableState, default=TableState.DRAFT)
    published_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    effects: Mapped[list["Effect"]] = relationship(
        back_populates="table", order_by="Effect.position", cascade="all, delete-orphan"
    )

    @property
    def title(self) -> str:
        return _("Price table %(number)d", number=self.number)

    def is_followed_by(self, user: Any) -> bool:
        """Does this person follow the prices of the bond, so that each new version is told?"""
        found = select(TableSubscription.id).filter_by(programme_id=self.programme_id, user_id=user.id)
        return db.session.scalar(found) is not None

    @classmethod
    def visible_to(cls, user: Any) -> Select["PriceTable"]:
        """Published is public, for ever; before that only the governments of the bond see it."""
        own = cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT))
        return select(cls).where(or_(cls.state.in_(PUBLIC), own))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


class Effect(Root):
    """One row of the table: an effect that is binary, provable by someone other than the provider, and priced.

    `price_minor` per person, unit, event or fee (0 where `tiers`, `scale` or `share_bp` say what is paid);
    `deadweight_bp` in basis points (1/10,000) taken off for what would have happened anyway; `evidence_days` how long
    after the achievement evidence may be dated. Exact decimals that are no money (`threshold`) are text. The keys are
    those of `replay/1`; amounts inside lists are minor units.
    """

    __tablename__ = "effect"
    __table_args__ = (
        UniqueConstraint("table_id", "code"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("deadweight_bp >= 0 AND deadweight_bp < 10000", name="deadweight"),
    )
    FLOW = FLOW

    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"), index=True)
    position: Mapped[int]
    code: Mapped[str]  # short and stable over versions, such as "work-13w"
    name: Mapped[str]
    life_domain: Mapped[LifeDomain] = words(LifeDomain)
    kind: Mapped[EffectKind] = words(EffectKind, default=EffectKind.PER_PERSON)

    # Who, what, threshold, unit and period (D1); when it is achieved and what starts the clock again (D4)
    who: Mapped[str] = mapped_column(default="")
    definition: Mapped[str]
    unit: Mapped[str] = mapped_column(default="")
    sustained: Mapped[str] = mapped_column(default="")
    # since its clock started, in `lasts_unit`; 0: reached on one day
    lasts: Mapped[int] = mapped_column(default=0, server_default="0")
    lasts_unit: Mapped[Lasts] = words(Lasts, default=Lasts.DAYS, server_default="days")
    achieved_when: Mapped[str] = mapped_column(default="")
    resets: Mapped[str] = mapped_column(default="")

    # What is paid
    price_minor: Mapped[Amount] = mapped_column(default=0)
    payer_prices: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # by organisation id, instead of price
    tiers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # up_to, price_minor, max_amount_minor
    scale: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list
    )  # at, amount_minor | from, to, per_point_minor
    between: Mapped[str] = mapped_column(default="step")  # or linear
    threshold: Mapped[str] = mapped_column(default="")  # of bands a value, of difference a fraction
    pooled_threshold: Mapped[str] = mapped_column(default="")
    share_bp: Mapped[int] = mapped_column(default=0)
    share_after_bp: Mapped[int | None]
    until_minor: Mapped[Amount | None]
    deadweight_bp: Mapped[int] = mapped_column(default=0)

    # What limits it
    # None is unlimited and is stored as such; without evaluates_none() the default would take its place
    max_per_person: Mapped[int | None] = mapped_column(Integer().evaluates_none(), default=1)
    requires: Mapped[list[str]] = mapped_column(JSON, default=list)  # codes that must be proven first
    best_of: Mapped[str] = mapped_column(default="")
    after_units: Mapped[int] = mapped_column(default=0)
    retroactive: Mapped[bool] = mapped_column(default=False)
    max_count: Mapped[int | None]
    max_amount_minor: Mapped[Amount | None]

    # What proves it (D3), and what is reported beside it and never paid (D9)
    evidence_type: Mapped[EvidenceType] = words(EvidenceType)
    evidence_holder: Mapped[str] = mapped_column(default="")
    evidence_days: Mapped[int] = mapped_column(default=90)
    companion: Mapped[str] = mapped_column(default="")
    companion_view: Mapped[CompanionView | None] = words(CompanionView, nullable=True)

    # What would have happened anyway (D5, D6, D7): `baseline_count` of `baseline_n` reached it without the support
    baseline_n: Mapped[int | None]
    baseline_count: Mapped[int | None]
    baseline_period: Mapped[str] = mapped_column(default="")
    baseline_source: Mapped[str] = mapped_column(default="")
    counterfactual: Mapped[Counterfactual | None] = words(Counterfactual, nullable=True)
    difference_bp: Mapped[int | None]  # the difference with the comparison that is expected, in basis points

    # How it could be abused, paid twice, and on which ground its data may be used (D8, D10, D11)
    gaming: Mapped[str] = mapped_column(default="")
    countermeasure: Mapped[str] = mapped_column(default="")
    double_payment: Mapped[str] = mapped_column(default="")
    legal_basis: Mapped[str] = mapped_column(default="")

    # The saving behind the price, copied from the register of unit costs so that it stays as it was (C2-C4)
    unit_cost_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit_cost.id"))
    saving_minor: Mapped[Amount | None]
    saving_class: Mapped[SavingClass | None] = words(SavingClass, nullable=True)
    saving_source: Mapped[str] = mapped_column(default="")
    saving_year: Mapped[int | None]  # price year
    saving_bearer: Mapped[Bearer | None] = words(Bearer, nullable=True)
    saving_licence: Mapped[str] = mapped_column(default="")
    saving_occupancy_bp: Mapped[int | None]  # of the service whose place becomes free
    saving_waiting_list: Mapped[bool] = mapped_column(default=False)
    saving_note: Mapped[str] = mapped_column(default="")  # co-payment or note when the saver is not the payer

    # What is expected, for the calendar of payments (C5): how many, and how many months after intake
    expected_count: Mapped[int | None]
    months_after: Mapped[int] = mapped_column(default=0)

    table: Mapped[PriceTable] = relationship(back_populates="effects")

    @property
    def title(self) -> str:
        return self.name

    @property
    def price_range(self) -> tuple[int, int]:
        """The least and the most that a payer with a share in the bond pays for one effect, in minor units."""
        if not self.payer_prices:
            return self.price_minor, self.price_minor
        payers = [str(share.organisation_id) for share in self.table.programme.shares]
        prices = [self.payer_prices.get(payer, self.price_minor) for payer in payers] or [self.price_minor]
        return min(prices), max(prices)

    def paid_of(self, price_minor: int) -> int:
        """What is left of a price after what would have happened anyway, rounded half up to a minor unit."""
        return half_up(Fraction(price_minor * (10_000 - self.deadweight_bp), 10_000), 1)

    @property
    def deadweight(self) -> Decimal:
        """The fraction that would have happened anyway."""
        return Decimal(self.deadweight_bp).scaleb(-4)

    @property
    def paid_minor(self) -> int:
        """What one proven effect brings: its price less what would have happened anyway, rounded half up."""
        return self.paid_of(self.price_minor)

    @property
    def is_counted(self) -> bool:
        """Whether a plan can say how many it will bring."""
        return self.kind in COUNTED

    def amount_of(self, quantity: int) -> int:
        """What `quantity` units cost at the most, before deadweight and caps, in minor units.

        Tiers go by their running count; where payers pay different prices, the dearest counts.
        """
        if not self.tiers:
            return quantity * max([self.price_minor, *self.payer_prices.values()])
        amount, counted = 0, 0
        for tier in self.tiers:
            end = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
            part = max(0, end - counted) * tier["price_minor"]
            most = tier.get("max_amount_minor")
            amount, counted = amount + (part if most is None else min(part, most)), max(counted, end)
        return amount

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


@append_only
class GateOverride(Row):
    """A named official lets a gate pass with a reason; public for ever on the table (domain, section 4)."""

    __tablename__ = "gate_override"

    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"), index=True)
    effect_code: Mapped[str] = mapped_column(default="")  # empty: a gate of the whole table
    gate: Mapped[str]
    reason: Mapped[str]
    official_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    official: Mapped[User] = relationship(lazy="joined")


class TableSubscription(Row):
    """Somebody who is told of each new version of a bond's price table."""

    __tablename__ = "table_subscription"
    __table_args__ = (UniqueConstraint("programme_id", "user_id"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


class MailFollower(Row):
    """A mailbox, proven by a link, that is told of each new version in the language `locale`; no account."""

    __tablename__ = "mail_follower"
    __table_args__ = (UniqueConstraint("programme_id", "address"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    address: Mapped[str]  # in small letters
    locale: Mapped[str]

    programme: Mapped[Programme] = relationship()


def table_in_force(programme_id: uuid.UUID) -> Select[PriceTable]:
    """The published table of a programme, if there is one."""
    return select(PriceTable).where(PriceTable.programme_id == programme_id, PriceTable.state == TableState.PUBLISHED)


def table_before(table: PriceTable) -> Select[PriceTable]:
    """The last version that was published before this one, if there was one."""
    found = select(PriceTable).where(PriceTable.programme_id == table.programme_id, PriceTable.state.in_(PUBLIC))
    return found.where(PriceTable.number < table.number).order_by(PriceTable.number.desc()).limit(1)
