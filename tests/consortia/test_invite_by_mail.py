"""An organisation that is not on the portal gets a link: it registers and answers, or refuses without an account."""

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit.models import AuditEntry
from app.calls.models import Duty
from app.consortia.mail_operations import (
    MOST_MAILED,
    claim_invitation,
    find_mailed,
    invite_by_mail,
    withdraw_mailed,
)
from app.consortia.models import MailedInvitation
from app.consortia.operations import accept_invitation, form_consortium, invite_partner
from app.consortia.states import InvitationState, PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, OrganisationKind, User
from app.programmes.models import Part
from app.proposals.states import ProposalState
from tests.browser import soup
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party
from tests.factories.proposals import make_proposal

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
    again = reader.get(sent.path)  # it works once, and leads its own organisation to where it is now
    assert again.headers["Location"].endswith(f"/consortia/{consortium.id}")
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
    over = browse().get(path)
    assert (over.status_code, "was refused" in over.text) == (410, True)
    assert browse().get(f"{path}/refuse").status_code == 410


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
    over = browse().get(first)
    assert (over.status_code, "use the link of the latest mail" in over.text) == (410, True)
    assert browse().get(second).status_code == 200


def test_withdrawn_is_gone_and_told(consortium, lead, browse):
    path = mail(consortium, lead)
    invitation = consortium.mailed[0]
    url = f"/consortia/{consortium.id}/mailed/{invitation.id}/withdraw"
    assert url in browse(lead).get_ok(f"/consortia/{consortium.id}").text
    assert browse(lead).post_form(url).status_code == 303
    over = browse().get(path)
    assert (over.status_code, "taken back" in over.text) == (410, True)
    assert f"/calls/{consortium.call_id}" in over.text  # where to go
    told = db.session.scalars(db.select(Notification.address).filter_by(action="consortium.withdraw_invitation")).all()
    assert told == [ADDRESS]
    other = make_user(make_consortium(consortium.call).lead)
    mail(consortium, lead)
    with pytest.raises(NotYours):
        withdraw_mailed(consortium.mailed[-1], actor=other)


def test_a_used_link_says_so_and_a_wrong_one_does_not_exist(consortium, lead, browse):
    path = mail(consortium, lead)
    asker, stranger = make_user(make_provider()), make_user(make_provider())
    claim_invitation(find_mailed(path.rsplit("/", 1)[-1]), asker.organisations[0], actor=asker)
    assert browse(asker).get(path).headers["Location"].endswith(f"/consortia/{consortium.id}")
    for reader in (browse(), browse(stranger)):
        used = reader.get(path)
        assert (used.status_code, "was answered" in used.text) == (410, True)
        assert asker.organisations[0].name not in used.text
        assert reader.get("/partner-invitations/no-such-token").status_code == 404
    late = browse(stranger).post(path, data={})
    assert late.status_code in (400, 410)


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
        over = browse().get(path)
        assert (over.status_code, "has lapsed" in over.text) == (410, True)
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


def register(browse, path, **typed):
    """Follow the links as a newcomer does: from the mail to the form, from the second mail to sign-in and back."""
    visitor = browse()
    form = visitor.click(visitor.get_ok(path), "Register your organisation")
    facts = {"organisation": "Stichting Hulp", "country": "NL", "registration_number": "12345678", "locality": "Almelo",
             "name": "Bram Kok", "email": ADDRESS, "password": "zeven paarse fietsen"}  # fmt: skip
    assert visitor.submit(form, facts | typed).status_code == 303
    sent = db.session.scalars(db.select(Notification.path).filter_by(action="organisation.register")).one()
    confirmed = visitor.get(sent)
    page = visitor.follow(confirmed)
    return visitor, visitor.submit(page, {"email": facts["email"], "password": facts["password"]})


def test_registering_leads_back_to_the_invitation(consortium, lead, browse):
    """By way of a mail that verifies the address, in whatever browser that is opened."""
    path = mail(consortium, lead)
    visitor, answer = register(browse, path)
    assert answer.headers["Location"].endswith(path)
    claimed = visitor.submit(visitor.follow(answer))
    assert "Accept the invitation" in visitor.follow(claimed).text
    newcomer = db.session.scalars(db.select(User).filter_by(email=ADDRESS)).one()
    assert newcomer.organisations[0].vetted_at is None
    assert "You are invited into a consortium" in visitor.get_ok("/home").text


@pytest.mark.parametrize("is_vetted", [False, True])
def test_it_waits_at_home_for_who_verified_the_address(consortium, lead, browse, is_vetted):
    """Without the link of the mail, before and after a municipality has looked who this is."""
    mail(consortium, lead)
    newcomer = make_user(make_provider(vetted_at=clock.now() if is_vetted else None), email=ADDRESS.capitalize())
    unverified = make_user(make_provider(), confirmed_at=None)
    reader = browse(newcomer)
    home = reader.get_ok("/home")
    assert "You are invited by mail into a consortium" in home.text
    asked = reader.click(home, "You are invited by mail into a consortium")
    assert asked.request.path == f"/partner-invitations/{consortium.mailed[0].id}"
    for other in (browse(), browse(unverified), browse(make_user(make_provider())), browse(lead)):
        assert other.get(asked.request.path).status_code == 404  # an id is no secret, the address is
    answer = reader.submit(asked)
    assert answer.headers["Location"].endswith(f"/consortia/{consortium.id}")
    assert "by mail" not in reader.get_ok("/home").text


