"""What figures do not show is said before the assessor decides, and under its seal (domain, sections 4 and 8)."""

import pytest

from app.extensions import db
from app.outcomes.models import MeasurementBasis
from app.outcomes.states import ClaimState
from app.outcomes.weighing import doubts_about
from app.pricing.models import Counterfactual
from tests.browser import soup
from tests.factories.outcomes import make_every_kind, make_measurement


def measured(bond, value="0.6", low="0.57", high="0.64", people=1_000, beside="0.5", **facts):
    made = make_measurement(bond, "coupon", bond.enschede, value=value, state=ClaimState.SUBMITTED, **facts)
    basis = {"source": "Register", "method": Counterfactual.MATCHED, "low": low, "high": high}
    db.session.add(MeasurementBasis(measurement=made, people=people, compared=people, compared_value=beside, **basis))
    db.session.commit()
    return made


@pytest.fixture
def bond(app):
    return make_every_kind()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"low": "0.49", "high": "0.7"}, ["contains what was found", "contains the threshold"]),
        ({"low": "0.5", "high": "0.7"}, ["contains what was found", "contains the threshold"]),  # at its very end
        ({"low": "0.54"}, ["contains the threshold"]),  # Newpin pays from 0.55 on
        ({"low": "0.55"}, []),
        ({"value": "0.44", "people": 13, "low": "0.43", "high": "0.6", "beside": "0.2"}, ["No whole number of 13"]),
        ({"value": "0.46", "people": 13, "low": "0.43", "high": "0.6", "beside": "0.2"}, []),  # 6 of 13 is 0.4615
    ],
)
def test_only_what_the_figures_leave_open_is_said(bond, facts, words):
    told = [one for one in doubts_about(measured(bond, **facts)) if "percentage points" not in one]
    assert [word in line for word, line in zip(words, told, strict=True)] == [True] * len(words)


def test_the_assessor_reads_it_before_it_decides(bond, browse):
    made = measured(bond, value="0.44", low="0.2", high="0.7", people=13, beside="0.4")
    page = soup(browse(bond.assessor).get_ok(f"/measurements/{made.id}/verify")).select_one("main").text
    for words in ("0.2 to 0.7", "No difference is shown", "contains what was found or expected without",
                  "No whole number", "The same share in the comparison group",
                  "Smallest difference that groups of this size show"):  # fmt: skip
        assert words in page
