"""Who may sign for an organisation is recorded with proof and period, and checked when it signs (issue 6)."""

import uuid
from datetime import timedelta

import pytest
from flask_security import hash_password

from app.agreements.amendment_operations import consent_to_amendment, refuse_amendment
from app.agreements.authority_models import How, Signature, SignedKind, SigningAuthority
from app.agreements.authority_operations import AuthorityFacts, record_authority, revoke_authority
from app.agreements.operations import sign_agreement
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from tests.factories.agreements import PASSWORD, make_bond, offer
from tests.factories.amendments import make_signed, propose
from tests.factories.people import make_user
from tests.told import told, words_told

AGREEMENTS = [SignedKind.AGREEMENT]


def allow(user, *kinds, how=How.ALONE, manager=None, **facts):
    defaults = {"proof": "Mandate register 2026-4", "from_on": clock.today(), "until_on": None}
    said = AuthorityFacts(kinds=kinds or AGREEMENTS, how=how, **(defaults | facts))
    return record_authority(user.organisations[0], user, said, actor=manager or user, once=uuid.uuid4())


def colleague_of(user):
    found = make_user(user.organisations[0])
    found.password = hash_password(PASSWORD)
    db.session.commit()
    return found


@pytest.fixture
def offered(app):
    bond = make_bond()
    return bond, offer(bond)


def sign(agreement, user):
    return sign_agreement(agreement, user.organisations[0], agreement.digest, actor=user)


def test_recorded_by_a_manager_on_the_page_and_told_to_every_manager(offered, browse):
    bond, _agreement = offered
    organisation, colleague = bond.official.organisations[0], colleague_of(bond.official)
    path = f"/organisations/{organisation.id}/signing"
    assert "any member signs" in browse(bond.official).get_ok(path).text
    typed = {"person": str(colleague.id), "kinds": ["agreement", "end"], "how": "alone", "proof": "Besluit 2026-4"}
    typed |= {"from_on": clock.today().isoformat(), "password": PASSWORD}
    unknown = browse(bond.official).post_form(f"{path}/record", typed | {"password": "not my password"})
    assert unknown.status_code == 422 and "not your password" in unknown.text
    missing = browse(bond.official).post_form(f"{path}/record", typed | {"proof": ""})
    assert missing.status_code == 422
    assert browse(bond.official).post_form(f"{path}/record", typed).status_code == 303
    authority = db.session.scalars(db.select(SigningAuthority)).one()
    assert (authority.kinds, authority.proof) == (["agreement", "end"], "Besluit 2026-4")
    assert told("authority.record") == {user.email for user in organisation.people()}
    assert "Besluit 2026-4" in browse(colleague).get_ok(path).text
    refused = browse(bond.provider).get(f"{path}/record")
    assert refused.status_code == 403 and "in this bond" not in refused.text
    assert browse(bond.provider).get(path).status_code == 403


def test_once_somebody_is_recorded_only_they_sign(offered, browse):
    bond, agreement = offered
    colleague = colleague_of(bond.provider)
    allow(colleague, manager=bond.provider)
    shown = browse(bond.provider).get_ok(f"/agreements/{agreement.id}").text
    assert "you are not among them" in shown and f"/agreements/{agreement.id}/sign" not in shown
    answer = browse(bond.provider).post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD})
    assert answer.status_code == 403
    assert "you are not among them" in answer.text
    assert db.session.scalars(db.select(Signature)).all() == []
    assert sign(agreement, colleague)
    db.session.expire_all()
    assert "Mandate register 2026-4" in browse(bond.official).get_ok(f"/agreements/{agreement.id}").text
    assert sign(agreement, bond.official), "an organisation that recorded nobody is signed for by its members"
    assert "no signing authority recorded" in browse(bond.official).get_ok(f"/agreements/{agreement.id}").text


@pytest.mark.parametrize("period", [(1, None), (-9, -1)])
def test_outside_its_period_a_mandate_is_none(offered, period):
    bond, agreement = offered
    first, last = (None if days is None else clock.today() + timedelta(days=days) for days in period)
    with clock.at(min(clock.now(), clock.local(first, 12))):
        allow(bond.provider, from_on=first, until_on=last)
    with pytest.raises(NotYours, match="not among them today"):
        sign(agreement, bond.provider)


def test_what_was_revoked_signs_nothing_more(offered, browse):
    bond, agreement = offered
    authority = allow(bond.provider)
    assert browse(bond.official).get(f"/signing-authorities/{authority.id}/revoke").status_code == 404
    assert browse(bond.provider).post_form(f"/signing-authorities/{authority.id}/revoke").status_code == 303
    db.session.expire_all()
    with pytest.raises(NotYours):
        sign(agreement, bond.provider)
    with pytest.raises(NotNow):
        revoke_authority(authority, actor=bond.provider)


