"""Independence: each assessor declares per batch, and a conflict closes that case at once (domain, section 2)."""

import uuid

import pytest

from app.accounts.operations import remove_member
from app.core import clock
from app.core.errors import FirstThis, NotNow, NotYours, Refused
from app.evidence.models import EvidenceFile
from app.extensions import db
from app.intake import reading
from app.intake.recusals import Recusal
from app.outcomes.models import Claim
from app.people.models import Membership
from app.treasury.operations import prepare_cost
from app.verification.counter_signing import counter_sign, prepare_signature
from app.verification.judging import PROVEN, ask_provider, judge_claim
from app.verification.models import Declaration
from app.verification.operations import conclude_docket, declare_independence, lock_docket, recuse_claim
from app.verification.queries import work
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_participant
from tests.factories.people import make_user
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.told import recorded, told, words_told


@pytest.fixture
def bond(app):
    return make_sampled()


def test_nobody_judges_before_the_declaration_of_this_batch(bond, browse):
    (id,) = make_claims(bond, 1)
    docket = make_docket(bond)
    colleague = make_colleague(bond)
    claim = db.session.get_one(Claim, id)
    with pytest.raises(NotNow):
        judge_claim(claim, PROVEN, actor=colleague)
    browser = browse(colleague)
    with pytest.raises(NotNow):
        ask_provider(claim, "When?", actor=colleague)
    answer = browser.get(f"/claims/{id}/judge")
    assert answer.headers["Location"] == f"/dockets/{docket.id}/declare"
    assert "Declare your independence for Batch 1 first." in browser.follow(answer).text
    assert "Declare your independence first" in browser.get_ok(f"/programmes/{bond.programme.id}/work-list").text
    assert browser.post_form(f"/dockets/{docket.id}/declare", {}).status_code == 422
    assert db.session.query(Declaration).filter_by(user_id=colleague.id).count() == 0
    assert browser.post_form(f"/dockets/{docket.id}/declare", {"is_independent": "y"}).status_code == 303
    assert colleague.name in browse(bond.auditor).get_ok(f"/dockets/{docket.id}").text
    judge_claim(claim, PROVEN, actor=colleague)


def test_the_cases_of_declared_codes_close_at_once(bond, browse):
    known, other = make_participant(bond), make_participant(bond)
    claim, second = make_claim(bond, known), make_claim(bond, other)
    docket = make_docket(bond, make_colleague(bond))
    typed = {"is_independent": "y", "codes": f"{known.code.lower().replace('-', ' ')}\n"}
    browser = browse(bond.assessor)
    assert browser.post_form(f"/dockets/{docket.id}/declare", typed).status_code == 303
    for path in (f"/claims/{claim.id}", f"/claims/{claim.id}/judge", f"/participants/{known.id}"):
        assert browser.get(path).status_code == 404
    assert browser.get_ok(f"/claims/{second.id}/judge")
    listed = browser.get_ok(f"/programmes/{bond.programme.id}/work-list").text
    assert known.code not in listed
    assert other.code in listed
    for act in (
        lambda: judge_claim(claim, PROVEN, actor=bond.assessor),
        lambda: recuse_claim(claim, actor=bond.assessor),
    ):
        with pytest.raises(NotYours):
            act()


def test_a_conflict_found_later_closes_the_case_and_tells_the_colleagues(bond, browse):
    claim = make_claim(bond)
    colleague = make_colleague(bond)
    make_docket(bond, bond.assessor, colleague)
    answer = browse(bond.assessor).post_form(f"/claims/{claim.id}/recuse")
    assert answer.status_code == 303
    assert browse(bond.assessor).get(f"/claims/{claim.id}/judge").status_code == 404
    assert told("claim.recuse") == {colleague.email}
    assert claim.participant.code not in words_told("claim.recuse")
    assert [row.id for row in work(bond.programme, colleague, 1, str).rows] == [claim.id]


def test_a_code_that_nobody_has_is_said(bond, browse):
    make_claims(bond, 1)
    docket = make_docket(bond, make_colleague(bond))
    answer = browse(bond.assessor).post_form(
        f"/dockets/{docket.id}/declare", {"is_independent": "y", "codes": "K7P-4WXC"}
    )
    assert answer.status_code == 422
    assert "K7P-4WXC" in soup(answer).select_one("#codes-error").text
    assert (db.session.query(Recusal).count(), db.session.query(Declaration).count()) == (0, 1)


