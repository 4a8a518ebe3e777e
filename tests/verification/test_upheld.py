"""A statement tells apart what was judged in its batch and what stands by an upheld appeal, so that its counts add up
(domain, section 7: what was verified, and how; ISO/IEC 17029, 9.7: a decision is by who had no part in it)."""

import uuid

import pytest

from app.core.format import day
from app.extensions import db
from app.outcomes.models import Batch, Claim, RejectionReason
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.verification.appeal_models import Appeal
from app.verification.appeal_operations import decide_appeal, file_appeal
from app.verification.counter_signing import counter_sign, prepare_signature
from app.verification.judging import PROVEN, Opinion, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket, declare_independence
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_states import Edition
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled

PASSWORD = "a green tram in the rain"
EVERY = "Every claim on the list that was signed was judged."
BESIDES = "Every claim on the list was judged, but for those that stand by an upheld appeal."
OWN_WORD = "decided on an appeal in this list and signs for it too"


def judged(bond, faults, people=()):
    """A batch of three more, all judged, `faults` of them rejected; not signed yet."""
    make_claims(bond, 3)
    docket = make_docket(bond)
    for person in people:
        declare_independence(docket, [], actor=person)
    items = db.session.scalars(db.select(DocketItem).filter_by(docket_id=docket.id).order_by(DocketItem.place)).all()
    for place, item in enumerate(items):
        faulty = Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "No contract.")
        judge_claim(item.claim, faulty if place < faults else PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)


def upheld(bond):
    """A claim that was rejected, signed as such in the first batch, and found proven by a colleague."""
    judged(bond, faults=1)
    first = sign_off(bond.programme, "Read.", actor=bond.assessor)
    claim = next(one for one in first.claims if one.state == ClaimState.REJECTED)
    made = file_appeal(claim, "The payroll shows it.", actor=bond.provider, once=uuid.uuid4())
    decide_appeal(made, True, "It does.", actor=bond.other)
    return claim, db.session.get(Claim, made.anew_claim_id)


@pytest.fixture
def bond(app):
    made = make_sampled()
    made.other = make_colleague(made)
    return made


def said(batch, which, payer=None, second=None):
    document = document_of(verified_in(batch, second), which, payer, "CODE")
    lines = []
    for section in document.sections:
        lines += [section.title, *section.paragraphs, *(" ".join(row) for row in [section.head, *section.rows])]
    return "\n".join(lines)


def test_the_counts_of_a_statement_add_up(bond, browse):
    """Three judged, one of them wrong, one upheld: the table holds three claims, the result three proven, not two."""
    _claim, anew = upheld(bond)
    judged(bond, faults=1)
    batch = sign_off(bond.programme, "Read.", actor=bond.assessor)
    assert anew.batch_id == batch.id and batch.verified_count == 3
    full = said(batch, Edition.FULL)
    assert "Thirteen weeks of work 3 – 1" in full, "where every claim is judged none was drawn"
    assert "1 claim that was upheld on appeal comes beside these" in full
    assert "Effect Verified Of which not drawn Of which upheld on appeal Rejected" in full
    assert "Enschede 3 0 1 1" in full and "Total 3 0 1 1" in full
    assert BESIDES in full and EVERY not in full
    decided = db.session.scalars(db.select(Appeal.decided_at)).one()
    row = f"Thirteen weeks of work, Enschede 1 {bond.other.name} {day(decided)}"
    assert row in full and OWN_WORD not in full
    page = soup(browse(bond.assessor).get_ok(f"/batches/{batch.id}")).select_one("main").text
    assert "Upheld on appeal" in page and bond.other.name in page
    rows = [line.text for line in soup(browse(bond.assessor).get_ok(f"/batches/{batch.id}")).select("tr")]
    listed = {number: any(number in row and "upheld on appeal" in row for row in rows) for number in numbers(batch)}
    assert listed == {number: number == anew.number for number in numbers(batch)}


def numbers(batch):
    return [one.number for one in batch.claims]


