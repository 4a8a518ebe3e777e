"""What is measured for a cohort: who registers, who decides, what is refused, who is told, who may see it."""

import uuid
from datetime import date, timedelta

import pytest

from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.outcomes.basis import Basis
from app.outcomes.measurement_rules import MeasurementFacts
from app.outcomes.measuring import register_measurement
from app.outcomes.models import Measurement, RejectionReason
from app.outcomes.proving import question_proof, verify_proof
from app.outcomes.states import ClaimState
from app.pricing.models import Counterfactual, EvidenceType
from tests.browser import soup
from tests.factories.outcomes import (
    make_delivery,
    make_every_kind,
    make_measurement,
    make_participant,
)
from tests.factories.people import make_organisation
from tests.told import recorded, told, words_told

DIGEST = "ab" * 32
ON = date(2026, 5, 1)
FIGURES = {
    "coupon": {"value": "0.625"},
    "points": {"value": "12,5"},
    "events": {"cohort": "1", "treatment": "1390", "control": "1550"},
    "share": {"avoided_minor": "150,000.00"},
    "fee": {"quantity": "1"},
}
HOW = {"source": "Register of the court", "method": "matched", "people": "24", "compared": "140"}
BASIS = {
    "coupon": HOW | {"low": "0.5", "high": "0,75", "compared_value": "0,4"},
    "points": HOW | {"low": "8", "high": "17"},
    "events": HOW | {"low": "0.02", "high": "0.18"},
    "share": HOW | {"low": "90000", "high": "210000"},
}


@pytest.fixture
def bond(app):
    return make_every_kind()


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/measurements/add"


def at(bond, code):
    """The form for one effect."""
    return f"/programmes/{bond.programme.id}/measurements/add?effect={bond.effect(code).id}"


def typed(bond, code="coupon", **changes):
    form = {
        "payer": str(bond.hengelo.id),
        "achieved_on": str(ON),
        "evidence_type": "employer",
        "evidence_issuer": "employer",
        "evidence_on": str(ON),
        "evidence_digest": DIGEST,
        "note": "Half-yearly extract.",
    }
    return form | BASIS.get(code, {}) | FIGURES[code] | changes


def basis(**changes) -> Basis:
    known = {
        "source": "Register",
        "method": Counterfactual.MATCHED,
        "low": "0.5",
        "high": "0.75",
        "compared_value": "0.4",
    }
    return Basis(**(known | {"people": 24, "compared": 140} | changes))


def facts(bond, code="coupon", **changes) -> MeasurementFacts:
    defaults = {
        "effect": bond.effect(code),
        "payer": bond.hengelo,
        "achieved_on": ON,
        "evidence_type": EvidenceType.EMPLOYER,
        "evidence_issuer": "employer",
        "evidence_on": ON,
        "evidence_digest": DIGEST,
        "value": "0.625",
        "basis": basis(),
    }
    return MeasurementFacts(**(defaults | changes))


def measure(bond, **changes):
    return register_measurement(bond.programme, facts(bond, **changes), actor=bond.provider, once=uuid.uuid4())


@pytest.mark.parametrize(
    "code, kept",
    [
        ("coupon", {"value": "0.625"}),
        ("points", {"value": "12.5"}),
        ("events", {"cohort": "1", "treatment": "1390", "control": "1550"}),
        ("share", {"avoided_minor": 15_000_000}),
        ("fee", {"quantity": 1}),
    ],
)
def test_the_provider_registers_and_submits(bond, browse, code, kept):
    """Each kind by its own figures; the others stay empty."""
    browser = browse(bond.provider)
    page = browser.follow(browser.post_form(at(bond, code), typed(bond, code)))
    made = db.session.scalars(db.select(Measurement)).one()
    empty = dict.fromkeys(("value", "cohort", "treatment", "control"), "") | {"avoided_minor": None, "quantity": None}
    assert {name: getattr(made, name) for name in empty} == empty | kept
    assert (made.state, made.payer_id) == (ClaimState.REGISTERED, bond.hengelo.id)
    assert (made.provider_id, made.note) == (bond.provider.organisations[0].id, "Half-yearly extract.")
    assert recorded("measurement.register") == [{"effect": code, "municipality": "Hengelo", "evidence": DIGEST}]

    assert browser.submit(browser.click(page, "Submit")).status_code == 303
    db.session.refresh(made)
    assert made.state == ClaimState.SUBMITTED
    assert made.submitted_at is not None
    assert told("measurement.submit") == {bond.assessor.email}
    assert made.number in words_told("measurement.submit")
    assert recorded("measurement.submit") == [{}]
    assert browser.get(f"/measurements/{made.id}/submit").status_code == 409


