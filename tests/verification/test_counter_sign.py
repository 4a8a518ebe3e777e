"""Where the agreement asks for two signatures, what one person signed counts for nothing."""

import uuid
from datetime import timedelta

import pytest

from app.agreements.terms import digest_of as agreement_digest
from app.agreements.verification_models import VerificationRules, as_terms
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.core.format import moment
from app.extensions import db
from app.outcomes.models import Batch
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.verification.counter_signing import counter_sign, prepare_signature, withdraw_signature
from app.verification.invariants import second_signatures_are_of_another_person
from app.verification.operations import conclude_docket, recuse_claim
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_models import PreparedSignature, SealedStatement
from app.verification.statement_states import Edition, SignatureState
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_every_kind, make_measurement
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.outcomes.test_history import history_on
from tests.told import body_told, recorded, told

PASSWORD = "a wooden bridge over water"
WORDS = "Every contract was read."
METHOD = "Each contract was laid beside the rule of its effect."


@pytest.fixture
def bond(app):
    """Every claim judged, two signatures; two people of the assessor."""
    bond = make_sampled(sampling=False, counter_signed=True)
    bond.second = make_colleague(bond)
    for person in (bond.assessor, bond.second):
        person.password = hashed(PASSWORD, person.name, person.email)
    db.session.commit()
    return bond


@pytest.fixture
def claim(bond):
    return make_claim(bond, state=ClaimState.VERIFIED)


def prepare(bond):
    return prepare_signature(bond.programme, WORDS, actor=bond.assessor, once=uuid.uuid4())


def test_a_second_person_makes_it_count(bond, claim, browse):
    path = f"/programmes/{bond.programme.id}/sign-off"
    first, second = browse(bond.assessor), browse(bond.second)
    answer = first.post_form(path, {"method": METHOD, "statement": WORDS, "password": PASSWORD})
    assert answer.headers["Location"] == path
    assert "Waits for the counter-signature" in first.follow(answer).text
    db.session.refresh(claim)
    assert (claim.state, db.session.query(Batch).count()) == (ClaimState.VERIFIED, 0), "nothing counts yet"
    assert told("batch.prepare") == {bond.second.email}
    prepared = db.session.query(PreparedSignature).one()
    assert "Counter-sign a statement" in second.get_ok("/home").text
    assert "sign off" not in second.get_ok("/home").text.lower()
    assert "Counter-sign a statement" not in first.get_ok("/home").text
    assert first.get(f"/signatures/{prepared.id}/counter-sign").status_code == 403, "not the same person twice"

    page = second.get_ok(f"/signatures/{prepared.id}/counter-sign")
    assert WORDS in page.text and prepared.digest in page.text.replace("<wbr>", "")
    wrong = second.submit(page, {"password": "an iron bridge over water"})
    assert wrong.status_code == 422 and soup(wrong).select_one("#password-error")
    shown = second.follow(second.submit(page, {"password": PASSWORD})).text
    batch = db.session.query(Batch).one()
    db.session.refresh(claim)
    assert (claim.state, claim.batch_id, batch.digest) == (ClaimState.SIGNED_OFF, batch.id, prepared.digest)
    assert (batch.signed_by, batch.statement) == (bond.assessor, WORDS)
    assert bond.assessor.name in shown and bond.second.name in shown
    db.session.expire_all()
    document = document_of(verified_in(batch, bond.second), Edition.FULL, None, "CODE")
    assert ("Counter-signed by", bond.second.name) in document.facts
    moments = ("Signed on", moment(prepared.created_at)), ("Counter-signed on", moment(batch.created_at))
    assert all(fact in document.facts for fact in moments), "each signature at its own moment"
    assert recorded("batch.counter_sign") == [{"number": 1, "digest": batch.digest}]
    assert bond.intermediary.email in told("batch.sign_off")
    assert [*second_signatures_are_of_another_person()] == []


def test_one_signature_makes_no_batch_by_any_way(bond, claim):
    with pytest.raises(NotNow, match="counter-signature"):
        sign_off(bond.programme, WORDS, actor=bond.assessor)
    prepared = prepare(bond)
    with pytest.raises(NotYours):
        counter_sign(prepared, actor=bond.assessor, once=uuid.uuid4())
    for stranger in (bond.provider, bond.official, bond.intermediary):
        with pytest.raises(NotYours):
            counter_sign(prepared, actor=stranger, once=uuid.uuid4())
    with pytest.raises(NotNow):
        prepare_signature(bond.programme, WORDS, actor=bond.second, once=uuid.uuid4())
    assert db.session.query(Batch).count() == 0


def test_nobody_counter_signs_what_the_first_did_not_see(bond, claim):
    prepared = prepare(bond)
    make_claim(bond, state=ClaimState.VERIFIED)
    with pytest.raises(NotNow, match="decided after"):
        counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    db.session.refresh(prepared)
    assert prepared.state == SignatureState.WAITING
    withdraw_signature(prepared, actor=bond.second)
    assert told("batch.withdraw") == {bond.assessor.email}
    with pytest.raises(NotNow):
        counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    counter_sign(prepare(bond), actor=bond.second, once=uuid.uuid4())
    assert db.session.query(Batch).one().verified_count == 2


