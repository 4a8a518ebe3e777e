"""Each municipality pays for its own residents, out of what it reserved per budget year, the tail included."""

import pytest

from app.audit.models import AuditEntry
from app.core.errors import Changed, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.models import MunicipalityShare, Part, Party
from app.programmes.operations import set_share
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme


@pytest.fixture
def hengelo(app):
    return make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")


def url(programme) -> str:
    return f"/programmes/{programme.id}/shares"


def test_a_second_municipality_joins(official, programme, hengelo, browse):
    alderman = make_user(hengelo)
    typed = {"municipality": str(hengelo.id), "cohort_size": "25", "year_2026": "1,000.50", "year_2029": "250"}
    answer = browse(official).post_form(url(programme), typed)
    assert answer.status_code == 303
    share = db.session.scalars(db.select(MunicipalityShare).filter_by(organisation_id=hengelo.id)).one()
    assert share.cohort_size == 25
    assert share.reserved == {2026: 100_050, 2027: 0, 2028: 0, 2029: 25_000}
    assert share.ceiling_minor == 125_050
    assert db.session.scalars(db.select(Party.part).filter_by(organisation_id=hengelo.id)).all() == [Part.GOVERNMENT]
    told = db.session.scalars(db.select(Notification.address)).all()
    assert told == [alderman.email]
    recorded = set(db.session.scalars(db.select(AuditEntry.action)))
    assert recorded == {"programme.edit", "programme.add_party"}


def test_every_year_to_the_end_of_the_tail_is_asked_and_summed(official, programme, browse):
    page = soup(browse(official).get_ok(url(programme)))
    assert [f["name"] for f in page.select("input[name^=year_]")] == [f"year_{y}" for y in (2026, 2027, 2028, 2029)]
    foot = [cell.text.strip() for cell in page.select("tfoot tr > *")]
    assert foot[1] == "70 of 70"
    assert foot[2:7] == ["€500,000.00", "€500,000.00", "€400,000.00", "€100,000.00", "€1,500,000.00"]


def test_what_a_municipality_has_is_filled_in_and_replaced(city, official, programme, browse):
    browser = browse(official)
    page = browser.get_ok(f"{url(programme)}?municipality={city.id}")
    assert soup(page).select_one("#year_2027")["value"] == "500000.00"
    assert browser.submit(page, {"cohort_size": "45", "year_2027": ""}).status_code == 303
    share = db.session.scalars(db.select(MunicipalityShare)).one()
    db.session.refresh(share)
    assert (share.cohort_size, share.reserved[2027], share.reserved[2026]) == (45, 0, 50_000_000)


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("cohort_size", "0", "from 1 to"),
        ("cohort_size", "71", "from 1 to the 70 participants"),
        ("cohort_size", "", "Fill this in."),
        ("year_2026", "-1", "too low"),
        ("year_2026", "a lot", "Give an amount"),
        ("year_2026", "1.005", "two ways"),  # a thousand and five, or a euro and half a cent
        ("year_2026", "1.0055", "whole cents"),
        ("year_2026", "99999999999999", "too high"),
        ("year_2026", "", "at least one budget year"),
        ("municipality", "", "Choose one."),
        ("municipality", "00000000-0000-0000-0000-000000000000", "valid choice"),
    ],
)
def test_a_wrong_answer_is_told_on_its_field(official, programme, hengelo, browse, field, typed, says):
    browser = browse(official)
    good = {"municipality": str(hengelo.id), "cohort_size": "25", "year_2026": "1000"}
    answer = browser.submit(browser.get_ok(url(programme)), good | {field: typed}, forged=True)
    assert answer.status_code == 422
    assert says in soup(answer).select_one(f"#{field}-error").text
    assert db.session.scalar(db.select(db.func.count()).select_from(MunicipalityShare)) == 1


def test_saving_what_stands_there_already_changes_nothing_and_says_so(official, programme, browse):
    """No second person hears of a change that is none, and the trail gets no line."""
    reader, url = browse(official), f"/programmes/{programme.id}/shares?municipality={programme.lead_id}"
    entries = db.select(db.func.count()).select_from(AuditEntry)
    reader.post_form(url, {"cohort_size": "7"})
    db.session.refresh(programme)
    version, lines = programme.version, db.session.scalar(entries)
    again = reader.post_form(url)
    assert "Nothing is different" in reader.follow(again).text
    db.session.refresh(programme)
    assert (programme.version, db.session.scalar(entries)) == (version, lines)
    other = reader.post_form(url, {"cohort_size": "8"})
    assert "is saved" in reader.follow(other).text
    db.session.refresh(programme)
    assert programme.version > version


def test_an_organisation_that_is_no_municipality_cannot_pay(official, programme, browse):
    bank = make_organisation(OrganisationKind.INVESTOR)
    browser = browse(official)
    good = {"municipality": str(bank.id), "cohort_size": "25", "year_2026": "1000"}
    answer = browser.submit(browser.get_ok(url(programme)), good, forged=True)
    assert answer.status_code == 422
    assert soup(answer).select_one("#municipality-error")


def test_a_year_outside_the_period_has_no_field(official, programme, hengelo, browse):
    with pytest.raises(Refused, match="2035 is outside the period"):
        set_share(programme, hengelo, 25, {2026: 100, 2035: 100}, actor=official)


def test_the_second_of_two_people_hears_of_the_first(official, programme, hengelo, browse):
    browser = browse(official)
    page = browser.get_ok(url(programme))
    set_share(programme, hengelo, 20, {2026: 100}, actor=official)
    late = browser.submit(page, {"municipality": str(hengelo.id), "cohort_size": "25", "year_2026": "9"})
    assert late.status_code == 409
    assert soup(late).select_one("#cohort_size")["value"] == "25"
    share = db.session.scalars(db.select(MunicipalityShare).filter_by(organisation_id=hengelo.id)).one()
    assert share.cohort_size == 20
    with pytest.raises(Changed):
        set_share(programme, hengelo, 25, {2026: 100}, actor=official, version=1)


def test_a_municipality_is_removed_with_its_part(official, programme, hengelo, browse):
    set_share(programme, hengelo, 25, {2026: 100}, actor=official)
    answer = browse(official).post_form(f"{url(programme)}/{hengelo.id}/remove")
    assert answer.status_code == 303
    assert db.session.scalars(db.select(MunicipalityShare.organisation_id)).all() == [programme.lead_id]
    assert db.session.scalars(db.select(Party.organisation_id)).all() == [programme.lead_id]
    assert browse(official).get(f"{url(programme)}/{hengelo.id}/remove").status_code == 404


def test_not_after_the_draft_and_not_by_others(city, official, outsider, browse):
    programme = make_programme(city, state=ProgrammeState.APPROVED)
    assert browse(official).get(url(programme)).status_code == 409
    assert browse(outsider).get(url(programme)).status_code == 403
