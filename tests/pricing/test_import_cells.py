"""Importing a file: what a cell can hold, and the fault that is told at each that cannot."""

from datetime import datetime

import pytest

from app.extensions import db
from app.pricing.models import PriceTable
from tests.factories.pricing import make_effect
from tests.pricing.sheets import NEW, codes, faults, row, sheet, text


def test_every_fault_at_once_with_its_cell(send, draft):
    bad = row(id="Home!", price="a lot", evidence_type="hearsay")
    _, answer = send(sheet(row(id="a", name=""), bad, row(id="c", price="")))
    assert faults(answer) == [
        ("B2", "Name of the effect", "Fill this in."),
        ("E3", "Evidence", next(m for _, c, m in faults(answer) if c == "Evidence")),
        ("F3", "Price", "Give an amount, such as 1,250.00."),
        ("F4", "Price", "The amount must be above zero."),
    ]
    assert codes(draft) == ["work-13w"]


@pytest.mark.parametrize(
    "column, cell, said",
    [
        ("id", "Not a code", "Use small letters"),
        ("price", "1.250", "two decimals"),
        ("price", "12.345678", "whole cents"),
        ("price", "-5", "Give an amount"),
        ("price", "1e9", "Give an amount"),
        ("price", "99999999999999", "too high"),
        ("deadweight", "100.01", "from 0 to 100"),
        ("deadweight", "1.234%", "from 0 to 100"),
        ("deadweight", "100%", "from 0 to 99.99"),
        ("evidence_days", "many", "whole number from 1 to 730"),
        ("evidence_days", "0", "whole number from 1 to 730"),
        ("life_domain", "magic", "Choose one of"),
        ("kind", "sometimes", "Choose one of"),
        ("retroactive", "perhaps", "Choose one of"),
        ("threshold", "a tenth", "Give a number"),
        ("tiers", "1-10: 5", "The last tier"),
        ("tiers", "2-: 5", "must begin at 1"),
        ("tiers", "all: 5", "is not written as"),
        ("tiers", "nonsense", "is not written as"),
        ("scale", "0.5: 1; 1-2: 3", "do not go together"),
        ("scale", "from 0.5: 1", "is not written as"),
        ("scale", "0.5: 1", "Leave this empty"),
        ("scale", "; ".join(f"{n}: 1" for n in range(61)), "At most 60 entries"),
        ("prices", "Atlantis: 5", "is not a municipality of this bond"),
        ("requires", "nowhere", "No effect of the table"),
        ("requires", "home", "An effect cannot require itself"),
        ("saving_unit_cost", "42", "id of a figure"),
        ("saving_unit_cost", "00000000-0000-0000-0000-000000000001", "has no such figure"),
        ("name", "x" * 121, "At most 120 characters"),
        ("name", "bell \x07", "cannot be stored"),
        ("name", "=1+1", "This is a formula"),
        ("max_per_person", "0", "whole number from 1 to 1000"),
    ],
)
def test_each_fault(column, cell, said, send, draft):
    head = list(dict.fromkeys([*NEW, column]))
    values = dict.fromkeys(head, "") | NEW | {column: cell}
    if column == "tiers":
        values["price"] = ""
    _, answer = send(text(list(values.values()), head=head))
    found = faults(answer)
    place = f"{chr(ord('A') + head.index(column))}2"
    assert [fault for fault in found if fault[0] == place and said in fault[2]], found
    assert codes(draft) == ["work-13w"]


@pytest.mark.parametrize(
    "typed, minor",
    [
        ("1250", 125_000),
        ("1250.5", 125_050),
        ("1.250,50", 125_050),
        ("€ 1,250.50", 125_050),
        ("1.250.000", 125_000_000),
    ],
)
def test_amounts_as_people_write_them(typed, minor, send, draft):
    browser, checked = send(text(row(price=typed)))
    browser.submit(checked, button="Import")
    assert codes(draft)[-1] == "home"
    assert db.session.get(PriceTable, draft.id).effects[-1].price_minor == minor


@pytest.mark.parametrize("number, minor", [(0.1 + 0.2, 30), (2500, 250_000), (1.1 * 3, 330), (1234567.89, 123_456_789)])
def test_numbers_are_exact_cents(number, minor, send, draft):
    """A spreadsheet keeps binary fractions: what was typed counts, not the noise behind its fifteenth digit."""
    browser, checked = send(sheet(row(price=number)))
    browser.submit(checked, button="Import")
    assert codes(draft)[-1] == "home"
    assert db.session.get(PriceTable, draft.id).effects[-1].price_minor == minor


@pytest.mark.parametrize("number, said", [(0.125, "whole cents"), (1e300, "too large"), (-3, "Give an amount")])
def test_numbers_that_are_no_amount(number, said, send):
    assert said in faults(send(sheet(row(price=number)))[1])[0][2]


def test_a_fraction_in_a_spreadsheet_is_a_percentage(send, draft):
    browser, checked = send(sheet([*row(), 0.125], head=[*NEW, "deadweight"]))
    browser.submit(checked, button="Import")
    assert codes(draft)[-1] == "home"
    assert db.session.get(PriceTable, draft.id).effects[-1].deadweight_bp == 1_250


def test_what_a_cell_cannot_hold(send):
    def more(book, page):
        page.write_formula("F2", "=1+1", None, 2)
        page.write_datetime("B2", datetime(2026, 1, 2), book.add_format({"num_format": "dd-mm-yyyy"}))  # noqa: DTZ001
        page.merge_range("C2:C3", "home")
        page.write_boolean("D2", True)

    found = {place: said for place, _, said in faults(send(sheet(row(), row(id="b"), then=more))[1])}
    assert found["F2"] == "This is a formula. Put its outcome there, as a value."
    assert found["B2"] == "This cell holds a date or a time. Write it as text."
    assert found["C2"].startswith("These cells are merged.")
    assert found["D2"].startswith("This cell holds true or false.")


def test_twice_the_same_code(send):
    assert faults(send(text(row(), row()))[1]) == [("A3", "Code", "This code stands in the file more than once.")]


def test_a_circle_of_requirements(send):
    head = [*NEW, "requires"]
    content = text([*row(id="a"), "b"], [*row(id="b"), "a"], head=head)
    message = "This effect requires itself, by way of the others."
    assert faults(send(content)[1]) == [(f"G{n}", "Only after other effects", message) for n in (2, 3)]


def test_what_others_require_cannot_go(send, draft):
    make_effect(draft, "home", requires=["work-13w"])
    _, answer = send(text(["home"], head=["id"]), remove_missing=True)
    assert "No effect of the table has the code “work-13w”." in faults(answer)[0][2]
