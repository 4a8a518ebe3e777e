"""An investor pays a part of what was called: that part is its capital from that day on, the rest stays owed (domain
7: called -> funded; issue 6: matching by reference and amount)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank import matching, reconciling
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.bank.taken_back_operations import approve_take_back, prepare_take_back
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.treasury import operations as treasury
from app.treasury.default import InvestorDefault
from app.treasury.default_operations import confirm_default, declare_default
from app.treasury.flows import real_flows, undrawn_of
from app.treasury.models import CapitalCallPart
from app.treasury.states import CapitalCallState
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call


@pytest.fixture
def bond(app):
    return make_banked()


@pytest.fixture
def part(bond):
    """The second investor is asked for 100,000.00; the first paid its part."""
    asked = call(bond, 30_000_000)
    first = next(one for one in asked.parts if one.organisation_id == bond.investor.organisations[0].id)
    assert paid(bond, 0, (20_000_000, first.reference)) == 1
    second = next(one for one in asked.parts if one is not first)
    assert second.amount_minor == 10_000_000
    return second


def paid(bond, opening, *entries):
    total = opening + sum(minor for minor, _text in entries)
    bring(bond, camt([entry(minor, text) for minor, text in entries], opening, total))
    return matching.match_open(bond.programme, actor=bond.intermediary)


def rows(part):
    db.session.expire_all()
    found = select(CapitalCallPart).filter_by(capital_call_id=part.capital_call_id, reference=part.reference)
    found = [(one.amount_minor, one.received_on) for one in db.session.scalars(found)]
    return sorted(found, key=lambda row: (row[1] is not None, row[0]))


def test_a_part_is_capital_from_its_day_and_the_rest_stays_owed(bond, part, browse):
    today, url = clock.today(), f"/capital-calls/{part.capital_call_id}"
    assert paid(bond, 20_000_000, (6_000_000, part.reference)) == 1
    db.session.refresh(part)
    assert rows(part) == [(4_000_000, None), (6_000_000, today)] and part.amount_minor == 4_000_000
    assert (bank_minor(bond.programme.id), part.capital_call.state) == (26_000_000, CapitalCallState.CALLED)
    assert balances(bond.programme.id)[AccountKind.INVESTOR_CAPITAL, part.organisation_id] == 6_000_000
    assert sum(one.amount_minor for one in part.capital_call.parts) == part.capital_call.amount_minor
    told = db.session.scalars(select(Notification).where(Notification.user_id == bond.second.id)).all()
    assert any("40,000.00" in one.body and "still owed" in one.body and part.reference in one.body for one in told)
    for reader in (bond.second, bond.intermediary):
        shown = browse(reader).get_ok(url).text
        assert "60,000.00" in shown and "40,000.00" in shown and "not yet" in shown
    holding = browse(bond.second).get_ok(f"/programmes/{bond.programme.id}/holding").text
    assert "60,000.00" in holding and "40,000.00" in holding
    with clock.at(clock.now() + timedelta(days=3)):
        assert paid(bond, 26_000_000, (4_000_000, f"rest {part.reference}")) == 1
        db.session.refresh(part)
        assert part.capital_call.state == CapitalCallState.FUNDED
        assert rows(part) == [(4_000_000, clock.today()), (6_000_000, today)]
        own = [one for one in real_flows(bond.programme, clock.today()).drawdowns if one.amount < 10_000_000]
        assert [(one.on, one.amount) for one in own] == [(today, 6_000_000), (clock.today(), 4_000_000)]
        assert book_faults() == [] and reconciling.days(bond.programme.id)[0].difference == 0


def test_two_parts_of_one_day_and_too_much(bond, part):
    assert paid(bond, 20_000_000, (6_000_000, part.reference), (4_000_001, part.reference)) == 1
    assert rows(part) == [(4_000_000, None), (6_000_000, clock.today())]
    assert bank_minor(bond.programme.id) == 26_000_000 and book_faults() == []


def test_what_the_desk_booked_in_part_is_not_booked_twice(bond, browse):
    """By hand, where no statement of the bank was read yet; the bank's line is that very money."""
    part = by_hand(bond)
    url = f"/capital-calls/{part.capital_call_id}/parts/{part.id}/receive"
    typed = {"amount": "60000", "on": clock.today().isoformat(), "once": str(uuid.uuid4())}
    assert "100000.00" in browse(bond.intermediary).get_ok(url).text  # what is owed stands there already
    for _twice in range(2):
        answer = browse(bond.intermediary).post_form(url, typed | with_password(bond.intermediary))
        assert answer.status_code == 303
    assert rows(part) == [(4_000_000, None), (6_000_000, clock.today())]
    for wrong in ("40000.01", "0"):
        again = typed | {"amount": wrong, "once": str(uuid.uuid4())} | with_password(bond.intermediary)
        assert browse(bond.intermediary).post_form(url, again).status_code == 422
    assert paid(bond, 0, (6_000_000, part.reference)) == 1
    assert rows(part) == [(4_000_000, None), (6_000_000, clock.today())] and book_faults() == []