def test_a_municipality_reads_its_own_and_the_others_that_it_may_have_been(bond, browse):
    """Domain, section 9: that one appeal was upheld is a small number. The edition of the municipality of that person
    tells it; those of others say the same whether there was one or not."""
    upheld(bond)
    batch = sign_off(bond.programme, "Read.", actor=bond.assessor)
    own = said(batch, Edition.OWN, bond.enschede)
    assert "Effect Verified Of which upheld on appeal Rejected" in own and bond.other.name in own
    assert "not judged in this batch" in own
    before = said(first_of(bond), Edition.PLAIN)
    told = {text.split("How it was verified")[1].split("\n")[-1] for text in (before, said(batch, Edition.PLAIN))}
    assert len(told) == 1
    for text in (said(batch, Edition.PLAIN), said(batch, Edition.OWN, bond.hengelo)):
        assert "not judged in this batch" in text
        assert bond.other.name not in text and "Of which upheld" not in text
    desk = browse(bond.intermediary).get_ok(f"/batches/{batch.id}").text
    assert bond.other.name not in desk


def first_of(bond):
    return db.session.scalars(db.select(Batch).filter_by(programme_id=bond.programme.id, number=1)).unique().one()


def test_each_edition_says_who_decides_an_appeal_and_without_one_none_says_that_there_was_one(bond):
    """The sentence holds whether an appeal was upheld or not; once in each edition, also beside a table of them."""
    judged(bond, faults=1)
    before = sign_off(bond.programme, "Read.", actor=bond.assessor)
    for edition, payer in ((Edition.FULL, None), (Edition.PLAIN, None), (Edition.OWN, bond.enschede)):
        text = said(before, edition, payer)
        assert text.count("not judged in this batch") == 1, edition
        assert "who had no part in the first decision" in text and "pheld on appeal" not in text
    assert EVERY in said(before, Edition.FULL) and BESIDES not in said(before, Edition.FULL)


def test_beside_the_table_of_upheld_appeals_the_sentence_stands_once(bond):
    upheld(bond)
    batch = sign_off(bond.programme, "Read.", actor=bond.assessor)
    for edition, payer in ((Edition.FULL, None), (Edition.OWN, bond.enschede)):
        text = said(batch, edition, payer)
        assert "Upheld on appeal" in text and text.count("not judged in this batch") == 1


def test_the_history_of_a_claim_tells_who_upheld_it(bond, browse):
    claim, anew = upheld(bond)
    for one, told in ((anew, "Upheld on appeal: stands anew"), (claim, "Appeal: upheld")):
        shown = soup(browse(bond.provider).get_ok(f"/claims/{one.id}")).select_one("main").text
        assert told in shown.split("History")[1] and bond.other.name in shown.split("History")[1]


def test_who_decided_an_appeal_does_not_sign_for_it_in_silence(app, browse):
    """Four eyes: two signatures of which one confirms its own decision look like more than they are."""
    bond = make_sampled(counter_signed=False)
    bond.other = make_colleague(bond)
    upheld(bond)
    bond.other.password = hashed(PASSWORD, bond.other.name, bond.other.email)
    db.session.commit()
    path = f"/programmes/{bond.programme.id}/sign-off"
    mine, colleague = (browse(one).get_ok(path).text for one in (bond.other, bond.assessor))
    assert OWN_WORD in mine and OWN_WORD not in colleague and "Upheld on appeal" in colleague
    batch = sign_off(bond.programme, "Read.", actor=bond.other)
    assert f"{bond.other.name} {OWN_WORD}" in said(batch, Edition.FULL)
    assert f"{bond.other.name} {OWN_WORD}" in said(batch, Edition.OWN, bond.enschede)
    assert OWN_WORD not in said(batch, Edition.PLAIN)


def test_nor_as_the_second_who_signs(app, browse):
    bond = make_sampled(sampling=False, counter_signed=True)
    bond.other, bond.third = make_colleague(bond), make_colleague(bond)
    judged(bond, faults=1, people=[bond.third])
    first = prepare_signature(bond.programme, "Read.", actor=bond.assessor, once=uuid.uuid4())
    batch = counter_sign(first, actor=bond.third, once=uuid.uuid4())
    claim = next(one for one in batch.claims if one.state == ClaimState.REJECTED)
    made = file_appeal(claim, "The payroll shows it.", actor=bond.provider, once=uuid.uuid4())
    decide_appeal(made, True, "It does.", actor=bond.other)
    again = prepare_signature(bond.programme, "Read.", actor=bond.assessor, once=uuid.uuid4())
    assert f"{bond.other.name} {OWN_WORD}" in browse(bond.other).get_ok(f"/signatures/{again.id}/counter-sign").text
    second = counter_sign(again, actor=bond.other, once=uuid.uuid4())
    assert f"{bond.other.name} {OWN_WORD}" in said(second, Edition.FULL, second=bond.other)
