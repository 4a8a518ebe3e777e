"""A falsified effect is found a year after it was paid: its money comes back in the next settlement, and books balance.

Source: issue 5 ("a falsified effect found a year later"), issue 6 (invariants after every journey). Through the pages,
on both databases. 100,000.00 of capital, all spent. 2026: three effects, 6,000.00 paid and distributed. 2027: one of
them is false; two new ones, 4,000.00, less 2,000.00.
"""

from datetime import date

from app.audit import trail
from app.core import clock
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind, Transfer
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.settlement.cli import recompute_settlements
from app.settlement.models import Settlement, Statement
from app.verification.reopening_models import ReopeningProposal
from tests.browser import soup
from tests.conftest import browser_of
from tests.factories.outcomes import make_signed_off
from tests.factories.people import make_user, with_password
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, pay_cost
from tests.treasury.test_distribution import distribute

PASSWORD = "a wooden bridge over water"


def on(year, month, day):
    return clock.at(clock.local(date(year, month, day), 12))


def settle(app, bond, until):
    """Prepared, checked by a second person, approved and paid by Enschede, all through the pages."""
    desk, colleague = browser_of(app, bond.intermediary), browser_of(app, bond.colleague)
    answer = desk.post_form(f"/programmes/{bond.programme.id}/settlements/prepare", {"period_to": str(until)})
    assert answer.status_code == 303
    made = db.session.scalars(db.select(Settlement).order_by(Settlement.number.desc())).first()
    own = with_password(bond.colleague)
    assert colleague.post_form(f"/settlements/{made.id}/check", own).status_code == 303
    own = db.session.scalars(db.select(Statement).where(Statement.settlement_id == made.id)).one()
    assert (
        browser_of(app, bond.official)
        .post_form(f"/statements/{own.id}/approve", with_password(bond.official))
        .status_code
        == 303
    )
    typed = {"amount": f"{own.amount_minor / 100:.2f}", "on": str(clock.today())} | with_password(bond.intermediary)
    assert desk.post_form(f"/statements/{own.id}/receive", typed).status_code == 303
    return made, own


def test_the_money_comes_back(both):
    with on(2026, 1, 5):
        bond = make_funded((10_000_000, 10_000_000), tranches=(FIRST_LOSS,))
        bond.programme.ends_on = bond.programme.tail_until = date(2027, 12, 31)
        second = make_user(bond.assessor.organisations[0])
        for person in (bond.assessor, second):
            person.password = hashed(PASSWORD, person.name, person.email)
        db.session.commit()
        fund(bond, 20_000_000)
        pay_cost(bond, 20_000_000)
    with on(2026, 7, 5):
        claims = [make_signed_off(bond, bond.enschede, achieved_on=date(2026, 5, day)) for day in (1, 2, 3)]
        first, paid = settle(both, bond, date(2026, 6, 30))
        assert distribute(bond).amount_minor == 600_000
    with on(2027, 6, 20):
        found = {"reason": "falsified", "explanation": "The employer does not exist.", "password": PASSWORD}
        assert browser_of(both, bond.assessor).post_form(f"/claims/{claims[1].id}/reopen", found).status_code == 303
        proposal = db.session.scalars(db.select(ReopeningProposal)).unique().one()
        confirm = f"/reopenings/{proposal.id}/confirm"
        assert browser_of(both, second).post_form(confirm, {"password": PASSWORD}).status_code == 303
    with on(2027, 7, 5):
        for day in (1, 2):
            make_signed_off(bond, bond.enschede, achieved_on=date(2027, 5, day))
        second, own = settle(both, bond, date(2027, 6, 30))
        assert (own.amount_minor, second.lines[-1].paid_minor) == (200_000, -200_000)
        assert distribute(bond).amount_minor == 200_000

    booked = balances(bond.programme.id)
    assert booked[AccountKind.OUTCOME_INCOME, bond.enschede.id] == 4 * 200_000, "four effects count, and four are paid"
    assert booked[AccountKind.BANK, None] == 0
    db.session.refresh(claims[1])
    assert claims[1].state == ClaimState.REOPENED
    assert [*faults(), *trail.verify()] == []
    assert "equals its inputs" in both.test_cli_runner().invoke(recompute_settlements).output
    follow_both_ways(both, bond, (first, paid), (second, own))


def follow_both_ways(app, bond, *settled):
    """From the cent that was paid too much to where it was taken back, and the other way round."""
    for (_, own), (other, _) in (settled, settled[::-1]):
        transfer = db.session.scalars(db.select(Transfer).where(Transfer.cause_id == own.id)).first()
        page = soup(browser_of(app, bond.official).get_ok(f"/transfers/{transfer.id}"))
        assert page.select(f"main a[href='/settlements/{other.id}']")
