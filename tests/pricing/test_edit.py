"""Caps of the whole table: per period too, what happens when they bind, rounding and VAT (`caps` of replay/1)."""

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.pricing.models import Overshoot, Reduce
from app.pricing.operations import TableFacts, edit_table
from app.pricing.terms_of import valuation_terms
from tests.browser import soup

PERIODS = {
    "period_rows-0-start": "2026-01-01",
    "period_rows-0-end": "2026-12-31",
    "period_rows-0-cap": "100,000.00",
    "period_rows-2-start": "2027-01-01",
    "period_rows-2-end": "2027-12-31",
    "period_rows-2-cap": "150,000.00",
}


def url(table) -> str:
    return f"/prices/{table.id}/edit"


def test_caps_per_period_and_how_they_bind(official, draft, browse):
    typed = PERIODS | {"reduce": "pro_rata", "step_minor": "1.00", "vat_bp": "21"}
    browser = browse(official)
    assert browser.post_form(url(draft), typed).status_code == 303
    db.session.refresh(draft)
    assert draft.period_caps == [
        {"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 10_000_000},
        {"from": "2027-01-01", "to": "2027-12-31", "amount_minor": 15_000_000},
    ]
    assert (draft.reduce, draft.overshoot, draft.step_minor, draft.vat_bp) == (
        Reduce.PRO_RATA,
        Overshoot.LOST,
        100,
        2_100,
    )
    assert len(valuation_terms(draft, draft.programme.shares).caps.periods) == 2
    assert browser.submit(browser.get_ok(url(draft))).status_code == 303  # saved as it stands, it stays
    db.session.refresh(draft)
    assert len(draft.period_caps) == 2 and draft.vat_bp == 2_100
    shown = soup(browser.get_ok(f"/prices/{draft.id}")).select_one("main").text
    for said in ("1 January 2026 to 31 December 2026: €100,000.00", "every effect of the settlement", "21%"):
        assert said in " ".join(shown.split()), said


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"period_rows-2-start": "2026-12-31"}, "period_rows"),  # the last day of one is the first of the other
        ({"period_rows-0-end": "2025-12-31"}, "period_rows"),
        ({"period_rows-0-cap": ""}, "period_rows-0-cap"),
        ({"period_rows-0-end": ""}, "period_rows-0-end"),
        ({"step_minor": "0"}, "step_minor"),
        ({"vat_bp": "101"}, "vat_bp"),
        ({"reduce": "magic"}, "reduce"),
    ],
)
def test_a_wrong_answer_is_told_on_its_field(official, draft, browse, typed, told):
    browser = browse(official)
    answer = browser.submit(browser.get_ok(url(draft)), PERIODS | {"note": "Kept"} | typed, forged=True)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{told}-error")
    assert soup(answer).select_one("#note").text.strip() == "Kept"
    db.session.refresh(draft)
    assert draft.period_caps == []


def test_the_act_itself_refuses_overlapping_periods(official, draft):
    caps = [
        {"from": "2026-06-30", "to": "2026-12-31", "amount_minor": 1},
        {"from": "2026-01-01", "to": "2026-06-30", "amount_minor": 1},
    ]
    with pytest.raises(Refused) as refused:
        edit_table(draft, TableFacts(period_caps=caps), actor=official)
    assert refused.value.field == "period_caps"


def test_the_second_of_two_keeps_what_the_first_saved(official, second, draft, browse):
    """What both changed is told and replaced by the last; what one of them left as it stood takes what is stored."""
    late, early = browse(second), browse(official)
    page = late.get_ok(url(draft))
    early.post_form(url(draft), {"cap_contract_minor": "800,000.00", "note": "As A says it"} | PERIODS)
    answer = late.submit(page, {"note": "Typed with care", "reduce": "pro_rata"})
    assert answer.status_code == 409
    told = soup(answer).select_one(".notice.tone-warn").text
    assert "As A says it" in told and "€800,000.00" not in told
    assert soup(answer).select_one("#note").text.strip() == "Typed with care"
    assert soup(answer).select_one("#cap_contract_minor")["value"] == "800000.00"
    assert late.submit(answer).status_code == 303
    db.session.refresh(draft)
    assert (draft.note, draft.cap_contract_minor, draft.reduce) == ("Typed with care", 80_000_000, Reduce.PRO_RATA)
    assert len(draft.period_caps) == 2
