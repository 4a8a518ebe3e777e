"""Who is registered long after the start is so with a reason, and everybody who judges reads the day.

Source: the domain, section 9 (baseline and municipality are frozen at intake) and section 3 (missing places are
compensated). A version that lets people in once it is known what came of them, without a word to municipality or
assessor, breaks one of these.
"""

import io
import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.intake.models import LATE, AgeBand, Participant
from app.intake.operations import register_participant
from app.outcomes.models import Claim
from app.verification.listing import BEFORE_REGISTERED, risk_of, signs_of
from tests.browser import soup
from tests.factories.outcomes import START, make_claim, make_delivery, make_participant
from tests.told import told, words_told

WHY = "The paper form came late."


@pytest.fixture
def bond(app):
    return make_delivery()


def register(bond, days, reason=""):
    started_on = clock.today() - timedelta(days=days)
    here = bond.programme, bond.enschede, AgeBand.FROM_18, started_on
    return register_participant(*here, late_reason=reason, actor=bond.provider, once=uuid.uuid4())


def test_thirty_days_after_the_start_are_time_enough(bond):
    assert register(bond, LATE.days).late_reason is None
    assert register(bond, LATE.days, WHY).late_reason is None, "in time needs no reason"
    for reason in ("", "  "):
        with pytest.raises(Refused) as refused:
            register(bond, LATE.days + 1, reason)
        assert refused.value.field == "late_reason"
    for reason in ("x", "Late.", "a" * 40):
        with pytest.raises(Refused, match="at least a sentence") as short:
            register(bond, LATE.days + 1, reason)
        assert short.value.field == "late_reason", "it is what municipality and assessor judge by"
    late = register(bond, LATE.days + 1, WHY)
    assert (late.late_reason, late.days_to_register) == (WHY, LATE.days + 1)


def test_the_form_asks_and_everybody_who_judges_reads_it(bond, browse):
    started_on = clock.today() - timedelta(days=100)
    form = {"municipality": str(bond.enschede.id), "age_band": "18-20", "started_on": started_on.isoformat()}
    form["informed_on"] = form["started_on"]
    browser = browse(bond.provider)
    answer = browser.post_form(f"/programmes/{bond.programme.id}/participants/register", form)
    assert answer.status_code == 422 and "100 days back" in soup(answer).select_one("#late_reason-error").text
    assert browser.submit(answer, {"late_reason": WHY}).status_code == 303
    person = db.session.scalars(db.select(Participant)).unique().one()
    claim = make_claim(bond, person, achieved_on=started_on + timedelta(days=91))
    pages = [(who, f"/participants/{person.id}") for who in (bond.provider, bond.official, bond.assessor)]
    for who, path in (*pages, (bond.assessor, f"/claims/{claim.id}/judge")):
        text = browse(who).get_ok(path).text
        assert "Registered on" in text and "100 days after the start" in text and WHY in text, path
    caseload = browser.get_ok(f"/programmes/{bond.programme.id}/caseload").text
    assert "registered 100 days after the start" in caseload
    assert told("participant.register") == {bond.official.email}
    assert "registered 100 days later" in words_told("participant.register")
    assert WHY not in words_told("participant.register")


def upload(browser, bond, head, *rows):
    content = "\n".join((head, *rows)).encode()
    path = f"/programmes/{bond.programme.id}/participants/import"
    return browser.post_form(path, {"file": (io.BytesIO(content), "people.csv")})


def test_a_file_asks_per_row_and_tells_each_municipality_once(bond, browse):
    """Also where another cell is wrong, and where the file has no such column."""
    browser, head = browse(bond.provider), "municipality;age_band;started_on;informed_on;late_reason"
    late, recent = (clock.today() - timedelta(days=days) for days in (100, 3))
    told_on = late - timedelta(days=1)
    wrong = upload(
        browser,
        bond,
        head,
        f"Enschede;18-20;{late};{told_on};",
        f"Almelo;18-20;{late};{told_on};",
        f"Enschede;18-20;{recent};{told_on};",
    )
    assert wrong.status_code == 422
    places = [cell.text for cell in soup(wrong).select_one("main table").select("tbody th")]
    assert sorted(places) == ["A3", "E2", "E3"]
    short = upload(browser, bond, head, f"Enschede;18-20;{late};{told_on};x")
    assert short.status_code == 422 and "at least a sentence" in short.text
    assert soup(short).select_one("main table").select_one("tbody th").text == "E2"
    bare = upload(browser, bond, head.removesuffix(";late_reason"), f"Almelo;18-20;{late};{told_on}")
    assert (
        bare.status_code == 422 and "100 days back" in bare.text
    )
    rows = [f"Enschede;18-20;{late};{told_on};{WHY} {number}" for number in range(3)]
    checked = upload(browser, bond, head, *rows, f"Enschede;18-20;{recent};{told_on};")
    assert checked.status_code == 200 and db.session.query(Participant).count() == 0
    assert browser.submit(checked).status_code == 303
    assert db.session.query(Participant).count() == 4
    said = words_told("participant.register")
    assert said.count("3 of them started more than 30 days before") == 1
    assert "4 participants from your municipality" in said


def test_an_effect_from_before_the_registration_is_looked_at_twice_and_first(bond, browse):
    """Achieved on the very day of the registration is no sign; the day before is."""
    registered_on = START + timedelta(days=120)
    people = [make_participant(bond, created_at=clock.local(registered_on, 9)) for _ in range(2)]
    same_day = make_claim(bond, people[0], achieved_on=registered_on)
    before = make_claim(bond, people[1], achieved_on=registered_on - timedelta(days=1))
    assert "before_registered" in signs_of(before, bond.programme)
    assert "before_registered" not in signs_of(same_day, bond.programme)
    found = db.select(Claim.id, risk_of(bond.programme.id)).join(Participant, Participant.id == Claim.participant_id)
    points = dict(tuple(row) for row in db.session.execute(found))
    assert points[before.id] - points[same_day.id] == BEFORE_REGISTERED
    page = browse(bond.assessor).get_ok(f"/claims/{before.id}/judge").text
    assert "achieved before this participant was registered" in page
