"""Transfer of a commitment (issue 6): what was not called moves to another investor with every consent, to the cent."""

import io
import uuid

import pytest
from flask_security import hash_password
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.agreements.amendment_operations import consent_to_amendment, lay_before
from app.agreements.amendment_states import AmendmentKind
from app.audit.models import AuditEntry
from app.capital.models import Commitment
from app.capital.states import CommitmentState
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from app.treasury.assignment import Assignment
from app.treasury.assignment_operations import (
    accept_assignment,
    consent_to_assignment,
    digest_to_join,
    propose_assignment,
    refuse_assignment,
)
from app.treasury.invariants import bank_is_what_came_in_less_what_went_out, distributions_are_what_the_terms_give
from app.treasury.queries import holding
from app.treasury.states import AssignmentState
from tests.factories.capital import PASSWORD
from tests.factories.people import make_organisation, make_user, with_password
from tests.factories.treasury import call, fund, make_funded
from tests.treasury.test_capital_call import prepare as prepare_call
from tests.treasury.test_distribution import distribute, earn, in_days


@pytest.fixture
def bond(app):
    """400,000.00 senior and 200,000.00 first loss; half of each is called and paid in."""
    made = make_funded()
    for person in (made.investor, made.second):
        person.password = hash_password(PASSWORD)
    db.session.commit()
    fund(made, 30_000_000)
    return made


def propose(bond, amount=5_000_000):
    receiver = bond.second.organisations[0]
    return propose_assignment(
        bond.commitments[0], receiver, amount, "Other plans.", actor=bond.investor, once=uuid.uuid4()
    )


def accepted(bond, amount=5_000_000):
    made = propose(bond, amount)
    accept_assignment(made, digest_to_join(made), actor=bond.second)
    return made


def test_both_investors_find_it_in_their_statement(bond, browse):
    """50,000.00 passed on stands in the file of who gave it and of who took it over, with its state."""
    made = accepted(bond)
    consent_to_assignment(made, actor=bond.intermediary)
    giver, receiver = made.giver.name, made.receiver.name
    for person in (bond.investor, bond.second):
        answer = browse(person).get_ok(f"/programmes/{bond.programme.id}/holding/statement.xlsx")
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        [row] = book.get_sheet_by_name("Transfers of commitments").to_python()[1:]
        assert (row[0], row[1], row[2], row[4]) == (giver, receiver, "taken over", 50_000)


def test_through_the_pages_with_every_consent(bond, browse):
    mine, receiver = bond.commitments[0], bond.second.organisations[0]
    giver, taker, desk = browse(bond.investor), browse(bond.second), browse(bond.intermediary)
    typed = {"receiver": receiver.id, "amount": "50000", "reason": "Other plans.", "password": PASSWORD}
    assert giver.post_form(f"/commitments/{mine.id}/assign", typed).status_code == 303
    made = db.session.scalars(select(Assignment)).one()
    assert desk.get(f"/assignments/{made.id}/consent").status_code == 409
    answer = taker.post_form(f"/assignments/{made.id}/accept", {"bound": True, "password": PASSWORD})
    assert answer.status_code == 303
    own = with_password(bond.intermediary)
    assert desk.post_form(f"/assignments/{made.id}/consent", {"password": "no"}).status_code == 422
    assert desk.post_form(f"/assignments/{made.id}/consent", own).status_code == 303
    for row in (mine, made):
        db.session.refresh(row)
    new = db.session.get_one(Commitment, made.made_id)
    assert (mine.allotted_minor, new.allotted_minor, new.organisation) == (35_000_000, 5_000_000, receiver)
    assert (new.tranche_id, new.state, made.state) == (mine.tranche_id, CommitmentState.ALLOTTED, AssignmentState.DONE)
    assert made.digest == bond.agreement.digest
    acts = {a for a in db.session.scalars(select(AuditEntry.action)) if a.startswith("assignment")}
    assert acts == {"assignment.propose", "assignment.accept", "assignment.consent"}
    told = {n.address for n in db.session.scalars(select(Notification)) if "transfer of a commitment" in n.title}
    assert {bond.investor.email, bond.second.email, bond.intermediary.email} <= told
    assert "50,000.00" in giver.get_ok(f"/programmes/{bond.programme.id}/holding").text


def test_it_waits_at_home_for_who_decides(bond, browse):
    made = propose(bond)
    assert f"/assignments/{made.id}" in browse(bond.second).get_ok("/home").text
    accept_assignment(made, digest_to_join(made), actor=bond.second)
    waits = "Decide on the transfer of a commitment"
    assert waits in browse(bond.intermediary).get_ok("/home").text
    assert waits not in browse(bond.second).get_ok("/home").text


def test_the_next_call_asks_who_holds_it_now_and_paid_in_capital_stays(bond):
    """200,000.00 of the senior 400,000.00 is paid in; 50,000.00 of the rest moves. The rest of all is called."""
    consent_to_assignment(accepted(bond), actor=bond.intermediary)
    asked = call(bond, 30_000_000)
    assert sorted(part.amount_minor for part in asked.parts) == [5_000_000, 10_000_000, 15_000_000]
    mine = holding(bond.programme, bond.investor.organisations[0])
    theirs = holding(bond.programme, bond.second.organisations[0])
    assert (mine.committed, mine.paid_in, mine.called) == (35_000_000, 20_000_000, 35_000_000)
    assert (theirs.committed, theirs.paid_in, theirs.called) == (25_000_000, 10_000_000, 25_000_000)


