"""Files as people make them, and what the page says of one."""

import csv
import io

import xlsxwriter

from app.extensions import db
from app.pricing.models import PriceTable
from tests.browser import soup

NEW = {
    "id": "home",
    "name": "A home",
    "life_domain": "home",
    "definition": "Has a rental contract of at least 12 months.",
    "evidence_type": "landlord",
    "price": "1500.00",
}


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


def faults(answer):
    """(cell, column, message) of each fault on the page."""
    assert answer.status_code == 422, answer.status_code
    rows = soup(answer).select("main table tbody tr")
    return [tuple(" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")) for row in rows]


def codes(table):
    db.session.expire_all()
    return [effect.code for effect in db.session.get(PriceTable, table.id).effects]