def test_two_who_sign_together_are_two_people(offered, browse):
    bond, agreement = offered
    colleague = colleague_of(bond.provider)
    for user in (bond.provider, colleague):
        allow(user, how=How.JOINTLY, manager=bond.provider)
    answer = browse(bond.provider).post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD})
    assert answer.status_code == 303
    db.session.expire_all()
    mine = next(one for one in agreement.parties if one.organisation_id in bond.provider.organisation_ids)
    assert mine.signed_at is None, "one of two does not bind the organisation"
    assert "signed by one of two" in browse(bond.official).get_ok(f"/agreements/{agreement.id}").text
    assert "a second signature is needed" in words_told("agreement.sign")
    shown = browse(bond.provider).get_ok(f"/agreements/{agreement.id}").text
    assert "You have signed already" in shown and f"/agreements/{agreement.id}/sign" not in shown
    assert "Sign the agreement" not in browse(bond.provider).get_ok("/home").text
    assert "Sign the agreement" in browse(colleague).get_ok("/home").text
    with pytest.raises(NotNow, match="second signatory"):
        sign(agreement, bond.provider)
    assert sign(agreement, colleague)
    assert (mine.signed_by_id, len(db.session.scalars(db.select(Signature)).all())) == (colleague.id, 2)


def test_who_signed_an_amendment_is_offered_no_form_again(app, browse):
    """The first of two hears at once that a second is waited for, not after typing the password; the second signs."""
    bond, agreement = make_signed()
    amendment = propose(bond, agreement)
    url = f"/amendments/{amendment.id}/consent"
    allow(bond.provider, SignedKind.AMENDMENT, how=How.JOINTLY)
    second = colleague_of(bond.provider)
    allow(second, SignedKind.AMENDMENT, how=How.JOINTLY, manager=bond.provider)
    browse(bond.provider).get_ok(url)
    consent_to_amendment(amendment, bond.provider.organisations[0], amendment.digest, actor=bond.provider)
    answer = browse(bond.provider).get(url)
    assert answer.status_code == 409 and "You have signed already" in answer.text
    browse(second).get_ok(url)


def test_the_newer_record_takes_the_place_of_the_older(offered, browse):
    """Who was to sign alone and is now to sign together no longer signs alone; other kinds stay as they were."""
    bond, agreement = offered
    allow(bond.provider, SignedKind.AGREEMENT, SignedKind.END)
    allow(bond.provider, how=How.JOINTLY)
    valid = [one for one in db.session.scalars(db.select(SigningAuthority)) if one.is_valid]
    assert {(*one.kinds, one.how) for one in valid} == {("agreement", How.JOINTLY), ("end", How.ALONE)}
    assert not sign(agreement, bond.provider), "one of two"
    page = f"/organisations/{bond.provider.organisations[0].id}/signing"
    assert "Only one person is recorded for agreements," in browse(bond.provider).get_ok(page).text
    allow(colleague_of(bond.provider), manager=bond.provider)
    assert "Only one person" not in browse(bond.provider).get_ok(page).text


def test_it_says_whose_place_it_takes(offered, browse):
    """In the notice to every manager and on the page, at both records; a first record replaces nothing."""
    bond, _agreement = offered
    allow(bond.provider, SignedKind.AGREEMENT, SignedKind.END)
    assert "takes the place" not in words_told("authority.record")
    newer = allow(bond.provider, how=How.JOINTLY)
    assert "It takes the place of what was recorded on" in words_told("authority.record")
    assert "agreements, the end of an agreement, alone." in words_told("authority.record")
    (earlier,) = newer.replaces
    assert earlier.how == How.ALONE and earlier.replaced_by is newer
    text = browse(bond.provider).get_ok(f"/organisations/{bond.provider.organisations[0].id}/signing").text
    assert "Takes the place of what was recorded on" in text and "(alone)" in text
    assert text.count("Replaced by what was recorded on") == 1 and "replaced" in text


def test_an_older_record_lasts_until_the_newer_begins(offered):
    bond, _agreement = offered
    older = allow(bond.provider, SignedKind.AGREEMENT, SignedKind.END)
    begins = clock.today() + timedelta(days=10)
    allow(bond.provider, how=How.JOINTLY, from_on=begins)
    assert older.is_valid and older.until_on == begins - timedelta(days=1) and older.revoked_at is None
    with clock.at(clock.now() + timedelta(days=11)):
        valid = [one for one in db.session.scalars(db.select(SigningAuthority)) if one.is_valid]
        assert {(*one.kinds, one.how) for one in valid} == {("agreement", How.JOINTLY), ("end", How.ALONE)}


def test_a_mandate_for_one_kind_is_none_for_another(app):
    bond, agreement = make_signed()
    colleague = colleague_of(bond.provider)
    allow(colleague, SignedKind.AMENDMENT, manager=bond.provider)
    amendment = propose(bond, agreement)
    organisation = bond.provider.organisations[0]
    with pytest.raises(NotYours):
        consent_to_amendment(amendment, organisation, amendment.digest, actor=bond.provider)
    with pytest.raises(NotYours):
        refuse_amendment(amendment, organisation, "No.", actor=bond.provider)
    assert consent_to_amendment(amendment, organisation, amendment.digest, actor=colleague)


def test_what_makes_no_mandate_is_refused(offered):
    bond, _agreement = offered
    with pytest.raises(Refused, match="Say where"):
        allow(bond.provider, proof="")
    with pytest.raises(Refused, match="has ended"):
        allow(bond.provider, until_on=clock.today() - timedelta(days=1))
    with pytest.raises(Refused, match="does not belong"):
        facts = AuthorityFacts(AGREEMENTS, How.ALONE, "x", clock.today())
        record_authority(bond.provider.organisations[0], bond.partner, facts, actor=bond.provider, once=uuid.uuid4())
    plain = colleague_of(bond.provider)
    plain.memberships[0].is_manager = False
    db.session.commit()
    with pytest.raises(NotYours):
        allow(plain)
