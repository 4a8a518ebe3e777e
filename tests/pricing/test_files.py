"""A table for machines and for spreadsheets: exact amounts, and nothing that a spreadsheet would take for a formula."""

import csv
import io
import json
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from app.extensions import db
from app.pricing.files.columns import COLUMNS
from app.pricing.models import EffectKind, GateOverride
from app.pricing.states import TableState
from app.programmes.models import MunicipalityShare
from app.scenarios.replay import compute, read
from tests.factories.pricing import make_effect, make_table


def published(programme, **facts):
    table = make_table(programme, state=TableState.DRAFT, effects=0, note="First", cap_per_person_minor=None)
    make_effect(table, **facts)
    table.state = TableState.PUBLISHED
    db.session.commit()
    return table


def rows_of(answer):
    assert answer.data.startswith(b"\xef\xbb\xbf"), "a spreadsheet takes it for another encoding without the mark"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_json(programme, browse):
    table = published(programme, price_minor=250_005, requires=[], deadweight_bp=1_250)
    answer = browse().get(f"/prices/{table.id}.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    data = answer.json
    assert data["format"] == "bewezen-prices/1"
    assert (data["caps"]["per_person"], data["caps"]["contract"]) == (None, "1000000.00")
    assert data["illustrative"] is False
    assert data["address"].endswith(f"/prices/{table.id}")
    (effect,) = data["effects"]
    assert (effect["id"], effect["kind"], effect["price"], effect["deadweight"]) == (
        "work-13w",
        "per_person",
        "2500.05",
        "0.1250",
    )
    saving = effect["saving"]
    assert (saving["amount"], saving["class"]) == ("4257.00", "avoided")
    assert effect["evidence"] == {"type": "employer", "holder": "The employer", "days": 90}


def test_json_holds_every_column_and_what_officials_let_pass(programme, official, browse):
    first = published(programme)
    table = make_table(programme, state=TableState.DRAFT, effects=1, copied_from_id=first.id, vat_bp=2_100)
    table.period_caps = [{"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 5}]
    make_effect(
        table, "tiers", price_minor=0, tiers=[{"up_to": 4, "price_minor": 5}, {"up_to": None, "price_minor": 1}]
    )
    override = GateOverride(
        table_id=table.id, effect_code="tiers", gate="D6", reason="No group", official_id=official.id
    )
    db.session.add(override)
    db.session.commit()
    table.state = TableState.PUBLISHED
    db.session.commit()
    data = browse().get(f"/prices/{table.id}.json").json
    assert data["copied_from"].endswith(f"/prices/{first.id}") and data["vat"] == "0.2100"
    assert data["caps"]["periods"] == [{"from": "2026-01-01", "to": "2026-12-31", "amount": "0.05"}]
    (passed,) = data["overrides"]
    assert (passed["effect"], passed["gate"], passed["reason"], passed["official"]) == (
        "tiers",
        "D6",
        "No group",
        official.name,
    )
    effect = data["effects"][1]
    assert effect["tiers"] == [{"up_to": 4, "price": "0.05"}, {"up_to": None, "price": "0.01"}]
    keys = {column.group or column.key for column in COLUMNS}
    assert set(effect) == keys
    row = rows_of(browse().get(f"/prices/{table.id}.csv"))[1]
    assert row["overrides"] == "tiers D6: No group" and row["tiers"] == "1-4: 0.05; 5-: 0.01"
    assert set(row) >= {column.name for column in COLUMNS}


def test_csv_without_formulas(programme, browse):
    table = published(programme, name="=HYPERLINK(1)", who="@SUM(A1)", definition="-1 or 2 days", sustained="+13 weeks")
    answer = browse().get(f"/prices/{table.id}.csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = rows_of(answer)
    assert (row["name"], row["who"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")
    assert (row["definition"], row["sustained"]) == ("'-1 or 2 days", "'+13 weeks")
    assert (row["price"], row["currency"], row["illustrative"]) == ("2500.00", "EUR", "no")
    assert (row["saving_amount"], row["deadweight"]) == ("4257.00", "20%")


def test_xlsx_numbers_are_numbers_and_text_is_text(programme, browse):
    table = published(programme, name="=HYPERLINK(1)", price_minor=250_005)
    answer = browse().get(f"/prices/{table.id}.xlsx")
    assert answer.status_code == 200 and answer.mimetype.endswith("spreadsheetml.sheet")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    head, row = book.get_sheet_by_name("Effects").to_python()
    said = dict(zip(head, row, strict=True))
    assert said["Name of the effect"] == "'=HYPERLINK(1)"
    assert (said["Price"], said["Would have happened anyway"]) == (2500.05, 0.2)
    assert said["Life domain"] == "work" and said["Evidence"] == "employment contract or payslip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        first = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in first.replace("<formula1>", ""), "no formula"
        assert "<dataValidation " in first and any("comments" in name for name in parts.namelist())


def test_an_illustrative_table_says_so_in_its_files(programme, browse):
    table = make_table(programme, state=TableState.DRAFT)
    table.illustrative, table.state = True, TableState.PUBLISHED
    db.session.commit()
    assert browse().get(f"/prices/{table.id}.json").json["illustrative"] is True
    (row,) = rows_of(browse().get(f"/prices/{table.id}.csv"))
    assert row["illustrative"] == "yes"
    book = CalamineWorkbook.from_filelike(io.BytesIO(browse().get(f"/prices/{table.id}.xlsx").data))
    assert book.get_sheet_by_name("Explanation").to_python()[0][0] == "These prices are illustrative"


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "replay.json"])
def test_the_files_of_a_draft_are_for_its_readers(kind, official, investor, draft, browse):
    assert browse(official).get(f"/prices/{draft.id}.{kind}").status_code == 200
    assert browse(investor).get(f"/prices/{draft.id}.{kind}").status_code == 404
    assert browse().get(f"/prices/{draft.id}.{kind}").status_code == 303


EVERY_KIND = {
    "person": {"requires": ["work-13w"], "best_of": "job", "max_count": 5},
    "many": {"max_per_person": None, "deadweight_bp": 0},
    "tiers": {"price_minor": 0, "tiers": [{"up_to": 4, "price_minor": 5}, {"up_to": None, "price_minor": 1}]},
    "unit": {"kind": EffectKind.PER_UNIT, "unit": "day", "after_units": 3, "retroactive": True},
    "steps": {
        "kind": EffectKind.STEPS,
        "price_minor": 0,
        "between": "linear",
        "scale": [{"at": "0,5", "amount_minor": 5}, {"at": "0.6", "amount_minor": 9}],
    },
    "bands": {
        "kind": EffectKind.BANDS,
        "price_minor": 0,
        "threshold": "5",
        "scale": [{"from": "0", "to": "10", "per_point_minor": 5}],
    },
    "events": {"kind": EffectKind.DIFFERENCE, "threshold": "0.1", "pooled_threshold": "0.05"},
    "part": {
        "kind": EffectKind.SHARE,
        "price_minor": 0,
        "share_bp": 5_000,
        "share_after_bp": 1_000,
        "until_minor": 100_000,
        "max_amount_minor": 500_000,
    },
    "fee": {"kind": EffectKind.FEE, "deadweight_bp": 0},
}


def test_the_replay_file_is_accepted_and_settles_as_the_table(programme, city, browse):
    table = make_table(programme, state=TableState.DRAFT, cap_contract_minor=None, vat_bp=2_100)
    table.period_caps = [{"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 500_000}]
    for code, facts in EVERY_KIND.items():
        personal = facts.get("kind", EffectKind.PER_PERSON) == EffectKind.PER_PERSON
        make_effect(table, code, **({} if personal else {"max_per_person": None}) | facts)
    table.effects[0].payer_prices = {str(city.id): 90_000}
    db.session.commit()
    table.state = TableState.PUBLISHED
    db.session.commit()
    answer = browse().get(f"/prices/{table.id}.replay.json")
    assert answer.status_code == 200
    replay = read(answer.data)
    assert [effect.kind for effect in replay.terms.effects] == ["per_person"] * 4 + [
        "per_unit",
        "steps",
        "bands",
        "difference",
        "share",
        "fee",
    ]
    whole = json.loads(answer.data)
    day = whole["settle_on"][0]
    whole["participants"] = [{"id": "ann", "payer": str(city.id)}]
    whole["facts"] = [{"participant": "ann", "effect": "work-13w", "on": day}]
    valuation = compute(read(json.dumps(whole).encode())).valuation
    assert sum(statement.paid for statement in valuation.statements) == 72_000  # 900.00 less 20 % deadweight


def test_what_a_replay_file_cannot_hold_is_refused_by_its_rule(programme, official, browse):
    table = make_table(programme, state=TableState.DRAFT)
    one = make_effect(table, "one", best_of="job", deadweight_bp=0)
    make_effect(table, "two", best_of="job", deadweight_bp=100)
    answer = browse(official).get(f"/prices/{table.id}.replay.json")
    assert answer.status_code == 409 and "effects[two].best_of" in answer.text
    one.best_of, one.requires = "", ["nowhere"]
    db.session.commit()
    assert "effects[one].requires" in browse(official).get(f"/prices/{table.id}.replay.json").text
    one.requires, one.payer_prices = [], {"nobody": 5}
    db.session.commit()
    assert "effects[one].prices" in browse(official).get(f"/prices/{table.id}.replay.json").text
    one.payer_prices = {}
    for share in db.session.scalars(db.select(MunicipalityShare)):
        db.session.delete(share)
    db.session.commit()
    db.session.expire_all()
    assert "payers" in browse(official).get(f"/prices/{table.id}.replay.json").text


@pytest.mark.parametrize("kind, status", [("xlsx", 200), ("csv", 200), ("exe", 404)])
def test_the_template(kind, status, browse):
    assert browse().get(f"/prices/template.{kind}").status_code == status
