"""Two officials open after the deadline, together (art. 2.108 Aanbestedingswet 2012; domain, sections 3.4 and 6)."""

from datetime import timedelta
from itertools import permutations

import pytest

from app.audit.models import AuditEntry
from app.calls.key_models import KeyLayer, Purpose, current_key
from app.calls.key_operations import unlock_opening_key
from app.calls.states import CallState
from app.consortia.states import LotFate
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.proposals import envelope
from app.proposals.content import make_content
from app.proposals.states import ProposalState
from app.sealing import DoesNotOpen, layers
from tests.factories.evaluation import SECRET, declare_conflict, make_bidder, make_tender, open_plans
from tests.factories.keys import passphrase_of
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party


def told(action="proposals.open"):
    return {row.address for row in db.session.scalars(db.select(Notification).where(Notification.action == action))}


def test_two_officials_open_together(app, browse):
    tender = make_tender(bidders=2)
    first, second, third = tender.openers
    url = f"/calls/{tender.call.id}/evaluation/open"

    assert browse(first).post_form(url, {"passphrase": passphrase_of(first)}).status_code == 303
    assert tender.evaluation.state == EvaluationState.SEALED
    assert db.session.scalars(db.select(OpenedProposal)).all() == []  # one pair of eyes opens nothing
    assert told() == {second.email, third.email}

    assert browse(second).post_form(url, {"passphrase": passphrase_of(second)}).status_code == 303
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
    opening = AuditEntry.action != "proposal.submit"
    recorded = db.session.scalars(db.select(AuditEntry.action).where(opening).order_by(AuditEntry.seq)).all()
    assert recorded == ["proposals.open", "proposals.open", "call.close"]


def test_nothing_opens_before_the_deadline(app, browse):
    """Art. 2.108 Aw: no cognisance before the term has passed; one second too early is too early."""
    tender = make_tender(deadline=clock.now() + timedelta(days=1))
    url = f"/calls/{tender.call.id}/evaluation/open"
    assert browse(tender.openers[0]).get(url).status_code == 409
    with clock.at(tender.call.deadline - timedelta(seconds=1)):
        assert browse(tender.openers[0]).get(url).status_code == 409
        with pytest.raises(NotNow):
            consent_to_open(tender.call, passphrase_of(tender.openers[0]), actor=tender.openers[0])
    assert db.session.scalars(db.select(Evaluation)).all() == []
    with clock.at(tender.call.deadline):
        consent_to_open(tender.call, passphrase_of(tender.openers[0]), actor=tender.openers[0])


def test_a_form_kept_open_from_before_a_cancellation_is_too_late(app, browse):
    tender = make_tender()
    opener = browse(tender.openers[0])
    page = opener.get_ok(f"/calls/{tender.call.id}/evaluation/open")
    tender.call.state = CallState.CANCELLED
    db.session.commit()
    answer = opener.submit(page, {"passphrase": passphrase_of(tender.openers[0])})
    assert answer.status_code == 409
    assert "cancelled" in answer.text


def test_nobody_opens_alone(app, browse):
    """Four eyes: the second consent must come from a second person."""
    tender = make_tender()
    first = tender.openers[0]
    consent_to_open(tender.call, passphrase_of(first), actor=first)
    with pytest.raises(NotYours):
        consent_to_open(tender.call, passphrase_of(first), actor=first)
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
        consent_to_open(tender.call, passphrase_of(person), actor=person)
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


def test_a_wrong_passphrase_opens_nothing(app, browse):
    tender = make_tender()
    first, second = tender.openers[:2]
    url = f"/calls/{tender.call.id}/evaluation/open"
    answer = browse(first).post_form(url, {"passphrase": passphrase_of(second)})
    assert answer.status_code == 422
    assert "This passphrase does not open it." in answer.text
    assert db.session.scalars(db.select(Evaluation)).all() == []
    assert not [layer for layer in db.session.scalars(db.select(KeyLayer)) if layer.peeled]


def test_the_first_consent_leaves_seals_that_only_the_others_open(app):
    """What the first official opens stays sealed to the second, for each second there may be."""
    tender = make_tender()
    first, second, third = tender.openers
    consent_to_open(tender.call, passphrase_of(first), actor=first)
    key = current_key(tender.call, Purpose.PLAN)
    peeled = [layer for layer in key.layers if layer.peeled]
    assert {layer.outer.user_id for layer in peeled} == {first.id}
    assert {layer.inner.user_id for layer in peeled} == {second.id, third.id}
    _key, private = unlock_opening_key(tender.call, passphrase_of(first), actor=first)
    for layer in peeled:
        with pytest.raises(DoesNotOpen):
            layers.unwrap(layer.peeled, private, layer.outer_id, layer.inner_id, *key.bound_to)
    discount = current_key(tender.call, Purpose.DISCOUNT)
    assert not [layer for layer in discount.layers if layer.peeled]  # another day, another opening


