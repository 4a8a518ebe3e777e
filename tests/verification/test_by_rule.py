"""A claim of a person of whom an effect was falsified is read whatever is drawn, and the random sample speaks for the
rest (ISA 530: what is examined whole stands apart, and is projected on nothing). The list, its seed and the draw are
made again by assessor and auditor all the same (domain, section 7)."""

import hashlib

import pytest

from app.core.errors import NotNow
from app.extensions import db
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.states import ClaimState
from app.verification.appeal_states import ReopenReason
from app.verification.invariants import draws_can_be_made_again
from app.verification.judging import Opinion, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket, draw_sample, lock_docket
from app.verification.reopening import reopen_proof
from app.verification.repeating import as_file, faults_of, made_again
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_states import Edition
from app.verification.states import DocketState, Finding, Verdict
from tests.factories.outcomes import make_signed_off
from tests.factories.verification import make_claims, make_docket, make_sampled

NO = Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "The paper shows another period.")
WHY = Opinion(Verdict.VERIFIED, explanation="The land register shows it.")
RULE = "every claim of a participant of whom an effect was reopened as falsified"


@pytest.fixture
def bond(app):
    return make_sampled(tolerance_bp=0)


def other_of(bond, claim_id):
    """Another effect of the same person, signed off before."""
    return make_signed_off(bond, code="days", participant=db.session.get_one(Claim, claim_id).participant)


def falsify(bond, claim_id, false=None):
    false = false or other_of(bond, claim_id)
    reopen_proof(false, ReopenReason.FALSIFIED, "The employer never heard of it.", actor=bond.assessor)


def claim_of(id):
    return db.session.get_one(Claim, id, populate_existing=True)


def item_of(docket, id):
    return db.session.get_one(DocketItem, (docket.id, id), populate_existing=True)


def prove_the_drawn(docket):
    drawn = db.select(DocketItem.claim_id).where(DocketItem.docket_id == docket.id, DocketItem.is_drawn)
    db.session.execute(db.update(Claim).where(Claim.id.in_(drawn)).values(state=ClaimState.VERIFIED))
    db.session.commit()


@pytest.fixture
def risky(bond):
    """Sixty claims of as many people; of two of them an effect was falsified before."""
    ids = make_claims(bond, 60)
    for id in ids[:2]:
        falsify(bond, id)
    return ids


