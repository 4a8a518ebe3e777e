"""Two acts at the same moment, each on a connection of its own: one is first, the other hears it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.consortia.mail_operations import claim_invitation, invite_by_mail
from app.consortia.models import Consortium, MailedInvitation, Partner
from app.consortia.operations import accept_invitation, withdraw_invitation
from app.consortia.states import PartnerState
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.people.models import User
from app.proposals.models import Proposal
from app.proposals.operations import confirm_proposal
from app.proposals.submit_operations import submit_proposal
from app.sealing import passphrase
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user
from tests.factories.proposals import make_plan, make_proposal, write_plan


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def real_app(request, app_on, tmp_path):
    """A database that is not rolled back, so that every thread may have its own connection."""
    sqlite = f"sqlite:///{tmp_path}/race.sqlite"
    app = app_on(sqlite if request.param == "sqlite" else request.getfixturevalue("own_postgres"))
    yield app
    with app.app_context():
        db.engine.dispose()


def at_once(app, *acts):
    """What each act answered: None, or the refusal."""
    barrier = Barrier(len(acts))

    def run(act):
        with app.app_context():
            barrier.wait()
            try:
                act()
            except (Refused, NotNow, NotYours) as no:
                return type(no)
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_invited_twice_accepting_twice_joins_once(real_app):
    with real_app.app_context():
        call, asked = make_call(), make_provider()
        user_id = make_user(asked).id
        consortia = [make_consortium(call) for _ in range(2)]
        for consortium in consortia:
            add_partner(consortium, asked)
        ids, asked_id = [consortium.id for consortium in consortia], asked.id

    def accept(consortium_id):
        actor = db.session.get_one(User, user_id)
        accept_invitation(db.session.get_one(Consortium, consortium_id), "Housing.", actor=actor)

    answers = at_once(real_app, *(lambda i=i: accept(i) for i in ids))

    assert set(answers) == {Refused, None}
    with real_app.app_context():
        joined = db.select(db.func.count(Partner.id)).filter_by(organisation_id=asked_id, state=PartnerState.ACCEPTED)
        assert db.session.scalar(joined) == 1


def test_what_is_handed_in_is_what_was_confirmed(real_app):
    """A partner changes the plan while the lead hands it in: whoever is first, the receipt is for a confirmed text."""
    with real_app.app_context():
        lead = make_provider()
        user_id = make_user(lead).id
        proposal = make_proposal(make_consortium(lead=lead))
        proposal_id, consortium_id, confirmed = proposal.id, proposal.consortium_id, proposal.stands_on

    def submit():
        submit_proposal(
            db.session.get_one(Proposal, proposal_id), passphrase.make(), actor=db.session.get_one(User, user_id)
        )

    def change():
        consortium = db.session.get_one(Consortium, consortium_id)
        write_plan(consortium, make_plan(consortium, 40), actor=db.session.get_one(User, user_id))

    answers = at_once(real_app, submit, change)

    assert answers.count(None) == 1
    with real_app.app_context():
        proposal = db.session.get_one(Proposal, proposal_id)
        if answers[0] is None:
            assert (proposal.state, proposal.stands_on) == ("submitted", confirmed)
        else:
            assert proposal.state == "draft"
            assert proposal.stands_on != confirmed
            confirm_proposal(proposal, actor=db.session.get_one(User, user_id))
            submit_proposal(proposal, passphrase_of(proposal), actor=db.session.get_one(User, user_id))


def test_claimed_twice_is_one_place(real_app):
    """Two organisations hold the same mail: one of them is invited by it, the other hears that it was answered."""
    with real_app.app_context():
        consortium = make_consortium()
        lead = make_user(consortium.lead)
        invitation_id = invite_by_mail(consortium, "Hulp", "a@b.example", actor=lead).id
        people = [make_user(make_provider()).id for _ in range(2)]
        consortium_id = consortium.id

    def claim(user_id):
        actor = db.session.get_one(User, user_id)
        claim_invitation(db.session.get_one(MailedInvitation, invitation_id), actor.organisations[0], actor=actor)

    answers = at_once(real_app, *(lambda i=i: claim(i) for i in people))

    assert sorted(map(str, answers)) == sorted([str(None), str(NotNow)])
    with real_app.app_context():
        invited = db.select(db.func.count(Partner.id)).filter_by(
            consortium_id=consortium_id, state=PartnerState.INVITED
        )
        assert db.session.scalar(invited) == 1


def test_withdrawn_while_it_is_accepted_is_one_of_the_two(real_app):
    with real_app.app_context():
        consortium = make_consortium()
        lead_id, person = make_user(consortium.lead).id, make_user(make_provider())
        person_id, consortium_id = person.id, consortium.id
        partner_id = add_partner(consortium, person.organisations[0]).id

    def withdraw():
        partner = db.session.get_one(Partner, partner_id)
        withdraw_invitation(partner.consortium, partner, actor=db.session.get_one(User, lead_id))

    def accept():
        consortium = db.session.get_one(Consortium, consortium_id)
        accept_invitation(consortium, "Housing.", actor=db.session.get_one(User, person_id))

    answers = at_once(real_app, withdraw, accept)

    assert answers.count(None) == 1
    with real_app.app_context():
        partner = db.session.get_one(Partner, partner_id)
        assert partner.state == (PartnerState.WITHDRAWN if answers[0] is None else PartnerState.ACCEPTED)


def test_allowed_twice_is_never_joined_in_silence(real_app):
    """Two acceptances without a declaration at the same moment: the second one is asked to declare."""
    with real_app.app_context():
        call, asked = make_call(allows_two_consortia=True), make_provider()
        user_id = make_user(asked).id
        ids = [make_consortium(call).id for _ in range(2)]
        for key in ids:
            add_partner(db.session.get_one(Consortium, key), asked)

    def accept(key):
        actor = db.session.get_one(User, user_id)
        accept_invitation(db.session.get_one(Consortium, key), "Housing.", actor=actor)

    assert set(at_once(real_app, *(lambda i=i: accept(i) for i in ids))) == {Refused, None}
