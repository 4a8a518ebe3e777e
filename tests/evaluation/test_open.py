"""Two officials open after the deadline, together (art. 2.108 Aanbestedingswet 2012; domain, sections 3.4 and 6)."""

from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.proposals.states import ProposalState
from tests.factories.evaluation import SECRET, declare_conflict, make_bidder, make_tender, open_plans
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party


def told(action="proposals.open"):
    return {row.address for row in db.session.scalars(db.select(Notification).where(Notification.action == action))}


def test_two_officials_open_together(app, browse):
    tender = make_tender(bidders=2)
    first, second, third = tender.openers
    url = f"/calls/{tender.call.id}/evaluation/open"

    assert browse(first).post_form(url).status_code == 303
    assert tender.evaluation.state == EvaluationState.SEALED
    assert db.session.scalars(db.select(OpenedProposal)).all() == []  # one pair of eyes opens nothing
    assert told() == {second.email, third.email}

    assert browse(second).post_form(url).status_code == 303
    evaluation = tender.evaluation
    db.session.refresh(evaluation)
    assert evaluation.state == EvaluationState.SCORING
    assert {plan.consortium_id for plan in evaluation.opened} == {bidder.consortium.id for bidder in tender.bidders}
    for bidder in tender.bidders:
        db.session.refresh(bidder.proposal)
        plan = tender.opened_of(bidder)
        assert bidder.proposal.state == ProposalState.OPENED
        assert plan.digest == bidder.proposal.digest
        assert plan.content["answers"]["approach"] == SECRET
    db.session.refresh(tender.call)
    assert tender.call.state == CallState.CLOSED
    bidders = {user.email for bidder in tender.bidders for user in (bidder.lead, bidder.partner)}
    committee = {user.email for user in [*tender.openers, *tender.scorers, tender.official]}
    assert told() == bidders | committee
    recorded = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert recorded == ["proposals.open", "call.close", "proposals.open"]


def test_nothing_opens_before_the_deadline(app, browse):
    """Art. 2.108 Aw: no cognisance before the term has passed; one second too early is too early."""
    tender = make_tender(deadline=clock.now() + timedelta(days=1))
    url = f"/calls/{tender.call.id}/evaluation/open"
    assert browse(tender.openers[0]).get(url).status_code == 409
    with clock.at(tender.call.deadline - timedelta(seconds=1)):
        assert browse(tender.openers[0]).get(url).status_code == 409
        with pytest.raises(NotNow):
            consent_to_open(tender.call, actor=tender.openers[0])
    assert db.session.scalars(db.select(Evaluation)).all() == []
    with clock.at(tender.call.deadline):
        consent_to_open(tender.call, actor=tender.openers[0])


def test_a_form_kept_open_from_before_a_cancellation_is_too_late(app, browse):
    tender = make_tender()
    opener = browse(tender.openers[0])
    page = opener.get_ok(f"/calls/{tender.call.id}/evaluation/open")
    tender.call.state = CallState.CANCELLED
    db.session.commit()
    answer = opener.submit(page)
    assert answer.status_code == 409
    assert "cancelled" in answer.text


def test_nobody_opens_alone(app, browse):
    """Four eyes: the second consent must come from a second person."""
    tender = make_tender()
    first = tender.openers[0]
    consent_to_open(tender.call, actor=first)
    with pytest.raises(NotYours):
        consent_to_open(tender.call, actor=first)
    assert browse(first).get(f"/calls/{tender.call.id}/evaluation/open").status_code == 403
    assert tender.evaluation.state == EvaluationState.SEALED


@pytest.mark.parametrize("who", ["official", "scorer", "bidder", "admin", "auditor", "nobody"])
def test_only_named_officials_open(app, browse, who):
    tender = make_tender()
    auditor = make_user(make_party(tender.call.programme, Part.AUDITOR))
    person = {
        "official": tender.official,
        "scorer": tender.scorers[0],
        "bidder": tender.bidders[0].lead,
        "admin": make_user(is_admin=True),
        "auditor": auditor,
        "nobody": make_user(make_organisation(OrganisationKind.MUNICIPALITY)),
    }[who]
    assert browse(person).get(f"/calls/{tender.call.id}/evaluation/open").status_code == 403
    with pytest.raises(NotYours):
        consent_to_open(tender.call, actor=person)
    assert db.session.scalars(db.select(Evaluation)).all() == []
    assert browse().get(f"/calls/{tender.call.id}/evaluation/open").status_code == 303  # to the sign-in page


def test_a_draft_stays_sealed_for_ever(app):
    """What was never handed in, or was withdrawn, is nobody's to read."""
    tender = make_tender(bidders=1)
    draft = make_bidder(tender.call, state=ProposalState.DRAFT)
    withdrawn = make_bidder(tender.call, state=ProposalState.WITHDRAWN)
    evaluation = open_plans(tender)
    assert [plan.consortium_id for plan in evaluation.opened] == [tender.bidders[0].consortium.id]
    assert (draft.proposal.state, withdrawn.proposal.state) == (ProposalState.DRAFT, ProposalState.WITHDRAWN)


def test_a_plan_that_was_changed_stays_closed_and_is_reported(app, browse):
    """A broken digest stops that plan only."""
    tender = make_tender(bidders=2)
    broken, whole = tender.bidders
    broken.proposal.sealed = broken.proposal.sealed[:-1] + bytes([broken.proposal.sealed[-1] ^ 1])
    db.session.commit()
    evaluation = open_plans(tender)
    assert [plan.consortium_id for plan in evaluation.opened] == [whole.consortium.id]
    assert broken.proposal.state == ProposalState.SUBMITTED
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/opening")
    assert broken.consortium.name in page.text.partition("Not opened")[2]
    assert whole.proposal.digest in page.text
    reported = db.session.scalars(db.select(Notification).where(Notification.address == broken.lead.email)).one()
    assert "could not be opened" in reported.title


def test_the_opening_record_names_who_when_and_what(app, browse):
    tender = make_tender(bidders=2)
    evaluation = open_plans(tender)
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/opening")
    for opener in tender.openers[:2]:
        assert opener.name in page.text
    for bidder in tender.bidders:
        assert bidder.proposal.digest in page.text
        assert bidder.consortium.name in page.text
    assert SECRET not in page.text


def test_nothing_is_recorded_before_the_opening(app, browse):
    tender = make_tender()
    consent_to_open(tender.call, actor=tender.openers[0])
    assert browse(tender.official).get(f"/evaluations/{tender.evaluation.id}/opening").status_code == 409


def test_only_the_committee_and_the_auditor_read_a_plan(app, browse):
    tender = make_tender(bidders=2)
    evaluation = open_plans(tender)
    auditor = make_user(make_party(tender.call.programme, Part.AUDITOR))
    declare_conflict(evaluation, False, "", actor=tender.scorers[0])
    url = f"/opened/{tender.opened_of(tender.bidders[0]).id}"
    for reader in (tender.openers[0], tender.scorers[0], auditor):
        assert SECRET in browse(reader).get_ok(url).text
    for outsider in (tender.official, tender.bidders[1].lead, tender.bidders[0].lead, make_user(is_admin=True)):
        assert browse(outsider).get(url).status_code == 404
    assert browse(tender.scorers[1]).get(url).status_code == 403  # has not declared
