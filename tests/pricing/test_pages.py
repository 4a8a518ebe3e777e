"""The public page of a table and the list of its versions."""

import uuid

import pytest

from app.extensions import db
from app.pricing.models import EffectKind
from app.pricing.states import TableState
from app.programmes.models import LifeDomain, MunicipalityShare, Part
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_party, make_programme
from tests.factories.unit_costs import make_unit_cost
from tests.statements import counted


def test_anyone_reads_a_published_table(programme, browse):
    table = make_table(programme, effects=3)
    page = soup(browse().get_ok(f"/prices/{table.id}"))
    assert page.select_one("h1").text == "Price table 1"
    assert len(page.select("main .card h3")) == 3
    first = [cell.text for cell in page.select("main table.table tbody tr")[0].find_all(["th", "td"])]
    assert first == ["Thirteen weeks of workwork", "€2,500.00", "person", "20%", "€2,000.00", "1"]
    assert not page.select("main form")
    links = [a["href"] for a in page.select("main .button")]
    follow = f"/programmes/{programme.id}/prices/follow"
    assert links == [*(f"/prices/{table.id}.{kind}" for kind in ("xlsx", "csv", "json", "replay.json")), follow]


@pytest.mark.parametrize("where", ["/prices/{id}", "/programmes/{programme_id}/prices"])
def test_illustrative_prices_are_labelled_wherever_they_stand(city, browse, where):
    programme = make_programme(city, illustrative=True)
    table = make_table(programme)
    page = browse().get_ok(where.format(id=table.id, programme_id=programme.id))
    assert "Illustrative prices:" in page.text


def test_prices_that_are_not_illustrative_are_not_labelled(programme, browse):
    table = make_table(programme)
    assert "Illustrative prices:" not in browse().get_ok(f"/prices/{table.id}").text


def test_pages_of_a_draft_are_labelled_too(official, city, browse):
    table = make_table(make_programme(city, illustrative=True), state=TableState.DRAFT)
    for path in ("", "/edit", "/effects/add", "/submit"):
        assert "Illustrative prices:" in browse(official).get_ok(f"/prices/{table.id}{path}").text, path
    effect = table.effects[0]
    for path in ("edit", "remove"):
        assert "Illustrative prices:" in browse(official).get_ok(f"/effects/{effect.id}/{path}").text, path


def test_it_says_what_is_new_since_the_version_before(official, programme, browse):
    make_table(programme, effects=3)
    later = make_table(programme, state=TableState.DRAFT, effects=2)
    later.effects[0].price_minor = 300_000
    later.effects[1].definition = "Works 20 hours a week."
    db.session.commit()
    make_effect(later, "home-3m", name="Own home", life_domain=LifeDomain.HOME)
    page = soup(browse(official).get_ok(f"/prices/{later.id}"))
    was = "Has an employment contract of at least 13 hours a week."
    said = [" ".join(card.select(".facts div")[-1].dd.text.split()) for card in page.select("section.card[id]")]
    assert said == [
        "Price: €2,500.00 became €3,000.00",
        "What is proven, with its threshold: " + was + " became Works 20 hours a week.",
        "new",
    ]
    assert "No longer in the table" in page.text
    assert "Since Price table 1" in page.text


def test_the_saving_behind_a_price_is_called_what_it_is(programme, browse):
    table = make_table(programme)
    page = browse().get_ok(f"/prices/{table.id}").text
    saving = soup(browse().get_ok(f"/prices/{table.id}")).select_one("section.card")
    assert "€4,257.00" in saving.text and "avoided future cost" in saving.text
    assert "No budget is released by it." in page


def test_a_price_per_day_names_its_unit(programme, official, browse):
    table = make_table(programme, state=TableState.DRAFT)
    make_effect(table, "days", name="Off benefit", kind=EffectKind.PER_UNIT, unit="day", max_per_person=None)
    page = soup(browse(official).get_ok(f"/prices/{table.id}"))
    summary = next(t for t in page.select("table") if "Price per proven effect" in t.caption.text)
    row = [cell.text for cell in summary.select("tbody tr")[1].find_all(["th", "td"])]
    assert (row[2], row[5]) == ("day", "no maximum")


def test_a_draft_shows_which_gates_are_shut(official, draft, browse):
    draft.cap_contract_minor = None
    db.session.commit()
    page = soup(browse(official).get_ok(f"/prices/{draft.id}"))
    rows = page.select("table.table--stack")[0].select("tbody tr")
    assert [row.select("td")[0].text for row in rows if row.select_one(".status").text == "fails"] == ["C1"]
    assert page.select_one(f"main a[href='/prices/{draft.id}/gates']")


def test_a_municipality_of_the_bond_reads_the_draft_and_changes_nothing(programme, draft, browse):
    hengelo = make_user(make_party(programme, Part.GOVERNMENT))
    page = soup(browse(hengelo).get_ok(f"/prices/{draft.id}"))
    downloads = [a["href"] for a in page.select("main .button")]
    assert all(address.startswith(f"/prices/{draft.id}.") for address in downloads) and not page.select("main form")
    assert browse(hengelo).get(f"/prices/{draft.id}/edit").status_code == 403
    assert browse(hengelo).get(f"/prices/{draft.id}/import").status_code == 403


def test_the_list_shows_each_reader_what_is_theirs(official, programme, browse):
    make_table(programme)
    make_table(programme, state=TableState.DRAFT)
    url = f"/programmes/{programme.id}/prices"
    assert [th.text for th in soup(browse().get_ok(url)).select("tbody th")] == ["Price table 1"]
    own = [th.text for th in soup(browse(official).get_ok(url)).select("tbody th")]
    assert own == ["Price table 2", "Price table 1"]


