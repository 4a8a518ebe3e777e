"""An appeal past its term: it is shown as late to who decides, who filed it and the intermediary, and told once (issue
5: an appeal is decided within a term; the portal counts 30 days)."""

from datetime import timedelta

import pytest

from app.core import clock
from app.outcomes.models import RejectionReason
from app.outcomes.states import ClaimState
from app.verification.appeal_operations import decide_appeal
from app.verification.appeal_reminding import remind_of_late
from tests.factories.outcomes import make_batch, make_claim, make_delivery
from tests.factories.verification import make_colleague
from tests.told import recorded, told, words_told
from tests.verification.test_appeal import appeal


@pytest.fixture
def bond(app):
    bond = make_delivery()
    bond.other = make_colleague(bond)
    return bond


@pytest.fixture
def claim(bond):
    facts = {"decision_reason": RejectionReason.NO_EVIDENCE, "decided_by_id": bond.assessor.id}
    claim = make_claim(bond, state=ClaimState.REJECTED, **facts)
    make_batch(bond)
    return claim


def test_it_is_told_once_and_shown_to_all_who_wait(bond, claim, browse):
    made = appeal(claim, bond.provider)
    late = clock.now() + timedelta(days=110)
    index = f"/programmes/{bond.programme.id}/verification"
    with clock.at(clock.now() + timedelta(days=29)):
        assert remind_of_late() == 0, "not before its term ended"
        assert "An appeal is late" not in browse(bond.intermediary).get_ok(index).text
    with clock.at(late):
        assert (remind_of_late(), remind_of_late()) == (1, 0)
        people = (bond.assessor, bond.other, bond.provider, bond.intermediary, bond.colleague)
        assert told("appeal.remind") == {person.email for person in people}
        assert recorded("appeal.remind") == [{}]
        for person in (bond.other, bond.provider):
            assert "should have been decided" in browse(person).get_ok(f"/appeals/{made.id}").text
        for person in (bond.other, bond.intermediary):
            assert "An appeal is late" in browse(person).get_ok(index).text
        for person in (bond.investor, bond.auditor):
            assert "An appeal is late" not in browse(person).get_ok(index).text
        assert browse(bond.intermediary).get(f"/appeals/{made.id}").status_code in (403, 404)
    with clock.at(late + timedelta(days=1)):
        decide_appeal(made, False, "The register says no.", actor=bond.other)
        assert remind_of_late() == 0 and "An appeal is late" not in browse(bond.intermediary).get_ok(index).text


def test_the_intermediary_is_told_of_which_bond_and_of_no_claim(bond, claim):
    appeal(claim, bond.provider)
    with clock.at(clock.now() + timedelta(days=40)):
        remind_of_late()
    words = words_told("appeal.remind")
    assert words.count(claim.number) == 3, "two of the assessor and the provider, not two of the intermediary"
    assert claim.participant.code not in words
