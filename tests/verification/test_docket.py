"""A batch is locked, then drawn from, judged and concluded (domain, section 7). Seed after list, faults per effect, and
no claim ever paid that was not verified or accepted as claimed."""

import json
import uuid
from datetime import timedelta

import pytest

from app.audit import trail
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Batch, Claim, RejectionReason
from app.outcomes.proving import reject_proof, verify_proof, withdraw_proof
from app.outcomes.states import ClaimState
from app.verification.invariants import batches_hold_what_was_signed, draws_can_be_made_again
from app.verification.judging import PROVEN, Opinion, ask_provider, judge_claim
from app.verification.models import Docket, DocketItem
from app.verification.operations import conclude_docket, draw_sample, lock_docket
from app.verification.queries import next_of
from app.verification.sampling import draw
from app.verification.signing import sign_off
from app.verification.states import DocketState, Finding, Verdict
from tests.conftest import rolled_back
from tests.factories.outcomes import make_claim, make_delivery
from tests.factories.verification import make_claims, make_docket, make_sampled
from tests.told import recorded, told, words_told

NO = Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "The paper shows another period.")


def drawn_of(docket, effect=None):
    found = db.select(Claim).join(DocketItem, DocketItem.claim_id == Claim.id)
    found = found.where(DocketItem.docket_id == docket.id, DocketItem.is_drawn).order_by(Claim.id)
    if effect is not None:
        found = found.where(Claim.effect_id == effect.id)
    return list(db.session.scalars(found).unique())


def judge_all(docket, actor, faults=0, effect=None):
    """Decide what is drawn, with so many of it not proven; one is judged as people do it, the rest laid."""
    chosen = drawn_of(docket, effect)
    for claim in chosen[:faults]:
        judge_claim(claim, NO, actor=actor)
    judge_claim(chosen[faults], PROVEN, actor=actor)
    prove([claim.id for claim in chosen[faults + 1 :]])


def prove(ids):
    db.session.execute(db.update(Claim).where(Claim.id.in_(ids)).values(state=ClaimState.VERIFIED))
    db.session.commit()


def states(ids):
    found = db.session.execute(db.select(Claim.state, Claim.accepted_unseen).where(Claim.id.in_(ids)))
    return sorted((str(state), unseen) for state, unseen in found)


def test_the_list_is_locked_before_the_seed_exists_and_both_are_told(app, browse):
    bond = make_sampled()
    make_claims(bond, 40)
    browser = browse(bond.assessor)
    browser.post_form(f"/programmes/{bond.programme.id}/verification/lock")
    docket = db.session.scalars(db.select(Docket)).one()
    assert (docket.seed, docket.state) == ("", DocketState.LOCKED)
    assert len(docket.list_digest) == 64
    assert drawn_of(docket) == []
    assert docket.list_digest in words_told("docket.lock")
    assert {bond.provider.email, bond.official.email, bond.auditor.email} <= told("docket.lock")
    before = docket.list_digest

    browser.post_form(f"/dockets/{docket.id}/draw")
    db.session.refresh(docket)
    assert (docket.list_digest, docket.state) == (before, DocketState.CHECKING)
    assert len(docket.seed) == 64
    assert len(drawn_of(docket)) == 30
    assert recorded("docket.draw") == [{"seed": docket.seed, "list": before}]
    assert docket.seed in words_told("docket.draw")
    assert browser.get(f"/dockets/{docket.id}/draw").status_code == 409, "a seed is never drawn twice"
    with pytest.raises(NotNow):
        draw_sample(docket, actor=bond.assessor)
    assert [*draws_can_be_made_again(), *trail.verify()] == []


def test_two_dockets_get_seeds_that_nobody_can_foresee(app):
    seeds = set()
    for _ in range(2):
        bond = make_sampled()
        make_claims(bond, 3)
        seeds.add(make_docket(bond).seed)
    assert len(seeds) == 2


def test_strata_are_effects_and_a_small_one_is_judged_whole(app):
    bond = make_sampled()
    make_claims(bond, 400)
    make_claims(bond, 12, "days")
    docket = make_docket(bond)
    assert [(one.effect.code, one.size, one.drawn) for one in docket.strata] == [
        ("work-13w", 400, 40),
        ("days", 12, 12),
    ]
    assert len(drawn_of(docket, bond.effect("work-13w"))) == 40
    assert len(drawn_of(docket, bond.effect("days"))) == 12


