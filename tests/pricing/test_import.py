"""Importing a file into a draft: every fault per cell, nothing until all is right, then all at once."""

import csv
import hashlib
import io
from datetime import datetime

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.extensions import db
from app.pricing.files.columns import COLUMNS
from app.pricing.files.document import as_csv
from app.pricing.files.settings import SETTINGS
from app.pricing.files.spreadsheet import as_xlsx, template_xlsx
from app.pricing.models import EffectKind, Overshoot, PriceTable
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table

NEW = {
    "id": "home",
    "name": "A home",
    "life_domain": "home",
    "definition": "Has a rental contract of at least 12 months.",
    "evidence_type": "landlord",
    "price": "1500.00",
}


KINDS = ("id", "price", "kind", "unit", "max_per_person")


def sheet(*rows, head=None, name="Effects", **more):
    """A .xlsx with a row of names and rows of cells, as people make them."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    page = book.add_worksheet(name)
    for number, row in enumerate([head or list(NEW), *rows]):
        for at, cell in enumerate(row):
            page.write(number, at, cell)
    for other in more.get("others", ()):
        book.add_worksheet(other).write(0, 0, "notes")
    more.get("then", lambda book, page: None)(book, page)
    book.close()
    return written.getvalue()


def text(*rows, head=None, delimiter=","):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([head or list(NEW), *rows])
    return written.getvalue().encode()


def row(**changes):
    return list((NEW | changes).values())


@pytest.fixture
def send(browse, official, draft):
    """Choose a file on the page of the draft and have it checked."""

    def choose(content, **typed):
        browser = browse(official)
        data = {"file": (io.BytesIO(content), "prices.xlsx"), **typed}
        return browser, browser.post_form(f"/prices/{draft.id}/import", data)

    return choose


def faults(answer):
    """(cell, column, message) of each fault on the page."""
    assert answer.status_code == 422, answer.status_code
    rows = soup(answer).select("main table tbody tr")
    return [tuple(" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")) for row in rows]


def codes(table):
    db.session.expire_all()
    return [effect.code for effect in db.session.get(PriceTable, table.id).effects]


@pytest.mark.parametrize("kind", [sheet, text])
def test_import_adds_changes_and_keeps(kind, send, draft, official):
    content = kind(row(), row(id="work-13w", name="Thirteen weeks", price="2.600,50", evidence_type="employer"))
    browser, checked = send(content)
    assert checked.status_code == 200, faults(checked)
    assert codes(draft) == ["work-13w"], "checking imports nothing"
    done = browser.submit(checked, button="Import")
    assert done.status_code == 303
    assert codes(draft) == ["work-13w", "home"]
    changed, added = db.session.get(PriceTable, draft.id).effects
    assert (changed.name, changed.price_minor, changed.deadweight_bp) == ("Thirteen weeks", 260_050, 2_000)
    assert (added.price_minor, added.max_per_person, added.evidence_days) == (150_000, 1, 90)
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last.action == "table.edit" and last.actor_id == official.id
    facts = last.facts.body
    assert facts["imported"] == hashlib.sha256(content).hexdigest()
    assert (facts["added"], facts["changed"], facts["removed"]) == (1, 1, 0)


def test_what_changes_is_shown_as_people_read_it(send):
    _, checked = send(text(["work-13w", "2600", "per unit (day, week, month)", "day", ""], head=list(KINDS)))
    assert "€2,500.00" in checked.text and "€2,600.00" in checked.text
    assert "per person, once" in checked.text


def test_missing_ones_go_only_when_asked(send, draft):
    browser, checked = send(text(row()), remove_missing=True)
    assert "Thirteen weeks of work" in checked.text
    assert browser.submit(checked, button="Import").status_code == 303
    assert codes(draft) == ["home"]


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


@pytest.mark.parametrize(
    "head, cells, said",
    [
        (["id", "colour"], 2, "No column is called “colour”."),
        (["id", "price", "price"], 3, "This column stands there twice."),
        (["price"], 1, "The column “Code” is missing."),
        (["id", ""], 2, "This column has no name."),
        (["id", "price"], 3, "This column has no name."),
    ],
)
def test_faults_of_the_head(head, cells, said, send):
    assert faults(send(text(["work-13w", "1", "2"][:cells], head=head))[1])[0][2] == said


def test_an_unknown_column_hides_no_fault_in_a_cell_and_the_nearest_name_is_told(send, draft):
    """Whoever mends a file mends it once."""
    content = text(["work-13w", "20%", "dear"], head=["id", "deadwieght", "price"])
    told = faults(send(content)[1])
    message = "No column is called “deadwieght”. Did you mean “Would have happened anyway”?"
    assert told[0] == ("B1", "deadwieght", message)
    assert [fault[0] for fault in told] == ["B1", "C2"]
    assert draft.effects[0].price_minor == 250_000


def test_columns_in_dutch_and_a_semicolon(send, draft, app):
    """As a Dutch spreadsheet saves it: a semicolon between cells, a comma in amounts."""
    content = "\ufeffCode;Prijs\r\nwork-13w;2600,50\r\n".encode()
    browser, checked = send(content)
    browser.submit(checked, button="Import")
    db.session.expire_all()
    assert db.session.get(PriceTable, draft.id).effects[0].price_minor == 260_050


def test_faults_are_said_in_the_language_of_the_reader(browse, city, draft):
    reader = make_user(city, locale="nl")
    content = text(["work-13w", "veel"], head=["id", "price"])
    answer = browse(reader).post_form(f"/prices/{draft.id}/import", {"file": (io.BytesIO(content), "x.csv")})
    assert faults(answer)[0][:2] == ("B2", "Prijs")


def test_columns_that_are_not_there_stay(send, draft):
    effect = draft.effects[0]
    browser, checked = send(text(["work-13w", "2600"], head=["id", "price"]))
    browser.submit(checked, button="Import")
    db.session.refresh(effect)
    assert (effect.price_minor, effect.saving_minor, effect.deadweight_bp) == (260_000, 425_700, 2_000)


def test_a_new_effect_needs_its_columns(send):
    found = faults(send(text(["home"], head=["id"]))[1])
    assert [(place, column) for place, column, _ in found] == [
        ("A2", "Name of the effect"),
        ("A2", "Life domain"),
        ("A2", "What is proven, with its threshold"),
        ("A2", "Evidence"),
    ]


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no .xlsx"),
        (b"a\x00b", "neither"),
        ("Code;Naam\nwerk;Één".encode("latin-1"), "UTF-8"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "older spreadsheet"),
        (b"PK\x03\x04 broken", "damaged"),
        (b'id,name\n"open', "quotation mark"),
        (b"id\n" + b"a\n" * 1_100, "too long"),
        (b"id" + b"," * 300, "too long or too wide"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_faults_of_the_file(content, said, send, draft):
    _, answer = send(content)
    assert answer.status_code == 422
    if content:
        assert said in faults(answer)[0][2]
    assert codes(draft) == ["work-13w"]


def test_several_sheets(send):
    assert "several sheets" in faults(send(sheet(row(), name="One", others=["Two"]))[1])[0][2]
    assert send(sheet(row(), others=["My notes"]))[1].status_code == 200


def test_no_file(browse, official, draft):
    answer = browse(official).post_form(f"/prices/{draft.id}/import", {})
    assert answer.status_code == 422 and "Choose a file." in answer.text


def test_the_draft_changed_meanwhile(send, draft):
    """What is imported is what was shown: somebody else's change in between is never overwritten unseen."""
    browser, checked = send(text(["work-13w", "2600"], head=["id", "price"]))
    draft.effects[0].price_minor = 1
    db.session.commit()
    answer = browser.submit(checked, button="Import")
    assert answer.status_code == 409 and "changed since" in answer.text
    db.session.expire_all()
    assert db.session.get(PriceTable, draft.id).effects[0].price_minor == 1
    assert browser.submit(answer, button="Import").status_code == 303