def test_the_pages_cost_the_same_for_1_and_30(programme, browse):
    url = f"/programmes/{programme.id}/prices"
    one = make_table(programme, state=TableState.SUPERSEDED)
    with counted() as list_of_one:
        browse().get_ok(url)
    with counted() as page_of_one:
        browse().get_ok(f"/prices/{one.id}")
    for _ in range(28):
        make_table(programme, state=TableState.SUPERSEDED)
    big = make_table(make_programme(), state=TableState.SUPERSEDED, effects=30)
    with counted() as list_of_many:
        browse().get_ok(url)
    with counted() as page_of_many:
        browse().get_ok(f"/prices/{big.id}")
    assert len(list_of_many) == len(list_of_one)
    assert len(page_of_many) == len(page_of_one)
    assert len(soup(browse().get_ok(url)).select("tbody tr")) == 20
    assert len(soup(browse().get_ok(f"{url}?page=2")).select("tbody tr")) == 9


def test_an_unknown_address_is_no_fault(official, browse):
    assert browse(official).get(f"/prices/{uuid.uuid4()}").status_code == 404
    assert browse(official).get(f"/effects/{uuid.uuid4()}/edit").status_code == 404
    assert browse(official).get(f"/programmes/{uuid.uuid4()}/prices").status_code == 404


def test_a_price_per_payer_is_shown_as_the_range_that_is_really_paid(app, browse):
    """No municipality of the bond pays the price that stands for "all others", so the summary does not say it."""
    table = make_table(state=TableState.DRAFT)
    programme = table.programme
    db.session.add(MunicipalityShare(programme=programme, organisation=make_organisation(), cohort_size=1))
    db.session.commit()
    db.session.refresh(programme)
    first, second = [str(share.organisation_id) for share in programme.shares]
    effect = table.effects[0]
    effect.price_minor, effect.payer_prices = 999_900, {first: 200_000, second: 250_000, str(uuid.uuid4()): 100}
    effect.deadweight_bp = 2_000
    db.session.commit()
    page = soup(browse(make_user(programme.lead)).get_ok(f"/prices/{table.id}"))
    summary = next(row for row in page.select("main tbody tr") if row.select_one("a[href='#effect-work-13w']"))
    said = " ".join(summary.text.split())
    assert "€2,000.00 – €2,500.00, differs per municipality" in said
    assert "€1,600.00 – €2,000.00" in said and "9,999" not in said
    assert "in 1 life domain" in page.text and "in 1 life domains" not in page.text


def test_bars_are_drawn_for_what_is_really_paid(app, browse):
    """A default price that no municipality pays draws no bar; two different prices draw two."""
    first, second = make_organisation(name="Enschede"), make_organisation(name="Hengelo")
    programme = make_programme(first)
    db.session.add(MunicipalityShare(programme=programme, organisation=second, cohort_size=20))
    table = make_table(programme, state=TableState.DRAFT)
    prices = {str(first.id): 60_000, str(second.id): 80_000}
    make_effect(table, "home", name="A home", price_minor=0, payer_prices=prices)
    db.session.commit()
    drawn = soup(browse(make_user(first)).get_ok(f"/prices/{table.id}")).select_one("figure.chart svg[role=img]").text
    assert "A home" in drawn and "€600.00" in drawn and "€800.00" in drawn


def test_the_form_says_which_figures_it_does_not_offer(official, draft, city, browse, monkeypatch):
    """Other currencies are never offered, and a list that is cut says how much is left out."""
    for number, currency in enumerate(("EUR", "EUR", "EUR", "GBP")):
        make_unit_cost(city, name=f"Figure {number}", currency=currency)
    path = f"/prices/{draft.id}/effects/add"
    assert "1 figure in another currency is not offered" in browse(official).get_ok(path).text
    monkeypatch.setattr("app.pricing.queries.MOST_FIGURES", 1)
    page = browse(official).get_ok(path).text
    assert "leaves out the last 2" in page and "Figure 0" in page and "Figure 2" not in page


def test_no_second_version_is_begun_beside_one_that_is_being_prepared(official, programme, draft, browse):
    """Drafting it would be refused only after all was typed."""
    page = browse(official).get_ok(f"/programmes/{programme.id}/prices")
    assert "is still being prepared. Finish it first." in page.text
    assert not soup(page).select(f"a[href='/programmes/{programme.id}/prices/draft']")
    draft.state = TableState.PUBLISHED
    db.session.commit()
    page = browse(official).get_ok(f"/programmes/{programme.id}/prices")
    assert soup(page).select(f"a[href='/programmes/{programme.id}/prices/draft']")


def test_prices_and_periods_stack_on_a_phone(official, programme, browse):
    """Each cell is named, so that no price and no answer lies outside a narrow screen."""
    published = make_table(programme)
    draft = make_table(programme, state=TableState.DRAFT)
    for browser, address in ((browse(), f"/prices/{published.id}"), (browse(official), f"/prices/{draft.id}/edit")):
        page = soup(browser.get_ok(address))
        stacked = page.select_one("table.table--stack")
        assert all(cell.get("data-label") for cell in stacked.select("tbody td"))
    assert page.select("#period_rows table.table--stack")
    assert not page.select("select[name=reduce], select[name=overshoot]")
    assert [box["value"] for box in page.select("input[name=overshoot]")] == ["lost", "carried"]
