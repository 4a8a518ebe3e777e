"""An amendment may let the bond run longer, within the money that was reserved (Directive 2014/24/EU, art. 72; domain,
section 4, C1)."""

from datetime import date, timedelta

import pytest

from app.agreements.amendment_models import Amendment
from app.agreements.differences import differences
from app.agreements.invariants import agreements_say_what_was_signed, bonds_run_as_was_signed
from app.agreements.period import latest_day
from app.agreements.termination_states import Ground
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.programmes.models import BudgetYear
from tests.agreements.test_end import declare
from tests.browser import soup
from tests.factories.amendments import consent_all, make_signed, propose, signers

DAY = timedelta(days=1)


@pytest.fixture
def signed(app):
    """Every municipality reserved money until the year after the one in which effects stop."""
    bond, agreement = make_signed()
    for share in bond.programme.shares:
        share.budget.append(BudgetYear(year=bond.programme.tail_until.year + 1, reserved_minor=100))
    db.session.commit()
    return bond, agreement


def test_lengthened_through_the_pages_when_everybody_has_signed(signed, browse):
    bond, agreement = signed
    programme = bond.programme
    before, longer = programme.tail_until, programme.tail_until + timedelta(days=100)
    official = browse(bond.official)
    page = official.get_ok(f"/agreements/{agreement.id}/amend")
    assert soup(page).select_one("#tail_until")["value"] == before.isoformat()
    answer = official.submit(page, {"tail_until": longer.isoformat(), "reason": "Work comes later."})
    assert answer.status_code == 303
    amendment = db.session.scalars(db.select(Amendment)).unique().one()
    [change] = differences(agreement.terms, amendment.terms)
    assert change.what == "Effects accrue until", "nothing else changes"
    consent_all(amendment, signers(bond), but=1)
    assert programme.tail_until == before
    consent_all(amendment, signers(bond)[-1:])
    assert programme.tail_until == longer == programme.settlement_days[-1]
    assert agreement.terms["programme"]["tail_until"] == longer.isoformat()
    assert list(agreements_say_what_was_signed()) == list(bonds_run_as_was_signed()) == []
    programme.tail_until += DAY
    db.session.flush()
    assert len(list(bonds_run_as_was_signed())) == 1


def test_not_shorter_not_beyond_the_money_and_not_upside_down(signed):
    bond, agreement = signed
    programme = bond.programme
    last = latest_day(programme)
    assert last == date(programme.tail_until.year + 1, 12, 31)
    for change, said in (
        ({"tail_until": programme.tail_until - DAY}, "Only a later day"),
        ({"ends_on": programme.ends_on - DAY}, "Only a later day"),
        ({"tail_until": last + DAY}, "reserved money"),
        ({"ends_on": programme.tail_until + DAY}, "at least until"),
    ):
        with pytest.raises(Refused, match=said):
            propose(bond, agreement, **change)
    programme.shares[0].budget.pop()
    db.session.commit()
    assert latest_day(programme) == date(programme.tail_until.year, 12, 31), "one municipality has nothing for longer"
    with pytest.raises(Refused, match="reserved money"):
        propose(bond, agreement, tail_until=last)


def test_not_when_it_is_over_or_ends(signed):
    bond, agreement = signed
    waits = propose(bond, agreement, tail_until=latest_day(bond.programme))
    with clock.at(clock.local(bond.programme.tail_until, 12)), pytest.raises(NotNow, match="is over"):
        consent_all(waits, signers(bond))  # on its last day it may have been settled for good
    db.session.expire_all()
    declare(bond, agreement, Ground.NOTICE)
    with clock.at(clock.local(bond.programme.tail_until, 12)), pytest.raises(NotNow):
        propose(bond, agreement, tail_until=latest_day(bond.programme))
