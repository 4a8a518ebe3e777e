"""Totals of a bond are exact while anything else can be given up instead (domain, section 9): a council pays by them.

The attacker of these tests lays out every world near the real one as rows of numbers, and strikes out those that do not
fit what a reader knows; the code looks for single worlds in another way.
"""

import itertools
import uuid

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.suppression import SMALLEST, is_small
from app.outcomes.disclosure import PROVEN, Key, guarded_sums, offered_figures, told_of
from tests.outcomes.test_suppression import bonds

EFFECTS = [uuid.UUID(int=n) for n in (1, 2, 3)]
CITIES = [uuid.UUID(int=n) for n in (11, 12)]
SETTLEMENTS, BATCH = [uuid.UUID(int=n) for n in (21, 22)], uuid.UUID(int=31)
TOTALS = [Key(stage=PROVEN), Key(paid=True), Key(stage="submitted"), Key(stage="verified")]
FURTHER = 30  # how many more in one cell an attacker thinks of
COUNTS = st.sampled_from([1, 2, 3, 4, 5, 6, 9, 14])


class Attacker:
    """One reader: what is `known` beyond the pages are its own cells, and for an investor what settlements paid."""

    def __init__(self, cells, own=None, cash=False):
        self.cells, self.keys = cells, list(cells)
        self.plain = {key: count for key, (count, _) in cells.items()}
        self.counts = np.array([count for count, _ in cells.values()])
        self.paid = np.array([paid // count for count, paid in cells.values()])
        self.own = np.array([own is not None and own == key.payer for key in self.keys])
        self.cash = cash

    def of(self, key):
        return np.array([key.holds(cell) for cell in self.keys])

    def worlds(self, told, amounts, ranges, abouts):
        """Every world that fits; a hidden figure is not a zero. `ranges` are (least, most) by figure."""
        limits = [(self.of(key), *self.exactly(key)) for key in told]
        limits += [(self.of(key) * self.paid, *self.exactly(key, self.paid)) for key in amounts]
        limits += [(self.of(key), *ends) for key, ends in ranges.items()]
        limits += [(self.of(key) * self.paid, *ends) for key, ends in abouts.items()]
        limits += [(self.of(key), 1, None) for key in offered_figures(self.plain) if self.of(key).any()]
        if self.cash:
            settled = {key.settlement for key in self.keys} - {None}
            limits += [
                (self.of(Key(settlement=one)) * self.paid, *self.exactly(Key(settlement=one), self.paid))
                for one in settled
            ]
        rows = np.zeros((1, 0), dtype=np.int64)
        for place, count in enumerate(self.counts):
            values = [count] if self.own[place] else range(count + FURTHER + 1)
            rows = np.column_stack([np.repeat(rows, len(values), axis=0), np.tile(np.array(values), len(rows))])
            for weights, least, greatest in limits:
                sums = rows @ weights[: place + 1]
                rest = weights[place + 1 :].any()  # more may come
                fits = np.ones(len(rows), bool) if rest or least is None else sums >= least
                rows = rows[fits & (True if greatest is None else sums <= greatest)]
        assert (rows == self.counts).all(axis=1).any(), "what is told is not true"
        return rows

    def exactly(self, key, prices=1):
        sum_ = int((self.of(key) * prices * self.counts).sum())
        return sum_, sum_

    def secrets(self):
        """Small sums of what this reader does not know."""
        forms = {tuple(self.of_cells(form) & ~self.own) for form in guarded_sums(self.plain)}
        return [np.array(form) for form in forms if is_small(int((np.array(form) * self.counts).sum()))]

    def of_cells(self, form):
        return np.array([cell in form for cell in self.keys])

    def told_by_cash(self):
        """What an investor can work out whatever the pages say; to everybody else nothing is told yet."""
        return self.found_out(self.worlds([], [], {}, {})) if self.cash else set()

    def found_out(self, rows):
        return {tuple(form) for form in self.secrets() if len(np.unique(rows @ form)) < 2}


def attackers(cells):
    return [Attacker(cells, cash=True), Attacker(cells), *(Attacker(cells, own=city) for city in CITIES)]


@st.composite
def paid_bonds(draw):
    """Two to four cells: settled in one settlement or two, waiting for one, or with the assessor."""
    prices = draw(st.sampled_from([(200, 300, 500), (150, 90, 60), (100, 100, 100), (160, 480, 90)]))
    wheres = [
        ("signed_off", BATCH, SETTLEMENTS[0], True),
        ("signed_off", BATCH, SETTLEMENTS[1], False),
        ("signed_off", None, None, False),
        ("submitted", None, None, False),
    ]
    kinds = list(itertools.product(range(3), CITIES, wheres[: draw(st.sampled_from([1, 1, 2, 4]))]))
    cells = {}
    for effect, city, where in draw(st.lists(st.sampled_from(kinds), min_size=2, max_size=4, unique=True)):
        count = draw(COUNTS)
        cells[Key(EFFECTS[effect], city, *where)] = (count, count * prices[effect] if where[2] else 0)
    return cells


@settings(deadline=None, max_examples=30)
@given(paid_bonds())
def test_two_values_stay_for_every_small_count_beside_exact_totals_and_money(cells):
    """Whoever cannot find a small count from the cash alone cannot find it with all the pages either."""
    told = told_of(cells)
    marks = dict.fromkeys(told.marked, (1, SMALLEST - 1))
    shown = [key for key in told.keys if any(key.holds(cell) for cell in cells)]
    for who in attackers(cells):
        after = who.found_out(who.worlds(shown, told.amounts, {**marks, **told.ranges}, told.abouts))
        assert after <= who.told_by_cash()


@settings(deadline=None, max_examples=30)
@given(paid_bonds())
def test_totals_are_exact_wherever_giving_up_all_rows_suffices(cells):
    totals = [key for key in TOTALS if any(key.holds(cell) for cell in cells)]
    paid = [key for key in totals if key.paid]
    for who in attackers(cells):
        if who.found_out(who.worlds(totals, paid, {}, {})) - who.told_by_cash():
            return
    told = told_of(cells)
    assert told.keys >= set(totals)
    assert told.amounts >= set(paid)


@settings(deadline=None, max_examples=60)
@given(bonds())
def test_no_row_is_told_whose_whole_is_withheld(cells):
    """Of what is proven or paid: no number of a municipality without that of the whole. One that
    counts the same as a total is that total; a zero is no secret."""
    told, offered = told_of(cells), set(offered_figures({key: count for key, (count, _) in cells.items()}))
    same = {key: frozenset(cell for cell in cells if key.holds(cell)) for key in offered}
    for key in told.keys & {key for key in offered if same[key]}:
        alike = [other for other in offered if same[other] == same[key]]
        assert any(all(whole in told.keys for whole in wholes(one, offered, same)) for one in alike), key.words


def wholes(key, offered, same):
    if not (key.paid or key.settlement or key.stage == PROVEN):
        return []
    found = [key._replace(payer=None)] if key.payer else []
    return [one for one in found if one in offered and same[one] != same[key]]
