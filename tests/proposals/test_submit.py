"""Confirmed by each partner, handed in by the lead, in time to the second; a receipt for everyone (domain 3.4)."""

from datetime import timedelta

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.calls.operations import close_call
from app.consortia import vault
from app.consortia.operations import accept_invitation, leave_consortium
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.operations import confirm_proposal
from app.proposals.states import ProposalState
from app.proposals.submit_operations import read_own_copy, submit_proposal, withdraw_proposal
from tests.browser import soup
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium, make_parts
from tests.factories.keys import passphrase_of, type_back
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.proposals import SECRET_WORDS, make_plan, make_proposal, write_answer, write_plan


@pytest.fixture
def consortium(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_consortium(lead=lead, partners=[partner])


@pytest.fixture
def proposal(consortium):
    return make_proposal(consortium)


def people(consortium):
    return [partner.organisation.people()[0] for partner in consortium.taking_part]


def test_each_confirms_the_lead_hands_in_and_all_get_the_receipt(consortium, browse):
    lead, partner = people(consortium)
    proposal = make_proposal(consortium, confirmed=False)
    for person in (partner, lead):
        assert browse(person).post_form(f"/proposals/{proposal.id}/confirm").status_code == 303
    with clock.at(moment := consortium.call.deadline - timedelta(seconds=1)):
        answer, _words = type_back(browse(lead), f"/proposals/{proposal.id}/submit")
        page = browse(lead).follow(answer)
    db.session.refresh(proposal)
    assert (proposal.state, proposal.submitted_at) == (ProposalState.SUBMITTED, moment)
    db.session.refresh(consortium)
    assert consortium.state == ConsortiumState.SUBMITTED
    assert proposal.digest in page.text
    assert f"{moment.astimezone(clock.LOCAL):%H:%M:%S}" in page.text
    receipts = db.session.scalars(db.select(Notification).filter_by(action="proposal.submit")).all()
    assert {notice.address for notice in receipts} == {lead.email, partner.email}
    for notice in receipts:
        assert proposal.digest in notice.body
        assert f"{moment.astimezone(clock.LOCAL):%H:%M:%S}" in notice.body


def test_nothing_of_the_contents_reaches_trail_notice_or_log(consortium, browse, capfd):
    lead, _ = people(consortium)
    words = {"approach": SECRET_WORDS, "team": "T.", "planning": "P.", "risks": "R."}
    for key, text in words.items():
        browse(lead).post_form(f"/consortia/{consortium.id}/proposal/{key}", {"answer": text})
    make_parts(consortium)
    browse(lead).post_form(f"/consortia/{consortium.id}/proposal/volumes", {"volume-work-13w": "12"})
    proposal_id = db.session.scalar(db.select(AuditEntry.subject_id))
    for person in people(consortium):
        browse(person).post_form(f"/proposals/{proposal_id}/confirm")
    answer, passphrase = type_back(browse(lead), f"/proposals/{proposal_id}/submit")
    assert answer.status_code == 303
    read = browse(lead).post_form(f"/proposals/{proposal_id}/read", {"passphrase": passphrase})
    assert SECRET_WORDS in read.text
    browse(lead).post_form(f"/proposals/{proposal_id}/withdraw", {"passphrase": passphrase})
    facts = db.session.scalars(db.select(AuditFacts.body)).all()
    notices = [n.title + n.body for n in db.session.scalars(db.select(Notification))]
    assert len(facts) == 9  # five pieces, two confirmations, the handing in and the withdrawal
    assert len(notices) == 5  # the lead is told of the last confirmation; both of the receipt and the withdrawal
    logged = "".join(capfd.readouterr())
    for told in (*map(str, facts), *notices, logged):
        assert "mentors" not in told
        assert "work-13w" not in told
        assert passphrase not in told


def test_to_the_second(proposal):
    lead, _ = people(proposal.consortium)
    with clock.at(proposal.call.deadline), pytest.raises(NotNow):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    assert proposal.state == ProposalState.DRAFT
    with clock.at(proposal.call.deadline - timedelta(microseconds=1)):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    with clock.at(proposal.call.deadline), pytest.raises(NotNow):
        withdraw_proposal(proposal, passphrase_of(proposal), actor=lead)


def test_a_rectified_deadline_counts_at_once(proposal):
    lead, _ = people(proposal.consortium)
    passed = proposal.call.deadline
    proposal.call.deadline = passed + timedelta(hours=1)
    db.session.commit()
    with clock.at(passed):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    assert proposal.state == ProposalState.SUBMITTED


def test_without_every_confirmation_it_is_not_handed_in(consortium, browse):
    lead, partner = people(consortium)
    proposal = make_proposal(consortium, confirmed=False)
    confirm_proposal(proposal, actor=lead)
    answer = browse(lead).get(f"/proposals/{proposal.id}/submit")
    assert answer.status_code == 409
    assert "Partner has not confirmed this text." in answer.text
    with pytest.raises(Refused, match="Partner has not confirmed"):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    confirm_proposal(proposal, actor=partner)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)


