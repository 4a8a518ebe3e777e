"""Files, clocks, caseload and import hold on SQLite and on PostgreSQL alike."""

import uuid
from datetime import date

import pytest

from app.core.errors import NotYours
from app.demonstration.document import pdf
from app.evidence.operations import keep_file, read_file
from app.extensions import db
from app.outcomes import due
from app.outcomes.caseline import Standing
from app.outcomes.caseload_queries import caseload_of, counts_of
from app.outcomes.clock_operations import start_clock, stop_clock
from app.outcomes.importing import import_claims
from app.outcomes.models import Claim
from tests.factories.outcomes import make_lasting, make_participant
from tests.told import told


@pytest.fixture
def app(both):
    return both


def test_from_a_clock_to_a_claim_with_its_document(app):
    bond = make_lasting(kept_days=730)
    person = make_participant(bond)
    chain = bond.effect("work-13w")
    start_clock(person, chain, date(2026, 8, 10), actor=bond.provider, once=uuid.uuid4())
    due.run_due()
    assert told("milestone.remind") == {bond.provider.email}
    counts = counts_of(bond.programme, bond.provider)
    assert counts[Standing.NOW] == 1
    with app.test_request_context():
        people = caseload_of(bond.programme, bond.provider, Standing.NOW, "", counts[Standing.NOW])
    assert [one.code for one in people.rows] == [person.code]

    row = f"{person.code};work-13w;2026-11-09;employer;2026-11-09;{'ab' * 32}"
    content = f"participant;effect;achieved_on;evidence_issuer;evidence_on;evidence_digest\n{row}".encode()
    how = {"actor": bond.provider, "once": uuid.uuid4()}
    assert len(import_claims(bond.programme, content, dry=True, **how).made) == 1
    assert db.session.scalars(db.select(Claim)).unique().all() == []
    assert len(import_claims(bond.programme, content, dry=False, **how).made) == 1
    claim = db.session.scalars(db.select(Claim)).unique().one()

    document = pdf("x.pdf", "A contract.")
    file = keep_file(claim, document, actor=bond.provider, once=uuid.uuid4())
    assert read_file(file, actor=bond.provider) == document.content
    with pytest.raises(NotYours):
        read_file(file, actor=bond.assessor)  # the claim is not handed in
    stop_clock(person, chain, date(2026, 11, 12), "The job ended.", actor=bond.provider)
    assert counts_of(bond.programme, bond.provider)[Standing.NOW] == 0
