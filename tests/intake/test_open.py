"""Nobody comes in before the leading municipality opened the intake: DPIA, ground, scale, key keeper (domain, 9)."""

import uuid
from datetime import date

import pytest

from app.agreements.states import AgreementState
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.intake.models import AgeBand, Intake, LegalBasis
from app.intake.operations import IntakeFacts, open_intake, register_participant
from app.intake.scales import Scale
from tests.browser import soup
from tests.factories.intake import intake_of, make_referral
from tests.factories.outcomes import START, make_delivery
from tests.told import recorded, told

FORM = {"legal_basis": "consent", "scale": "ladder"}


@pytest.fixture
def bond(app):
    bond = make_delivery()
    db.session.delete(intake_of(bond))
    db.session.commit()
    return bond


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/intake/open"


def facts(bond, **changes):
    keeper = bond.provider.organisations[0]
    return IntakeFacts(**({"scale": Scale.LADDER, "legal_basis": LegalBasis.CONSENT, "key_keeper": keeper} | changes))


def test_the_leading_official_opens_it(bond, path, browse):
    register = f"/programmes/{bond.programme.id}/participants/register"
    assert browse(bond.provider).get(register).status_code == 409
    keeper = bond.provider.organisations[0]
    answer = browse(bond.official).post_form(path, FORM | {"key_keeper": str(keeper.id)})
    assert answer.status_code == 303
    made = intake_of(bond)
    assert (made.scale, made.legal_basis, made.key_keeper) == (Scale.LADDER, LegalBasis.CONSENT, keeper)
    assert {bond.provider.email, bond.neighbour.email, bond.assessor.email} <= told("intake.open")
    assert recorded("intake.open")[0]["dpia"] == "DPIA-7"
    assert browse(bond.provider).get(register).status_code == 200
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/intake").text
    assert "Cantril, 1965" in page, "where the scale comes from"


@pytest.mark.parametrize("who", ["neighbour", "provider", "assessor", "intermediary", "investor", "auditor"])
def test_nobody_else_opens_it(bond, path, browse, who):
    assert browse(getattr(bond, who)).get(path).status_code == 403
    with pytest.raises(NotYours):
        open_intake(bond.programme, facts(bond), actor=getattr(bond, who), once=uuid.uuid4())


def test_without_a_dpia_it_is_asked_for(bond, path, browse):
    bond.programme.dpia_reference, bond.programme.dpia_on = "", None
    db.session.commit()
    browser = browse(bond.official)
    typed = FORM | {"key_keeper": str(bond.provider.organisations[0].id)}
    for reference, day, field in (("", "2026-01-01", "dpia_reference"), ("D-9", "2026-11-16", "dpia_on")):
        answer = browser.post_form(path, typed | {"dpia_reference": reference, "dpia_on": day})
        assert answer.status_code == 422
        assert soup(answer).select_one(f"#{field}-error")
    assert db.session.query(Intake).count() == 0
    assert browser.post_form(path, typed | {"dpia_reference": "D-9", "dpia_on": "2025-12-01"}).status_code == 303
    db.session.refresh(bond.programme)
    assert (bond.programme.dpia_reference, bond.programme.dpia_on) == ("D-9", date(2025, 12, 1))


def test_a_dpia_of_tomorrow_opens_nothing(bond):
    open_intake(bond.programme, facts(bond), actor=bond.official, once=uuid.uuid4())
    bond.programme.dpia_on = date(2026, 11, 16)
    db.session.commit()
    with pytest.raises(NotNow):
        start(bond)


def test_the_key_stays_with_a_provider_or_a_municipality(bond):
    with pytest.raises(Refused) as refused:
        outside = bond.investor.organisations[0]
        open_intake(bond.programme, facts(bond, key_keeper=outside), actor=bond.official, once=uuid.uuid4())
    assert refused.value.field == "key_keeper"


def test_it_waits_for_the_agreement(bond, path, browse):
    bond.agreement.state = AgreementState.OFFERED
    db.session.commit()
    assert browse(bond.official).get(path).status_code == 409


def test_it_stands_from_the_first_referral_on(bond):
    open_intake(bond.programme, facts(bond), actor=bond.official, once=uuid.uuid4())
    open_intake(bond.programme, facts(bond, scale=Scale.FIVE_STEPS), actor=bond.official, once=uuid.uuid4())
    assert intake_of(bond).scale == Scale.FIVE_STEPS
    make_referral(bond)
    with pytest.raises(NotNow):
        open_intake(bond.programme, facts(bond), actor=bond.official, once=uuid.uuid4())


def test_whoever_changes_it_finds_what_was_chosen(bond, path, browse):
    open_intake(bond.programme, facts(bond, scale=Scale.FIVE_STEPS), actor=bond.official, once=uuid.uuid4())
    page = soup(browse(bond.official).get_ok(path))
    chosen = {name: page.select_one(f"select[name={name}] option[selected]")["value"] for name in (*FORM, "key_keeper")}
    assert chosen == {
        "legal_basis": "consent",
        "scale": Scale.FIVE_STEPS,
        "key_keeper": str(bond.provider.organisations[0].id),
    }


def start(bond, **changes):
    return register_participant(
        bond.programme,
        bond.enschede,
        AgeBand.FROM_18,
        START,
        late_reason="The paper form came late.",
        actor=bond.provider,
        once=uuid.uuid4(),
        **changes,
    )


@pytest.mark.parametrize("informed_on, starts", [(None, False), (date(2026, 1, 2), False), (START, True)])
def test_nobody_starts_without_consent_where_that_is_the_ground(bond, informed_on, starts):
    """2 January is after the start."""
    open_intake(bond.programme, facts(bond), actor=bond.official, once=uuid.uuid4())
    if starts:
        assert start(bond, informed_on=informed_on).informed_on == START
        return
    with pytest.raises(Refused) as refused:
        start(bond, informed_on=informed_on)
    assert refused.value.field == "informed_on"
