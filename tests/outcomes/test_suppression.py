"""Small numbers are hidden and cannot be worked out (domain, section 9).

The reader of these tests is an honest enumeration, written apart from the code: it tries every table that fits what is
shown, and no hidden count of 1 to 4 may come out the same in all of them.
"""

import itertools
import random

import pytest

from app.outcomes.suppression import Figure, Grid, figures, hidden_keys


def possible(total, shown, most):
    """All lists of counts that fit what is shown: a number, "<5" (1 to 4) or None (0 or at least 5)."""
    ranges = [[n] if isinstance(n, int) else [1, 2, 3, 4] if n == "<5" else [0, *range(5, most + 1)] for n in shown]
    return [counts for counts in itertools.product(*ranges) if total is None or sum(counts) == total]


@pytest.mark.parametrize("count, shown", [(0, 0), (1, None), (4, None), (5, 5), (70, 70)])
def test_one_to_four_are_hidden(count, shown):
    cells, total = figures({"work": count})
    assert (cells["work"].count, total.count) == (shown, shown)
    assert cells["work"].small == (shown is None)


def test_a_single_small_count_takes_a_second_one_along():
    """20 in all and 9 + 8 elsewhere would tell the 3."""
    cells, total = figures({"work": 9, "school": 8, "home": 3})
    assert total.count == 20
    assert cells["home"] == Figure(None, small=True)
    assert cells["school"].count is None and not cells["school"].small, "the smaller of the two is hidden as well"
    assert cells["work"].count == 9


def test_two_small_counts_that_can_only_be_ones_take_a_third_along():
    """Two hidden counts with a sum of 2 are both 1."""
    cells, total = figures({"work": 9, "school": 1, "home": 1})
    assert total.count == 11
    assert [cells[key].count for key in ("work", "school", "home")] == [None, None, None]


def test_a_zero_is_no_secret_but_may_be_needed_to_keep_one():
    cells, total = figures({"work": 3, "school": 0})
    assert cells["work"].count is None
    assert total.count is None, "3 in all and a zero would tell"


def test_a_hidden_count_hides_its_amount():
    """Payment divided by price gives the count."""
    cells, total = figures({"work": 9, "school": 8, "home": 3}, {"work": 900, "school": 800, "home": 300})
    assert [cells[key].amount_minor for key in ("work", "school", "home")] == [900, None, None]
    assert total.amount_minor == 2000, "the cash of the whole is known to all parties"


def test_who_may_see_the_rows_sees_all():
    cells, total = figures({"work": 1}, {"work": 100}, exact=True)
    assert (cells["work"], total) == (Figure(1, amount_minor=100), Figure(1, amount_minor=100))


def test_own_residents_are_not_used_to_find_out_the_neighbours():
    """A municipality knows its own column: a visible row sum would tell the other's 2."""
    counts = {("work", "Enschede"): (12, 1200), ("work", "Hengelo"): (2, 200)}
    grid = Grid(["work"], ["Enschede", "Hengelo"], counts, known={"Enschede"})
    assert grid.figure("work", "Enschede") == Figure(12, amount_minor=1200)
    assert grid.figure("work", "Hengelo").count is None
    assert grid.figure("work").count is None
    assert grid.figure().count is None


def test_what_is_never_shown_cannot_be_worked_out_either():
    """All claims less one's own are the neighbour's 2, although no page shows those."""
    counts = {"all": 14, "own": 12, "rest": 2}
    assert "all" in hidden_keys(counts, [(["own", "rest"], "all")], known={"own"}, unpublished={"rest"})
    counts = {"all": 17, "own": 12, "rest": 5}
    assert hidden_keys(counts, [(["own", "rest"], "all")], known={"own"}, unpublished={"rest"}) == {"rest"}


@pytest.mark.parametrize("seed", range(30))
def test_nobody_works_out_a_list(seed):
    draw = random.Random(seed)
    counts = {n: draw.choice([0, 1, 2, 3, 4, 5, 6, 9]) for n in range(draw.randint(1, 5))}
    cells, total = figures(counts)
    shown = ["<5" if cell.small else cell.count for cell in cells.values()]
    fitting = possible(total.count, shown, 30)
    if total.small:
        fitting = [found for found in fitting if 0 < sum(found) < 5]
    for key, cell in cells.items():
        if cell.small:
            assert len({found[key] for found in fitting}) > 1, f"{counts} shown as {shown}, {total.count}"


@pytest.mark.parametrize("seed", range(12))
def test_nobody_works_out_a_table(seed):
    draw = random.Random(seed)
    rows, columns = range(3), range(2)
    cells = {(r, c): (draw.choice([0, 1, 2, 4, 5, 7]), 0) for r in rows for c in columns}
    grid = Grid(rows, columns, cells)
    shown = {key: grid.figure(*key) for key in cells}
    words = ["<5" if shown[key].small else shown[key].count for key in cells]
    fitting = [dict(zip(cells, found, strict=True)) for found in possible(None, words, 16)]
    margins = [(r, None) for r in rows] + [(None, c) for c in columns] + [(None, None)]
    for row, column in margins:
        seen = grid.figure(row, column)
        members = [k for k in cells if row in (None, k[0]) and column in (None, k[1])]
        if seen.count is not None:
            fitting = [f for f in fitting if sum(f[k] for k in members) == seen.count]
        elif seen.small:
            fitting = [f for f in fitting if 0 < sum(f[k] for k in members) < 5]
        else:
            fitting = [f for f in fitting if not 0 < sum(f[k] for k in members) < 5]
    for key, figure in shown.items():
        if figure.small:
            assert len({found[key] for found in fitting}) > 1, f"{cells}: {key} can be worked out"


def test_a_large_table_is_answered_at_once():
    draw = random.Random(1)
    cells = {(r, c): (draw.randint(0, 12), 0) for r in range(14) for c in range(6)}
    grid = Grid(range(14), range(6), cells)
    assert all(grid.figure(*key).count is None for key, (n, _) in cells.items() if 0 < n < 5)
