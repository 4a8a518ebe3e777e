"""The form of an effect for every kind of `replay/1`: what it asks, what it stores, what it refuses, all at once."""

import pytest

from app.extensions import db
from app.pricing.effect_form import ONLY_FOR
from app.pricing.models import Effect, EffectKind, PriceTable
from app.pricing.shown import EFFECT_FIELDS, TABLE_FIELDS
from app.pricing.states import TableState
from app.pricing.terms_of import valuation_terms
from app.programmes.models import MunicipalityShare
from tests.browser import soup
from tests.factories.people import make_organisation
from tests.factories.pricing import make_effect, make_table
from tests.factories.unit_costs import make_unit_cost

COMMON = {
    "name": "An effect",
    "code": "an-effect",
    "life_domain": "work",
    "definition": "At least 12 hours a week.",
    "evidence_type": "payroll",
}
# What is typed for each kind, and what is stored of it.
KINDS = {
    "per_person": (
        {"price_minor": "2,500.00", "max_per_person": "1", "best_of": "work", "max_count": "70"},
        {"price_minor": 250_000, "max_per_person": 1, "best_of": "work", "max_count": 70, "scale": []},
    ),
    "per_unit": (
        {"price_minor": "38.50", "unit": "day", "after_units": "30", "retroactive": True},
        {"price_minor": 3_850, "unit": "day", "after_units": 30, "retroactive": True, "max_per_person": None},
    ),
    "steps": (
        {"step_rows-0-at": "0,1", "step_rows-0-paid": "100.00", "step_rows-2-at": "0.25", "step_rows-2-paid": "300"},
        {"scale": [{"at": "0.1", "amount_minor": 10_000}, {"at": "0.25", "amount_minor": 30_000}], "price_minor": 0},
    ),
    "bands": (
        {
            "band_rows-0-start": "0",
            "band_rows-0-end": "2.5",
            "band_rows-0-per_point": "10.00",
            "band_rows-1-start": "2.5",
            "band_rows-1-end": "5",
            "band_rows-1-per_point": "20.00",
            "threshold": "1",
        },
        {
            "scale": [
                {"from": "0", "to": "2.5", "per_point_minor": 1_000},
                {"from": "2.5", "to": "5", "per_point_minor": 2_000},
            ],
            "threshold": "1",
        },
    ),
    "difference": (
        {"price_minor": "1,700.00", "threshold": "7,5", "pooled_threshold": "5%", "max_count": "500"},
        {"price_minor": 170_000, "threshold": "0.075", "pooled_threshold": "0.05", "max_count": 500},
    ),
    "share": (
        {"share_bp": "50", "until_minor": "100,000.00", "share_after_bp": "12.5"},
        {"share_bp": 5_000, "until_minor": 10_000_000, "share_after_bp": 1_250, "price_minor": 0},
    ),
    "fee": ({"price_minor": "150.00"}, {"price_minor": 15_000, "deadweight_bp": 0, "max_per_person": None}),
}
REST = {
    "achieved_when": "Last day of the 13th week",
    "resets": "Two weeks without work",
    "evidence_holder": "UWV",
    "companion": "Well-being",
    "companion_view": "participant",
    "baseline_n": "200",
    "baseline_count": "60",
    "baseline_period": "2024",
    "baseline_source": "CBS",
    "counterfactual": "matched",
    "difference_bp": "23",
    "gaming": "Short contracts",
    "countermeasure": "Payroll data",
    "double_payment": "No subsidy",
    "legal_basis": "Suwi; DPIA 12",
    "saving_minor": "4,257.00",
    "saving_class": "avoided",
    "saving_source": "Own count",
    "saving_year": "2010",
    "saving_bearer": "central",
    "saving_licence": "CC BY 4.0",
    "saving_occupancy_bp": "97.5",
    "saving_waiting_list": True,
    "saving_note": "Pays along",
    "max_amount_minor": "90,000.00",
    "expected_count": "40",
    "months_after": "9",
}
STORED_REST = REST | {
    "baseline_n": 200,
    "baseline_count": 60,
    "difference_bp": 2_300,
    "saving_minor": 425_700,
    "saving_year": 2010,
    "saving_occupancy_bp": 9_750,
    "max_amount_minor": 9_000_000,
    "expected_count": 40,
    "months_after": 9,
}


def add(draft: PriceTable, kind: str) -> str:
    return f"/prices/{draft.id}/effects/add?kind={kind}"


def only(code: str = "an-effect") -> Effect:
    return db.session.scalars(db.select(Effect).filter_by(code=code)).one()


