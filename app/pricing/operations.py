"""The only code that changes price tables. Every act is recorded on the table, also what is done to its effects,
so that whoever touched a row never approves the table."""

import uuid
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing import notices
from app.pricing.gate_queries import expect_open
from app.pricing.models import (
    CompanionView,
    Counterfactual,
    Effect,
    EffectKind,
    EvidenceType,
    Lasts,
    Overshoot,
    PriceTable,
    Reduce,
    table_in_force,
)
from app.pricing.plausible import expects_too_many
from app.pricing.rules import faults_in, faults_in_group, faults_in_table
from app.pricing.states import FLOW, PUBLIC, TableState
from app.programmes.models import LifeDomain, Programme
from app.programmes.operations import reach_phase
from app.programmes.states import FLOW as PROGRAMME_FLOW
from app.programmes.states import Phase
from app.unit_costs.models import Bearer, SavingClass


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What holds for the whole table. Amounts in minor units, None: no maximum; `vat_bp` when prices include VAT."""

    note: str = ""
    cap_per_person_minor: int | None = None
    cap_contract_minor: int | None = None
    illustrative: bool = False
    period_caps: list[dict[str, Any]] = field(default_factory=list)
    reduce: Reduce = Reduce.LATEST_FIRST
    overshoot: Overshoot = Overshoot.LOST
    step_minor: int = 1
    vat_bp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFacts:
    """What one effect says; the meaning of each is told with the columns of `Effect`.

    `max_per_person` None is unlimited; it and `requires` are for effects per person only, as in `replay/1`.
    """

    code: str
    name: str
    life_domain: LifeDomain
    definition: str
    evidence_type: EvidenceType
    kind: EffectKind = EffectKind.PER_PERSON
    who: str = ""
    unit: str = ""
    sustained: str = ""
    lasts: int = 0
    lasts_unit: Lasts = Lasts.DAYS
    achieved_when: str = ""
    resets: str = ""
    price_minor: int = 0
    payer_prices: dict[str, int] = field(default_factory=dict)
    tiers: list[dict[str, Any]] = field(default_factory=list)
    scale: list[dict[str, Any]] = field(default_factory=list)
    between: str = "step"
    threshold: str = ""
    pooled_threshold: str = ""
    share_bp: int = 0
    share_after_bp: int | None = None
    until_minor: int | None = None
    deadweight_bp: int = 0
    max_per_person: int | None = 1
    requires: list[str] = field(default_factory=list)
    best_of: str = ""
    after_units: int = 0
    retroactive: bool = False
    max_count: int | None = None
    max_amount_minor: int | None = None
    evidence_holder: str = ""
    evidence_days: int = 90
    companion: str = ""
    companion_view: CompanionView | None = None
    baseline_n: int | None = None
    baseline_count: int | None = None
    baseline_period: str = ""
    baseline_source: str = ""
    counterfactual: Counterfactual | None = None
    difference_bp: int | None = None
    gaming: str = ""
    countermeasure: str = ""
    double_payment: str = ""
    legal_basis: str = ""
    unit_cost_id: uuid.UUID | None = None
    saving_minor: int | None = None
    saving_class: SavingClass | None = None
    saving_source: str = ""
    saving_year: int | None = None
    saving_bearer: Bearer | None = None
    saving_licence: str = ""
    saving_occupancy_bp: int | None = None
    saving_waiting_list: bool = False
    saving_note: str = ""
    expected_count: int | None = None
    months_after: int = 0


@operation
def draft_table(
    programme: Programme,
    facts: TableFacts,
    *,
    actor: User,
    once: uuid.UUID,
    start: PriceTable | None = None,
    empty: bool = False,
) -> PriceTable:
    """Start the next version from the effects of `start`, a published table of any bond; without one from the version
    in force, where there is one; with `empty` from nothing.

    `NotNow` while the programme is not approved or an earlier version is still being prepared. In an illustrative
    programme every table is illustrative.
    """
    existing = db.session.get(PriceTable, once)
    if existing is not None:
        return existing
    PROGRAMME_FLOW.advance(programme, Action.TABLE_DRAFT)
    earlier = select(PriceTable).where(PriceTable.programme_id == programme.id)
    unfinished = db.session.scalars(earlier.where(PriceTable.state.not_in(PUBLIC))).unique().first()
    if unfinished is not None:
        raise NotNow(_("%(table)s is still being prepared. Finish it first.", table=unfinished.title))
    highest = select(func.max(PriceTable.number)).where(PriceTable.programme_id == programme.id)
    table = PriceTable(id=once, programme=programme, number=(db.session.scalar(highest) or 0) + 1)
    set_facts(table, facts)
    db.session.add(table)
    if start is None and not empty:
        start = db.session.scalars(table_in_force(programme.id)).unique().one_or_none()
    if start is not None:
        expect_copyable(start, programme, "start")
        table.copied_from_id = start.id
        table.effects = [copy_of(effect, programme) for effect in start.effects]
    told: dict[str, Any] = {"started_from": str(start.id)} if start is not None else {}
    record(Action.TABLE_DRAFT, table, actor, on_behalf_of=programme, number=table.number, **told, **asdict(facts))
    return table


def table_facts_of(table: PriceTable) -> TableFacts:
    """What the table says now."""
    return TableFacts(**{one.name: getattr(table, one.name) for one in fields(TableFacts)})


def set_facts(table: PriceTable, facts: TableFacts) -> None:
    """`Refused` when the maximums contradict each other."""
    for fault in faults_in_table(facts):
        raise Refused(fault.message, fault.field)
    for name, value in asdict(facts).items():
        setattr(table, name, value)
    table.illustrative = facts.illustrative or table.programme.illustrative


def expect_copyable(source: PriceTable, programme: Programme, field: str | None = None) -> None:
    """Only what is published serves others, and a price keeps its currency."""
    if source.state not in PUBLIC:
        raise Refused(_("Only a published table can be copied."), field)
    if source.programme.currency != programme.currency:
        message = _(
            "That table is in %(its)s, this bond in %(ours)s.", its=source.programme.currency, ours=programme.currency
        )
        raise Refused(message, field)


def copy_of(effect: Effect, programme: Programme) -> Effect:
    """The same effect for a table of `programme`; a price per payer stays within the bond whose payers they are, and
    so does an expected number that the participants of this bond cannot reach."""
    facts = {f.name: getattr(effect, f.name) for f in fields(EffectFacts)}
    if effect.programme_id != programme.id:
        facts["payer_prices"] = {}
        if expects_too_many(effect, programme):
            facts["expected_count"] = None
    return Effect(position=effect.position, **facts)


@operation
def edit_table(table: PriceTable, facts: TableFacts, *, actor: User, version: int | None = None) -> None:
    """Change note and caps of a draft."""
    table.expect_version(version)
    FLOW.advance(table, Action.TABLE_EDIT)
    set_facts(table, facts)
    record(Action.TABLE_EDIT, table, actor, **asdict(facts))


@operation
def add_effect(table: PriceTable, facts: EffectFacts, *, actor: User, once: uuid.UUID) -> Effect:
    """Add a row at the end of a draft."""
    existing = db.session.get(Effect, once)
    if existing is not None:
        return existing
    FLOW.advance(table, Action.TABLE_EDIT)
    _check(table, facts)
    last = max((effect.position for effect in table.effects), default=0)
    effect = Effect(id=once, table=table, position=last + 1, **asdict(facts))
    db.session.add(effect)
    record(Action.TABLE_EDIT, table, actor, added=facts.code, **_figures(facts))
    return effect


@operation
def edit_effect(effect: Effect, facts: EffectFacts, *, actor: User, version: int | None = None) -> None:
    """Change a row of a draft; rows that require it follow when its code changes."""
    effect.expect_version(version)
    table = effect.table
    FLOW.advance(table, Action.TABLE_EDIT)
    _check(table, facts, effect)
    for follower in table.effects:
        if effect.code in follower.requires:
            follower.requires = [facts.code if code == effect.code else code for code in follower.requires]
    for name, value in asdict(facts).items():
        setattr(effect, name, value)
    record(Action.TABLE_EDIT, table, actor, changed=facts.code, **_figures(facts))


def _check(table: PriceTable, facts: EffectFacts, itself: Effect | None = None) -> None:
    others = [effect for effect in table.effects if effect is not itself]
    for fault in (*faults_in(facts, [effect.code for effect in others]), *faults_in_group(facts, others)):
        raise Refused(fault.message, fault.field)


def _figures(facts: EffectFacts) -> dict[str, Any]:
    return {"price_minor": facts.price_minor, "deadweight_bp": facts.deadweight_bp, "definition": facts.definition}


@operation
def remove_effect(effect: Effect, *, actor: User) -> None:
    """Take a row out of a draft."""
    table = effect.table
    FLOW.advance(table, Action.TABLE_EDIT)
    record(Action.TABLE_EDIT, table, actor, removed=effect.code)
    table.effects.remove(effect)


@operation
def move_effect(effect: Effect, up: bool, *, actor: User) -> None:
    """One place up or down in a draft; the first stays first and the last stays last."""
    table = effect.table
    FLOW.advance(table, Action.TABLE_EDIT)
    rows = list(table.effects)
    at = rows.index(effect)
    other = rows[max(at - 1, 0) if up else min(at + 1, len(rows) - 1)]
    effect.position, other.position = other.position, effect.position
    record(Action.TABLE_EDIT, table, actor, moved=effect.code, up=up)


@operation
def submit_table(table: PriceTable, *, actor: User) -> None:
    """Ask a second official to approve. Refused, with the figures, while a gate is shut (domain, section 4)."""
    FLOW.advance(table, Action.TABLE_SUBMIT)
    expect_open(table)
    record(Action.TABLE_SUBMIT, table, actor)
    notices.tell_submitted(table, actor)


@operation
def return_table(table: PriceTable, reason: str, *, actor: User) -> None:
    """The second official asks for a change, also after approval as long as nothing is published."""
    FLOW.advance(table, Action.TABLE_RETURN)
    record(Action.TABLE_RETURN, table, actor, reason=reason)
    notices.tell_returned(table, reason)


@operation
def approve_table(table: PriceTable, *, actor: User, version: int | None = None) -> None:
    """A second official approves (four eyes) what stood on the page of `version`."""
    table.expect_version(version)
    FLOW.advance(table, Action.TABLE_APPROVE)
    record(Action.TABLE_APPROVE, table, actor)
    notices.tell_approved(table)


@operation
def publish_table(table: PriceTable, *, actor: User) -> None:
    """From now on public and immutable; the version before it is superseded, agreements keep theirs.

    Refused while a gate is shut: what it looks at outside the table, such as a reservation, may have changed.
    """
    earlier = db.session.scalars(table_in_force(table.programme_id)).unique().one_or_none()
    if FLOW.allows(Action.TABLE_PUBLISH, table):
        expect_open(table)  # reads, so before anything is written
    FLOW.advance(table, Action.TABLE_PUBLISH)
    table.published_at = clock.now()  # with the state in one UPDATE: afterwards the database refuses
    if earlier is not None:
        earlier.state = TableState.SUPERSEDED
    record(Action.TABLE_PUBLISH, table, actor, number=table.number, supersedes=earlier.number if earlier else None)
    reach_phase(table.programme, Phase.INVESTORS)
    notices.tell_published(table, earlier)
