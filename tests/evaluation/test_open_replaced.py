"""An official left, or lost the passphrase, after plans were handed in (issue: defined and tried)."""

from datetime import timedelta

import pytest

from app.calls.key_models import Purpose, current_key
from app.calls.key_operations import make_opening_key
from app.calls.states import Leaving
from app.core import clock
from app.core.errors import NotNow, Refused
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.states import ProposalState
from app.proposals.submit_operations import is_outdated, officials_left, reseal_proposal
from tests.factories.calls import make_provider
from tests.factories.evaluation import SECRET, make_bidder, make_tender
from tests.factories.keys import passphrase_of, replace_by_two
from tests.factories.people import make_user


@pytest.fixture
def tender(app):
    """One plan handed in; then the first of the three officials is replaced, and another plan is handed in."""
    tender = make_tender(bidders=1)
    replace(tender, 0)
    tender.bidders.append(make_bidder(tender.call))
    return tender


def replace(tender, number, warned=False):
    """The new official stands where the earlier one stood."""
    newcomer = make_user(tender.call.programme.lead)
    replace_by_two(tender.call, tender.openers[number], newcomer, Leaving.LEFT, warned=warned)
    make_opening_key(tender.call, passphrase_of(newcomer), actor=newcomer)
    tender.openers[number] = newcomer


def consent(tender, *numbers):
    for number in numbers:
        official = tender.openers[number]
        consent_to_open(tender.call, passphrase_of(official), actor=official)


def texts(tender):
    return {plan.consortium_id: plan.content["answers"]["approach"] for plan in tender.evaluation.opened}


def test_two_of_the_earlier_officials_still_open_both(tender):
    consent(tender, 1, 2)
    assert tender.evaluation.state == EvaluationState.SCORING
    assert texts(tender) == {bidder.consortium.id: SECRET for bidder in tender.bidders}


def test_with_the_new_official_the_earlier_plan_waits_for_one_more(tender):
    before, after = tender.bidders
    consent(tender, 0, 1)
    assert tender.evaluation.state == EvaluationState.SEALED
    assert texts(tender) == {after.consortium.id: SECRET}
    assert before.proposal.state == ProposalState.SUBMITTED
    told = db.session.scalars(db.select(Notification.title).filter_by(address=tender.openers[2].email))
    assert [title for title in told if "wait for another official" in title]
    consent(tender, 2)
    assert tender.evaluation.state == EvaluationState.SCORING
    assert len(texts(tender)) == 2


def test_sealed_anew_it_opens_with_any_two(tender, browse):
    """The same plan, time and receipt."""
    bidder = tender.bidders[0]
    proposal, receipt = bidder.proposal, (bidder.proposal.digest, bidder.proposal.discount_digest)
    handed_in = proposal.submitted_at
    assert is_outdated(proposal)
    lead = browse(bidder.lead)
    assert "Seal the plan anew" in lead.get_ok(f"/proposals/{proposal.id}").text
    typed = {"passphrase": passphrase_of(proposal)}
    assert lead.post_form(f"/proposals/{proposal.id}/reseal", typed).status_code == 303
    db.session.refresh(proposal)
    assert (proposal.digest, proposal.discount_digest) == receipt
    assert (proposal.submitted_at, proposal.generation) == (handed_in, 2)
    assert "Seal the plan anew" not in lead.get_ok(f"/proposals/{proposal.id}").text
    consent(tender, 0, 1)
    assert len(texts(tender)) == 2


def test_when_fewer_than_two_are_left_that_plan_alone_is_lost_and_reported(tender, browse):
    replace(tender, 1, warned=True)
    before, after = tender.bidders
    assert (officials_left(before.proposal), officials_left(after.proposal)) == (1, 2)
    assert "will not open" in browse(before.lead).get_ok(f"/proposals/{before.proposal.id}").text
    for bidder, warned in ((before, True), (after, False)):
        assert ("will not open" in browse(bidder.lead).get_ok("/home").text) is warned
    reseal_proposal(after.proposal, passphrase_of(after.proposal), actor=after.lead)
    consent(tender, 0, 1)
    evaluation = tender.evaluation
    assert evaluation.state == EvaluationState.SCORING
    assert texts(tender) == {after.consortium.id: SECRET}
    assert before.consortium.name in browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/opening").text


def test_a_wrong_passphrase_reseals_nothing(tender):
    bidder = tender.bidders[0]
    sealed = bidder.proposal.plan
    with pytest.raises(Refused):
        reseal_proposal(bidder.proposal, passphrase_of(bidder.lead), actor=bidder.lead)
    assert (bidder.proposal.plan, bidder.proposal.generation) == (sealed, 1)


def test_not_a_word_can_change_by_sealing_anew(tender):
    """Another copy in the row, with a passphrase that opens it, is refused: its digest is not that of the receipt."""
    mine = tender.bidders[0]
    mine.proposal.digest = "0" * 64
    db.session.commit()
    with pytest.raises(NotNow, match="receipt"):
        reseal_proposal(mine.proposal, passphrase_of(mine.proposal), actor=mine.lead)


def test_who_and_when(tender, browse):
    bidder, other = tender.bidders
    url = f"/proposals/{bidder.proposal.id}/reseal"
    assert browse(bidder.partner).get(url).status_code == 403
    for outsider in (other.lead, tender.official, make_user(is_admin=True), make_user(make_provider())):
        assert browse(outsider).get(url).status_code == 404
    with pytest.raises(NotNow, match="of today already"):
        reseal_proposal(other.proposal, passphrase_of(other.proposal), actor=other.lead)
    consent(tender, 1, 2)
    assert browse(bidder.lead).get(url).status_code == 409


def test_a_lost_passphrase_of_an_official_stops_nobody(app):
    """Two of three are enough, without any replacement."""
    tender = make_tender(bidders=2)
    consent(tender, 0, 2)
    assert len(texts(tender)) == 2


def test_the_retired_official_can_neither_open_nor_be_forgotten_about(app, browse):
    tender = make_tender(bidders=1)
    retired = tender.openers[0]
    replace_by_two(tender.call, retired, retired, Leaving.LOST)
    page = browse(retired).get_ok(f"/calls/{tender.call.id}/evaluation/open")
    assert f"/calls/{tender.call.id}/opening-key" in page.text
    with pytest.raises(NotNow):
        consent_to_open(tender.call, passphrase_of(retired), actor=retired)
    assert current_key(tender.call, Purpose.PLAN).generation == 1
    with clock.at(tender.call.deadline + timedelta(hours=5)):
        consent(tender, 1, 2)
    assert len(texts(tender)) == 1
