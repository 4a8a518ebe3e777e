"""Which claims are read first: a shared document, an issuer that does not fit and an effect that was reached earlier
than it can last are each a high risk; an earlier rejection is some (domain, sections 4 and 7)."""

from datetime import date

import pytest

from app.extensions import db
from app.intake.models import BaselineScore
from app.outcomes.models import ClockRun
from app.outcomes.states import ClaimState
from app.pricing.models import EvidenceType
from app.programmes.models import LifeDomain
from app.verification.queries import level_of, work
from tests.factories.outcomes import make_claim, make_lasting, make_participant


@pytest.fixture
def bond(app):
    return make_lasting()


def level(bond, claim):
    return next(level_of(row.risk) for row in work(bond.programme, bond.assessor, 1, str).rows if row.id == claim.id)


def person(bond, started_on):
    """With a baseline, as most have: that there is none is a sign of its own."""
    made = make_participant(bond, started_on=started_on)
    make_baseline(bond, made)
    return made


def make_baseline(bond, of):
    about = {"score": 3, "observed_on": of.started_on, "scored_by_id": bond.provider.id}
    db.session.add_all(BaselineScore(participant=of, life_domain=domain, **about) for domain in LifeDomain)
    db.session.commit()


@pytest.mark.parametrize(
    "code, started_on, achieved_on, expected",
    [
        ("home-3m", date(2026, 1, 31), date(2026, 4, 29), "high"),  # 30 April has no 31st: the day before is early
        ("home-3m", date(2026, 1, 31), date(2026, 4, 30), "low"),
        ("home-3m", date(2026, 1, 15), date(2026, 4, 14), "high"),
        ("home-3m", date(2026, 1, 15), date(2026, 4, 15), "low"),
        ("home-6m", date(2025, 12, 15), date(2026, 4, 15), "high"),  # over the turn of a year
        ("work-13w", date(2026, 2, 2), date(2026, 5, 3), "high"),  # 13 weeks after 2 February is 4 May
        ("work-13w", date(2026, 2, 2), date(2026, 5, 4), "low"),
        ("home-start", date(2026, 2, 2), date(2026, 2, 2), "low"),  # lasts for nothing
    ],
)
def test_an_effect_that_was_reached_too_early_is_a_high_risk(bond, code, started_on, achieved_on, expected):
    facts = {"evidence_type": EvidenceType.REGISTRY, "evidence_issuer": "registry"}
    claim = make_claim(bond, person(bond, started_on), code, achieved_on=achieved_on, **facts)
    assert level(bond, claim) == expected


def test_it_counts_from_the_clock_that_was_noted(bond, browse):
    someone = person(bond, date(2026, 1, 5))
    run = {"chain": "work-13w", "started_on": date(2026, 2, 2), "noted_by_id": bond.provider.id}
    claim = make_claim(bond, someone, "work-13w", achieved_on=date(2026, 4, 10), evidence_issuer="employer")
    page = browse(bond.assessor).get_ok(f"/claims/{claim.id}").text
    assert "9 January 2026 at the latest; no start of a clock was noted" in page, "13 weeks before 10 April"
    assert level(bond, claim) != "high"
    db.session.add(ClockRun(participant=someone, programme_id=bond.programme.id, **run))
    db.session.commit()
    assert level(bond, claim) == "high"
    assert "no start of a clock was noted" not in browse(bond.assessor).get_ok(f"/claims/{claim.id}").text


def test_a_start_before_the_participant_is_said(bond, browse):
    claim = make_claim(bond, person(bond, date(2026, 3, 2)), "work-13w", achieved_on=date(2026, 3, 7))
    page = browse(bond.assessor).get_ok(f"/claims/{claim.id}").text
    assert "6 December 2025 at the latest" in page
    assert "That is before the participant started, on 2 March 2026." in page


def test_an_issuer_that_does_not_fit_is_a_high_risk_and_a_rejection_some(bond):
    start = date(2026, 1, 5)
    landlord = {"evidence_type": EvidenceType.LANDLORD, "achieved_on": date(2026, 3, 2)}
    odd = make_claim(bond, person(bond, start), "home-start", evidence_issuer="employer", **landlord)
    fits = make_claim(bond, person(bond, start), "home-start", evidence_issuer="landlord", **landlord)
    typed = make_claim(bond, person(bond, start), "home-start", evidence_issuer="Woonborg", **landlord)
    again = person(bond, start)
    make_claim(bond, again, "level-1", ClaimState.REJECTED)
    second = make_claim(bond, again, "home-start", evidence_issuer="landlord", **landlord)
    assert [level(bond, one) for one in (odd, fits, typed, second)] == ["high", "low", "low", "medium"]


def test_a_document_under_claims_of_two_people_is_a_high_risk(bond):
    start = date(2026, 1, 5)
    landlord = {"evidence_type": EvidenceType.LANDLORD, "evidence_issuer": "landlord", "achieved_on": date(2026, 3, 2)}
    shared = [make_claim(bond, person(bond, start), "home-start", evidence_digest="a" * 64, **landlord) for _ in (1, 2)]
    withdrawn = person(bond, start)
    make_claim(bond, withdrawn, "home-start", ClaimState.WITHDRAWN, evidence_digest="b" * 64, **landlord)
    beside = make_claim(bond, person(bond, start), "home-start", evidence_digest="b" * 64, **landlord)
    alone = person(bond, start)  # one paper proves two effects of the same person
    own = [
        make_claim(bond, alone, code, evidence_digest="c" * 64, **landlord | {"achieved_on": day})
        for code, day in (("home-start", date(2026, 3, 2)), ("home-3m", date(2026, 6, 5)))
    ]
    dated = landlord | {"evidence_on": date(2026, 3, 4)}  # five with the same dates would be a sign
    nothing = [make_claim(bond, person(bond, start), "home-start", evidence_digest="", **dated) for _ in (1, 2)]
    assert [level(bond, one) for one in (*shared, beside)] == ["high"] * 3
    assert [level(bond, one) for one in (*own, *nothing)] == ["low"] * 4
