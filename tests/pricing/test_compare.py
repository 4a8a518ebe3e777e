"""The difference view: every field of two tables side by side, each difference said in a word."""

import uuid

from app.extensions import db
from app.pricing.models import EffectKind
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme
from tests.statements import counted


def rows(section) -> dict[str, tuple[str, ...]]:
    return {
        tr.th.text.strip(): tuple(" ".join(td.text.split()) for td in tr.find_all("td"))
        for tr in section.select("tbody tr")
    }


def test_added_removed_changed_and_the_same_are_said_in_words(programme, official, browse):
    before = make_table(programme, state=TableState.DRAFT, effects=3, cap_per_person_minor=1_000_000)
    make_effect(before, "steps", kind=EffectKind.STEPS, price_minor=0, scale=[{"at": "0.5", "amount_minor": 100}])
    before.effects[1].companion = ""
    db.session.commit()
    before.published_at, before.state = before.created_at, TableState.PUBLISHED
    db.session.commit()
    after = make_table(programme, state=TableState.DRAFT, effects=2, cap_per_person_minor=None, vat_bp=2_100)
    after.effects[1].price_minor = 300_000
    after.effects[1].companion = "Well-being"
    after.effects[1].resets = ""
    db.session.commit()
    make_effect(after, "steps", kind=EffectKind.STEPS, price_minor=0, scale=[{"at": "0.5", "amount_minor": 200}])
    make_effect(after, "new", name="Quite new")
    page = soup(browse(official).get_ok(f"/prices/{after.id}/compare/{before.id}"))
    marks = {
        " ".join(c.h3.find(string=True).split()) + f" {i}": c.h3.select_one(".status").text
        for i, c in enumerate(page.select("main section.card"))
    }
    assert list(marks.values()) == ["changed", "changed", "added", "removed"]
    changed = rows(page.select("main section.card")[0])
    assert changed["Price"] == ("€2,500.00", "€3,000.00", "changed")
    assert changed["Companion indicator"] == ("–", "Well-being", "added")
    assert changed["For whom it counts"][2] == "the same"
    scale = rows(page.select("main section.card")[1])
    assert scale["Steps or bands"] == ("from 0.5: €1.00", "from 0.5: €2.00", "changed")
    table = rows(page.select("main .table-scroll")[0])
    assert table["Maximum per participant"] == ("€10,000.00", "–", "removed")
    assert table["VAT included in the prices"] == ("–", "21%", "added")
    assert table["When a maximum is reached"][2] == "the same"


def test_tables_of_two_bonds_can_be_compared_and_are_named(programme, browse):
    one, other = make_table(programme), make_table(make_programme(title="Elsewhere"))
    page = soup(browse().get_ok(f"/prices/{one.id}/compare/{other.id}"))
    assert "Elsewhere, Price table 1" in page.select_one("h1").text


def test_show_and_list_lead_there(programme, browse):
    before = make_table(programme, state=TableState.SUPERSEDED)
    after = make_table(programme)
    link = f"/prices/{after.id}/compare/{before.id}"
    assert soup(browse().get_ok(f"/prices/{after.id}")).select_one(f"a[href='{link}']")
    assert soup(browse().get_ok(f"/programmes/{programme.id}/prices")).select_one(f"a[href='{link}']")


def test_what_may_not_be_seen_is_not_compared(programme, official, draft, browse):
    published = make_table(programme)
    strange = make_table(state=TableState.DRAFT)
    assert browse().get(f"/prices/{published.id}/compare/{draft.id}").status_code == 404
    assert browse(official).get(f"/prices/{published.id}/compare/{draft.id}").status_code == 200
    assert browse(official).get(f"/prices/{published.id}/compare/{strange.id}").status_code == 404
    assert browse(official).get(f"/prices/{published.id}/compare/{uuid.uuid4()}").status_code == 404
    assert browse().get(f"/prices/{draft.id}/compare/{published.id}").status_code == 303


def test_illustrative_prices_are_labelled(city, browse):
    one = make_table(make_programme(city, illustrative=True))
    other = make_table(make_programme())
    for left, right in ((one, other), (other, one)):
        assert "Illustrative prices:" in browse().get_ok(f"/prices/{left.id}/compare/{right.id}").text


def test_it_costs_the_same_for_1_and_30(browse):
    costs = []
    for effects in (1, 30):
        one, other = make_table(effects=effects), make_table(effects=effects)
        browse().get_ok(f"/prices/{one.id}/compare/{other.id}")
        with counted() as statements:
            browse().get_ok(f"/prices/{one.id}/compare/{other.id}")
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_what_is_the_same_stands_below_in_one_closed_list(programme, official, browse):
    before = make_table(programme, state=TableState.SUPERSEDED, effects=3)
    after = make_table(programme, state=TableState.DRAFT, effects=3)
    page = soup(browse(official).get_ok(f"/prices/{after.id}/compare/{before.id}"))
    assert not page.select("main section.card")
    (closed,) = page.select("main details.more")
    assert closed.summary.text == "3 effects the same" and not closed.has_attr("open")
    names = [item.find(string=True) for item in closed.select(":scope > ul > li")]
    assert names == [effect.name for effect in after.effects]
    after.effects[0].price_minor += 1
    db.session.commit()
    page = soup(browse(official).get_ok(f"/prices/{after.id}/compare/{before.id}"))
    (card,) = page.select("main section.card")
    assert page.select_one("main details.more").summary.text == "2 effects the same"
    assert card.find_next("details", class_="more")  # below what changed
