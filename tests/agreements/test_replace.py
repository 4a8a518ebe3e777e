"""A party goes and another takes over with everybody's signature; what it did stays and counts (issue 6, agreements in
depth)."""

import uuid
from datetime import timedelta

import pytest

from app.agreements.amendment_models import Amendment
from app.agreements.amendment_queries import successors
from app.agreements.amendment_states import AmendmentKind, AmendmentState, LeaveCause
from app.agreements.due import run_due
from app.agreements.ending_models import EndingRules, WhoConsents
from app.agreements.invariants import agreements_say_what_was_signed, amendments_form_a_chain
from app.agreements.operations import offer_agreement, set_ending
from app.agreements.replacing import LeavingFacts, propose_replacement
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.people.models import Membership, OrganisationKind
from app.programmes.independence import judged_in
from app.programmes.models import Part, Party
from tests.browser import soup
from tests.factories.agreements import PASSWORD, draft, make_bond, sign_all
from tests.factories.amendments import consent_all, make_signed, signers
from tests.factories.people import make_organisation, make_user
from tests.told import recorded, words_told


@pytest.fixture
def signed(app):
    return make_signed()


def leave(bond, agreement, going, successor, cause=LeaveCause.WISH, days=10, actor=None):
    facts = LeavingFacts(going, successor, cause, clock.today() + timedelta(days=days), "It stops with this work.")
    return propose_replacement(agreement, facts, actor=actor or bond.official, once=uuid.uuid4())


def newcomer(kind=OrganisationKind.PROVIDER, **facts):
    user = make_user(make_organisation(kind, **facts))
    from flask_security import hash_password

    user.password = hash_password(PASSWORD)
    db.session.commit()
    return user


def participant(bond, provider):
    found = Participant(
        programme=bond.programme,
        code="K7-TEST",
        provider=provider,
        payer=bond.programme.lead,
        age_band=AgeBand("18-20"),
        started_on=clock.today(),
    )
    db.session.add(found)
    db.session.commit()
    return found


def parties(bond, part):
    found = db.select(Party.organisation_id).filter_by(programme_id=bond.programme.id, part=part)
    return set(db.session.scalars(found))


def test_a_partner_is_replaced_through_the_pages(signed, browse):
    bond, agreement = signed
    going, comes = bond.partner.organisations[0], newcomer()
    person = participant(bond, going)
    stranger = browse(comes)
    assert stranger.get(f"/agreements/{agreement.id}").status_code == 404
    typed = {"leaving": str(going.id), "successor": str(comes.organisations[0].id), "cause": "wish"}
    typed |= {"last_day": (clock.today() + timedelta(days=10)).isoformat(), "reason": "It moves away."}
    assert browse(bond.official).post_form(f"/agreements/{agreement.id}/replace", typed).status_code == 303
    amendment = db.session.scalars(db.select(Amendment)).unique().one()
    assert stranger.get_ok(f"/agreements/{agreement.id}"), "who is asked to join reads what it joins"
    assert stranger.get(f"/programmes/{bond.programme.id}/participants").status_code in (403, 404)
    for user in [*signers(bond), comes]:
        assert going.id in parties(bond, Part.PROVIDER)
        answer = browse(user).post_form(f"/amendments/{amendment.id}/consent", {"password": PASSWORD})
        assert answer.status_code == 303
    db.session.expire_all()
    assert amendment.state == AmendmentState.IN_FORCE
    assert parties(bond, Part.PROVIDER) >= {going.id, comes.organisations[0].id}, "both, to hand over"
    names = [one["organisation"]["name"] for one in agreement.terms["consortia"][0]["partners"]]
    assert comes.organisations[0].name in names and going.name not in names
    assert "until " in browse(bond.official).get_ok(f"/agreements/{agreement.id}").text

    assert run_due() == 0, "not before its last day is over"
    with clock.at(clock.now() + timedelta(days=11)):
        assert run_due() == 1
        assert run_due() == 0
        db.session.expire_all()
        assert going.id not in parties(bond, Part.PROVIDER)
        assert person.provider_id == comes.organisations[0].id, "its participants are helped on"
        assert browse(bond.partner).get(f"/agreements/{agreement.id}").status_code == 404
        assert browse(bond.partner).get(f"/participants/{person.id}").status_code == 404
        assert browse(comes).get_ok(f"/participants/{person.id}")
    assert recorded("party.leave")[0]["handed_over"] == 1
    assert going.id in judged_in(bond.programme), "whoever was a provider can never assess this bond"
    assert list(agreements_say_what_was_signed()) == list(amendments_form_a_chain()) == []


