"""Nothing by which a person can be reached in a text about one; dates, amounts and numbers of claims are no telephone
number (Dutch and Belgian numbering plans; ISO 13616)."""

import random
import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schwifty import IBAN

from app.core import contact

TELEPHONE = (
    *("0612345678", "06-12345678", "06 12 34 56 78", "06.12.34.56.78", "+31 6 12345678", "+31612345678"),
    *("+31 (0)6 1234 5678", "0031 6 12 34 56 78", "053-4831111", "(053) 483 11 11", "0541 - 58 12 34", "0534831111"),
    *("0475 12 34 56", "0475/12.34.56", "+32 475 12 34 56", "02/345.67.89", "09 234 56 78", "011/22.33.44"),
    *("+49 30 123456-78", "06 12 34 56 78, na 18 uur", "bel 0612345678 om 10:30"),
    "\u0660\u0666-\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",  # Arabic digits
)
NO_TELEPHONE = (
    *("01-02-2026", "1-2-2026 10:30", "2026-02-01", "van 01-02-2026 tot 03-04-2026", "01.02.2026 09.30 - 10.45 uur"),
    *("01-02-2026 14 uur", "06/07/2026", "06-2026, 07-2026 en 08-2026", "01/2026 02/2026 03/2026", "06-07-08-09-10"),
    *("€ 1.234.567,89", "12.500,00 euro", "+15 %", "0,5 %", "05 %", "100 000 000", "+ 1 234 567 890", "1234567890"),
    *("32 uur per week, 06 maanden", "13 weken (91 dagen)", "artikel 7.1.2 lid 3", "0123.456.749", "AB12CD34"),
    *("0,1234567890", "rekening 12.34.56", "DPIA 2026-001", "0800-1351 6", "code 00-12"),
)
EMAIL = ("j.jansen@example.org", "Mail naar Jan+1@mail.example.be.", "<x@y.nl>", "ｊａｎ@example.nl")
ACCOUNT = (
    *("NL91ABNA0417164300", "NL91 ABNA 0417 1643 00 op naam van de moeder", "nl91 abna 0417 1643 00"),
    *("BE68 5390 0754 7034", "via DE89-3704-0044-0532-0130-00."),
)
NO_ACCOUNT = ("BE68 5390 0754 7035", "NL 2026 artikel 12", "BE68 toetsen in 5390 gevallen", "IBAN volgt", "FR12")


@pytest.mark.parametrize("text", TELEPHONE)
def test_a_telephone_number_is_seen(app, text):
    assert "telephone" in contact.why_contact(f"Te bereiken: {text}")


@pytest.mark.parametrize("text", EMAIL)
def test_an_address_is_seen(app, text):
    assert "e-mail" in contact.why_contact(f"Te bereiken: {text}")


@pytest.mark.parametrize("text", ACCOUNT)
def test_an_account_is_seen(app, text):
    assert "IBAN" in contact.why_contact(f"Betaald {text}")


@pytest.mark.parametrize("text", [*NO_TELEPHONE, *NO_ACCOUNT, "50 @ 10 per uur", "en/of", ""])
def test_what_is_none_passes(app, text):
    assert contact.why_contact(f"Gezien: {text} volgens het dossier.") is None


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(0, 400), st.sampled_from(["-", "/", ".", " "]))
def test_no_period_is_taken_for_a_telephone_number(first, days, between):
    last = first + timedelta(days=days)
    for said in (f"%d{between}%m{between}%Y", "%Y-%m-%d"):
        for text in (first.strftime(said), f"{first.strftime(said)} - {last.strftime(said)}"):
            assert not contact.holds_telephone(text), text


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_number_of_a_claim_is_taken_for_anything(seed):
    text = f"claim {uuid.UUID(int=seed << 96).hex[:8].upper()}, en claim {seed:08X} erna"
    assert not any(holds(text) for holds, _say in contact.KINDS), text


@settings(deadline=None)
@given(st.sampled_from(["NL", "BE", "DE", "FR", "GB", "ES"]), st.integers(0, 10_000))
def test_every_account_of_a_country_is_seen(country, seed):
    iban = IBAN.random(country, random=random.Random(seed))
    assert contact.holds_account(iban.compact) and contact.holds_account(f"op {iban.formatted} van haar")


@pytest.mark.parametrize("text, kind", [(TELEPHONE[0], "telephone"), (EMAIL[0], "e-mail"), (ACCOUNT[0], "IBAN")])
def test_an_operation_refuses_it_too_and_does_not_repeat_it(app, text, kind):
    with pytest.raises(contact.Refused) as refused:
        contact.refuse_who(note="Klopt.", reason=f"Zie {text}")
    assert refused.value.field == "reason" and kind in str(refused.value.message) and text not in str(refused.value)
