"""A bond of two municipalities with a published table and a standing round, and its parties."""

from datetime import date

import pytest

from app.capital.models import Tranche, TrancheTerms
from app.capital.states import RoundState
from app.extensions import db
from app.programmes.models import BudgetYear, MunicipalityShare, Part
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def programme(app):
    """30 and 20 participants; 500,000.00 a year of the lead and 100,000.00 of the other are reserved."""
    programme = make_programme(cohort_size=30, ends_on=date(2027, 12, 31), tail_until=date(2028, 12, 31))
    other = make_party(programme, Part.GOVERNMENT)
    share = MunicipalityShare(programme=programme, organisation=other, cohort_size=20)
    share.budget = [BudgetYear(year=year, reserved_minor=10_000_000) for year in (2026, 2027, 2028)]
    db.session.add(share)
    db.session.commit()
    return programme


@pytest.fixture
def table(programme):
    """Work 2,000.00 after deadweight, then the same again for who keeps it; at most 3,500.00 a person. It does not say
    how many it expects."""
    table = make_table(programme, state="draft", effects=0, cap_per_person_minor=350_000)
    make_effect(table, expected_count=None)
    kept = {"name": "Twenty-six weeks of work", "requires": ["work-13w"], "price_minor": 250_000}
    make_effect(table, "work-26w", expected_count=None, **kept)
    table.state = "published"
    db.session.commit()
    return table


@pytest.fixture
def round(programme):
    tranches = [
        Tranche(name="Senior", rank=1, terms=TrancheTerms.RETURN, irr_cap_bp=400),
        Tranche(name="First loss", rank=2, terms=TrancheTerms.RETURN, irr_cap_bp=1_200),
    ]
    return make_round(programme, state=RoundState.STANDING, target_minor=6_000_000, minimum_minor=1, tranches=tranches)


@pytest.fixture
def investor(round):
    investor = make_investor(round)
    make_commitment(round, investor, 1_500_000, round.tranches[1])
    return investor


@pytest.fixture
def other_investor(round):
    other = make_investor(round)
    make_commitment(round, other, 3_000_000, round.tranches[0])
    make_commitment(round, other, 500_000, round.tranches[1])
    return other


@pytest.fixture
def official(programme):
    return make_user(programme.lead)


@pytest.fixture
def desk(programme):
    return make_user(make_party(programme, Part.INTERMEDIARY))


@pytest.fixture
def path(programme, table):
    return f"/programmes/{programme.id}/what-if"
