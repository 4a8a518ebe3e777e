"""The committee, named in the call: who opens acts for a government of the bond, who scores gains nothing by the choice
(domain, sections 2 and 3)."""

import uuid
from datetime import timedelta

import pytest

from app.calls.criteria_operations import name_committee
from app.calls.models import Call, Duty
from app.calls.operations import CallFacts, draft_call
from app.calls.states import CallState
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.people.models import Membership, OrganisationKind
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def call(app):
    return make_call(state=CallState.DRAFT, committee=False)


@pytest.fixture
def officials(call):
    return [make_user(call.programme.lead) for _ in range(3)]


def typed(officials):
    people = {f"scorers-{i}": str(user.id) for i, user in enumerate(officials)}
    return people | {f"openers-{i}": str(user.id) for i, user in enumerate(officials[:2])}


def test_an_official_names_the_committee(call, officials, browse):
    assert browse(officials[0]).post_form(f"/calls/{call.id}/committee", typed(officials)).status_code == 303
    db.session.expire_all()
    assert len(call.on_committee(Duty.OPENER)) == 2
    assert len(call.on_committee(Duty.SCORER)) == 3


def test_the_second_of_two_officials_sees_whom_the_first_named(call, officials, browse):
    url = f"/calls/{call.id}/committee"
    first, second = browse(officials[0]), browse(officials[1])
    page = second.get_ok(url)
    assert first.post_form(url, typed(officials)).status_code == 303
    late = second.submit(page, {"scorers-0": str(officials[2].id)})
    assert late.status_code == 409
    stored = soup(late).select_one(".notice dl").text
    assert all(stored.count(one.name) == 2 for one in officials[:2]) and stored.count(officials[2].name) == 1
    assert soup(late).select_one("#scorers-0 option[selected]")["value"] == str(officials[2].id)


def test_who_stays_keeps_the_seat(call, officials, browse):
    reader, url = browse(officials[0]), f"/calls/{call.id}/committee"
    reader.post_form(url, typed(officials))
    seats = {(m.duty, m.user_id): m.id for m in db.session.get(Call, call.id).committee}
    reader.post_form(url, {"scorers-2": ""})
    db.session.expire_all()
    assert {(m.duty, m.user_id): m.id for m in call.committee}.items() <= seats.items()
    assert len(call.committee) == 4


def test_it_holds_no_bidder_and_no_stranger(call, officials, browse):
    url = f"/calls/{call.id}/committee"
    bidder, stranger = make_user(make_provider()), make_user(make_organisation())
    page = browse(officials[0]).get_ok(url)
    offered = {option["value"] for option in soup(page).select("#scorers-0 option")}
    assert str(bidder.id) not in offered
    assert str(stranger.id) in offered  # an expert of another municipality may score
    assert str(stranger.id) not in {option["value"] for option in soup(page).select("#openers-0 option")}
    twice = typed(officials) | {"scorers-1": str(officials[0].id)}
    answer = browse(officials[0]).post_form(url, twice)
    assert answer.status_code == 422
    assert "The same person is named twice" in answer.text


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Part.INVESTOR, "for an investor"),
        (Part.INTERMEDIARY, "the intermediary"),
        (Part.ASSESSOR, "independent assessor"),
        (Part.AUDITOR, "audit office"),
    ],
)
def test_who_gains_by_the_choice_or_checks_it_neither_scores_nor_opens(call, officials, browse, part, words):
    """Each party keeps to its own side (domain, section 2). The second hat counts as the first: an official who also
    works for the assessor opens nothing."""
    url, tied = f"/calls/{call.id}/committee", make_user(make_party(call.programme, part))
    double = make_user(call.programme.lead)
    reader, page = browse(officials[0]), browse(officials[0]).get_ok(url)
    assert str(tied.id) not in {option["value"] for option in soup(page).select("#scorers-0 option")}
    assert str(double.id) in {option["value"] for option in soup(page).select("#openers-0 option")}
    db.session.add(Membership(user=double, organisation=tied.organisations[0]))
    db.session.commit()
    assert str(double.id) not in {option["value"] for option in soup(reader.get_ok(url)).select("option")}
    for openers, scorers, field in (((double.id,), (), "openers"), ((), (tied.id,), "scorers")):
        with pytest.raises(Refused, match=words) as refused:
            name_committee(call, openers, scorers, actor=officials[0])
        assert refused.value.field == field
    assert call.committee == []


def test_an_audit_office_scores_in_no_bond_at_all(call, officials):
    """Also one that has no part in this bond: of the municipality itself, or of a neighbour."""
    auditor = make_user(make_organisation(OrganisationKind.AUDITOR))
    with pytest.raises(Refused, match="audit office"):
        name_committee(call, (), (auditor.id,), actor=officials[0])


def test_an_assessor_that_is_named_after_the_committee_keeps_the_call_from_publication(call, officials):
    assessor = make_organisation(OrganisationKind.ASSESSOR)
    expert = make_user(assessor)
    name_committee(call, (), (expert.id, *(user.id for user in officials[:2])), actor=officials[0])
    assert not [lack for lack in call.missing() if "assessor" in lack]
    make_party(call.programme, Part.ASSESSOR, assessor)
    assert [lack for lack in call.missing() if "assessor" in lack]


def test_somebody_with_a_second_hat_as_bidder_does_not_score(app):
    table = make_table(make_programme())
    officials = [make_user(table.programme.lead) for _ in range(3)]
    db.session.add(Membership(user=officials[2], organisation=make_provider()))
    db.session.commit()
    soon, later = clock.now() + timedelta(days=9), clock.now() + timedelta(days=20)
    facts = CallFacts("T", "D", "", soon, later, 20, scorers=tuple(user.id for user in officials))
    with pytest.raises(Refused, match="service provider"):
        draft_call(table.programme, facts, actor=officials[0], once=uuid.uuid4())


def test_the_lines_of_the_forms_do_not_call_themselves_optional(call, officials, browse):
    for room in ("committee", "criteria"):
        page = soup(browse(officials[0]).get_ok(f"/calls/{call.id}/{room}"))
        assert not page.select("#criteria .field__optional, #openers .field__optional, #scorers .field__optional")