def test_within_tolerance_the_rest_is_accepted_as_claimed_and_a_fault_rejected(app, browse):
    bond = make_sampled()
    ids = make_claims(bond, 40)
    docket = make_docket(bond)
    judge_all(docket, bond.assessor, faults=1)
    conclude_docket(docket, actor=bond.assessor)
    assert docket.strata[0].finding == Finding.WITHIN
    assert docket.state == DocketState.READY
    found = states(ids)
    assert found.count(("verified", True)) == 10, "not drawn: accepted as claimed, and marked so"
    assert found.count(("verified", False)) == 29
    assert found.count(("rejected", False)) == 1
    proven = db.session.scalars(db.select(Claim.id).where(Claim.state == "verified").limit(1)).one()
    page = browse(bond.assessor).get_ok(f"/claims/{proven}")
    assert f"/claims/{proven}/reject" not in page.text, "what the sample shows is concluded"

    batch = sign_off(bond.programme, "Drawn and read.", actor=bond.assessor)
    db.session.refresh(docket)
    assert (docket.state, docket.batch_id) == (DocketState.SIGNED, batch.id)
    assert (batch.verified_count, batch.rejected_count) == (39, 1)
    unseen = db.session.scalars(db.select(Claim).where(Claim.accepted_unseen)).unique().first()
    for reader in (bond.provider, bond.official, bond.assessor):
        assert "Accepted as claimed" in browse(reader).get_ok(f"/claims/{unseen.id}").text
    assert "accepted as claimed, not drawn" in browse(bond.provider).get_ok(f"/batches/{batch.id}").text


