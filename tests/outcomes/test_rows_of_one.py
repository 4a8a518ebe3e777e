"""Figures move once a month for who sees no rows: what one person did on one day shows on no page of theirs.
Source: the domain, section 9."""

import pytest

from app.outcomes.states import ClaimState
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, publish

OTHERS = ("investor", "auditor", "intermediary", "neighbour")


@pytest.fixture
def bond(app):
    found = make_delivery()
    for _ in range(6):
        make_claim(found, state=ClaimState.SUBMITTED)
    publish(found)
    return found


def read(browse, person, bond, page):
    return soup(browse(person).get_ok(f"/programmes/{bond.programme.id}/{page}")).select_one("main").text


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("page", ["delivery", "progress"])
def test_one_more_claim_changes_no_figure_of_somebody_who_sees_no_rows(bond, browse, who, page):
    before = read(browse, getattr(bond, who), bond, page)
    make_claim(bond, state=ClaimState.SUBMITTED)
    make_claim(bond, state=ClaimState.REJECTED)
    assert read(browse, getattr(bond, who), bond, page) == before
    assert "as of" in before


@pytest.mark.parametrize("who", ["assessor", "official"])
def test_it_changes_for_who_may_know_it(bond, browse, who):
    before = read(browse, getattr(bond, who), bond, "delivery")
    make_claim(bond, state=ClaimState.REJECTED)
    assert read(browse, getattr(bond, who), bond, "delivery") != before
