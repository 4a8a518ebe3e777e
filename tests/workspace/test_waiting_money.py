"""What waits for who pays, receives and looks a second time, with how much and by when."""

from datetime import date

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.programmes.models import Part
from app.settlement.operations import approve_statement, check_settlement, discard_settlement, refuse_statement
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment
from app.treasury.operations import receive_payment
from app.treasury.states import CapitalCallState, PaymentState
from tests.browser import soup
from tests.factories.agreements import make_round
from tests.factories.outcomes import make_signed_off
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement, statement_of
from tests.workspace.delivery import in_delivery

TODAY = date(2026, 1, 1)


def settle(bond, **stage):
    """One effect of a resident of Enschede, proven before July."""
    make_signed_off(bond)
    return make_settlement(bond, date(2026, 6, 30), **stage)


def test_a_statement_waits_for_the_municipality_that_pays(app, waiting):
    bond = in_delivery()
    settlement = settle(bond)
    assert waiting(bond.colleague) == {"settlement.check": None}  # and no claim waits to be settled once more
    assert waiting(bond.intermediary) == {} == waiting(bond.official)
    check_settlement(settlement, actor=bond.colleague)
    assert waiting(bond.official) == {"statement.approve": None}
    assert waiting(bond.neighbour) == {}
    statement = statement_of(settlement, bond.enschede)
    approve_statement(statement, actor=bond.official)
    assert waiting(bond.official) == {"statement.pay": None}
    assert waiting(bond.neighbour) == {}
    assert waiting(bond.intermediary) == {"payment.receive": None}
    receive_payment(statement, clock.today(), statement.amount_minor, actor=bond.intermediary)
    assert waiting(bond.official) == {} == waiting(bond.intermediary)


def test_a_refused_statement_waits_for_both_people_of_the_intermediary(app, waiting, browse):
    """Whoever prepared or checked it may discard it; nobody waits for another municipality any more."""
    bond = in_delivery()
    make_signed_off(bond, bond.hengelo)
    settlement = settle(bond, checked=True)
    assert waiting(bond.official) == {"statement.approve": None} == waiting(bond.neighbour)
    refuse_statement(statement_of(settlement, bond.hengelo), "One lives elsewhere.", actor=bond.neighbour)
    assert waiting(bond.official) == {} == waiting(bond.neighbour)
    for person in (bond.intermediary, bond.colleague):
        assert waiting(person) == {"settlement.discard": None}
        (link,) = soup(browse(person).get_ok("/home")).select(f"a[href='/settlements/{settlement.id}']")
        assert "refused its statement" in link.text
    discard_settlement(settlement, "A line is wrong.", actor=bond.colleague)
    assert waiting(bond.intermediary) == {"settlement.prepare": 2} == waiting(bond.colleague)


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
    assert waiting(bond.intermediary) == {}
    assert waiting(bond.colleague) == {"cost.approve": None}


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
    assert waiting(bond.investor) == {"capital_call.pay": None}
    assert waiting(bond.colleague) == {"capital_call.receive": None}
    part.received_on = TODAY
    db.session.commit()
    assert waiting(bond.investor) == {} == waiting(bond.colleague)


def test_what_is_to_be_paid_says_how_much_and_by_when(app, browse):
    """A public authority pays within 30 calendar days: art. 4(3) of Directive 2011/7."""
    bond = in_delivery()
    settlement = settle(bond, approved=True)
    settlement.statements[0].approved_at = clock.local(date(2026, 1, 31), 9)
    db.session.commit()
    line = soup(browse(bond.official).get_ok("/home")).select_one(".tasks li").text
    assert "Illustrative prices" not in browse(bond.official).get_ok("/home").text
    bond.programme.illustrative = True
    db.session.commit()
    assert "Illustrative prices" in browse(bond.official).get_ok("/home").text
    assert "€2,000.00" in line and "due on 2 March 2026" in line


def test_an_investor_sees_its_own_part_of_a_capital_call_and_the_day(app, browse):
    """Of 3,000.00 asked, this investor pays 1,000.00; what another is asked stays with that other."""
    bond = in_delivery()
    other = make_user(make_party(bond.programme, Part.INVESTOR))
    round = make_round(bond.programme, [(bond.investor, 100_000), (other, 200_000)])
    parts = [
        CapitalCallPart(commitment=c, organisation=c.organisation, amount_minor=c.amount_minor, reference=f"C{n}")
        for n, c in enumerate(round.commitments)
    ]
    facts = {"number": 1, "amount_minor": 300_000, "purpose": "Start", "notice_days": 10, "due_on": date(2026, 3, 5)}
    db.session.add(CapitalCall(programme=bond.programme, state=CapitalCallState.CALLED, parts=parts, **facts))
    db.session.commit()
    for user, amount in ((bond.investor, "€1,000.00"), (other, "€2,000.00")):
        line = soup(browse(user).get_ok("/home")).select_one(".tasks li").text
        assert amount in line and "due on 5 March 2026" in line
