"""How a table of a bank names its columns, writes its days and its amounts; and an example of such a table."""

import csv
import io
import re
from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _

from app.bank.reported import day_of, minor_of, refused
from app.core.errors import Refused
from app.core.forms import amount_typed

COLUMNS = ("date", "amount", "name", "iban", "description", "end_to_end", "reference", "balance")
# `Kenmerk` is the reference that the payer gave, not the bank's own number: the same one may stand on several lines.
DUTCH = {
    "date": "Datum",
    "amount": "Bedrag",
    "name": "Naam",
    "iban": "Tegenrekening",
    "description": "Omschrijving",
    "end_to_end": "Kenmerk",
    "reference": "Volgnr",
    "balance": "Saldo",
}
# Also as banks in the Netherlands and Belgium name them in what they let people download.
WORDS = {
    **{word.lower(): name for name, word in DUTCH.items()},
    **{"boekdatum": "date", "boekingsdatum": "date", "uitvoeringsdatum": "date"},
    **{"bedrag (eur)": "amount", "af bij": "sign", "munt": "currency", "valuta": "currency", "devies": "currency"},
    **{"naam tegenpartij": "name", "naam / omschrijving": "name", "naam van de tegenpartij": "name"},
    **{"tegenrekening iban/bban": "iban", "rekening tegenpartij": "iban"},
    **{"rekening": "account", "iban/bban": "account", "rekeningnummer": "account"},
    **{"mededelingen": "description", "mededeling": "description", "omschrijving-1": "description"},
    **{"betalingskenmerk": "end_to_end", "volgnummer": "reference", "transactiereferentie": "reference"},
    **{"saldo na mutatie": "balance", "saldo na trn": "balance"},
}
SIGNS = {"af": -1, "bij": 1, "d": -1, "c": 1, "debet": -1, "credit": 1}
GROUPED = r"([+-]?[0-9]{1,3}(?:(?:\.[0-9]{3})+(?=,)|(?:,[0-9]{3})+(?=\.)))[.,]([0-9]{1,2})"


def amount_of(typed: str, currency: str) -> int:
    """ "1.234,50", "1,234.50" or "1234.5" in minor units. Refused for "1.234", which one bank writes for another amount
    than the next."""
    bare = typed.replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"[+-]?[0-9]{1,3}[.,][0-9]{3}", bare):
        raise refused(_("“%(typed)s” can be read in two ways. Write the cents too.", typed=typed[:40]))
    grouped = re.fullmatch(GROUPED, bare)
    if grouped:
        bare = f"{re.sub(r'[.,]', '', grouped[1])}.{grouped[2]}"
    return minor_of(bare, currency)


def day_in(typed: str, is_dutch: bool) -> date:
    """2026-06-30 or 20260630; under Dutch columns also 30-06-2026, which elsewhere might be read month first."""
    found = re.fullmatch(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})", typed) if is_dutch else None
    if found is None:
        return day_of(typed)
    try:
        return day_of(f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}")
    except Refused:
        raise refused(_("“%(typed)s” is no date such as 30-06-2026.", typed=typed)) from None


EXAMPLE = (
    ("2026-06-01", 25_000_000, "Voorbeeldfonds", "NL91ABNA0417164300", "C001-ABCD-1234", "", "1001", 25_000_000),
    ("2026-06-03", -1_250_050, "Stichting Voorbeeld", "NL20INGB0001234567", "", "P001-0001", "1002", 23_749_950),
    ("2026-06-30", -995, "Bank", "", "Kosten rekening juni", "", "1003", 23_748_955),
)


def example_csv() -> str:
    """A table as this reader's own programs write it: semicolons and decimal commas in Dutch. All of it is made up."""
    is_dutch = str(get_locale()).startswith("nl")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if is_dutch else ",")
    writer.writerow(DUTCH.values() if is_dutch else COLUMNS)
    for day, minor, *told, after in EXAMPLE:
        shown = date.fromisoformat(day).strftime("%d-%m-%Y") if is_dutch else day
        writer.writerow([shown, amount_typed(minor, "EUR"), *told, amount_typed(after, "EUR")])
    return out.getvalue()
