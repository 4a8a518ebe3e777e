"""The share of rejections by month, per kind of evidence and per assessor, with its interval; small numbers hidden.

Source: issue 5 ("statistics per assessor and evidence type that show drift"); Wilson (1927); the domain, section 9.
"""

from datetime import UTC, datetime

import pytest

from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
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
