"""No scoring with a conflict of interest; at least three scorers without one (domain, sections 2 and 6)."""

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.calls.models import CommitteeMember, Duty
from app.consortia.models import Partner
from app.consortia.states import PartnerState
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.conflict_models import ConflictDeclaration
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.operations import declare_conflict, give_score, lock_scores, name_scorer
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.evaluation import make_tender, marks, open_plans
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user
from tests.factories.programmes import make_party


def test_a_scorer_declares_before_reading(app, browse):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    assert browse(scorer).get(f"/opened/{plan.id}").status_code == 403
    assert browse(scorer).get(f"/opened/{plan.id}/score").status_code == 403
    with pytest.raises(NotYours):
        give_score(plan, marks(tender.call, 5, 5), actor=scorer)

    page = browse(scorer).get_ok(f"/evaluations/{evaluation.id}/declare")
    assert tender.bidders[0].consortium.name in page.text  # a conflict cannot be judged without the names
    answer = browse(scorer).post_form(f"/evaluations/{evaluation.id}/declare", {"has_conflict": "none"})

    assert answer.status_code == 303
    declared = db.session.scalars(db.select(ConflictDeclaration).filter_by(user_id=scorer.id)).one()
    assert (declared.user_id, declared.has_conflict) == (scorer.id, False)
    browse(scorer).get_ok(f"/opened/{plan.id}")
    browse(scorer).get_ok(f"/opened/{plan.id}/score")