def test_it_no_longer_waits_once_it_is_withdrawn_or_too_late(consortium, lead, browse):
    mail(consortium, lead)
    reader = browse(make_user(make_provider(), email=ADDRESS))
    with clock.at(consortium.call.deadline):
        assert "by mail into" not in reader.get_ok("/home").text
    assert "by mail into" in reader.get_ok("/home").text
    withdraw_mailed(consortium.mailed[0], actor=lead)
    assert "by mail into" not in reader.get_ok("/home").text


@pytest.fixture
def excluded(consortium):
    """Everybody who has another side; and an official of a municipality that has nothing to do with it."""
    programme = consortium.call.programme
    double = make_user(make_provider())  # works for a provider, and is an official of the contracting government
    db.session.add(Membership(user=double, organisation=programme.lead))
    db.session.commit()
    return [
        double,
        make_user(programme.lead),
        consortium.call.on_committee(Duty.SCORER)[0].user,
        make_user(make_organisation(OrganisationKind.MUNICIPALITY)),
        *(make_user(make_party(programme, part)) for part in Part if part not in (Part.GOVERNMENT, Part.PROVIDER)),
    ]


def test_nobody_of_another_side_is_invited_and_the_lead_does_not_learn_which(consortium, lead, excluded, browse):
    """Who judges the plans is not found out by trying addresses: all of them are refused in the very same words."""
    url, said = f"/consortia/{consortium.id}/invite-by-mail", set()
    for person in excluded:
        answer = browse(lead).post_form(url, {"name": "Somebody", "address": person.email.upper()})
        assert answer.status_code == 422
        said.add(soup(answer).select_one("#address-error").text)
    assert len(said) == 1
    assert consortium.mailed == []
    assert db.session.scalars(db.select(Notification).filter_by(action="consortium.invite_by_mail")).all() == []


def test_an_organisation_with_another_part_in_the_bond_does_not_bid(consortium, lead):
    """One part per bond (domain, section 2): neither as lead, nor asked, nor by accepting."""
    bank = make_provider("Social bank")
    banker = make_user(bank)
    partner = invite_partner(consortium, bank, actor=lead)
    make_party(consortium.call.programme, Part.INVESTOR, bank)
    with pytest.raises(Refused, match="another part in this bond"):
        accept_invitation(consortium, "Money.", actor=banker)
    assert partner.state == PartnerState.INVITED
    with pytest.raises(Refused, match="another part in this bond"):
        invite_partner(make_consortium(consortium.call), bank, actor=lead)
    with pytest.raises(Refused, match="another part in this bond"):
        form_consortium(consortium.call, bank, "Own", "Money.", actor=banker, once=uuid.uuid4())


def test_once_the_plan_is_handed_in_the_lead_reads_that_it_lapsed(consortium, lead, browse):
    """As the link says itself; "not answered yet" would have the lead wait for what cannot come."""
    path = mail(consortium, lead)
    assert "mailed, not answered yet" in browse(lead).get_ok(f"/consortia/{consortium.id}").text
    make_proposal(consortium, state=ProposalState.SUBMITTED)
    page = browse(lead).get_ok(f"/consortia/{consortium.id}").text
    assert "invitation lapsed" in page and "not answered yet" not in page
    assert browse(make_user(make_provider())).get(path).status_code == 410


def test_who_is_in_already_is_not_asked_by_mail_as_well(consortium, lead, browse):
    person = make_user(make_provider(), email=ADDRESS)
    path = mail(consortium, lead)
    assert "You are invited by mail" in browse(person).get_ok("/home").text
    add_partner(consortium, person.organisations[0], PartnerState.ACCEPTED)
    assert "You are invited by mail" not in browse(person).get_ok("/home").text
    answer = browse(person).get(path)
    assert answer.status_code == 303 and answer.headers["Location"] == f"/consortia/{consortium.id}"


def test_who_is_in_another_consortium_reads_it_before_claiming(consortium, lead, browse):
    person = make_user(make_provider("Hulp"), email=ADDRESS)
    path = mail(consortium, lead)
    add_partner(make_consortium(consortium.call, name="Rivals"), person.organisations[0], PartnerState.ACCEPTED)
    page = browse(person).get_ok(path).text
    assert "Hulp already takes part in a consortium for this call." in page
    assert "Go on to the invitation" not in page and "Refuse the invitation" in page
    assert "You are invited by mail" not in browse(person).get_ok("/home").text
