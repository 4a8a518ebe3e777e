"""Small numbers are hidden and cannot be worked out, on no page and between no two of them (domain, section 9).

The attackers of these tests are written apart from the code: one solves the linear equations of everything that is
shown, the other tries every world that fits it.
"""

import itertools
import uuid
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.figures import disclosed_intake
from app.intake.suppression import Figure, is_small, shown
from app.outcomes.disclosure import STAGES, Disclosure, Key, guarded_sums, told_of

EFFECTS = [uuid.UUID(int=n) for n in (1, 2, 3)]
CITIES = [uuid.UUID(int=n) for n in (11, 12)]
PROVIDERS = [uuid.UUID(int=n) for n in (41, 42)]
SETTLEMENTS, BATCHES = [uuid.UUID(int=21)], [uuid.UUID(int=31), uuid.UUID(int=32)]


def one_list(**counts):
    offered = [("all", list(counts)), *((name, [name]) for name in sorted(counts, key=counts.get, reverse=True))]
    return shown(counts, dict.fromkeys(counts, ()), offered)


def test_one_to_four_are_hidden():
    for count, told in ((0, True), (1, False), (4, False), (5, True), (70, True)):
        assert ("all" in one_list(work=count).keys) == told


def test_a_single_small_count_takes_a_second_one_along():
    """20 in all and 9 + 8 elsewhere would tell the 3; the smaller of the two is hidden as well."""
    assert one_list(work=9, school=8, home=3).keys == {"all", "work"}


def test_two_counts_that_can_only_be_ones_take_a_third_along():
    """Two hidden counts with a sum of 2 are both 1."""
    assert one_list(work=9, school=1, home=1).keys == {"all"}


def test_a_mark_tells_no_count_either():
    """Four times "at least 1" in "at most 4" are four ones; two times "at most 4" in a whole of 8 are two fours."""
    ones = one_list(work=1, school=1, home=1, debt=1)
    assert not ones.keys and ones.marked == {"work", "school", "home", "debt"}
    fours = one_list(work=4, school=4)
    assert fours.keys == {"all"} and len(fours.marked) == 1


def test_a_zero_is_no_secret():
    assert one_list(work=3, school=0).keys == {"school"}, "3 in all and a zero would tell"


def test_nobody_takes_off_its_own():
    """14 in all less the reader's own 12 are the neighbour's 2, although no page shows those."""
    owners = {"own": ["Enschede"], "rest": ["Hengelo"]}
    offered = [("all", ["own", "rest"])]
    found = shown({"own": 12, "rest": 2}, owners, offered)
    assert found.keys == frozenset() and found.ranges == {"all": (10, 19)}, "10-19 less 12 are 1 to 7"
    assert shown({"own": 12, "rest": 5}, owners, offered).keys == {"all"}
    assert intake_of(12, 2) == {CITIES[0]}, "neither the 2 nor the whole"
    assert intake_of(12, 5) == {None, *CITIES}


def intake_of(*started):
    return disclosed_intake({(city, None): number for city, number in zip(CITIES, started, strict=True)}).keys


def test_no_provider_takes_off_its_own_either():
    """14 started in one municipality; whoever took 12 of them in would know the partner's 2 (GDPR, art. 5(1)(c))."""
    assert disclosed_intake({(CITIES[0], PROVIDERS[0]): 12, (CITIES[0], PROVIDERS[1]): 2}).keys == frozenset()
    assert disclosed_intake({(CITIES[0], PROVIDERS[0]): 12, (CITIES[0], PROVIDERS[1]): 5}).keys == {None, CITIES[0]}
    both = {
        Key(EFFECTS[0], CITIES[0], "signed_off", BATCHES[0], provider=provider): (number, number * 100_00)
        for provider, number in zip(PROVIDERS, (12, 2), strict=True)
    }
    assert Key(stage="signed_off") not in told_of(both).keys
    assert Disclosure(both, told_of(both)).figure(Key(stage="signed_off")).amount_minor is None
    alone = {cell._replace(provider=None): sums for cell, sums in list(both.items())[:1]}
    assert Key(stage="signed_off") in told_of(alone).keys, "one provider knows all of them"


