"""The deadline passes: who handed in nothing did not take part and hears it once; an extension brings it back."""

from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.consortia.due import run_due
from app.consortia.operations import invite_partner, lapse_consortium
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_user


@pytest.fixture
def consortium(app):
    return make_consortium()


def told():
    return sorted(db.session.scalars(db.select(Notification.address).filter_by(action="consortium.lapse")))


def test_told_once_partners_and_invited(consortium):
    lead, asked = make_user(consortium.lead), make_user(make_provider())
    add_partner(consortium, asked.organisations[0])
    handed_in = make_consortium(consortium.call, state=ConsortiumState.SUBMITTED)
    make_user(handed_in.lead)
    assert run_due() == 0
    with clock.at(consortium.call.deadline):
        assert run_due() == 1
        assert run_due() == 0
    assert told() == sorted([lead.email, asked.email])
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["consortium.lapse"]


def test_what_is_shown_does_not_wait_for_the_worker(consortium):
    partner = add_partner(consortium, make_provider())
    with clock.at(consortium.call.deadline - timedelta(seconds=1)):
        assert (consortium.shown_state, partner.shown_state) == (ConsortiumState.FORMING, PartnerState.INVITED)
    with clock.at(consortium.call.deadline):
        assert (consortium.shown_state, partner.shown_state) == (ConsortiumState.LAPSED, PartnerState.LAPSED)


def test_an_extension_brings_it_back_and_the_next_deadline_counts(consortium):
    lead = make_user(consortium.lead)
    first = consortium.call.deadline
    with clock.at(first):
        run_due()
        consortium.call.deadline = first + timedelta(days=3)
        db.session.commit()
        assert consortium.shown_state == ConsortiumState.FORMING
        invite_partner(consortium, make_provider(), actor=lead)
        assert run_due() == 0
    with clock.at(first + timedelta(days=3)):
        assert run_due() == 1
    assert told() == [lead.email] * 2


def test_not_before_the_deadline_and_only_by_the_portal(consortium):
    with pytest.raises(NotNow):
        lapse_consortium(consortium)


def test_a_partner_in_a_plan_that_was_handed_in_lapses_nowhere(consortium):
    invited = add_partner(consortium, make_provider())
    consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    assert invited.shown_state == PartnerState.LAPSED  # it can no longer join
    with clock.at(consortium.call.deadline):
        assert consortium.shown_state == ConsortiumState.SUBMITTED
