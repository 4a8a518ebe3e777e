"""What one city learned serves the next: a draft starts from any published table, or takes single effects of it."""

import uuid

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.pricing.copying import copy_effects
from app.pricing.models import PriceTable
from app.pricing.operations import TableFacts, draft_table
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme
from tests.statements import counted


@pytest.fixture
def elsewhere(app):
    """A published table of another city: two effects, the second after the first, with prices per payer."""
    city = make_organisation(name="Almelo")
    table = make_table(make_programme(city, title="Thuis in Almelo"), state=TableState.DRAFT, effects=0)
    make_effect(table, "home", name="Own home", payer_prices={str(city.id): 100})
    make_effect(table, "home-6m", name="Home kept", requires=["home"])
    table.published_at, table.state = table.created_at, TableState.PUBLISHED
    db.session.commit()
    return table


def newest() -> PriceTable:
    return db.session.scalars(db.select(PriceTable).order_by(PriceTable.created_at.desc())).unique().first()


def test_a_draft_starts_from_a_table_found_by_search(official, programme, elsewhere, browse):
    browser = browse(official)
    page = browser.get_ok(f"/programmes/{programme.id}/prices/draft")
    found = browser.submit(page, {"find": "almelo", "note": "Typed before searching"}, button="find")
    assert found.status_code == 200
    assert soup(found).select_one("#note").text.strip() == "Typed before searching"
    assert "Thuis in Almelo: Price table 1, 2 effects" in soup(found).text
    assert browser.submit(found, {"start": str(elsewhere.id)}).status_code == 303
    table = newest()
    assert table.programme_id == programme.id and table.copied_from_id == elsewhere.id
    assert [e.code for e in table.effects] == ["home", "home-6m"]
    assert table.effects[1].requires == ["home"]
    assert all(e.payer_prices == {} for e in table.effects)  # the payers of another bond do not pay here
    shown = soup(browser.get_ok(f"/prices/{table.id}"))
    assert shown.select_one(f"main a[href='/prices/{elsewhere.id}']").text == "Thuis in Almelo, Price table 1"
    assert "Started from" in shown.text


def test_searching_finds_by_city_note_and_effect_and_shows_no_draft(official, programme, elsewhere, browse):
    make_table(make_programme(title="Secret"), state=TableState.DRAFT)
    browser = browse(official)
    page = browser.get_ok(f"/programmes/{programme.id}/prices/draft")
    for words, there in (("own home", True), ("Almelo", True), ("nowhere", False), ("secret", False)):
        answer = browser.submit(page, {"find": words}, button="find")
        assert ("Thuis in Almelo" in answer.text) == there, words
        assert "Secret" not in soup(answer).text
    assert "No published table was found" in answer.text


def test_it_starts_from_nothing_when_asked_and_else_from_the_version_in_force(official, programme, browse):
    in_force = make_table(programme, effects=2)
    empty = draft_table(programme, TableFacts(), actor=official, once=uuid.uuid4(), empty=True)
    assert (empty.effects, empty.copied_from_id) == ([], None)
    db.session.delete(empty)
    db.session.commit()
    page = browse(official).get_ok(f"/programmes/{programme.id}/prices/draft")
    chosen = [radio["value"] for radio in soup(page).select("[name=start][checked]")]
    assert chosen == ["in_force"]
    assert browse(official).post_form(f"/programmes/{programme.id}/prices/draft").status_code == 303
    assert newest().copied_from_id == in_force.id and len(newest().effects) == 2


def test_prices_per_payer_stay_within_their_own_bond(official, city, programme):
    table = make_table(programme, state=TableState.DRAFT, effects=0)
    make_effect(table, payer_prices={str(city.id): 5_000})
    table.published_at, table.state = table.created_at, TableState.PUBLISHED
    db.session.commit()
    draft = draft_table(programme, TableFacts(), actor=official, once=uuid.uuid4())
    assert draft.effects[0].payer_prices == {str(city.id): 5_000}


def test_a_draft_of_others_or_another_currency_is_no_start(official, programme):
    unpublished = make_table(state=TableState.DRAFT)
    pounds = make_table(make_programme(currency="GBP"))
    for start in (unpublished, pounds):
        with pytest.raises(Refused):
            draft_table(programme, TableFacts(), actor=official, once=uuid.uuid4(), start=start)
    assert db.session.scalar(db.select(db.func.count()).where(PriceTable.programme_id == programme.id)) == 0


def test_a_table_that_is_not_offered_is_refused(official, programme, browse):
    unpublished = make_table(state=TableState.DRAFT)
    browser = browse(official)
    page = browser.get_ok(f"/programmes/{programme.id}/prices/draft")
    answer = browser.submit(page, {"start": str(unpublished.id)}, forged=True)
    assert answer.status_code == 422


def test_single_effects_are_copied_behind_what_is_there(official, draft, elsewhere, browse):
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy?q=home")
    assert "Own home (home)" in soup(page).text
    first, second = elsewhere.effects
    assert browser.submit(page, {"effect": [str(first.id), str(second.id)]}).status_code == 303
    db.session.expire_all()
    assert [e.code for e in draft.effects] == ["work-13w", "home", "home-6m"]
    assert draft.effects[2].requires == ["home"]
    assert draft.effects[1].payer_prices == {}
    assert len(elsewhere.effects) == 2


