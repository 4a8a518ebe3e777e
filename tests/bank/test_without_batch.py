"""Money that left without a released batch is never closed by one person alone (issue 6)."""

import pytest

from app.bank import matching, queries, without_batch
from app.bank.before_closing import checks
from app.bank.models import BankEntry, BankMatch
from app.bank.states import EntryState
from app.core.errors import NotNow, NotYours
from app.extensions import db
from tests.bank.test_match import imported, line
from tests.factories.bank import give_account, iban_of, make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund, pay_cost
from tests.told import told


@pytest.fixture
def bond(app):
    made = make_banked()
    imported(made, *[line(part.amount_minor, part.reference) for part in fund(made, 30_000_000).parts])
    give_account(made, made.provider, 1)
    return made


def gone(bond, iban=""):
    """Somebody paid the provider in the bank's own programme, beside the portal."""
    cost = pay_cost(bond, 400_000)
    imported(bond, line(-400_000, "transfer"), opening=30_000_000)
    (found,) = [one for one in db.session.scalars(db.select(BankEntry)).unique() if one.amount_minor < 0]
    found.iban = iban
    db.session.commit()
    return cost, found


def test_one_says_what_it_was_another_confirms(bond, browse):
    cost, went = gone(bond, iban_of(2))
    desk, second = browse(bond.intermediary), browse(bond.colleague)
    answer = desk.post_form(f"/bank-entries/{went.id}/match", {"causes": [str(cost.id)], "note": "Paid by hand"})
    assert answer.status_code == 303
    db.session.refresh(went)
    assert went.state == EntryState.PROPOSED and not db.session.query(BankMatch).filter_by(entry_id=went.id).all()
    assert told("bank_entry.propose") == {bond.colleague.email, bond.auditor.email}
    waits = desk.get_ok(f"/programmes/{bond.programme.id}/bank/work-list").text
    assert "Nothing to match" in waits and "1 waits for a second person" in waits and "Nothing to do" not in waits
    page = f"/bank-entries/{went.id}/proposed"
    assert page in second.get_ok("/home").text and page not in desk.get_ok("/home").text
    assert page in second.get_ok(f"/programmes/{bond.programme.id}/bank/work-list").text
    assert any(not one.is_met and one.endpoint == "bank.work_list" for one in checks(bond.programme))
    url = f"/bank-entries/{went.id}/confirm"
    assert desk.get(url).status_code == 403 and browse(bond.auditor).get(url).status_code == 403
    assert browse(bond.investor).get(page).status_code == 404
    with pytest.raises(NotYours):
        without_batch.confirm_match(went, actor=bond.intermediary)
    shown = second.get_ok(url).text
    assert "another account" in shown and "Paid by hand" in shown and iban_of(2) in shown
    assert second.post_form(url, {"password": "no"}).status_code == 422
    assert second.post_form(url, with_password(bond.colleague)).status_code == 303
    db.session.refresh(went)
    assert went.state == EntryState.MATCHED and book_faults() == []
    assert "Nothing to do" in second.get_ok(f"/programmes/{bond.programme.id}/bank/work-list").text
    assert bond.auditor.email in told("bank_entry.confirm")
    assert bond.colleague.name in browse(bond.auditor).get_ok(page).text


def test_no_batch_is_made_beside_it_once_confirmed(bond):
    cost, went = gone(bond, iban_of(1))
    without_batch.propose_match(went, queries.candidates(went), "Paid by hand", actor=bond.intermediary)
    (found,) = without_batch.beside(went)
    assert found.is_same and found.payment.id == cost.id
    without_batch.confirm_match(went, actor=bond.colleague)
    assert queries.candidates(went) == []
    with pytest.raises(NotNow):
        without_batch.confirm_match(went, actor=bond.colleague)


def test_nobody_closes_it_alone(bond):
    """Neither by hand, nor by a reference that somebody wrote into the transfer."""
    _cost, went = gone(bond)
    with pytest.raises(NotNow, match="no released batch"):
        matching.match_lines([went], queries.candidates(went), "Sure", actor=bond.intermediary)
    assert matching.match_open(bond.programme, actor=bond.intermediary) == 0


def test_refused_it_stands_on_the_list_again(bond, browse):
    _cost, went = gone(bond)
    without_batch.propose_match(went, queries.candidates(went), "Paid by hand", actor=bond.intermediary)
    url = f"/bank-entries/{went.id}/refuse"
    assert browse(bond.colleague).post_form(url, {"reason": "Not to this account"}).status_code == 303
    db.session.refresh(went)
    assert (went.state, went.proposed) == (EntryState.OPEN, None)
    assert (
        "Not to this account" in browse(bond.colleague).get_ok(f"/programmes/{bond.programme.id}/bank/work-list").text
    )