@pytest.mark.parametrize("party", ["provider", "investor", "intermediary"])
def test_who_worked_for_a_party_of_this_bond_cannot_declare(bond, party):
    """Also after the membership has ended: the trail remembers."""
    make_claims(bond, 1)
    organisation = getattr(bond, party).organisations[0]
    manager = make_user(organisation)
    colleague = make_colleague(bond)
    db.session.add(Membership(user=colleague, organisation=organisation))
    db.session.commit()
    remove_member(organisation, colleague, actor=manager)
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    with pytest.raises(NotYours):
        declare_independence(docket, [], actor=colleague)
    assert db.session.query(Declaration).count() == 0


def test_the_fee_never_comes_out_of_the_account_of_the_bond(bond):
    with pytest.raises(Refused):
        prepare_cost(
            bond.programme,
            bond.assessor.organisations[0],
            100_000,
            "Verification",
            actor=bond.intermediary,
            once=uuid.uuid4(),
        )


@pytest.mark.parametrize("drawn", [True, False])
def test_no_case_of_a_batch_opens_before_the_declaration(bond, browse, drawn):
    """Who reads first and declares then has read what a conflict of interest closes (ISO/IEC 17029, impartiality):
    the page of the claim and of the person, of what is drawn and of what is not, and the document itself."""
    claim = make_claim(bond)
    colleague = make_colleague(bond)
    file = EvidenceFile(
        programme_id=bond.programme.id,
        participant=claim.participant,
        claim=claim,
        number=1,
        media_type="application/pdf",
        ending="pdf",
        size=4,
        sha256="a" * 64,
        kept_sha256="a" * 64,
        stored_as=uuid.uuid4().hex,
        kept_by=bond.provider,
        keep_until=clock.today(),
    )
    db.session.add(file)
    db.session.commit()
    browser = browse(colleague)
    assert browser.get_ok(f"/claims/{claim.id}"), "before it stands in a batch nothing is to be declared"
    docket = make_docket(bond) if drawn else lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    paths = f"/claims/{claim.id}", f"/claims/{claim.id}/judge", f"/participants/{claim.participant_id}"
    before = len(recorded("participant.read"))
    for path in (*paths, f"/evidence/{file.id}"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/dockets/{docket.id}/declare"), path
    assert len(recorded("participant.read")) == before and recorded("evidence.read") == [], "nothing was opened"
    assert browse(bond.provider).get_ok(f"/claims/{claim.id}"), "the declaration is the assessor's"
    assert browser.post_form(f"/dockets/{docket.id}/declare", {"is_independent": "y"}).status_code == 303
    for path in paths:
        assert browser.get_ok(path)
    reading.expect_open(claim.participant, colleague)  # the document too


def test_nobody_signs_or_counter_signs_a_batch_without_a_declaration(app, browse):
    """The second signature states the same as the first: also of somebody who judged nothing."""
    bond = make_sampled(sampling=False, counter_signed=True)
    (id,) = make_claims(bond, 1)
    first, second = make_colleague(bond), make_colleague(bond)
    docket = make_docket(bond)
    judge_claim(db.session.get_one(Claim, id), PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    declare = f"/dockets/{docket.id}/declare"
    with pytest.raises(FirstThis):
        prepare_signature(bond.programme, "All read.", actor=first, once=uuid.uuid4())
    assert browse(first).get(f"/programmes/{bond.programme.id}/sign-off").headers["Location"] == declare
    prepared = prepare_signature(bond.programme, "All read.", actor=bond.assessor, once=uuid.uuid4())
    with pytest.raises(FirstThis):
        counter_sign(prepared, actor=second, once=uuid.uuid4())
    browser = browse(second)
    page = f"/signatures/{prepared.id}/counter-sign"
    assert browser.get(page).headers["Location"] == declare
    answer = browser.post_form(declare, {"is_independent": "y"})
    assert answer.headers["Location"] == f"/programmes/{bond.programme.id}/sign-off"
    assert "Counter-sign" in browser.get_ok(page).text
    assert counter_sign(prepared, actor=second, once=uuid.uuid4()).verified_count == 1
