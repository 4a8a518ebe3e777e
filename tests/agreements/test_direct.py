"""A bond without a tender comes to its agreement by the providers that were named; no evaluation is needed."""

import uuid
from datetime import timedelta

import pytest

from app.agreements.invariants import agreements_say_what_was_signed
from app.agreements.models import Agreement
from app.agreements.operations import draft_agreement, offer_agreement
from app.agreements.states import AgreementState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.direct.models import DirectAward
from app.direct.states import DirectState
from app.extensions import db
from app.intake.models import Participant
from app.pricing.states import TableState
from app.programmes.models import Part, Party
from app.programmes.states import Phase
from tests.browser import soup
from tests.factories.agreements import PASSWORD
from tests.factories.direct import WHY_NO_TENDER, WHY_THESE, accept_all, make_direct, name
from tests.factories.outcomes import make_intake
from tests.factories.pricing import make_table


@pytest.fixture
def bond(app):
    return make_direct()


def drafted(bond, **volumes):
    return draft_agreement(
        bond.programme, "We agree.", volumes or {"work-13w": 30}, actor=bond.official, once=uuid.uuid4()
    )


def field_of(bond):
    return f"volume_{bond.table.effects[0].id.hex}"


def test_from_naming_to_in_force_through_the_pages(bond, browse):
    path = f"/programmes/{bond.programme.id}"
    lead, partner = bond.guardian.organisations[0], bond.house.organisations[0]
    official = browse(bond.official)
    typed = {"name": "Home together", "lead": str(lead.id), "partners": [str(partner.id)], "reason": WHY_THESE}
    assert official.post_form(f"{path}/providers/name", typed).status_code == 303
    award = db.session.scalars(db.select(DirectAward)).unique().one()
    for user in (bond.guardian, bond.house):
        said = {"contribution": f"The part of {user.organisations[0].name}."}
        assert browse(user).post_form(f"/direct-awards/{award.id}/accept", said).status_code == 303
    page = official.get_ok(f"{path}/agreement/draft")
    answer = official.submit(page, {"text": "We agree.", field_of(bond): "30"})
    assert answer.status_code == 303
    agreement = db.session.scalars(db.select(Agreement)).one()
    assert (agreement.evaluation_id, agreement.direct_award_id) == (None, award.id)
    assert browse(bond.intermediary).post_form(f"/agreements/{agreement.id}/offer").status_code == 303
    db.session.refresh(agreement)
    terms = agreement.terms
    assert (terms["award"], terms["direct"]["route_reason"], terms["direct"]["reason"]) == (
        None,
        WHY_NO_TENDER,
        WHY_THESE,
    )
    (only,) = terms["consortia"]
    assert (only["lot"], only["volumes"], only["discount_bp"]) == (None, {"work-13w": 30}, 0)
    assert [one["contribution"] for one in only["partners"]] == ["The part of Guardian.", "The part of House."]
    for user in bond.signers():
        reader = browse(user)
        shown = reader.get_ok(f"/agreements/{agreement.id}").text
        assert WHY_NO_TENDER in shown and WHY_THESE in shown
        assert reader.post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD}).status_code == 303
    db.session.expire_all()
    assert agreement.state == AgreementState.IN_FORCE
    assert (bond.programme.phase, award.state) == (Phase.DELIVERY, DirectState.AGREED)
    parties = set(db.session.scalars(db.select(Party.organisation_id).filter_by(part=Part.PROVIDER)))
    assert parties == {lead.id, partner.id}
    assert list(agreements_say_what_was_signed()) == []
    make_intake(bond.programme, lead, bond.official)
    intake = {"municipality": str(bond.programme.lead_id), "age_band": "18-20"}
    intake |= {"started_on": "2026-02-01", "informed_on": "2026-01-31", "late_reason": "The paper form came late."}
    assert browse(bond.guardian).post_form(f"{path}/participants/register", intake).status_code == 303
    assert db.session.scalars(db.select(Participant)).one().lot_id is None


def test_not_before_everybody_who_is_named_has_answered(bond, browse):
    path = f"/programmes/{bond.programme.id}/agreement/draft"
    official = browse(bond.official)
    assert "No service provider is named yet" in official.get(path).text
    name(bond)
    answer = official.get(path)
    assert answer.status_code == 409
    assert "Guardian, House" in answer.text
    with pytest.raises(NotNow):
        drafted(bond)


@pytest.mark.parametrize(
    "typed, said", [("0", "at least one effect"), ("", "at least one effect"), ("-1", "whole number")]
)
def test_what_is_to_be_reached_is_laid_down(bond, browse, typed, said):
    accept_all(bond, name(bond))
    path = f"/programmes/{bond.programme.id}/agreement/draft"
    answer = browse(bond.official).post_form(path, {"text": "We agree on this.", field_of(bond): typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "We agree on this." in soup(answer).select_one("#text").text
    assert db.session.scalars(db.select(Agreement)).all() == []


def test_an_effect_that_is_not_in_the_table_is_refused(bond):
    accept_all(bond, name(bond))
    with pytest.raises(Refused, match="not in the price table"):
        drafted(bond, other=3)


def test_a_draft_is_changed_and_shows_what_was_laid_down(bond, browse):
    accept_all(bond, name(bond))
    drafted(bond)
    path = f"/programmes/{bond.programme.id}/agreement/draft"
    official = browse(bond.official)
    page = official.get_ok(path)
    assert soup(page).select_one(f"#{field_of(bond)}")["value"] == "30"
    assert official.submit(page, {field_of(bond): "35"}).status_code == 303
    db.session.expire_all()
    assert db.session.scalars(db.select(Agreement)).one().volumes == {"work-13w": 35}


def test_volumes_for_a_table_that_was_replaced_are_laid_down_anew(bond):
    """Prices and volumes belong together; nobody signs numbers that were meant for other prices."""
    accept_all(bond, name(bond))
    agreement = drafted(bond)
    with clock.at(clock.now() + timedelta(minutes=1)):
        bond.table.state = TableState.SUPERSEDED
        make_table(bond.programme, number=2)
    with pytest.raises(NotNow, match="Another price table"):
        offer_agreement(agreement, actor=bond.official)
    assert agreement.state == AgreementState.DRAFT


def test_once_it_is_offered_nobody_else_is_named(bond, browse):
    award = name(bond)
    accept_all(bond, award)
    offer_agreement(drafted(bond), actor=bond.official)
    assert award.state == DirectState.AGREED
    answer = browse(bond.official).get(f"/programmes/{bond.programme.id}/providers/name")
    assert answer.status_code == 409
    with pytest.raises(NotNow):
        name(bond)


def test_the_providers_draft_nothing_and_an_outsider_reads_nothing(bond, browse):
    accept_all(bond, name(bond))
    with pytest.raises(NotYours):
        draft_agreement(bond.programme, "Ours.", {"work-13w": 1}, actor=bond.guardian, once=uuid.uuid4())
    agreement = drafted(bond)
    assert browse(bond.guardian).get(f"/agreements/{agreement.id}").status_code == 404, "a draft is not for who signs"
    offer_agreement(agreement, actor=bond.official)
    assert browse(bond.guardian).get_ok(f"/agreements/{agreement.id}")
