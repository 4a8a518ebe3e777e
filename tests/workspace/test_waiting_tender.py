"""What waits in a tender: questions, consortia and plans, the committee, the award; for that very person alone."""

from datetime import timedelta

from app.calls.models import Rectification
from app.consortia.states import PartnerState
from app.core import clock
from app.evaluation.consensus_operations import freeze_quality
from app.evaluation.operations import declare_conflict
from app.evaluation.proof_operations import hand_in_proof, proofs_of
from app.evaluation.screening_operations import ask_repair
from app.extensions import db
from app.proposals.operations import confirm_proposal
from app.proposals.states import ProposalState
from app.proposals.submit_operations import withdraw_proposal
from app.workspace import queries
from tests.factories.calls import make_call, make_provider, make_question
from tests.factories.consortia import add_partner, make_consortium, make_parts
from tests.factories.evaluation import (
    PAPER,
    agree,
    decide,
    freeze,
    make_tender,
    meet,
    only_open,
    open_plans,
    prove,
    score_all,
)
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal, write_answer


def test_questions_wait_until_the_deadline(app, waiting):
    call = make_call(committee=False)
    official = make_user(call.programme.lead)
    asker = make_user(make_provider())
    for number in range(3):
        make_question(call, asker, f"Question {number}?")
    assert waiting(official) == {"question.answer": 3}
    assert waiting(asker) == {}
    with app.test_request_context():
        task = queries.tasks_of(official, queries.bonds_of(official))[0]
    # Ten days by the calendar (art. 2.54 Aw).
    assert task.until == call.answers_until < call.deadline - timedelta(days=9)
    with clock.at(call.deadline + timedelta(minutes=1)):
        assert "question.answer" not in waiting(official)


def test_a_consortium_waits_for_its_partners_and_lead(app, waiting):
    consortium = make_consortium()
    lead, guest = make_user(consortium.lead), make_user(make_provider())
    assert waiting(lead) == {"proposal.draft": None}
    add_partner(consortium, guest.organisations[0], PartnerState.INVITED)
    assert waiting(guest) == {"consortium.accept": None}
    with clock.at(consortium.call.deadline + timedelta(minutes=1)):
        assert waiting(lead) == {} and waiting(guest) == {}


def test_a_plan_waits_for_lead_and_for_partners_that_did_not_confirm(app, waiting):
    partner = make_provider()
    consortium = make_consortium(partners=[partner])
    lead, colleague = make_user(consortium.lead), make_user(partner)
    proposal = make_proposal(consortium, confirmed=False)
    assert waiting(lead) == {"proposal.submit": None}
    assert waiting(colleague) == {"proposal.confirm": None}
    confirm_proposal(proposal, actor=colleague)
    assert waiting(colleague) == {}  # what it confirmed is the plan and the parts, not the plan alone
    proposal.confirmations.clear()
    write_answer(consortium, "risks", None, actor=consortium.lead.people()[0])
    db.session.commit()
    assert waiting(colleague) == {}  # an unfinished plan cannot be confirmed


def test_an_invitation_to_where_nobody_may_join_does_not_wait(app, waiting):
    consortium, rival = make_consortium(), make_provider()
    guest = make_user(rival)
    add_partner(consortium, rival)
    in_other = add_partner(make_consortium(consortium.call), rival, PartnerState.ACCEPTED)
    assert "consortium.accept" not in waiting(guest)
    in_other.state = PartnerState.LEFT
    db.session.commit()
    assert waiting(guest) == {"consortium.accept": None}


def test_two_consortia_of_one_name_are_told_apart_by_their_leads(app, browse):
    """A name may be taken twice: to refuse the second would tell that there is a first."""
    guest, call = make_user(make_provider()), make_call()
    for lead in ("North", "South"):
        add_partner(make_consortium(call, make_provider(lead), name="The Bridge"), guest.organisations[0])
    home = browse(guest).get_ok("/home").text
    assert "The Bridge (North)" in home and "The Bridge (South)" in home


def test_a_partner_whose_part_lacks_something_is_asked_for_it(app, waiting):
    """After a withdrawal without the passphrase its work, declarations and shares are gone; no other can give them."""
    partner = make_provider()
    consortium = make_consortium(partners=[partner])
    lead, colleague = make_user(consortium.lead), make_user(partner)
    proposal = make_proposal(consortium, state=ProposalState.SUBMITTED)
    assert waiting(colleague) == {}
    withdraw_proposal(proposal, None, actor=lead)
    assert waiting(lead) == {"proposal.submit": None}
    assert waiting(colleague) == {"consortium.edit_part": None}
    make_parts(consortium)
    assert waiting(colleague) == {}  # the answers are still to be written, by the lead as well


