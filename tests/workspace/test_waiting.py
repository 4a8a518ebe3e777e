"""What waits for a person: what that very person may do now, nothing else; each entry leads to a page that opens."""

from datetime import date, timedelta

import pytest

from app.access.actions import Action
from app.access.record import record
from app.agreements.states import AgreementState
from app.calls.states import CallState
from app.capital.models import Round
from app.capital.states import RoundState
from app.consortia.states import PartnerState
from app.core import clock
from app.core.operation import operation
from app.evaluation.operations import declare_conflict
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.models import OrganisationKind
from app.pricing.operations import submit_table
from app.pricing.states import TableState
from app.programmes.models import Part
from app.programmes.operations import submit_programme
from app.programmes.states import Phase, ProgrammeState
from app.proposals.operations import confirm_proposal
from app.proposals.sealing import seal_into
from app.proposals.states import ProposalState
from app.settlement.models import Settlement, Statement
from app.settlement.states import SettlementState, StatementState
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment
from app.treasury.states import CapitalCallState, PaymentState
from app.workspace import queries
from app.workspace.words import WORDS
from tests.factories.agreements import draft as draft_agreement
from tests.factories.agreements import make_bond, make_round, offer
from tests.factories.calls import make_call, make_provider, make_question
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.evaluation import agree, decide, make_tender, open_plans, score_all
from tests.factories.outcomes import make_claim, make_delivery, make_participant
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme
from tests.factories.proposals import make_plan, make_proposal

TODAY = date(2026, 1, 1)


@pytest.fixture
def waiting(app, browse):
    """The kinds that wait for a person; every one of them must lead to a page that opens for that person."""
    kinds = {str(label): str(kind) for kind, (label, _endpoint) in WORDS.items()}

    def of(user, opens=True):
        db.session.refresh(user)
        tasks = queries.tasks_of(user, queries.bonds_of(user))
        home = browse(user).get_ok("/home").text
        for task in tasks:
            assert str(task.label) in home and task.url in home
            if opens:
                assert browse(user).get(task.url).status_code == 200, f"{task.label}: {task.url}"
        return {kinds[str(task.label)]: task.count for task in tasks}

    return of


def test_nothing_waits_for_who_has_no_part(app, waiting):
    make_delivery()
    for user in (make_user(), make_user(make_organisation(OrganisationKind.INVESTOR)), make_user(is_admin=True)):
        assert waiting(user) == {}


def test_a_programme_waits_for_the_second_official_only(app, waiting):
    city = make_organisation()
    first, second = make_user(city), make_user(city)
    programme = make_programme(city, state=ProgrammeState.DRAFT)
    assert waiting(first) == {"programme.submit": None}
    submit_programme(programme, actor=first)
    assert waiting(first) == {}
    assert waiting(second) == {"programme.approve": None}
    assert waiting(make_user(make_party(programme, Part.GOVERNMENT))) == {}  # not the leading one


def test_a_price_table_waits_for_the_second_official_only(app, waiting):
    programme = make_programme()
    first, second = make_user(programme.lead), make_user(programme.lead)
    assert waiting(first) == {"table.draft": None}
    table = make_table(programme, state=TableState.DRAFT)
    assert waiting(first) == {"table.submit": None}
    submit_table(table, actor=first)
    assert waiting(first) == {}
    assert waiting(second) == {"table.approve": None}
    table.state = TableState.APPROVED
    db.session.commit()
    assert waiting(first) == {"table.publish": None}


def in_delivery():
    """The round behind the agreement stands and its call is awarded, so that nothing but delivery waits."""
    bond = make_delivery()
    bond.agreement.round.state = RoundState.STANDING
    bond.agreement.evaluation.call.state = CallState.AWARDED
    db.session.commit()
    return bond


def make_open_round(programme, **facts):
    defaults = {
        "target_minor": 100,
        "minimum_minor": 50,
        "closes_on": clock.today() + timedelta(days=9),
        "state": RoundState.OPEN,
    }
    made = Round(programme=programme, term_sheet="Terms.", **(defaults | facts))
    db.session.add(made)
    db.session.commit()
    return made


def test_a_round_waits_to_be_drafted_then_committed_to_then_closed(app, waiting):
    programme = make_programme(phase=Phase.INVESTORS)
    make_table(programme)
    desk = make_user(make_party(programme, Part.INTERMEDIARY))
    investor = make_user(make_party(programme, Part.INVESTOR))
    assert waiting(desk) == {"round.draft": None}
    assert waiting(investor) == {}
    opened = make_open_round(programme)
    assert waiting(desk) == {}
    assert waiting(investor) == {"commitment.commit": None}
    opened.closes_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert waiting(desk) == {"round.close": None}
    assert waiting(investor) == {}


def test_a_call_waits_after_the_investors_stand(app, waiting):
    programme = make_programme()
    table = make_table(programme)
    official = make_user(programme.lead)
    make_open_round(programme, state=RoundState.STANDING)
    assert waiting(official) == {"call.draft": None}
    make_call(programme, table=table, state=CallState.DRAFT, committee=False)
    assert waiting(official) == {"call.publish": None}


def test_questions_wait_until_the_deadline(app, waiting):
    call = make_call(committee=False)
    official = make_user(call.programme.lead)
    asker = make_user(make_provider())
    for number in range(3):
        make_question(call, asker, f"Question {number}?")
    assert waiting(official) == {"question.answer": 3}
    assert waiting(asker) == {}
    task = queries.tasks_of(official, queries.bonds_of(official))[0]
    assert (
        task.until == call.answers_until < call.deadline - timedelta(days=9)
    )  # ten days by the calendar, art. 2.54 Aw
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
    seal_into(proposal, make_plan(consortium, risks=""))
    db.session.commit()
    assert waiting(colleague) == {}  # an unfinished plan cannot be confirmed


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