def test_what_an_effect_requires_comes_along_and_is_told(official, draft, elsewhere, browse):
    """Without its requirement an effect is paid on lighter terms than it was published with."""
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy")
    answer = browser.submit(page, {"effect": [str(elsewhere.effects[1].id)]})
    assert answer.status_code == 303
    db.session.expire_all()
    assert [(e.code, e.requires) for e in draft.effects] == [("work-13w", []), ("home", []), ("home-6m", ["home"])]
    told = soup(browser.get_ok(f"/prices/{draft.id}")).text
    assert "Copied along, because another effect requires it: Own home." in told


def test_a_code_that_the_draft_has_is_not_added_again(official, draft, elsewhere, browse):
    make_effect(draft, "home-6m")
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy")
    browser.submit(page, {"effect": [str(elsewhere.effects[1].id), str(elsewhere.effects[0].id)]})
    db.session.expire_all()
    assert [e.code for e in draft.effects] == ["work-13w", "home-6m", "home"]
    assert "Already in this draft, not added again: Home kept." in soup(browser.get_ok(f"/prices/{draft.id}")).text


def test_a_double_click_copies_once(official, draft, elsewhere, browse):
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy")
    for _ in range(2):
        assert browser.submit(page, {"effect": [str(elsewhere.effects[0].id)]}).status_code == 303
    db.session.expire_all()
    assert [e.code for e in draft.effects] == ["work-13w", "home"]


def test_nothing_chosen_is_told(official, draft, elsewhere, browse):
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy")
    for forged in ([], ["no-id"], [str(uuid.uuid4())]):
        answer = browser.submit(page, {"effect": forged}, forged=True)
        assert answer.status_code == 422
        assert "Choose one effect at least." in answer.text


def test_an_effect_of_a_strange_draft_is_neither_shown_nor_copied(official, draft, browse):
    strange = make_table(make_programme(title="Secret"), state=TableState.DRAFT)
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy")
    assert "Secret" not in page.text
    answer = (
        browser.submit(page, {"effect": [str(strange.effects[0].id)]}, forged=True)
        if soup(page).select_one("main form[method=post]")
        else None
    )
    db.session.expire_all()
    assert len(draft.effects) == 1 and (answer is None or answer.status_code == 422)
    with pytest.raises(Refused):
        copy_effects(draft, list(strange.effects), actor=official, once=uuid.uuid4())


def test_only_in_a_draft_and_only_for_the_lead(official, investor, programme, draft, browse):
    assert browse(investor).get(f"/prices/{draft.id}/copy").status_code == 404
    other = make_table(programme)
    assert browse(official).get(f"/prices/{other.id}/copy").status_code == 409
    late = browse(official)
    page = late.get_ok(f"/prices/{draft.id}/copy")
    draft.state = TableState.IN_REVIEW
    db.session.commit()
    answer = late.submit(page, {"effect": [str(other.effects[0].id)]})
    assert answer.status_code == 409
    assert browse(make_user()).get(f"/prices/{other.id}/copy").status_code == 403


def test_the_list_costs_the_same_for_few_and_many(official, draft, elsewhere, browse):
    browser, url = browse(official), f"/prices/{draft.id}/copy"
    browser.get_ok(url)
    with counted() as few:
        browser.get_ok(url)
    for _ in range(10):
        make_table(make_programme(), effects=3)
    with counted() as many:
        page = browser.get_ok(url)
    assert len(many) == len(few)
    assert len(soup(page).select("tbody tr")) == 25


def test_finding_a_table_costs_the_same_for_few_and_many(official, programme, elsewhere, browse):
    browser, url = browse(official), f"/programmes/{programme.id}/prices/draft"
    browser.get_ok(url)
    with counted() as few:
        browser.get_ok(url)
    for _ in range(10):
        make_table(make_programme(), effects=2)
    with counted() as many:
        browser.get_ok(url)
    assert len(many) == len(few)


def bond_of_seventy(expected: int):
    """A published table of 70 participants: `expected` find work, once each."""
    table = make_table(make_programme(title="Seventy"), state=TableState.DRAFT, effects=0)
    make_effect(table, "work-26w", name="Work kept", expected_count=expected, max_per_person=1)
    table.published_at, table.state = table.created_at, TableState.PUBLISHED
    db.session.commit()
    return table


@pytest.mark.parametrize(("expected", "kept"), [(30, 30), (31, None)])
def test_an_expected_number_that_a_smaller_bond_cannot_reach_is_not_taken_over(
    official, programme, browse, expected, kept
):
    """Gate C5: 31 of 30 people would pass for a plan. What fits is taken over, to the very last participant."""
    programme.cohort_size = 30
    start = bond_of_seventy(expected)
    draft = draft_table(programme, TableFacts(), actor=official, once=uuid.uuid4(), start=start)
    assert draft.effects[0].expected_count == kept
    said = "Work kept: the expected number, 31 in the table it started from."
    assert (said in soup(browse(official).get_ok(f"/prices/{draft.id}")).text) is (kept is None)


def test_copying_a_single_effect_says_that_its_number_stayed_behind(official, draft, browse):
    draft.programme.cohort_size = 30
    start = bond_of_seventy(40)
    browser = browse(official)
    page = browser.get_ok(f"/prices/{draft.id}/copy?q=seventy")
    assert browser.submit(page, {"effect": [str(start.effects[0].id)]}).status_code == 303
    db.session.expire_all()
    assert draft.effects[-1].expected_count is None
    assert "the expected number of Work kept." in soup(browser.get_ok(f"/prices/{draft.id}")).text