def test_a_range_ends_where_it_tells_nothing():
    """Whoever knows 18 of 10-19 knows that the rest is 1, since what is marked is not 0; in 5-49 it can be more."""
    owners = {"own": ["Enschede"], "rest": ["Hengelo"]}
    found = shown({"own": 18, "rest": 1}, owners, [("all", ["own", "rest"]), ("rest", ["rest"])])
    assert found.ranges == {"all": (5, 49)}


def test_a_range_that_only_excludes_more_is_said_in_words(app):
    """ "5-49" beside a total reads as a fact; it says no more than that it is fewer than 50, and so it is shown."""
    for between, told in (((5, 49), 50), ((5, 9), 10), ((10, 19), None), ((50, 99), None), (None, None)):
        assert Figure(None, between=between).fewer_than == told
    with app.test_request_context():
        figure = app.jinja_env.get_template("_components/figure.html").module.figure
        assert str(figure(Figure(None, between=(5, 49)))).split(">")[1] == "fewer than 50</span"
        assert str(figure(Figure(None, between=(10, 19)))).split(">")[1] == "10–19</span"


def test_the_whole_payment_is_given_as_a_range_wider_than_any_effect():
    cells = {
        Key(EFFECTS[0], CITIES[0], "signed_off", BATCHES[0], SETTLEMENTS[0], True): (9, 900_00),
        Key(EFFECTS[1], CITIES[0], "signed_off", BATCHES[0], SETTLEMENTS[0], True): (3, 3 * 250_01),
    }
    found = Disclosure(cells, told_of(cells)).figure(Key(paid=True))
    assert found.amount_minor is None, "100.00 and 250.01 make 1,650.03 in one way only"
    low, high = found.amount_between
    for one_less_or_more in (-250_01, 250_01):
        assert low <= 1_650_03 + one_less_or_more <= high
    assert high - low >= 4 * 250_01


def test_the_whole_payment_is_told_where_other_numbers_cost_the_same():
    """9 of 1.00 and 3 of 2.00 make 15.00; so do 13 and 1, 11 and 2, 7 and 4: of the three nothing is told but "<5"."""
    cells = {
        Key(EFFECTS[0], CITIES[0], "signed_off", BATCHES[0], SETTLEMENTS[0], True): (9, 900),
        Key(EFFECTS[1], CITIES[0], "signed_off", BATCHES[0], SETTLEMENTS[0], True): (3, 600),
    }
    found = Disclosure(cells, told_of(cells))
    whole = found.figure(Key(paid=True))
    assert whole.amount_minor == 1_500 and whole.hidden
    assert found.figure(Key(EFFECTS[1], paid=True)) == Figure(None, small=True)


def test_a_hidden_count_hides_its_amount_and_that_of_the_whole():
    """Payment divided by price gives the count; so does the whole payment less that of the others."""
    cells = {
        Key(EFFECTS[0], CITIES[0], "signed_off", BATCHES[0], SETTLEMENTS[0], True): (9, 900),
        Key(EFFECTS[1], CITIES[0], "signed_off", BATCHES[0], SETTLEMENTS[0], True): (3, 753),
    }
    found = Disclosure(cells, told_of(cells))
    assert found.figure(Key(EFFECTS[1], paid=True)) == Figure(None, small=True)
    assert found.figure(Key(paid=True)).amount_minor is None, "1.00 and 2.51 make 16.53 in one way only"
    assert found.figure(Key(EFFECTS[1], paid=True), exact=True) == Figure(3, amount_minor=753)
    assert found.figure(Key(EFFECTS[1], CITIES[0], paid=True), knows={CITIES[0]}) == Figure(3, amount_minor=753)


