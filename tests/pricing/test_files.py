"""A published table for machines: decimal strings, and nothing that a spreadsheet would take for a formula."""

import csv
import io

from app.extensions import db
from app.pricing.states import TableState
from tests.factories.pricing import make_effect, make_table


def published(programme, **facts):
    table = make_table(programme, state=TableState.DRAFT, effects=0, note="First", cap_per_person_minor=None)
    make_effect(table, **facts)
    table.state = TableState.PUBLISHED
    db.session.commit()
    return table


def test_json(programme, browse):
    table = published(programme, price_minor=250_005, requires=[], deadweight_bp=1_250)
    answer = browse().get(f"/prices/{table.id}.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    data = answer.json
    assert data["format"] == "bewezen-prices/1"
    assert data["caps"] == {"per_person": None, "contract": "1000000.00"}
    assert data["illustrative"] is False
    assert data["address"].endswith(f"/prices/{table.id}")
    (effect,) = data["effects"]
    assert (effect["id"], effect["kind"], effect["price"], effect["deadweight"]) == (
        "work-13w",
        "per_person",
        "2500.05",
        "0.1250",
    )
    assert effect["saving"] == {
        "amount": "4257.00",
        "class": "avoided",
        "source": "Unit cost of a year without work or school",
    }


def test_csv_without_formulas(programme, browse):
    table = published(programme, name="=HYPERLINK(1)", who="@SUM(A1)", definition="-1 or 2 days", sustained="+13 weeks")
    answer = browse().get(f"/prices/{table.id}.csv")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["name"], row["who"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")
    assert (row["definition"], row["sustained"]) == ("'-1 or 2 days", "'+13 weeks")
    assert (row["price"], row["currency"], row["illustrative"]) == ("2500.00", "EUR", "no")
    assert row["saving_amount"] == "4257.00"


def test_an_illustrative_table_says_so_in_its_files(programme, browse):
    table = make_table(programme, state=TableState.DRAFT)
    table.illustrative, table.state = True, TableState.PUBLISHED
    db.session.commit()
    assert browse().get(f"/prices/{table.id}.json").json["illustrative"] is True
    (row,) = csv.DictReader(io.StringIO(browse().get(f"/prices/{table.id}.csv").text))
    assert row["illustrative"] == "yes"


def test_a_draft_has_no_files(official, draft, browse):
    for kind in ("json", "csv"):
        assert browse(official).get(f"/prices/{draft.id}.{kind}").status_code == 409
        assert browse().get(f"/prices/{draft.id}.{kind}").status_code == 303
