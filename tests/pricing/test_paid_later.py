"""What a file can compute and no settlement of a running bond can follow is refused before it is promised."""

import io

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.pricing.gates import unsettled
from app.pricing.models import EffectKind, Overshoot
from app.pricing.operations import submit_table
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table

CAP = {"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 100_000}


@pytest.fixture
def table(app):
    return make_table(state=TableState.DRAFT)


def submit(table):
    submit_table(table, actor=make_user(table.programme.lead))


def test_a_pooled_threshold_is_refused_and_named(table):
    """It needs every cohort at the bond's last statement (replay-format, kinds): settling period by period cannot."""
    events = {"kind": EffectKind.DIFFERENCE, "threshold": "0.1", "max_per_person": None}
    effect = make_effect(table, "events", name="Reconvictions", pooled_threshold="0.075", **events)
    with pytest.raises(Refused, match="“pooled threshold” of Reconvictions"):
        submit(table)
    effect.pooled_threshold = ""
    db.session.commit()
    assert not list(unsettled(table))


def test_carrying_over_is_refused_and_named(table):
    table.overshoot = Overshoot.CARRIED
    db.session.commit()
    with pytest.raises(Refused, match="“overshoot”"):
        submit(table)


def test_neither_is_offered_in_a_form_and_what_is_stored_stays_readable(table, browse):
    """A choice that no table may be submitted with is no choice; the pages still read what an older draft says."""
    table.overshoot, table.period_caps = Overshoot.CARRIED, [CAP]
    events = {"kind": EffectKind.DIFFERENCE, "threshold": "0.1", "max_per_person": None}
    effect = make_effect(table, "events", name="Reconvictions", pooled_threshold="0.075", **events)
    browser = browse(make_user(table.programme.lead))
    shown = soup(browser.get_ok(f"/prices/{table.id}")).select_one("main").text
    assert "0.075" in shown and str(Overshoot.CARRIED.label) in shown
    for url, name, says in (
        (f"/prices/{table.id}/edit", "overshoot", "is lost: the portal settles period by period"),
        (f"/effects/{effect.id}/edit", "pooled_threshold", "cannot pool cohorts afterwards"),
    ):
        page = browser.get_ok(url)
        assert not soup(page).select(f"[name={name}]") and says in soup(page).text
        assert browser.submit(page).status_code == 303
    db.session.expire_all()
    assert (table.overshoot, effect.pooled_threshold) == (Overshoot.LOST, "")
    assert not list(unsettled(table))


def test_an_import_asks_to_leave_it_empty(table, browse):
    content = b"id,name,life_domain,definition,evidence_type,kind,price,threshold,pooled_threshold\n"
    content += b"events,Reconvictions,safety,Counted,justice,difference,100.00,0.1,0.075\n"
    data = {"file": (io.BytesIO(content), "prices.csv")}
    answer = browse(make_user(table.programme.lead)).post_form(f"/prices/{table.id}/import", data)
    assert answer.status_code == 422
    told = soup(answer).select_one("main table tbody").text
    assert "I2" in told and "cannot pool cohorts afterwards" in told


def test_every_kind_may_be_promised(table):
    scale = [{"at": "1", "amount_minor": 100}]
    bands = [{"from": "0", "to": "10", "per_point_minor": 100}]
    for code, facts in {
        "steps": {"kind": EffectKind.STEPS, "scale": scale, "price_minor": 0},
        "bands": {"kind": EffectKind.BANDS, "scale": bands, "price_minor": 0},
        "difference": {"kind": EffectKind.DIFFERENCE, "threshold": "0.1"},
        "share": {"kind": EffectKind.SHARE, "share_bp": 5_000, "price_minor": 0},
        "fee": {"kind": EffectKind.FEE, "deadweight_bp": 0},
    }.items():
        make_effect(table, code, max_per_person=None, **facts)
    assert not list(unsettled(table))