def test_a_double_click_imports_once(send, draft):
    browser, checked = send(text(row()))
    assert [browser.submit(checked, button="Import").status_code for _ in range(2)] == [303, 303]
    assert codes(draft) == ["work-13w", "home"]


def test_what_the_page_held_may_be_forged(send, draft):
    browser, checked = send(text(row()))
    for content in ("", "%%%", "AAAA", "eJwDAAAAAAE="):
        answer = browser.submit(checked, {"content": content}, button="Import")
        assert answer.status_code == 422 and codes(draft) == ["work-13w"]


def test_who_and_when(browse, official, investor, programme):
    table = make_table(programme)
    address = f"/prices/{table.id}/import"
    assert browse(official).get(address).status_code == 409
    assert browse(investor).get(address).status_code == 403
    assert browse().get(address).status_code == 303


def test_the_template_is_read_and_its_example_skipped(browse, send, draft):
    xlsx = browse().get("/prices/template.xlsx")
    assert xlsx.status_code == 200
    _, answer = send(xlsx.data)
    assert answer.status_code == 200 and "already says" in answer.text
    _, answer = send(browse().get("/prices/template.csv").data)
    assert answer.status_code == 200 and "already says" in answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(template_xlsx()))
    head, example, *_ = book.get_sheet_by_name("Effects").to_python()
    assert head == [str(column.label) for column in (*COLUMNS, *SETTINGS)]
    assert example[0].startswith("#") and 2500.0 in example and 0.2 in example


def test_the_example_of_the_template_may_be_made_a_row(browse, send, draft):
    """Every column can be filled in as the example does, those of the whole table too."""
    content = browse().get("/prices/template.csv").data.replace(b"# work-13w", b"new")
    browser, checked = send(content)
    assert checked.status_code == 200, checked.text
    assert browser.submit(checked, button="Import").status_code == 303
    db.session.refresh(draft)
    assert (draft.cap_contract_minor, draft.cap_per_person_minor, draft.vat_bp) == (100_000_000, 1_200_000, 2_100)
    assert (draft.overshoot, len(draft.period_caps)) == (Overshoot.CARRIED, 2)


def test_back_again_without_a_change(send, draft, programme):
    make_effect(
        draft, "tiers", price_minor=0, tiers=[{"up_to": 3, "price_minor": 5}, {"up_to": None, "price_minor": 1}]
    )
    make_effect(draft, "formula", name="=HYPERLINK(1)", who="'@x", definition="- 12 hours\r\n+ more", gaming="''=x")
    make_effect(draft, "unit", kind=EffectKind.PER_UNIT, unit="day", max_per_person=None)
    make_effect(draft, "often", max_per_person=None)
    for content in (as_xlsx(draft, "x"), as_csv(draft, "x").encode()):
        _, answer = send(content, remove_missing=True)
        assert answer.status_code == 200 and "already says" in answer.text
    assert draft.state == TableState.DRAFT
