"""The acts of a bond of seventy people: who comes in, what is claimed, measured, judged and settled, each by its own
operation and on its own day."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from app.core import clock
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.intake.operations import register_participant
from app.outcomes.basis import Basis, is_share
from app.outcomes.caseload_queries import registered_between
from app.outcomes.issuers import ISSUED_BY
from app.outcomes.measurement_rules import MeasurementFacts
from app.outcomes.measuring import register_measurement
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.operations import register_claim
from app.outcomes.proving import submit_proof, verify_proof
from app.outcomes.rules import ClaimFacts
from app.outcomes.submitting import digest_of_list, submit_period
from app.pricing.models import Counterfactual, Effect, EffectKind, EvidenceType, Lasts
from app.pricing.states import TableState
from app.programmes.models import LifeDomain
from app.settlement.models import Settlement
from app.verification.judging import PROVEN, Opinion, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket, declare_independence, draw_sample, lock_docket
from app.verification.signing import sign_off
from app.verification.states import Verdict
from tests.factories.outcomes import POINTS, SHARE, Delivery
from tests.factories.pricing import make_effect, make_table
from tests.factories.settlement import make_settlement
from tests.factories.verification import make_sampled

MONDAY = date(2026, 1, 5)  # everybody starts
PEOPLE = 70
MONTHS, WEEKS = {"lasts_unit": Lasts.MONTHS}, {"lasts_unit": Lasts.WEEKS}
HOME = {"life_domain": LifeDomain.HOME, "evidence_type": EvidenceType.LANDLORD, "resets": "Leaving the home."}
SCHOOL = {"life_domain": LifeDomain.EDUCATION, "evidence_type": EvidenceType.REGISTRY, "best_of": "level"}
# Every kind of replay/1 over seven life domains; minor units. Deadweight is taken off where it is said.
EFFECTS: dict[str, dict[str, Any]] = {
    "work-13w": WEEKS | {"lasts": 13, "price_minor": 250_000, "deadweight_bp": 2_000},
    "work-26w": WEEKS | {"lasts": 26, "price_minor": 150_000, "requires": ["work-13w"]},
    "home-start": HOME | {"price_minor": 50_000},
    "home-3m": HOME | MONTHS | {"lasts": 3, "price_minor": 100_000, "requires": ["home-start"]},
    "home-6m": HOME | MONTHS | {"lasts": 6, "price_minor": 120_000, "requires": ["home-3m"]},
    "level-1": SCHOOL | {"price_minor": 70_000},
    "level-2": SCHOOL | {"price_minor": 220_000},
    "debt-month": {
        "life_domain": LifeDomain.INCOME,
        "evidence_type": EvidenceType.CREDITOR,
        "kind": EffectKind.PER_UNIT,
        "unit": "month",
        "price_minor": 8_000,
    },
    "care": {
        "life_domain": LifeDomain.CARE,
        "kind": EffectKind.STEPS,
        "scale": [{"at": "0.5", "amount_minor": 2_000_000}, {"at": "0.7", "amount_minor": 6_000_000}],
        "between": "linear",
    },
    "care-cost": {"life_domain": LifeDomain.CARE, "kind": EffectKind.SHARE} | SHARE,
    "crime": {
        "life_domain": LifeDomain.SAFETY,
        "kind": EffectKind.DIFFERENCE,
        "price_minor": 100_000,
        "threshold": "0.1",
    },
    "family": {
        "life_domain": LifeDomain.FAMILY,
        "kind": EffectKind.BANDS,
        "scale": POINTS,
        "threshold": "5",
        "deadweight_bp": 1_000,
    },
    "set-up": {"life_domain": LifeDomain.FAMILY, "kind": EffectKind.FEE, "price_minor": 300_000},
}


def lay_bond() -> Delivery:
    """45 places in Enschede, 25 in Hengelo; a sample of max(30, 10 %) with 5 per cent of faults tolerated."""
    bond = make_sampled()
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0, cap_per_person_minor=None)
    for code, facts in EFFECTS.items():
        once = {} if facts.get("kind") is None else {"max_per_person": None}
        make_effect(table, code, name=code.capitalize(), **({"price_minor": 0, "deadweight_bp": 0} | once | facts))
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    bond.table.state = TableState.SUPERSEDED
    bond.agreement.table, bond.table = table, table
    db.session.commit()
    return bond


def on(year: int, month: int, day: int) -> Any:
    """It is noon of this day in what follows."""
    return clock.at(datetime(year, month, day, 11, tzinfo=UTC))


@dataclass
class Journey:
    """The bond and its people by number; `faulty`: the claim that is drawn and not proven."""

    bond: Delivery
    people: list[Participant] = field(default_factory=list)
    faulty: Claim | None = None

    def register(self) -> None:
        """Of every fourteen who come in, nine live in Enschede."""
        bands = (AgeBand.FROM_16, AgeBand.FROM_18, AgeBand.FROM_21)
        for number in range(PEOPLE):
            city = self.bond.enschede if number % 14 < 9 else self.bond.hengelo
            self.people.append(
                register_participant(
                    self.bond.programme,
                    city,
                    bands[number % 3],
                    MONDAY,
                    actor=self.bond.provider,
                    once=uuid.uuid4(),
                )
            )

    def claim(self, code: str, numbers: Iterable[int], achieved_on: date, **said: Any) -> None:
        """These people reached it on this day; `said` replaces what is said of it."""
        effect = self.bond.effect(code)
        for number in numbers:
            facts: dict[str, Any] = {
                "effect": effect,
                "achieved_on": achieved_on,
                "evidence_type": effect.evidence_type,
                "evidence_issuer": ISSUED_BY[effect.evidence_type][0],
                "evidence_on": achieved_on,
                "evidence_digest": digest_of(f"{code} {number}"),
            }
            register_claim(
                self.people[number], ClaimFacts(**(facts | said)), actor=self.bond.provider, once=uuid.uuid4()
            )

    def measure(self, code: str, payer: Any, achieved_on: date, **figures: Any) -> None:
        """Established for the residents of one municipality, and found proven by the assessor."""
        effect = self.bond.effect(code)
        facts = MeasurementFacts(
            effect=effect,
            payer=payer,
            achieved_on=achieved_on,
            evidence_type=effect.evidence_type,
            evidence_issuer="employer",
            evidence_on=achieved_on,
            evidence_digest=digest_of(f"{code} {payer.name}"),
            basis=how(effect) if effect.kind != EffectKind.FEE else None,
            **figures,
        )
        made = register_measurement(self.bond.programme, facts, actor=self.bond.provider, once=uuid.uuid4())
        submit_proof(made, actor=self.bond.provider)
        verify_proof(made, "Two sources agree.", actor=self.bond.assessor)

    def hand_in(self) -> None:
        """All that is registered, together."""
        programme, actor = self.bond.programme, self.bond.provider
        first, last = programme.starts_on, clock.today()
        seen = digest_of_list(registered_between(programme, actor, first, last))
        submit_period(programme, first, last, seen=seen, actor=actor)

    def verify(self, *, with_fault: bool = False) -> None:
        """Locked, drawn, judged, concluded and signed; `with_fault`: one that was drawn shows another home."""
        programme, assessor = self.bond.programme, self.bond.assessor
        docket = lock_docket(programme, actor=assessor, once=uuid.uuid4())
        draw_sample(docket, actor=assessor)
        declare_independence(docket, [], actor=assessor)
        drawn = select_drawn(docket.id)
        if with_fault:
            self.faulty = next(claim for claim in drawn if self.may_fail(claim))
        for claim in drawn:
            judge_claim(claim, NOT_PROVEN if claim is self.faulty else PROVEN, actor=assessor)
        conclude_docket(docket, actor=assessor)
        sign_off(programme, "Every document that was drawn was read.", actor=assessor)

    def may_fail(self, claim: Claim) -> bool:
        """Somebody of Enschede who claims nothing else."""
        number = next(n for n, person in enumerate(self.people) if person.id == claim.participant_id)
        return claim.effect.code == "home-start" and number % 14 < 9 and number in {*range(14, 20), *range(28, 36)}

    def settle(self, until: date) -> Settlement:
        return make_settlement(self.bond, until, approved=True)


def how(effect: Effect) -> Basis:
    """With an interval so wide that every figure of the journey lies in it."""
    share = is_share(effect)
    wide = Basis("Register", Counterfactual.MATCHED, "0", "1" if share else "1000000", people=5, compared=90)
    return replace(wide, compared_value="0.4") if share else wide


NOT_PROVEN = Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "The contract is of another address.")


def select_drawn(docket_id: uuid.UUID) -> list[Claim]:
    found = db.select(Claim).join(DocketItem, DocketItem.claim_id == Claim.id).order_by(Claim.achieved_on, Claim.id)
    return list(db.session.scalars(found.where(DocketItem.docket_id == docket_id, DocketItem.is_drawn)).unique())


def digest_of(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()
