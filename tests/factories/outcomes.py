"""A bond in delivery, and people, claims and batches in it, laid directly."""

import itertools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.agreements.models import Agreement
from app.agreements.states import AgreementState
from app.agreements.terms import digest_of as signed_digest
from app.calls.models import Call
from app.capital.models import Round
from app.core import clock
from app.evaluation.models import Evaluation
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.intake.models import AgeBand, Intake, LegalBasis, Participant
from app.intake.publication_models import Publication
from app.intake.scales import Scale
from app.intake.states import PublishedKind
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.publishing import effects_now, people_now, several_provide
from app.outcomes.states import ClaimState
from app.people.models import Organisation, User
from app.pricing.models import Effect, EffectKind, EvidenceType, Lasts, PriceTable
from app.pricing.states import TableState
from app.programmes.models import BudgetYear, LifeDomain, MunicipalityShare, Part, Programme
from app.programmes.pseudonym import new_code
from app.programmes.states import Phase
from app.verification.signing import count_decided, decided_claims, decided_measurements, digest_of, put_in, unsigned
from tests.factories.keeping import at_once, keep
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_party, make_programme

START = date(2026, 1, 1)
_count = itertools.count(1)
COUPON = [
    {"at": "0.55", "amount_minor": 21_000_000},
    {"at": "0.60", "amount_minor": 52_500_000},
    {"at": "0.65", "amount_minor": 84_000_000},
    {"at": "0.70", "amount_minor": 105_000_000},
]
POINTS = [
    {"from": "0", "to": "10", "per_point_minor": 100_000},
    {"from": "10", "to": "20", "per_point_minor": 200_000},
]
SHARE = {"share_bp": 5_000, "share_after_bp": 2_000, "until_minor": 10_000_000}


@dataclass
class Delivery:
    """One bond with every party and one person for each: `bond.provider` is a person, `bond.programme.lead` a city."""

    programme: Programme
    table: PriceTable
    agreement: Agreement
    enschede: Organisation
    hengelo: Organisation
    provider: User
    assessor: User
    official: User
    neighbour: User
    intermediary: User
    colleague: User
    investor: User
    auditor: User

    def effect(self, code: str) -> Effect:
        return next(effect for effect in self.table.effects if effect.code == code)


@at_once
def make_delivery(
    *,
    reserved_minor: int = 50_000_000,
    table: dict[str, Any] | None = None,
    kept_days: int | None = None,
    **facts: Any,
) -> Delivery:
    """Enschede 45 and Hengelo 25 places; effects work-13w (2,500.00, 20 % off), work-26w (requires it) and days.

    `kept_days`: how long documents of evidence are kept; None: they are not.
    """
    enschede, hengelo = make_organisation(name="Enschede"), make_organisation(name="Hengelo")
    defaults: dict[str, Any] = {"dpia_reference": "DPIA-7", "dpia_on": START, "phase": Phase.DELIVERY}
    programme = make_programme(enschede, **(defaults | {"starts_on": START} | facts))
    programme.shares[0].cohort_size = 45
    share = MunicipalityShare(programme=programme, organisation=hengelo, cohort_size=25)
    share.budget = [BudgetYear(year=2026, reserved_minor=reserved_minor)]
    db.session.add(share)
    keep()
    make_party(programme, Part.GOVERNMENT, hengelo)
    people = {part: make_user(make_party(programme, part)) for part in Part if part != Part.GOVERNMENT}
    agreement = make_agreement(programme, make_priced(programme, **(table or {})), kept_days)
    desk = people[Part.INTERMEDIARY].organisations[0]
    official = make_user(enschede)
    make_intake(programme, people[Part.PROVIDER].organisations[0], official)
    return Delivery(
        programme,
        agreement.table,
        agreement,
        enschede,
        hengelo,
        provider=people[Part.PROVIDER],
        assessor=people[Part.ASSESSOR],
        official=official,
        neighbour=make_user(hengelo),
        intermediary=people[Part.INTERMEDIARY],
        colleague=make_user(desk),
        investor=people[Part.INVESTOR],
        auditor=people[Part.AUDITOR],
    )


def make_intake(programme: Programme, key_keeper: Organisation, opened_by: User, **facts: Any) -> Intake:
    """An open intake, on the ground of a public task."""
    defaults = {"scale": Scale.FIVE_STEPS, "legal_basis": LegalBasis.PUBLIC_TASK}
    intake = Intake(programme=programme, key_keeper=key_keeper, opened_by_id=opened_by.id, **(defaults | facts))
    db.session.add(intake)
    keep()
    return intake


@at_once
def make_priced(programme: Programme, **facts: Any) -> PriceTable:
    table = make_table(programme, state=TableState.DRAFT, **facts)
    make_effect(table, "work-26w", name="Half a year of work", price_minor=150_000, requires=["work-13w"])
    make_effect(
        table,
        "days",
        name="Days without care",
        kind=EffectKind.PER_UNIT,
        unit="day",
        price_minor=1_000,
        deadweight_bp=0,
    )
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    keep()
    return table


