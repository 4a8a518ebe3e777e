"""What a settlement paid is exact, and prices are published: the numbers on all pages together must leave two solutions
(domain, section 9). The attacker of these tests tries every world that fits what is told, apart from the code."""

import itertools
import uuid

import pytest

from app.intake.suppression import Shown, is_small
from app.outcomes.cash import Offered, beside_cash
from app.outcomes.disclosure import Key, guarded_sums, offered_figures, told_of
from app.outcomes.limits import Limit
from app.outcomes.worlds import Fact

WORK, DEBT, HOME = (uuid.UUID(int=n) for n in (1, 2, 3))
CITY, SETTLEMENT, BATCH, OTHER = (uuid.UUID(int=n) for n in (11, 21, 31, 12))
ALL = (None, "signed_off")


def bond(work, debt, waiting=0, prices=(200_00, 300_00)):
    """Settled effects of two kinds, and effects of the first kind that no settlement took yet."""
    cells = {
        Key(WORK, CITY, "signed_off", BATCH, SETTLEMENT, True): (work, work * prices[0]),
        Key(DEBT, CITY, "signed_off", BATCH, SETTLEMENT, True): (debt, debt * prices[1]),
        Key(WORK, CITY, "signed_off", None, None, False): (waiting, 0),
    }
    return {key: sums for key, sums in cells.items() if sums[0]}


