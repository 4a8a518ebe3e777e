"""A baseline per life domain on the scale of the bond, taken around the start; what was recorded never changes, and a
correction stands beside it."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.format import day as format_day
from app.extensions import db
from app.intake.baseline import baselines_of, correct_baseline, record_baseline
from app.intake.models import BaselineCorrection, BaselineScore
from app.intake.scales import SCALES, Scale
from app.outcomes.states import ClaimState
from app.programmes.models import LifeDomain
from tests.browser import soup
from tests.factories.intake import intake_of
from tests.factories.outcomes import START, make_batch, make_claim, make_delivery, make_participant
from tests.told import recorded, told, words_told

WHY = "De vragenlijst van een ander was overgenomen."
THREES = dict.fromkeys(LifeDomain, 3)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def person(bond):
    return make_participant(bond)


def test_the_provider_records_all_seven_domains(bond, person, browse):
    path = f"/participants/{person.id}/baseline"
    typed = {domain.value: str(1 + number % 5) for number, domain in enumerate(LifeDomain)}
    answer = browse(bond.provider).post_form(path, typed | {"observed_on": "2026-01-05", "home": ""})
    assert answer.status_code == 422
    assert soup(answer).select_one("#home-error")
    assert browse(bond.provider).post_form(path, typed | {"observed_on": "2026-01-05"}).status_code == 303
    kept = {one.life_domain.value: str(one.score) for one in db.session.query(BaselineScore)}
    assert kept == typed
    page = browse(bond.assessor).get_ok(f"/participants/{person.id}").text
    assert "3: manages with weekly help" in page
    assert "not a validated" in page and "CC0" in page, "where the scale comes from and under which licence"
    assert browse(bond.assessor).get(path).status_code == 403


def test_it_cannot_be_changed(bond, person, browse):
    """Whoever comes by an old link is told so before typing anything."""
    path = f"/participants/{person.id}/baseline"
    assert browse(bond.provider).get(path).status_code == 200
    record_baseline(person, THREES, START, actor=bond.provider)
    again = browse(bond.provider).get(path)
    assert again.status_code == 409 and "corrected on the page of the participant" in soup(again).text
    with pytest.raises(NotNow):
        record_baseline(person, THREES, START, actor=bond.provider)
    with pytest.raises(DBAPIError):
        db.session.execute(db.update(BaselineScore).values(score=1))
    db.session.rollback()


def test_the_provider_corrects_it_and_everybody_reads_both(bond, person, browse):
    """Domain, section 7: corrections are told, and stand beside what they correct."""
    path = f"/participants/{person.id}/baseline/correct"
    assert browse(bond.provider).get(path).status_code == 409, "nothing to correct yet"
    record_baseline(person, THREES, START, actor=bond.provider)
    form = {domain.value: "3" for domain in LifeDomain} | {"observed_on": START.isoformat(), "reason": WHY}
    assert soup(browse(bond.provider).get_ok(path)).select_one("#work option[selected]")["value"] == "3"
    assert browse(bond.provider).post_form(path, form).status_code == 422, "nothing changes"
    wrong = form | {"work": "2", "reason": "BSN 123456782"}
    assert browse(bond.provider).post_form(path, wrong).status_code == 422
    later = START + timedelta(days=2)
    changed = form | {"work": "2", "observed_on": later.isoformat()}
    assert browse(bond.provider).post_form(path, changed).status_code == 303
    first, stands = baselines_of(person)
    assert (first.scores, first.observed_on) == (THREES, START)
    assert (stands.scores, stands.observed_on) == (THREES | {LifeDomain.WORK: 2}, later)
    assert told("baseline.correct") == {bond.assessor.email, bond.official.email}
    assert recorded("baseline.correct") == [{}], "no score and no word about a person in the trail"
    assert WHY not in words_told("baseline.correct") and person.code not in words_told("baseline.correct")
    for reader in (bond.assessor, bond.official, bond.provider):
        page = soup(browse(reader).get_ok(f"/participants/{person.id}")).text
        assert WHY in page and "now “2: " in page and "Home: “" not in page
    claim = make_claim(bond, person)
    assert baselines_of(claim.participant)[-1].scores[LifeDomain.WORK] == 2
    for table in (BaselineScore, BaselineCorrection):
        with pytest.raises(DBAPIError):
            db.session.execute(db.delete(table))
        db.session.rollback()


def test_a_correction_keeps_the_rules_of_the_baseline(bond, person):
    record_baseline(person, THREES, START, actor=bond.provider)
    for scores, day, field in (
        (THREES | {LifeDomain.WORK: 6}, START, "work"),
        (THREES, START - timedelta(days=61), "observed_on"),
        (THREES, date(2026, 11, 16), "observed_on"),
    ):
        with pytest.raises(Refused) as refused:
            correct_baseline(person, scores, day, WHY, actor=bond.provider)
        assert refused.value.field == field
    seen = person.version
    correct_baseline(person, THREES | {LifeDomain.HOME: 1}, START, WHY, actor=bond.provider, version=seen)
    with pytest.raises(Changed):
        correct_baseline(person, THREES | {LifeDomain.HOME: 5}, START, WHY, actor=bond.provider, version=seen)
    assert [one.scores[LifeDomain.HOME] for one in baselines_of(person)] == [3, 1]


@pytest.mark.parametrize("who", ["assessor", "official", "intermediary"])
def test_nobody_else_corrects_it(bond, person, browse, who):
    record_baseline(person, THREES, START, actor=bond.provider)
    assert browse(getattr(bond, who)).get(f"/participants/{person.id}/baseline/correct").status_code in (403, 404)
    with pytest.raises(NotYours):
        correct_baseline(person, THREES | {LifeDomain.WORK: 1}, START, WHY, actor=getattr(bond, who))


def test_it_stands_once_an_effect_was_signed_off(bond, person, browse):
    record_baseline(person, THREES, START, actor=bond.provider)
    make_claim(bond, person, state=ClaimState.VERIFIED)
    correct_baseline(person, THREES | {LifeDomain.WORK: 1}, START, WHY, actor=bond.provider)
    make_batch(bond)
    with pytest.raises(NotNow):
        correct_baseline(person, THREES, START, WHY, actor=bond.provider)
    shown = browse(bond.provider).get_ok(f"/participants/{person.id}").text
    assert f"/participants/{person.id}/baseline/correct" not in shown


@pytest.mark.parametrize("score", [0, 6])
def test_a_score_outside_the_scale_is_refused(bond, person, score):
    with pytest.raises(Refused) as refused:
        record_baseline(person, THREES | {LifeDomain.WORK: score}, START, actor=bond.provider)
    assert refused.value.field == "work"
    assert db.session.query(BaselineScore).count() == 0


def test_another_bond_another_scale(bond, person):
    intake_of(bond).scale = Scale.LADDER
    db.session.commit()
    record_baseline(person, THREES | {LifeDomain.WORK: 0, LifeDomain.HOME: 10}, START, actor=bond.provider)
    assert all(words.source for words in SCALES.values())


@pytest.mark.parametrize("days, taken", [(-61, False), (-60, True), (60, True)])
def test_it_is_taken_around_the_start(bond, person, days, taken):
    day = START + timedelta(days=days)
    if taken:
        record_baseline(person, THREES, day, actor=bond.provider)
        return
    with pytest.raises(Refused) as refused:
        record_baseline(person, THREES, day, actor=bond.provider)
    assert refused.value.field == "observed_on"


def test_not_in_the_future(bond):
    person = make_participant(bond, started_on=date(2026, 11, 10))
    with pytest.raises(Refused):
        record_baseline(person, THREES, date(2026, 11, 16), actor=bond.provider)


@pytest.mark.parametrize(
    "taken, recorded_after, late",
    [(60, 60, 0), (61, 61, 61), (5, 60, 0), (5, 61, 61), (5, 300, 300)],
)
def test_a_late_one_is_kept_and_says_so(bond, person, browse, taken, recorded_after, late):
    """Who records an early day afterwards may know what came of the support: the later of both days counts."""
    with clock.at(clock.local(START + timedelta(days=recorded_after), 12)):
        record_baseline(person, THREES, START + timedelta(days=taken), actor=bond.provider)
    page = browse(bond.assessor).get_ok(f"/participants/{person.id}").text
    assert (f"late, {late} days after the start" in page) == ("days after the start" in page) == bool(late)


@pytest.mark.parametrize(
    "recorded_on, corrects, signs",
    [
        (date(2026, 1, 5), False, set()),
        (date(2026, 1, 5), True, {"after"}),
        (date(2026, 5, 1), False, {"late"}),
        (date(2026, 11, 10), False, {"late", "after"}),
    ],
)
def test_who_judges_reads_when_the_baseline_was_taken_and_recorded(bond, person, browse, recorded_on, corrects, signs):
    """Domain, section 7: the assessor judges with everything that bears on it. The effect was claimed on 1 November."""
    with clock.at(clock.local(recorded_on, 12)):
        record_baseline(person, THREES, START, actor=bond.provider)
    claim = make_claim(bond, person, created_at=clock.local(date(2026, 11, 1)))
    if corrects:
        with clock.at(clock.local(date(2026, 11, 12), 12)):
            correct_baseline(person, THREES | {LifeDomain.HOME: 1}, START, WHY, actor=bond.provider)
    page = soup(browse(bond.assessor).get_ok(f"/claims/{claim.id}/judge")).text
    assert f"Baseline taken on 1 January 2026, recorded on {format_day(recorded_on)}." in page
    assert ("Corrected on 12 November 2026." in page) == corrects
    said = {"late": "more than sixty days after the start", "after": "corrected after this effect was claimed"}
    assert {sign for sign, words in said.items() if words in page} == signs