def by_hand(bond):
    return next(one for one in call(bond, 30_000_000).parts if one.organisation_id != bond.investor.organisations[0].id)


def test_a_default_is_about_the_rest_alone(bond, part):
    paid(bond, 20_000_000, (6_000_000, part.reference))
    db.session.refresh(part)
    with clock.at(clock.local(part.capital_call.due_on + timedelta(days=15), 12)):
        made = declare_default(part, "No answer.", actor=bond.intermediary, once=uuid.uuid4())
        confirm_default(made, actor=bond.colleague)
        assert db.session.scalars(select(InvestorDefault)).unique().one().part.amount_minor == 4_000_000
        held, left = undrawn_of(part.commitment.round)
        assert dict(zip([one.organisation_id for one in held], left, strict=True))[part.organisation_id] == 0


def test_a_part_without_its_reference_is_matched_by_hand(bond, part, browse):
    assert paid(bond, 20_000_000, (6_000_000, "inleg")) == 0
    line = db.session.scalars(select(BankEntry).filter_by(amount_minor=6_000_000)).unique().one()
    answer = browse(bond.intermediary).post_form(
        f"/bank-entries/{line.id}/match", {"causes": [str(part.id)], "note": "Their account."}
    )
    assert answer.status_code == 303
    assert rows(part) == [(4_000_000, None), (6_000_000, clock.today())] and line.state == EntryState.MATCHED


def test_what_the_bank_takes_back_is_owed_again_and_is_paid_at_once_or_in_parts(bond, part):
    paid(bond, 20_000_000, (6_000_000, part.reference))
    came = db.session.scalars(select(BankEntry).filter_by(amount_minor=6_000_000)).unique().one()
    paid(bond, 26_000_000, (-6_000_000, f"recall {part.reference}"))
    out = next(one for one in db.session.scalars(select(BankEntry)).unique() if one.amount_minor < 0)
    back = prepare_take_back(came, out, "Recalled.", actor=bond.intermediary, once=uuid.uuid4())
    approve_take_back(back, actor=bond.colleague)
    assert rows(part) == [(4_000_000, None), (6_000_000, None)] and bank_minor(bond.programme.id) == 20_000_000
    with clock.at(clock.now() + timedelta(days=1)):
        assert paid(bond, 20_000_000, (7_000_000, part.reference), (3_000_000, part.reference)) == 2
        assert sum(minor for minor, on in rows(part) if on is not None) == 10_000_000
        assert bank_minor(bond.programme.id) == 30_000_000 and book_faults() == []


def test_more_than_is_owed_is_refused(bond, part):
    with pytest.raises(Refused):
        treasury.receive_capital(part, clock.today(), 10_000_001, actor=bond.intermediary)
    assert rows(part) == [(10_000_000, None)]
