"""What an investor may expect, computed by the engine from the published table (issue 2: scenarios before committing).

The table: 2,500.00 less 20 % is 2,000.00 per person; 70 participants; so 100 % pays 140,000.00.
"""

from datetime import date

import pytest

from app.capital.allotment import AllotmentRule
from app.capital.models import Tranche, TrancheTerms
from app.capital.queries import outlook
from app.capital.scenario import outcome_minor, per_person_minor
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme


@pytest.fixture
def round(app):
    programme = make_programme(starts_on=date(2026, 1, 1), tail_until=date(2028, 1, 1))
    return make_round(programme, target_minor=10_000_000, minimum_minor=1)


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