def test_a_partner_that_joins_leaves_or_changes_its_part_voids_the_confirmations(proposal):
    consortium = proposal.consortium
    lead, partner = people(consortium)
    newcomer = make_user(organisation := make_provider("Newcomer"))
    add_partner(consortium, organisation)
    accept_invitation(consortium, "Housing.", actor=newcomer)
    assert proposal.confirmed_by() == {}
    with pytest.raises(NotNow, match="declarations"):
        confirm_proposal(proposal, actor=newcomer)
    make_parts(consortium)
    for person in (lead, partner, newcomer):
        confirm_proposal(proposal, actor=person)
    assert len(proposal.confirmed_by()) == 3
    leave_consortium(consortium, actor=newcomer)
    assert proposal.confirmed_by() == {}
    with pytest.raises(Refused):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)


def test_an_unvetted_organisation_may_write_but_not_hand_in(consortium):
    consortium.partners[1].organisation.vetted_at = None
    db.session.commit()
    proposal = make_proposal(consortium)
    lead, _ = people(consortium)
    with pytest.raises(Refused, match="Partner is not vetted"):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    consortium.partners[1].organisation.vetted_at = clock.now()
    db.session.commit()
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)


@pytest.mark.parametrize("lacking", ["answer", "volume", "cap"])
def test_an_incomplete_or_too_dear_plan_is_refused(consortium, lacking):
    lead, _ = people(consortium)
    if lacking == "cap":  # 12 x 2,500.00 is one cent more
        consortium.call.rectifying = True
        db.session.commit()
        consortium.call.table = make_table(consortium.call.programme, cap_contract_minor=2_999_999)
        db.session.commit()
    volume = 0 if lacking == "volume" else 12
    plan = make_plan(consortium, volume, **({"team": ""} if lacking == "answer" else {}))
    proposal = make_proposal(consortium, content=plan)
    with pytest.raises(Refused):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    assert (proposal.state, consortium.state) == (ProposalState.DRAFT, ConsortiumState.FORMING)


def test_only_the_lead_hands_in_and_withdraws(proposal, browse):
    lead, partner = people(proposal.consortium)
    assert browse(partner).get(f"/proposals/{proposal.id}/submit").status_code == 403
    with pytest.raises(NotYours):
        submit_proposal(proposal, passphrase_of(proposal), actor=partner)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    assert browse(partner).get(f"/proposals/{proposal.id}/withdraw").status_code == 403


def test_what_changed_between_reading_and_confirming_is_not_confirmed(consortium, browse):
    lead, partner = people(consortium)
    proposal = make_proposal(consortium, confirmed=False)
    reader = browse(partner)
    page = reader.get_ok(f"/proposals/{proposal.id}/confirm")
    write_plan(consortium, make_plan(consortium, 30), actor=lead)
    late = reader.submit(page)
    assert late.status_code == 409
    db.session.refresh(proposal)
    assert proposal.confirmed_by() == {}
    assert "changed since you opened this page" in late.text
    assert not soup(late).select("main form, main button")  # read it again, not press again
    assert reader.click(late, "Go back").request.path == f"/proposals/{proposal.id}"
    with pytest.raises(Refused):
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)


