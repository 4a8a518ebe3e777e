"""The desk reads how many lines are not booked, also where they come to nothing; what a payment is for, where two of
one party are alike; and that the bank carried out a batch before its day (issue 6: portal equals bank, matching)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank.batches import approve_batch, prepare_batch
from app.bank.models import BankEntry
from app.core import clock
from app.core.format import day
from app.extensions import db
from app.treasury.operations import approve_cost, prepare_cost
from tests.bank.test_match import imported, line
from tests.browser import soup
from tests.factories.bank import give_account, make_banked, working_day
from tests.factories.treasury import fund, pay_cost


@pytest.fixture
def bond(app):
    made = make_banked()
    made.asked = fund(made, 30_000_000)
    imported(made, *[line(part.amount_minor, part.reference) for part in made.asked.parts])
    give_account(made, made.provider, 1)
    return made


def treasury(bond, browse):
    return browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text


def test_two_lines_that_are_nothing_together_are_two_lines(bond, browse):
    assert "on the work list" not in treasury(bond, browse)
    imported(bond, line(500, "somebody"), line(-500, "back to somebody"), opening=30_000_000)
    page = treasury(bond, browse)
    assert "2 lines on the work list" in page and "0.00 lines" not in page
    imported(bond, line(700, "somebody else"), opening=30_000_000)
    assert "3 lines on the work list" in treasury(bond, browse)


def test_two_payments_of_one_provider_say_what_they_are_for(bond, browse):
    for what in ("Coaching in May", "Coaching in June"):
        facts = (bond.programme, bond.provider_organisation, 400_000, what)
        approve_cost(prepare_cost(*facts, actor=bond.intermediary, once=uuid.uuid4()), actor=bond.colleague)
    imported(bond, line(-400_000, "SEPA"), opening=30_000_000)
    paid = db.session.scalars(select(BankEntry).filter_by(amount_minor=-400_000)).unique().one()
    page = soup(browse(bond.intermediary).get_ok(f"/bank-entries/{paid.id}/match"))
    offered = [one.find_next("label").text for one in page.select("input[name=causes]")]
    assert len(offered) == 2 and len(set(offered)) == 2
    assert sum("Coaching in May" in one for one in offered) == sum("Coaching in June" in one for one in offered) == 1


@pytest.mark.parametrize("ahead", [0, 2])
def test_a_batch_that_the_bank_carried_out_before_its_day_says_so(bond, browse, ahead):
    cost, on = pay_cost(bond, 400_000), working_day()
    with clock.at(max(clock.now(), clock.local(on, 12))):
        planned = on + timedelta(days=ahead)
        while not clock.is_working_day(planned, "NL"):
            planned += timedelta(days=1)
        batch = prepare_batch(bond.programme, [cost.id], planned, actor=bond.intermediary, once=uuid.uuid4())
        approve_batch(batch, actor=bond.colleague)
        before = browse(bond.intermediary).get_ok(f"/payment-batches/{batch.id}").text
        imported(bond, line(-400_000, "SEPA", end_to_end=batch.payments[0].reference), opening=30_000_000)
        page = browse(bond.intermediary).get_ok(f"/payment-batches/{batch.id}").text
        assert "carried out by the bank" in page and "before its day" not in before
        assert ("Carried out before its day" in page) == bool(ahead)
        if ahead:
            assert day(on) in page and day(planned) in page
