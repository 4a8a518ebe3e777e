"""Importing a file into a draft: every fault per cell, nothing until all is right, then all at once."""

import hashlib
import io

import pytest
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
from tests.factories.pricing import make_effect, make_table
from tests.pricing.sheets import codes, faults, row, sheet, text


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
    _, checked = send(
        text(
            ["work-13w", "2600", "per unit (day, week, month)", "day", ""],
            head=["id", "price", "kind", "unit", "max_per_person"],
        )
    )
    assert "€2,500.00" in checked.text and "€2,600.00" in checked.text
    assert "per person, once" in checked.text


def test_missing_ones_go_only_when_asked(send, draft):
    browser, checked = send(text(row()), remove_missing=True)
    assert "Thirteen weeks of work" in checked.text
    assert browser.submit(checked, button="Import").status_code == 303
    assert codes(draft) == ["home"]


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no .xlsx"),
        ("id;name\nwerk;Één".encode("cp850"), "UTF-8"),  # of DOS: É is a sign that Windows-1252 does not know
        ("id;name\nwerk;Eén".encode() + b"\x92", "UTF-8"),  # UTF-8 that was damaged: é would become two letters
        (b"a\x00b", "neither"),
        (b"%PDF-1.4\n1 0 obj\n", "This is neither a .xlsx nor a .csv file."),
        (b"{\\rtf1 id;name}", "This is neither a .xlsx nor a .csv file."),
        (b"<html><body>id;name</body></html>", "This is neither a .xlsx nor a .csv file."),
        (b"no spreadsheet at all", "This is neither a .xlsx nor a .csv file."),
        (b"idd", "Did you mean"),
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


def test_a_file_that_excel_saved_as_windows_1252_is_read_and_said(send, draft):
    """Excel on Windows writes "CSV" so, also the quotation marks and the euro that Latin-1 does not have."""
    name = "Één jaar “werk” – € 1"
    content = text(row(name=name)).decode("utf-8-sig").encode("cp1252")
    browser, checked = send(content)
    assert checked.status_code == 200, faults(checked)
    assert "Windows-1252" in checked.text and name in checked.text
    assert browser.submit(checked, button="Import").status_code == 303
    assert [one.name for one in db.session.get(PriceTable, draft.id).effects][-1] == name
    assert "Windows-1252" not in send(text(row(name=name)))[1].text


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
