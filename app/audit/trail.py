"""Append to the trail, read it, prove it."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, select

from app.audit.models import AuditEntry, AuditFacts
from app.core import clock
from app.core.operation import count_record
from app.extensions import db

GENESIS = "0" * 64
PURGE = "facts.purge"


def append(action: str, subject: Any, actor: Any, facts: dict[str, Any]) -> AuditEntry:
    """Write one entry in the running operation. Callers outside `access.record` are wrong."""
    count_record()
    db.session.flush()  # the subject has its id, and rows read below are written
    last = db.session.execute(
        select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    ).one_or_none()
    salt = secrets.token_hex(16)
    body = json.loads(_canonical(facts))
    entry = AuditEntry(
        seq=(last.seq if last else 0) + 1,
        at=clock.now(),
        action=str(action),
        subject_type=type(subject).__name__,
        subject_id=subject.id,
        programme_id=_programme_id(subject),
        actor_id=actor.id if actor is not None else None,
        facts_digest=_digest(salt, body),
        previous_hash=last.hash if last else GENESIS,
    )
    entry.hash = _hash(entry)
    db.session.add(entry)
    db.session.flush()
    db.session.add(AuditFacts(seq=entry.seq, salt=salt, body=body))
    return entry


def _programme_id(subject: Any) -> uuid.UUID | None:
    if type(subject).__name__ == "Programme":
        return subject.id
    return getattr(subject, "programme_id", None)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)


def _digest(salt: str, body: dict[str, Any]) -> str:
    return hashlib.sha256((salt + _canonical(body)).encode()).hexdigest()


def _hash(entry: AuditEntry) -> str:
    covered = [
        entry.seq,
        entry.at.isoformat(),
        entry.action,
        entry.subject_type,
        str(entry.subject_id),
        str(entry.programme_id),
        str(entry.actor_id),
        entry.facts_digest,
        entry.previous_hash,
    ]
    return hashlib.sha256(_canonical(covered).encode()).hexdigest()


def has_done(user: Any, actions: frozenset[Any], subject: Any) -> bool:
    """Did `user` do one of `actions` on `subject`? The question behind four eyes."""
    if user is None or subject is None or getattr(user, "id", None) is None:
        return False
    found = select(
        exists().where(
            AuditEntry.subject_id == subject.id,
            AuditEntry.actor_id == user.id,
            AuditEntry.action.in_([str(action) for action in actions]),
        )
    )
    return bool(db.session.scalar(found))


def proven_facts(action: str, subject: Any) -> dict[str, Any]:
    """What the last entry of `action` on `subject` said, if it still says what its digest in the chain proves; else
    nothing."""
    last = (
        select(AuditEntry.facts_digest, AuditFacts.salt, AuditFacts.body)
        .join(AuditFacts, AuditFacts.seq == AuditEntry.seq)
        .where(AuditEntry.subject_id == subject.id, AuditEntry.action == str(action))
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    )
    found = db.session.execute(last).one_or_none()
    if found is None or _digest(found.salt, found.body) != found.facts_digest:
        return {}
    body: dict[str, Any] = found.body
    return body


def all_proven_facts(action: str, subject: Any) -> list[dict[str, Any]]:
    """What each entry of `action` on `subject` said, the oldest first, as far as its facts are kept and proven."""
    said = (
        select(AuditEntry.facts_digest, AuditFacts.salt, AuditFacts.body)
        .join(AuditFacts, AuditFacts.seq == AuditEntry.seq)
        .where(AuditEntry.subject_id == subject.id, AuditEntry.action == str(action))
        .order_by(AuditEntry.seq)
    )
    return [row.body for row in db.session.execute(said) if _digest(row.salt, row.body) == row.facts_digest]


def verify() -> Iterator[str]:
    """Recompute the whole chain; yields a line per fault, nothing when it is whole."""
    purged = set(db.session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == PURGE)))
    previous, expected_seq = GENESIS, 1
    rows = (
        select(AuditEntry, AuditFacts).outerjoin(AuditFacts).order_by(AuditEntry.seq).execution_options(yield_per=500)
    )
    for entry, facts in db.session.execute(rows):
        if entry.seq != expected_seq:
            yield f"entry {expected_seq} is missing"
        if entry.previous_hash != previous or entry.hash != _hash(entry):
            yield f"entry {entry.seq} was changed: its hash does not fit"
        if facts is None:
            if entry.subject_id not in purged:
                yield f"entry {entry.seq} lost its facts without a recorded purge"
        elif _digest(facts.salt, facts.body) != entry.facts_digest:
            yield f"entry {entry.seq}: its facts were changed"
        previous, expected_seq = entry.hash, entry.seq + 1