def test_an_insolvent_partner_is_not_asked_and_the_lead_takes_over(signed):
    bond, agreement = signed
    lead, going = bond.provider.organisations[0], bond.partner.organisations[0]
    amendment = leave(bond, agreement, going, lead, LeaveCause.INSOLVENT, days=0)
    assert amendment.kind == AmendmentKind.DEPARTURE
    assert going.id not in {one.organisation_id for one in amendment.consents}
    consent_all(amendment, [user for user in signers(bond) if user is not bond.partner])
    assert amendment.state == AmendmentState.IN_FORCE
    (only,) = agreement.terms["consortia"]
    assert [one["organisation"]["id"] for one in only["partners"]] == [str(lead.id)]
    assert going.name in words_told("amendment.propose") or bond.programme.title in words_told("amendment.propose")
    assert agreement.terms["volumes"] == agreement.amendments[0].terms["volumes"]


def test_the_one_who_leaves_at_its_own_wish_signs_too(signed):
    bond, agreement = signed
    amendment = leave(bond, agreement, bond.partner.organisations[0], bond.provider.organisations[0])
    consent_all(amendment, [user for user in signers(bond) if user is not bond.partner])
    assert amendment.state == AmendmentState.PROPOSED
    consent_all(amendment, [bond.partner])
    assert amendment.state == AmendmentState.IN_FORCE


def test_where_the_agreement_says_so_the_payers_and_the_intermediary_are_enough(app):
    bond = make_bond()
    agreement = draft(bond)
    set_ending(agreement, EndingRules(consents=WhoConsents.PAYERS), actor=bond.official)
    offer_agreement(agreement, actor=bond.official)
    sign_all(bond, agreement)
    comes = newcomer(OrganisationKind.ASSESSOR)
    amendment = leave(bond, agreement, bond.assessor.organisations[0], comes.organisations[0])
    asked = {one.organisation_id for one in amendment.consents}
    who = (bond.official, bond.second_payer, bond.intermediary, bond.assessor, comes)
    assert asked == {user.organisations[0].id for user in who}
    consent_all(amendment, list(who))
    assert agreement.terms["assessor"][0]["id"] == str(comes.organisations[0].id)


@pytest.mark.parametrize("who", ["investor", "payer"])
def test_money_is_not_replaced_here(signed, who):
    bond, agreement = signed
    going = {"investor": bond.investors[0], "payer": bond.second_payer}[who].organisations[0]
    with pytest.raises(Refused, match="Only a service provider"):
        leave(bond, agreement, going, bond.provider.organisations[0])


def test_a_successor_that_may_not_have_the_part_is_refused(signed):
    bond, agreement = signed
    going = bond.assessor.organisations[0]
    tied = newcomer(OrganisationKind.ASSESSOR)
    db.session.add(Membership(user_id=tied.id, organisation_id=bond.partner.organisations[0].id))
    db.session.commit()
    unvetted = newcomer(OrganisationKind.ASSESSOR, vetted_at=None)
    other_kind, inside = newcomer(OrganisationKind.PROVIDER), bond.investors[0]
    for user, said in ((tied, "in common"), (unvetted, "vetted"), (other_kind, "cannot be"), (inside, "another part")):
        with pytest.raises(Refused, match=said):
            leave(bond, agreement, going, user.organisations[0])
    with pytest.raises(Refused, match="Choose another"):
        leave(bond, agreement, going, going)
    with pytest.raises(Refused, match="between today"):
        leave(bond, agreement, going, newcomer(OrganisationKind.ASSESSOR).organisations[0], days=-1)


def test_one_who_left_signs_no_later_amendment(signed):
    bond, agreement = signed
    going = bond.partner.organisations[0]
    consent_all(leave(bond, agreement, going, bond.provider.organisations[0], days=3), signers(bond))
    later = leave(bond, agreement, bond.assessor.organisations[0], newcomer(OrganisationKind.ASSESSOR).organisations[0])
    assert going.id not in {one.organisation_id for one in later.consents}


def test_only_who_may_take_over_is_offered(signed, browse):
    """By part. Whoever is unvetted, has nobody who can sign, has a part already or is not independent is left out."""
    bond, agreement = signed
    provider, assessor = newcomer(), newcomer(OrganisationKind.ASSESSOR)
    tied = newcomer(OrganisationKind.ASSESSOR)
    db.session.add(Membership(user_id=tied.id, organisation_id=bond.partner.organisations[0].id))
    related = newcomer()
    db.session.add(Membership(user_id=bond.assessor.id, organisation_id=related.organisations[0].id))
    unvetted = newcomer(OrganisationKind.ASSESSOR, vetted_at=None)
    empty = make_organisation(OrganisationKind.ASSESSOR)
    db.session.commit()
    found = dict(successors(agreement))
    inside = {bond.provider.organisations[0], bond.partner.organisations[0]}
    assert inside | {provider.organisations[0]} <= set(found[Part.PROVIDER])
    assert assessor.organisations[0] in found[Part.ASSESSOR]
    everybody = {one for group in found.values() for one in group}
    assert not {tied.organisations[0], related.organisations[0], unvetted.organisations[0], empty} & everybody
    groups = soup(browse(bond.official).get_ok(f"/agreements/{agreement.id}/replace")).select("#successor optgroup")
    assert [one["label"] for one in groups] == [str(part.label).capitalize() for part in found if found[part]]
