"""What a file can compute and no settlement of a running bond can follow is refused before it is promised."""

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.pricing.gates import unsettled
from app.pricing.models import EffectKind, Overshoot
from app.pricing.operations import submit_table
from app.pricing.states import TableState
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table


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