def test_above_tolerance_the_whole_stratum_is_judged_and_the_others_are_not(app):
    bond = make_sampled()
    bad = make_claims(bond, 40)
    good = make_claims(bond, 35, "days")
    docket = make_docket(bond)
    judge_all(docket, bond.assessor, faults=2, effect=bond.effect("work-13w"))
    judge_all(docket, bond.assessor, effect=bond.effect("days"))
    conclude_docket(docket, actor=bond.assessor)
    db.session.refresh(docket)
    assert [one.finding for one in docket.strata] == [Finding.ABOVE, Finding.WITHIN]
    assert docket.state == DocketState.CHECKING
    assert states(good).count(("verified", True)) == 5
    assert states(bad).count(("submitted", False)) == 10, "nothing of it is accepted unseen, nothing extrapolated"
    with pytest.raises(NotNow):
        sign_off(bond.programme, "Too early.", actor=bond.assessor)
    with pytest.raises(NotNow):
        conclude_docket(docket, actor=bond.assessor)

    while (waiting := next_of(bond.programme, bond.assessor)) is not None:
        judge_claim(db.session.get_one(Claim, waiting), PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert docket.state == DocketState.READY
    assert states(bad).count(("verified", False)) == 38
    assert docket.strata[0].faults == 2, "the share of faults stays that of the sample"


def test_a_claim_taken_back_after_the_draw_is_a_fault(app):
    bond = make_sampled()
    make_claims(bond, 40)
    docket = make_docket(bond)
    chosen = drawn_of(docket)
    for claim in chosen[:2]:
        withdraw_proof(claim, actor=bond.provider)
    prove([claim.id for claim in chosen[2:]])
    conclude_docket(docket, actor=bond.assessor)
    assert (docket.strata[0].faults, docket.strata[0].finding) == (2, Finding.ABOVE)


def test_nothing_is_concluded_while_a_drawn_claim_waits(app, browse):
    bond = make_sampled()
    ids = make_claims(bond, 40)
    docket = make_docket(bond)
    prove([claim.id for claim in drawn_of(docket)[1:]])
    assert browse(bond.assessor).post_form(f"/dockets/{docket.id}/conclude").status_code == 409
    assert states(ids).count(("verified", True)) == 0


def test_a_claim_that_was_not_drawn_cannot_be_judged(app, browse):
    bond = make_sampled()
    make_claims(bond, 40)
    docket = make_docket(bond)
    drawn = {claim.id for claim in drawn_of(docket)}
    other = db.session.scalars(db.select(Claim).where(Claim.id.not_in(drawn))).unique().first()
    assert browse(bond.assessor).get(f"/claims/{other.id}/verify").status_code == 409
    with pytest.raises(NotNow, match="was not drawn"):
        judge_claim(other, PROVEN, actor=bond.assessor)
    page = browse(bond.assessor).get_ok(f"/claims/{other.id}/judge")
    assert "was not drawn" in page.text
    assert 'name="decision"' not in page.text


def test_after_the_finding_no_judgement_of_its_effect_changes(app):
    bond = make_sampled()
    make_claims(bond, 40)
    make_claims(bond, 2, "days")
    docket = make_docket(bond)
    judge_all(docket, bond.assessor, effect=bond.effect("work-13w"))
    conclude_docket(docket, actor=bond.assessor)
    with pytest.raises(NotNow):
        judge_claim(drawn_of(docket, bond.effect("work-13w"))[0], NO, actor=bond.assessor)


def test_what_is_handed_in_later_waits_for_the_next_batch(app):
    bond = make_sampled()
    make_claims(bond, 3)
    docket = make_docket(bond)
    late = make_claim(bond)
    with pytest.raises(NotNow):
        judge_claim(late, PROVEN, actor=bond.assessor)
    with pytest.raises(NotNow):
        lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    judge_all(docket, bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    sign_off(bond.programme, "Read.", actor=bond.assessor)
    second = make_docket(bond)
    assert (second.number, [item.claim_id for item in db.session.query(DocketItem).filter_by(docket_id=second.id)]) == (
        2,
        [late.id],
    )


def test_the_agreement_without_a_word_about_it_keeps_the_full_check(app, browse):
    bond = make_delivery()
    claim = make_claim(bond)
    with pytest.raises(NotNow):
        lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    assert browse(bond.assessor).get(f"/programmes/{bond.programme.id}/verification/lock").status_code == 409
    assert browse(bond.assessor).post_form(f"/claims/{claim.id}/verify").status_code == 303
    db.session.refresh(claim)
    assert claim.state == ClaimState.VERIFIED


def test_a_full_check_in_batches_has_no_seed(app):
    bond = make_sampled(sampling=False)
    ids = make_claims(bond, 40)
    docket = make_docket(bond)
    assert (docket.seed, docket.state) == ("", DocketState.CHECKING)
    for id in ids[:2]:
        judge_claim(db.session.get_one(Claim, id), PROVEN, actor=bond.assessor)
    prove(ids[2:])
    conclude_docket(docket, actor=bond.assessor)
    assert docket.strata[0].finding == Finding.WHOLE
    assert states(ids) == [("verified", False)] * 40


def test_an_empty_list_is_not_locked(app):
    bond = make_sampled()
    with pytest.raises(Refused):
        lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    assert db.session.query(Docket).count() == 0


@pytest.mark.parametrize("who", ["provider", "official", "intermediary", "investor", "auditor"])
def test_nobody_but_the_assessor_locks_draws_or_concludes(app, who):
    bond = make_sampled()
    make_claims(bond, 3)
    person = getattr(bond, who)
    with pytest.raises(NotYours):
        lock_docket(bond.programme, actor=person, once=uuid.uuid4())
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    with pytest.raises(NotYours):
        draw_sample(docket, actor=person)
    db.session.refresh(docket)
    assert docket.seed == ""


def test_auditor_and_command_make_the_draw_again(app, browse, tmp_path):
    bond = make_sampled()
    make_claims(bond, 60)
    make_claims(bond, 3, "days")
    docket = make_docket(bond)
    page = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/repeat")
    assert docket.seed in page.text.replace("<wbr>", "")
    assert page.text.count("the same") == 2
    published = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/list.json")
    file = published.get_json()
    whole, small = file["effects"]
    drawn = {claim.id.hex for claim in drawn_of(docket, bond.effect("work-13w"))}
    assert set(draw(file["seed"], [id for id, _ in whole["claims"]], 30)) == drawn
    assert "claims" not in small, "three is a number below five, and nothing was drawn from it"
    codes = db.session.scalars(db.select(Participant.code))
    assert not [code for code in codes if code in published.text]

    runner, saved = app.test_cli_runner(), tmp_path / "list.json"
    saved.write_text(published.text)
    assert runner.invoke(args=["repeat-draw", str(saved)]).exit_code == 0
    for broken in (
        file | {"seed": "0" * 64},
        file | {"effects": [whole | {"claims": whole["claims"][1:]}, small]},
        file | {"effects": [whole | {"drawn": whole["drawn"][1:]}, small]},
        file | {"effects": [whole | {"fingerprint": "0" * 64}, small]},
    ):
        saved.write_text(json.dumps(broken))
        assert runner.invoke(args=["repeat-draw", str(saved)]).exit_code == 1
    for who in (bond.provider, bond.official, bond.intermediary, bond.investor):
        assert browse(who).get(f"/dockets/{docket.id}/list.json").status_code == 403


def test_a_changed_claim_or_draw_shows(app):
    bond = make_sampled()
    make_claims(bond, 40)
    docket = make_docket(bond)
    claim = drawn_of(docket)[0]
    claim.quantity = 2
    db.session.commit()
    assert "its list is not the one that was locked" in "".join(draws_can_be_made_again())
    claim.quantity = 1
    db.session.query(DocketItem).filter_by(docket_id=docket.id, claim_id=claim.id).update({"is_drawn": False})
    db.session.commit()
    assert "its seed draws other claims" in "".join(draws_can_be_made_again())


def test_a_question_left_open_does_not_hold_up_the_batch(app):
    """The provider cannot stop a batch by not answering: what is not shown is not proven."""
    bond = make_sampled()
    make_claims(bond, 1)
    docket = make_docket(bond)
    (claim,) = drawn_of(docket)
    claim.state = ClaimState.QUESTIONED
    db.session.commit()
    judge_claim(claim, NO, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert docket.state == DocketState.READY


def test_the_low_level_steps_ask_for_the_assessor_too(app):
    bond = make_sampled()
    claim = make_claim(bond)
    make_docket(bond)
    for act in (
        lambda: verify_proof(claim, actor=bond.auditor),
        lambda: reject_proof(claim, "double", "x", actor=bond.official),
    ):
        with pytest.raises(NotYours):
            act()
    assert db.session.query(Batch).count() == 0


def test_one_batch_at_a_time(app, browse):
    bond = make_sampled()
    make_claims(bond, 2)
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}/verification"
    assert "Lock a batch (2)" in browser.get_ok(path).text
    make_docket(bond)
    make_claims(bond, 1)
    assert "Lock a batch" not in browser.get_ok(path).text
    assert browser.get(f"{path}/lock").status_code == 409


@pytest.fixture
def on_postgres(postgres_app):
    yield from rolled_back(postgres_app)


@pytest.mark.postgres
def test_a_docket_goes_all_the_way_on_postgresql_too(on_postgres):
    """Lists are filled, drawn from, accepted and signed by statements that both databases must understand."""
    bond = make_sampled()
    ids = make_claims(bond, 40)
    docket = make_docket(bond)
    assert next_of(bond.programme, bond.assessor) is not None
    judge_all(docket, bond.assessor, faults=1)
    conclude_docket(docket, actor=bond.assessor)
    sign_off(bond.programme, "Drawn and read.", actor=bond.assessor)
    assert states(ids).count(("signed_off", True)) == 10
    assert [*draws_can_be_made_again(), *batches_hold_what_was_signed()] == []


def test_a_batch_that_waits_for_answers_says_how_many_since_when_and_until_when(app, browse):
    """Issue 5: an assessor who has nothing left to decide must see why nothing can be signed. 14 days after Sunday
    15 November is Sunday 29 November: it runs to Monday."""
    bond = make_sampled(sampling=False)
    make_claims(bond, 2)
    docket = make_docket(bond)
    first, second = (one.claim for one in db.session.scalars(db.select(DocketItem)))
    judge_claim(first, PROVEN, actor=bond.assessor)
    ask_provider(second, "Which employer is it?", actor=bond.assessor)
    assert "by 30 November 2026" in words_told("claim.question")
    pages = [f"/dockets/{docket.id}", f"/dockets/{docket.id}/conclude", f"/programmes/{bond.programme.id}/sign-off"]
    for page in pages:
        shown = browse(bond.assessor).get_ok(page).text
        assert "Waits for 1 answer of the provider" in shown and "You need not wait longer than that day" in shown
        assert "15 November 2026" in shown and "30 November 2026" in shown
    assert "30 November 2026" in browse(bond.provider).get_ok(f"/claims/{second.id}").text
    assert "Waits for 1 answer" not in browse(bond.provider).get_ok(pages[0]).text
    with clock.at(clock.now() + timedelta(days=16)):
        assert "That day is past" in browse(bond.assessor).get_ok(pages[2]).text
        judge_claim(second, NO, actor=bond.assessor)
    assert "Waits for" not in browse(bond.assessor).get_ok(pages[0]).text
