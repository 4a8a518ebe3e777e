"""What becomes of a full period's money, and of cohorts that miss their own threshold, is for the table to say.

Source: the format replay/1 (`overshoot`, `pooled_threshold`). `tests/settlement/test_later.py` settles both.
"""

import io

import pytest

from app.extensions import db
from app.pricing.models import EffectKind, Overshoot
from app.pricing.states import TableState
from app.pricing.terms_of import valuation_terms
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table

CAP = {"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 100_000}
EVENTS = {"kind": EffectKind.DIFFERENCE, "threshold": "0.1", "max_per_person": None}


@pytest.fixture
def table(app):
    return make_table(state=TableState.DRAFT)


@pytest.fixture
def browser(table, browse):
    return browse(make_user(table.programme.lead))


def test_a_table_says_whether_a_period_s_cut_is_owed_later(table, browser):
    """Offered in the form, kept when it is saved again, written out, and what the engine settles by."""
    table.period_caps = [CAP]
    db.session.commit()
    path = f"/prices/{table.id}"
    assert browser.submit(browser.get_ok(f"{path}/edit"), {"overshoot": "carried"}).status_code == 303
    assert browser.submit(browser.get_ok(f"{path}/edit")).status_code == 303
    db.session.refresh(table)
    assert table.overshoot == Overshoot.CARRIED
    assert str(Overshoot.CARRIED.label) in soup(browser.get_ok(path)).select_one("main").text
    assert valuation_terms(table, table.programme.shares).caps.overshoot == "carried"


def test_a_word_that_is_no_choice_is_refused(table, browser):
    answer = browser.post_form(f"/prices/{table.id}/edit", {"overshoot": "kept"}, forged=True)
    assert answer.status_code == 422
    db.session.refresh(table)
    assert table.overshoot == Overshoot.LOST


def test_cohorts_may_be_pooled(table, browser):
    effect = make_effect(table, "events", name="Reconvictions", **EVENTS)
    page = browser.get_ok(f"/effects/{effect.id}/edit")
    assert browser.submit(page, {"pooled_threshold": "7.5"}).status_code == 303
    db.session.refresh(effect)
    assert effect.pooled_threshold == "0.075"
    assert "7.5%" in soup(browser.get_ok(f"/prices/{table.id}")).select_one("main").text
    answer = browser.submit(browser.get_ok(f"/effects/{effect.id}/edit"), {"pooled_threshold": "150"})
    assert answer.status_code == 422
    assert "Give a percentage from 0 to 100" in soup(answer).text


def test_only_a_difference_has_cohorts_to_pool(table, browser):
    effect = make_effect(table, "points", kind=EffectKind.PER_UNIT, unit="point", max_per_person=None)
    assert not soup(browser.get_ok(f"/effects/{effect.id}/edit")).select("[name=pooled_threshold]")


def test_a_file_may_pool_too(table, browser):
    content = b"id,name,life_domain,definition,evidence_type,kind,price,threshold,pooled_threshold\n"
    content += b"events,Reconvictions,safety,Counted,justice,difference,100.00,0.1,0.075\n"
    page = browser.post_form(f"/prices/{table.id}/import", {"file": (io.BytesIO(content), "prices.csv")})
    assert "cannot pool" not in soup(page).text
    if page.status_code == 200:  # the summary asks for a yes
        page = browser.submit(page)
    assert page.status_code == 303
    db.session.expire_all()
    assert {effect.code: effect.pooled_threshold for effect in table.effects}["events"] == "0.075"
