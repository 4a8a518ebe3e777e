"""Nobody twice: who keeps the key of codes and names attests it, the assessor draws codes and looks them up there.

The portal holds no names, so it cannot see it itself. Anybody with the list of codes and the seed draws the same.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import Changed, NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.intake import notices
from app.intake.key_models import KeyAttestation, KeySample
from app.intake.models import Intake, Participant
from app.intake.states import SAMPLE_FLOW
from app.people.models import User

LEAST, SHARE = 30, 10  # at least 30, and one in ten (domain, section 7)


def codes_of(intake: Intake) -> list[str]:
    """The codes of all participants, sorted."""
    found = select(Participant.code).where(Participant.programme_id == intake.programme_id)
    return list(db.session.scalars(found.order_by(Participant.code)))


def digest_of(codes: Sequence[str]) -> str:
    """SHA-256 of the codes, one a line."""
    return hashlib.sha256("\n".join(codes).encode()).hexdigest()


def size_of(people: int) -> int:
    return min(people, max(LEAST, -(-people // SHARE)))


def draw(codes: Sequence[str], seed: str, size: int) -> list[str]:
    """The codes that come first by the SHA-256 of seed and code: the same for whoever draws again."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{seed} {code}".encode()).digest())[:size]


@operation
def attest_key(intake: Intake, digest: str, *, actor: User, once: uuid.UUID) -> KeyAttestation:
    """The key keeper compared the names behind the codes of this `digest`, and nobody has two.

    `Changed` when somebody came in since that list was read. Refused while there is nobody.
    """
    existing = db.session.get(KeyAttestation, once)
    if existing is not None:
        return existing
    codes = codes_of(intake)
    if not codes:
        raise Refused(_("Nobody takes part yet."))
    if digest_of(codes) != digest:
        raise Changed
    attestation = KeyAttestation(
        id=once,
        intake=intake,
        organisation_id=intake.key_keeper_id,
        attested_by=actor,
        people=len(codes),
        digest=digest,
    )
    db.session.add(attestation)
    record(Action.KEY_ATTEST, intake, actor, digest=digest)
    db.session.refresh(attestation)
    notices.tell_attested(attestation)
    return attestation


def last_attestation(intake: Intake) -> KeyAttestation | None:
    found = select(KeyAttestation).where(KeyAttestation.intake_id == intake.id)
    return db.session.scalars(found.order_by(KeyAttestation.created_at.desc()).limit(1)).first()


@operation
def draw_codes(intake: Intake, *, actor: User, once: uuid.UUID) -> KeySample:
    """Draw codes to look up in the key: one in ten, at least thirty. Not now before the key keeper attested."""
    existing = db.session.get(KeySample, once)
    if existing is not None:
        return existing
    if last_attestation(intake) is None:
        raise NotNow(_("The key keeper has not attested yet that nobody is registered twice."))
    codes, seed = codes_of(intake), secrets.token_hex(16)
    sample = KeySample(
        id=once,
        intake=intake,
        programme=intake.programme,
        people=len(codes),
        digest=digest_of(codes),
        seed=seed,
        codes=draw(codes, seed, size_of(len(codes))),
        drawn_by=actor,
    )
    db.session.add(sample)
    record(Action.KEY_SAMPLE, sample, actor, on_behalf_of=intake, digest=sample.digest, seed=seed)
    notices.tell_drawn(sample)
    return sample


@operation
def check_key(sample: KeySample, doubles: int, findings: str, *, actor: User) -> None:
    """The assessor looked the codes up with the key keeper: behind so many (`doubles`) stands a person with another
    code as well. What to do about them is said in `findings`."""
    SAMPLE_FLOW.advance(sample, Action.KEY_CHECK)
    shown = len(sample.told_to(actor).codes)  # whoever left a case to colleagues does not look that one up
    if not 0 <= doubles <= shown:
        raise Refused(_("At most all codes that you look up: %(count)d.", count=shown), "doubles")
    if doubles and not findings:
        raise Refused(_("Say which codes belong together."), "findings")
    refuse_who(findings=findings)
    sample.doubles, sample.findings = doubles, findings
    sample.checked_by, sample.checked_at = actor, clock.now()
    record(Action.KEY_CHECK, sample, actor)
    notices.tell_checked(sample)
