"""What the portal writes into a sheet is never run there (formula injection), whatever somebody typed."""

import io
import zipfile

from app.core.workbook import new_workbook


def test_text_stays_text_whatever_it_begins_with():
    file = io.BytesIO()
    with new_workbook(file) as book:
        sheet = book.add_worksheet("Effects")
        for row, typed in enumerate(("=1+1", "https://example.org", "12", "+31 6", "@sum(a1)")):
            sheet.write(row, 0, typed)
    laid = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in laid and "<hyperlink" not in laid
    assert laid.count('t="s"') == 5
