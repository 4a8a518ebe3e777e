"""What figures do not show is said before the assessor decides, and under its seal (domain, sections 4 and 8)."""

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.outcomes.models import MeasurementBasis
from app.outcomes.proving import verify_proof
from app.outcomes.states import ClaimState
from app.outcomes.weighing import doubts_about
from app.pricing.models import Counterfactual
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_states import Edition
from tests.browser import soup
from tests.factories.outcomes import make_every_kind, make_measurement, make_participant


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


def test_who_verifies_in_spite_of_doubt_says_why_under_the_seal(bond, browse):
    """The conclusion rests on recorded grounds (ISO/IEC 17029): refused without them, told wherever it is described."""
    made, why = measured(bond, low="0.2", high="0.7", beside="0.4"), "Two registers agree, month by month."
    assert doubts_about(made)
    path = f"/measurements/{made.id}"
    for typed in ({}, {"words": "  "}):
        answer = browse(bond.assessor).post_form(f"{path}/verify", typed)
        assert answer.status_code == 422 and soup(answer).select_one("#words-error") is not None
    with pytest.raises(Refused) as refused:
        verify_proof(made, actor=bond.assessor)
    assert refused.value.field == "words"
    db.session.refresh(made)
    assert made.state == ClaimState.SUBMITTED
    person = make_participant(bond)
    answer = browse(bond.assessor).post_form(f"{path}/verify", {"words": f"Read for {person.code}."})
    assert answer.status_code == 422 and "code of a participant" in answer.text
    assert browse(bond.assessor).post_form(f"{path}/verify", {"words": why}).status_code == 303
    assert why in browse(bond.provider).get_ok(path).text
    batch = sign_off(bond.programme, "Read.", actor=bond.assessor)
    readers = ((Edition.FULL, None, True), (Edition.OWN, made.payer, True), (Edition.PLAIN, None, False))
    for edition, payer, reads in readers:
        document = document_of(verified_in(batch, None), edition, payer, "CODE")
        told = [text for section in document.sections for _name, text in section.facts]
        assert (why in told) is reads


def test_where_nothing_is_doubted_nobody_is_asked_why(bond, browse):
    made = measured(bond, low="0.55", people=4_000)  # groups that show a small difference
    assert doubts_about(made) == []
    path = f"/measurements/{made.id}/verify"
    assert soup(browse(bond.assessor).get_ok(path)).select_one("[name=words]") is None
    assert browse(bond.assessor).post_form(path).status_code == 303
