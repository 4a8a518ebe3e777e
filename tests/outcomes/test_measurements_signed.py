"""A batch holds what was measured for a cohort beside what was claimed for people: signed, unchangeable, checkable."""

import uuid

import pytest

from app.core.errors import Changed, NotNow
from app.extensions import db
from app.outcomes.models import Batch, RejectionReason
from app.outcomes.proving import reject_proof, submit_proof, verify_proof
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.verification.invariants import batches_hold_what_was_signed
from app.verification.signing import decided_claims, decided_measurements, digest_of, sign_off
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_every_kind,
    make_measurement,
)

PASSWORD = "a wooden bridge over water"
WORDS = "Every extract was compared with the register."
METHOD = "Each contract was laid beside the rule of its effect."


@pytest.fixture
def bond(app):
    return make_every_kind()


def test_the_assessor_signs_for_claims_and_measurements_together(bond, browse):
    """One statement and one fingerprint over both; what is signed is what was read."""
    bond.assessor.password = hashed(PASSWORD, bond.assessor.name, bond.assessor.email)
    claim = make_claim(bond, code="work", state=ClaimState.VERIFIED)
    verified = make_measurement(bond, "fee", bond.hengelo, ClaimState.VERIFIED, quantity=1)
    rejected = make_measurement(bond, "coupon", bond.hengelo, ClaimState.REJECTED, value="0.6")
    waiting = make_measurement(bond, "coupon", bond.enschede, value="0.6")
    browser = browse(bond.assessor)
    page = browser.get_ok(f"/programmes/{bond.programme.id}/sign-off")
    digest = digest_of(decided_claims(bond.programme), decided_measurements(bond.programme))
    assert digest in page.text
    assert digest != digest_of(decided_claims(bond.programme))
    assert verified.number in page.text
    answer = browser.submit(page, {"method": METHOD, "statement": WORDS, "password": PASSWORD})

    batch = db.session.scalars(db.select(Batch)).one()
    assert (batch.digest, batch.verified_count, batch.rejected_count) == (digest, 2, 1)
    rows = (claim, verified, rejected, waiting)
    for row in rows:
        db.session.refresh(row)
    assert [row.state for row in rows] == ["signed_off", "signed_off", "rejected", "submitted"]
    assert [row.batch_id for row in rows] == [batch.id, batch.id, batch.id, None]
    assert verified.number in browser.follow(answer).text
    assert verified.number in browse(bond.neighbour).get_ok(f"/batches/{batch.id}").text
    assert verified.number not in browse(bond.official).get_ok(f"/batches/{batch.id}").text
    assert list(batches_hold_what_was_signed()) == []


def test_what_was_decided_meanwhile_is_not_signed_unread(bond):
    make_claim(bond, code="work", state=ClaimState.VERIFIED)
    read = digest_of(decided_claims(bond.programme))
    make_measurement(bond, "fee", bond.hengelo, ClaimState.VERIFIED, quantity=1)
    with pytest.raises(Changed):
        sign_off(bond.programme, WORDS, actor=bond.assessor, digest=read, once=uuid.uuid4())


def test_a_figure_changed_after_the_signature_shows(bond):
    measurement = make_measurement(bond, "coupon", bond.hengelo, ClaimState.VERIFIED, value="0.6")
    make_batch(bond)
    assert list(batches_hold_what_was_signed()) == []
    measurement.value = "0.7"
    db.session.commit()
    assert any("fingerprint" in fault for fault in batches_hold_what_was_signed())


def test_until_sign_off_a_verified_measurement_may_be_rejected(bond):
    measurement = make_measurement(bond, "fee", bond.hengelo, ClaimState.REGISTERED, quantity=1)
    submit_proof(measurement, actor=bond.provider)
    verify_proof(measurement, actor=bond.assessor)
    reject_proof(measurement, RejectionReason.DOUBLE, "Paid elsewhere.", actor=bond.assessor)
    signed = make_measurement(bond, "fee", bond.hengelo, ClaimState.VERIFIED, quantity=1)
    make_batch(bond)
    with pytest.raises(NotNow):
        reject_proof(signed, RejectionReason.DOUBLE, "Paid elsewhere.", actor=bond.assessor)
