"""What a file says of an effect is read back as the same effect, in every format and language."""

import uuid
from dataclasses import fields, replace
from itertools import pairwise

import pytest
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.pricing.files.cells import Bond, guarded, key_of, plain, spellings, unguarded
from app.pricing.files.checking import Row, _fitted
from app.pricing.files.columns import COLUMNS, EXAMPLE, OF_FIELD, text_in
from app.pricing.files.spreadsheet import _cell
from app.pricing.models import CompanionView, Counterfactual, EffectKind, EvidenceType
from app.pricing.operations import EffectFacts
from app.pricing.rules import faults_in
from app.programmes.models import LifeDomain
from app.unit_costs.models import Bearer, SavingClass

PAYERS = {"p1": "Enschede", "p2": "Hengelo: west", "p3": "A; B", "p4": "Twin", "p5": "twin"}
BOND = Bond("EUR", PAYERS)
ONCE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)

amounts = st.integers(1, 10**12)
shares = st.integers(1, 9_999)
codes = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40).map(str.strip)
lines = st.lists(words, max_size=3).map("\n".join).map(str.strip)
decimals = st.decimals(-1000, 1000, places=3).map(plain)
maybe = st.none


@st.composite
def tiers(draw):
    ends = sorted(draw(st.sets(st.integers(1, 10**6), max_size=3)))
    return [
        {"up_to": end, "price_minor": draw(amounts)}
        | ({"max_amount_minor": draw(amounts)} if draw(st.booleans()) else {})
        for end in [*ends, None]
    ]


@st.composite
def scales(draw, bands):
    ends = sorted(draw(st.sets(st.integers(-500, 500), min_size=2, max_size=5)))
    if bands:
        pairs = pairwise(ends)
        return [{"from": str(a), "to": str(b), "per_point_minor": draw(amounts)} for a, b in pairs]
    return [{"at": f"{end}.5", "amount_minor": draw(amounts)} for end in ends]


@st.composite
def effects(draw):
    """Valid rows of every kind."""
    kind = draw(st.sampled_from(EffectKind))
    facts = {
        "code": draw(codes),
        "name": draw(words) or "x",
        "definition": draw(lines) or "x",
        "life_domain": draw(st.sampled_from(LifeDomain)),
        "evidence_type": draw(st.sampled_from(EvidenceType)),
        "kind": kind,
        "max_per_person": draw(maybe() | st.integers(1, 1_000)) if kind == EffectKind.PER_PERSON else None,
        "deadweight_bp": 0 if kind == EffectKind.FEE else draw(st.integers(0, 9_999)),
        "evidence_days": draw(st.integers(1, 730)),
        "companion_view": draw(maybe() | st.sampled_from(CompanionView)),
        "counterfactual": draw(maybe() | st.sampled_from(Counterfactual)),
        "difference_bp": draw(maybe() | shares),
        "saving_minor": draw(maybe() | amounts),
        "saving_class": draw(st.sampled_from(SavingClass)),
        "saving_source": draw(words) or "x",
        "saving_year": draw(maybe() | st.integers(1900, 2200)),
        "saving_bearer": draw(maybe() | st.sampled_from(Bearer)),
        "saving_occupancy_bp": draw(maybe() | st.integers(0, 10_000)),
        "saving_waiting_list": draw(st.booleans()),
        "unit_cost_id": draw(maybe() | st.uuids()),
        "max_amount_minor": draw(maybe() | amounts),
        "expected_count": draw(maybe() | st.integers(0, 10**6)),
        "months_after": draw(st.integers(0, 240)),
        "unit": draw(words)[:30] or "day",
        **{name: draw(words) for name in ("who", "sustained", "best_of_word", "legal_basis")},
        **draw(_paid(kind)),
    }
    facts.pop("best_of_word")
    made = EffectFacts(**facts)
    assert not list(faults_in(made, ())), list(faults_in(made, ()))
    return made


def _paid(kind):
    kinds = EffectKind
    payers = st.dictionaries(st.sampled_from(sorted(PAYERS)), amounts)
    return {
        kinds.PER_PERSON: st.fixed_dictionaries({"price_minor": amounts, "payer_prices": payers})
        | st.fixed_dictionaries({"tiers": tiers()}),
        kinds.PER_UNIT: st.fixed_dictionaries({"price_minor": amounts, "after_units": st.integers(0, 90)}),
        kinds.STEPS: st.fixed_dictionaries({"scale": scales(False), "between": st.sampled_from(["step", "linear"])}),
        kinds.BANDS: st.fixed_dictionaries({"scale": scales(True), "threshold": decimals}),
        kinds.DIFFERENCE: st.fixed_dictionaries({"price_minor": amounts, "threshold": st.just("0.125")}),
        kinds.SHARE: st.fixed_dictionaries({"share_bp": shares, "share_after_bp": shares, "until_minor": amounts}),
        kinds.FEE: st.fixed_dictionaries({"price_minor": amounts, "max_count": maybe() | st.integers(1, 99)}),
    }[kind]


def back(facts, cells):
    row = Row(2, {}, {name: OF_FIELD[name].cell.read(cell, BOND) for name, cell in cells.items()})
    return EffectFacts(**_fitted(row.values, row.values["kind"]))


@given(effects())
@ONCE
def test_csv(app, facts):
    cells = {column.field: unguarded(guarded(text_in(column, facts, BOND))) for column in COLUMNS}
    assert back(facts, cells) == facts


@pytest.mark.parametrize("locale", ["en", "nl", "nl_BE"])
@given(facts=effects())
@settings(ONCE, max_examples=40)
def test_spreadsheet(locale, app, facts):
    """As a spreadsheet holds it: numbers are binary fractions there, words are in the language of the reader."""
    with force_locale(locale):
        cells = {column.field: _cell(column, facts, BOND) for column in COLUMNS}
    raw = {name: cell if isinstance(cell, str) else float(cell) for name, cell in cells.items()}
    assert back(facts, raw) == facts


@given(st.text(max_size=20))
@ONCE
def test_an_apostrophe_goes_on_and_comes_off(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_every_field_has_one_column():
    assert sorted(column.field for column in COLUMNS) == sorted(part.name for part in fields(EffectFacts))
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    assert set(EXAMPLE) <= {column.name for column in COLUMNS}


def test_no_two_columns_share_a_name_in_any_language(app):
    names = [name for column in COLUMNS for name in spellings(column.label) | {key_of(column.name)}]
    clash = {name for name in names if len({c.field for c in COLUMNS if name in spellings(c.label) | {c.name}}) > 1}
    assert not clash


def test_the_example_is_a_good_effect(app):
    cells = {column.field: EXAMPLE.get(column.name, "") for column in COLUMNS}
    facts = replace(back(None, cells), code="work-13w")
    assert not list(faults_in(facts, ()))
    assert facts.unit_cost_id is None or isinstance(facts.unit_cost_id, uuid.UUID)