@pytest.mark.parametrize("pair", permutations(range(3), 2))
def test_any_two_of_the_three_open_in_any_order(app, pair):
    tender = make_tender(bidders=1)
    for number in pair:
        official = tender.openers[number]
        consent_to_open(tender.call, passphrase_of(official), actor=official)
    assert tender.opened_of(tender.bidders[0]).content["answers"]["approach"] == SECRET


def flipped(envelope):
    return envelope[:-1] + bytes([envelope[-1] ^ 1])


def test_a_plan_that_was_changed_stays_closed_and_is_reported(app, browse):
    """A broken seal stops that plan only."""
    tender = make_tender(bidders=2)
    broken, whole = tender.bidders
    broken.proposal.plan = flipped(broken.proposal.plan)
    db.session.commit()
    evaluation = open_plans(tender)
    assert [plan.consortium_id for plan in evaluation.opened] == [whole.consortium.id]
    assert broken.proposal.state == ProposalState.SUBMITTED
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/opening")
    assert broken.consortium.name in page.text.partition("Not opened")[2]
    assert whole.proposal.digest in page.text
    reported = db.session.scalars(
        db.select(Notification).where(
            Notification.address == broken.lead.email, Notification.action == "proposals.open"
        )
    ).one()
    assert "could not be opened" in reported.title
    own, other = (browse(one.lead).get_ok(f"/proposals/{one.proposal.id}").text for one in (broken, whole))
    assert "This plan could not be opened" in own and "This plan could not be opened" not in other
    assert broken.proposal.digest in own and "two of the officials named in the call do" not in own


@pytest.mark.parametrize("how", ["another's envelope", "another plan under another digest", "another digest"])
def test_whoever_writes_in_the_database_cannot_put_another_plan_in_its_place(app, how):
    """Anybody can seal to a public key; but the receipt stands in the trail too."""
    tender = make_tender(bidders=2)
    forged, whole = tender.bidders
    if how == "another's envelope":
        forged.proposal.plan, forged.proposal.digest = whole.proposal.plan, whole.proposal.digest
    else:
        key = current_key(tender.call, Purpose.PLAN)
        plan = make_content({"approach": "Written by somebody else"}, {})
        made = envelope.seal(plan, key, forged.proposal.id)
        forged.proposal.digest = made.digest
        if how == "another plan under another digest":
            forged.proposal.plan = made.envelope
    db.session.commit()
    evaluation = open_plans(tender)
    assert [plan.consortium_id for plan in evaluation.opened] == [whole.consortium.id]


def test_a_broken_layer_stops_nobody_while_another_pair_can_open(app):
    tender = make_tender(bidders=1)
    first, second, third = tender.openers
    key = current_key(tender.call, Purpose.PLAN)
    for layer in key.layers:
        if layer.outer.user_id == first.id and layer.inner.user_id == second.id:
            layer.sealed = flipped(layer.sealed)
    db.session.commit()
    for official in (first, second):
        consent_to_open(tender.call, passphrase_of(official), actor=official)
    assert tender.evaluation.state == EvaluationState.SEALED
    consent_to_open(tender.call, passphrase_of(third), actor=third)
    assert tender.evaluation.state == EvaluationState.SCORING
    assert len(tender.evaluation.opened) == 1


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
    consent_to_open(tender.call, passphrase_of(tender.openers[0]), actor=tender.openers[0])
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


def test_a_plan_for_a_lot_that_was_taken_away_stays_closed(app):
    """Nobody asks for it any more; its consortium heard so while it could hand in anew. It is not called broken."""
    tender = make_tender(bidders=2)
    lost, kept = tender.bidders
    lost.consortium.lot_fate = LotFate.GONE
    db.session.commit()
    open_plans(tender)
    db.session.expire_all()
    assert [plan.consortium_id for plan in tender.evaluation.opened] == [kept.consortium.id]
    assert lost.proposal.state == ProposalState.SUBMITTED
    notices = db.session.scalars(db.select(Notification).where(Notification.action == "proposals.open")).all()
    assert not any(lost.consortium.name in notice.body for notice in notices)
