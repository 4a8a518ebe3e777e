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
        (b"date;amount\n2026-01-01;1,0055\n", "Row 2: .*whole cents"),
        (b"date;amount\n2026-01-01;1.005\n", "Row 2: .*two ways"),
        (b"date;amount\n30-06-2026;1.00\n", "Row 2: .*no date"),
        (b"Datum;Bedrag\n31-06-2026;1,00\n", "Row 2: .*no date such as 30-06-2026"),
        (b"Datum;Bedrag;Munt\n30-06-2026;1,00;USD\n", "Row 2: .*must be in EUR"),
        (b"Datum;Bedrag;Af Bij\n30-06-2026;1,00;Om\n", "Row 2: .*came in or went out"),
        (b"Datum;Bedrag;Rekening\n30-06-2026;1,00;NL02ABNA0123456789\n", "another account"),
        (b"Datum;Boekdatum;Bedrag\n30-06-2026;30-06-2026;1,00\n", "name the columns"),
        (b"date;amount\n2026-01-01;1.00;x\n", "as many cells"),
        (b"date;amount\n2026-02-30;1.00\n", "no date"),
        (b"date;amount\n2026-01-02;1.00\n2026-01-01;1.00\n2026-01-03;1\n", "older"),
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


DUTCH = (
    "Datum;Bedrag;Tegenrekening;Omschrijving;Kenmerk\n"
    "29-06-2026;1.234,50;NL91ABNA0417164300;Storting;C001-AB\n30/06/2026;-2,5;;Kosten;\n"
)


def test_a_table_in_dutch_is_the_same_as_one_in_english(app):
    english = b"""date,amount,iban,description,end_to_end
2026-06-29,"1,234.50",NL91ABNA0417164300,Storting,C001-AB
2026-06-30,-2.50,,Kosten,
"""
    read = read_csv(DUTCH.encode(), "EUR", OWN)
    assert read == read_csv(english, "EUR", OWN)
    assert [(line.amount_minor, line.booked_on.isoformat()) for line in read.lines] == [
        (123_450, "2026-06-29"),
        (-250, "2026-06-30"),
    ]
    assert read.lines[0].end_to_end == "C001-AB", "of the payer: no number of the bank, which is unique"


def test_a_table_as_a_dutch_bank_makes_it(app):
    """Newest first, the sign in a column of its own, the own account in another."""
    content = f"""Datum,Naam / Omschrijving,Rekening,Tegenrekening,Af Bij,Bedrag (EUR),Mededelingen,Saldo na mutatie
20260630,Bank,{OWN},,Af,"1,25",Kosten,"98,75"
20260630,Fonds,{OWN},NL91ABNA0417164300,Bij,"100,00",Storting,"100,00"
"""
    read = read_csv(content.encode(), "EUR", "")
    assert [(line.amount_minor, line.text) for line in read.lines] == [(10_000, "Storting"), (-125, "Kosten")]
    assert [minor for _day, minor in read.balances] == [9_875] and read.iban == OWN


def test_every_wrong_row_is_told_at_once(app):
    rows = "".join(f"2026-01-01;{typed}\n" for typed in ("1", "x", "0", *["y"] * 30))
    with pytest.raises(Refused) as refused:
        read_csv(f"date;amount\n{rows}".encode(), "EUR", OWN)
    told = [refused.value.message, *(one.message for one in refused.value.also)]
    assert told[0].startswith("Row 3:") and told[1] == "Row 4 moves nothing."
    assert len(told) == 21 and told[-1] == "And 12 more faults."


@pytest.mark.parametrize(("language", "head"), [("en", "date,amount"), ("nl", "Datum;Bedrag"), ("nl_BE", "Datum;")])
def test_the_example_is_one_that_can_be_read(app, browse, language, head):
    bond = make_banked()
    bond.intermediary.locale = language
    db.session.commit()
    url = f"/programmes/{bond.programme.id}/bank-statements/example.csv"
    answer = browse(bond.intermediary).get_ok(url)
    assert answer.text.startswith(head) and answer.mimetype == "text/csv"
    read = read_csv(answer.data, "EUR", OWN)
    assert [line.amount_minor for line in read.lines] == [25_000_000, -1_250_050, -995]
    assert len(read.balances) == 3
    assert url in browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/bank-statements/import").text
    assert browse(bond.investor).get(url).status_code == 403