def test_every_kind_of_the_format_has_a_form():
    assert set(KINDS) == {kind.value for kind in EffectKind}


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_every_kind_is_stored_and_comes_back(official, draft, browse, kind):
    typed, stored = KINDS[kind]
    browser = browse(official)
    answer = browser.post_form(add(draft, kind), COMMON | typed | REST)
    assert answer.status_code == 303, soup(answer).select_one("[role=alert]")
    effect = only()
    assert effect.kind == kind
    for name, value in (stored | STORED_REST).items():
        assert getattr(effect, name) == value, name
    again = browser.submit(browser.get_ok(f"/effects/{effect.id}/edit"))  # saved as it stands, it stays as it is
    assert again.status_code == 303
    db.session.refresh(effect)
    for name, value in (stored | STORED_REST).items():
        assert getattr(effect, name) == value, name
    valuation_terms(draft, draft.programme.shares)  # the engine takes it


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_belongs_to_the_kind_is_asked(official, draft, browse, kind):
    page = soup(browse(official).get_ok(add(draft, kind)))
    names = {control["name"].split("-")[0] for control in page.select("main [name]")}
    for name, kinds in ONLY_FOR.items():
        if name not in ("requires", "payer_rows"):
            assert (name in names) == (EffectKind(kind) in kinds), name
    assert page.select_one("[name=kind]")["value"] == kind
    current = page.select_one(".section-nav [aria-current]")
    assert current["href"] == f"?kind={kind}"


def test_tiers_come_in_rows_and_blank_rows_are_ignored(official, draft, browse):
    typed = {
        "price_minor": "",
        "max_per_person": "",
        "tier_rows-0-up_to": "10",
        "tier_rows-0-price": "100",
        "tier_rows-2-price": "80.00",
        "tier_rows-2-most": "5,000.00",
    }
    browser = browse(official)
    assert browser.post_form(add(draft, "per_person"), COMMON | typed).status_code == 303
    effect = only()
    assert effect.tiers == [
        {"up_to": 10, "price_minor": 10_000, "max_amount_minor": None},
        {"up_to": None, "price_minor": 8_000, "max_amount_minor": 500_000},
    ]
    page = soup(browser.get_ok(f"/effects/{effect.id}/edit"))
    assert len(page.select("[name^=tier_rows][name$=price]")) == 2 + 3  # there is always room for more
    shown = soup(browser.get_ok(f"/prices/{draft.id}")).select_one("#effect-an-effect")
    assert "up to number 10" in shown.text and "€80.00 each, together at most €5,000.00" in shown.text


def test_all_faults_are_told_at_once_and_nothing_typed_is_lost(official, draft, browse):
    typed = COMMON | {
        "code": "Not Good",
        "price_minor": "100.00",
        "tier_rows-0-up_to": "10",
        "tier_rows-0-price": "",
        "max_per_person": "2",
        "best_of": "work",
        "baseline_n": "10",
        "baseline_count": "20",
        "saving_minor": "5.00",
        "companion": "Kept",
    }
    answer = browse(official).post_form(add(draft, "per_person"), typed)
    assert answer.status_code == 422
    page = soup(answer)
    for name in ("code", "tier_rows-0-price", "best_of", "baseline_count", "saving_class", "saving_source"):
        assert page.select_one(f"#{name}-error"), name
        assert page.select_one(f"[role=alert] a[href='#{name}']"), name
    assert page.select_one("#tier_rows-0-up_to")["value"] == "10"
    assert page.select_one("#companion")["value"] == "Kept"
    assert len(draft.effects) == 1


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("per_person", {"price_minor": ""}, "price_minor"),
        ("per_person", {"price_minor": "5", "tier_rows-0-price": "5"}, "price_minor"),
        ("per_person", {"tier_rows-0-up_to": "5", "tier_rows-0-price": "5"}, "tier_rows"),
        ("per_unit", {"price_minor": "5", "unit": ""}, "unit"),
        ("per_unit", {"price_minor": "5", "unit": "day", "retroactive": True}, "retroactive"),
        ("steps", {}, "step_rows"),
        ("steps", {"step_rows-0-at": "x", "step_rows-0-paid": "5"}, "step_rows-0-at"),
        (
            "steps",
            {"step_rows-0-at": "2", "step_rows-0-paid": "5", "step_rows-1-at": "1", "step_rows-1-paid": "6"},
            "step_rows",
        ),
        ("bands", {"band_rows-0-start": "1", "band_rows-0-end": "1", "band_rows-0-per_point": "6"}, "band_rows"),
        ("difference", {"price_minor": "5", "threshold": "100.01"}, "threshold"),
        ("share", {"share_bp": ""}, "share_bp"),
        ("share", {"share_bp": "50", "until_minor": "5"}, "until_minor"),
        ("share", {"share_bp": "101"}, "share_bp"),
        ("per_person", {"price_minor": "5", "difference_bp": "0"}, "difference_bp"),
        ("per_person", {"price_minor": "5", "saving_occupancy_bp": "101"}, "saving_occupancy_bp"),
    ],
)
def test_what_the_format_refuses_is_told_where_it_was_typed(official, draft, browse, kind, typed, told):
    answer = browse(official).post_form(add(draft, kind), COMMON | typed)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{told}-error"), soup(answer).select_one("[role=alert]")
    assert len(draft.effects) == 1


