"""A day that was typed wrong is put right with a reason, until it carried a signature; nothing disappears (domain,
section 7: corrections are told, and stand beside what they correct)."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.intake.models import ExitReason
from app.intake.operations import exit_participant, pause_participant
from app.intake.states import ParticipantState
from app.outcomes.correcting import correct_days
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import DayCorrection, Milestone
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from tests.factories.outcomes import make_batch, make_claim, make_delivery, make_lasting, make_participant
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.told import recorded, told, words_told

WHY = "De begeleiding begon een week later."
WEEK = timedelta(days=7)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def person(bond):
    return make_participant(bond, bond.enschede)


def corrected(person):
    rows = db.session.scalars(db.select(DayCorrection).filter_by(participant_id=person.id))
    return sorted((one.what, one.before, one.after) for one in rows)


def test_the_provider_corrects_the_start(bond, person, browse):
    before = person.started_on
    form = {"started_on": (before + WEEK).isoformat(), "reason": WHY}
    assert browse(bond.provider).post_form(f"/participants/{person.id}/correct", form).status_code == 303
    db.session.refresh(person)
    assert person.started_on == before + WEEK
    assert corrected(person) == [("start", before, before + WEEK)]
    assert told("participant.correct") == {bond.assessor.email, bond.official.email}
    assert recorded("participant.correct") == [{"what": "start"}]
    assert WHY not in words_told("participant.correct") and person.code not in words_told("participant.correct")
    for reader in (bond.assessor, bond.official, bond.provider):
        assert WHY in browse(reader).get_ok(f"/participants/{person.id}").text


def test_an_exit_is_moved_and_taken_back(bond, person):
    today = clock.today()
    exit_participant(person, today - WEEK, ExitReason.MOVED, actor=bond.provider)
    correct_days(person, person.started_on, today, WHY, actor=bond.provider)
    assert (person.exited_on, person.state) == (today, ParticipantState.EXITED)
    correct_days(person, person.started_on, None, WHY, actor=bond.provider)
    assert (person.exited_on, person.exit_reason, person.state) == (None, None, ParticipantState.ACTIVE)
    assert (
        corrected(person) == [("exit", today - WEEK, today), ("exit", today, None)] or corrected(person)[1][2] is None
    )
    exit_participant(person, today, ExitReason.MOVED, actor=bond.provider)


@pytest.mark.parametrize("who", ["assessor", "official", "intermediary", "partner"])
def test_nobody_else_corrects(bond, person, browse, who):
    actor = make_user(make_party(bond.programme, Part.PROVIDER)) if who == "partner" else getattr(bond, who)
    assert browse(actor).get(f"/participants/{person.id}/correct").status_code in (403, 404)
    with pytest.raises(NotYours):
        correct_days(person, person.started_on + WEEK, None, WHY, actor=actor)


def test_what_was_signed_off_stands(bond, person):
    make_claim(bond, person, state=ClaimState.VERIFIED)
    make_batch(bond)
    with pytest.raises(NotNow):
        correct_days(person, person.started_on - timedelta(days=1), None, WHY, actor=bond.provider)
    assert corrected(person) == []


def test_the_start_stays_before_what_happened(bond, person):
    claim = make_claim(bond, person)
    for day in (claim.achieved_on + timedelta(days=1), clock.today() + WEEK, bond.programme.starts_on - WEEK):
        with pytest.raises(Refused) as refused:
            correct_days(person, day, None, WHY, actor=bond.provider)
        assert refused.value.field == "started_on"
    pause_participant(person, person.started_on + WEEK, actor=bond.provider, once=claim.id)
    with pytest.raises(Refused):
        correct_days(person, person.started_on + 2 * WEEK, None, WHY, actor=bond.provider)
    assert corrected(person) == []


def test_refused_unchanged_stale_without_exit_and_with_a_national_number(bond, person, browse):
    with pytest.raises(Refused):
        correct_days(person, person.started_on, None, WHY, actor=bond.provider)
    with pytest.raises(Refused) as none:
        correct_days(person, person.started_on, clock.today(), WHY, actor=bond.provider)
    assert none.value.field == "exited_on"
    with pytest.raises(Changed):
        correct_days(person, person.started_on + WEEK, None, WHY, actor=bond.provider, version=person.version + 7)
    form = {"started_on": (person.started_on + WEEK).isoformat(), "reason": "BSN 123456782"}
    assert browse(bond.provider).post_form(f"/participants/{person.id}/correct", form).status_code == 422
    assert corrected(person) == []


def test_what_lasts_is_counted_anew(app):
    """A job of 13 weeks from the start on: that of 26 weeks is reached a week later when the start was a week later."""
    bond = make_lasting()
    person = make_participant(bond)
    make_claim(bond, person, "work-13w", ClaimState.REGISTERED, achieved_on=person.started_on + 13 * WEEK)
    lay_milestones(person)
    db.session.commit()
    assert due_days(bond, person, "work-26w") == [person.started_on + 26 * WEEK]
    correct_days(person, person.started_on + WEEK, None, WHY, actor=bond.provider)
    assert due_days(bond, person, "work-26w") == [person.started_on + 26 * WEEK]


def due_days(bond, person, code):
    found = db.select(Milestone.due_on).filter_by(participant_id=person.id, effect_id=bond.effect(code).id)
    return list(db.session.scalars(found))
