"""Capital is called and paid in, costs are paid, municipalities pay for what was proven, investors get theirs."""

import uuid
from datetime import date

from schwifty import IBAN
from sqlalchemy import func, select

from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.programmes.models import BankAccount, Programme
from app.settlement import dispute_operations as disputes
from app.settlement import operations as settlement
from app.settlement.models import Settlement, Statement
from app.treasury import account
from app.treasury import operations as treasury
from app.treasury.models import CapitalCall
from app.treasury.operations import CallFacts

COSTS = (
    ("bridge", 9_000_000, "Begeleiding, eerste half jaar"),
    ("home", 4_500_000, "Woonbegeleiding, eerste half jaar"),
)
RESERVE_MINOR = 16_500_000  # kept in hand for the running costs of the second half-year


def name_account(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """An account of its own that no bank has given out, with check digits that fit."""
    number = db.session.scalar(select(func.count()).select_from(BankAccount)) or 0
    iban = IBAN.generate("NL", bank_code="INGB", account_code=f"9{number:03d}").compact
    with when.at(offset):
        named = account.prepare_account(
            programme, "Stichting SIB (demonstratie)", iban, actor=cast.user("treasurer"), once=uuid.uuid4()
        )
    with when.at(offset, 16):
        code, treasurer = account.code_of(named), cast.user("treasurer")
        account.approve_account(named, code, treasurer.name, actor=cast.user("intermediary"))


def call_capital(
    programme: Programme, amount_minor: int, offset: int, purpose: str, cast: Cast, when: Timeline
) -> None:
    """Prepared by one person of the intermediary, approved by another, paid in on time."""
    call = ask_for_capital(programme, amount_minor, offset, purpose, cast, when)
    for number, part in enumerate(call.parts):
        with when.at(offset + 12, 10 + number):
            treasury.receive_capital(part, when.day(offset + 12), actor=cast.user("intermediary"))


def ask_for_capital(
    programme: Programme, amount_minor: int, offset: int, purpose: str, cast: Cast, when: Timeline
) -> CapitalCall:
    facts = CallFacts(amount_minor, purpose, when.day(offset + 20), notice_days=14)
    with when.at(offset):
        call = treasury.prepare_capital_call(programme, facts, actor=cast.user("intermediary"), once=uuid.uuid4())
    with when.at(offset, 16):
        treasury.approve_capital_call(call, actor=cast.user("treasurer"))
    return call


def pay_costs(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    for organisation, amount, words in COSTS:
        with when.at(offset):
            cost = treasury.prepare_cost(
                programme,
                cast.organisation(organisation),
                amount,
                words,
                actor=cast.user("treasurer"),
                once=uuid.uuid4(),
            )
        with when.at(offset + 1):
            treasury.approve_cost(cost, actor=cast.user("intermediary"))


def settle(programme: Programme, period_to: date, offset: int, cast: Cast, when: Timeline) -> Settlement:
    """Prepared, checked by a second person, approved by each municipality for its own residents, paid."""
    with when.at(offset):
        made = settlement.prepare_settlement(programme, period_to, actor=cast.user("intermediary"), once=uuid.uuid4())
    with when.at(offset + 1):
        settlement.check_settlement(made, actor=cast.user("treasurer"))
    approvers = {cast.organisations["enschede"]: "government", cast.organisations["hengelo"]: "hengelo"}
    for number, statement in enumerate(made.statements):
        with when.at(offset + 6 + number):
            settlement.approve_statement(statement, actor=cast.user(approvers[statement.payer_id]))
    doubted = next(one for one in made.statements if approvers[one.payer_id] == "hengelo")
    dispute(doubted, offset + 9, cast, when)
    for number, statement in enumerate(made.statements):
        first = statement.amount_minor // 2 if statement is doubted else None  # it pays in two parts
        with when.at(offset + 16 + number):
            treasury.receive_payment(statement, amount_minor=first, actor=cast.user("intermediary"))
        if statement.outstanding_minor:
            with when.at(offset + 18 + number):
                treasury.receive_payment(statement, actor=cast.user("intermediary"))
    return made


def dispute(statement: Statement, offset: int, cast: Cast, when: Timeline) -> None:
    """A municipality doubts an effect; the intermediary shows that it was signed off: the statement stands."""
    with when.at(offset):
        raised = disputes.dispute_statement(
            statement, "Eén effect lijkt ons van de vorige periode.", actor=cast.user("hengelo"), once=uuid.uuid4()
        )
    with when.at(offset + 1):
        answer = "Het is in deze periode behaald en in deze periode getoetst; zie de regels van de afrekening."
        disputes.answer_dispute(raised, answer, actor=cast.user("treasurer"))


def distribute(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    with when.at(offset):
        made = treasury.prepare_distribution(
            programme, RESERVE_MINOR, actor=cast.user("intermediary"), once=uuid.uuid4()
        )
    with when.at(offset, 16):
        treasury.approve_distribution(made, actor=cast.user("treasurer"))