def test_withdrawn_it_is_a_draft_that_may_change_and_come_again(proposal, browse):
    lead, partner = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    url = f"/consortia/{proposal.consortium_id}/proposal"
    assert browse(lead).get(url).status_code == 409
    typed = {"passphrase": passphrase_of(proposal)}
    assert browse(lead).post_form(f"/proposals/{proposal.id}/withdraw", typed).status_code == 303
    db.session.refresh(proposal)
    assert (proposal.state, proposal.submitted_at) == (ProposalState.DRAFT, None)
    told = set(db.session.scalars(db.select(Notification.address).filter_by(action="proposal.withdraw")))
    assert told == {lead.email, partner.email}
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)  # nothing changed, so what was confirmed still holds
    assert proposal.state == ProposalState.SUBMITTED


def test_the_page_shows_the_receipt_and_not_a_word_of_the_plan(proposal, browse):
    """The portal cannot: what it held was destroyed."""
    lead, partner = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    for person in (lead, partner):
        page = browse(person).get_ok(f"/proposals/{proposal.id}")
        assert SECRET_WORDS not in page.text
        assert proposal.digest in page.text and proposal.discount_digest in page.text


def test_the_own_copy_opens_with_the_passphrase_and_with_no_other(proposal, browse):
    lead, partner = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    url = f"/proposals/{proposal.id}/read"
    page = browse(partner).post_form(url, {"passphrase": passphrase_of(proposal).lower()})
    assert page.status_code == 200
    assert SECRET_WORDS in page.text
    wrong = browse(partner).post_form(url, {"passphrase": passphrase_of(lead)})
    assert wrong.status_code == 422
    assert "This passphrase does not open it." in wrong.text
    assert SECRET_WORDS not in wrong.text
    for outsider in (
        make_user(make_provider("Rival")),
        make_user(is_admin=True),
        make_user(proposal.call.programme.lead),
    ):
        assert browse(outsider).get(url).status_code == 404


def test_nothing_to_read_before_it_is_handed_in(proposal, browse):
    lead, _ = people(proposal.consortium)
    assert browse(lead).get(f"/proposals/{proposal.id}/read").status_code == 409


def test_a_lost_passphrase_the_plan_takes_part_and_can_be_withdrawn_without_its_text(proposal, browse):
    lead, partner = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    url = f"/proposals/{proposal.id}/withdraw"
    assert browse(lead).post_form(url).status_code == 422  # neither given nor said to be lost
    assert browse(lead).post_form(url, {"lost": True}).status_code == 422  # nor that the text may be erased
    db.session.expire_all()
    assert proposal.state == ProposalState.SUBMITTED
    reader = browse(lead)
    assert reader.post_form(url, {"lost": True, "erased": True}).status_code == 303
    assert "whole text is erased" in reader.get_ok(f"/proposals/{proposal.id}").text
    db.session.expire_all()
    assert proposal.state == ProposalState.DRAFT
    assert (proposal.plan, proposal.discount, proposal.own_copy, proposal.digest) == (b"", b"", b"", "")
    assert vault.read(proposal.consortium, "answer:approach") is None
    assert proposal.confirmed_by() == {}
    told = db.session.scalars(db.select(Notification.body).filter_by(action="proposal.withdraw", address=partner.email))
    assert "its text is gone" in told.one()
    write_plan(proposal.consortium, make_plan(proposal.consortium), actor=lead)  # starts anew
    for person in (lead, partner):
        confirm_proposal(proposal, actor=person)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    assert proposal.state == ProposalState.SUBMITTED


