"""After the sign-off: the provider appeals against two rejections; one appeal is decided, the other
waits. Of one effect an assessor found that it does not count; that waits for a colleague. About another the provider
tells the assessor that it may rest on a mistake; that waits for an answer."""

import uuid

from app.demonstration.cast import Cast
from app.demonstration.deliver import is_rejected
from app.demonstration.timeline import Timeline
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.people.models import User
from app.pricing.models import EffectKind, EvidenceType
from app.verification.appeal_operations import decide_appeal, file_appeal
from app.verification.appeal_states import ReopenReason
from app.verification.deciders import why_not_decider
from app.verification.doubting import doubt_claim
from app.verification.reopening import propose_reopening

WHY = "De periode staat op de tweede bladzijde van het bewijsstuk, die bij het beoordelen niet is gelezen."
FOUND = "%s bevestigde later een andere begindatum dan op het bewijsstuk staat."
WHO = {EvidenceType.EMPLOYER: "De werkgever", EvidenceType.SCHOOL: "De school", EvidenceType.LANDLORD: "De verhuurder"}
DOUBTED = "Bij het opruimen van het dossier bleek dat twee begindata zijn verwisseld. Kijk of het effect dan nog telt."
STANDS = "Ook de tweede bladzijde noemt geen einddatum. De afwijzing blijft staan."


def appeal(claims: list[Claim], offset: int, cast: Cast, when: Timeline) -> None:
    rejected = [claim for claim in claims if is_rejected(claim)]
    filed = []
    for number, claim in enumerate(rejected):
        with when.at(offset + number, 11):
            filed.append(file_appeal(claim, WHY, actor=_of_provider(claim, cast), once=uuid.uuid4()))
    assessors = (cast.user(name) for name in ("assessor", "assessor2", "assessor3"))  # the first two signed
    other = next(one for one in assessors if why_not_decider(rejected[0], one) is None)
    with when.at(offset + 5, 14):
        decide_appeal(filed[0], False, STANDS, actor=other)


def _of_provider(claim: Claim, cast: Cast) -> User:
    people = claim.participant.provider.people()
    return next(iter(people), cast.user("provider"))


def doubt(claims: list[Claim], offset: int, cast: Cast, when: Timeline) -> None:
    """One assessor found something about what was signed off; a colleague has to confirm it. The provider found
    something else."""
    signed = [
        claim for claim in claims if claim.state == ClaimState.SETTLED and claim.effect.kind == EffectKind.PER_PERSON
    ]
    with when.at(offset, 10):
        doubted, actor = signed[-1], cast.user("assessor")
        found = FOUND % WHO.get(doubted.evidence_type, "De uitgever")
        propose_reopening(doubted, ReopenReason.MISTAKEN, found, actor=actor, once=uuid.uuid4())
    with when.at(offset, 11):
        provider = cast.user("provider")
        own = [one for one in signed[:-1] if one.participant.provider_id in provider.organisation_ids]
        doubt_claim(own[-1], DOUBTED, actor=provider, once=uuid.uuid4())
