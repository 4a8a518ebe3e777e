"""A municipality starts a bond (domain, section 3.1); a wrong answer is told on its field and nothing is lost."""

from datetime import date

import pytest

from app.audit.models import AuditEntry
from app.core.errors import Refused
from app.extensions import db
from app.people.models import OrganisationKind
from app.programmes.models import Programme
from app.programmes.operations import ProgrammeFacts, draft_programme
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.people import make_organisation, make_user

GOOD = {
    "title": "SIB Jongvolwassenen",
    "problem": "Debts, school and home at once.",
    "entry_conditions": "Trouble in two life domains.",
    "cohort_size": "70",
    "age_from": "16",
    "age_to": "23",
    "jurisdiction": "NL",
    "starts_on": "2026-07-01",
    "ends_on": "2028-12-31",
    "tail_until": "2029-12-31",
}


def test_an_official_drafts(city, official, browse):
    answer = browse(official).post_form("/programmes/draft", GOOD | {"lead": str(city.id)})
    assert answer.status_code == 303
    programme = db.session.scalars(db.select(Programme)).unique().one()
    assert (programme.state, programme.lead_id, programme.cohort_size) == (ProgrammeState.DRAFT, city.id, 70)
    assert [(p.part, p.is_lead) for p in programme.parties] == [("government", True)]
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["programme.draft"]


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("title", "", "Fill this in."),
        ("title", "x" * 201, "At most 200 characters."),
        ("title", "a\x00b", "cannot be stored"),
        ("cohort_size", "-5", "from 1 to"),
        ("cohort_size", "0", "from 1 to"),
        ("cohort_size", "99999999999999", "whole number"),
        ("cohort_size", "seventy", "whole number"),
        ("age_to", "12", "must not be below"),
        ("jurisdiction", "FR", "valid choice"),
        ("starts_on", "2026-02-30", "date that exists"),
        ("ends_on", "2026-07-01", "after the start"),
        ("tail_until", "2028-12-30", "at least until the end"),
        ("tail_until", "2199-01-01", "check the dates"),
        ("council_decided_on", "2150-01-01", "still to come"),
        ("dpia_on", "2150-01-01", "still to come"),
    ],
)
def test_a_wrong_answer_is_told_on_its_field(city, official, browse, field, typed, says):
    browser = browse(official)
    page = browser.get_ok("/programmes/draft")
    answer = browser.submit(page, GOOD | {"lead": str(city.id), field: typed}, forged=True)
    assert answer.status_code == 422
    assert says in soup(answer).select_one(f"#{field}-error").text
    kept = "problem" if field != "problem" else "title"
    assert GOOD[kept] in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Programme)) == 0


def test_somebody_elses_municipality_cannot_lead(city, official, browse):
    other = make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")
    browser = browse(official)
    answer = browser.submit(browser.get_ok("/programmes/draft"), GOOD | {"lead": str(other.id)}, forged=True)
    assert answer.status_code == 422
    assert soup(answer).select_one("#lead-error")
    with pytest.raises(Refused) as refused:
        draft_programme(other, _facts(), actor=official, once=other.id)
    assert refused.value.field == "lead"


def test_a_double_click_is_one_programme(city, official, browse):
    browser = browse(official)
    page = browser.get_ok("/programmes/draft")
    first, second = (browser.submit(page, GOOD | {"lead": str(city.id)}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Programme)) == 1


def test_only_an_official_of_a_vetted_municipality(app, browse):
    assert browse().get("/programmes/draft").status_code == 303
    provider = make_user(make_organisation(OrganisationKind.PROVIDER))
    assert browse(provider).get("/programmes/draft").status_code == 403
    unvetted = make_user(make_organisation(OrganisationKind.MUNICIPALITY, vetted_at=None))
    assert browse(unvetted).get("/programmes/draft").status_code == 403


def _facts() -> ProgrammeFacts:
    days = {name: date.fromisoformat(GOOD[name]) for name in ("starts_on", "ends_on", "tail_until")}
    numbers = {name: int(GOOD[name]) for name in ("cohort_size", "age_from", "age_to")}
    return ProgrammeFacts(**(GOOD | days | numbers))


def test_a_bond_of_long_ago_is_a_slip_of_the_keys(city, official, browse):
    past = {"starts_on": "1900-01-01", "ends_on": "1902-01-01", "tail_until": "1902-12-31", "lead": str(city.id)}
    answer = browse(official).post_form("/programmes/draft", GOOD | past)
    assert answer.status_code == 422
    assert "This day has passed" in soup(answer).select_one("#ends_on-error").text


@pytest.mark.parametrize("title", ["SIB Jongvolwassenen", "  sib   JONGVOLWASSENEN "])
def test_one_municipality_has_no_two_bonds_of_one_name(city, official, browse, title):
    browser = browse(official)
    assert browser.post_form("/programmes/draft", GOOD | {"lead": str(city.id)}).status_code == 303
    answer = browser.post_form("/programmes/draft", GOOD | {"lead": str(city.id), "title": title})
    assert answer.status_code == 422
    assert "already has a bond with this name" in soup(answer).select_one("#title-error").text
    elsewhere = make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")
    other = browse(make_user(elsewhere)).post_form("/programmes/draft", GOOD | {"lead": str(elsewhere.id)})
    assert other.status_code == 303  # the name is another municipality's as well


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"council_decision": "24-118"}, "council_decided_on"),
        ({"council_decided_on": "2024-03-12"}, "council_decision"),
        ({"dpia_reference": "24-7"}, "dpia_on"),
    ],
)
def test_a_decision_has_a_number_and_a_day(city, official, browse, typed, field):
    answer = browse(official).post_form("/programmes/draft", GOOD | {"lead": str(city.id)} | typed)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error")
