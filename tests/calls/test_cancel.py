"""A call may end without an award; the reason is given to all."""

from datetime import timedelta

import pytest

from app.calls.operations import cancel_call
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow
from app.core.format import moment
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.submit_operations import submit_proposal
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.evaluation import award, decide, make_tender
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal


def test_followers_hear_why_and_nothing_can_be_handed_in(app, browse):
    lead = make_provider()
    bidder = make_user(lead)
    proposal = make_proposal(make_consortium(lead=lead))
    call = proposal.call
    official = make_user(call.programme.lead)

    assert browse(official).post_form(f"/calls/{call.id}/cancel", {"reason": ""}).status_code == 422
    assert browse(official).post_form(f"/calls/{call.id}/cancel", {"reason": "No budget."}).status_code == 303

    db.session.refresh(call)
    assert call.state == CallState.CANCELLED
    told = db.session.scalars(db.select(Notification).where(Notification.action == "call.cancel")).all()
    assert {bidder.email, official.email} <= {notice.address for notice in told}
    assert all("No budget." in notice.body for notice in told)
    page = browse().get_ok(f"/calls/{call.id}").text
    assert "No budget." in page
    assert f"This call was cancelled on {moment(call.cancelled_at)}" in page
    assert timedelta(0) <= clock.now() - call.cancelled_at < timedelta(minutes=5)
    with pytest.raises(NotNow):
        submit_proposal(proposal, passphrase_of(proposal), actor=bidder)


def test_a_cancelled_call_is_not_cancelled_again(app):
    call = make_call()
    official = make_user(call.programme.lead)
    cancel_call(call, "No budget.", actor=official)
    with pytest.raises(NotNow):
        cancel_call(call, "Again.", actor=official)


def test_others_do_not_cancel(app, browse):
    assert browse(make_user(make_provider())).get(f"/calls/{make_call().id}/cancel").status_code == 403


def test_a_draft_is_cancelled_and_never_becomes_public(app, browse):
    """It makes room for the next one; what nobody has read stays unread."""
    call = make_call(state=CallState.DRAFT)
    official, stranger = make_user(call.programme.lead), browse(make_user(make_provider()))
    assert browse(official).post_form(f"/calls/{call.id}/cancel", {"reason": "Written anew."}).status_code == 303
    assert stranger.get(f"/calls/{call.id}").status_code == 404
    assert call.title not in stranger.get_ok("/calls/").text
    assert call.title not in stranger.get_ok("/calls/?state=closed").text
    told = set(db.session.scalars(db.select(Notification.address)))
    assert told == {user.email for user in call.programme.lead.people()}


def test_also_after_opening_until_the_final_award(app):
    evaluation = decide(make_tender())
    call = evaluation.call
    cancel_call(call, "The council withdrew the money.", actor=make_user(call.programme.lead))
    assert call.state == CallState.CANCELLED
    final = award(make_tender()).call
    with pytest.raises(NotNow):
        cancel_call(final, "Too late.", actor=make_user(final.programme.lead))
