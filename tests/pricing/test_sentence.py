"""A sentence per kind, built from the terms, so that a council member reads what is promised without a formula."""

import pytest

from app.pricing.models import Effect, EffectKind
from app.pricing.sentence import sentence_of
from app.pricing.shown import Setting

SETTING = Setting("EUR", effects={"work-13w": "Thirteen weeks of work"})
PLAIN = {
    "price_minor": 22_000,
    "payer_prices": {},
    "tiers": [],
    "scale": [],
    "between": "step",
    "threshold": "",
    "pooled_threshold": "",
    "deadweight_bp": 0,
    "max_per_person": None,
    "requires": [],
    "best_of": "",
    "after_units": 0,
    "unit": "",
}


def said(kind: EffectKind, **facts) -> str:
    return sentence_of(Effect(kind=kind, **(PLAIN | facts)), SETTING)


K = EffectKind


@pytest.mark.parametrize(
    ("kind", "facts", "sentence"),
    [
        (K.PER_PERSON, {"max_per_person": 1}, "€220.00 per participant, once."),
        (K.PER_PERSON, {"max_per_person": 3}, "€220.00, at most 3 times per participant."),
        (K.PER_PERSON, {}, "€220.00 each time."),
        (K.PER_PERSON, {"tiers": [{"up_to": None}]}, "A price by the running count, see the tiers."),
        (
            K.PER_PERSON,
            {"tiers": [{"up_to": None}], "max_per_person": 1},
            "A price by the running count, see the tiers; once per participant.",
        ),
        (K.PER_UNIT, {"unit": "day"}, "€220.00 per day."),
        (
            K.PER_UNIT,
            {"unit": "day", "after_units": 30},
            "€220.00 per day, after the first 30 of a participant.",
        ),
        (
            K.PER_UNIT,
            {"unit": "day", "after_units": 30, "retroactive": True},
            "€220.00 per day, once a participant has 30 of them; the first ones are then paid too.",
        ),
        (
            K.STEPS,
            {},
            "The amount of the highest step that the measured value reaches; nothing below the first step.",
        ),
        (
            K.BANDS,
            {"threshold": "1.5"},
            "An amount for each point of the measured value, band by band; nothing below 1.5, and from there every "
            "point counts.",
        ),
        (
            K.DIFFERENCE,
            {"threshold": "0.1", "pooled_threshold": "0.075"},
            "€220.00 per event fewer than in the comparison group, when the reduction is at least 10%. At the end all "
            "cohorts count together: from a reduction of 7.5% on, those that missed it pay too.",
        ),
        (K.SHARE, {"share_bp": 5_000}, "50% of the cost that is avoided."),
        (
            K.SHARE,
            {"share_bp": 5_000, "until_minor": 100_000, "share_after_bp": 1_250},
            "50% of the cost that is avoided, until €1,000.00 is reached; 12.50% after that.",
        ),
        (K.FEE, {}, "A fixed fee of €220.00 each time."),
    ],
)
def test_each_kind_in_words(app, kind, facts, sentence):
    with app.test_request_context():
        assert said(kind, **facts) == sentence


def test_what_limits_it_follows(app):
    facts = {
        "max_per_person": 1,
        "deadweight_bp": 2_000,
        "requires": ["work-13w"],
        "best_of": "work",
        "max_count": 70,
        "max_amount_minor": 900_000,
    }
    with app.test_request_context():
        assert said(K.PER_PERSON, **facts) == (
            "€220.00 per participant, once. 20% is taken off: that would have happened anyway. Only after: Thirteen "
            "weeks of work. Of the group “work” only the dearest is paid per participant. At most 70 in the whole "
            "bond. At most €9,000.00 in the whole bond."
        )
