"""Interest (domain 3.3): a soft word with conditions and a last day; it takes nothing of the target."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.capital.due import run_due
from app.capital.interest import Interest
from app.capital.interest_operations import state_interest, withdraw_interest
from app.capital.operations import close_round, commit
from app.capital.states import InterestState, RoundState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party


@pytest.fixture
def round(app):
    made = make_round()
    make_table(made.programme)
    return made


@pytest.fixture
def investor(round):
    return make_investor(round, "Fonds Oost")


@pytest.fixture
def treasurer(round):
    return make_user(make_party(round.programme, Part.INTERMEDIARY))


def state(round, investor, amount=10_000_000, days=10):
    until = clock.today() + timedelta(days=days)
    said = (amount, "Board decides in May.", until)
    return state_interest(round, investor.organisations[0], *said, actor=investor, once=uuid.uuid4())


def test_interest_is_stated_read_by_the_desk_and_takes_nothing(round, investor, treasurer, browse):
    typed = {"amount": "100000", "conditions": "Board decides in May.", "expires_on": str(round.closes_on)}
    assert browse(investor).post_form(f"/rounds/{round.id}/interest", typed).status_code == 303
    made = db.session.scalars(select(Interest)).one()
    assert (made.amount_minor, made.state) == (10_000_000, InterestState.STATED)
    assert round.left_minor() == round.target_minor
    assert db.session.scalars(select(AuditEntry.action)).all() == ["interest.state"]
    assert treasurer.email in set(db.session.scalars(select(Notification.address)))
    for person in (investor, treasurer):
        shown = browse(person).get_ok(f"/rounds/{round.id}").text
        assert "100,000.00" in shown and "Board decides in May." in shown
    rival = browse(make_investor(round))
    assert "Board decides" not in rival.get_ok(f"/rounds/{round.id}").text
    assert rival.get(f"/interests/{made.id}/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"amount": "0"}, "above zero"),
        ({"amount": "600000.01"}, "at most"),
        ({"expires_on": "2001-01-01"}, "can last until the round closes"),
        ({"expires_on": "2199-01-01"}, "can last until the round closes"),
    ],
)
def test_wrong_input(round, investor, browse, typed, says):
    typed = {"amount": "100", "conditions": "Kept."} | typed
    answer = browse(investor).post_form(f"/rounds/{round.id}/interest", typed)
    assert answer.status_code == 422
    assert says in answer.text and "Kept." in answer.text
    assert db.session.scalars(select(Interest)).all() == []


def test_a_second_word_takes_the_place_of_the_first(round, investor):
    first, second = state(round, investor), state(round, investor, 5)
    assert (first.state, second.state) == (InterestState.WITHDRAWN, InterestState.STATED)


def test_it_is_withdrawn(round, investor, treasurer, browse):
    made = state(round, investor)
    assert browse(treasurer).get(f"/interests/{made.id}/withdraw").status_code == 403
    assert browse(investor).post_form(f"/interests/{made.id}/withdraw").status_code == 303
    db.session.refresh(made)
    assert made.state == InterestState.WITHDRAWN
    assert browse(investor).get(f"/interests/{made.id}/withdraw").status_code == 409


def test_it_lapses_after_its_last_day_and_both_sides_hear_it_once(round, investor, treasurer):
    made = state(round, investor, days=10)
    with clock.at(clock.now() + timedelta(days=10)):
        assert run_due() == 0
    with clock.at(clock.now() + timedelta(days=11)):
        assert (run_due(), run_due()) == (1, 0)
    assert made.state == InterestState.LAPSED
    told = [one.address for one in db.session.scalars(select(Notification)) if "lapsed" in one.title]
    assert sorted(told) == sorted({investor.email, treasurer.email, *(u.email for u in round.programme.lead.people())})


def test_a_commitment_takes_its_place(round, investor):
    made = state(round, investor)
    own = investor.organisations[0]
    commit(round, round.tranches[0], own, 100, actor=investor, once=uuid.uuid4())
    assert made.state == InterestState.COMMITTED


def test_none_stays_when_the_round_closes(round, investor, treasurer):
    made = state(round, investor)
    make_commitment(round, make_investor(round), 60_000_000)
    close_round(round, actor=treasurer)
    assert made.state == InterestState.LAPSED


def test_only_while_the_round_is_open_and_only_by_who_was_invited(round, investor, treasurer, browse):
    assert browse(treasurer).get(f"/rounds/{round.id}/interest").status_code == 403
    round.state = RoundState.STANDING
    db.session.commit()
    with pytest.raises(NotNow):
        state(round, investor)


def test_the_desk_still_sees_what_became_of_it_after_the_investor_committed(round, investor, treasurer, browse):
    """100,000.00 of interest, then a commitment: both stand there, and the interest says that it became one. What was
    withdrawn is gone, and another investor reads nothing."""
    state(round, investor)
    withdrawn = state(round, second := make_investor(round), 20_000_000)
    withdraw_interest(withdrawn, actor=second)
    own = investor.organisations[0]
    commit(round, round.tranches[0], own, 10_000_000, actor=investor, once=uuid.uuid4())
    for reader in (treasurer, investor):
        page = soup(browse(reader).get_ok(f"/rounds/{round.id}"))
        (table,) = [one for one in page.select("main table") if "Interest that you may see" in one.caption.text]
        (row,) = [[cell.get_text(" ", strip=True) for cell in one.select("td, th")] for one in table.select("tbody tr")]
        assert row[:2] == [investor.organisations[0].name, "€100,000.00"] and row[-2] == "became a commitment"
        assert row[-1] == "–", "what became a commitment is withdrawn as one"
    assert "became a commitment" not in browse(second).get_ok(f"/rounds/{round.id}").text
