"""Nobody is in default whose money lies on the account, unread: what waits on the work list is looked at first."""

import uuid

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.treasury.default import InvestorDefault, arrived_unmatched
from app.treasury.default_operations import confirm_default, declare_default
from app.treasury.states import DefaultState
from tests.bank.test_match import imported, line
from tests.factories.bank import give_account, iban_of, make_banked
from tests.factories.people import with_password
from tests.factories.treasury import call
from tests.treasury.test_default import days_after


@pytest.fixture
def bond(app):
    """Both investors are called; nothing was booked as received."""
    made = make_banked()
    asked = call(made, 30_000_000)
    made.part = next(one for one in asked.parts if one.organisation_id == made.investor.organisations[0].id)
    return made


def declare(bond, **facts):
    return declare_default(bond.part, "No answer.", actor=bond.intermediary, once=uuid.uuid4(), **facts)


def test_the_page_warns_and_asks_whether_somebody_looked(bond, browse):
    """Of more than was asked, so that nothing matched by itself; named by its reference, as people write it."""
    imported(bond, line(20_100_000, f"inleg {bond.part.reference.replace('-', ' ').lower()} met rente"))
    url = f"/capital-calls/{bond.part.capital_call_id}/parts/{bond.part.id}/default"
    with days_after(bond.part, 15):
        text = browse(bond.intermediary).get_ok(url).text
        assert "201,000.00" in text and f"/programmes/{bond.programme.id}/bank/work-list" in text
        answer = browse(bond.intermediary).post_form(url, {"reason": "No answer."})
        assert answer.status_code == 422 and "Look at it first" in answer.text
        assert db.session.query(InvestorDefault).count() == 0
        typed = {"reason": "No answer.", "looked": True}
        assert browse(bond.intermediary).post_form(url, typed).status_code == 303
        made = db.session.scalars(db.select(InvestorDefault)).unique().one()
        with pytest.raises(Refused, match="Look at it first"):  # the second person looks too
            confirm_default(made, actor=bond.colleague)
        url, own = f"/defaults/{made.id}/confirm", with_password(bond.colleague)
        assert "Look at it first" in browse(bond.colleague).post_form(url, own).text
        assert browse(bond.colleague).post_form(url, own | {"looked": True}).status_code == 303
        db.session.refresh(made)
        assert made.state == DefaultState.CONFIRMED


@pytest.mark.parametrize("sign", ["name", "account", "amount"])
def test_each_sign_counts(bond, sign):
    give_account(bond, bond.investor, 7)
    facts = {
        "name": (100, "inleg", {"name": bond.part.organisation.name.upper()}),
        "account": (100, "inleg", {}),
        "amount": (bond.part.amount_minor, "inleg", {}),
    }
    minor, text, more = facts[sign]
    made = line(minor, text, **more)
    if sign == "account":
        party = f"<DbtrAcct><Id><IBAN>{iban_of(7)}</IBAN></Id></DbtrAcct></RltdPties>"
        made = (minor, made[1].replace("</RltdPties>", party))
    imported(bond, made)
    assert len(arrived_unmatched(bond.part)) == 1


def test_what_is_of_another_does_not_stop_it(bond):
    imported(bond, line(12_300, "something else", name="Somebody"))
    assert arrived_unmatched(bond.part) == []
    with days_after(bond.part, 15):
        assert declare(bond).state == DefaultState.DECLARED