def test_a_scorer_with_a_conflict_is_out(app, browse):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = open_plans(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    why = "My sister leads this organisation."
    answer = browse(scorer).post_form(
        f"/evaluations/{evaluation.id}/declare", {"has_conflict": "conflict", "explanation": why}
    )
    assert answer.status_code == 303
    for url in (f"/opened/{plan.id}", f"/opened/{plan.id}/score", f"/evaluations/{evaluation.id}/lock"):
        assert browse(scorer).get(url).status_code == 403
    with pytest.raises(NotYours):
        give_score(plan, marks(tender.call, 5, 5), actor=scorer)
    told = db.session.scalars(db.select(Notification).where(Notification.action == "conflict.declare")).all()
    assert tender.official.email in {notice.address for notice in told}
    assert all(why not in notice.body for notice in told)
    assert why in browse(tender.official).get_ok(f"/calls/{tender.call.id}/evaluation").text
    assert why not in browse(tender.scorers[1]).get_ok(f"/calls/{tender.call.id}/evaluation").text
    facts = db.session.scalars(db.select(AuditFacts).join(AuditEntry).where(AuditEntry.action == "conflict.declare"))
    assert {"has_conflict": True} in [row.body for row in facts]
    assert all(set(row.body) == {"has_conflict"} for row in facts)  # no text about a person in the trail


def test_a_conflict_found_later_takes_the_scores_away_at_once(app, browse):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = open_plans(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    declare_conflict(evaluation, False, "", actor=scorer)
    give_score(plan, marks(tender.call, 10, 10), actor=scorer)
    declare_conflict(evaluation, True, "A partner asked me for a job.", actor=scorer)
    assert browse(scorer).get(f"/opened/{plan.id}").status_code == 403
    with pytest.raises(NotNow):
        declare_conflict(evaluation, False, "", actor=scorer)  # never the other way round
    assert scorer not in evaluation.active_scorers()


def test_a_conflict_needs_words(app, browse):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    answer = browse(tender.scorers[0]).post_form(f"/evaluations/{evaluation.id}/declare", {"has_conflict": "conflict"})
    assert answer.status_code == 422
    assert "Say what the conflict of interest is." in answer.text
    answer = browse(tender.scorers[0]).post_form(f"/evaluations/{evaluation.id}/declare", {"explanation": "Words kept"})
    assert answer.status_code == 422
    assert "Words kept" in answer.text
    mine = db.select(ConflictDeclaration).filter_by(user_id=tender.scorers[0].id)
    assert db.session.scalars(mine).all() == []


def test_the_portal_knows_who_works_for_a_bidder(app):
    """Same organisation: a declaration of no conflict is refused."""
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    scorer, bidder = tender.scorers[0], tender.bidders[0].consortium
    partner = db.session.scalars(
        db.select(Partner).filter_by(consortium_id=bidder.id, state=PartnerState.ACCEPTED)
    ).first()
    db.session.add(Membership(user_id=scorer.id, organisation_id=partner.organisation_id))
    db.session.commit()
    with pytest.raises(Refused) as refused:
        declare_conflict(evaluation, False, "", actor=scorer)
    assert refused.value.field == "has_conflict"
    declare_conflict(evaluation, True, "I work there.", actor=scorer)


def test_two_remaining_scorers_are_not_enough(app, browse):
    """Fewer than three: consensus is not reached and the page says what must happen."""
    tender = make_tender(bidders=1, scorers=3)
    evaluation = open_plans(tender)
    plan = tender.opened_of(tender.bidders[0])
    out, *remaining = tender.scorers
    declare_conflict(evaluation, True, "Friends.", actor=out)
    told = db.session.scalars(db.select(Notification).where(Notification.action == "conflict.declare")).first()
    assert "name another one" in told.body
    for scorer in remaining:
        declare_conflict(evaluation, False, "", actor=scorer)
        give_score(plan, marks(tender.call, 7, 7), actor=scorer)
        lock_scores(evaluation, actor=scorer)
    assert evaluation.state == EvaluationState.SCORING
    assert "at least 3 are needed" in browse(tender.official).get_ok(f"/calls/{tender.call.id}/evaluation").text

    fresh = make_user(tender.call.programme.lead)
    answer = browse(tender.official).post_form(f"/evaluations/{evaluation.id}/name-scorer", {"person": fresh.id})
    assert answer.status_code == 303
    found = db.select(CommitteeMember).filter_by(call_id=tender.call.id, user_id=fresh.id, duty=Duty.SCORER)
    assert db.session.scalars(found).one()
    named = db.session.scalars(db.select(Notification).where(Notification.action == "scorer.name")).one()
    assert named.address == fresh.email
    db.session.refresh(tender.call)
    declare_conflict(evaluation, False, "", actor=fresh)
    give_score(plan, marks(tender.call, 7, 7), actor=fresh)
    lock_scores(evaluation, actor=fresh)
    assert evaluation.state == EvaluationState.CONSENSUS


def test_only_the_leading_official_names_and_never_a_bidder(app, browse):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    assert browse(tender.scorers[0]).get(f"/evaluations/{evaluation.id}/name-scorer").status_code == 403
    with pytest.raises(NotYours):
        name_scorer(evaluation, make_user(), actor=tender.scorers[0])
    with pytest.raises(Refused):
        name_scorer(evaluation, tender.bidders[0].partner, actor=tender.official)
    with pytest.raises(Refused):
        name_scorer(evaluation, tender.scorers[0], actor=tender.official)


@pytest.mark.parametrize("part", [Part.ASSESSOR, Part.AUDITOR, Part.INVESTOR, Part.INTERMEDIARY])
def test_who_checks_or_gains_afterwards_does_not_score(app, part, browse):
    """Independence (domain, section 2): not when named, and not when the hat came after the name."""
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    party = make_party(tender.call.programme, part)
    tied, scorer = make_user(party), tender.scorers[0]
    with pytest.raises(Refused, match="opens or scores the plans"):
        name_scorer(evaluation, tied, actor=tender.official)
    offered = soup(browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/name-scorer")).select("option")
    assert str(tied.id) not in {option["value"] for option in offered}
    db.session.add(Membership(user=scorer, organisation=party))
    db.session.commit()
    with pytest.raises(Refused, match="opens or scores the plans") as refused:
        declare_conflict(evaluation, False, "", actor=scorer)
    assert refused.value.field == "has_conflict"
    declare_conflict(evaluation, True, "I work for a party.", actor=scorer)
    assert scorer not in evaluation.active_scorers()


def test_no_declaration_while_sealed(app, browse):
    tender = make_tender()
    evaluation = consent_to_open(tender.call, passphrase_of(tender.openers[0]), actor=tender.openers[0])
    assert browse(tender.scorers[0]).get(f"/evaluations/{evaluation.id}/declare").status_code == 409
    with pytest.raises(NotNow):
        declare_conflict(evaluation, False, "", actor=tender.scorers[0])


def test_the_way_to_declare_a_conflict_stays_until_all_have_locked(app, browse):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = open_plans(tender)
    scorer = tender.scorers[0]
    home, way = f"/calls/{tender.call.id}/evaluation", f"/evaluations/{evaluation.id}/declare"
    declare_conflict(evaluation, False, "", actor=scorer)
    assert way in browse(scorer).get_ok(home).text
    choice = {"has_conflict": "conflict", "explanation": "Since yesterday."}
    assert browse(scorer).post_form(way, choice).status_code == 303
    assert way not in browse(scorer).get(home).text
