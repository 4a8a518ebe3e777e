"""An organisation in two consortia for one call: only where the call allows it, and never in silence.

Each consortium hears that there is another one, and not which: what it is, who leads it and who is in it is theirs.
"""

import uuid

import pytest

from app.consortia.operations import accept_invitation, edit_consortium, form_consortium, leave_consortium
from app.consortia.parts import part_of
from app.consortia.queries import also_elsewhere
from app.consortia.states import ConsortiumState, PartnerState
from app.core.errors import Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_call, make_lots, make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal

APART = "Two teams that do not speak about the plans."


@pytest.fixture
def call(app):
    return make_call(allows_two_consortia=True)


@pytest.fixture
def both(app):
    """A person of an organisation that wants to be in two consortia."""
    return make_user(make_provider("Both"))


def leads(consortium):
    return make_user(consortium.lead)


def invited(consortium, person):
    add_partner(consortium, person.organisations[0])
    return consortium


def test_not_without_saying_so_and_then_both_hear_it(call, both, browse):
    first = make_consortium(call, make_provider("Alpha"), name="First", partners=[both.organisations[0]])
    second = invited(make_consortium(call, make_provider("Beta"), name="Second"), both)
    people = {leads(first).email, leads(second).email, both.email}
    with pytest.raises(Refused) as refused:
        accept_invitation(second, "Homes.", actor=both)
    assert refused.value.field == "elsewhere"
    page = browse(both).get_ok(f"/consortia/{second.id}/accept")
    assert "elsewhere" in page.text
    accept_invitation(second, "Homes.", actor=both, elsewhere=APART)
    for consortium in (first, second):
        assert part_of(consortium, both.organisations[0].id)["elsewhere"] == APART
        assert also_elsewhere(consortium) == {both.organisations[0].id}
    bodies = db.session.scalars(db.select(Notification).filter_by(action="consortium.accept")).all()
    told = [notice for notice in bodies if "another consortium" in notice.body]
    assert {notice.address for notice in told} == people
    for notice in told:
        of_first = "“First”" in notice.body
        assert ("Second" in notice.body) != of_first
        assert "Alpha" not in notice.body and "Beta" not in notice.body
    text = browse(leads(first)).get_ok(f"/consortia/{first.id}").text
    assert "in another consortium too" in text
    assert APART in text
    assert "Second" not in text and "Beta" not in text


def test_the_other_partners_confirm_anew(call, both):
    first = make_consortium(call, partners=[both.organisations[0]])
    make_user(first.lead)
    plan = make_proposal(first)
    accept_invitation(invited(make_consortium(call), both), "Homes.", actor=both, elsewhere=APART)
    db.session.expire_all()
    assert plan.confirmed_by() == {}


def test_a_plan_that_was_handed_in_stays_as_it_is(call, both):
    first = make_consortium(call, partners=[both.organisations[0]], state=ConsortiumState.SUBMITTED)
    accept_invitation(invited(make_consortium(call), both), "Homes.", actor=both, elsewhere=APART)
    assert first.state == ConsortiumState.SUBMITTED
    assert first.draft_key is None


def test_forming_a_second_one_declares_it_too(call, both, browse):
    make_consortium(call, partners=[both.organisations[0]])
    url = f"/calls/{call.id}/consortia/form"
    typed = {"name": "Ours", "lead": str(both.organisations[0].id), "role": "Lead", "contribution": "All."}
    answer = browse(both).post_form(url, typed)
    assert answer.status_code == 422
    assert "say how the two plans are kept apart" in answer.text
    assert browse(both).post_form(url, typed | {"elsewhere": APART}).status_code == 303


def test_not_where_the_call_does_not_allow_it(both, browse):
    call = make_call()
    make_consortium(call, partners=[both.organisations[0]])
    second = invited(make_consortium(call), both)
    with pytest.raises(Refused, match="already takes part"):
        accept_invitation(second, "Homes.", actor=both, elsewhere=APART)
    answer = browse(both).get(f"/consortia/{second.id}/accept")
    assert answer.status_code == 409 and "elsewhere" not in answer.text  # nothing to declare: it is not allowed


def test_after_leaving_one_there_is_nothing_to_declare(call, both):
    first = make_consortium(call, partners=[both.organisations[0]])
    second = invited(make_consortium(call), both)
    leave_consortium(first, actor=both)
    accept_invitation(second, "Homes.", actor=both)
    assert also_elsewhere(second) == frozenset()


def test_each_lot_is_awarded_by_itself(both, browse):
    """A plan is for one lot; a consortium for the other lot is no rival, so nothing is declared."""
    call = make_lots()
    one, other = call.lots
    organisation = both.organisations[0]
    url = f"/calls/{call.id}/consortia/form"
    typed = {"name": "Ours", "lead": str(organisation.id), "role": "Lead", "contribution": "All."}
    assert browse(both).post_form(url, typed).status_code == 422  # which lot?
    with pytest.raises(Refused):
        form_consortium(call, organisation, "Ours", "All.", actor=both, once=uuid.uuid4())
    assert browse(both).post_form(url, typed | {"lot": str(one.id)}).status_code == 303
    form_consortium(call, organisation, "Ours too", "All.", actor=both, once=uuid.uuid4(), lot=other)
    with pytest.raises(Refused, match="already takes part"):
        form_consortium(call, organisation, "Once more", "All.", actor=both, once=uuid.uuid4(), lot=one)


def test_the_lot_stands_once_somebody_joined(both, browse):
    call = make_lots()
    lots = call.lots
    consortium = make_consortium(call, both.organisations[0], lot=lots[0])
    url = f"/consortia/{consortium.id}/edit"
    assert browse(both).post_form(url, {"name": "Other", "lot": str(lots[1].id)}).status_code == 303
    db.session.expire_all()
    assert (consortium.name, consortium.lot_id) == ("Other", lots[1].id)
    add_partner(consortium, make_provider(), PartnerState.ACCEPTED)
    assert "Lot 1" not in browse(both).get_ok(url).text
    with pytest.raises(Refused):
        edit_consortium(consortium, "Other", actor=both, version=None, lot=lots[0])


def test_a_lot_of_another_call_is_none(both):
    call = make_call()
    lot = make_lots().lots[0]
    with pytest.raises(Refused):
        form_consortium(call, both.organisations[0], "X", "All.", actor=both, once=uuid.uuid4(), lot=lot)
