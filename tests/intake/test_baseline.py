"""A baseline per life domain on the scale of the bond, taken around the start and never changed."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.intake.baseline import record_baseline
from app.intake.models import BaselineScore
from app.intake.scales import SCALES, Scale
from app.programmes.models import LifeDomain
from tests.browser import soup
from tests.factories.intake import intake_of
from tests.factories.outcomes import START, make_delivery, make_participant

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


def test_it_cannot_be_changed(bond, person):
    record_baseline(person, THREES, START, actor=bond.provider)
    with pytest.raises(NotNow):
        record_baseline(person, THREES, START, actor=bond.provider)
    with pytest.raises(DBAPIError):
        db.session.execute(db.update(BaselineScore).values(score=1))
    db.session.rollback()


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


@pytest.mark.parametrize("days, marked", [(60, False), (61, True)])
def test_a_late_one_is_kept_and_says_so(bond, person, browse, days, marked):
    record_baseline(person, THREES, START + timedelta(days=days), actor=bond.provider)
    page = browse(bond.assessor).get_ok(f"/participants/{person.id}").text
    assert (f"late, {days} days after the start" in page) == marked