def test_a_plan_handed_in_before_the_call_changed_waits_for_a_look(app, waiting):
    partner = make_provider()
    consortium = make_consortium(partners=[partner])
    lead, colleague = make_user(consortium.lead), make_user(partner)
    make_proposal(consortium, state=ProposalState.SUBMITTED)
    for is_essential, found in ((False, {}), (True, {"proposal.withdraw": None})):
        lay_rectification(consortium.call, is_essential)
        assert waiting(lead) == found
        assert waiting(colleague) == {}  # only the lead withdraws


def lay_rectification(call, is_essential):
    moved = {"deadline_before": call.deadline, "deadline_after": call.deadline}
    made = Rectification(text="A licence.", is_essential=is_essential, **moved)
    call.rectifications.append(made)
    db.session.commit()


def test_a_plan_that_is_handed_in_waits_for_nobody(app, waiting):
    consortium = make_consortium()
    lead = make_user(consortium.lead)
    make_proposal(consortium, state=ProposalState.SUBMITTED)
    assert waiting(lead) == {}


def test_the_committee_opens_declares_scores_and_agrees(app, waiting):
    tender = make_tender()
    assert waiting(tender.openers[0]) == {"proposals.open": None}
    assert waiting(tender.scorers[0]) == {} and waiting(tender.official) == {}
    open_plans(tender)
    assert waiting(tender.openers[0]) == {}
    assert waiting(tender.scorers[0]) == {"conflict.declare": None}


def test_scores_wait_until_they_are_locked(app, waiting):
    tender = make_tender()
    evaluation = open_plans(tender)
    declare_conflict(evaluation, False, "", actor=tender.scorers[0])
    declare_conflict(evaluation, True, "My sister works there.", actor=tender.scorers[1])
    assert waiting(tender.scorers[0]) == {"score.lock": None}
    assert waiting(tender.scorers[1]) == {}
    assert waiting(tender.official) == {"scorer.name": None}  # two are left, and three score every plan


def test_the_award_waits_for_consensus_then_for_the_standstill(app, waiting):
    tender = make_tender()
    score_all(tender)
    assert waiting(tender.scorers[0]) == {"consensus.set": None}
    assert "award.decide" not in waiting(tender.official)


def test_a_full_consensus_waits_for_the_decision(app, waiting):
    tender = make_tender()
    evaluation = agree(tender, (9, 8), (6, 5))
    assert waiting(tender.scorers[0]) == {"meeting.record": None}
    assert waiting(tender.official) == {}
    meet(tender, evaluation)
    assert waiting(tender.scorers[0]) == {}
    assert waiting(tender.official) == {"quality.freeze": None}
    freeze_quality(evaluation, actor=tender.official)
    assert waiting(tender.official) == {"award.decide": None}


def test_a_tie_waits_for_those_who_open(app, waiting):
    tender = make_tender()
    freeze(tender, (7, 7), (7, 7))
    assert waiting(tender.openers[0]) == {"tie.draw": None}
    assert waiting(tender.official) == {}


def test_a_repair_waits_for_the_lead_of_the_bidder_alone(app, waiting):
    tender = make_tender()
    evaluation = only_open(tender)
    opener, (first, second) = tender.openers[0], tender.bidders
    declare_conflict(evaluation, False, "", actor=opener)
    assert waiting(opener) == {"screening.decide": None}
    ask_repair(tender.opened_of(first), "Sign it.", actor=opener)
    assert waiting(first.lead) == {"enquiry.answer": None}
    assert waiting(first.partner) == waiting(second.lead) == {}


def test_the_proof_waits_for_the_winner_then_for_who_checks(app, waiting):
    tender = make_tender()
    decide(tender)
    winner, loser = tender.bidders
    letter = {"letter.read": None}
    assert waiting(winner.lead) == waiting(winner.partner) == letter | {"proof.hand_in": None}
    assert waiting(loser.lead) == letter and waiting(tender.openers[0]) == {}
    proof = proofs_of(tender.evaluation.awarded())[0]
    due = tender.call.deadline.astimezone(clock.LOCAL).date()
    hand_in_proof(proof, due, PAPER, actor=winner.lead)
    assert waiting(tender.openers[0]) == {"proof.check": None}


def test_the_award_becomes_final_after_the_standstill(app, waiting):
    tender = make_tender()
    evaluation = decide(tender)
    assert waiting(tender.official) == {}
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
        assert waiting(tender.official) == {}  # the proof of the winner is not there yet
        prove(tender)
        assert waiting(tender.official) == {"award.finalise": None}