def test_the_award_waits_for_consensus_then_for_the_standstill(app, waiting):
    tender = make_tender()
    score_all(tender)
    assert waiting(tender.scorers[0]) == {"consensus.set": None}
    assert "award.decide" not in waiting(tender.official)


def test_a_full_consensus_waits_for_the_decision(app, waiting):
    tender = make_tender()
    agree(tender, (9, 8), (6, 5))
    assert waiting(tender.scorers[0]) == {}
    assert waiting(tender.official) == {"award.decide": None}


def test_the_award_becomes_final_after_the_standstill(app, waiting):
    tender = make_tender()
    evaluation = decide(tender)
    assert waiting(tender.official) == {}
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
        assert waiting(tender.official) == {"award.finalise": None}


def test_an_agreement_waits_to_be_drafted_offered_and_signed_by_each(app, waiting):
    bond = make_bond()
    assert waiting(bond.intermediary, opens=False) == {"agreement.draft": None}
    assert waiting(bond.provider, opens=False) == {}
    agreement = draft_agreement(bond)
    assert waiting(bond.intermediary, opens=False) == {"agreement.offer": None}
    offer(bond)
    for user in (bond.official, bond.investors[0], bond.provider, bond.assessor):
        assert waiting(user, opens=False) == {"agreement.sign": None}
    assert waiting(bond.auditor, opens=False) == {}
    assert agreement.state == AgreementState.OFFERED


def test_claims_wait_by_state(app, waiting):
    bond = in_delivery()
    participant = make_participant(bond)
    states = (ClaimState.REGISTERED, ClaimState.QUESTIONED, ClaimState.SUBMITTED, ClaimState.VERIFIED)
    for state in (*states, ClaimState.SIGNED_OFF, ClaimState.SETTLED):
        make_claim(bond, participant, state=state)
    assert waiting(bond.provider, opens=False) == {"claim.submit": 1, "claim.answer": 1}
    assert waiting(bond.assessor, opens=False) == {"claim.verify": 1, "batch.sign_off": 1}
    assert waiting(bond.intermediary, opens=False) == {"settlement.prepare": 1}
    assert waiting(bond.investor, opens=False) == {} and waiting(bond.auditor, opens=False) == {}


def make_settlement(bond, state, statement=StatementState.OPEN):
    settlement = Settlement(
        programme=bond.programme,
        agreement=bond.agreement,
        number=1,
        period_from=TODAY,
        period_to=TODAY,
        gross_minor=100,
        paid_minor=100,
        digest="x",
        state=state,
        prepared_by_id=bond.intermediary.id,
    )
    settlement.statements = [
        Statement(
            programme_id=bond.programme.id, payer_id=bond.enschede.id, amount_minor=100, reference="R1", state=statement
        )
    ]
    db.session.add(settlement)
    db.session.commit()
    return settlement


def test_a_statement_waits_for_the_municipality_that_pays(app, waiting):
    bond = in_delivery()
    settlement = make_settlement(bond, SettlementState.PREPARED)
    assert waiting(bond.colleague, opens=False) == {"settlement.check": None}
    assert waiting(bond.official, opens=False) == {}
    settlement.state = SettlementState.CHECKED
    db.session.commit()
    assert waiting(bond.official, opens=False) == {"statement.approve": None}
    assert waiting(bond.neighbour, opens=False) == {}
    settlement.statements[0].state = StatementState.APPROVED
    db.session.commit()
    assert waiting(bond.official, opens=False) == {}
    assert waiting(bond.intermediary, opens=False) == {}, "nobody pays before every municipality has approved"
    settlement.state = SettlementState.APPROVED
    db.session.commit()
    assert waiting(bond.intermediary, opens=False) == {"payment.receive": None}


def test_money_waits_for_a_second_pair_of_eyes(app, waiting):
    bond = in_delivery()

    @operation
    def prepare():
        cost = CostPayment(
            programme=bond.programme,
            organisation=bond.provider.organisations[0],
            amount_minor=100,
            description="Rent",
            state=PaymentState.PREPARED,
        )
        db.session.add(cost)
        record(Action.COST_PREPARE, cost, bond.intermediary)

    prepare()
    assert waiting(bond.intermediary, opens=False) == {}
    assert waiting(bond.colleague, opens=False) == {"cost.approve": None}


def test_a_capital_call_waits_for_the_investor_and_the_desk(app, waiting):
    bond = in_delivery()
    round = make_round(bond.programme, [(bond.investor, 1_000)])
    part = CapitalCallPart(
        commitment=round.commitments[0], organisation=bond.investor.organisations[0], amount_minor=1_000, reference="C1"
    )
    call = CapitalCall(
        programme=bond.programme,
        number=1,
        amount_minor=1_000,
        purpose="Start",
        notice_days=10,
        due_on=TODAY,
        state=CapitalCallState.CALLED,
        parts=[part],
    )
    db.session.add(call)
    db.session.commit()
    assert waiting(bond.investor, opens=False) == {"capital_call.pay": None}
    assert waiting(bond.colleague, opens=False) == {"capital_call.receive": None}
    part.received_on = TODAY
    db.session.commit()
    assert waiting(bond.investor, opens=False) == {} == waiting(bond.colleague, opens=False)


def test_an_organisation_waits_for_any_official_once_its_address_is_verified(app, waiting):
    provider = make_organisation(OrganisationKind.PROVIDER, vetted_at=None)
    member = make_user(provider, confirmed_at=None)
    official = make_user(make_organisation())
    assert waiting(official) == {}
    member.confirmed_at = clock.now()
    db.session.commit()
    assert waiting(official) == {"organisation.vet": None}
    assert waiting(member) == {}
