"""Delivery: seventy young adults come in, effects are claimed with evidence, the assessor decides and signs off."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select

from app.agreements.models import Agreement
from app.demonstration.cast import Cast
from app.demonstration.document import pdf
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.intake.models import Participant
from app.outcomes import measuring, proving
from app.outcomes import operations as outcomes
from app.outcomes.basis import Basis
from app.outcomes.clock_operations import start_clock, stop_clock
from app.outcomes.measurement_rules import MeasurementFacts
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.rules import ClaimFacts
from app.pricing.models import Counterfactual, Effect
from app.programmes.models import Programme
from app.verification import counter_signing, judging
from app.verification import operations as verification
from app.verification.judging import PROVEN, Opinion
from app.verification.models import Docket
from app.verification.states import Verdict

ISSUER = {
    "landlord": "landlord",
    "school": "school",
    "registry": "registry",
    "employer": "employer",
    "creditor": "debt counsellor",
    "care": "care institution",
    "justice": "police or justice",
}


@dataclass(frozen=True, slots=True)
class Wave:
    """`effect` is achieved by the participants numbered `people`, `after` days after each one's start."""

    effect: str
    people: range
    after: int


FIRST_HALF_YEAR = (
    Wave("home-start", range(0, 16), 40),
    Wave("home-3m", range(0, 8), 132),
    Wave("school-back", range(16, 28), 62),
    Wave("debt-plan", range(4, 16), 75),
    Wave("work-13w", range(8, 15), 110),
)
SECOND_HALF_YEAR = (
    Wave("home-3m", range(8, 15), 132),
    Wave("home-6m", range(0, 6), 224),
    Wave("care-stable", range(0, 7), 184),
    Wave("work-26w", range(8, 12), 201),
    Wave("debt-plan", range(20, 27), 120),
)
NOT_PROVEN = Opinion(
    Verdict.REJECTED,
    RejectionReason.NO_EVIDENCE,
    "Het stuk noemt de periode niet waarover het effect is bereikt.",
)
REJECTED = {("school-back", 16), ("debt-plan", 5)}  # decided against the claim, with a reason


def claim_effects(
    waves: tuple[Wave, ...], people: list[Participant], agreement: Agreement, until: date, cast: Cast, when: Timeline
) -> list[Claim]:
    """Claim and hand in what was achieved up to `until`, in the order in which it happened."""
    effects = {e.code: e for e in db.session.scalars(select(Effect).where(Effect.table_id == agreement.table_id))}
    achieved = [
        (people[number].started_on + timedelta(days=wave.after), wave.effect, number)
        for wave in waves
        for number in wave.people
    ]
    claims = []
    for day, code, number in sorted(achieved):
        if day <= until:
            claims.append(claim_effect(people[number], effects[code], day, number, cast, when))
    return claims


def claim_effect(
    person: Participant, effect: Effect, day: date, number: int, cast: Cast, when: Timeline, who: str = "provider"
) -> Claim:
    document = f"{effect.code} {number} (demonstration)".encode()
    facts = ClaimFacts(
        effect=effect,
        achieved_on=day,
        evidence_type=effect.evidence_type,
        evidence_issuer=ISSUER[effect.evidence_type],
        evidence_on=day,
        evidence_digest=hashlib.sha256(document).hexdigest(),
    )
    actor = cast.user(who)  # who took this person in
    with when.at((day - when.start).days, 16, number):
        claim = outcomes.register_claim(person, facts, actor=actor, once=uuid.uuid4())
        proving.submit_proof(claim, actor=actor)
    return claim


def show_evidence(claims: list[Claim], people: list[Participant], cast: Cast, when: Timeline) -> None:
    """What the caseload shows: a claim with its document that is not submitted yet, a job whose clock runs, a home that
    was left and found again."""
    effects = {effect.code: effect for effect in claims[0].effect.table.effects}
    provider = cast.user("provider")
    own = [person for person in people if person.provider_id in provider.organisation_ids]
    with when.at((when.today - when.start).days - 1, 10):
        day = when.today - timedelta(days=20)
        document = pdf("bewijs.pdf", "Inschrijving op een opleiding, illustratief voorbeeld.")
        facts = ClaimFacts(
            effect=effects["school-back"],
            achieved_on=day,
            evidence_type=effects["school-back"].evidence_type,
            evidence_issuer=ISSUER["school"],
            evidence_on=day,
            evidence_digest=document.sha256,
        )
        outcomes.register_claim(own[-3], facts, actor=provider, once=uuid.uuid4(), document=document)
        hired = max(own[-2].started_on, when.today - timedelta(days=80))
        start_clock(own[-2], effects["work-13w"], hired, actor=provider, once=uuid.uuid4())
        left = next(claim for claim in claims if claim.effect.code == "home-start" and not _kept(claim, claims))
        chain, stop = effects["home-start"], when.today - timedelta(days=30)
        stop_clock(left.participant, chain, stop, "De huur is opgezegd.", actor=provider)
        start_clock(left.participant, chain, stop + timedelta(days=12), actor=provider, once=uuid.uuid4())


