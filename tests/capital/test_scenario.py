"""What an investor may expect, computed by the engine from the published table (issue 2: scenarios before committing).

The table: 2,500.00 less 20 % is 2,000.00 per person; 70 participants; so 100 % pays 140,000.00.
"""

from datetime import date

import pytest

from app.capital.allotment import AllotmentRule
from app.capital.models import Tranche, TrancheTerms
from app.capital.queries import outlook_in_all, outlooks
from app.capital.scenario import limit_of, outcome_minor, per_person_minor
from app.extensions import db
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme


@pytest.fixture
def round(app):
    programme = make_programme(starts_on=date(2026, 1, 1), tail_until=date(2028, 1, 1))
    return make_round(programme, target_minor=10_000_000, minimum_minor=1)


def outlook(round, table, tranche, amount_minor):
    return outlooks(round, table, tranche, amount_minor)[0].scenarios


def figures(found):
    return [(s.percent, s.participants, s.paid_by_government, s.paid_in, s.paid_back) for s in found]


def test_nobody_half_and_everybody(round):
    table = make_table(round.programme)
    assert figures(outlook(round, table, round.tranches[0], 5_000_000)) == [
        (0, 0, 0, 5_000_000, 0),
        (50, 35, 7_000_000, 5_000_000, 3_500_000),
        (100, 70, 14_000_000, 5_000_000, 7_000_000),
    ]


def test_a_junior_stands_behind_the_rest_of_the_target(app):
    programme = make_programme(starts_on=date(2026, 1, 1), tail_until=date(2028, 1, 1))
    tranches = [
        Tranche(name="Senior", rank=1, terms=TrancheTerms.RETURN, irr_cap_bp=0),
        Tranche(name="First loss", rank=2, terms=TrancheTerms.RETURN),
    ]
    round = make_round(programme, target_minor=10_000_000, minimum_minor=1, tranches=tranches)
    found = outlook(round, make_table(programme), round.tranches[1], 2_000_000)
    # 8,000,000 senior get back 8,000,000 first; the junior takes what is left of 7,000,000 and 14,000,000.
    assert [s.paid_back for s in found] == [0, 0, 6_000_000]


def test_earlier_commitments_are_reckoned_with(round):
    table = make_table(round.programme)
    make_commitment(round, make_investor(round), 10_000_000)
    found = outlook(round, table, round.tranches[0], 10_000_000)
    assert [s.paid_back for s in found] == [0, 3_500_000, 7_000_000]


def test_ceilings_and_maxima_bind(round):
    table = make_table(round.programme, cap_contract_minor=10_000_000, cap_per_person_minor=150_000)
    assert per_person_minor(table, round.programme.shares[0]) == 150_000
    assert outcome_minor(table, round.programme.shares, 70) == 10_000_000
    round.programme.shares[0].budget[0].reserved_minor = 4_000_000
    for year in round.programme.shares[0].budget[1:]:
        year.reserved_minor = 0
    assert outcome_minor(table, round.programme.shares, 70) == 4_000_000


def test_a_guarantee_makes_up_for_capital_at_no_success(round):
    """Issue 6: what happens at 0 %. Of 10,000,000 at most 4,000,000 is made up; half of the tranche gets half."""
    table = make_table(round.programme)
    round.tranches[0].guarantee_minor, round.tranches[0].guarantor = 4_000_000, "Provincie"
    assert [s.paid_back for s in outlook(round, table, round.tranches[0], 5_000_000)] == [
        2_000_000,
        5_000_000,
        7_000_000,
    ]


def test_who_would_be_cut_pays_in_what_would_be_allotted(round):
    """10,000,000 for 20,000,000: half of it is allotted, and the scenario is of that half."""
    table = make_table(round.programme)
    round.allotment = AllotmentRule.PRO_RATA
    make_commitment(round, make_investor(round), 10_000_000)
    assert [s.paid_in for s in outlook(round, table, round.tranches[0], 10_000_000)] == [5_000_000] * 3


def test_the_limit_that_binds_is_named(round):
    """70 x 2,000.00 is 140,000.00: under a maximum of 100,000.00; over reservations of 50,000.00; else nothing."""
    table, shares = make_table(round.programme), round.programme.shares
    assert limit_of(table, shares, 70) is None
    for year in shares[0].budget:
        year.reserved_minor = 5_000_000 if year is shares[0].budget[0] else 0
    db.session.commit()
    assert str(limit_of(table, shares, 70).name) == "the reservations of the municipalities"
    capped = make_table(round.programme, cap_contract_minor=4_000_000)
    assert (str(limit_of(capped, shares, 70).name), limit_of(capped, shares, 70).amount_minor) == (
        "the maximum of the price table",
        4_000_000,
    )


def test_a_fuller_round_gives_each_less(round):
    """140,000.00 at full success over 100,000.00 of target is 1.4 times; over 200,000.00 it is 0.7 times."""
    round.target_minor, round.maximum_minor = 10_000_000, 20_000_000
    found = outlooks(round, make_table(round.programme), round.tranches[0], 1_000_000)
    assert [(one.whole_minor, one.full, one.scenarios[2].multiple) for one in found] == [
        (10_000_000, False, "1.4000"),
        (20_000_000, True, "0.7000"),
    ]


def test_what_is_committed_changes_nothing_for_all_together(round):
    """The bug: the whole target was added to what was committed, so that of a filled round 75,000 came back where of an
    empty one 109,000 did. At the target of 100,000.00: 70,000.00 at half success; at full success all 140,000.00."""
    round.maximum_minor = 20_000_000
    table = make_table(round.programme)
    empty = outlook_in_all(round, table)
    assert figures(empty.scenarios) == [
        (0, 0, 0, 10_000_000, 0),
        (50, 35, 7_000_000, 10_000_000, 7_000_000),
        (100, 70, 14_000_000, 10_000_000, 14_000_000),
    ]
    for minor in (6_000_000, 4_000_000):
        make_commitment(round, make_investor(round), minor)
        assert outlook_in_all(round, table) == empty


def test_a_target_that_is_passed_is_shown_no_more(round):
    """100,000.00 of a maximum of 200,000.00 is promised: a further cent makes "at the target" untrue."""
    round.maximum_minor = 20_000_000
    table = make_table(round.programme)
    make_commitment(round, make_investor(round), 10_000_000)
    assert [one.full for one in outlooks(round, table, round.tranches[0], 1_000_000)] == [True]
    assert outlooks(round, table, round.tranches[0], 1_000_000)[0].scenarios[2].multiple == "0.7000"


def test_the_guarantors_part_stands_apart(round):
    """Of 40,000.00 guaranteed, half falls to half of the tranche; where all capital comes back, nothing is paid."""
    table = make_table(round.programme)
    round.tranches[0].guarantee_minor, round.tranches[0].guarantor = 4_000_000, "Provincie"
    assert [one.by_guarantor for one in outlook(round, table, round.tranches[0], 5_000_000)] == [
        2_000_000,
        1_500_000,
        0,
    ]
