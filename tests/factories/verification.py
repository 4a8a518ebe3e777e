"""A bond whose agreement asks for dockets, and many claims in one go."""

import uuid
from typing import Any

from app.agreements.terms import digest_of
from app.agreements.verification_models import VerificationRules, as_terms
from app.core import clock
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.pseudonym import new_code
from app.verification.models import Docket
from app.verification.operations import declare_independence, draw_sample, lock_docket
from tests.factories.outcomes import START, Delivery, make_delivery
from tests.factories.people import make_user


def make_sampled(**rules: Any) -> Delivery:
    """The agreement in force asks for a sample of max(30, 10 %) with 5 per cent of faults tolerated."""
    bond = make_delivery()
    agreed = VerificationRules(**({"sampling": True, "tolerance_bp": 500} | rules))
    bond.agreement.terms = bond.agreement.terms | {"verification": as_terms(agreed)}
    bond.agreement.digest = digest_of(bond.agreement.text, bond.agreement.terms)
    db.session.commit()
    return bond


def make_claims(bond: Delivery, number: int, code: str = "work-13w", payer: Any = None) -> list[uuid.UUID]:
    """`number` claims that wait, each of a person of its own, in two statements; their ids."""
    effect, payer, now = bond.effect(code), payer or bond.enschede, clock.now()
    people = [uuid.uuid4() for _ in range(number)]
    claims = [uuid.uuid4() for _ in range(number)]
    provider = bond.provider.organisations[0].id
    person = {"programme_id": bond.programme.id, "provider_id": provider, "payer_id": payer.id, "version": 1}
    person |= {"age_band": AgeBand.FROM_18, "started_on": START, "state": "active", "created_at": now}
    codes: set[str] = set()
    while len(codes) < number:
        codes.add(new_code())
    named = zip(people, codes, strict=True)
    db.session.execute(db.insert(Participant), [person | {"id": id, "code": code} for id, code in named])
    claim = {"programme_id": bond.programme.id, "effect_id": effect.id, "achieved_on": START, "quantity": 1}
    claim |= {"evidence_type": effect.evidence_type, "evidence_issuer": "employer", "evidence_on": START}
    claim |= {"state": ClaimState.SUBMITTED, "registered_by_id": bond.provider.id, "submitted_at": now, "version": 1}
    db.session.execute(
        db.insert(Claim),
        [claim | {"id": id, "participant_id": who, "evidence_digest": uuid.uuid4().hex * 2}
         for id, who in zip(claims, people, strict=True)],
    )  # fmt: skip
    db.session.commit()
    return claims


def make_colleague(bond: Delivery) -> User:
    """Another person who judges for the assessor."""
    return make_user(bond.assessor.organisations[0])


def make_docket(bond: Delivery, *assessors: User) -> Docket:
    """Locked, drawn where a sample is asked, and declared for by these (none: by the assessor of the bond)."""
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    if docket.sampling:
        draw_sample(docket, actor=bond.assessor)
    for person in assessors or (bond.assessor,):
        declare_independence(docket, [], actor=person)
    return docket
