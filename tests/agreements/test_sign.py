"""Every party signs the same digest; the last signature puts the agreement in force (domain, section 3.5)."""

import pytest

from app.agreements.operations import sign_agreement
from app.agreements.states import AgreementState
from app.audit.models import AuditEntry
from app.core.errors import Changed, NotNow, NotYours
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership
from app.programmes.models import Part, Party
from app.programmes.states import Phase
from tests.factories.agreements import PASSWORD, draft, make_bond, offer, sign_all
from tests.factories.people import make_user


@pytest.fixture
def bond(app):
    return make_bond()


def signature(agreement, user):
    return next(party for party in agreement.parties if party.organisation_id == user.organisations[0].id)


def test_a_member_of_a_party_signs_with_the_password(bond, browse):
    agreement = offer(bond)
    reader = browse(bond.provider)
    page = reader.get_ok(f"/agreements/{agreement.id}/sign")
    assert agreement.digest in page.text
    answer = reader.submit(page, {"password": PASSWORD})
    assert answer.status_code == 303
    db.session.refresh(agreement)
    mine = signature(agreement, bond.provider)
    assert (mine.signed_by_id, mine.digest) == (bond.provider.id, agreement.digest)
    assert mine.signed_at is not None
    assert agreement.state == AgreementState.OFFERED
    assert bond.provider.name in reader.follow(answer).text  # still reads it, though no party of the bond yet
    told = db.session.scalars(db.select(Notification).filter_by(action="agreement.sign")).all()
    assert bond.official.email in {notice.address for notice in told}
    entry = db.session.scalars(db.select(AuditEntry).filter_by(action="agreement.sign")).one()
    assert entry.actor_id == bond.provider.id


def test_a_wrong_password_signs_nothing(bond, browse):
    agreement = offer(bond)
    reader = browse(bond.provider)
    for wrong in ("not this one", ""):
        answer = reader.post_form(f"/agreements/{agreement.id}/sign", {"password": wrong})
        assert answer.status_code == 422
        assert "password" in answer.text
        assert not wrong or wrong not in answer.text
    db.session.refresh(signature(agreement, bond.provider))
    assert signature(agreement, bond.provider).signed_at is None


def test_the_last_signature_puts_it_in_force(bond, browse):
    agreement = offer(bond)
    sign_all(bond, agreement, but=1)
    assert agreement.state == AgreementState.OFFERED
    assert db.session.scalars(db.select(Party).filter_by(part=Part.PROVIDER)).all() == []
    assert (
        browse(bond.assessor).post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD}).status_code == 303
    )
    db.session.refresh(agreement)
    assert agreement.state == AgreementState.IN_FORCE
    assert agreement.in_force_at is not None
    db.session.refresh(bond.programme)
    assert bond.programme.phase == Phase.DELIVERY
    providers = db.session.scalars(
        db.select(Party.organisation_id).filter_by(programme_id=bond.programme.id, part=Part.PROVIDER)
    )
    assert set(providers) == {bond.provider.organisations[0].id, bond.partner.organisations[0].id}
    assert all(party.digest == agreement.digest for party in agreement.parties)
    told = db.session.scalars(db.select(Notification).filter_by(action="agreement.sign")).all()
    in_force = {notice.address for notice in told if "in force" in notice.title}
    assert in_force >= {user.email for _one, user in bond.signers()} | {bond.auditor.email}
    with pytest.raises(NotNow):
        sign_agreement(agreement, bond.official.organisations[0], agreement.digest, actor=bond.official)


def test_nobody_signs_twice_or_for_another(bond, browse):
    agreement = offer(bond)
    mine, other = bond.official.organisations[0], bond.assessor.organisations[0]
    sign_agreement(agreement, mine, agreement.digest, actor=bond.official)
    with pytest.raises(NotNow):
        sign_agreement(agreement, mine, agreement.digest, actor=bond.official)
    with pytest.raises(NotYours):
        sign_agreement(agreement, other, agreement.digest, actor=bond.official)
    assert browse(bond.official).get(f"/agreements/{agreement.id}/sign").status_code == 403
    assert browse(bond.auditor).get(f"/agreements/{agreement.id}/sign").status_code == 403
    assert browse(bond.tender.bidders[1].lead).get(f"/agreements/{agreement.id}/sign").status_code == 404
    assert browse(make_user()).get(f"/agreements/{agreement.id}").status_code == 404


def test_only_the_offered_digest_is_signed(bond, browse):
    agreement = offer(bond)
    with pytest.raises(Changed):
        sign_agreement(agreement, bond.provider.organisations[0], "0" * 64, actor=bond.provider)
    page = browse(bond.provider)
    answer = page.post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD, "digest": "0" * 64})
    assert answer.status_code == 409
    assert signature(agreement, bond.provider).signed_at is None


def test_a_person_of_two_parties_says_for_whom(bond, browse):
    agreement = offer(bond)
    person = bond.official
    second = bond.second_payer.organisations[0]
    db.session.add(Membership(user_id=person.id, organisation_id=second.id))
    db.session.commit()
    reader = browse(person)
    missing = reader.post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD})
    assert missing.status_code == 422
    answer = reader.post_form(f"/agreements/{agreement.id}/sign", {"password": PASSWORD, "organisation": second.id})
    assert answer.status_code == 303
    db.session.refresh(agreement)
    signed = {party.organisation_id for party in agreement.parties if party.signed_at}
    assert signed == {second.id}


def test_a_draft_is_not_signed(bond, browse):
    agreement = draft(bond)
    with pytest.raises(NotNow):
        sign_agreement(agreement, bond.official.organisations[0], "", actor=bond.official)
