"""Effects that last: when a clock makes them, what stops it, and what a claim is refused for (domain, 4 D4 and 5)."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from app.core import clock
from app.core.errors import Refused
from app.core.format import day
from app.extensions import db
from app.intake.models import ExitReason
from app.intake.operations import exit_participant
from app.intake.views import indicators_of
from app.notifications.models import Notification
from app.outcomes import clocks, due
from app.outcomes.clock_operations import start_clock, stop_clock
from app.outcomes.models import Milestone
from app.outcomes.operations import register_claim
from app.outcomes.proving import reject_proof, submit_proof, withdraw_proof
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import ClaimState
from app.pricing.models import Lasts
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_lasting, make_participant
from tests.told import recorded, told, words_told

HOME = date(2026, 3, 31)


@pytest.fixture
def bond(app):
    """home-start, then home-3m and home-6m (months); work-13w, then work-26w (weeks)."""
    return make_lasting()


@pytest.fixture
def person(bond):
    return make_participant(bond)


def claim(bond, person, code, achieved_on, **said):
    effect = bond.effect(code)
    facts = ClaimFacts(
        effect=effect,
        achieved_on=achieved_on,
        evidence_type=effect.evidence_type,
        evidence_issuer=effect.evidence_type.value,  # of a landlord or an employer
        evidence_on=achieved_on,
        evidence_digest=uuid.uuid4().hex * 2,
    )
    return register_claim(person, facts, actor=bond.provider, once=uuid.uuid4(), **said)


def due_days(person):
    rows = db.session.scalars(db.select(Milestone).filter_by(participant_id=person.id)).all()
    return {row.effect.code: (row.due_on, row.lapses_on) for row in rows}


@pytest.mark.parametrize(
    ("start", "lasts", "unit", "end"),
    [
        (date(2026, 3, 31), 3, Lasts.MONTHS, date(2026, 6, 30)),  # June has no 31st
        (date(2025, 11, 30), 3, Lasts.MONTHS, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, Lasts.MONTHS, date(2027, 1, 15)),
        (date(2026, 3, 2), 13, Lasts.WEEKS, date(2026, 6, 1)),  # a Monday again
        (date(2026, 3, 2), 90, Lasts.DAYS, date(2026, 5, 31)),
    ],
)
def test_a_term_ends_on_the_same_day_of_the_week_or_month(start, lasts, unit, end):
    """Regulation 1182/71, article 3(2)(c)."""
    assert clocks.after(start, lasts, unit) == end


def test_a_claim_makes_what_follows_claimable_by_itself(bond, person):
    claim(bond, person, "home-start", HOME)
    window = timedelta(days=90)
    assert due_days(person) == {
        "home-3m": (date(2026, 6, 30), date(2026, 6, 30) + window),
        "home-6m": (date(2026, 9, 30), date(2026, 9, 30) + window),  # since the same start, not since home-3m
    }
    claim(bond, person, "home-3m", date(2026, 6, 30))
    assert set(due_days(person)) == {"home-6m"}


def test_a_claim_before_the_clock_has_run_is_refused_with_the_first_day(bond, person):
    claim(bond, person, "home-start", HOME)
    with pytest.raises(Refused, match=r"Rule “duration”.*30 June 2026") as refused:
        claim(bond, person, "home-3m", date(2026, 6, 29))
    assert refused.value.field == "achieved_on"


def test_a_reset_counts_from_the_next_start(bond, person):
    """Domain, section 5: leaving the home restarts the clock."""
    claim(bond, person, "home-start", HOME)
    claim(bond, person, "home-3m", date(2026, 6, 30))
    chain = bond.effect("home-start")
    stop_clock(person, chain, date(2026, 8, 1), "Moved out.", actor=bond.provider)
    assert due_days(person) == {}
    with pytest.raises(Refused, match="Rule “clock reset”"):
        claim(bond, person, "home-6m", date(2026, 9, 30))
    start_clock(person, chain, date(2026, 8, 20), actor=bond.provider, once=uuid.uuid4())
    assert due_days(person)["home-6m"][0] == date(2027, 2, 20)
    with pytest.raises(Refused, match=r"Rule “clock reset”.*20 February 2027"):
        claim(bond, person, "home-6m", date(2026, 9, 30))
    with clock.at(datetime(2027, 2, 20, 12, tzinfo=UTC)):
        assert claim(bond, person, "home-6m", date(2027, 2, 20)).state == ClaimState.REGISTERED
    assert "Moved out" not in str(recorded("clock.stop"))


def test_what_was_reached_before_the_stop_stays_claimable(bond, person):
    claim(bond, person, "home-start", HOME)
    stop_clock(person, bond.effect("home-start"), date(2026, 7, 1), "Moved out.", actor=bond.provider)
    assert set(due_days(person)) == {"home-3m"}
    assert claim(bond, person, "home-3m", date(2026, 6, 30))


def test_a_stop_is_refused_while_an_open_claim_counts_on_the_clock(bond, person):
    claim(bond, person, "home-start", HOME)
    standing = claim(bond, person, "home-3m", date(2026, 6, 30))
    with pytest.raises(Refused, match=standing.number):
        stop_clock(person, bond.effect("home-start"), date(2026, 6, 1), "Moved out.", actor=bond.provider)
    withdraw_proof(standing, actor=bond.provider)
    stop_clock(person, bond.effect("home-start"), date(2026, 6, 1), "Moved out.", actor=bond.provider)


def test_the_assessor_hears_of_a_stop_before_what_is_signed_off(bond, person):
    make_claim(bond, person, "home-start", ClaimState.SETTLED, achieved_on=HOME)
    signed = make_claim(bond, person, "home-3m", ClaimState.SIGNED_OFF, achieved_on=date(2026, 6, 30))
    stop_clock(person, bond.effect("home-start"), date(2026, 6, 1), "Moved out.", actor=bond.provider)
    assert told("clock.stop") == {bond.assessor.email}
    assert signed.number in words_told("clock.stop")
    assert person.code not in words_told("clock.stop")


def test_a_job_starts_its_clock_on_the_day_that_is_noted(bond, person, browse):
    browser = browse(bond.provider)
    path = f"/participants/{person.id}/clock/start"
    chain = bond.effect("work-13w")
    answer = browser.post_form(path, {"chain": str(chain.id), "started_on": "2026-03-02"})
    assert "Work 13 weeks" in browser.follow(answer).text
    assert due_days(person)["work-13w"][0] == date(2026, 6, 1)
    assert due_days(person)["work-26w"][0] == date(2026, 8, 31)
    late = browser.post_form(path, {"chain": str(chain.id), "started_on": "2026-04-01"})
    assert late.status_code == 422
    assert "Note first when it stopped" in late.text


def test_who_judges_reads_when_the_clock_ran(bond, person, browse):
    first = claim(bond, person, "home-start", HOME)
    made = claim(bond, person, "home-3m", date(2026, 6, 30))
    stop_clock(person, bond.effect("home-start"), date(2026, 8, 1), "Moved out.", actor=bond.provider)
    for one in (first, made):
        submit_proof(one, actor=bond.provider)
    page = browse(bond.assessor).get_ok(f"/claims/{made.id}").text
    assert "The clock started" in page
    assert "1 August 2026" in page


def test_a_claimed_job_is_taken_to_have_begun_as_long_before(bond, person):
    claim(bond, person, "work-13w", date(2026, 6, 1))
    assert due_days(person)["work-26w"][0] == date(2026, 8, 31)


@pytest.mark.parametrize(
    ("code", "started_on", "first"),
    [
        ("work-13w", date(2026, 3, 2), date(2026, 6, 1)),
        ("home-3m", date(2026, 3, 31), date(2026, 6, 30)),  # June has no 31st
    ],
)
def test_nothing_lasts_longer_than_the_participant_takes_part(bond, code, started_on, first):
    """D4: an effect that lasts counts from the clock that was noted, else from the start of the participant."""
    person = make_participant(bond, started_on=started_on)
    if code == "home-3m":
        claim(bond, person, "home-start", started_on)
    with pytest.raises(Refused, match=rf"Rule “duration”.*{first.day} June 2026") as refused:
        claim(bond, person, code, first - timedelta(days=1))
    assert refused.value.field == "achieved_on"
    assert claim(bond, person, code, first)


def test_a_clock_that_was_noted_counts_and_not_the_start_of_the_participant(bond, person):
    start_clock(person, bond.effect("work-13w"), date(2026, 3, 2), actor=bond.provider, once=uuid.uuid4())
    with pytest.raises(Refused, match=r"Rule “duration”.*1 June 2026"):
        claim(bond, person, "work-13w", date(2026, 5, 31))


def test_a_clock_that_follows_from_a_claim_never_starts_before_the_participant(bond):
    """A claim from before the rule, five days after the start: the next link counts from the start, not earlier."""
    person = make_participant(bond, started_on=date(2026, 3, 2))
    early = make_claim(bond, person, "work-13w", ClaimState.REGISTERED, achieved_on=date(2026, 3, 7))
    assert clocks.runs_of(early.effect, [], [early], person.started_on) == [clocks.Run(date(2026, 3, 2))]
    with pytest.raises(Refused, match=r"31 August 2026"):
        claim(bond, person, "work-26w", date(2026, 8, 30))


@pytest.mark.parametrize("code", ["work-13w", "home-3m"])
def test_what_is_handed_in_is_checked_again(bond, code, browse):
    """One by one and all of a period together: too early, or what it requires was taken back meanwhile."""
    person = make_participant(bond, started_on=date(2026, 3, 2))
    early = make_claim(bond, person, code, ClaimState.REGISTERED, achieved_on=date(2026, 3, 7))
    rule = "duration" if code == "work-13w" else "requires"
    browser = browse(bond.provider)
    alone = browser.post_form(f"/claims/{early.id}/submit", {})
    assert (alone.status_code, f"Rule “{rule}”" in alone.text) == (422, True)
    path = f"/programmes/{bond.programme.id}/claims/submit?first=2026-01-01&last=2026-11-15"
    together = browser.submit(browser.get_ok(path))
    assert together.status_code == 422
    assert f"{early.number}: Rule “{rule}”" in together.text
    db.session.refresh(early)
    assert early.state == ClaimState.REGISTERED


def test_who_judges_is_told_to_look_twice_at_what_is_too_early(bond, browse):
    person = make_participant(bond, started_on=date(2026, 3, 2))
    early = make_claim(bond, person, "work-13w", achieved_on=date(2026, 3, 7))
    other = make_participant(bond, started_on=date(2026, 3, 2))
    right = make_claim(bond, other, "work-13w", achieved_on=date(2026, 6, 1))
    browser = browse(bond.assessor)
    sign = "earlier than its clock can have run"
    assert sign in browser.get_ok(f"/claims/{early.id}/judge").text
    assert sign not in browser.get_ok(f"/claims/{right.id}/judge").text


@pytest.mark.parametrize(
    ("said", "told_"),
    [
        ({"stopped_on": "2027-01-01"}, "future"),
        ({"stopped_on": "2026-01-02"}, "only started"),
        ({"reason": "BSN 111222333 moved"}, "national number"),
    ],
)
def test_a_stop_that_cannot_be(bond, person, browse, said, told_):
    claim(bond, person, "home-start", HOME)
    form = {"chain": str(bond.effect("home-start").id), "stopped_on": "2026-05-01", "reason": "Left."} | said
    answer = browse(bond.provider).post_form(f"/participants/{person.id}/clock/stop", form)
    assert answer.status_code == 422
    assert told_ in answer.text
    assert recorded("clock.stop") == []


def test_only_the_provider_notes_clocks(bond, person, browse):
    for who, status in ((bond.assessor, 403), (bond.official, 403), (bond.neighbour, 404), (bond.investor, 404)):
        assert browse(who).get(f"/participants/{person.id}/clock/stop").status_code == status


def test_a_withdrawn_or_rejected_claim_can_be_made_again(bond, person):
    first = claim(bond, person, "home-start", HOME)
    reached = claim(bond, person, "home-3m", date(2026, 6, 30))
    submit_proof(reached, actor=bond.provider)
    assert set(due_days(person)) == {"home-6m"}
    from app.outcomes.models import RejectionReason

    reject_proof(reached, RejectionReason.NO_EVIDENCE, "Unreadable.", actor=bond.assessor)
    assert set(due_days(person)) == {"home-3m", "home-6m"}
    withdraw_proof(first, actor=bond.provider)
    assert due_days(person) == {}


def test_best_of_refuses_the_cheaper_beside_the_dearer(bond, person):
    """replay/1, step 4: of a group only the dearest is paid; when a dearer one follows, the difference is."""
    claim(bond, person, "level-1", HOME)
    claim(bond, person, "level-2", HOME)
    other = make_participant(bond)
    claim(bond, other, "level-2", HOME)
    with pytest.raises(Refused, match=r"Rule “best of”.*Level 2"):
        claim(bond, other, "level-1", HOME)


def reminders() -> int:
    """How many there are in all after what is due was done."""
    due.run_due()
    of_this = db.select(db.func.count()).where(Notification.action == "milestone.remind")
    return db.session.scalar(of_this) or 0


def test_the_provider_is_reminded_once_when_it_is_due_and_once_before_it_lapses(bond, person):
    with clock.at(datetime(2026, 6, 29, 12, tzinfo=UTC)):
        claim(bond, person, "home-start", HOME)
        assert reminders() == 0
    with clock.at(datetime(2026, 6, 30, 12, tzinfo=UTC)):
        assert reminders() == 1
        assert reminders() == 1
    assert told("milestone.remind") == {bond.provider.email}
    words = words_told("milestone.remind")
    assert "1 effect can be claimed now" in words
    assert person.code not in words
    with clock.at(datetime(2026, 9, 15, 12, tzinfo=UTC)):  # home-3m lapses on 28 September
        assert reminders() == 2
    assert "within two weeks" in words_told("milestone.remind")
    with clock.at(datetime(2026, 9, 16, 12, tzinfo=UTC)):
        assert reminders() == 2


@pytest.mark.parametrize("reason, goes_on", [(ExitReason.COMPLETED, True), (ExitReason.DECEASED, False)])
def test_a_clock_runs_on_after_an_exit_unless_the_participant_died(bond, person, browse, reason, goes_on):
    """Domain, section 5: what lasts may be reached after the exit, until the end of the tail; not by who died."""
    started = clock.today() - timedelta(weeks=14)
    start_clock(person, bond.effect("work-13w"), started, actor=bond.provider, once=uuid.uuid4())
    left = started + timedelta(weeks=5)
    exit_participant(person, left, reason, actor=bond.provider)
    page = soup(browse(bond.provider).get_ok(f"/participants/{person.id}"))
    row = page.find("caption", string="Clocks").parent.select_one("tbody tr")
    stopped, why = (cell.text for cell in row.select("td")[1:])
    assert (stopped, why) == (("runs", "–") if goes_on else (day(left), "stopped: left, deceased"))
    assert bool(page.find("a", string=re.compile("^Claim: "))) == goes_on
    assert reminders() == goes_on
    asked = browse(bond.provider).get(f"/participants/{person.id}/ask-view")
    assert asked.status_code == (200 if goes_on else 409)
    assert bool(page.find("a", string="Ask for a view")) == (goes_on and bool(indicators_of(person)))