def worlds(cells, told, spread=14):
    """Every world that an auditor cannot tell from this one: the same money, and the same on every page."""
    keys, counts = list(cells), [count for count, _ in cells.values()]
    prices = [paid // count if key.settlement else 0 for key, (count, paid) in cells.items()]
    paid = sum(one for _, one in cells.values())
    shown = [
        (key, [n for n, cell in enumerate(keys) if key.holds(cell)]) for key in offered_figures(dict(cells_of(cells)))
    ]
    for world in itertools.product(*(range(max(1, n - spread), n + spread) for n in counts)):
        if sum(n * price for n, price in zip(world, prices, strict=True)) != paid:
            continue
        if all(same(told, key, sum(counts[n] for n in of), sum(world[n] for n in of)) for key, of in shown if of):
            yield dict(zip(keys, world, strict=True))


def cells_of(cells):
    return ((key, count) for key, (count, _) in cells.items())


def same(told, key, real, other):
    if key in told.keys:
        return real == other
    if key in told.ranges:
        low, high = told.ranges[key]
        return low <= other <= high
    return is_small(other) if key in told.marked else other > 0


@pytest.mark.parametrize("debt", [1, 2, 3, 4])
@pytest.mark.parametrize("waiting", [0, 2, 6])
def test_two_solutions_stay_for_a_small_number_beside_exact_money(debt, waiting):
    """20 of work at 200 and `debt` at 300: with a whole of 23 one solution is left; in 20-29 there are more."""
    cells = bond(20, debt, waiting)
    found = [world[Key(DEBT, CITY, "signed_off", BATCH, SETTLEMENT, True)] for world in worlds(cells, told_of(cells))]
    assert debt in found
    assert len(set(found)) > 1, "the money and the pages tell the small number"


def test_what_is_proven_stays_exact_where_the_row_of_the_settlement_can_be_given_up():
    """49 at 200 and 2 at 300 that are paid, 2 that wait. Beside 10,400 a whole of 51 paid ones leaves one solution; the
    53 proven ones leave several, as long as nobody reads how many of them were paid."""
    cells = bond(49, 2, 2)
    told = told_of(cells)
    assert Key(stage="signed_off") in told.keys
    for key in (Key(paid=True), Key(settlement=SETTLEMENT), Key(WORK, stage="signed_off"), Key(WORK, paid=True)):
        assert key not in told.keys, key
    found = {world[Key(DEBT, CITY, "signed_off", BATCH, SETTLEMENT, True)] for world in worlds(cells, told)}
    assert len(found) > 1


def test_a_total_is_widened_only_when_giving_up_all_rows_does_not_suffice():
    """The same without those that wait: 51 and 10,400 leave one solution, so the total itself is a range."""
    cells = bond(49, 2)
    told = told_of(cells)
    assert Key(stage="signed_off") not in told.keys
    assert told.ranges[Key(stage="signed_off")] == (50, 59)
    more = {**cells, Key(HOME, CITY, "signed_off", BATCH, SETTLEMENT, True): (8, 8 * 250_00)}
    assert {Key(stage="signed_off"), Key(paid=True)} <= told_of(more).keys, "2 at 250 cost as much as one of each"
    assert Key(paid=True) in told_of(more).amounts


def test_an_amount_is_told_to_nobody_else_when_it_tells_a_small_number_to_the_public():
    """Nothing but one of 300.07 and 20 of 200.00 costs 4,300.07: an investor reads that, the public need not."""
    told = told_of(bond(20, 1, prices=(200_00, 300_07)))
    assert Key(paid=True) not in told.amounts


def test_without_a_small_number_nothing_gets_rougher():
    cells = bond(20, 9, 5)
    told = told_of(cells)
    assert {Key(stage="signed_off"), Key(WORK, paid=True), Key(settlement=SETTLEMENT)} <= told.keys


def test_before_anything_is_settled_there_is_no_money_to_reckon_with():
    cells = {
        Key(WORK, CITY, "signed_off", BATCH): (20, 0),
        Key(DEBT, CITY, "submitted"): (3, 0),
        Key(DEBT, CITY, "verified"): (4, 0),
    }
    assert Key(stage="signed_off") in told_of(cells).keys


def test_what_the_money_tells_by_itself_hides_no_more_than_needed():
    """One of 300.07 beside 20 of 200.00: no other pair costs this, whatever the pages say (see the text for the impact
    assessment), so that hiding figures would keep nothing."""
    cells = bond(20, 1, prices=(200_00, 300_07))
    alone = {key: (count, 0) for key, (count, _) in cells.items()}
    assert len(guarded_sums(dict(cells_of(cells)))) > 0
    assert told_of(cells).keys == told_of(alone).keys


def two_cities(here, there, prices):
    """All of it paid by one settlement to two municipalities; the effects in the order of the price table."""
    return {
        Key(uuid.UUID(int=n), city, "signed_off", BATCH, SETTLEMENT, True): (count, count * prices[n - 1])
        for city, counts in ((CITY, here), (OTHER, there))
        for n, count in enumerate(counts, start=1)
    }


def seen_from_here(cells, told, prices):
    """Every count of the other municipality that who knows its own cannot tell from the real one: the exact total, what
    is told of each effect in all, and that the second effect comes only after the first."""
    mine = {key.effect: count for key, (count, _) in cells.items() if key.payer == CITY}
    real = [count for key, (count, _) in cells.items() if key.payer == OTHER]
    keys = [key for key in offered_figures(dict(cells_of(cells))) if key.payer != CITY]
    for world in itertools.product(*(range(max(0, n - 9), n + 10) for n in real)):
        if sum((n - m) * price for n, m, price in zip(world, real, prices, strict=True)) or world[1] > world[0]:
            continue
        by_effect = {effect: mine[effect] + n for effect, n in zip(mine, world, strict=True)}
        if all(same(told, key, total(cells, key), total_in(by_effect, mine, key)) for key in keys if key.stage in ALL):
            yield world


def total(cells, key):
    return sum(count for cell, (count, _) in cells.items() if key.holds(cell))


def total_in(by_effect, mine, key):
    own = mine if key.payer == OTHER else {}
    return sum(n - own.get(effect, 0) for effect, n in by_effect.items() if key.effect in (None, effect))


@pytest.mark.parametrize(
    ("prices", "here", "there"),
    [((900_00, 700_00, 600_00), (8, 6, 4), (4, 4, 4)), ((900_00, 600_00, 1500_00), (5, 2, 11), (2, 1, 4))],
)
def test_a_reader_who_knows_what_comes_only_after_what_works_out_no_small_number(prices, here, there):
    """Found by a reader: with "only after" of the price table one number of the other municipality was left."""
    cells = two_cities(here, there, prices)
    limit = Limit(frozenset([DEBT]), 1, frozenset([WORK]))
    found = list(seen_from_here(cells, told_of(cells, None, (limit,)), prices))
    assert there in found
    for place, number in enumerate(there):
        assert not is_small(number) or len({world[place] for world in found}) > 1, f"one number is left: {found}"


def test_what_a_rule_gives_away_is_kept_from_an_investor_who_does_not_know_the_rule():
    """2 and 7 at one price in one settlement: the investor knows that they are 9. A rule that fixes the 2 leaves
    nothing to keep from who knows it; who does not would subtract the 7."""
    both = Shown(frozenset({"two", "seven"}))
    offered = [[Offered("seven", frozenset({1})), Offered("two", frozenset({0}))]]
    fixed = [Fact({0: 1}, 0, 0)]
    told = beside_cash(both, [2, 7], [(), ()], offered, [[0], [1]], [{0: 100, 1: 100}], fixed)
    assert "seven" not in told.keys and "two" not in told.keys
    assert "seven" in beside_cash(both, [2, 7], [(), ()], offered, [[0], [1]], [], fixed).keys, "nobody knows the sum"
