"""Corrective actions: asked by one, agreed by the owner, done by a day, everybody concerned told (issue 6)."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.people.models import OrganisationKind
from app.progress.models import CorrectiveAction
from app.progress.operations import agree_to_action, decline_action, finish_action, propose_action, withdraw_action
from app.progress.states import CorrectiveState
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_participant
from tests.factories.people import make_organisation, make_user
from tests.progress.conftest import TODAY
from tests.told import recorded, told

DUE = TODAY + timedelta(days=20)


def typed(bond, owner=None, **changes):
    owner = owner or bond.provider_organisation
    return {"what": "A second coach.", "owner": str(owner.id), "due_on": str(DUE)} | changes


def propose(bond, actor=None, owner=None):
    owner = owner or bond.provider_organisation
    return propose_action(
        bond.programme, "A second coach.", owner, DUE, actor=actor or bond.intermediary, once=uuid.uuid4()
    )


def path(bond):
    return f"/programmes/{bond.programme.id}/corrective-actions/propose"


def test_asked_agreed_done(bond, browse):
    answer = browse(bond.intermediary).post_form(path(bond), typed(bond))
    action = db.session.scalars(db.select(CorrectiveAction)).one()
    assert answer.status_code == 303 and action.state == CorrectiveState.PROPOSED
    assert told("corrective.propose") == {bond.provider.email}
    here = f"/corrective-actions/{action.id}"
    assert browse(bond.provider).post_form(f"{here}/agree").status_code == 303
    db.session.refresh(action)
    assert (action.state, action.agreed_by) == (CorrectiveState.AGREED, bond.provider)
    assert told("corrective.agree") == {bond.intermediary.email, bond.colleague.email}
    done = {"done_on": str(TODAY), "note": "She began on Monday."}
    assert browse(bond.provider).post_form(f"{here}/finish", done).status_code == 303
    db.session.refresh(action)
    assert (action.state, action.done_on) == (CorrectiveState.DONE, TODAY)
    page = browse(bond.investor).get_ok(here).text
    assert "She began on Monday." in page
    assert bond.provider_organisation.name in page and bond.intermediary.organisations[0].name in page, "who was told"
    assert recorded("corrective.agree") == [{"due": str(DUE)}]


def test_nobody_agrees_for_another(bond, browse):
    action = propose(bond)
    for verb in ("agree", "decline"):
        for who in ("intermediary", "official", "investor", "assessor", "auditor"):
            assert browse(getattr(bond, who)).get(f"/corrective-actions/{action.id}/{verb}").status_code == 403


def test_whoever_asks_it_of_the_own_organisation_has_agreed(bond):
    action = propose(bond, actor=bond.provider)
    assert (action.state, action.agreed_by_id) == (CorrectiveState.AGREED, bond.provider.id)
    assert told("corrective.agree") == {bond.intermediary.email, bond.colleague.email}


def test_declined_with_a_reason(bond, browse):
    action = propose(bond, actor=bond.official)
    page = f"/corrective-actions/{action.id}/decline"
    assert browse(bond.provider).post_form(page, {"reason": ""}).status_code == 422
    assert browse(bond.provider).post_form(page, {"reason": "No budget."}).status_code == 303
    db.session.refresh(action)
    assert (action.state, action.note) == (CorrectiveState.DECLINED, "No budget.")
    assert told("corrective.decline") == {bond.official.email, bond.intermediary.email, bond.colleague.email}
    assert browse(bond.provider).get(f"/corrective-actions/{action.id}/agree").status_code == 409


def test_withdrawn_by_whoever_asked_or_the_intermediary(bond, browse):
    action = propose(bond, actor=bond.official)
    page = f"/corrective-actions/{action.id}/withdraw"
    for who in ("provider", "neighbour", "investor"):
        assert browse(getattr(bond, who)).get(page).status_code == 403
    assert browse(bond.official).post_form(page, {"reason": "Solved."}).status_code == 303
    db.session.refresh(action)
    assert action.state == CorrectiveState.WITHDRAWN and bond.provider.email in told("corrective.withdraw")


@pytest.mark.parametrize("days", [1, -1])
def test_done_between_the_agreement_and_today(bond, browse, days):
    action = propose(bond)
    agree_to_action(action, actor=bond.provider)
    day = str(TODAY + timedelta(days=days))
    answer = browse(bond.provider).post_form(
        f"/corrective-actions/{action.id}/finish", {"done_on": day, "note": "It is."}
    )
    assert answer.status_code == 422 and "It is." in answer.text
    db.session.refresh(action)
    assert action.state == CorrectiveState.AGREED


@pytest.mark.parametrize("change", [{"what": "Call 123456782."}, {"due_on": str(TODAY - timedelta(days=1))}])
def test_what_is_refused_stays_as_it_was_typed(bond, browse, change):
    answer = browse(bond.intermediary).post_form(path(bond), typed(bond, **change))
    assert answer.status_code == 422 and typed(bond, **change)["what"] in answer.text


def test_only_warnings_that_the_reader_may_see_can_be_answered(bond, browse):
    """How many of Enschede came in is not for the intermediary; that claims wait is."""
    make_claim(bond, submitted_at=clock.now() - timedelta(days=31))
    page = browse(bond.neighbour).get_ok(path(bond)).text
    assert 'value="claims_wait"' not in page
    answer = browse(bond.intermediary).post_form(path(bond), typed(bond, about="claims_wait"))
    assert answer.status_code == 303
    assert db.session.scalars(db.select(CorrectiveAction)).one().about == "claims_wait"


def test_strangers_see_nothing(bond, browse):
    action = propose(bond)
    stranger = browse(make_user(make_organisation(OrganisationKind.INVESTOR)))
    assert stranger.get(f"/corrective-actions/{action.id}").status_code == 404
    assert browse(bond.investor).get(path(bond)).status_code == 403


def test_two_people_at_once(bond, browse):
    """The second one hears that it was decided."""
    action = propose(bond)
    browser = browse(bond.provider)
    page = browser.get_ok(f"/corrective-actions/{action.id}/agree")
    agree_to_action(action, actor=bond.provider)
    assert browser.submit(page).status_code == 409
    assert len(recorded("corrective.agree")) == 1


def test_no_text_of_it_holds_the_code_of_a_participant(bond, browse):
    """Every party reads it, also who may not know of anybody (domain, section 9): by page and by operation."""
    told = f"Call on {make_participant(bond).code.replace('-', '')} first."
    answer = browse(bond.intermediary).post_form(path(bond), typed(bond, what=told))
    assert answer.status_code == 422 and told in answer.text
    assert "code of a participant" in soup(answer).select_one("#what-error").text
    asked = {"actor": bond.intermediary, "once": uuid.uuid4()}
    with pytest.raises(Refused, match="code of a participant"):
        propose_action(bond.programme, told, bond.provider_organisation, DUE, **asked)
    action = propose(bond)
    with pytest.raises(Refused, match="code of a participant"):
        decline_action(action, told, actor=bond.provider)
    agree_to_action(action, actor=bond.provider)
    with pytest.raises(Refused, match="code of a participant"):
        finish_action(action, TODAY, told, actor=bond.provider)
    with pytest.raises(Refused, match="code of a participant"):
        withdraw_action(action, told, actor=bond.intermediary)
    assert action.state == CorrectiveState.AGREED and not action.note
