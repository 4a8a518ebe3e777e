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
        ("A3", "Code", "Use small letters, digits and hyphens, such as work-13w."),
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


def test_a_format_fault_hides_no_other_fault(send, draft):
    """All in one pass, also in a row with a cell that cannot be read; but nothing is said of what that cell would have
    decided: of a tier that cannot be read, no price is asked, and what requires a row without a code waits."""
    head = [*NEW, "requires", "baseline_n", "baseline_count", "tiers"]
    content = text(
        [*row(id="a", evidence_type="hearsay"), "nowhere", "5", "", ""],
        [*row(id="b", price="a lot"), "c", "", "", ""],
        [*row(id="c"), "b", "5", "9", ""],
        [*row(id="d", price=""), "", "", "", "nonsense"],
        head=head,
    )
    found = [(cell, said) for cell, _column, said in faults(send(content)[1])]
    assert [cell for cell, _said in found] == ["E2", "G2", "H2", "F3", "G3", "G4", "I4", "J5"]
    said = dict(found)
    assert said["G2"] == "No effect of the table has the code “nowhere”."
    assert said["H2"] == "Give both the number of people and how many of them reached it."
    assert said["G3"] == said["G4"] == "This effect requires itself, by way of the others."
    assert said["I4"] == "More people reached it than there were."
    assert codes(draft) == ["work-13w"]


def test_what_requires_a_code_that_cannot_be_read_waits(send):
    head = [*NEW, "requires"]
    content = text([*row(id="=1+1"), ""], [*row(id="a"), "home"], [*row(id="b", price="a lot"), ""], head=head)
    assert [cell for cell, _column, _said in faults(send(content)[1])] == ["A2", "F4"]


def test_a_group_is_judged_by_what_was_read(send):
    """Of the second row nobody knows what it takes off, so it breaks no group; the third takes off another part."""
    head = [*NEW, "best_of", "max_per_person", "deadweight"]
    rows = [[*row(id=code), "home", "1", off] for code, off in (("a", "10%"), ("b", "much"), ("c", "20%"))]
    found = faults(send(text(*rows, head=head))[1])
    assert [(cell, said[:13]) for cell, _column, said in found] == [
        ("G2", "In this group"),
        ("I3", found[1][2][:13]),
        ("G4", "In this group"),
    ]
