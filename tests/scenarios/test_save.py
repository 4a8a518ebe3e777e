"""A what-if is kept for the organisation that saved it; whoever gets its address may open it."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.programmes.models import Part
from app.scenarios import operations
from app.scenarios.models import Scenario
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme
from tests.statements import counted

ANSWERS = {"seed": "4242", "e_work-13w": "61,5", "m_work-26w": "18"}


def save(browser, path, title="Careful", **answers):
    page = browser.get_ok(f"{path}?{urlencode(ANSWERS | answers)}")
    return browser.submit(page, {"title": title}, action=f"{path}/save")


def saved():
    return db.session.scalars(select(Scenario)).one()


def test_save_and_open_with_the_same_answers(path, official, programme, table, round, browse):
    browser = browse(official)
    page = browser.follow(save(browser, path))
    scenario = saved()
    assert (scenario.title, scenario.seed, scenario.table_id) == ("Careful", 4242, table.id)
    assert scenario.organisation_id == programme.lead_id and scenario.saved_by_id == official.id
    assert scenario.inputs["e_work-13w"] == "61,5"
    assert not {"table", "seed", "title", "csrf_token"} & set(scenario.inputs)
    assert page.request.path == f"/scenarios/{scenario.id}"
    shown = soup(page)
    assert shown.h1.text == "Careful"
    assert shown.select_one("[name='e_work-13w']")["value"] == "61,5"
    assert "draws with the seed 4242" in page.text


def test_it_is_recorded(path, official, browse):
    save(browse(official), path)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "scenario.save")).one()
    assert (entry.subject_type, entry.actor_id) == ("Scenario", official.id)


def test_a_double_click_saves_once(path, official, programme, table, browse):
    browser = browse(official)
    page = browser.get_ok(path)
    for _ in range(2):
        assert browser.submit(page, {"title": "Twice"}, action=f"{path}/save").status_code == 303
    assert saved().title == "Twice"


def test_without_a_name_nothing_is_saved_and_the_answers_stay(path, official, browse):
    answer = save(browse(official), path, title="")
    assert answer.status_code == 422
    page = soup(answer)
    assert "Fill this in." in page.select_one("#title-error").text
    assert page.select_one("[name='e_work-13w']")["value"] == "61,5"
    assert not db.session.scalars(select(Scenario)).all()


def test_wrong_answers_cannot_be_saved(path, official, browse):
    browser = browse(official)
    page = browser.get_ok(path)
    token = soup(page).select_one("main form[method=post] [name=csrf_token]")["value"]
    answer = browser.post(f"{path}/save?seed=-1", data={"title": "Wrong", "csrf_token": token})
    assert answer.status_code == 422
    assert not db.session.scalars(select(Scenario)).all()


def test_the_list_is_of_the_own_organisation(path, programme, official, desk, browse):
    save(browse(official), path, "Ours")
    assert "Ours" in browse(official).get_ok(f"/programmes/{programme.id}/scenarios").text
    assert "Nothing saved yet" in browse(desk).get_ok(f"/programmes/{programme.id}/scenarios").text


@pytest.mark.parametrize(
    ("part", "status"), [(Part.INVESTOR, 200), (Part.INTERMEDIARY, 200), (Part.PROVIDER, 404), (Part.AUDITOR, 404)]
)
def test_who_gets_the_address_and_may_ask_opens_it(path, programme, official, browse, part, status):
    save(browse(official), path)
    reader = make_user(make_party(programme, part))
    answer = browse(reader).get(f"/scenarios/{saved().id}")
    assert answer.status_code == status
    assert "Remove this scenario" not in answer.text


def test_a_party_of_another_bond_does_not_see_that_it_exists(path, official, browse):
    save(browse(official), path)
    stranger = make_user(make_programme().lead)
    assert browse(stranger).get(f"/scenarios/{saved().id}").status_code == 404


def test_a_scenario_on_a_draft_shows_nothing_to_who_may_not_see_the_draft(path, programme, official, desk, browse):
    draft = make_table(programme, state="draft")
    save(browse(official), path, table=str(draft.id), **{"h_work-13w": "70"})
    answer = browse(desk).get(f"/scenarios/{saved().id}")
    assert answer.status_code == 422 and not soup(answer).select(".figures")


def test_remove(path, programme, official, browse):
    browser = browse(official)
    page = browser.follow(save(browser, path))
    id = saved().id
    answer = browser.submit(page, action=f"/scenarios/{id}/remove")
    assert answer.headers["Location"].endswith(f"/programmes/{programme.id}/scenarios")
    assert not db.session.scalars(select(Scenario)).all()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "scenario.remove")).one()
    assert entry.subject_id == id


def test_another_organisation_may_not_remove_it(path, official, desk, browse):
    save(browse(official), path)
    other = browse(desk)
    page = other.get_ok(path)
    token = soup(page).select_one("main form[method=post] [name=csrf_token]")["value"]
    assert other.post(f"/scenarios/{saved().id}/remove", data={"csrf_token": token}).status_code == 403
    assert saved()


def test_a_hundred_of_one_organisation_are_enough(path, programme, official, table, browse, monkeypatch):
    monkeypatch.setattr(operations, "MOST", 1)
    browser = browse(official)
    assert save(browser, path).status_code == 303
    answer = save(browser, path, "Second")
    assert answer.status_code == 422 and "remove one first" in answer.text


def test_the_list_costs_the_same_for_one_and_for_thirty(path, programme, official, table, browse):
    browser, address = browse(official), f"/programmes/{programme.id}/scenarios"
    counts = []
    for more in (1, 29):
        for number in range(more):
            db.session.add(
                Scenario(
                    programme_id=programme.id,
                    table_id=table.id,
                    organisation_id=programme.lead_id,
                    saved_by_id=official.id,
                    title=f"Number {number}",
                    inputs={},
                    seed=1,
                )
            )
        db.session.commit()
        with counted() as statements:
            browser.get_ok(address)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8
