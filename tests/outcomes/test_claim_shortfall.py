"""The compensation for missing participants is computed, claimed, verified and settled like an effect (domain, 3)."""

import uuid
from datetime import date

import pytest

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.outcomes import proving
from app.outcomes.measurement_rules import MeasurementFacts
from app.outcomes.measuring import register_measurement
from app.outcomes.models import Measurement
from app.outcomes.shortfall import claim_shortfall, compensations
from app.settlement.operations import prepare_settlement
from app.verification.signing import sign_off
from tests.browser import soup
from tests.factories.intake import MISSING, agree_on_intake, make_referral
from tests.factories.outcomes import make_delivery, make_participant
from tests.told import recorded

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def bond(app):
    """Enschede was to refer 10 and referred 4; 1 (10 %) may be missing: 5 are. Hengelo referred what it should."""
    bond = make_delivery(reserved_minor=50_000_000)
    plan = {bond.enschede.id: {"2026-02": 10}, bond.hengelo.id: {"2026-02": 2}}
    agree_on_intake(bond, plan, tolerance_bp=1_000)
    for _ in range(4):
        make_referral(bond, bond.enschede, referred_on=date(2026, 2, 3))
    for _ in range(2):
        make_referral(bond, bond.hengelo, referred_on=date(2026, 2, 3))
    return bond


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/shortfall/claim"


def test_from_the_count_to_the_money(bond, path, browse):
    browser = browse(bond.provider)
    page = browser.get_ok(path)
    assert "Hengelo" not in str(page.text.split("<select")[1].split("</select>")[0]), "nothing is missing there"
    assert browser.submit(page, {"payer": str(bond.enschede.id)}).status_code == 303
    made = db.session.scalars(db.select(Measurement)).unique().one()
    assert (made.quantity, made.payer, made.achieved_on) == (5, bond.enschede, OCTOBER)
    assert recorded("shortfall.claim") == [
        {"effect": MISSING, "municipality": "Enschede", "evidence": made.evidence_digest}
    ]
    assert compensations(bond.programme)[0].due == 0

    proving.submit_proof(made, actor=bond.provider)
    proving.verify_proof(made, actor=bond.assessor)
    sign_off(bond.programme, "Vergeleken met de aanmeldingen.", actor=bond.assessor)
    settlement = prepare_settlement(bond.programme, OCTOBER, actor=bond.intermediary, once=uuid.uuid4())
    assert settlement.paid_minor == 250_000, "5 places of 500.00"
    assert {one.payer.name: one.amount_minor for one in settlement.statements} == {"Enschede": 250_000}


def test_what_was_claimed_is_taken_off_and_what_comes_later_too(bond):
    claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    with pytest.raises(Refused) as refused:
        claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    assert refused.value.field == "payer"
    measurement = db.session.scalars(db.select(Measurement)).unique().one()
    proving.withdraw_proof(measurement, actor=bond.provider)
    make_referral(bond, bond.enschede, referred_on=date(2026, 10, 1))
    again = claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    assert again.quantity == 4, "withdrawn no longer counts, one more came"


def test_who_is_registered_long_after_the_start_is_told_beside_the_shortfall(bond, path, browse):
    """Two who started in March are registered now: 5 were claimed, 3 are missing, and both pages say why. Somebody who
    was registered on the day of the start is none of them."""
    told, since = "registered more than thirty days after their start", "More places were claimed before"
    make_participant(bond, bond.hengelo, started_on=date(2026, 3, 2))
    claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    pages = path, f"/programmes/{bond.programme.id}/intake"
    browser = browse(bond.provider)
    assert all(told not in browser.get_ok(one).text and since not in browser.get_ok(one).text for one in pages)
    for _ in range(2):
        make_participant(bond, bond.enschede, started_on=date(2026, 3, 2), created_at=clock.now())
    short = {one.payer: one.shortfall for one in compensations(bond.programme)}
    assert (short[bond.enschede].late, short[bond.enschede].missing) == (2, 3)
    assert short[bond.hengelo].late == 0
    assert all(told in browser.get_ok(one).text for one in pages)
    assert since in browser.get_ok(path).text


def test_a_second_claim_says_when_it_was_claimed(bond, path, browse):
    """Two pages are open; the second one hears what happened, in words and where it chose."""
    browser = browse(bond.provider)
    first, second = browser.get_ok(path), browser.get_ok(path)
    assert browser.submit(first, {"payer": str(bond.enschede.id)}).status_code == 303
    answer = browser.submit(second, {"payer": str(bond.enschede.id)})
    told = "What is missing up to and including 31 October 2026 was claimed already on 15 November 2026."
    assert answer.status_code == 422 and told in soup(answer).select_one("#payer-error").text
    assert db.session.query(Measurement).count() == 1


def test_home_leads_the_provider_to_what_it_can_claim(bond, path, browse):
    """Until it is claimed, and never who only pays or judges."""
    browser, task = browse(bond.provider), "Compensation for missing participants to claim"
    assert browser.click(browser.get_ok("/home"), task).request.path == path
    for other in (bond.assessor, bond.official, bond.intermediary):
        assert task not in browse(other).get_ok("/home").text
    claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    assert task not in browser.get_ok("/home").text


def test_a_double_click_is_one_claim(bond):
    once = uuid.uuid4()
    for _ in range(2):
        claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=once)
    assert db.session.query(Measurement).count() == 1


def test_it_is_never_typed(bond, browse):
    effect = bond.effect(MISSING)
    facts = MeasurementFacts(effect, bond.enschede, OCTOBER, effect.evidence_type, "x", OCTOBER, "0" * 64, quantity=99)
    with pytest.raises(Refused) as refused:
        register_measurement(bond.programme, facts, actor=bond.provider, once=uuid.uuid4())
    assert refused.value.field == "effect"
    page = browse(bond.provider).get_ok(f"/programmes/{bond.programme.id}/measurements/add")
    assert "Missing place" not in page.text


@pytest.mark.parametrize("who", ["assessor", "official", "intermediary", "investor", "auditor"])
def test_only_the_provider_claims_it(bond, path, browse, who):
    assert browse(getattr(bond, who)).get(path).status_code == 403
    with pytest.raises(NotYours):
        claim_shortfall(bond.programme, bond.enschede, actor=getattr(bond, who), once=uuid.uuid4())


def test_without_a_compensation_there_is_nothing_to_claim(bond, path, browse):
    agree_on_intake(bond, {bond.enschede.id: {"2026-02": 10}}, paid=False)
    assert browse(bond.provider).get(path).status_code == 409
    with pytest.raises(NotNow):
        claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
