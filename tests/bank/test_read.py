"""Files from outside: unsound ones are refused with a reason, and nothing of them is kept."""

import pytest

from app.bank.bank_csv import read_csv
from app.bank.camt import read_camt
from app.bank.models import BankEntry, BankStatement
from app.core.errors import Refused
from app.extensions import db
from tests.factories.bank import OWN, camt, entry, make_banked

SOUND = camt([entry(100, "A")], 0, 100)

BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>&c;</BkToCstmrStmt></Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>&x;</Id></Stmt>
</BkToCstmrStmt></Document>"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (BOMB, "entities"),
        (OUTSIDE, "entities"),
        (b"<Document", "no sound XML"),
        (SOUND[: len(SOUND) // 2], "no sound XML"),
        (b"<html></html>", "no camt.053"),
        (SOUND.replace(b"camt.053", b"camt.054"), "no camt.053"),
        (SOUND.replace(b"</BkToCstmrStmt>", b"").replace(b"<BkToCstmrStmt>", b""), "no sound XML|holds no statement"),
        (SOUND.replace(b'Ccy="EUR"', b'Ccy="USD"'), "must be in EUR"),
        (SOUND.replace(b">1.00<", b">1.005<", 1), "whole cents"),
        (SOUND.replace(b">1.00<", b">NaN<"), "no amount"),
        (SOUND.replace(b">1.00<", b">-1.00<"), "came in or went out"),
        (SOUND.replace(b"CRDT", b"CREDIT"), "came in or went out"),
        (camt([entry(100, "A")], 0, 101), "do not lead.*should be €1.00"),
        (camt([entry(100, "A")], 0, 100, iban="NL02ABNA0123456789"), "another account"),
        (camt([entry(100, "A")], 0, 100, iban=""), "named by its IBAN"),
        (SOUND.replace(b"<BookgDt><Dt>", b"<BookgDt><Dt>x"), "no date"),
        (SOUND.replace(b"<Dt>20", b"<Dt>21"), "still to come"),
        (b"date;amount\n2026-01-01;1,005\n", "whole cents"),
        (b"date;amount\n2026-01-01;1.00;x\n", "as many cells"),
        (b"date;amount\n2026-02-30;1.00\n", "no date"),
        (b"date;amount\n2026-01-02;1.00\n2026-01-01;1.00\n", "older"),
        (b"date;amount;balance\n2026-01-01;1.00;1.00\n2026-01-01;1.00;2.01\n", "row 3 does not follow.*€2.00"),
        (
            b"date;amount;balance\n2026-01-01;1.00;1.00\n2026-01-01;1.00;\n2026-01-02;1.00;9.00\n",
            "row 4 does not follow.*€3.00",
        ),
        (b"date;amount\n2026-01-01;0\n", "moves nothing"),
        (b"when;what\n2026-01-01;1\n", "name the columns"),
        (b"date;amount;name\n2026-01-01;1;\xff\xfe\n", "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no statement that can be read"),
        (b"%PDF-1.7", "no statement that can be read"),
    ],
)
def test_what_is_unsound_is_refused_on_the_field(app, browse, content, says):
    import io
    import re

    bond = make_banked()
    url = f"/programmes/{bond.programme.id}/bank-statements/import"
    answer = browse(bond.intermediary).post_form(url, {"file": (io.BytesIO(content), "bank.xml")})
    assert answer.status_code == 422
    assert re.search(says, answer.text), answer.text
    assert db.session.query(BankStatement).count() == db.session.query(BankEntry).count() == 0


def test_too_large_is_refused_before_it_is_read(app, browse):
    import io

    bond = make_banked()
    url = f"/programmes/{bond.programme.id}/bank-statements/import"
    large = b"date;amount\n" + b"x" * (5 * 1024 * 1024)
    answer = browse(bond.intermediary).post_form(url, {"file": (io.BytesIO(large), "bank.csv")})
    assert answer.status_code == 422 and "at most 5 MB" in answer.text


def test_a_line_of_camt_says_all_it_knows(app):
    made = entry(-12_345, "Invoice 7", reference="R1", end_to_end="E2E", name="De Brug")
    read = read_camt(camt([made, entry(5, "announced", status="PDNG")], 20_000, 7_655), "EUR")
    (line,) = read.lines  # what is only announced is no movement
    assert (line.reference, line.amount_minor, line.end_to_end) == ("R1", -12_345, "E2E")
    assert (line.name, line.text, read.iban) == ("De Brug", "Invoice 7", OWN)
    assert [minor for _day, minor in read.balances] == [7_655]


def test_an_entry_that_gathers_several_transactions_becomes_several_lines(app):
    """A bank may book a day's receipts as one entry; each has its own reference."""
    one = entry(30_000, "whole", reference="G")
    details = "".join(
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>'
        for amount, text in (("100.00", "first"), ("200.00", "second"))
    )
    head, _, rest = one.partition("<TxDtls>")
    gathered = head + details + rest.partition("</TxDtls>")[2]
    lines = read_camt(camt([gathered], 0, 30_000), "EUR").lines
    assert [(x.reference, x.amount_minor, x.text) for x in lines] == [
        ("G/1", 10_000, "first"),
        ("G/2", 20_000, "second"),
    ]
    with pytest.raises(Refused, match="do not add up"):
        read_camt(camt([gathered.replace("200.00", "200.01")], 0, 30_000), "EUR")


def test_the_older_version_is_read_too(app):
    """camt.053.001.02 writes the status without a code inside, and names without a party inside."""
    old = entry(100, "A", name="Jo").replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    old = old.replace("<Pty>", "").replace("</Pty>", "")
    content = camt([old], 0, 100).replace(b"camt.053.001.08", b"camt.053.001.02")
    assert [line.name for line in read_camt(content, "EUR").lines] == ["Jo"]


def test_a_table_with_commas_points_and_lines_alike(app):
    """Two payments alike on one day are two lines; the same file again gives the same references."""
    content = b'date,amount,description\n2026-01-02,"1,50",rent\n2026-01-02,1.50,rent\n2026-01-03,-2,back\n'
    first, again = read_csv(content, "EUR", OWN), read_csv(content, "EUR", OWN)
    assert [line.amount_minor for line in first.lines] == [150, 150, -200]
    assert len({line.reference for line in first.lines}) == 3
    assert first == again


def test_the_balance_of_a_table_is_that_of_the_last_line_of_the_day(app):
    content = b"date;amount;balance\n2026-01-02;1;1\n2026-01-02;2;3\n2026-01-05;-1;2\n"
    assert [(str(day), minor) for day, minor in read_csv(content, "EUR", OWN).balances] == [
        ("2026-01-02", 300),
        ("2026-01-05", 200),
    ]
