"""A day that was typed wrong is put right with a reason, until it carried a signature; nothing disappears (domain,
section 7: corrections are told, and stand beside what they correct)."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.format import day as format_day
from app.extensions import db
from app.intake.models import ExitReason
from app.intake.operations import exit_participant, pause_participant, resume_participant
from app.intake.states import ParticipantState
from app.outcomes.correcting import correct_days, return_participant
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import DayCorrection, Milestone
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from tests.browser import soup
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


def test_a_start_that_becomes_long_ago_is_a_late_registration_for_the_same_reason(bond, browse):
    """Else a start of today, corrected tomorrow to two months ago, would ask nobody why (`rules.check_late`)."""
    made = make_participant(bond, bond.enschede, started_on=clock.today())
    assert (made.days_to_register, made.late_reason) == (0, None)
    correct_days(made, clock.today() - timedelta(days=40), None, WHY, actor=bond.provider)
    assert (made.days_to_register, made.late_reason) == (40, WHY)
    assert "Registered 40 days after the start" in browse(bond.official).get_ok(f"/participants/{made.id}").text
    correct_days(made, clock.today() - timedelta(days=30), None, "It was later.", actor=bond.provider)
    assert (made.days_to_register, made.late_reason) == (0, None)


def test_the_day_of_telling_is_corrected_with_the_start_that_it_held_back(bond, browse):
    """Domain, section 9: told before the start. A start typed a week late came with a day of telling typed late too."""
    start = clock.today() - timedelta(days=20)
    person = make_participant(bond, bond.enschede, started_on=start, informed_on=start)
    browser, page, earlier = browse(bond.provider), f"/participants/{person.id}/correct", start - WEEK
    form = {"started_on": earlier.isoformat(), "informed_on": start.isoformat(), "reason": WHY}
    refused = browser.post_form(page, form)
    told_wrong = soup(refused).select_one("#informed_on-error").text
    assert refused.status_code == 422 and format_day(start) in told_wrong and format_day(earlier) in told_wrong
    assert corrected(person) == []
    assert browser.submit(refused, {"informed_on": earlier.isoformat()}).status_code == 303
    db.session.refresh(person)
    assert (person.informed_on, person.started_on) == (earlier, earlier)
    assert corrected(person) == [("informed", start, earlier), ("start", start, earlier)]
    assert recorded("participant.correct") == [{"what": "informed, start"}]
    shown = browse(bond.official).get_ok(f"/participants/{person.id}").text
    assert f"day told what is kept, or of consent from {format_day(start)} to {format_day(earlier)}" in shown


def test_the_day_of_telling_alone_is_corrected(bond, browse):
    """Nothing else changes, nobody who reads an older copy writes over it, and it never lies after the start."""
    start = clock.today() - timedelta(days=20)
    person = make_participant(bond, bond.enschede, started_on=start, informed_on=start - timedelta(days=3))
    seen, before = person.version, person.informed_on
    with pytest.raises(Refused) as late:
        correct_days(person, start, None, WHY, informed_on=start + timedelta(days=1), actor=bond.provider)
    assert late.value.field == "informed_on" and person.informed_on == before
    with pytest.raises(Refused, match="stand already"):
        correct_days(person, start, None, WHY, informed_on=before, actor=bond.provider)
    form = {"started_on": start.isoformat(), "informed_on": start.isoformat(), "reason": WHY}
    assert browse(bond.provider).post_form(f"/participants/{person.id}/correct", form).status_code == 303
    db.session.refresh(person)
    assert (person.informed_on, person.started_on) == (start, start)
    assert corrected(person) == [("informed", before, start)]
    assert "of telling what is kept" in words_told("participant.correct")
    with pytest.raises(Changed):
        correct_days(person, start, None, WHY, informed_on=before, actor=bond.provider, version=seen)


def test_a_day_of_telling_that_was_never_noted_is_not_corrected(bond, person, browse):
    assert person.informed_on is None
    assert "informed_on" not in browse(bond.provider).get_ok(f"/participants/{person.id}/correct").text
    with pytest.raises(Refused) as none:
        correct_days(person, person.started_on, None, WHY, informed_on=person.started_on, actor=bond.provider)
    assert none.value.field == "informed_on" and corrected(person) == []


def test_the_notice_says_that_a_start_became_a_late_registration_and_only_then(bond):
    """The municipality was told nothing of it at the start; without a day, a code or the reason in mail."""
    said = "registered more than 30 days later"
    made = make_participant(bond, bond.enschede, started_on=clock.today())
    correct_days(made, clock.today() - timedelta(days=30), None, WHY, actor=bond.provider)
    assert said not in words_told("participant.correct"), "thirty days are in time"
    correct_days(made, clock.today() - timedelta(days=31), None, WHY, actor=bond.provider)
    words = words_told("participant.correct")
    assert words.count(said) == 2, "the assessor and the municipality, each once"
    assert WHY not in words and made.code not in words and format_day(made.started_on) not in words
    correct_days(made, clock.today() - timedelta(days=32), None, WHY, actor=bond.provider)
    assert words_told("participant.correct").count(said) == 2, "it was late before: nothing new"


def test_an_exit_is_moved(bond, person):
    today = clock.today()
    exit_participant(person, today - WEEK, ExitReason.MOVED, actor=bond.provider)
    correct_days(person, person.started_on, today, WHY, actor=bond.provider)
    assert (person.exited_on, person.state) == (today, ParticipantState.EXITED)
    assert corrected(person) == [("exit", today - WEEK, today)]
    with pytest.raises(Refused) as none:
        correct_days(person, person.started_on, None, WHY, actor=bond.provider)
    assert none.value.field == "exited_on", "that is another act, with a page of its own"


def test_an_exit_is_taken_back(bond, person, browse):
    page = f"/participants/{person.id}/return"
    assert browse(bond.provider).get(page).status_code == 409, "nobody left"
    exit_participant(person, clock.today(), ExitReason.MOVED, actor=bond.provider)
    assert "Take the exit back" in browse(bond.provider).get_ok(f"/participants/{person.id}").text
    assert browse(bond.provider).post_form(page, {"reason": "BSN 123456782"}).status_code == 422
    assert browse(bond.provider).post_form(page, {"reason": WHY}).status_code == 303
    db.session.refresh(person)
    assert (person.exited_on, person.exit_reason, person.state) == (None, None, ParticipantState.ACTIVE)
    assert corrected(person) == [("exit", clock.today(), None)]
    assert told("participant.return") == {bond.assessor.email, bond.official.email}
    assert recorded("participant.return") == [{}]
    assert WHY not in words_told("participant.return") and person.code not in words_told("participant.return")
    assert WHY in browse(bond.assessor).get_ok(f"/participants/{person.id}").text
    exit_participant(person, clock.today(), ExitReason.MOVED, actor=bond.provider)


def test_a_pause_that_the_wrong_exit_ended_goes_on(bond, person):
    """Nobody resumed the support: an exit that was none did not end the pause, so neither state nor day may stay."""
    since = person.started_on + WEEK
    pause_participant(person, since, actor=bond.provider, once=uuid.uuid4())
    exit_participant(person, since + WEEK, ExitReason.STOPPED, actor=bond.provider)
    return_participant(person, WHY, actor=bond.provider)
    assert person.state == ParticipantState.PAUSED
    assert [(one.from_on, one.until_on) for one in person.pauses] == [(since, None)]
    resume_participant(person, since + WEEK, actor=bond.provider)
    exit_participant(person, since + WEEK, ExitReason.STOPPED, actor=bond.provider)
    return_participant(person, WHY, actor=bond.provider)
    assert person.state == ParticipantState.ACTIVE, "a pause that somebody ended on that very day stays ended"


def test_a_pause_is_corrected(bond, person, browse):
    first = person.started_on + WEEK
    pause_participant(person, first, actor=bond.provider, once=uuid.uuid4())
    resume_participant(person, first + WEEK, actor=bond.provider)
    pause_participant(person, first + 3 * WEEK, actor=bond.provider, once=uuid.uuid4())
    form = {"started_on": person.started_on, "from_1": first + timedelta(days=1), "until_1": first + 2 * WEEK}
    form |= {"from_2": first + 3 * WEEK, "reason": WHY}
    page = f"/participants/{person.id}/correct"
    assert "until_2" not in browse(bond.provider).get_ok(page).text, "it still runs: it is ended, not corrected"
    assert browse(bond.provider).post_form(page, form).status_code == 303
    db.session.refresh(person)
    assert corrected(person) == [
        ("pause", first, first + timedelta(days=1)),
        ("resume", first + WEEK, first + 2 * WEEK),
    ]
    assert [(one.from_on, one.until_on) for one in person.pauses] == [
        (first + timedelta(days=1), first + 2 * WEEK),
        (first + 3 * WEEK, None),
    ]
    assert person.state == ParticipantState.PAUSED
    assert told("participant.correct") == {bond.assessor.email, bond.official.email}
    assert WHY in browse(bond.official).get_ok(f"/participants/{person.id}").text


@pytest.mark.parametrize(
    "spans, field",
    [
        ([(-1, 7), (14, 21)], "from_1"),  # before the start
        ([(7, 6), (14, 21)], "until_1"),
        ([(0, 15), (14, 21)], "from_2"),  # in the pause before
        ([(0, 7), (14, 2000)], "until_2"),  # in the future
        ([(0, 7), (14, 29)], "exited_on"),
    ],
)
def test_pauses_follow_each_other_within_the_support(bond, person, spans, field):
    start = person.started_on
    days = [(start, start + WEEK), (start + 2 * WEEK, start + 3 * WEEK)]
    for from_on, until_on in days:
        pause_participant(person, from_on, actor=bond.provider, once=uuid.uuid4())
        resume_participant(person, until_on, actor=bond.provider)
    exit_participant(person, start + 4 * WEEK, ExitReason.MOVED, actor=bond.provider)
    asked = [(start + timedelta(days=first), start + timedelta(days=last)) for first, last in spans]
    with pytest.raises(Refused) as refused:
        correct_days(person, start, person.exited_on, WHY, pauses=asked, actor=bond.provider)
    assert refused.value.field == field
    assert [(one.from_on, one.until_on) for one in person.pauses] == days
    assert corrected(person) == []


def test_who_corrects_a_pause_has_read_the_pauses_of_today(bond, person):
    pause_participant(person, person.started_on, actor=bond.provider, once=uuid.uuid4())
    read = [(person.started_on, None)]
    resume_participant(person, person.started_on + WEEK, actor=bond.provider)
    with pytest.raises(Changed):
        correct_days(person, person.started_on, None, WHY, pauses=read, actor=bond.provider)
    seen = person.version
    later = [(person.started_on, person.started_on + 2 * WEEK)]
    correct_days(person, person.started_on, None, WHY, pauses=later, actor=bond.provider, version=seen)
    with pytest.raises(Changed):
        correct_days(person, person.started_on, None, WHY, pauses=later, actor=bond.provider, version=seen)


@pytest.mark.parametrize("who", ["assessor", "official", "intermediary", "partner"])
def test_nobody_else_corrects(bond, person, browse, who):
    actor = make_user(make_party(bond.programme, Part.PROVIDER)) if who == "partner" else getattr(bond, who)
    assert browse(actor).get(f"/participants/{person.id}/correct").status_code in (403, 404)
    with pytest.raises(NotYours):
        correct_days(person, person.started_on + WEEK, None, WHY, actor=actor)
    exit_participant(person, clock.today(), ExitReason.MOVED, actor=bond.provider)
    with pytest.raises(NotYours):
        return_participant(person, WHY, actor=actor)


def test_what_was_signed_off_stands(bond, person, browse):
    make_claim(bond, person, state=ClaimState.VERIFIED)
    exit_participant(person, clock.today(), ExitReason.MOVED, actor=bond.provider)
    make_batch(bond)
    with pytest.raises(NotNow):
        return_participant(person, WHY, actor=bond.provider)
    assert person.state == ParticipantState.EXITED
    shown = browse(bond.provider).get_ok(f"/participants/{person.id}").text
    for path in ("correct", "return"):
        assert browse(bond.provider).get(f"/participants/{person.id}/{path}").status_code == 409
        assert f"/participants/{person.id}/{path}" not in shown, "no link leads to a page that only refuses"
    with pytest.raises(NotNow):
        correct_days(person, person.started_on - timedelta(days=1), person.exited_on, WHY, actor=bond.provider)
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
