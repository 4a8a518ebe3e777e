"""What leaves the page: a spreadsheet, and a file that replays to the same totals (issue 3, "Looking ahead")."""

import io
import json
import zipfile
from urllib.parse import urlencode

import pytest
from python_calamine import CalamineWorkbook

from app.extensions import db
from tests.factories.pricing import make_effect, make_table
from tests.scenarios.test_explore import rows_of

ANSWERS = {"seed": "99", "e_work-13w": "61.5", "intakes": "3", "calls": "2", "m_work-26w": "13"}


@pytest.fixture
def runner(app):
    return app.test_cli_runner()


def download(browser, path, case):
    answer = browser.get(f"{path}/replay.json?{urlencode(ANSWERS | {'case': case})}")
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="what-if-{case}.json"'
    return answer.data


@pytest.mark.parametrize(("place", "case"), list(enumerate(["low", "expected", "high"])))
def test_the_file_replays_to_the_totals_of_the_page(
    path, investor, other_investor, browse, runner, tmp_path, place, case
):
    browser = browse(investor)
    page = browser.get_ok(f"{path}?{urlencode(ANSWERS)}")
    file = tmp_path / "bond.json"
    file.write_bytes(download(browser, path, case))
    checked = runner.invoke(args=["replay", str(file), "--check"])
    assert checked.exit_code == 0, checked.output
    result = json.loads(runner.invoke(args=["replay", str(file), "--json"]).output)
    total = rows_of(page, "Payments per municipality and year")[-1][2 + place]
    assert f"€{float(result['total']['paid']):,.2f}" == total
    tranches = [row for row in rows_of(page, "Return per tranche") if row[1].lower() == case]
    shown = [row for row in tranches if "your own" not in row[0]]
    assert [f"€{float(one['distributed']):,.2f}" for one in result["tranches"]] == [row[3] for row in shown]
    assert [f"{float(one['multiple']):.2f} x" for one in result["tranches"]] == [row[4] for row in shown]
    own = next(one for one in result["investors"] if one["id"].startswith("own:"))
    assert f"€{float(own['distributed']):,.2f}" == next(row[3] for row in tranches if "your own" in row[0])


def test_what_the_file_expects_is_checked(path, official, round, browse, runner, tmp_path):
    """A file whose expectation is changed by a cent is found out: the totals stand in it, not only the inputs."""
    written = json.loads(download(browse(official), path, "expected"))
    written["expected"]["total"]["paid"] = "0.01"
    file = tmp_path / "bond.json"
    file.write_text(json.dumps(written))
    assert runner.invoke(args=["replay", str(file), "--check"]).exit_code == 1


def test_the_file_says_what_it_is(path, programme, official, browse):
    programme.illustrative = True
    db.session.commit()
    written = json.loads(download(browse(official), path, "high"))
    assert written["notes"] == "Assumptions, no forecast. Illustrative prices."
    assert written["title"].startswith(programme.title)


def test_another_case_or_a_wrong_answer_gives_the_page_instead(path, official, browse):
    browser = browse(official)
    assert browser.get(f"{path}/replay.json?case=rosy").mimetype == "text/html"
    assert browser.get(f"{path}/replay.json?seed=x").status_code == 422
    assert browser.get(f"{path}/sheet.xlsx?seed=x").status_code == 422


def strings_of(answer):
    book = zipfile.ZipFile(io.BytesIO(answer.data))
    sheets = "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
    return sheets, book.read("xl/sharedStrings.xml").decode()


def test_the_spreadsheet_holds_numbers_and_no_formula(programme, official, round, browse):
    """Text that begins with = + - or @ stays text (formula injection, OWASP)."""
    table = make_table(programme, state="draft")
    make_effect(table, "evil", name='=HYPERLINK("http://x","y")')
    path = f"/programmes/{programme.id}/what-if"
    answer = browse(official).get(f"{path}/sheet.xlsx?{urlencode({'table': table.id, 'seed': 5})}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheets, strings = strings_of(answer)
    assert "<f>" not in sheets and "<f " not in sheets
    assert "=HYPERLINK(" in strings
    assert "These are assumptions and no forecast." in strings
    assert "<v>10000000</v>" not in sheets  # minor units never reach a reader
    assert "<v>100000.00</v>" in sheets  # reserved per year by the second municipality


def test_others_may_not_download(path, browse):
    for file in ("replay.json", "sheet.xlsx"):
        assert "/login" in browse().get(f"{path}/{file}").headers["Location"]


def test_a_treasurer_can_count_with_the_sheet(path, investor, other_investor, browse):
    """Rates, multiples and answers are numbers; what is above the reservation of each year adds up."""
    answers = ANSWERS | {"rhythm": "quarter", "spread": "1 2 1"}
    answer = browse(investor).get(f"{path}/sheet.xlsx?{urlencode(answers)}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    said = {row[0]: row[1] for row in book.get_sheet_by_name("Assumptions").to_python()}
    assert said["Expected, Thirteen weeks of work"] == 0.615
    assert said["Number of times that participants start"] == 3
    assert said["Then new ones start"] == "every quarter" and said["How many start each time"] == "1 2 1"
    assert said["Currency"] == "EUR"
    returns = book.get_sheet_by_name("Returns").to_python()
    assert returns[0][4:] == ["Multiple", "Return a year (XIRR)"]
    assert all(isinstance(cell, float) for row in returns[1:] for cell in row[2:])
    *years, total = book.get_sheet_by_name("Payments").to_python()[1:]
    assert total[6] == sum(row[6] for row in years)
    head = book.get_sheet_by_name("Effects").to_python()[0]
    assert head[1] == "Low: number" and head[4] == "Low: paid"