def make_agreement(programme: Programme, table: PriceTable, kept_days: int | None = None, **facts: Any) -> Agreement:
    """An agreement in force on `table`, with the call, the evaluation and the round that it names."""
    call = Call(
        programme=programme,
        table=table,
        title="Consortium call",
        description="One plan.",
        questions_until=clock.now(),
        deadline=clock.now(),
        standstill_days=20,
    )
    round = Round(
        programme=programme,
        target_minor=50_000_000,
        minimum_minor=40_000_000,
        closes_on=START,
        term_sheet="Terms.",
    )
    db.session.add_all([call, round])
    db.session.flush()
    evaluation = Evaluation(call=call, programme_id=programme.id, state=EvaluationState.FINAL)
    evidence = {"files": kept_days is not None, "kept_days": kept_days}
    text, terms = "We agree.", {"table": {"id": str(table.id)}, "evidence": evidence}
    defaults = {"text": text, "terms": terms, "digest": signed_digest(text, terms)}
    defaults |= {"state": AgreementState.IN_FORCE, "in_force_at": clock.now()}
    agreement = Agreement(programme=programme, evaluation=evaluation, table=table, round=round, **(defaults | facts))
    db.session.add_all([evaluation, agreement])
    keep()
    return agreement


def make_participant(bond: Delivery, payer: Organisation | None = None, **facts: Any) -> Participant:
    defaults: dict[str, Any] = {"code": new_code(), "age_band": AgeBand.FROM_18, "started_on": START}
    defaults["provider"] = bond.provider.organisations[0]
    started_on = facts.get("started_on", START)  # registered in the morning of the start, unless said otherwise
    defaults["created_at"] = min(clock.now(), clock.local(started_on, 9))
    participant = Participant(
        programme=bond.programme,
        payer=payer or bond.enschede,
        **(defaults | facts),
    )
    db.session.add(participant)
    keep()
    return participant


@at_once
def make_claim(
    bond: Delivery,
    participant: Participant | None = None,
    code: str = "work-13w",
    state: ClaimState = ClaimState.SUBMITTED,
    **facts: Any,
) -> Claim:
    participant = participant or make_participant(bond)
    effect = bond.effect(code)
    achieved_on = facts.pop("achieved_on", START + timedelta(days=91))
    defaults = {
        "id": uuid.uuid4(),
        "evidence_type": effect.evidence_type,
        "evidence_issuer": "employer",
        "evidence_on": achieved_on,
        "evidence_digest": f"{next(_count):064x}",
        "registered_by_id": bond.provider.id,
        "submitted_at": clock.now() if state != ClaimState.REGISTERED else None,
    }
    claim = Claim(
        programme=bond.programme,
        participant=participant,
        effect=effect,
        achieved_on=achieved_on,
        state=state,
        **(defaults | facts),
    )
    db.session.add(claim)
    keep()
    return claim


def make_measurement(
    bond: Delivery,
    code: str,
    payer: Organisation | None = None,
    state: ClaimState = ClaimState.SUBMITTED,
    **facts: Any,
) -> Measurement:
    effect = bond.effect(code)
    achieved_on = facts.pop("achieved_on", START + timedelta(days=91))
    defaults = {
        "evidence_type": effect.evidence_type,
        "evidence_issuer": "statistical office",
        "evidence_on": achieved_on,
        "evidence_digest": f"{next(_count):064x}",
        "registered_by_id": bond.provider.id,
        "submitted_at": clock.now() if state != ClaimState.REGISTERED else None,
    }
    measurement = Measurement(
        programme=bond.programme,
        effect=effect,
        payer=payer or bond.enschede,
        provider=bond.provider.organisations[0],
        achieved_on=achieved_on,
        state=state,
        **(defaults | facts),
    )
    db.session.add(measurement)
    keep()
    return measurement


def make_batch(bond: Delivery) -> Batch:
    """Sign for everything that is verified or rejected."""
    decided, measurements = count_decided(bond.programme), decided_measurements(bond.programme)
    measured = sum(one.state == ClaimState.VERIFIED for one in measurements)
    batch = Batch(
        programme=bond.programme,
        number=db.session.query(Batch).filter_by(programme_id=bond.programme.id).count() + 1,
        organisation=bond.assessor.organisations[0],
        signed_by=bond.assessor,
        statement="Every contract was read.",
        verified_count=decided[ClaimState.VERIFIED] + measured,
        rejected_count=decided[ClaimState.REJECTED] + len(measurements) - measured,
        digest=digest_of(decided_claims(bond.programme), measurements),
    )
    db.session.add(batch)
    put_in(batch, unsigned(bond.programme), measurements)
    keep()
    return batch


