"""An assessor reads a claim from the day on which it is handed in: before that it is the provider's own work, and who
judges does not look into it (domain, sections 2 and 9)."""

import pytest

from app.core.errors import NotYours
from app.extensions import db
from app.outcomes.proving import submit_proof, withdraw_proof
from app.outcomes.queries import work_list
from app.outcomes.states import ClaimState
from app.verification.operations import recuse_claim
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_participant
from tests.outcomes.test_partner import make_file


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def person(bond):
    return make_participant(bond)


@pytest.fixture
def draft(bond, person):
    return make_claim(bond, person, state=ClaimState.REGISTERED)


STEPS = ("", "/judge", "/verify", "/reject", "/question", "/recuse", "/reopen")


def test_every_page_of_a_claim_opens_when_it_is_handed_in(bond, browse, draft):
    file, browser = make_file(draft, bond.provider), browse(bond.assessor)
    for step in STEPS:
        assert browser.get(f"/claims/{draft.id}{step}").status_code == 404, step
    assert browser.get(f"/evidence/{file.id}").status_code == 404
    with pytest.raises(NotYours):
        recuse_claim(draft, actor=bond.assessor)
    assert browse(bond.official).get_ok(f"/claims/{draft.id}"), "the municipality reads its own residents' as before"
    submit_proof(draft, actor=bond.provider)
    assert browse(bond.assessor).get_ok(f"/claims/{draft.id}/judge")
    assert browse(bond.assessor).get(f"/evidence/{file.id}").status_code != 404


def test_what_was_taken_back_before_that_stays_closed(bond, browse, draft):
    withdraw_proof(draft, actor=bond.provider)
    assert browse(bond.assessor).get(f"/claims/{draft.id}").status_code == 404
    other = make_claim(bond)
    withdraw_proof(other, actor=bond.provider)
    assert browse(bond.assessor).get_ok(f"/claims/{other.id}"), "it was handed in first"


def test_no_list_and_no_neighbouring_page_shows_it(bond, browse, person, draft):
    handed_in = make_claim(bond, person, "days", evidence_digest=draft.evidence_digest)
    browser, shown = browse(bond.assessor), f"/claims/{draft.id}"
    for path in (
        f"/programmes/{bond.programme.id}/claims?state=all",
        f"/programmes/{bond.programme.id}/claims?state=registered",
        f"/claims/{handed_in.id}",
        f"/claims/{handed_in.id}/judge",
        f"/participants/{person.id}",
    ):
        page = browser.get_ok(path).text
        assert shown not in page, path
        assert draft.number not in page, path
    assert f"{draft.effect.name}: registered" not in browser.get_ok(f"/participants/{person.id}").text
    assert shown in browse(bond.provider).get_ok(f"/claims/{handed_in.id}").text
    states = soup(browser.get_ok(f"/programmes/{bond.programme.id}/claims")).text
    assert "signed off" in states
    assert "registered" not in states


@pytest.mark.parametrize("state", [None, *ClaimState])
def test_the_list_counts_what_it_shows(bond, state):
    """The count comes from a tally that knows no hand-in: it must not promise rows that are not there."""
    for one in (ClaimState.REGISTERED, ClaimState.SUBMITTED, ClaimState.REJECTED, ClaimState.WITHDRAWN):
        make_claim(bond, state=one)
    withdraw_proof(make_claim(bond, state=ClaimState.REGISTERED), actor=bond.provider)
    left = make_claim(bond)
    make_claim(bond, left.participant, "days", ClaimState.REGISTERED)
    recuse_claim(left, actor=bond.assessor)
    db.session.expire_all()
    listed = work_list(bond.programme, bond.assessor, state, "", 1, str)
    assert len(listed.rows) == listed.total
