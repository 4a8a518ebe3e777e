"""A transfer of a commitment binds as a commitment does (issue 6): where an organisation recorded that two sign
together, one of them proposes or takes over nothing."""

import uuid

import pytest

from app.accounts.signing_authority import How, SignedKind
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.treasury.assignment import Assignment
from app.treasury.assignment_operations import (
    accept_assignment,
    co_sign_assignment,
    consent_to_assignment,
    digest_to_join,
    propose_assignment,
    withdraw_assignment,
)
from app.treasury.states import AssignmentState
from tests.agreements.test_authority import allow
from tests.factories.people import PASSWORD, make_user, with_password
from tests.factories.treasury import call, fund, make_funded
from tests.told import told


@pytest.fixture
def bond(app):
    """Half of every commitment is called; both investors sign with two, and a third colleague signs nothing."""
    made = make_funded()
    fund(made, 30_000_000)
    made.pairs = {}
    for first in (made.investor, made.second):
        other, third = (make_user(first.organisations[0]) for _ in range(2))
        with_password(first, other, third)
        for one in (first, other):
            allow(one, SignedKind.COMMITMENT, how=How.JOINTLY)
        made.pairs[first] = (other, third)
    return made


def propose(bond, amount=5_000_000):
    receiver = bond.second.organisations[0]
    return propose_assignment(
        bond.commitments[0], receiver, amount, "Other plans.", actor=bond.investor, once=uuid.uuid4()
    )


def test_two_propose_and_two_take_over_through_the_pages(bond, browse):
    other, third = bond.pairs[bond.investor]
    typed = {"receiver": bond.second.organisations[0].id, "amount": "50000", "reason": "Plans", "password": PASSWORD}
    answer = browse(bond.investor).post_form(f"/commitments/{bond.commitments[0].id}/assign", typed)
    made = db.session.scalars(db.select(Assignment)).one()
    url = f"/assignments/{made.id}"
    assert answer.status_code == 303 and made.state == AssignmentState.SIGNED_ONCE
    assert bond.second.email not in told("assignment.propose") and other.email in told("assignment.propose")
    assert browse(bond.second).get(url).status_code == 404, "nothing is proposed yet"
    assert f"{url}/co-sign" in browse(other).get_ok("/home").text
    assert f"{url}/co-sign" not in browse(bond.investor).get_ok("/home").text
    assert browse(bond.investor).get(f"{url}/co-sign").status_code == 403
    assert browse(third).get(f"{url}/co-sign").status_code == 403
    signed = {"bound": True, "password": PASSWORD}
    assert browse(other).post_form(f"{url}/co-sign", signed | {"password": "no"}).status_code == 422
    assert browse(other).post_form(f"{url}/co-sign", signed).status_code == 303
    db.session.refresh(made)
    assert made.state == AssignmentState.PROPOSED and bond.second.email in told("assignment.propose")

    taker, _third = bond.pairs[bond.second]
    assert browse(bond.second).post_form(f"{url}/accept", signed).status_code == 303
    db.session.refresh(made)
    assert made.state == AssignmentState.ACCEPTED_ONCE and f"{url}/co-sign" in browse(taker).get_ok(url).text
    assert f"{url}/co-sign" not in browse(other).get_ok(url).text
    assert browse(other).get(f"{url}/co-sign").status_code == 403, "it is the receiver's to sign"
    assert browse(bond.intermediary).get(f"{url}/consent").status_code == 409
    assert browse(taker).post_form(f"{url}/co-sign", signed).status_code == 303
    db.session.refresh(made)
    assert (made.state, made.co_proposed_by, made.co_accepted_by) == (AssignmentState.ACCEPTED, other, taker)
    shown = browse(bond.intermediary).get_ok(url).text
    assert other.name in shown and taker.name in shown
    consent_to_assignment(made, actor=bond.intermediary)
    assert bond.commitments[0].allotted_minor == 35_000_000


def test_nobody_signs_twice_nor_for_the_other_side(bond):
    made = propose(bond)
    for person in (bond.investor, bond.pairs[bond.investor][1], bond.second, bond.intermediary):
        with pytest.raises(NotYours):
            co_sign_assignment(made, actor=person)
    assert made.state == AssignmentState.SIGNED_ONCE
    withdraw_assignment(made, actor=bond.investor)
    with pytest.raises(NotNow):
        co_sign_assignment(made, actor=bond.pairs[bond.investor][0])


def test_a_first_signature_keeps_no_money(bond):
    """All that was left is called between the two signatures: there is nothing to propose any more."""
    made = propose(bond)
    call(bond, 30_000_000)
    with pytest.raises(Refused, match="not called yet"):
        co_sign_assignment(made, actor=bond.pairs[bond.investor][0])


def test_another_agreement_than_the_first_read_is_not_signed(bond):
    made = propose(bond)
    co_sign_assignment(made, actor=bond.pairs[bond.investor][0])
    accept_assignment(made, digest_to_join(made), actor=bond.second)
    bond.agreement.digest = "0" * 64
    db.session.commit()
    with pytest.raises(NotNow, match="changed since the first signature"):
        co_sign_assignment(made, actor=bond.pairs[bond.second][0])
    assert made.state == AssignmentState.ACCEPTED_ONCE