@at_once
def make_signed_off(bond: Delivery, payer: Organisation | None = None, code: str = "work-13w", **facts: Any) -> Claim:
    """A claim in a batch of its own; for several in one batch lay them VERIFIED and call `make_batch`."""
    participant = facts.pop("participant", None) or make_participant(bond, payer)
    claim = make_claim(bond, participant, code, ClaimState.VERIFIED, decided_by_id=bond.assessor.id, **facts)
    make_batch(bond)
    return claim


@at_once
def make_measured(bond: Delivery, code: str, payer: Organisation | None = None, **facts: Any) -> Measurement:
    """A measurement in a batch of its own."""
    made = make_measurement(bond, code, payer, ClaimState.VERIFIED, decided_by_id=bond.assessor.id, **facts)
    make_batch(bond)
    return made


@at_once
def make_lasting(**facts: Any) -> Delivery:
    """A bond of which effects last: a home for 3 and 6 months, a job for 13 and 26 weeks; and two levels of which only
    the dearest is paid."""
    bond = make_delivery(**facts)
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0)
    months, weeks = {"lasts_unit": Lasts.MONTHS}, {"lasts_unit": Lasts.WEEKS}
    home = {"life_domain": LifeDomain.HOME, "evidence_type": EvidenceType.LANDLORD, "resets": "Leaving the home."}
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("home-start", "Home", home),
        ("home-3m", "Home 3 months", home | months | {"lasts": 3, "requires": ["home-start"]}),
        ("home-6m", "Home 6 months", home | months | {"lasts": 6, "requires": ["home-3m"]}),
        ("work-13w", "Work 13 weeks", weeks | {"lasts": 13}),
        ("work-26w", "Work 26 weeks", weeks | {"lasts": 26, "requires": ["work-13w"]}),
        ("level-1", "Level 1", {"best_of": "level", "price_minor": 70_000}),
        ("level-2", "Level 2", {"best_of": "level", "price_minor": 220_000}),
    ]
    for code, name, kind in rows:
        make_effect(table, code, name=name, **({"price_minor": 100_000} | kind))
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    bond.table.state = TableState.SUPERSEDED
    bond.agreement.table, bond.table = table, table
    keep()
    return bond


@at_once
def make_every_kind(coupon: Sequence[dict[str, Any]] = COUPON, **facts: Any) -> Delivery:
    """A bond whose table has an effect of each kind of replay/1, most of them with published figures.

    `coupon`: Newpin, 0.55 to 0.70 restored, in between by a line. `events`: Peterborough, 1,000.00 per reconviction
    avoided from 10 per cent on. `fee`: Stevig Staan, 3,838,556.00. `work` and `days`: per person and per unit.
    `points`: 1,000.00 each to 10 and 2,000.00 each to 20, from 5 on, less 10 per cent. `share`: half of the cost
    avoided, a fifth once 100,000.00 is paid.
    """
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("work", {"price_minor": 260_000, "deadweight_bp": 0}),
        ("days", {"kind": EffectKind.PER_UNIT, "unit": "day", "price_minor": 1_000, "deadweight_bp": 0}),
        ("coupon", {"kind": EffectKind.STEPS, "scale": list(coupon), "between": "linear", "deadweight_bp": 0}),
        ("points", {"kind": EffectKind.BANDS, "scale": POINTS, "threshold": "5", "deadweight_bp": 1_000}),
        ("events", {"kind": EffectKind.DIFFERENCE, "price_minor": 100_000, "threshold": "0.1", "deadweight_bp": 0}),
        ("share", {"kind": EffectKind.SHARE, "deadweight_bp": 0} | SHARE),
        ("fee", {"kind": EffectKind.FEE, "price_minor": 383_855_600, "deadweight_bp": 0}),
    ]
    bond = make_delivery(reserved_minor=1_000_000_000)
    caps = {"cap_per_person_minor": None, "cap_contract_minor": None}
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0, **(caps | facts))
    for code, kind in kinds:
        limits = {"price_minor": 0} if code in ("coupon", "points", "share") else {}
        once = {} if code == "work" else {"max_per_person": None}
        make_effect(table, code, name=code.capitalize(), **(limits | once | kind))
    bond.programme.shares[0].budget[0].reserved_minor = 1_000_000_000
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    bond.table.state = TableState.SUPERSEDED
    bond.agreement.table, bond.table = table, table
    keep()
    return bond


def publish(bond: Delivery) -> None:
    """What everybody may read is as the bond stands now, whatever was published before."""
    shared = several_provide(bond.programme)
    for kind, cells in ((PublishedKind.PEOPLE, people_now), (PublishedKind.EFFECTS, effects_now)):
        laid = json.dumps(cells(bond.programme, shared))
        number, now = next(_count), clock.now()
        facts = {"month": f"laid {number}", "as_of": now, "created_at": now + timedelta(microseconds=number)}
        db.session.add(Publication(programme=bond.programme, kind=kind, cells=laid, **facts))
    keep()