@pytest.mark.parametrize(
    "code, changes, field",
    [
        ("coupon", {"payer": ""}, "payer"),
        ("coupon", {"value": ""}, "value"),
        ("coupon", {"value": "about a half"}, "value"),
        ("coupon", {"value": "1e5"}, "value"),
        ("coupon", {"achieved_on": "2027-01-01"}, "achieved_on"),
        ("coupon", {"achieved_on": "2025-12-31"}, "achieved_on"),
        ("coupon", {"evidence_type": "school"}, "evidence_type"),
        ("coupon", {"evidence_on": "2026-04-30"}, "evidence_on"),
        ("coupon", {"evidence_digest": "abc"}, "evidence_digest"),
        ("coupon", {"evidence_digest": ""}, "document"),
        ("coupon", {"note": "concerns 85073003328"}, "note"),
        ("events", {"cohort": ""}, "cohort"),
        ("events", {"cohort": "85073003328"}, "cohort"),
        ("events", {"treatment": "-1"}, "treatment"),
        ("events", {"treatment": "1.390"}, "treatment"),
        ("events", {"control": "1,550"}, "control"),
        ("events", {"control": "0"}, "control"),
        ("share", {"avoided_minor": "-5"}, "avoided_minor"),
        ("share", {"avoided_minor": ""}, "avoided_minor"),
        ("fee", {"quantity": "0"}, "quantity"),
        ("fee", {"quantity": ""}, "quantity"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(bond, browse, code, changes, field):
    answer = browse(bond.provider).post_form(at(bond, code), typed(bond, code, **changes))
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    for name in FIGURES[code]:
        assert soup(answer).select_one(f"#{name}")["value"] == typed(bond, code, **changes)[name]
    assert db.session.scalars(db.select(Measurement)).all() == []


@pytest.mark.parametrize("code", FIGURES)
def test_only_the_figures_of_the_chosen_effect_are_asked(bond, browse, code):
    """What another kind is measured by is not asked, and not kept when it is sent all the same."""
    every = {name: figure for figures in FIGURES.values() for name, figure in figures.items()}
    browser = browse(bond.provider)
    page = browser.get_ok(at(bond, code))
    assert {name for name in every if soup(page).select_one(f"[name={name}]")} == set(FIGURES[code])
    answer = browser.submit(page, typed(bond, code) | every | FIGURES[code], forged=True)
    assert answer.status_code == 303
    made = db.session.scalars(db.select(Measurement)).one()
    assert {name for name in every if getattr(made, name) not in ("", None)} == set(FIGURES[code])


def test_the_effect_is_chosen_first(bond, path, browse):
    browser = browse(bond.provider)
    page = browser.click(browser.get_ok(path), "Events")
    assert soup(page).select_one("#treatment") and not soup(page).select_one("#value")
    assert [row.th.text for row in soup(page).select("main tbody tr")] == ["Events"]
    assert browser.submit(page, typed(bond, "events")).status_code == 303
    for unknown in ("x", uuid.uuid4(), bond.effect("work").id):
        assert not soup(browser.get_ok(f"{path}?effect={unknown}")).select("main form")


def test_all_that_is_wrong_is_said_at_once(bond, browse):
    wrong = typed(bond, "events", treatment="x", control="0", evidence_on="2026-04-30", evidence_issuer="")
    answer = browse(bond.provider).post_form(at(bond, "events"), wrong)
    found = {error["id"] for error in soup(answer).select("[id$=-error]")}
    assert found == {"treatment-error", "control-error", "evidence_on-error", "evidence_issuer-error"}


def test_an_effect_per_participant_is_not_measured_and_a_measured_one_not_claimed(bond, browse):
    for code in ("work", "days"):
        with pytest.raises(Refused, match="per participant"):
            measure(bond, effect=bond.effect(code))
    person = make_participant(bond)
    page = soup(browse(bond.provider).get_ok(f"/participants/{person.id}/claim"))
    offered = {option.text for option in page.select("#effect option")}
    assert offered == {"Choose…", "Work", "Days"}
    page = soup(browse(bond.provider).get_ok(f"/programmes/{bond.programme.id}/measurements/add"))
    offered = [link.text for link in page.select("main a[href*='effect=']")]
    assert offered == ["Coupon", "Points", "Events", "Share", "Fee"]
    assert not page.select("main form")


def test_only_a_municipality_with_a_part_of_the_cohort_pays(bond):
    with pytest.raises(Refused, match="no part of the cohort"):
        measure(bond, payer=make_organisation(name="Deventer"))


def test_the_same_is_not_measured_twice_but_another_cohort_city_or_day_is(bond):
    interval = basis(low="0", high="1", compared_value="")
    events = {
        "value": "",
        "basis": interval,
        "cohort": "North",
        "treatment": "9",
        "control": "20",
        "effect": bond.effect("events"),
    }
    measure(bond, **events)
    with pytest.raises(Refused, match="once only"):
        measure(bond, **events | {"cohort": "NORTH", "treatment": "8"})
    for change in ({"cohort": "South"}, {"payer": bond.enschede}, {"achieved_on": ON - timedelta(days=1)}):
        measure(bond, **events | change)


def test_after_a_rejection_or_withdrawal_it_may_be_measured_anew(bond):
    for state in (ClaimState.REJECTED, ClaimState.WITHDRAWN):
        make_measurement(bond, "coupon", bond.hengelo, state, value="0.6", achieved_on=ON)
    assert measure(bond).state == ClaimState.REGISTERED


def test_a_double_click_is_one_measurement(bond):
    once = uuid.uuid4()
    first, second = (register_measurement(bond.programme, facts(bond), actor=bond.provider, once=once) for _ in "ab")
    assert first is second
    assert len(recorded("measurement.register")) == 1


def test_not_before_the_agreement_is_in_force_and_only_its_own_effects(bond, browse, path):
    other = make_delivery()
    with pytest.raises(Refused):
        measure(bond, effect=other.effect("work-13w"))
    bond.agreement.state = "signing"
    db.session.commit()
    with pytest.raises(NotNow):
        measure(bond)
    assert browse(bond.provider).get(path).status_code == 409


def test_only_provider_and_assessor_measure_and_only_the_assessor_decides(bond, browse, path):
    measurement = make_measurement(bond, "fee", bond.hengelo, quantity=1)
    for person in (bond.neighbour, bond.intermediary, bond.investor):
        assert browse(person).get(path).status_code == 403
        with pytest.raises(NotYours):
            register_measurement(bond.programme, facts(bond), actor=person, once=uuid.uuid4())
    for person in (bond.provider, bond.neighbour):
        for verb in ("verify", "reject"):
            assert browse(person).get(f"/measurements/{measurement.id}/{verb}").status_code == 403
        with pytest.raises(NotYours):
            verify_proof(measurement, actor=person)
    for verb in ("submit", "withdraw"):
        assert browse(bond.assessor).get(f"/measurements/{measurement.id}/{verb}").status_code == 403


def test_a_measurement_is_seen_by_provider_assessor_and_the_municipality_that_pays(bond, browse):
    """Its events may be few, so nobody else reads them (domain, section 9)."""
    measurement = make_measurement(bond, "events", bond.hengelo, cohort="1", treatment="3", control="7")
    listed = f"/programmes/{bond.programme.id}/measurements?state=all"
    for person in (bond.provider, bond.assessor, bond.neighbour):
        page = browse(person).get_ok(f"/measurements/{measurement.id}").text
        assert "3 events, against 7 in the comparison group" in page
        assert measurement.number in browse(person).get_ok(listed).text
    assert measurement.number not in browse(bond.official).get_ok(listed).text
    for person in (bond.official, bond.intermediary, bond.investor, bond.auditor):
        assert browse(person).get(f"/measurements/{measurement.id}").status_code == 404
    for person in (bond.intermediary, bond.investor, bond.auditor):
        assert browse(person).get(listed).status_code == 403
    assert browse().get(f"/measurements/{measurement.id}").status_code in (302, 303)


def test_every_digit_is_shown_as_the_reader_writes_it(bond, browse):
    measurement = make_measurement(bond, "coupon", bond.hengelo, value="1234.0000001")
    browser = browse(bond.provider)
    assert "1,234.0000001" in browser.get_ok(f"/measurements/{measurement.id}").text
    bond.provider.locale = "nl"
    db.session.commit()
    assert "1.234,0000001" in browser.get_ok(f"/measurements/{measurement.id}").text


def test_the_assessor_verifies(bond, browse):
    measurement = make_measurement(bond, "coupon", bond.hengelo, value="0.625")
    page = browse(bond.assessor).get_ok(f"/programmes/{bond.programme.id}/measurements").text
    assert measurement.number in page, "what waits for the assessor is shown at once"
    assert browse(bond.assessor).post_form(f"/measurements/{measurement.id}/verify").status_code == 303
    db.session.refresh(measurement)
    assert (measurement.state, measurement.decided_by_id) == (ClaimState.VERIFIED, bond.assessor.id)
    assert told("measurement.verify") == {bond.provider.email}
    assert recorded("measurement.verify") == [{}]
    assert browse(bond.assessor).get(f"/measurements/{measurement.id}/verify").status_code == 409


def test_the_assessor_rejects_with_a_reason_and_words(bond, browse):
    measurement = make_measurement(bond, "coupon", bond.hengelo, value="0.625")
    path = f"/measurements/{measurement.id}/reject"
    assert browse(bond.assessor).post_form(path, {"reason": "", "words": "x"}).status_code == 422
    assert browse(bond.assessor).post_form(path, {"reason": "double", "words": "85073003328"}).status_code == 422
    told_why = {"reason": "no_evidence", "words": "The extract covers another half-year."}
    assert browse(bond.assessor).post_form(path, told_why).status_code == 303
    db.session.refresh(measurement)
    assert (measurement.state, measurement.decision_reason) == (ClaimState.REJECTED, RejectionReason.NO_EVIDENCE)
    assert "another half-year" in browse(bond.provider).get_ok(f"/measurements/{measurement.id}").text
    assert told("measurement.reject") == {bond.provider.email}
    assert "another half-year" not in words_told("measurement.reject")
    assert recorded("measurement.reject") == [{"reason": "no_evidence"}]


def test_a_question_goes_back_and_forth(bond, browse):
    """As with a claim: the words stand on the page alone, and what is asked waits for its answer."""
    measurement = make_measurement(bond, "coupon", bond.hengelo, value="0.625")
    path = f"/measurements/{measurement.id}"
    asking = browse(bond.assessor)
    page = asking.get_ok(path)
    assert asking.submit(asking.click(page, "Ask the provider"), {"text": "Which quarter is this?"}).status_code == 303
    db.session.refresh(measurement)
    assert measurement.state == ClaimState.QUESTIONED
    assert (told("measurement.question"), recorded("measurement.question")) == ({bond.provider.email}, [{}])
    assert "quarter" not in words_told("measurement.question")
    listed = f"/programmes/{bond.programme.id}/measurements?state=questioned"
    assert measurement.number in asking.get_ok(listed).text
    with pytest.raises(NotNow):
        verify_proof(measurement, actor=bond.assessor)
    assert asking.get(f"{path}/question").status_code == 409

    answering = browse(bond.provider)
    assert "Questions of the assessor about measurements to answer" in answering.get_ok("/home").text
    page = answering.get_ok(f"{path}/answer")
    assert "Which quarter is this?" in page.text
    assert answering.submit(page, {"text": ""}).status_code == 422
    assert answering.submit(page, {"text": "85073003328 of the first"}).status_code == 422
    assert answering.submit(page, {"text": "The first."}).status_code == 303
    db.session.refresh(measurement)
    assert measurement.state == ClaimState.SUBMITTED
    assert told("measurement.answer") == {bond.assessor.email}
    assert "The first." in browse(bond.neighbour).get_ok(path).text, "the municipality that pays reads it too"
    with pytest.raises(Refused, match="national number"):
        question_proof(measurement, "Is it 85073003328?", actor=bond.assessor)
    db.session.refresh(measurement)
    assert (measurement.state, len(measurement.messages)) == (ClaimState.SUBMITTED, 2)
    verify_proof(measurement, actor=bond.assessor)


def test_only_the_assessor_asks_and_only_the_provider_answers(bond, browse):
    measurement = make_measurement(bond, "fee", bond.hengelo, quantity=1)
    asked = make_measurement(bond, "fee", bond.enschede, ClaimState.QUESTIONED, quantity=1)
    for person in (bond.provider, bond.neighbour):
        assert browse(person).get(f"/measurements/{measurement.id}/question").status_code == 403
    for person in (bond.assessor, bond.official):
        assert browse(person).get(f"/measurements/{asked.id}/answer").status_code == 403
    for person in (bond.intermediary, bond.investor):
        assert browse(person).get(f"/measurements/{asked.id}/answer").status_code == 404
    assert browse(bond.provider).post_form(f"/measurements/{asked.id}/withdraw").status_code == 303


def test_the_provider_takes_it_back_until_it_is_decided(bond, browse):
    registered = make_measurement(bond, "fee", bond.hengelo, ClaimState.REGISTERED, quantity=1)
    submitted = make_measurement(bond, "fee", bond.enschede, quantity=1)
    verified = make_measurement(bond, "coupon", bond.enschede, ClaimState.VERIFIED, value="0.6")
    browser = browse(bond.provider)
    assert browser.post_form(f"/measurements/{registered.id}/withdraw").status_code == 303
    assert told("measurement.withdraw") == set(), "the assessor never knew of it"
    assert browser.post_form(f"/measurements/{submitted.id}/withdraw").status_code == 303
    assert told("measurement.withdraw") == {bond.assessor.email}
    assert browser.get(f"/measurements/{verified.id}/withdraw").status_code == 409
    db.session.refresh(submitted)
    assert submitted.state == ClaimState.WITHDRAWN


def test_a_bond_whose_effects_are_all_claimed_per_participant_offers_no_measuring(app, browse):
    bond = make_delivery()
    browser = browse(bond.provider)
    assert "/measurements" not in browser.get_ok(f"/programmes/{bond.programme.id}/delivery").text
    assert "Nothing to measure" in browser.get_ok(f"/programmes/{bond.programme.id}/measurements").text
