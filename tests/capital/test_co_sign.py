"""Who may bind an investor is recorded (issue 6, signing authority), and asked when a commitment is signed: one who
signs together with another promises nothing alone."""

import uuid

import pytest
from flask_security import hash_password

from app.accounts.signing_authority import How, SignedKind
from app.capital.co_signing import co_sign_commitment
from app.capital.models import Commitment
from app.capital.operations import close_round, commit, withdraw_commitment
from app.capital.states import CommitmentState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from tests.agreements.test_authority import allow
from tests.capital.test_commit import promise
from tests.factories.capital import PASSWORD, make_investor, make_round
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme
from tests.told import told


@pytest.fixture
def round(app):
    made = make_round(make_programme(illustrative=True))
    make_table(made.programme)
    return made


@pytest.fixture
def pair(round):
    """Two people of one investor who sign together, and a colleague who signs nothing."""
    first = make_investor(round, "Fonds Oost")
    second, third = (make_user(first.organisations[0], password=hash_password(PASSWORD)) for _ in range(2))
    for one in (first, second):
        allow(one, SignedKind.COMMITMENT, how=How.JOINTLY)
    return first, second, third


def sign(round, user, amount=10_000_000):
    return commit(round, round.tranches[0], user.organisations[0], amount, actor=user, once=uuid.uuid4())


def test_two_sign_on_the_page_and_only_then_it_counts(round, pair, browse):
    first, second, _third = pair
    assert promise(browse(first), round, amount="100000").status_code == 303
    made = db.session.scalars(db.select(Commitment)).one()
    assert made.state == CommitmentState.SIGNED_ONCE and round.committed_minor() == 0
    assert told("commitment.commit") == {user.email for user in pair}, "the desk hears when it counts"
    assert "as the second signatory" in browse(second).get_ok("/home").text
    assert "as the second signatory" not in browse(first).get_ok("/home").text
    shown = browse(first).get_ok(f"/rounds/{round.id}").text
    assert f"/commitments/{made.id}/withdraw" in shown and f"/commitments/{made.id}/reduce" not in shown
    url = f"/commitments/{made.id}/co-sign"
    assert browse(first).get(url).status_code == 403
    assert browse(second).post_form(url, {"bound": True, "password": "no"}).status_code == 422
    assert browse(second).post_form(url, {"bound": True, "password": PASSWORD}).status_code == 303
    db.session.refresh(made)
    assert (made.state, made.co_signed_by) == (CommitmentState.COMMITTED, second)
    assert round.committed_minor() == 10_000_000
    assert second.name in browse(first).get_ok(f"/commitments/{made.id}").text


def test_a_colleague_without_a_mandate_binds_nobody(round, pair, browse):
    first, _second, third = pair
    answer = browse(third).post_form(f"/rounds/{round.id}/commit", {"amount": "100000"})
    assert answer.status_code == 422 and "you are not among them" in answer.text
    made = sign(round, first)
    with pytest.raises(NotYours):
        co_sign_commitment(made, actor=third)
    assert made.state == CommitmentState.SIGNED_ONCE


def test_a_first_signature_keeps_no_room(round, pair):
    """Somebody else commits all that is left meanwhile: the second signature comes too late."""
    first, second, _third = pair
    made = sign(round, first)
    sign(round, make_investor(round), round.maximum_minor)
    with pytest.raises(Refused, match="More than is left"):
        co_sign_commitment(made, actor=second)
    withdraw_commitment(made, actor=first)
    assert made.state == CommitmentState.WITHDRAWN


def test_other_terms_since_are_not_signed(round, pair):
    first, second, _third = pair
    made = sign(round, first)
    round.term_sheet = "Other terms."
    db.session.commit()
    with pytest.raises(NotNow, match="terms changed"):
        co_sign_commitment(made, actor=second)


def test_half_signed_is_released_when_the_round_closes(round, pair):
    from datetime import timedelta

    first, second, _third = pair
    official = make_user(round.programme.lead)
    made = sign(round, first)
    sign(round, make_investor(round), round.target_minor - 100)
    with clock.at(clock.now() + timedelta(days=40)):
        with pytest.raises(NotNow):
            co_sign_commitment(made, actor=second)
        close_round(round, actor=official)
    assert (made.state, made.allotted_minor) == (CommitmentState.RELEASED, 0)
