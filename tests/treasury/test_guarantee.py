"""The guarantee of a tranche (replay/1, capital: `guarantee`): called at the end for capital that did not come back,
paid in by the guarantor, paid out as principal, after which nothing is distributed any more."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.capital.models import TrancheTerms
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.treasury.guarantee import GuaranteeCall
from app.treasury.guarantee_operations import (
    approve_guarantee,
    guarantee_due,
    prepare_guarantee,
    receive_guarantee,
    reject_guarantee,
    withdraw_guarantee,
)
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.states import ChargeKind, GuaranteeState, RemittanceKind
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, owe, pay_cost
from tests.told import body_told, told, words_told
from tests.treasury.test_closing import after_the_tail, after_the_terms, close, labels, settle_claims

COVERED = {
    "name": "Senior",
    "rank": 1,
    "terms": TrancheTerms.RETURN,
    "irr_cap_bp": 500,
    "guarantee_minor": 15_000_000,
    "guarantor": "Fonds",
}


@pytest.fixture
def bond(app):
    """400,000.00 senior, covered up to 150,000.00, and 200,000.00 first loss; 300,000.00 came back."""
    made = make_funded(tranches=(COVERED, FIRST_LOSS))
    fund(made, 60_000_000)
    pay_cost(made, 60_000_000)
    (paid,) = owe(made, 30_000_000)
    receive_payment(paid, actor=made.intermediary)
    settle_claims(made)
    distribute(made)
    return made


def distribute(bond, reserve=0):
    made = prepare_distribution(bond.programme, reserve, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)
    return made


def called(bond):
    due_on = clock.today() + timedelta(days=30)
    made = prepare_guarantee(bond.programme, due_on, actor=bond.intermediary, once=uuid.uuid4())
    approve_guarantee(made, actor=bond.colleague)
    return made


def test_the_lesser_of_what_lacks_and_what_is_covered(bond):
    """Of 400,000.00 came back 300,000.00: 100,000.00 lacks, of which at most 150,000.00 would be covered."""
    assert guarantee_due(bond.programme)[1] == 10_000_000
    bond.round.tranches[0].guarantee_minor = 4_000_000
    db.session.commit()
    assert guarantee_due(bond.programme)[1] == 4_000_000


def test_it_is_paid_out_as_capital_of_its_tranche_alone(bond):
    with after_the_terms(bond):
        made = called(bond)
        assert "What the guarantee covers is called and paid in" in labels(bond)
        receive_guarantee(made, clock.today(), actor=bond.intermediary)
        assert bank_minor(bond.programme.id) == 10_000_000
        last = distribute(bond)
        assert (last.amount_minor, last.guarantee_minor) == (10_000_000, 10_000_000)
        assert [(p.tranche.name, p.principal_minor, p.return_minor) for p in last.parts] == [("Senior", 10_000_000, 0)]
        assert labels(bond) == set()
    with after_the_tail(bond, days=93), pytest.raises(NotNow, match="last distribution"):
        distribute(bond)
    books = balances(bond.programme.id)
    assert books[AccountKind.GUARANTEE, None] == 10_000_000
    assert books[AccountKind.INVESTOR_CAPITAL, bond.investor.organisations[0].id] == 0
    assert books[AccountKind.INVESTOR_CAPITAL, bond.second.organisations[0].id] == 20_000_000  # first loss: not covered
    assert book_faults() == []


def test_what_comes_in_meanwhile_goes_first_and_the_rest_goes_back(bond):
    """Interest of 1,000.00 after the call repays the senior; the guarantor gets back what was not needed."""
    from app.treasury.charge_operations import book_charge
    from app.treasury.remittance_operations import approve_remittance, prepare_remittance

    with after_the_terms(bond):
        made = called(bond)
        receive_guarantee(made, clock.today(), actor=bond.intermediary)
        who = {"actor": bond.intermediary}
        book_charge(bond.programme, ChargeKind.INTEREST, 100_000, clock.today(), "Rente", once=uuid.uuid4(), **who)
        last = distribute(bond)
        assert (last.amount_minor, last.guarantee_minor) == (10_000_000, 9_900_000)
        back = prepare_remittance(bond.programme, RemittanceKind.GUARANTEE_BACK, 100_000, once=uuid.uuid4(), **who)
        approve_remittance(back, actor=bond.colleague)
        assert bank_minor(bond.programme.id) == 0 and labels(bond) == set()
    assert book_faults() == []


def test_what_the_bank_gives_back_of_the_guarantors_money_is_the_guarantors_again(bond):
    """1,000.00 was not needed, went back and bounced: it is left for nobody else, and goes back anew."""
    from app.treasury.charge_operations import book_charge
    from app.treasury.remittance_operations import approve_remittance, prepare_remittance, remittable_minor
    from app.treasury.returned_operations import book_return

    kind, who = RemittanceKind.GUARANTEE_BACK, {"actor": bond.intermediary}
    with after_the_terms(bond):
        receive_guarantee(called(bond), clock.today(), **who)
        book_charge(bond.programme, ChargeKind.INTEREST, 100_000, clock.today(), "Rente", once=uuid.uuid4(), **who)
        distribute(bond)
        first = prepare_remittance(bond.programme, kind, 100_000, once=uuid.uuid4(), **who)
        approve_remittance(first, actor=bond.colleague)
        assert remittable_minor(bond.programme, kind) == 0
        facts = (first.parts[0], None, 100_000, clock.today(), "Account closed")
        back = book_return(bond.programme, *facts, once=uuid.uuid4(), **who)
        assert back.payee == "Fonds" and bank_minor(bond.programme.id) == 100_000
        assert remittable_minor(bond.programme, kind) == 100_000
        assert remittable_minor(bond.programme, RemittanceKind.EXCESS) == 0, "it is not what is left"
        assert "The account of the bond is at zero in the books" in labels(bond)
        again = prepare_remittance(bond.programme, kind, 100_000, once=uuid.uuid4(), **who)
        assert remittable_minor(bond.programme, kind) == 0, "set aside"
        approve_remittance(again, actor=bond.colleague)
        assert bank_minor(bond.programme.id) == 0 and labels(bond) == set() and book_faults() == []


def test_what_comes_in_after_the_last_distribution_is_left(bond):
    """Interest of 1.00 when the guarantee was paid out: the municipalities get it, and the bond closes."""
    from app.treasury.charge_operations import book_charge
    from app.treasury.remittance_operations import approve_remittance, prepare_remittance

    who = {"actor": bond.intermediary}
    with after_the_terms(bond):
        receive_guarantee(called(bond), clock.today(), actor=bond.intermediary)
        assert "All that investors are owed is distributed" in labels(bond), "the guarantor's money is theirs"
        distribute(bond)
        book_charge(bond.programme, ChargeKind.INTEREST, 100, clock.today(), "Rente", once=uuid.uuid4(), **who)
        assert labels(bond) == {"The account of the bond is at zero in the books"}
        left = prepare_remittance(bond.programme, RemittanceKind.EXCESS, 100, once=uuid.uuid4(), **who)
        approve_remittance(left, actor=bond.colleague)
        close(bond)
    assert set(balances(bond.programme.id).values()) == {0} and book_faults() == []


def test_not_before_the_end_and_by_two_people(bond):
    with pytest.raises(NotNow, match="accrue until"):
        called(bond)
    with after_the_terms(bond):
        day = clock.today()
        made = prepare_guarantee(bond.programme, day, actor=bond.intermediary, once=uuid.uuid4())
        with pytest.raises(NotYours):
            approve_guarantee(made, actor=bond.intermediary)
        with pytest.raises(NotNow):
            receive_guarantee(made, day, actor=bond.intermediary)
        with pytest.raises(NotNow, match="No guarantee covers"):  # it is under way already
            prepare_guarantee(bond.programme, day, actor=bond.intermediary, once=uuid.uuid4())
        reject_guarantee(made, "Wrong day", actor=bond.colleague)
        with pytest.raises(Refused, match="past"):
            prepare_guarantee(bond.programme, day - timedelta(days=1), actor=bond.intermediary, once=uuid.uuid4())


def test_through_the_pages(bond, browse):
    with after_the_terms(bond):
        page = f"/programmes/{bond.programme.id}/guarantee/prepare"
        assert "100,000.00" in browse(bond.intermediary).get_ok(page).text
        assert browse(bond.investor).get(page).status_code == 403
        assert browse(bond.intermediary).post_form(page).status_code == 303
        made = db.session.scalars(select(GuaranteeCall)).unique().one()
        url = f"/guarantee-calls/{made.id}"
        assert browse(bond.intermediary).get(f"{url}/approve").status_code == 403
        assert browse(bond.investor).get(url).status_code == 404
        own = with_password(bond.colleague)
        assert browse(bond.colleague).post_form(f"{url}/approve", {"password": "no"}).status_code == 422
        assert browse(bond.colleague).post_form(f"{url}/approve", own).status_code == 303
        assert "guarantor is asked" in body_told("guarantee.approve", bond.investor)
        assert "what is not needed goes back to the guarantor" in browse(bond.colleague).get_ok(f"{url}/receive").text
        for on, why in (("2199-01-01", "still to come"), ("2020-01-01", "before it was called")):
            typed = {"on": on} | with_password(bond.colleague)
            refused = browse(bond.colleague).post_form(f"{url}/receive", typed)
            assert refused.status_code == 422 and why in refused.text
        assert (
            browse(bond.colleague)
            .post_form(f"{url}/receive", {"on": clock.today().isoformat()} | with_password(bond.colleague))
            .status_code
            == 303
        )
        db.session.refresh(made)
        assert made.state == GuaranteeState.RECEIVED
        assert "goes back to the guarantor" in body_told("guarantee.receive", bond.colleague)
        url = f"/programmes/{bond.programme.id}/distributions/prepare"
        shown = browse(bond.intermediary).post_form(url, {"reserve": "0"}).text
        assert "Of it paid in by the guarantor" in shown and "This gives back capital" not in shown
        assert "Call of the guarantee" in browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/treasury").text


def test_a_call_that_was_made_is_withdrawn_and_made_anew(bond, browse):
    """By somebody else than who called it; the investors hear why."""
    with after_the_terms(bond):
        made = called(bond)
        url = f"/guarantee-calls/{made.id}/withdraw"
        assert browse(bond.colleague).get(url).status_code == 403
        assert browse(bond.intermediary).post_form(url, {"reason": "Wrong day"}).status_code == 422
        typed = {"reason": "Wrong day", "what_now": "anew"}
        assert browse(bond.intermediary).post_form(url, typed | {"password": "no"}).status_code == 422
        assert browse(bond.intermediary).post_form(url, typed | with_password(bond.intermediary)).status_code == 303
        db.session.refresh(made)
        assert made.state == GuaranteeState.WITHDRAWN and guarantee_due(bond.programme)[1] == 10_000_000
        assert "Wrong day" in words_told("guarantee.withdraw") and bond.investor.email in told("guarantee.withdraw")
        with pytest.raises(NotNow):
            receive_guarantee(made, clock.today(), actor=bond.intermediary)
        called(bond)


def test_a_guarantor_that_does_not_pay_does_not_keep_the_bond_open(bond, browse):
    """The capital counts as lost: nothing is due any more, and the bond closes to zero."""
    with after_the_terms(bond):
        made = called(bond)
        assert labels(bond) == {"What the guarantee covers is called and paid in"}
        withdraw_guarantee(made, "Bankrupt", gives_up=True, actor=bond.intermediary)
        assert made.state == GuaranteeState.GIVEN_UP and guarantee_due(bond.programme) is None
        page = browse(bond.auditor).get_ok(f"/guarantee-calls/{made.id}").text
        assert "Given up because" in page and "Withdrawn because" not in page
        assert labels(bond) == set()
        close(bond)
    assert set(balances(bond.programme.id).values()) == {0} and book_faults() == []