def test_the_books_hold_after_a_distribution_on_both_sides_of_it(bond):
    with in_days(100):
        earn(bond, 3_000_000)
        distribute(bond)
    with in_days(110):
        consent_to_assignment(accepted(bond, 20_000_000), actor=bond.intermediary)
        assert bond.commitments[0].allotted_minor == 20_000_000
    with in_days(120):
        earn(bond, 3_000_000)
        distribute(bond)
    assert list(distributions_are_what_the_terms_give()) == []
    assert list(bank_is_what_came_in_less_what_went_out()) == []


@pytest.mark.parametrize("amount", [0, 20_000_001])
def test_only_what_was_not_called(bond, amount):
    with pytest.raises(Refused) as refused:
        propose(bond, amount)
    assert refused.value.field == "amount"


def test_what_was_called_meanwhile_is_refused_at_the_consent(bond):
    made = accepted(bond, 20_000_000)
    call(bond, 3_000_000)
    with pytest.raises(Refused):
        consent_to_assignment(made, actor=bond.intermediary)
    assert bond.commitments[0].allotted_minor == 40_000_000


def test_not_while_a_call_waits_for_approval(bond):
    made = accepted(bond)
    prepare_call(bond, 1_000_000)
    with pytest.raises(NotNow, match="waits for approval"):
        consent_to_assignment(made, actor=bond.intermediary)


def test_two_transfers_of_the_same_money(bond):
    first, second = accepted(bond, 20_000_000), accepted(bond, 20_000_000)
    consent_to_assignment(first, actor=bond.intermediary)
    with pytest.raises(Refused):
        consent_to_assignment(second, actor=bond.intermediary)


def test_it_is_refused_with_a_reason(bond, browse):
    made = propose(bond)
    assert browse(bond.second).post_form(f"/assignments/{made.id}/refuse", {"reason": ""}).status_code == 422
    assert browse(bond.second).post_form(f"/assignments/{made.id}/refuse", {"reason": "Too much."}).status_code == 303
    db.session.refresh(made)
    assert made.state == AssignmentState.REFUSED
    assert "Too much." in browse(bond.investor).get_ok(f"/assignments/{made.id}").text
    assert browse(bond.second).get(f"/assignments/{made.id}/accept").status_code == 409


def test_it_is_taken_back(bond, browse):
    made = accepted(bond)
    assert browse(bond.second).get(f"/assignments/{made.id}/withdraw").status_code == 403
    assert browse(bond.investor).post_form(f"/assignments/{made.id}/withdraw").status_code == 303
    with pytest.raises(NotNow):
        consent_to_assignment(made, actor=bond.intermediary)


def test_each_step_is_somebody_elses(bond):
    made = propose(bond)
    with pytest.raises(NotYours):
        accept_assignment(made, digest_to_join(made), actor=bond.investor)
    with pytest.raises(NotYours):
        refuse_assignment(made, "No.", actor=bond.official)
    accept_assignment(made, digest_to_join(made), actor=bond.second)
    with pytest.raises(NotYours):
        consent_to_assignment(made, actor=bond.second)


def test_another_agreement_is_read_first(bond):
    with pytest.raises(Changed):
        accept_assignment(propose(bond), "0" * 64, actor=bond.second)


@pytest.mark.parametrize("typed", ["", "not my password"])
def test_it_is_signed_after_signing_in_afresh(bond, browse, typed):
    made = propose(bond)
    answer = browse(bond.second).post_form(f"/assignments/{made.id}/accept", {"bound": True, "password": typed})
    assert answer.status_code == 422
    db.session.refresh(made)
    assert made.state == AssignmentState.PROPOSED


def test_nobody_else_hears_of_it(bond, browse):
    made = propose(bond)
    browse(bond.auditor).get_ok(f"/assignments/{made.id}")
    for person in (bond.official, bond.provider, bond.assessor, make_user(make_organisation())):
        assert browse(person).get(f"/assignments/{made.id}").status_code == 404
    assert browse(bond.second).get(f"/commitments/{bond.commitments[0].id}/assign").status_code == 404


def amend(bond, **terms):
    """As `_come_into_force` leaves it: what was said is kept, and the agreement has another digest."""
    agreement = bond.agreement
    asked = [(bond.investor.organisations[0], Part.INVESTOR)]
    said = (AmendmentKind.TERMS, agreement.text, agreement.terms | terms, "Better.")
    amendment = operation(lay_before)(agreement, *said, actor=bond.official, once=uuid.uuid4(), asked=asked)
    consent_to_amendment(amendment, asked[0][0], amendment.digest, actor=bond.investor)


def test_an_amendment_beside_the_capital_does_not_end_it(bond):
    """The receiver accepted an agreement that pays within 30 days; that it pays within 20 touches no commitment."""
    made = accepted(bond)
    amend(bond, payment={"days": 20})
    assert made.digest != bond.agreement.digest
    assert consent_to_assignment(made, actor=bond.intermediary).amount_minor == 5_000_000


def test_an_amendment_that_concerns_investors_is_read_first(bond):
    made = accepted(bond)
    amend(bond, volumes={"work-13w": 7})
    with pytest.raises(NotNow, match="was changed meanwhile"):
        consent_to_assignment(made, actor=bond.intermediary)
