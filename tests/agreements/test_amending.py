"""The pure part: who takes over in the terms, and that nothing else moves."""

import copy

import pytest

from app.agreements.amending import without_party
from app.programmes.models import Part

LEAD, PARTNER, OTHER, NEW = ({"id": one, "name": one.upper()} for one in ("lead", "partner", "other", "new"))


def partner(organisation, contribution="", **shares):
    return {
        "organisation": organisation,
        "contribution": contribution,
        "shares": {code: {"work": share, "money": share} for code, share in shares.items()},
    }


def terms():
    first = {"id": "c1", "lead": LEAD, "lot": {"id": "north"}, "discount_bp": 500, "volumes": {"work": 9}}
    second = {"id": "c2", "lead": OTHER, "lot": {"id": "south"}, "discount_bp": 0, "volumes": {"work": 4}}
    first["partners"] = [partner(LEAD, "Leads.", work=60), partner(PARTNER, "Helps.", work=40, home=100)]
    second["partners"] = [partner(OTHER, work=100)]
    return {"consortia": [first, second], "intermediary": [LEAD, OTHER], "assessor": [PARTNER]}


def test_somebody_new_takes_the_very_place_also_as_lead():
    found = without_party(terms(), Part.PROVIDER, LEAD, NEW, year=2026)
    first, second = found["consortia"]
    assert first["lead"] == NEW
    assert first["partners"][0] == partner(NEW, "Leads.", work=60)
    assert second == terms()["consortia"][1], "a lot in which it does not deliver stays"
    assert (first["discount_bp"], first["volumes"], first["lot"]) == (500, {"work": 9}, {"id": "north"})


def test_a_partner_that_stays_gets_the_work_on_top_of_its_own():
    (first, _second) = without_party(terms(), Part.PROVIDER, PARTNER, LEAD, year=2026)["consortia"]
    (only,) = first["partners"]
    assert only["shares"] == {"work": {"work": 100, "money": 100}, "home": {"work": 100, "money": 100}}
    assert only["contribution"] == "Leads.\nHelps."


@pytest.mark.parametrize("part, key", [(Part.INTERMEDIARY, "intermediary"), (Part.ASSESSOR, "assessor")])
def test_one_of_the_desk_or_the_assessors_only_there(part, key):
    leaving = terms()[key][0]
    found = without_party(terms(), part, leaving, NEW, year=2026)
    assert found[key][0] == NEW
    assert {name: value for name, value in found.items() if name != key} == {
        name: value for name, value in terms().items() if name != key
    }


def test_running_costs_go_to_the_successor_from_the_year_of_the_last_day():
    """What was laid down for an earlier year was for who worked then; another's lines stay."""
    lines = [(PARTNER, 2025), (PARTNER, 2026), (PARTNER, 2027), (OTHER, 2027)]
    before = terms() | {"costs": [{"organisation": one, "year": year, "amount_minor": 7} for one, year in lines]}
    found = without_party(before, Part.PROVIDER, PARTNER, NEW, year=2026)["costs"]
    assert [(one["organisation"], one["year"]) for one in found] == [
        (PARTNER, 2025),
        (NEW, 2026),
        (NEW, 2027),
        (OTHER, 2027),
    ]
    assert {one["amount_minor"] for one in found} == {7}


def test_what_was_signed_before_is_never_written_over():
    before = terms()
    kept = copy.deepcopy(before)
    without_party(before, Part.PROVIDER, PARTNER, LEAD, year=2026)
    assert before == kept