def test_nobody_signs_for_a_list_on_which_a_case_stands_that_they_left_to_colleagues(bond, claim, browse):
    """A declared conflict holds for the signature too: first, second, by page and by the operation; a third signs."""
    recuse_claim(claim, actor=bond.second)
    path = f"/programmes/{bond.programme.id}/sign-off"
    refused = browse(bond.second).get_ok(path)
    assert "A case that you left to your colleagues stands on this list" in refused.text
    assert soup(refused).select("main form") == [] and soup(refused).select("main table") == []
    assert "sign off" not in browse(bond.second).get_ok("/home").text.lower()
    with pytest.raises(NotYours, match="left to your colleagues"):
        prepare_signature(bond.programme, WORDS, actor=bond.second, once=uuid.uuid4())
    prepared = prepare(bond)
    assert "a further person is needed" in body_told("batch.prepare", bond.second)
    assert "Nobody of you can sign." in browse(bond.assessor).get_ok(path).text
    assert browse(bond.second).get(f"/signatures/{prepared.id}/counter-sign").status_code == 403
    assert "Counter-sign a statement" not in browse(bond.second).get_ok("/home").text
    with pytest.raises(NotYours, match="left to your colleagues"):
        counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    assert db.session.query(Batch).count() == 0

    third = make_colleague(bond)
    assert f"Can sign: {third.name}." in browse(bond.second).get_ok(path).text
    assert "Counter-sign a statement" in browse(third).get_ok("/home").text
    batch = counter_sign(prepared, actor=third, once=uuid.uuid4())
    shown = browse(bond.second).get_ok(f"/batches/{batch.id}").text
    assert claim.participant.code not in shown and claim.number not in shown
    make_claim(bond, state=ClaimState.VERIFIED)
    assert prepare_signature(bond.programme, WORDS, actor=bond.second, once=uuid.uuid4()), "the next list is theirs too"


def test_who_leaves_a_case_after_signing_first_has_not_signed_for_it(bond, claim):
    prepared = prepare(bond)
    recuse_claim(claim, actor=bond.assessor)
    with pytest.raises(NotNow, match="Withdraw that signature"):
        counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    assert db.session.query(Batch).count() == 0


def test_outside_the_assessor_nobody_sees_a_first_signature(bond, claim, browse):
    prepared = prepare(bond)
    for person in (bond.provider, bond.official, bond.intermediary, bond.investor, bond.auditor):
        assert browse(person).get(f"/signatures/{prepared.id}/counter-sign").status_code == 404
    assert browse(bond.assessor).post_form(f"/signatures/{prepared.id}/withdraw").status_code == 303
    assert browse(bond.second).get(f"/signatures/{prepared.id}/counter-sign").status_code == 409


def test_an_agreement_that_asks_for_one_signature_takes_one(app):
    bond = make_sampled(sampling=False)
    make_claim(bond, state=ClaimState.VERIFIED)
    with pytest.raises(NotNow):
        prepare(bond)
    assert sign_off(bond.programme, WORDS, actor=bond.assessor).number == 1


def test_the_docket_is_signed_with_the_second_signature(bond):
    make_claims(bond, 3)
    docket = make_docket(bond, bond.assessor, bond.second)
    db.session.execute(db.text("UPDATE claim SET state = 'verified'"))
    db.session.commit()
    conclude_docket(docket, actor=bond.assessor)
    prepared = prepare(bond)
    assert docket.state == "ready"
    counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    db.session.refresh(docket)
    assert docket.state == "signed"


def test_who_counter_signs_second_reads_that_it_was_done_and_no_empty_table(bond, claim, browse):
    third = make_colleague(bond)
    third.password = hashed(PASSWORD, third.name, third.email)
    db.session.commit()
    late, path = browse(third), f"/signatures/{prepare(bond).id}/counter-sign"
    page = late.get_ok(path)
    browse(bond.second).post_form(path, {"password": PASSWORD})
    answer = late.submit(page, {"password": PASSWORD})
    assert answer.status_code == 409
    shown = soup(answer)
    assert shown.select("main table") == [] and shown.select("main input[type=password]") == []
    assert shown.select(f"main a[href='/batches/{db.session.query(Batch).one().id}']"), "a way on to what was signed"
    assert db.session.query(Batch).count() == 1