def test_a_price_per_municipality_of_the_bond(official, programme, draft, browse):
    other = make_organisation(name="Hengelo")
    db.session.add(MunicipalityShare(programme=programme, organisation=other, cohort_size=25))
    db.session.commit()
    browser = browse(official)
    page = browser.get_ok(add(draft, "per_person"))
    labels = [label.text for label in soup(page).select("#payer_rows label")]
    assert set(labels) == {"Enschede", "Hengelo"}
    row = labels.index("Hengelo")
    typed = COMMON | {"price_minor": "100", f"payer_rows-{row}-price": "120.00"}
    assert browser.submit(page, typed).status_code == 303
    assert only().payer_prices == {str(other.id): 12_000}
    shown = soup(browser.get_ok(f"/prices/{draft.id}")).select_one("#effect-an-effect")
    assert "A price for each municipality, else €100.00" in shown.text
    assert "€120.00" in shown.text and "Hengelo" in shown.text


def test_a_payer_from_elsewhere_has_no_price(official, draft, browse):
    browser = browse(official)
    page = browser.get_ok(add(draft, "per_person"))
    stranger = make_organisation()
    typed = COMMON | {"price_minor": "100", "payer_rows-0-payer": str(stranger.id), "payer_rows-0-price": "9.00"}
    assert browser.submit(page, typed, forged=True).status_code == 303
    assert only().payer_prices == {}


def test_the_groups_of_the_table_are_suggested(official, draft, browse):
    make_effect(draft, "other", best_of="qualification")
    page = soup(browse(official).get_ok(add(draft, "per_person")))
    assert page.select_one("#best_of")["list"] == "groups"
    assert [option["value"] for option in page.select("#groups option")] == ["qualification"]


def test_another_kind_on_an_existing_effect_leaves_nothing_of_the_old_one(official, draft, browse):
    effect = make_effect(draft, "old", requires=["work-13w"], best_of="group")
    browser = browse(official)
    page = browser.get_ok(f"/effects/{effect.id}/edit?kind=fee")
    assert browser.submit(page, {"price_minor": "75.00"}).status_code == 303
    db.session.refresh(effect)
    assert (effect.kind, effect.price_minor, effect.deadweight_bp) == (EffectKind.FEE, 7_500, 0)
    assert (effect.requires, effect.best_of, effect.max_per_person) == ([], "", None)


def test_an_unknown_kind_is_per_person(official, draft, browse):
    page = soup(browse(official).get_ok(add(draft, "magic")))
    assert page.select_one("[name=kind]")["value"] == "per_person"


def test_a_figure_of_the_register_fills_in_the_saving_and_saves_nothing_yet(official, draft, browse):
    figure = make_unit_cost()
    pounds = make_unit_cost(currency="GBP")
    make_unit_cost(withdrawn=True)
    browser = browse(official)
    page = browser.get_ok(add(draft, "per_person"))
    offered = [option["value"] for option in soup(page).select("#unit_cost_id option")]
    assert offered == ["", str(figure.id)] and str(pounds.id) not in offered
    filled = browser.submit(page, COMMON | {"unit_cost_id": str(figure.id), "price_minor": "10"}, button="fill")
    assert filled.status_code == 200 and len(draft.effects) == 1
    fields = soup(filled)
    assert fields.select_one("#name")["value"] == "An effect"
    assert fields.select_one("#saving_minor")["value"] == "7900.00"
    assert fields.select_one("#saving_source")["value"] == "Annual accounts of the shelter"
    assert browser.submit(filled).status_code == 303
    effect = only()
    assert (effect.unit_cost_id, effect.saving_minor, effect.saving_year) == (figure.id, 790_000, 2021)
    assert (effect.saving_class, effect.saving_bearer) == ("cashable", "municipality")


def test_a_figure_chosen_and_saved_at_once_is_copied_too(official, draft, browse):
    figure = make_unit_cost()
    typed = COMMON | {"price_minor": "9,000.00", "unit_cost_id": str(figure.id)}
    assert browse(official).post_form(add(draft, "per_person"), typed).status_code == 303
    assert only().saving_minor == 790_000
    shown = soup(browse(official).get_ok(f"/prices/{draft.id}")).select_one("#effect-an-effect")
    assert "price above the saving" in shown.text  # allowed, and shown
    assert shown.select_one(f"a[href='/unit-costs/{figure.id}']")


def test_a_companion_indicator_is_reported_and_never_paid(official, programme, browse):
    table = make_table(programme, state=TableState.DRAFT, effects=0)
    make_effect(table, companion="Score on the well-being scale")
    shown = soup(browse(official).get_ok(f"/prices/{table.id}")).select_one("#effect-work-13w")
    assert "reported, never paid" in shown.text and "Score on the well-being scale" in shown.text


def test_the_fields_of_the_list_and_the_columns_are_the_same():
    """What pages and comparison show is everything that an effect says, except links and the order."""
    not_said = {"id", "created_at", "version", "table_id", "position", "unit_cost_id"}
    assert {field.name for field in EFFECT_FIELDS} == {c.name for c in Effect.__table__.columns} - not_said
    not_said = {"id", "created_at", "version", "programme_id", "number", "state", "published_at", "copied_from_id"}
    assert {field.name for field in TABLE_FIELDS} == {c.name for c in PriceTable.__table__.columns} - not_said
