"""An organisation that is not on the portal gets a link: it registers and answers, or refuses without an account."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit.models import AuditEntry
from app.consortia.mail_operations import (
    MOST_MAILED,
    claim_invitation,
    find_mailed,
    invite_by_mail,
    withdraw_mailed,
)
from app.consortia.models import MailedInvitation
from app.consortia.operations import accept_invitation
from app.consortia.states import InvitationState, PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_organisation, make_user

ADDRESS = "board@hulp.example"


@pytest.fixture
def consortium(app):
    return make_consortium()


@pytest.fixture
def lead(consortium):
    return make_user(consortium.lead)


def mail(consortium, lead, address=ADDRESS):
    """The path in the mail."""
    invite_by_mail(consortium, "Stichting Hulp", address, actor=lead)
    return db.session.scalars(
        db.select(Notification.path).filter_by(action="consortium.invite_by_mail").order_by(Notification.created_at)
    ).all()[-1]


def test_the_whole_way_in(consortium, lead, browse):
    url = f"/consortia/{consortium.id}/invite-by-mail"
    answer = browse(lead).post_form(url, {"name": "Stichting Hulp", "address": "Board@Hulp.example"})
    assert answer.status_code == 303
    sent = db.session.scalars(db.select(Notification).filter_by(action="consortium.invite_by_mail")).one()
    assert (sent.address, sent.user_id) == (ADDRESS, None)
    page = browse().get_ok(sent.path)
    assert consortium.name in page.text
    assert "/register" in page.text
    newcomer = make_user(make_provider("Hulp", vetted_at=None))  # has registered meanwhile, is not vetted yet
    reader = browse(newcomer)
    answer = reader.post_form(sent.path, {"organisation": str(newcomer.organisations[0].id)})
    assert answer.headers["Location"].endswith(f"/consortia/{consortium.id}")
    db.session.expire_all()
    assert consortium.partner_of(newcomer.organisations[0].id).state == PartnerState.INVITED
    accept_invitation(consortium, "Debts.", actor=newcomer)
    assert reader.get(sent.path).status_code == 404  # it works once
    shown = browse(lead).get_ok(f"/consortia/{consortium.id}").text
    assert ADDRESS in shown
    assert ADDRESS not in reader.get_ok(f"/consortia/{consortium.id}").text
    acts = db.session.scalars(db.select(AuditEntry.action)).all()
    assert {"consortium.invite_by_mail", "consortium.claim"} <= set(acts)


def test_only_a_digest_of_the_token_is_kept_and_no_address_in_the_trail(consortium, lead):
    token = mail(consortium, lead).rsplit("/", 1)[-1]
    assert re.fullmatch(r"[\w-]{43}", token)
    rows = db.session.execute(text("SELECT * FROM mailed_invitation")).all()
    assert token not in str(rows)
    assert ADDRESS not in str(db.session.execute(text("SELECT * FROM audit_facts")).all())


def test_refusing_needs_no_account(consortium, lead, browse):
    path = mail(consortium, lead)
    answer = browse().post_form(f"{path}/refuse")
    assert answer.status_code == 303
    db.session.expire_all()
    assert consortium.mailed[0].state == InvitationState.REFUSED
    told = db.session.scalars(db.select(Notification.address).filter_by(action="consortium.refuse")).all()
    assert told == [lead.email]
    assert browse().get(path).status_code == 404


def test_the_lead_does_not_learn_who_has_an_account(consortium, lead, browse):
    known = make_user(make_provider())
    answers = []
    for address in (known.email, "nobody@nowhere.example"):
        page = browse(lead).post_form(
            f"/consortia/{consortium.id}/invite-by-mail", {"name": "Somebody", "address": address}
        )
        answers.append((page.status_code, browse(lead).follow(page).text.replace(address, "").count("Somebody")))
    assert answers[0][0] == answers[1][0] == 303
    states = {one.state for one in db.session.scalars(db.select(MailedInvitation))}
    assert states == {InvitationState.SENT}


def test_a_second_mail_replaces_the_first(consortium, lead, browse):
    first, second = mail(consortium, lead), mail(consortium, lead)
    assert browse().get(first).status_code == 404
    assert browse().get(second).status_code == 200


def test_withdrawn_is_gone_and_told(consortium, lead, browse):
    path = mail(consortium, lead)
    invitation = consortium.mailed[0]
    url = f"/consortia/{consortium.id}/mailed/{invitation.id}/withdraw"
    assert url in browse(lead).get_ok(f"/consortia/{consortium.id}").text
    assert browse(lead).post_form(url).status_code == 303
    assert browse().get(path).status_code == 404
    told = db.session.scalars(db.select(Notification.address).filter_by(action="consortium.withdraw_invitation")).all()
    assert told == [ADDRESS]
    other = make_user(make_consortium(consortium.call).lead)
    mail(consortium, lead)
    with pytest.raises(NotYours):
        withdraw_mailed(consortium.mailed[-1], actor=other)


def test_a_wrong_token_and_a_used_one_look_the_same(consortium, lead, browse):
    path = mail(consortium, lead)
    asker = make_user(make_provider())
    claim_invitation(find_mailed(path.rsplit("/", 1)[-1]), asker.organisations[0], actor=asker)
    used, wrong = browse().get(path), browse().get("/partner-invitations/no-such-token")
    assert used.status_code == wrong.status_code == 404


def test_only_for_an_own_provider_that_is_not_in_yet(consortium, lead, browse):
    path = mail(consortium, lead)
    token = path.rsplit("/", 1)[-1]
    official = make_user(make_organisation(OrganisationKind.MUNICIPALITY))
    assert "Only service providers take part" in browse(official).get_ok(path).text
    theirs = make_provider()
    with pytest.raises(Refused):
        claim_invitation(find_mailed(token), theirs, actor=make_user(make_provider()))
    with pytest.raises(Refused):
        claim_invitation(find_mailed(token), official.organisations[0], actor=official)
    with pytest.raises(Refused, match="already takes part"):
        claim_invitation(find_mailed(token), consortium.lead, actor=lead)


def test_at_the_deadline_it_lapses(consortium, lead, browse):
    path = mail(consortium, lead)
    asker = make_user(make_provider())
    with clock.at(consortium.call.deadline):
        assert browse().get(path).status_code == 409
        with pytest.raises(NotNow):
            claim_invitation(find_mailed(path.rsplit("/", 1)[-1]), asker.organisations[0], actor=asker)
        with pytest.raises(NotNow):
            mail(consortium, lead)
    with clock.at(consortium.call.deadline - timedelta(seconds=1)):
        assert browse().get(path).status_code == 200


def test_the_portal_is_no_mailing_machine(consortium, lead):
    for number in range(MOST_MAILED):
        mail(consortium, lead, f"org{number}@hulp.example")
    with pytest.raises(Refused, match="no more can be sent"):
        mail(consortium, lead, "one-more@hulp.example")


def test_partners_and_strangers_do_not_mail(consortium, browse):
    partner = make_user(make_provider())
    consortium = make_consortium(consortium.call, partners=[partner.organisations[0]])
    url = f"/consortia/{consortium.id}/invite-by-mail"
    assert browse(partner).get(url).status_code == 403
    assert browse(make_user(make_provider())).get(url).status_code == 404
    with pytest.raises(NotYours):
        invite_by_mail(consortium, "X", "x@y.example", actor=partner)
