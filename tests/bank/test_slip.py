"""A bond without statements of the bank books what the bank took, or paid, with a document and two people (issue 6)."""

import io
import uuid

import pytest

from app.bank.before_closing import checks
from app.bank.booking import reverse_charge
from app.bank.slip import ChargeSlip
from app.bank.slip_operations import SlipFacts, approve_charge, prepare_charge, reject_charge
from app.bank.states import SlipState
from app.core import clock
from app.core.document import Document
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.treasury.states import ChargeKind
from tests.bank.test_match import imported, line
from tests.factories.bank import make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund
from tests.told import told

PAPER = b"%PDF-1.7 overview of June"


@pytest.fixture
def bond(app):
    made = make_banked()
    fund(made, 30_000_000)
    return made


def facts(minor=1_250, kind=ChargeKind.COSTS, content=PAPER, on=None):
    import hashlib

    document = Document("june.pdf", "application/pdf", hashlib.sha256(content).hexdigest(), content)
    return SlipFacts(kind, minor, on or clock.today(), "Account, June", document)


def prepared(bond, **changes):
    return prepare_charge(bond.programme, facts(**changes), actor=bond.intermediary, once=uuid.uuid4())


def test_one_prepares_with_a_document_another_reads_it_and_books(bond, browse):
    desk, second = browse(bond.intermediary), browse(bond.colleague)
    url = f"/programmes/{bond.programme.id}/bank/charges/prepare"
    assert url in desk.get_ok(f"/programmes/{bond.programme.id}/bank/charges").text
    typed = {"kind": "costs", "amount": "12.50", "on": clock.today().isoformat(), "description": "Account, June"}
    answer = desk.post_form(url, typed)
    assert answer.status_code == 422 and "Choose a file" in answer.text
    assert desk.post_form(url, typed | {"file": (io.BytesIO(b"MZ"), "june.pdf")}).status_code == 422
    assert desk.post_form(url, typed | {"file": (io.BytesIO(PAPER), "june.pdf")}).status_code == 303
    slip = db.session.scalars(db.select(ChargeSlip)).unique().one()
    assert bank_minor(bond.programme.id) == 30_000_000, "nothing is booked by one person"
    assert bond.colleague.email in told("charge.prepare") and bond.investor.email not in told("charge.prepare")
    page = f"/charge-slips/{slip.id}"
    assert page in second.get_ok("/home").text and page not in desk.get_ok("/home").text
    assert second.get_ok(f"{page}/document").data == PAPER
    assert browse(bond.auditor).get_ok(page) and browse(bond.auditor).get(f"{page}/approve").status_code == 403
    assert browse(bond.investor).get(page).status_code == 404
    assert desk.get(f"{page}/approve").status_code == 403
    with pytest.raises(NotYours):
        approve_charge(slip, actor=bond.intermediary)

    own = with_password(bond.colleague)
    assert second.post_form(f"{page}/approve", {"password": "no"}).status_code == 422
    assert second.post_form(f"{page}/approve", own).status_code == 303
    db.session.refresh(slip)
    assert slip.state == SlipState.BOOKED and bank_minor(bond.programme.id) == 30_000_000 - 1_250
    assert balances(bond.programme.id)[AccountKind.BANK_COSTS, None] == 1_250 and book_faults() == []
    assert second.get(f"{page}/approve").status_code == 409
    assert page in desk.get_ok(f"/programmes/{bond.programme.id}/bank/charges").text
    with pytest.raises(NotYours):
        reverse_charge(slip.charge, "Wrong", actor=bond.colleague)
    reverse_charge(slip.charge, "Wrong", actor=bond.intermediary)
    assert bank_minor(bond.programme.id) == 30_000_000


def test_interest_comes_on_the_account(bond):
    approve_charge(prepared(bond, kind=ChargeKind.INTEREST, minor=99), actor=bond.colleague)
    assert bank_minor(bond.programme.id) == 30_000_099


def test_where_the_bank_is_read_its_lines_say_it(bond, browse):
    """Else the same costs would be booked twice: once with the document, once from the line."""
    waiting = prepared(bond)
    imported(bond, line(500, "something"))
    with pytest.raises(NotNow, match="statements of the bank"):
        approve_charge(waiting, actor=bond.colleague)
    with pytest.raises(NotNow, match="statements of the bank"):
        prepared(bond, minor=2)
    url = f"/programmes/{bond.programme.id}/bank/charges/prepare"
    assert browse(bond.intermediary).get(url).status_code == 409
    assert url not in browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/bank/charges").text
    assert bank_minor(bond.programme.id) == 30_000_000


def test_the_same_document_is_not_booked_twice(bond):
    approve_charge(prepared(bond), actor=bond.colleague)
    with pytest.raises(Refused, match="same document"):
        prepared(bond)
    assert prepared(bond, minor=77).amount_minor == 77, "one overview may name several costs"


def test_rejected_it_can_be_prepared_anew(bond):
    slip = prepared(bond)
    assert "No costs of the bank wait for a second person" in unmet(bond)
    reject_charge(slip, "The day is wrong", actor=bond.colleague)
    assert "No costs of the bank wait for a second person" not in unmet(bond)
    assert slip.state == SlipState.REJECTED and prepared(bond).state == SlipState.PREPARED


def unmet(bond):
    return [str(one.label) for one in checks(bond.programme) if not one.is_met]


@pytest.mark.parametrize(("changes", "says"), [({"minor": 0}, "above zero"), ({"minor": 30_000_001}, "no more")])
def test_what_cannot_be_booked(bond, changes, says):
    with pytest.raises(Refused, match=says):
        approve_charge(prepared(bond, **changes), actor=bond.colleague)
    assert bank_minor(bond.programme.id) == 30_000_000
