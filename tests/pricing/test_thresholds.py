"""The threshold of a difference is a percentage wherever people meet it, and a fraction where the engine does.

Source: replay/1, `threshold` of a difference is a fraction ("0.075"); of bands it is a value of the measure.
"""

import pytest

from app.extensions import db
from app.pricing.models import Effect, EffectKind
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.pricing import make_effect
from tests.pricing.sheets import codes, faults, text
from tests.pricing.test_kinds import COMMON, add

HEAD = ["id", "name", "life_domain", "definition", "kind", "evidence_type", "price", "threshold", "pooled_threshold"]
ROW = ["events", "Events", "work", "At least one.", "difference", "employer", "100"]
BANDS = [*HEAD, "scale"]


def events() -> Effect:
    return db.session.scalars(db.select(Effect).filter_by(code="events")).one()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("7.5%", "0.075"), ("7,5 %", "0.075"), ("0.075", "0.075"), ("7%", "0.07"), ("100%", "1"), ("12.345%", "0.12345")],
)
def test_a_file_may_say_a_percentage_or_a_fraction(send, draft, typed, stored):
    browser, answer = send(text([*ROW, typed, typed], head=HEAD))
    assert browser.submit(answer, button="Import").status_code == 303
    assert (events().threshold, events().pooled_threshold) == (stored, stored)


@pytest.mark.parametrize("typed", ["7.5", "101%", "-7%", "%", "a tenth"])
def test_what_is_neither_is_refused(send, draft, typed):
    _, answer = send(text([*ROW, typed, ""], head=HEAD))
    assert [place for place, _column, _message in faults(answer)] == ["H2"]
    assert codes(draft) == ["work-13w"]


def test_bands_have_a_value_and_no_percentage(send, draft):
    """Of bands 7% is no 0.07: the measure may be counted in hundreds."""
    values = [*ROW[:4], "bands", ROW[5], "", "7%", "", "0-10: 5"]
    _, answer = send(text(values, head=BANDS))
    assert [place for place, _column, _message in faults(answer)] == ["H2"]


def test_the_form_asks_and_shows_per_cent(official, draft, browse):
    browser = browse(official)
    page = soup(browser.get_ok(add(draft, "difference")))
    for name in ("threshold", "pooled_threshold"):
        assert page.select_one(f"#{name}").find_next_sibling("span").text == "%"
    effect = make_effect(draft, "events", kind=EffectKind.DIFFERENCE, threshold="0.075", pooled_threshold="0.05")
    page = soup(browser.get_ok(f"/effects/{effect.id}/edit"))
    assert [page.select_one(f"#{name}")["value"] for name in ("threshold", "pooled_threshold")] == ["7.5", "5"]


@pytest.mark.parametrize("typed", ["101", "1e1", "-1", "seven"])
def test_the_form_refuses_what_is_no_percentage_and_keeps_it(official, draft, browse, typed):
    more = {"code": "events", "price_minor": "1.00", "threshold": typed}
    answer = browse(official).post_form(add(draft, "difference"), COMMON | more)
    assert answer.status_code == 422
    field = soup(answer).select_one("#threshold")
    assert field["value"] == typed
    assert "Give a percentage from 0 to 100, such as 7.5%." in soup(answer).select_one("#threshold-error").text


def test_bands_still_ask_a_value(official, draft, browse):
    browser = browse(official)
    page = soup(browser.get_ok(add(draft, "bands")))
    assert page.select_one("#threshold").find_next_sibling("span") is None
    scale = [{"from": "0", "to": "10", "per_point_minor": 5}]
    made = {"kind": EffectKind.BANDS, "threshold": "7.5", "scale": scale, "price_minor": 0}
    effect = make_effect(draft, "points", **made)
    assert soup(browser.get_ok(f"/effects/{effect.id}/edit")).select_one("#threshold")["value"] == "7.5"


def test_the_public_page_and_the_csv_show_per_cent(draft, browse):
    make_effect(draft, "events", kind=EffectKind.DIFFERENCE, threshold="0.075", pooled_threshold="0.05")
    draft.state, draft.published_at = TableState.PUBLISHED, draft.created_at
    db.session.commit()
    browser = browse()
    shown = soup(browser.get_ok(f"/prices/{draft.id}")).select_one("#effect-events")
    pairs = {row.text.strip(): row.find_next("dd").text.strip() for row in shown.select("dt")}
    assert (pairs["Threshold"], pairs["Threshold over all cohorts together"]) == ("7.5%", "5%")
    assert ",7.5%,5%," in browser.get_ok(f"/prices/{draft.id}.csv").text
    assert '"threshold": "0.075"' in browser.get_ok(f"/prices/{draft.id}.json").text.replace('":"', '": "')
