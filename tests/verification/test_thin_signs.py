"""What is often so and seldom wrong moves a claim up the list a little, and the judge reads why (domain, sections 4
and 7: by risk; none of it by who the provider is). One sign alone is still a low risk, two are some."""

from datetime import date, timedelta

import pytest

from app.core import clock
from app.evidence.models import EvidenceFile
from app.extensions import db
from app.outcomes.models import Claim
from app.pricing.models import EvidenceType
from app.verification.queries import level_of, work
from app.verification.words import SIGNS
from tests.browser import soup
from tests.evidence.test_keep import keep
from tests.factories.outcomes import make_claim, make_lasting, make_participant
from tests.verification.test_risk import make_baseline

START = date(2026, 1, 5)
REGISTRY = {"evidence_type": EvidenceType.REGISTRY, "evidence_issuer": "registry"}
THIN = ("no_baseline", "no_document", "together", "soon")


@pytest.fixture
def app(both):
    return both


@pytest.fixture
def bond(app):
    return make_lasting()


def claimed(bond, code="home-start", days=40, baseline=True, **facts):
    """Nothing odd about it, unless a test says so."""
    someone = make_participant(bond, started_on=START)
    if baseline:
        make_baseline(bond, someone)
    return make_claim(bond, someone, code, achieved_on=START + timedelta(days=days), **(REGISTRY | facts))


def risk(bond, claim):
    return next(row.risk for row in work(bond.programme, bond.assessor, 1, str).rows if row.id == claim.id)


def shown(browse, bond, claim):
    page = soup(browse(bond.assessor).get_ok(f"/claims/{claim.id}/judge"))
    told = [item.get_text() for item in page.select(".card li")]
    return {sign for sign in THIN if str(SIGNS[sign]) in told}


def test_what_has_none_has_no_risk(bond, browse):
    claim = claimed(bond)
    assert (risk(bond, claim), shown(browse, bond, claim)) == (0, set())


def test_no_baseline(bond, browse):
    claim = claimed(bond, baseline=False)
    assert (risk(bond, claim), shown(browse, bond, claim)) == (1, {"no_baseline"})


@pytest.mark.parametrize(
    "code, days, found",
    [("home-start", 0, True), ("home-start", 14, True), ("home-start", 15, False), ("work-13w", 91, False)],
)
def test_soon_after_the_start_where_nothing_has_to_last(bond, browse, code, days, found):
    claim = claimed(bond, code, days)
    assert (risk(bond, claim), "soon" in shown(browse, bond, claim)) == (int(found), found)


def test_an_effect_that_lasts_is_too_early_and_not_soon(bond, browse):
    assert shown(browse, bond, claimed(bond, "work-13w", 10)) == set()


def test_no_document_where_the_agreement_keeps_them(app, browse, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", tmp_path / "evidence")
    bond = make_lasting(kept_days=730)
    without, with_one, gone = (claimed(bond, days=days, state="registered") for days in (40, 41, 42))
    keep(bond, with_one)
    keep(bond, gone)
    db.session.execute(db.update(EvidenceFile).where(EvidenceFile.claim_id == gone.id).values(key=None))
    db.session.execute(db.update(Claim).values(state="submitted", submitted_at=clock.now()))
    db.session.commit()
    assert [risk(bond, one) for one in (without, with_one, gone)] == [1, 0, 1]
    assert [shown(browse, bond, one) for one in (without, with_one)] == [{"no_document"}, set()]


def test_many_in_one_go_with_the_same_dates(bond, browse):
    """Five of them; four are few. Another day, and the same day in another hour, are no part of it."""
    first = clock.now() - timedelta(days=3)

    def at(minutes, **facts):
        return claimed(bond, created_at=first + timedelta(minutes=minutes), **facts)

    few = [at(minutes, days=50) for minutes in (0, 1, 2, 3)]
    apart = [at(60 * hours, days=60) for hours in range(5)]
    many = [at(minutes) for minutes in (0, 1, 2, 3, 4)]
    dated = at(2, evidence_on=START + timedelta(days=45))
    for one in many:
        assert (risk(bond, one), shown(browse, bond, one)) == (1, {"together"})
    for one in (*few, *apart, dated):
        assert (risk(bond, one), shown(browse, bond, one)) == (0, set())


def test_one_is_a_low_risk_and_two_are_some(bond):
    assert level_of(risk(bond, claimed(bond, baseline=False))) == "low"
    assert level_of(risk(bond, claimed(bond, days=3, baseline=False))) == "medium"
