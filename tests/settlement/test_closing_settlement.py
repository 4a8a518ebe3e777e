"""After the last settlement what was settled is put right: a statement may be below zero, and the bond pays back.

Source: issue 6 ("clawed back", "close of the bond to zero") and the domain, section 7. Amounts by hand: work-13w pays
2,000.00, work-26w, which requires it, 1,200.00, a day 10.00.
"""

import uuid
from datetime import UTC, date, datetime

import pytest

from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind
from app.outcomes.states import ClaimState
from app.settlement.closing_operations import prepare_closing_settlement
from app.settlement.operations import approve_statement, check_settlement, discard_settlement, prepare_settlement
from app.settlement.states import InvoiceKind, LineKind, SettlementState, StatementState
from app.treasury.in_hand import free_minor
from app.treasury.operations import receive_payment
from app.verification.appeal_states import ReopenReason
from app.verification.reopening import reopen_proof
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.settlement import approver, make_settlement, statement_of

FIRST, ADJUSTED, BACK = LineKind.FIRST, LineKind.ADJUSTED, LineKind.CLAWED_BACK
SPRING = date(2026, 3, 31)


@pytest.fixture(autouse=True)
def after_the_tail(app):
    """Effects accrue no more: the bond of these tests ended long ago."""
    with clock.at(datetime(2031, 6, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def bond(app):
    return make_delivery()


def signed(bond, month, payer=None, code="work-13w", **facts):
    return make_signed_off(bond, payer or bond.enschede, code, achieved_on=date(2026, month, 10), **facts)


def reopen(bond, proof):
    reopen_proof(proof, ReopenReason.FALSIFIED, "The employer never heard of it.", actor=bond.assessor)


def last_one(bond, paid=True):
    """The last settlement, approved by all and paid."""
    made = prepare_settlement(
        bond.programme, bond.programme.tail_until, is_final=True, actor=bond.intermediary, once=uuid.uuid4()
    )
    return through(bond, made, paid)


def closing(bond, **how):
    made = prepare_closing_settlement(bond.programme, actor=bond.intermediary, once=uuid.uuid4())
    return through(bond, made, **how)


def through(bond, made, paid=True):
    check_settlement(made, actor=bond.colleague)
    for statement in made.statements:
        approve_statement(statement, actor=approver(bond, statement))
    for statement in made.statements if paid else ():
        if statement.outstanding_minor:
            receive_payment(statement, actor=bond.intermediary)
    return made


def lines_of(settlement):
    return [(line.kind, line.proof_id, line.gross_minor, line.paid_minor) for line in settlement.lines]


def test_what_was_paid_for_a_false_effect_is_owed_back(bond):
    """Enschede paid 2,000.00 for it; nothing new brings it anything, so its statement is below zero."""
    false, other = signed(bond, 2), signed(bond, 3, bond.hengelo)
    last = last_one(bond)
    stood = last.digest, lines_of(last)
    reopen(bond, false)
    made = closing(bond)
    assert made.is_closing and made.number == last.number + 1
    assert lines_of(made) == [(BACK, false.id, -250_000, -200_000)]
    own = statement_of(made, bond.enschede)
    assert (own.amount_minor, own.outstanding_minor, own.state) == (-200_000, 0, StatementState.PAID)
    assert made.state == SettlementState.PAID
    booked = balances(bond.programme.id)
    assert booked[AccountKind.PAYER_CREDIT, bond.enschede.id] == 200_000
    assert booked[AccountKind.OUTCOME_INCOME, bond.enschede.id] == 0
    assert free_minor(bond.programme.id) == 200_000, "what Hengelo paid for its own"
    [note] = own.invoices
    assert (note.kind, note.amount_minor) == (InvoiceKind.CREDIT_NOTE, 200_000)
    assert note.corrects == statement_of(last, bond.enschede).invoices[0]
    assert (last.digest, lines_of(last)) == stood and other.state == ClaimState.SETTLED
    with pytest.raises(NotNow, match="nothing to put right"):
        closing(bond)
    assert faults() == []


def test_the_chart_draws_what_is_taken_back(bond, browse):
    """2,000.00 is taken back of one effect, and one day brings 10.00: the bars add up to the figure above them."""
    false = signed(bond, 2)
    for _ in range(2):
        signed(bond, 3, bond.hengelo)
    last_one(bond)
    reopen(bond, false)
    signed(bond, 4, bond.hengelo, "days", quantity=1)
    made = closing(bond)
    page = soup(browse(bond.intermediary).get_ok(f"/settlements/{made.id}"))
    (chart,) = page.select("figure.chart svg")
    amounts = [one.text for one in chart.select("text.soft-text")]
    assert sorted(amounts) == ["-€2,000.00", "€10.00"]
    back, paid = sorted(chart.select("rect"), key=lambda bar: int(bar["x"]))
    zero = int(paid["x"])
    assert int(back["x"]) + int(back["width"]) == zero, "it ends where the other begins"
    assert int(back["width"]) > int(paid["width"])


def test_what_required_it_goes_with_it_and_vat_too(app):
    """At 21 % the 3,200.00 hold 347.11 and 208.26 of VAT."""
    bond = make_delivery(table={"vat_bp": 2_100})
    false = signed(bond, 1)
    signed(bond, 2, code="work-26w", participant=false.participant)
    last_one(bond)
    reopen(bond, false)
    own = statement_of(closing(bond), bond.enschede)
    assert (own.amount_minor, own.vat_minor) == (-320_000, -(34_711 + 20_826))
    assert balances(bond.programme.id)[AccountKind.VAT, None] == 0
    assert own.invoices[0].vat_minor == 34_711 + 20_826
    assert faults() == []


def test_the_same_effect_restored_is_paid_and_takes_room_from_others(app):
    """The contract pays 3,000.00. Without the false first effect the second is whole; proven anew, it is cut again."""
    bond = make_delivery(table={"cap_contract_minor": 300_000})
    false, cut = signed(bond, 1), signed(bond, 2, bond.hengelo)
    last_one(bond)
    reopen(bond, false)
    first = closing(bond)
    assert lines_of(first) == [(ADJUSTED, cut.id, 0, 100_000), (BACK, false.id, -250_000, -200_000)]
    assert statement_of(first, bond.hengelo).amount_minor == 100_000
    restored = signed(bond, 1, participant=false.participant)
    second = closing(bond)
    assert lines_of(second) == [(FIRST, restored.id, 250_000, 200_000), (ADJUSTED, cut.id, 0, -100_000)]
    assert restored.state == ClaimState.SETTLED
    assert sum(one.amount_minor for one in second.statements) == 100_000
    assert faults() == []


def test_the_rest_that_did_not_fit_before_is_taken(bond):
    """2,000.00 to take back, 300.00 of days to take it from: the last settlement leaves 1,700.00."""
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    signed(bond, 4, code="days", quantity=30)
    last_one(bond, paid=False)
    made = closing(bond, paid=False)
    assert lines_of(made) == [(BACK, false.id, 0, -170_000)]
    assert faults() == []


def test_not_before_the_last_settlement_and_no_ordinary_one_after_it(bond):
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    with pytest.raises(NotNow, match="Settle every effect up to"):
        prepare_closing_settlement(bond.programme, actor=bond.intermediary, once=uuid.uuid4())
    signed(bond, 5, code="days")
    last_one(bond, paid=False)
    closing(bond, paid=False)
    signed(bond, 6, code="days")
    with pytest.raises(NotNow, match="was the last one"):
        make_settlement(bond, clock.today())
    assert faults() == []


def test_while_it_is_with_the_parties_nothing_is_owed_back(bond):
    """Two municipalities: the first approval books nothing below zero, and a discarded one leaves nothing."""
    false, other = signed(bond, 2), signed(bond, 3, bond.hengelo)
    last_one(bond)
    for one in (false, other):
        reopen(bond, one)
    made = prepare_closing_settlement(bond.programme, actor=bond.intermediary, once=uuid.uuid4())
    check_settlement(made, actor=bond.colleague)
    approve_statement(made.statements[0], actor=approver(bond, made.statements[0]))
    assert (AccountKind.PAYER_CREDIT, bond.enschede.id) not in balances(bond.programme.id)
    assert faults() == []
    discard_settlement(made, "A line is wrong.", actor=bond.intermediary)
    assert {one.amount_minor for one in closing(bond).statements} == {-200_000}
    db.session.expire_all()
    assert faults() == []
