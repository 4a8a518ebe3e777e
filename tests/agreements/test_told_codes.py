"""Every party of a bond reads why its agreement changes or ends: the code of a participant, of whatever bond, stands in
none of these texts (domain, section 9). A version that asks only the form, or only some of the texts, breaks one."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from app.agreements.amendment_models import Amendment
from app.agreements.amendment_operations import propose_amendment, refuse_amendment
from app.agreements.amendment_states import LeaveCause
from app.agreements.replacing import LeavingFacts, propose_replacement
from app.agreements.termination_models import Termination
from app.agreements.termination_operations import EndFacts, declare_end, propose_end
from app.agreements.termination_states import Ground
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from tests.browser import soup
from tests.factories.amendments import make_signed, propose, unchanged
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_delivery, make_participant


@pytest.fixture
def signed(app):
    return make_signed()


@pytest.fixture(params=["participant", "referral"])
def told(request, app):
    """As it is spelled over the telephone."""
    other = make_delivery()
    code = make_participant(other).code if request.param == "participant" else make_referral(other).code
    return f"{code.lower().replace('-', ' ')} went to other help."


def refused(act, field):
    with pytest.raises(Refused, match="code of a participant") as found:
        act()
    assert found.value.field == field


def test_no_operation_takes_a_code(signed, told):
    bond, agreement = signed
    who = {"actor": bond.official, "once": uuid.uuid4()}
    longer = replace(unchanged(agreement), payment_days=45)
    refused(lambda: propose_amendment(agreement, longer, told, **who), "reason")
    worded = replace(longer, text=f"{agreement.text}\n{told}")
    refused(lambda: propose_amendment(agreement, worded, "Practice taught us this.", **who), "text")
    last = clock.today() + timedelta(days=90)
    leaving = bond.provider.organisations[0]
    leaves = LeavingFacts(leaving, leaving, LeaveCause.INSOLVENT, last, told)
    refused(lambda: propose_replacement(agreement, leaves, **who), "reason")
    refused(lambda: propose_end(agreement, told, last, **who), "reason")
    refused(lambda: declare_end(agreement, EndFacts(Ground.NOTICE, told, last, None), **who), "reason")
    assert db.session.query(Amendment).count() == db.session.query(Termination).count() == 0
    made = propose(bond, agreement)
    refused(lambda: refuse_amendment(made, leaving, told, actor=bond.provider), "reason")


def test_it_is_said_where_it_was_typed_and_nothing_is_lost(signed, told, browse):
    bond, agreement = signed
    last = str(clock.today() + timedelta(days=90))
    end = {"ground": Ground.NOTICE.value, "last_day": last, "reason": told}
    for path, typed, field in (
        ("amend", {"payment_days": "45", "reason": told}, "reason"),
        ("amend", {"payment_days": "45", "reason": "Practice.", "text": f"{agreement.text} {told}"}, "text"),
        ("end", end, "reason"),
    ):
        answer = browse(bond.official).post_form(f"/agreements/{agreement.id}/{path}", typed)
        assert answer.status_code == 422, path
        assert "code of a participant" in soup(answer).select_one(f"#{field}-error").text
        assert told in soup(answer).select_one(f"#{field}").text
    made = propose(bond, agreement)
    answer = browse(bond.provider).post_form(f"/amendments/{made.id}/refuse", {"reason": told})
    assert answer.status_code == 422 and "code of a participant" in soup(answer).select_one("#reason-error").text
