"""The assessor signs for a list, in its own words, after typing the password again; what is signed never changes."""

import pytest
from sqlalchemy.exc import DBAPIError

from app.audit import trail
from app.core.errors import Changed, NotYours, Refused
from app.extensions import db
from app.outcomes.models import Batch
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.verification.invariants import batches_hold_what_was_signed, what_counts_for_money_is_signed
from app.verification.operations import recuse_claim
from app.verification.signing import decided_claims, digest_of, sign_off
from tests.browser import soup
from tests.factories.outcomes import make_batch, make_claim, make_delivery
from tests.factories.verification import make_colleague
from tests.told import recorded, told, words_told

PASSWORD = "a wooden bridge over water"
WORDS = "Every contract was read, and the employer called where a page was missing."
METHOD = "Each contract was laid beside the rule of its effect."


@pytest.fixture
def bond(app):
    bond = make_delivery()
    bond.assessor.password = hashed(PASSWORD, bond.assessor.name, bond.assessor.email)
    db.session.commit()
    return bond


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/sign-off"


def test_the_assessor_signs(bond, path, browse):
    verified, rejected = make_claim(bond, state=ClaimState.VERIFIED), make_claim(bond, state=ClaimState.REJECTED)
    waiting = make_claim(bond)
    digest = digest_of(decided_claims(bond.programme))

    browser = browse(bond.assessor)
    page = browser.get_ok(path)
    assert digest in page.text
    answer = browser.submit(page, {"method": METHOD, "statement": WORDS, "password": PASSWORD})

    batch = db.session.scalars(db.select(Batch)).one()
    assert (batch.digest, batch.statement, batch.number) == (digest, WORDS, 1)
    assert (batch.verified_count, batch.rejected_count) == (1, 1)
    for claim in (verified, rejected, waiting):
        db.session.refresh(claim)
    assert [claim.state for claim in (verified, rejected, waiting)] == ["signed_off", "rejected", "submitted"]
    assert [claim.batch_id for claim in (verified, rejected, waiting)] == [batch.id, batch.id, None]
    assert WORDS in browser.follow(answer).text
    people = (bond.provider, bond.intermediary, bond.colleague, bond.official, bond.neighbour)
    assert told("batch.sign_off") == {person.email for person in people}
    assert verified.participant.code not in words_told("batch.sign_off")
    assert recorded("batch.sign_off") == [{"number": 1, "digest": digest}]
    assert [*batches_hold_what_was_signed(), *what_counts_for_money_is_signed(), *trail.verify()] == []
    assert "Nothing to sign" in browser.get_ok(path).text


def test_a_wrong_password_is_said_on_the_field_and_the_words_are_kept(bond, path, browse):
    claim = make_claim(bond, state=ClaimState.VERIFIED)
    form = {"method": METHOD, "statement": WORDS, "password": "an iron bridge over water"}
    answer = browse(bond.assessor).post_form(path, form)
    assert answer.status_code == 422
    page = soup(answer)
    assert "not your password" in page.select_one("#password-error").text
    assert WORDS in page.select_one("#statement").text
    assert "iron bridge" not in answer.text
    db.session.refresh(claim)
    assert (claim.state, db.session.query(Batch).count()) == (ClaimState.VERIFIED, 0)


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"method": METHOD, "statement": "", "password": "x"}, "statement"),
        ({"method": "", "statement": WORDS, "password": "x"}, "method"),
        ({"method": METHOD, "statement": WORDS, "password": ""}, "password"),
    ],
)
def test_words_and_password_are_needed(bond, path, browse, typed, field):
    make_claim(bond, state=ClaimState.VERIFIED)
    answer = browse(bond.assessor).post_form(path, typed)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None


def test_what_was_decided_after_the_page_was_read_is_not_signed_unseen(bond, path, browse):
    make_claim(bond, state=ClaimState.VERIFIED)
    browser = browse(bond.assessor)
    page = browser.get_ok(path)
    make_claim(bond, state=ClaimState.VERIFIED)
    answer = browser.submit(page, {"method": METHOD, "statement": WORDS, "password": PASSWORD})
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert db.session.query(Batch).count() == 0
    again = browser.submit(answer, {"password": PASSWORD})
    assert again.status_code == 303, "the page now shows the new list"
    with pytest.raises(Changed):
        make_claim(bond, state=ClaimState.VERIFIED)
        sign_off(bond.programme, WORDS, actor=bond.assessor, digest="0" * 64)


def test_who_left_a_case_to_colleagues_does_not_sign_for_it(bond, path, browse):
    claim, other = make_claim(bond, state=ClaimState.VERIFIED), make_colleague(bond)
    recuse_claim(claim, actor=bond.assessor)
    page = browse(bond.assessor).get_ok(path).text
    assert f"Can sign: {other.name}." in page and "Sign for this list?" not in page
    with pytest.raises(NotYours, match="left to your colleagues"):
        sign_off(bond.programme, WORDS, actor=bond.assessor)
    assert sign_off(bond.programme, WORDS, actor=other).verified_count == 1


def test_nothing_decided_nothing_signed(bond):
    make_claim(bond)
    with pytest.raises(Refused):
        sign_off(bond.programme, WORDS, actor=bond.assessor)


@pytest.mark.parametrize("change", ["statement = 'other'", "digest = 'x'", "verified_count = 9"])
def test_the_database_refuses_to_change_a_batch(bond, change):
    make_claim(bond, state=ClaimState.VERIFIED)
    batch = make_batch(bond)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.text(f"UPDATE batch SET {change} WHERE id = :id"), {"id": batch.id.hex})
    db.session.rollback()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.text("DELETE FROM batch"))


@pytest.mark.parametrize("change", [{"quantity": 2}, {"evidence_digest": "f" * 64}, {"batch_id": None}])
def test_a_claim_changed_after_signing_shows(bond, change):
    claim = make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)
    for name, value in change.items():
        setattr(claim, name, value)
    db.session.commit()
    assert [*batches_hold_what_was_signed(), *what_counts_for_money_is_signed()] != []


def test_a_second_batch_holds_only_what_is_new(bond):
    make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)
    new = make_claim(bond, state=ClaimState.VERIFIED)
    second = sign_off(bond.programme, WORDS, actor=bond.assessor)
    assert (second.number, second.verified_count, [claim.id for claim in second.claims]) == (2, 1, [new.id])


def test_the_numbers_beside_the_signature_lead_to_what_is_signed_for(bond, browse):
    """Not to what an earlier sign-off rejected."""
    earlier = make_claim(bond, state=ClaimState.REJECTED, decided_by_id=bond.assessor.id)
    make_batch(bond)
    now = make_claim(bond, state=ClaimState.REJECTED, decided_by_id=bond.assessor.id)
    browser = browse(bond.assessor)
    page = soup(browser.get_ok(f"/programmes/{bond.programme.id}/sign-off"))
    link = next(one for one in page.select("main a") if one.text.lower().startswith("rejected: 1"))
    listed = browser.get_ok(link["href"]).text
    assert now.number in listed and earlier.number not in listed
    everything = browser.get_ok(f"/programmes/{bond.programme.id}/claims?state=rejected").text
    assert now.number in everything and earlier.number in everything
