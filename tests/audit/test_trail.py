"""The chain breaks where anybody touches it; a purge that is recorded does not break it."""

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from app.audit import trail
from app.audit.models import AuditEntry, AuditFacts
from app.extensions import db
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.programmes.operations import add_party
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme


@pytest.fixture
def chain(both):
    programme = make_programme()
    official = make_user(programme.lead)
    for kind, part in ((OrganisationKind.AUDITOR, Part.AUDITOR), (OrganisationKind.INTERMEDIARY, Part.INTERMEDIARY)):
        add_party(programme, make_organisation(kind), part, actor=official)
    assert list(trail.verify()) == []
    return programme


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_an_entry(chain, statement):
    with pytest.raises(DBAPIError, match="append-only"), db.session.begin_nested():
        db.session.execute(text(statement))


def test_changed_facts_are_found(chain):
    db.session.execute(update(AuditFacts).where(AuditFacts.seq == 1).values(body={"organisation": "Somebody else"}))
    assert list(trail.verify()) == ["entry 1: its facts were changed"]


def test_lost_facts_are_found(chain):
    db.session.execute(delete(AuditFacts).where(AuditFacts.seq == 2))
    assert list(trail.verify()) == ["entry 2 lost its facts without a recorded purge"]


def test_a_forged_entry_is_found(chain):
    first = db.session.get(AuditEntry, 1)
    db.session.add(
        AuditEntry(
            seq=3,
            at=first.at,
            action="programme.approve",
            subject_type="Programme",
            subject_id=chain.id,
            programme_id=chain.id,
            actor_id=first.actor_id,
            facts_digest=first.facts_digest,
            previous_hash=first.hash,
            hash="0" * 64,
        )
    )
    db.session.flush()
    faults = list(trail.verify())
    assert faults[0] == "entry 3 was changed: its hash does not fit"


def test_entries_belong_in_operations(both):
    with pytest.raises(RuntimeError, match="belongs in an operation"):
        trail.append("anything", make_programme(), None, {})