def _kept(claim: Claim, claims: list[Claim]) -> bool:
    """Was more claimed for this home?"""
    return any(
        other.participant_id == claim.participant_id and other.effect.code in ("home-3m", "home-6m") for other in claims
    )


def measure_cohort(programme: Programme, agreement: Agreement, offset: int, cast: Cast, when: Timeline) -> None:
    """What is established once for the group: per municipality, handed to the assessor, who has not decided yet."""
    effect = next(one for one in agreement.table.effects if one.code == "cohort-insured")
    room = measuring.room_of(programme, cast.user("assessor"))
    found = (("enschede", 52, "0.36", "0.68", "0.41"), ("hengelo", 44, "0.24", "0.64", "0.40"))
    for city, percent, low, high, beside in found:
        people = room[cast.organisation(city).id]
        reached = (people * percent + 50) // 100
        value = str((Decimal(reached) / people).quantize(Decimal("0.01"), ROUND_HALF_UP))
        facts = MeasurementFacts(
            effect=effect,
            payer=cast.organisation(city),
            achieved_on=when.day(offset),
            value=value,
            evidence_type=effect.evidence_type,
            evidence_issuer="registry",
            evidence_on=when.day(offset),
            evidence_digest=hashlib.sha256(f"{effect.code} {city} (demonstration)".encode()).hexdigest(),
            basis=Basis(
                "Register van wanbetalers, illustratief", Counterfactual.MATCHED, low, high, people, 80, beside
            ),
        )
        with when.at(offset, 16):
            made = measuring.register_measurement(programme, facts, actor=cast.user("provider"), once=uuid.uuid4())
            proving.submit_proof(made, actor=cast.user("provider"))


def lock_batch(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """The list is locked, then the seed drawn; both assessors declare."""
    with when.at(offset, 9):
        docket = verification.lock_docket(programme, actor=cast.user("assessor"), once=uuid.uuid4())
    with when.at(offset, 10):
        verification.draw_sample(docket, actor=cast.user("assessor"))
        for name in ("assessor", "assessor2"):
            verification.declare_independence(docket, [], actor=cast.user(name))


def decide_claims(programme: Programme, claims: list[Claim], offset: int, cast: Cast, when: Timeline) -> None:
    """Two assessors work through the list; one claim is asked about, two are rejected."""
    lock_batch(programme, offset, cast, when)
    with when.at(offset, 13):
        for number, claim in enumerate(claims):
            assessor = cast.user("assessor2" if number % 3 else "assessor")
            if number == 3:
                judging.ask_provider(claim, "Is de inschrijving in de BRP ononderbroken?", actor=assessor)
                proving.answer_proof(claim, "Ja, zie de datum op het uittreksel.", actor=cast.user("provider"))
            judging.judge_claim(claim, NOT_PROVEN if is_rejected(claim) else PROVEN, actor=assessor)
        docket = db.session.scalars(select(Docket).where(Docket.programme_id == programme.id)).unique().one()
        verification.conclude_docket(docket, actor=cast.user("assessor"))


def is_rejected(claim: Claim) -> bool:
    rejected = {hashlib.sha256(f"{code} {number} (demonstration)".encode()).hexdigest() for code, number in REJECTED}
    return claim.evidence_digest in rejected


def sign_off(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    statement = (
        "Alle ingediende claims zijn beoordeeld op het bewijsstuk van de uitgever; bij twijfel is de uitgever gebeld. "
        "Afgewezen claims zijn met reden teruggelegd bij de uitvoerder."
    )
    method = (
        "Elk bewijsstuk is naast de regel van zijn effect gelegd: wie het uitgaf, van wanneer het is en of het bij de "
        "claim hoort. Bij twijfel is de uitgever gebeld. Wat niet bewezen was, is met reden afgewezen."
    )
    signer = cast.user("assessor")
    with when.at(offset, 15):
        first = counter_signing.prepare_signature(
            programme, statement, method=method, actor=signer, once=uuid.uuid4()
        )
    with when.at(offset, 16):
        counter_signing.counter_sign(first, actor=cast.user("assessor2"), once=uuid.uuid4())