@st.composite
def bonds(draw):
    """Claims of a bond in all their states: two municipalities, three effects, two sign-offs, one settlement; of one
    provider, or of two that each know their own."""
    cells, providers = {}, draw(st.sampled_from([[None], PROVIDERS]))
    for effect, city in itertools.product(EFFECTS, CITIES):
        for stage in STAGES:
            batch = draw(st.sampled_from(BATCHES)) if stage in ("signed_off", "rejected") else None
            settled = draw(st.sampled_from([None, *SETTLEMENTS])) if stage == "signed_off" else None
            provider = draw(st.sampled_from(providers))
            count = draw(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 14]))
            if count:
                cells[Key(effect, city, stage, batch, settled, settled is not None, provider)] = (count, 0)
    return cells


@settings(deadline=None, max_examples=40)
@given(bonds())
def test_no_equation_over_all_pages_tells_a_small_number(cells):
    """Everything shown to anybody, taken together, to who knows nobody, a municipality that knows its own residents,
    and a provider that knows whom it took in."""
    told, counts = told_of(cells), {key: count for key, (count, _) in cells.items()}
    for who in (None, *CITIES, *PROVIDERS):
        unknown = [cell for cell in counts if who is None or who not in (cell.payer, cell.provider)]
        equations = [[int(key.holds(cell)) for cell in unknown] for key in told.keys]
        basis = reduced(equations)
        for form in [*guarded_sums(counts), *([cell] for cell in counts)]:
            secret = [int(cell in form) for cell in unknown]
            if is_small(sum(counts[cell] for cell in unknown if cell in form)):
                assert any(rest(secret, basis)), f"{who} works out {form}"


def reduced(equations):
    """The equations in echelon form: (place of the leading one, row)."""
    basis = []
    for row in equations:
        left = rest(row, basis)
        lead = next((n for n, value in enumerate(left) if value), None)
        if lead is not None:
            basis.append((lead, [value / left[lead] for value in left]))
    return basis


def rest(row, basis):
    left = [Fraction(value) for value in row]
    for lead, known in basis:
        if left[lead]:
            left = [a - left[lead] * b for a, b in zip(left, known, strict=True)]
    return left


@settings(deadline=None, max_examples=40)
@given(bonds())
def test_no_row_contradicts_itself(cells):
    """What is part of a figure is said to be no more than it, and the figure no less than its part; and it is true."""
    told, counts = told_of(cells), {key: count for key, (count, _) in cells.items()}
    total = {key: sum(n for cell, n in counts.items() if key.holds(cell)) for key in {*told.keys, *told.ranges}}
    for key, (low, high) in told.ranges.items():
        assert low <= total[key] <= high
        mine = {cell for cell in counts if key.holds(cell)}
        for other in total:
            least, most = told.ranges.get(other, (total[other], total[other]))
            parts = {cell for cell in counts if other.holds(cell)}
            if parts and parts < mine and least < high:  # one that would name the number stays as it was
                assert low >= least, f"{key.words} {low}-{high} holds {other.words} {least}-{most}"
            if mine < parts and most > low:
                assert high <= most, f"{key.words} {low}-{high} is part of {other.words} {least}-{most}"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9]), min_size=1, max_size=4))
def test_no_world_but_one_would_tell(numbers):
    """Every list of counts that fits the figures and the marks: no hidden small count is the same in all of them."""
    counts = {str(n): count for n, count in enumerate(numbers)}
    told, total = one_list(**counts), sum(numbers)

    def fits(name, real, count):
        if name in told.keys:
            return count == real
        if name in told.ranges:
            return told.ranges[name][0] <= count <= told.ranges[name][1]
        return is_small(count) if name in told.marked else count > 0

    tried = [[n for n in range(25) if fits(str(at), real, n)] for at, real in enumerate(numbers)]
    worlds = [world for world in itertools.product(*tried) if fits("all", total, sum(world))]
    for at, n in enumerate(numbers):
        if is_small(n):
            assert len({world[at] for world in worlds}) > 1
