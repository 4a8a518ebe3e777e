"""Pages of the evaluation: for whom they open, what stands on them, and that a long list costs no more statements."""

from datetime import timedelta

import pytest

from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow
from app.evaluation.consensus_operations import set_consensus
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.operations import declare_conflict
from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.evaluation import award, decide, freeze, make_tender, marks, open_plans, score_all
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.statements import counted

STAGES = {
    "sealed": lambda tender: consent_to_open(tender.call, passphrase_of(tender.openers[0]), actor=tender.openers[0]),
    "scoring": open_plans,
    "consensus": score_all,
    "ranked": lambda tender: freeze(tender, (9, 8), (6, 5)),
    "decided": decide,
    "final": award,
}


@pytest.mark.parametrize("stage", STAGES)
def test_the_evaluation_page_renders_for_everyone_who_may_read_it(app, browse, stage):
    tender = make_tender(bidders=2)
    evaluation = STAGES[stage](tender)
    auditor = make_user(make_party(tender.call.programme, Part.AUDITOR))
    url = f"/calls/{tender.call.id}/evaluation"
    for reader in (tender.official, tender.openers[0], tender.openers[1], tender.scorers[0], auditor):
        page = browse(reader).get_ok(url)
        assert tender.scorers[0].name in page.text
    for other in (tender.bidders[0].lead, make_user(make_party(tender.call.programme, Part.INVESTOR)), make_user()):
        assert browse(other).get(url).status_code == 403
    if stage in ("decided", "final"):
        for reader in (tender.official, tender.openers[0], tender.scorers[0], auditor, tender.bidders[1].lead):
            browse(reader).get_ok(f"/evaluations/{evaluation.id}/decision")
        for reader in (tender.official, tender.scorers[0], auditor):
            browse(reader).get_ok(f"/evaluations/{evaluation.id}/scores")


def test_before_the_first_consent_there_is_a_page_too(app, browse):
    tender = make_tender()
    page = browse(tender.openers[0]).get_ok(f"/calls/{tender.call.id}/evaluation")
    assert "Open the plans" in page.text
    assert tender.bidders[0].consortium.name not in page.text  # who takes part is not known before the opening
    browse(tender.official).get_ok(f"/calls/{tender.call.id}/evaluation")


def test_before_the_deadline_nobody_has_failed_to_consent(app, browse):
    """It is not their turn yet; after the deadline it is."""
    tender = make_tender(bidders=1, deadline=clock.now() + timedelta(days=30))
    url = f"/calls/{tender.call.id}/evaluation"
    page = browse(tender.openers[0]).get_ok(url).text
    assert "not their turn yet" in page and "has not consented" not in page
    with clock.at(tender.call.deadline + timedelta(hours=1)):
        page = browse(tender.openers[0]).get_ok(url).text
    assert "has not consented" in page and "not their turn yet" not in page


@pytest.mark.parametrize("tied", [False, True])
def test_a_drawing_of_lots_is_linked_where_one_is_held(app, browse, tied):
    """Beside a call in lots the word alone would promise the lots of the call."""
    tender = make_tender(bidders=2)
    freeze(tender, (7, 7), (7, 7) if tied else (3, 3))
    assert tender.evaluation.is_tied == tied
    links = soup(browse(tender.openers[0]).get_ok(f"/calls/{tender.call.id}/evaluation")).select("main a")
    assert (f"/evaluations/{tender.evaluation.id}/lots" in [link["href"] for link in links]) == tied


def test_every_form_page_renders(app, browse):
    tender = make_tender(bidders=2)
    evaluation = open_plans(tender)
    scorer = browse(tender.scorers[0])
    scorer.get_ok(f"/evaluations/{evaluation.id}/declare")
    browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/name-scorer")
    declare_conflict(evaluation, False, "", actor=tender.scorers[0])
    scorer.get_ok(f"/opened/{evaluation.opened[0].id}/score")
    scorer.get_ok(f"/evaluations/{evaluation.id}/lock")
    browse(tender.openers[0]).get_ok(f"/evaluations/{evaluation.id}/opening")


def test_illustrative_prices_are_said_on_the_plan(app, browse):
    tender = make_tender(bidders=1)
    tender.call.table.programme.illustrative = True
    db.session.commit()
    evaluation = open_plans(tender)
    page = browse(tender.openers[0]).get_ok(f"/opened/{evaluation.opened[0].id}")
    assert "Illustrative prices" in page.text


@pytest.mark.parametrize("path", ["evaluation", "opening", "declare", "scores", "decision"])
def test_thirty_plans_cost_as_many_statements_as_three(app, browse, path):
    costs = []
    for bidders in (3, 30):
        tender = make_tender(bidders=bidders)
        if path in ("evaluation", "opening", "declare"):
            evaluation = open_plans(tender)
            reader = tender.scorers[0]
        else:
            evaluation = decide(tender)
            reader = tender.official if path == "scores" else tender.bidders[1].lead
        url = f"/calls/{tender.call.id}/evaluation" if path == "evaluation" else f"/evaluations/{evaluation.id}/{path}"
        client = browse(reader)
        client.get_ok(url)
        with counted() as statements:
            client.get_ok(url)
        costs.append(len(statements))
    assert costs[0] == costs[1], costs
    assert costs[1] <= 25, costs  # the decision asks for its letters and for what suspends it


def test_a_cancelled_call_stops_its_evaluation(app, browse):
    """Cancelled with reasons: nothing is scored, agreed or awarded any more."""
    tender = make_tender(bidders=1)
    evaluation = score_all(tender)
    tender.call.state, tender.call.cancelled_because = CallState.CANCELLED, "The council took back the budget."
    db.session.commit()
    assert "took back the budget" in browse(tender.official).get_ok(f"/calls/{tender.call.id}/evaluation").text
    plan = tender.opened_of(tender.bidders[0])
    assert browse(tender.scorers[0]).get(f"/opened/{plan.id}/consensus").status_code == 409
    with pytest.raises(NotNow):
        set_consensus(plan, marks(tender.call, 7, 7), actor=tender.scorers[0])
    assert browse(tender.official).get(f"/evaluations/{evaluation.id}/decide").status_code == 409
