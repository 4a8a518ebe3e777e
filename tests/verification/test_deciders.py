"""An appeal is decided by somebody who had no part in it (domain, section 7). Where the assessor has nobody left, page,
home and mail say that a further person is needed, by when, and who can bring one in."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.format import day
from app.extensions import db
from app.intake.recusals import Recusal
from app.verification.appeal_operations import decide_until, file_appeal
from app.verification.appeal_states import AppealState
from app.verification.deciders import deciders_of
from app.verification.operations import recuse_claim
from app.verification.statement_models import PreparedSignature
from app.verification.statement_states import SignatureState
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import make_user
from tests.factories.verification import make_colleague
from tests.told import body_told, told

NEEDED = "Nobody of you can decide this appeal"
AT_HOME = "none of you can decide"


@pytest.fixture
def bond(app):
    made = make_delivery()
    made.other = make_colleague(made)
    return made


@pytest.fixture
def signed_twice(bond):
    """Both persons whom the assessor has signed for it."""
    claim = make_signed_off(bond)
    signed = {"signed_by": bond.assessor, "counter_signed_by": bond.other, "state": SignatureState.SIGNED}
    kept = {"statement": claim.batch.statement, "digest": claim.batch.digest, "batch": claim.batch}
    organisation = bond.assessor.organisations[0]
    db.session.add(PreparedSignature(programme=bond.programme, organisation=organisation, **signed, **kept))
    db.session.commit()
    return claim


def filed(bond, claim):
    return file_appeal(claim, "It was not reached.", actor=bond.official, once=uuid.uuid4())


def test_the_page_says_that_a_third_person_is_needed_by_when_and_who_invites(bond, signed_twice, browse):
    organisation = bond.assessor.organisations[0]
    manager = make_user(organisation)
    for person in (bond.assessor, bond.other):
        person.memberships[0].is_manager = False
    db.session.commit()
    recuse_claim(signed_twice, actor=manager)  # who left the case does not decide it, but can invite
    appeal = filed(bond, signed_twice)
    until = day(decide_until(appeal.created_at, bond.programme))
    assert deciders_of(appeal) == []
    for person in (bond.assessor, bond.other):
        page = browse(person).get_ok(f"/appeals/{appeal.id}").text
        assert NEEDED in page and f"needed by {until}" in page
        assert f"{manager.name} can invite a colleague of {organisation.name}" in page
        home = browse(person).get_ok("/home").text
        assert AT_HOME in home and f"/appeals/{appeal.id}" in home
        refused = browse(person).get(f"/appeals/{appeal.id}/decide")
        assert refused.status_code == 403 and "No such person is with you yet" in refused.text
        assert "a further person is needed" in body_told("claim.appeal", person)
    for party in (bond.official, bond.provider):
        page = browse(party).get_ok(f"/appeals/{appeal.id}").text
        assert "has to bring in a further person" in page and until in page and NEEDED not in page


def test_a_manager_is_led_to_the_invitation(bond, signed_twice, browse):
    appeal = filed(bond, signed_twice)
    page = soup(browse(bond.assessor).get_ok(f"/appeals/{appeal.id}"))
    organisation = bond.assessor.organisations[0]
    assert page.select(f'a[href="/organisations/{organisation.id}/invite"]')


def test_the_third_person_decides_and_nothing_of_it_is_said_any_more(bond, signed_twice, browse):
    appeal = filed(bond, signed_twice)
    third = make_colleague(bond)
    page = browse(bond.assessor).get_ok(f"/appeals/{appeal.id}").text
    assert NEEDED not in page and third.name in page, "the two who signed read who can decide"
    assert AT_HOME not in browse(bond.assessor).get_ok("/home").text
    home = browse(third).get_ok("/home").text
    assert "An appeal to decide" in home and AT_HOME not in home
    assert browse(third).get_ok(f"/appeals/{appeal.id}/decide")
    assert appeal.state == AppealState.FILED
    assert third.name not in browse(bond.official).get_ok(f"/appeals/{appeal.id}").text


def filed_on_page(bond, claim, browse):
    browser = browse(bond.official)
    answer = browser.post_form(f"/claims/{claim.id}/appeal", {"reason": "It was not reached in week nine."})
    return browser.follow(answer).text


def test_who_appeals_reads_whether_somebody_can_decide(bond, signed_twice, browse):
    """No promise of another person where there is none; that the assessor was asked, only where its people were."""
    text = filed_on_page(bond, signed_twice, browse)
    assert "Nobody of the assessor can decide it yet" in text and "was asked to bring in a further person" in text
    assert "Another person of the assessor decides" not in text
    assert "a further person is needed" in body_told("claim.appeal", bond.assessor)


def test_it_is_not_said_that_the_assessor_was_asked_where_everybody_left_the_case(bond, signed_twice, browse):
    for person in (bond.assessor, bond.other):
        recuse(signed_twice, person)
    text = filed_on_page(bond, signed_twice, browse)
    assert told("claim.appeal") == set()
    assert "has to bring in a further person" in text and "was asked" not in text


def recuse(claim, person):
    db.session.add(Recusal(participant_id=claim.participant_id, user_id=person.id))
    db.session.commit()


def test_where_somebody_can_decide_the_appeal_is_filed_as_ever(bond, signed_twice, browse):
    make_colleague(bond)
    text = filed_on_page(bond, signed_twice, browse)
    assert "Another person of the assessor decides" in text and "further person" not in text


def test_a_day_that_has_passed_is_not_promised(bond, signed_twice, browse):
    appeal = filed(bond, signed_twice)
    until = decide_until(appeal.created_at, bond.programme)
    for when, is_late in ((until, False), (until + timedelta(days=1), True)):
        with clock.at(clock.local(when, 12)):
            ours = browse(bond.assessor).get_ok(f"/appeals/{appeal.id}").text
            theirs = browse(bond.official).get_ok(f"/appeals/{appeal.id}").text
        assert (f"needed by {day(until)}" in ours) != is_late and "further person is needed" in ours
        assert (f"decides by {day(until)}" in theirs) != is_late and "has to bring in a further person" in theirs
        assert ("should have been decided" in ours) == is_late
