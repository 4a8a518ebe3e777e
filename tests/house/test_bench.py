"""`make bench` runs when somebody wants figures; here it is held that it can: every page that it asks is there."""

import re

import pytest

from app.core import clock
from tests.bench import bare, bench_capital, bench_outcomes, bench_valuation
from tests.bench.effects_world import LATER, NOON, Size
from tests.bench.effects_world import lay as lay_claims
from tests.bench.pages import of_bare, of_portal
from tests.bench.world import lay


def test_every_page_of_the_bench_answers_as_it_should_and_has_a_bare_page_beside_it(app):
    pages, bare_pages = of_portal(app, lay(app, proposals=3, bonds=2)), of_bare(bare.create_app("sqlite://"))
    for page in (*pages, *bare_pages):
        assert (page.name, page.ask().status_code) == (page.name, page.status)
    assert {page.against for page in pages} == {page.name for page in bare_pages}


@pytest.mark.parametrize("name", [name for name, _terms in bench_valuation.variants(1)])
def test_every_variant_of_the_engine_pays_what_its_limits_leave(name):
    """The four years hold half of what is proven; a bench of limits that never bind would measure nothing."""
    count = 2_000
    terms = dict(bench_valuation.variants(count))[name]
    settled = bench_valuation.value(terms, bench_valuation.facts(count), bench_valuation.half_years())
    if "caps" in name:
        assert settled.paid == settled.gross
    else:
        assert 0 < settled.paid < settled.gross


def test_lists_of_claims_cost_the_same_statements_however_long_they_are(app):
    """70 and 700 people; each page is full in both, and the lists of a batch are longer than a page."""
    with clock.at(NOON + LATER):
        bonds = [lay_claims(Size(70, 60)), lay_claims(Size(700, 600))]
        for bond in bonds:
            bench_outcomes.open_docket(bond, says=False)
        pages = [bench_outcomes.pages_of(bond) for bond in bonds]
        for (name, *few), (_name, *many) in zip(*pages, strict=True):
            asks = [bench_outcomes.ask_for(app, *of) for of in (few, many)]
            least, most = sorted(bench_outcomes.statements_of(ask) for ask in asks)
            # One claim is looked at alone: whether its person has an earlier one is a question more.
            assert most - least <= (name == "one claim to judge"), name


def test_a_bond_of_many_investors_costs_the_statements_of_a_small_one(app, capsys):
    """Issue 6: the same query count at any size, for setting aside, paying out and every page of the bond."""
    counts = []
    for effects, investors in ((100, 3), (100, 60)):
        bench_capital.run(app, effects, investors)
        told = capsys.readouterr().out
        assert "settled in" in told
        pages = re.findall(r"^  (\D+?) +(\d{3}) +(\d+) statements", told, re.MULTILINE)
        assert [status for _name, status, _number in pages] == ["200"] * 15
        paid = re.findall(r"^  (\w+ the distribution) .* (\d+) statements", told, re.MULTILINE)
        counts.append({name: int(number) for name, _status, number in pages} | {n: int(number) for n, number in paid})
    small, large = counts
    assert len(small) == 17
    assert {name: (small[name], large[name]) for name in small if large[name] > small[name]} == {}