def test_the_public_page_names_both_signatures_by_their_moment(bond, claim, browse):
    """Who signed first did so before the batch came into being with the second signature: two moments, two names."""
    prepared = prepare(bond)
    first = prepared.created_at
    with clock.at(first + timedelta(hours=1)):
        batch = counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    code = db.session.scalars(db.select(SealedStatement).filter_by(batch_id=batch.id)).unique().first().code
    page = soup(browse().get_ok(f"/verify-statement?code={code}"))
    told = {row.dt.text.strip(): row.dd.text.strip() for row in page.select("main dl > div")}
    assert told["Signed on"] == moment(first) and told["Counter-signed on"] == moment(batch.created_at)
    assert told["Signed on"] != told["Counter-signed on"]
    names = bond.assessor.name, bond.second.name
    assert (told["Signed by"], told["Counter-signed by"]) == names
    assert told["Assessor"] == bond.assessor.organisations[0].name
    bond.assessor.name, bond.second.name = "Another Name", "One More Name"
    db.session.commit()
    again = facts_on(browse().get_ok(f"/verify-statement?code={code}"))
    assert (again["Signed by"], again["Counter-signed by"]) == names, "as they stand on the file"


def test_the_history_of_a_claim_gives_each_signature_its_person_and_its_moment(bond, claim, browse):
    prepared = prepare(bond)
    with clock.at(prepared.created_at + timedelta(hours=2)):
        batch = counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    db.session.expire_all()
    for reader in (bond.provider, bond.official, bond.assessor):
        first, second = history_on(browse(reader), claim)[-2:]
        for entry, words, person, at in (
            (first, "signed first", bond.assessor, prepared.created_at),
            (second, "counter-signed", bond.second, batch.created_at),
        ):
            assert f"{batch.title}: {words}" in entry and person.name in entry and moment(at) in entry
        assert moment(batch.created_at) not in first, "the first person signed before the batch came to be"


def test_everybody_finds_the_way_to_verify_a_statement(app, browse):
    assert soup(browse().get_ok("/")).select_one("footer a[href='/verify-statement']") is not None


def facts_on(page):
    return {row.dt.text.strip(): row.dd.text.strip() for row in soup(page).select("main dl > div")}


def test_what_was_decided_between_two_signatures_is_not_laid_to_the_first_signer(bond, claim, browse):
    """The page shows what was signed, says at once that it is not the list any more, and leads to the way out."""
    prepared = prepare(bond)
    path = f"/signatures/{prepared.id}/counter-sign"
    second = browse(bond.second)
    before = second.get_ok(path)
    assert facts_on(before)["Signed for"] == "verified: 1, rejected: 0"
    assert "Something was decided since" not in before.text
    for state in (ClaimState.VERIFIED, ClaimState.VERIFIED, ClaimState.REJECTED):
        make_claim(bond, state=state)
    after = browse(bond.second).get_ok(path)
    assert facts_on(after)["Signed for, at that moment"] == "verified: 1, rejected: 0"
    assert "Something was decided since the first signature" in after.text
    assert soup(after).select("main input[type=password]") == [], "nobody is asked to sign what cannot be signed"
    assert soup(after).select(f'main a[href="/signatures/{prepared.id}/withdraw"]')
    listed = browse(bond.second).get_ok(f"/programmes/{bond.programme.id}/sign-off").text
    assert f"{bond.assessor.name} did not sign for it" in listed
    late = second.submit(before, {"password": PASSWORD})
    assert late.status_code == 409 and "Something was decided since the first signature" in late.text
    assert db.session.query(Batch).count() == 0


@pytest.mark.parametrize("page", ["verify", "reject"])
def test_who_decides_while_a_signature_waits_reads_it_before(app, browse, page):
    bond = make_every_kind()
    agreed = VerificationRules(sampling=False, counter_signed=True)
    bond.agreement.terms = bond.agreement.terms | {"verification": as_terms(agreed)}
    bond.agreement.digest = agreement_digest(bond.agreement.text, bond.agreement.terms)
    make_measurement(bond, "fee", quantity=1, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id)
    path = f"/measurements/{make_measurement(bond, 'coupon', value='0.6').id}/{page}"
    second = browse(make_colleague(bond))
    assert "A signature waits" not in second.get_ok(path).text
    prepare(bond)
    assert "A signature waits for the counter-signature" in second.get_ok(path).text


def test_who_signs_reads_how_many_nobody_judged(bond, claim, browse):
    """“Verified: 3” of which two were accepted as claimed within tolerance: both before the signature, kept with the
    first one, and on the page of the batch for who reads all figures."""
    for _ in range(2):
        make_claim(bond, state=ClaimState.VERIFIED).accepted_unseen = True
    make_claim(bond, state=ClaimState.REJECTED)
    db.session.commit()
    told = "2 of these were not drawn: accepted as claimed within tolerance, judged by nobody"
    shown = facts_on(browse(bond.assessor).get_ok(f"/programmes/{bond.programme.id}/sign-off"))
    assert shown["Signed for"] == f"verified: 3 ({told}), rejected: 1"
    prepared = prepare(bond)
    second = facts_on(browse(bond.second).get_ok(f"/signatures/{prepared.id}/counter-sign"))
    assert second["Signed for"] == f"verified: 3 ({told}), rejected: 1"
    batch = counter_sign(prepared, actor=bond.second, once=uuid.uuid4())
    assert f"Of the verified claims: {told}." in browse(bond.assessor).get_ok(f"/batches/{batch.id}").text
    assert "judged by nobody" not in browse(bond.official).get_ok(f"/batches/{batch.id}").text
