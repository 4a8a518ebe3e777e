"""Same organisation, former partner, named person: access is cut at once, also afterwards (domain, section 6)."""

import pytest

from app.accounts.operations import remove_member
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.conflict_models import ConflictFinding
from app.evaluation.conflicts import named_in
from app.evaluation.consensus_operations import set_consensus
from app.evaluation.operations import declare_conflict, dismiss_conflict, give_score, name_scorer
from app.evaluation.states import Detected, EvaluationState
from app.extensions import db
from app.people.models import Membership, OrganisationKind, User
from tests.factories.evaluation import SECRET, answer_with, make_tender, marks, only_open, open_plans, score_all
from tests.factories.people import make_organisation, make_user
from tests.told import told


def join(user, organisation):
    db.session.add(Membership(user_id=user.id, organisation_id=organisation.id))
    db.session.commit()
    db.session.expire_all()


def test_nothing_of_a_bidder_is_shown_before_the_declaration_but_names(app, browse):
    tender = make_tender(bidders=1)
    evaluation = only_open(tender)
    plan = tender.opened_of(tender.bidders[0])
    secrets = (SECRET, plan.digest)
    for judge in (tender.scorers[0], tender.openers[0], tender.official):
        page = browse(judge).get_ok(f"/evaluations/{evaluation.id}/declare").text
        assert tender.bidders[0].consortium.name in page
        assert not any(secret in page for secret in secrets)
        for url in (f"/opened/{plan.id}", f"/evaluations/{evaluation.id}/scores"):
            assert browse(judge).get(url).status_code in (403, 404)


def test_joining_a_bidder_after_the_declaration_cuts_access_at_once(app, browse):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = open_plans(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    declare_conflict(evaluation, False, "", actor=scorer)
    browse(scorer).get_ok(f"/opened/{plan.id}")
    join(scorer, tender.bidders[0].consortium.lead)
    assert browse(scorer).get(f"/opened/{plan.id}").status_code == 403
    assert browse(scorer).get(f"/opened/{plan.id}/score").status_code == 403
    with pytest.raises(NotYours):
        give_score(plan, marks(tender.call, 9, 9), actor=scorer)
    assert scorer not in evaluation.active_scorers()


def test_who_left_a_bidder_cannot_declare_it_away(app):
    tender = make_tender(bidders=1)
    evaluation = only_open(tender)
    scorer, lead = tender.scorers[0], tender.bidders[0].consortium.lead
    join(scorer, lead)
    manager = make_user(lead)
    remove_member(lead, scorer, actor=manager)
    db.session.expire_all()
    with pytest.raises(Refused, match="belonged to"):
        declare_conflict(evaluation, False, "", actor=scorer)
    declare_conflict(evaluation, True, "I worked there.", actor=scorer)


def test_an_organisation_that_was_in_a_consortium_for_the_call_does_not_judge(app):
    tender = make_tender(bidders=1)
    evaluation = only_open(tender)
    expert = tender.scorers[0]
    other = make_organisation(OrganisationKind.PROVIDER)
    gone = Consortium(call=tender.call, name="Never handed in", lead=other)
    gone.partners = [Partner(organisation=other, state=PartnerState.ACCEPTED)]
    db.session.add(gone)
    db.session.commit()
    join(expert, other)
    with pytest.raises(Refused, match="was in a consortium"):
        declare_conflict(evaluation, False, "", actor=expert)


def test_a_name_in_a_plan_closes_it_until_another_official_dismisses_a_namesake(app, browse):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = only_open(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    answer_with(plan, approach=f"Led by {scorer.name.upper()}, coach.")
    declare_conflict(evaluation, False, "", actor=scorer)
    finding = db.session.scalars(db.select(ConflictFinding)).one()
    assert (finding.kind, finding.user_id) == (Detected.NAMED_PERSON, scorer.id)
    assert browse(scorer).get(f"/opened/{plan.id}").status_code == 403
    assert {scorer.email, tender.official.email} <= told("conflict.declare")
    with pytest.raises(NotYours):
        dismiss_conflict(finding, "It is not me.", actor=scorer)
    page = browse(tender.official).get_ok(f"/calls/{tender.call.id}/evaluation").text
    assert f"/conflicts/{finding.id}/dismiss" in page
    answer = browse(tender.official).post_form(f"/conflicts/{finding.id}/dismiss", {"reason": "Another birth year."})
    assert answer.status_code == 303
    browse(scorer).get_ok(f"/opened/{plan.id}")
    with pytest.raises(NotNow):
        dismiss_conflict(finding, "Again.", actor=tender.official)


@pytest.mark.parametrize(
    ("text", "hit"),
    [("Led by Jan de  Vries.", True), ("JAN DE VRIES", True), ("Jan de Vriesman", False), ("de Vries, Jan", False)],
)
def test_a_whole_name_is_a_hit_and_a_part_is_not(text, hit):
    assert named_in(text, User(name="Jan de Vries")) is hit


def test_one_word_is_no_name():
    assert not named_in("Robin plants trees", User(name="Robin"))


def test_a_conflict_while_agreeing_sends_back_to_name_another_scorer(app, browse):
    tender = make_tender(bidders=1)
    evaluation = score_all(tender)
    declare_conflict(evaluation, True, "Since today.", actor=tender.scorers[0])
    assert evaluation.state == EvaluationState.SCORING  # two remain
    with pytest.raises(NotNow):
        set_consensus(tender.opened_of(tender.bidders[0]), marks(tender.call, 7, 7), actor=tender.scorers[1])
    name_scorer(evaluation, make_user(), actor=tender.official)


def test_an_official_with_a_conflict_decides_nothing(app, browse):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    declare_conflict(evaluation, True, "My brother leads it.", actor=tender.official)
    for path in ("scores", "name-scorer", "screening"):
        assert browse(tender.official).get(f"/evaluations/{evaluation.id}/{path}").status_code == 403
