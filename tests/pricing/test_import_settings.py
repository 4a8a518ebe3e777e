"""What holds for the whole table comes along in a file: note, maximums, rounding, VAT; all of it or nothing."""

import csv
import io

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.extensions import db
from app.pricing.files.cells import key_of, spellings
from app.pricing.files.columns import ABOUT, COLUMNS
from app.pricing.files.document import as_csv
from app.pricing.files.settings import SETTINGS
from app.pricing.files.spreadsheet import as_xlsx
from app.pricing.models import Reduce
from app.pricing.operations import TableFacts, edit_table
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.people import make_organisation
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme

FACTS = TableFacts(
    note="Hengelo takes part.",
    cap_per_person_minor=1_200_000,
    cap_contract_minor=90_000_000,
    period_caps=[
        {"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 10_000_050},
        {"from": "2027-01-01", "to": "2027-12-31", "amount_minor": 5_000_000},
    ],
    reduce=Reduce.PRO_RATA,
    step_minor=100,
    vat_bp=2_100,
)


def rows(*cells, head=("id",)):
    written = io.StringIO()
    csv.writer(written).writerows([head, *cells])
    return written.getvalue().encode()


def said_of(table):
    return {setting.field: getattr(table, setting.field) for setting in SETTINGS}


def faults(answer):
    assert answer.status_code == 422, answer.text
    found = soup(answer).select("main table tbody tr")
    return [(row.select("td, th")[0].text.strip(), row.select("td, th")[2].text.strip()) for row in found]


@pytest.mark.parametrize("write", [lambda table: as_csv(table, "x").encode(), lambda table: as_xlsx(table, "x")])
def test_a_table_of_another_bond_brings_its_settings(write, send, draft, app):
    source = make_table(make_programme(make_organisation(name="Almelo")), state=TableState.DRAFT)
    make_effect(source, "home", name="A home")
    for field in said_of(source):
        setattr(source, field, getattr(FACTS, field))
    db.session.commit()
    content = write(source)
    browser, checked = send(content)
    assert checked.status_code == 200
    assert "€900,000.00" in checked.text and "every effect of the settlement loses its share" in checked.text
    assert draft.cap_contract_minor != 90_000_000, "checking imports nothing"
    assert browser.submit(checked, button="Import").status_code == 303
    db.session.refresh(draft)
    assert said_of(draft) == said_of(source)
    last = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    changed = set(db.session.get(AuditFacts, last.seq).body["settings"])
    assert {"note", "cap_per_person", "cap_contract", "cap_periods", "cap_reduce", "step", "vat"} == changed
    assert "already says" in send(content)[1].text


@pytest.mark.parametrize("word", ["none", "geen", "None"])
def test_a_word_takes_a_maximum_away_and_an_empty_cell_keeps_it(word, send, draft, official):
    edit_table(draft, FACTS, actor=official)
    head = ("id", "cap_per_person", "cap_periods", "vat", "cap_contract")
    browser, checked = send(rows(("work-13w", word, word, word, ""), head=head))
    assert browser.submit(checked, button="Import").status_code == 303
    db.session.refresh(draft)
    assert (draft.cap_per_person_minor, draft.period_caps, draft.vat_bp) == (None, [], None)
    assert draft.cap_contract_minor == 90_000_000


@pytest.mark.parametrize(
    ("name", "cell", "said"),
    [
        ("cap_contract", "a lot", "Give an amount"),
        ("cap_contract", "1.005", "two decimals"),
        ("cap_contract", "=A1", "This is a formula"),
        ("cap_periods", "2026: 100", "is not written as"),
        ("cap_periods", "2026-02-30 to 2026-12-31: 100", "is not written as"),
        ("cap_periods", "2026-01-01 to 2026-12-31: 5; 2026-06-01 to 2027-01-01: 5", "Two periods overlap"),
        ("cap_periods", "2026-12-31 to 2026-01-01: 5", "A period must end on or after the day it begins"),
        ("cap_reduce", "somehow", "Choose one of"),
        ("step", "0", "The amount must be above zero"),
        ("step", "none", "Give an amount"),
        ("vat", "101%", "Give a percentage"),
        ("note", "x" * 2_001, "At most 2000 characters"),
    ],
)
def test_each_fault_at_its_cell_and_nothing_imported(name, cell, said, send, draft):
    before = said_of(draft)
    found = faults(send(rows(("work-13w", cell, "Another name"), head=("id", name, "name")))[1])
    assert len(found) == 1 and found[0][0] == "B2" and said in found[0][1]
    db.session.refresh(draft)
    assert said_of(draft) == before and draft.effects[0].name != "Another name"


def test_maximums_that_contradict_what_the_draft_keeps(send, draft, official):
    """The file lowers only the contract's maximum, below what one participant may bring."""
    edit_table(draft, FACTS, actor=official)
    ((cell, said),) = faults(send(rows(("work-13w", "100.00"), head=("id", "cap_contract")))[1])
    assert cell == "B2" and "The maximum per participant is higher" in said


def test_rows_that_say_otherwise(send, draft):
    make_effect(draft, "home", name="A home")
    head = ("id", "cap_contract")
    ((cell, said),) = faults(send(rows(("work-13w", "50000.00"), ("home", "60000.00"), head=head))[1])
    assert cell == "B3" and "Row 2 says otherwise" in said
    assert send(rows(("work-13w", "50000.00"), ("home", "50000"), head=head))[1].status_code == 200


def test_many_rows_that_say_otherwise_are_one_fault(send, draft):
    for code in ("b", "c", "d", "e"):
        make_effect(draft, code, name=code)
    said = [("work-13w", "50000.00"), ("b", "1.00"), ("c", "1.00"), ("d", "50000.00"), ("e", "1.00")]
    ((cell, message),) = faults(send(rows(*said, head=("id", "cap_contract")))[1])
    assert cell == "B3" and "Rows 3-4, 6 say otherwise than row 2" in message


@pytest.mark.parametrize("field", ["note", "cap_contract", "step", "vat"])
def test_in_csv_one_cell_changes_what_holds_for_the_whole_table(field, send, draft, official):
    """Stated once, in the first row: to change it elsewhere would be a fault for every other row."""
    make_effect(draft, "home", name="A home")
    edit_table(draft, FACTS, actor=official)
    head, *lines = csv.reader(io.StringIO(as_csv(draft, "x").removeprefix("\ufeff")))
    at = head.index(field)
    assert [bool(line[at]) for line in lines] == [True, False]
    lines[0][at] = {"note": "Other.", "cap_contract": "800000.00", "step": "0.50", "vat": "6%"}[field]
    checked = send(rows(*lines, head=head))[1]
    assert checked.status_code == 200 and "What the import does" in checked.text


def test_an_example_says_nothing_of_the_table(send, draft):
    answer = send(rows(("# work-13w", "5000.00"), head=("id", "cap_contract")))[1]
    assert answer.status_code == 200 and "already says" in answer.text


def test_no_name_of_a_column_means_two_things(app):
    effects = {name for column in COLUMNS for name in spellings(column.label) | {key_of(column.name)}}
    whole = {name for setting in SETTINGS for name in spellings(setting.label) | {key_of(setting.name)}}
    assert not effects & whole
    assert not whole & (set(ABOUT) - {"note"})