def test_it_is_read_whatever_is_drawn_and_no_part_of_the_share(bond, risky):
    docket = make_docket(bond)
    (stratum,) = docket.strata
    assert (stratum.size, stratum.drawn, stratum.by_rule) == (60, 30, 2)
    items = [item_of(docket, id) for id in risky[:2]]
    assert [(one.by_rule, one.to_judge, one.is_drawn) for one in items] == [(True, True, False)] * 2
    prove_the_drawn(docket)
    judge_claim(claim_of(risky[0]), NO, actor=bond.assessor)
    with pytest.raises(NotNow, match="still to be decided: 1"):
        conclude_docket(docket, actor=bond.assessor)
    judge_claim(claim_of(risky[1]), WHY, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert (stratum.faults, stratum.finding) == (0, Finding.WITHIN), "no fault is tolerated, and none was drawn"
    first, second = claim_of(risky[0]), claim_of(risky[1])
    assert (first.state, second.state, second.accepted_unseen) == (ClaimState.REJECTED, ClaimState.VERIFIED, False)
    unseen = db.session.query(Claim).filter_by(accepted_unseen=True).count()
    assert unseen == 60 - 30 - 2


def test_the_draw_is_made_again_without_them_and_which_they_are_was_locked(bond, risky, browse):
    docket = make_docket(bond)
    assert list(draws_can_be_made_again()) == []
    (again,) = made_again(docket)
    assert (again.size, again.by_rule, again.same_list, again.same_draw) == (60, 2, True, True)
    page = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/repeat").text
    assert "stands “by-rule”, as part of the line" in page and "Read by rule" in page
    file = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/list.json").get_json()
    assert list(faults_of(file)) == []
    (effect,) = file["effects"]
    outside = {id for id, content in effect["claims"] if content.endswith(" by-rule")}
    assert outside == {id.hex for id in risky[:2]}
    lines = "".join(f"{id} {content}\n" for id, content in sorted(effect["claims"]))
    assert hashlib.sha256(lines.encode()).hexdigest() == effect["fingerprint"]
    rest = [id for id, _content in effect["claims"] if id not in outside]
    by_hash = sorted(rest, key=lambda id: hashlib.sha256(f"{file['seed']}:{id}".encode()).hexdigest())
    assert sorted(by_hash[:30]) == effect["drawn"]
    effect["claims"] = [[id, content.removesuffix(" by-rule")] for id, content in effect["claims"]]
    assert any("fingerprint" in fault for fault in faults_of(file)), "the mark cannot be moved after the seed"
    db.session.execute(db.update(DocketItem).where(DocketItem.claim_id == risky[0]).values(by_rule=False))
    assert list(draws_can_be_made_again())


def test_the_list_and_the_statement_say_how_many_and_only_to_who_reads_them(bond, risky, browse):
    docket = make_docket(bond)
    for reader in (bond.assessor, bond.provider, bond.auditor):
        page = browse(reader).get_ok(f"/dockets/{docket.id}").text
        assert "a sample, 2 by rule" in page and RULE in page
    page = browse(bond.official).get_ok(f"/dockets/{docket.id}").text
    assert "by rule" not in page and RULE in page, "the rule is for everybody, a small number is not"
    prove_the_drawn(docket)
    for id in risky[:2]:
        judge_claim(claim_of(id), WHY, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    verified = verified_in(sign_off(bond.programme, "Read.", actor=bond.assessor), None)
    full, plain = (document_of(verified, edition, None, "CODE") for edition in (Edition.FULL, Edition.PLAIN))
    for document in (full, plain):
        facts = next(dict(one.facts) for one in document.sections if one.facts)
        assert facts["Read beside the sample"].startswith(RULE)
    told = "2 claims were read by rule, beside the sample"
    assert told in str(full.sections) and told not in str(plain.sections)
    assert [row[1:4] for one in full.sections for row in one.rows if len(row) == 6] == [["60", "30", "0"]]


def test_where_all_are_read_there_is_no_such_rule(bond):
    ids = make_claims(bond, 31)
    falsify(bond, ids[0])
    docket = make_docket(bond)
    (stratum,) = docket.strata
    assert (stratum.drawn, stratum.by_rule, stratum.is_sampled) == (31, 0, False)
    assert list(faults_of(as_file(docket))) == list(draws_can_be_made_again()) == []


def test_who_turns_out_so_after_the_draw_is_read_too_and_the_draw_stays(bond):
    make_claims(bond, 60)
    docket = make_docket(bond)
    (stratum,) = docket.strata
    undrawn = db.select(DocketItem.claim_id).where(DocketItem.docket_id == docket.id, ~DocketItem.is_drawn)
    first, second = db.session.scalars(undrawn.limit(2))
    of_second = other_of(bond, second)
    falsify(bond, first)
    assert item_of(docket, first).to_judge
    prove_the_drawn(docket)
    with pytest.raises(NotNow, match="still to be decided: 1"):
        conclude_docket(docket, actor=bond.assessor)
    judge_claim(claim_of(first), NO, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert (stratum.faults, stratum.finding, docket.state) == (0, Finding.WITHIN, DocketState.READY)

    assert claim_of(second).accepted_unseen
    falsify(bond, second, of_second)
    db.session.refresh(docket)
    claim = claim_of(second)
    assert (claim.state, claim.accepted_unseen) == (ClaimState.SUBMITTED, False)
    assert (docket.state, docket.strata[0].finding) == (DocketState.CHECKING, Finding.OPEN)
    judge_claim(claim, WHY, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert (docket.strata[0].faults, docket.state) == (0, DocketState.READY)
    assert list(draws_can_be_made_again()) == list(faults_of(as_file(docket))) == []


def test_what_was_locked_before_the_draw_is_read_when_it_is_drawn(bond):
    """The fingerprint of the list is told already: what is found before the seed changes no list either."""
    ids = make_claims(bond, 60)
    docket = lock_docket(bond.programme, actor=bond.assessor, once=ids[0])
    falsify(bond, ids[0])
    draw_sample(docket, actor=bond.assessor)
    assert item_of(docket, ids[0]).to_judge and not item_of(docket, ids[0]).by_rule
    assert list(draws_can_be_made_again()) == []
