"""The share of rejections by month, per kind of evidence and per assessor, with its interval; small numbers hidden.

Source: issue 5 ("statistics per assessor and evidence type that show drift"); Wilson (1927); the domain, section 9.
"""

from datetime import UTC, datetime

import pytest

from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.pricing.models import EvidenceType
from app.verification.appeal_models import Appeal
from app.verification.appeal_states import AppealState
from app.verification.drift import Compared, drift_of, months_of
from tests.browser import soup
from tests.factories.outcomes import make_delivery
from tests.factories.verification import make_claims, make_colleague
from tests.statements import counted

UTC = UTC


def judged(bond, number, rejected, month, by):
    """`number` claims of a month, of which `rejected` were rejected."""
    ids = make_claims(bond, number)
    on = datetime(2026, month, 10, 12, tzinfo=UTC)
    for some, state in ((ids[:rejected], ClaimState.REJECTED), (ids[rejected:], ClaimState.VERIFIED)):
        values = {"state": state, "decided_at": on, "decided_by_id": by.id}
        db.session.execute(db.update(Claim).where(Claim.id.in_(some)).values(**values))
    db.session.commit()
    return ids


@pytest.fixture
def bond(app):
    """March: 4 of 40; April: 20 of 40, by a colleague. Together 24 of 80, which is 30 %."""
    made = make_delivery()
    made.other = make_colleague(made)
    judged(made, 40, 4, 3, made.assessor)
    judged(made, 40, 20, 4, made.other)
    return made


def test_a_month_stands_apart_when_all_months_lie_outside_its_interval(bond):
    """Wilson at 95 %: 4 of 40 gives 4.0 to 23.1 %, 20 of 40 gives 35.2 to 64.8 %; 30 % lies outside both."""
    months = drift_of(bond.programme, exact=True).by_evidence
    assert [(one.month, one.judged, one.rejected) for one in months] == [(3, 40, 4), (4, 40, 20)]
    assert [one.compared for one in months] == [Compared.FEWER, Compared.MORE]
    assert [tuple(round(end, 3) for end in one.interval) for one in months] == [(0.040, 0.231), (0.352, 0.648)]


def test_an_assessor_is_held_against_all_assessors_and_only_who_judges_reads_it(bond, browse):
    people = {one.name: one.compared for one in drift_of(bond.programme, exact=True).by_assessor}
    assert people == {bond.assessor.name: Compared.FEWER, bond.other.name: Compared.MORE}
    assert drift_of(bond.programme, exact=False).by_assessor == []
    path = f"/programmes/{bond.programme.id}/drift"
    own, others = (soup(browse(who).get_ok(path)).select_one("main").text for who in (bond.assessor, bond.auditor))
    assert bond.other.name in own and "more rejected than usual" in own
    assert bond.other.name not in others
    for stranger in (bond.provider, bond.investor, bond.intermediary):
        assert browse(stranger).get(path).status_code == 403


def test_what_was_accepted_unseen_says_nothing_about_who_judges(bond):
    unseen = judged(bond, 10, 0, 3, bond.assessor)
    db.session.execute(db.update(Claim).where(Claim.id.in_(unseen)).values(accepted_unseen=True))
    assert drift_of(bond.programme, exact=True).by_evidence[0].judged == 40


def test_a_month_of_four_says_nothing(bond):
    judged(bond, 4, 4, 5, bond.assessor)
    last = drift_of(bond.programme, exact=True).by_evidence[-1]
    assert (last.share, last.interval, last.compared) == (None, None, Compared.FEW)


def appealed(bond, id, outcome, by_provider):
    side = bond.provider if by_provider else bond.official
    facts = {"programme_id": bond.programme.id, "claim_id": id, "organisation_id": side.organisations[0].id}
    facts |= {"filed_by_id": side.id, "reason": "Look again.", "decided_by_id": bond.other.id, "state": outcome}
    db.session.add(Appeal(by_provider=by_provider, **facts))
    db.session.commit()


def test_what_did_not_hold_is_told_per_assessor_and_per_kind_of_evidence(bond, browse):
    """In May the first person judges 10 claims: 3 rejected, 7 proven. Of the proven one is reopened after fraud, one on
    appeal of the municipality, and one is reopened and put right on appeal of the provider. Of the rejected one stands
    anew; of another the appeal was dismissed."""
    ids = judged(bond, 10, 3, 5, bond.assessor)
    set_of = db.update(Claim).where(Claim.id.in_(ids[3:]))
    db.session.execute(set_of.values(state=ClaimState.SETTLED, evidence_type=EvidenceType.SCHOOL))
    db.session.execute(db.update(Claim).where(Claim.id.in_(ids[3:6])).values(state=ClaimState.REOPENED))
    appealed(bond, ids[0], AppealState.UPHELD, by_provider=True)
    appealed(bond, ids[1], AppealState.DISMISSED, by_provider=True)
    appealed(bond, ids[4], AppealState.UPHELD, by_provider=False)
    appealed(bond, ids[5], AppealState.UPHELD, by_provider=True)
    found = drift_of(bond.programme, exact=True)
    own = next(one for one in found.held_by_assessor if one.name == bond.assessor.name)
    assert (own.judged, own.proven, own.reopened, own.overturned) == (50, 43, 2, 2)
    colleague = next(one for one in found.held_by_assessor if one.name == bond.other.name)
    assert (colleague.judged, colleague.proven, colleague.reopened, colleague.overturned) == (40, 20, 0, 0)
    school = next(one for one in found.held_by_evidence if one.name == EvidenceType.SCHOOL.label)
    assert (school.judged, school.proven, school.reopened, school.overturned) == (7, 7, 2, 1)
    path = f"/programmes/{bond.programme.id}/drift"
    assert "What did not hold" in soup(browse(bond.assessor).get_ok(path)).select_one("main").text
    others = drift_of(bond.programme, exact=False)
    assert (others.held_by_evidence, others.held_by_assessor) == ([], [])
    for reader in (bond.auditor, bond.official):
        assert "What did not hold" not in browse(reader).get_ok(path).text, "small numbers"


@pytest.mark.parametrize("judged_, rejected", [(29, 10), (40, 4), (40, 36), (4, 2)])
def test_others_learn_no_small_number(judged_, rejected):
    """Below 30 judged, or with 1 to 4 on either side, a month is left out: that it occurs may be small."""
    rows = [("e", 2026, 3, judged_, rejected), ("e", 2026, 4, 100, 33)]
    told = months_of(rows, exact=False, own_usual=True)
    assert [(one.month, one.judged, one.rejected, one.interval, one.share) for one in told] == [
        (4, None, None, None, 0.3)
    ]


def test_the_page_costs_the_same_for_more_months(bond, browse):
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}/drift"
    with counted() as few:
        browser.get_ok(path)
    for month in (5, 6, 7):
        judged(bond, 6, 1, month, bond.assessor)
    with counted() as more:
        browser.get_ok(path)
    assert len(more) == len(few)
