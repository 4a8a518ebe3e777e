"""Milestones: who sets one, who meets it, what is refused (issue 6: guarding progress)."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.people.models import OrganisationKind
from app.programmes.states import Phase
from app.progress.guarding import look_after
from app.progress.models import ProgressMilestone
from app.progress.operations import add_milestone, meet_milestone
from app.progress.states import MilestoneState
from tests.factories.people import make_organisation, make_user
from tests.progress.conftest import TODAY
from tests.told import recorded, told


def typed(bond, **changes):
    owner = str(bond.provider_organisation.id)
    return {"name": "Coaches hired", "owner": owner, "due_on": str(TODAY + timedelta(days=30))} | changes


def path(bond):
    return f"/programmes/{bond.programme.id}/milestones/add"


def only(bond):
    return db.session.scalars(db.select(ProgressMilestone).filter_by(programme_id=bond.programme.id)).one()


def make(bond, days=30):
    day = TODAY + timedelta(days=days)
    owner = bond.provider_organisation
    return add_milestone(bond.programme, "Coaches hired", owner, day, actor=bond.intermediary, once=uuid.uuid4())


def test_set_then_met_by_its_owner(bond, browse):
    answer = browse(bond.intermediary).post_form(path(bond), typed(bond))
    assert "Coaches hired" in browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/progress").text
    assert answer.status_code == 303 and bond.provider.email in told("milestone.add")
    milestone = only(bond)
    page = f"/progress-milestones/{milestone.id}/meet"
    answer = browse(bond.provider).post_form(page, {"met_on": str(TODAY), "note": "Two contracts."})
    db.session.refresh(milestone)
    assert answer.status_code == 303
    assert (milestone.state, milestone.met_on, milestone.note) == (MilestoneState.MET, TODAY, "Two contracts.")
    assert recorded("milestone.meet") == [{"met_on": str(TODAY)}]
    assert browse(bond.provider).get(page).status_code == 409


@pytest.mark.parametrize(
    "change, says",
    [
        ({"due_on": str(TODAY - timedelta(days=1))}, "This day is past."),
        ({"due_on": "2031-01-01"}, "31 December 2030"),
        ({"name": "For 123456782"}, "national number"),
        ({"owner": str(uuid.uuid4())}, "owner"),
        ({"name": ""}, "Fill this in."),
    ],
)
def test_what_is_refused_stays_as_it_was_typed(bond, browse, change, says):
    browser = browse(bond.intermediary)
    answer = browser.submit(browser.get_ok(path(bond)), typed(bond, **change), forged=True)
    assert answer.status_code == 422 and says in answer.text
    assert change.get("name", "Coaches hired") in answer.text
    assert not db.session.scalars(db.select(ProgressMilestone)).all()


def test_an_outsider_may_own_nothing(bond, browse):
    outsider = make_organisation(OrganisationKind.PROVIDER)
    browser = browse(bond.intermediary)
    answer = browser.submit(browser.get_ok(path(bond)), typed(bond, owner=str(outsider.id)), forged=True)
    assert answer.status_code == 422


def test_who_may(bond, browse):
    for who in ("investor", "provider", "assessor", "auditor", "neighbour"):
        assert browse(getattr(bond, who)).get(path(bond)).status_code == 403
    milestone = make(bond)
    for who in ("investor", "official", "assessor"):
        assert browse(getattr(bond, who)).get(f"/progress-milestones/{milestone.id}/meet").status_code == 403
    stranger = browse(make_user(make_organisation(OrganisationKind.PROVIDER)))
    assert stranger.get(f"/progress-milestones/{milestone.id}/meet").status_code == 404


def test_met_after_its_day_says_how_late(bond, browse):
    with clock.at(clock.now() - timedelta(days=10)):
        late = make(bond, days=-7)
    meet_milestone(late, TODAY, "Two contracts.", actor=bond.provider)
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/progress").text
    assert "7 days late" in page


def test_not_met_tomorrow(bond, browse):
    milestone = make(bond)
    tomorrow = str(TODAY + timedelta(days=1))
    answer = browse(bond.provider).post_form(
        f"/progress-milestones/{milestone.id}/meet", {"met_on": tomorrow, "note": "Soon."}
    )
    assert answer.status_code == 422 and "future" in answer.text and "Soon." in answer.text


def test_dropped_with_a_reason_that_stays(bond, browse):
    milestone = make(bond)
    page = f"/progress-milestones/{milestone.id}/drop"
    assert browse(bond.official).post_form(page, {"reason": "The plan changed."}).status_code == 303
    db.session.refresh(milestone)
    assert milestone.state == MilestoneState.DROPPED and bond.provider.email in told("milestone.drop")
    assert "The plan changed." in browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/progress").text


def test_those_of_the_agreement_are_not_for_people(bond, browse):
    look_after(bond.programme)
    agreed = db.session.scalars(db.select(ProgressMilestone).filter_by(code="settled-2026-06-30")).one()
    for verb in ("meet", "drop"):
        answer = browse(bond.intermediary).get(f"/progress-milestones/{agreed.id}/{verb}")
        assert answer.status_code == 409 and "by itself" in answer.text
    with pytest.raises(NotNow):
        meet_milestone(agreed, TODAY, "I say so.", actor=bond.intermediary)


def test_nothing_in_a_closed_bond(bond, browse):
    milestone = make(bond)
    bond.programme.phase = Phase.CLOSED
    db.session.commit()
    rooms = ("milestones/add", "corrective-actions/propose", "cash-plan/lines/plan")
    for room in rooms:
        assert browse(bond.intermediary).get(f"/programmes/{bond.programme.id}/{room}").status_code == 409
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/progress").text
    assert not any(room in page for room in rooms[:2])
    with pytest.raises(NotNow):
        make(bond)
    assert browse(bond.provider).get(f"/progress-milestones/{milestone.id}/meet").status_code == 409
