"""A pause keeps the place; it lies within the support and ends before the exit."""

import uuid
from datetime import date

import pytest

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.intake.models import ExitReason
from app.intake.operations import exit_participant, pause_participant, resume_participant
from app.intake.states import ParticipantState
from tests.browser import soup
from tests.factories.outcomes import START, make_delivery, make_participant

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def person(bond):
    return make_participant(bond)


def test_paused_and_going_on(bond, person, browse):
    provider = browse(bond.provider)
    assert provider.get(f"/participants/{person.id}/resume").status_code == 409
    assert provider.post_form(f"/participants/{person.id}/pause", {"from_on": "2026-06-01"}).status_code == 303
    db.session.refresh(person)
    assert person.state == ParticipantState.PAUSED
    assert provider.get(f"/participants/{person.id}/pause").status_code == 409
    assert provider.post_form(f"/participants/{person.id}/resume", {"until_on": "2026-07-01"}).status_code == 303
    db.session.refresh(person)
    assert person.state == ParticipantState.ACTIVE
    assert [(one.from_on, one.until_on) for one in person.pauses] == [(JUNE, JULY)]
    assert browse(bond.official).get(f"/participants/{person.id}/pause").status_code == 403


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 11, 16), date(2026, 6, 15)])
def test_a_pause_before_the_start_in_the_future_or_in_another_is_refused(bond, person, day):
    pause_participant(person, JUNE, actor=bond.provider, once=uuid.uuid4())
    resume_participant(person, JULY, actor=bond.provider)
    with pytest.raises(Refused) as refused:
        pause_participant(person, day, actor=bond.provider, once=uuid.uuid4())
    assert refused.value.field == "from_on"


@pytest.mark.parametrize("day", [date(2026, 5, 31), date(2026, 11, 16)])
def test_it_ends_after_it_began_and_not_in_the_future(bond, person, day):
    pause_participant(person, JUNE, actor=bond.provider, once=uuid.uuid4())
    with pytest.raises(Refused) as refused:
        resume_participant(person, day, actor=bond.provider)
    assert refused.value.field == "until_on"
    assert person.state == ParticipantState.PAUSED


def test_the_exit_ends_a_pause(bond, person, browse):
    pause_participant(person, JUNE, actor=bond.provider, once=uuid.uuid4())
    with pytest.raises(Refused):
        exit_participant(person, START, ExitReason.STOPPED, actor=bond.provider)
    exit_participant(person, JULY, ExitReason.STOPPED, actor=bond.provider)
    assert (person.state, person.exited_on, person.pauses[0].until_on) == (ParticipantState.EXITED, JULY, None)
    pauses = soup(browse(bond.provider).get_ok(f"/participants/{person.id}")).find("caption", string="Pauses").parent
    assert [cell.text for cell in pauses.select("tbody td, tbody th")] == ["1 June 2026", "ended by the exit"]
    with pytest.raises(NotNow):
        pause_participant(person, JULY, actor=bond.provider, once=uuid.uuid4())


@pytest.mark.parametrize(
    "leaves, said",
    [
        (date(2026, 5, 1), ["A pause from 1 June 2026 to 1 July 2026 lies after this day"]),
        (date(2026, 6, 15), ["This lies in the pause from 1 June 2026 to 1 July 2026"]),
        (JULY, []),
    ],
)
def test_the_exit_that_is_refused_names_the_pause_that_is_in_the_way(bond, person, browse, leaves, said):
    """A pause after the day of the exit is not an earlier one; on the day on which it ended one may leave."""
    pause_participant(person, JUNE, actor=bond.provider, once=uuid.uuid4())
    resume_participant(person, JULY, actor=bond.provider)
    answer = browse(bond.provider).post_form(
        f"/participants/{person.id}/exit", {"exited_on": leaves.isoformat(), "reason": "stopped"}
    )
    assert answer.status_code == (422 if said else 303)
    assert [soup(answer).select_one("#exited_on-error").text.count(one) for one in said] == [1] * len(said)


def test_a_pause_that_runs_is_named_as_one_that_has_no_end_yet(bond, person, browse):
    pause_participant(person, JUNE, actor=bond.provider, once=uuid.uuid4())
    pauses = soup(browse(bond.provider).get_ok(f"/participants/{person.id}")).find("caption", string="Pauses").parent
    assert [cell.text for cell in pauses.select("tbody td, tbody th")] == ["1 June 2026", "still paused"]
    with pytest.raises(Refused, match="A pause from 1 June 2026 on lies after this day"):
        exit_participant(person, START, ExitReason.STOPPED, actor=bond.provider)