@pytest.mark.parametrize("boxes", [{"lost": True}, {"lost": True, "erased": True}, {"erased": True}])
def test_the_right_passphrase_and_the_word_that_it_is_lost_contradict_each_other(proposal, browse, boxes):
    """Nothing is withdrawn, let alone erased, while it is not clear what is meant."""
    lead, _ = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    typed = {"passphrase": passphrase_of(proposal)} | boxes
    assert browse(lead).post_form(f"/proposals/{proposal.id}/withdraw", typed).status_code == 422
    db.session.expire_all()
    assert proposal.state == ProposalState.SUBMITTED
    slots = read_own_copy(proposal, passphrase_of(proposal), reader=lead)["slots"]
    assert slots["answer:approach"]


def test_withdrawn_with_a_wrong_passphrase_it_stays_handed_in(proposal, browse):
    lead, _ = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    answer = browse(lead).post_form(f"/proposals/{proposal.id}/withdraw", {"passphrase": passphrase_of(lead)})
    assert answer.status_code == 422
    db.session.refresh(proposal)
    assert proposal.state == ProposalState.SUBMITTED


def test_who_waited_for_a_turn_is_judged_by_when_it_came_in(proposal, monkeypatch):
    """The worker closed the call meanwhile; the clock that counts was read before."""
    lead, _ = people(proposal.consortium)
    deadline = proposal.call.deadline
    monkeypatch.setattr(clock, "database_now", lambda: deadline - timedelta(seconds=1))
    with clock.at(deadline + timedelta(seconds=9)):
        close_call(proposal.call)
        submit_proposal(proposal, passphrase_of(proposal), actor=lead)
        assert (proposal.state, proposal.submitted_at) == (ProposalState.SUBMITTED, deadline - timedelta(seconds=1))


def test_two_handings_in_of_one_plan_are_one(proposal):
    """Not the second one's passphrase: it would open nothing."""
    lead, _ = people(proposal.consortium)
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    with pytest.raises(NotNow):
        submit_proposal(proposal, passphrase_of(lead), actor=lead)
    assert read_own_copy(proposal, passphrase_of(proposal), reader=lead)["plan"]["answers"]["approach"] == SECRET_WORDS


def test_a_double_click_is_one_receipt_and_one_passphrase(proposal, browse):
    lead, _ = people(proposal.consortium)
    reader = browse(lead)
    page = reader.get_ok(f"/proposals/{proposal.id}/submit")
    words = soup(page).select_one("#passphrase-shown").text
    first, second = (reader.submit(page, {"passphrase": words}) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    count = db.select(db.func.count(Notification.id)).filter_by(action="proposal.submit")
    assert db.session.scalar(count) == 2  # one for each of the two people
    db.session.expire_all()
    assert read_own_copy(proposal, words, reader=lead)


def test_an_invitation_that_is_still_open_does_not_hold_up_the_others(proposal):
    add_partner(proposal.consortium, make_provider(), PartnerState.INVITED)
    submit_proposal(proposal, passphrase_of(proposal), actor=people(proposal.consortium)[0])
    assert proposal.state == ProposalState.SUBMITTED


def test_nobody_confirms_an_unfinished_plan(consortium, browse):
    """An empty answer is nothing to stand behind; the page offers no way to it, and the address answers 409."""
    lead, _partner = people(consortium)
    plan = make_plan(consortium)
    proposal = write_plan(consortium, plan, actor=lead)
    write_answer(consortium, "risks", None, actor=lead)
    url = f"/proposals/{proposal.id}"
    assert f"{url}/confirm" not in browse(lead).get_ok(url).text
    answer = browse(lead).get(f"{url}/confirm")
    assert answer.status_code == 409
    assert "“Risks” is not answered yet." in answer.text
    with pytest.raises(NotNow, match="not answered"):
        confirm_proposal(proposal, actor=lead)


def test_who_did_not_answer_the_invitation_is_named_before_handing_in(consortium, browse):
    proposal = make_proposal(consortium, confirmed=False)
    add_partner(consortium, make_provider("Still Thinking"))
    page = browse(people(consortium)[0]).get_ok(f"/proposals/{proposal.id}")
    assert "Invited, but they have not answered: Still Thinking." in page.text
