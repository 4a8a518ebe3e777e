"""Pages for each role: what they may read of a batch, in a number of statements that does not grow with it."""

import pytest

from app.core import clock
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket
from app.verification.queries import gives_away_count, next_of, strata_of
from app.verification.signing import sign_off
from app.verification.states import Finding
from app.workspace.queries import bonds_of, tasks_of
from tests.browser import soup
from tests.factories.verification import make_claims, make_docket, make_sampled
from tests.statements import counted


def concluded(faults, **rules):
    """A bond with forty claims of which thirty were drawn, so many of them rejected, concluded."""
    bond = make_sampled(**rules)
    make_claims(bond, 40)
    docket = make_docket(bond)
    drawn = db.select(DocketItem.claim_id).where(DocketItem.docket_id == docket.id, DocketItem.is_drawn)
    ids = list(db.session.scalars(drawn))
    for chosen, state in ((ids[:faults], ClaimState.REJECTED), (ids[faults:], ClaimState.VERIFIED)):
        decided = {"state": state, "decided_at": clock.now(), "decided_by_id": bond.assessor.id}
        reason = {"decision_reason": "double"} if state == ClaimState.REJECTED else {}
        db.session.execute(db.update(Claim).where(Claim.id.in_(chosen)).values(decided | reason))
    db.session.commit()
    conclude_docket(docket, actor=bond.assessor)
    return bond, docket


def test_the_seed_and_the_fingerprint_are_public_and_no_number_is(app, browse):
    bond, docket = concluded(1)
    sign_off(bond.programme, "Read.", actor=bond.assessor)
    for path in (f"/programmes/{bond.programme.id}/verification", f"/dockets/{docket.id}"):
        page = soup(browse().get_ok(path)).select_one("main")
        assert docket.list_digest in page.text
    assert docket.seed in page.text
    assert "What the claims show" not in page.text
    assert bond.assessor.name not in page.text, "who declared is for the parties"
    for path in ("repeat", "list.json", "draw", "declare", "conclude"):
        assert browse().get(f"/dockets/{docket.id}/{path}").status_code in (302, 303, 401, 404)


@pytest.mark.parametrize("who", ["provider", "assessor"])
def test_provider_and_assessor_read_the_share_of_faults_with_its_interval(app, browse, who):
    bond, docket = concluded(3, tolerance_bp=1_000)
    page = soup(browse(getattr(bond, who)).get_ok(f"/dockets/{docket.id}")).select_one("main").text
    assert "10.0%" in page
    assert "95% between 3.5% and 25.6%" in page
    assert "within tolerance" in page


@pytest.mark.parametrize("who", ["official", "intermediary", "investor", "auditor"])
def test_the_others_read_no_number_of_faults(app, who):
    bond, docket = concluded(3, tolerance_bp=1_000)
    for one in strata_of(docket, getattr(bond, who)):
        assert (one.faults, one.interval, one.left) == (None, None, None)
        assert (one.size, one.drawn) == ((40, 30) if who == "auditor" else (None, None))
    assert bool(strata_of(docket, getattr(bond, who))) == (who != "investor")


@pytest.mark.parametrize("faults", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("tolerated", [0, 1, 2, 3, 4])
def test_no_finding_leaves_one_of_the_counts_that_are_hidden(faults, tolerated):
    """A reader of "<5" and of the finding must still find at least two counts possible, whatever the tolerance."""
    if gives_away_count(100, tolerated * 100):
        return  # silent for every number of faults, so the silence tells nothing
    small = {1, 2, 3, 4}
    same_finding = {count for count in small if (count <= tolerated) == (faults <= tolerated)}
    assert faults == 0 or len(same_finding) >= 2


def test_a_finding_that_would_tell_is_withheld_whatever_was_found(app):
    for faults in (0, 1, 2):
        bond, docket = concluded(faults)  # 5 per cent of 30: one is tolerated
        assert [one.finding for one in strata_of(docket, bond.official)] == [None]
        assert strata_of(docket, bond.assessor)[0].finding in (Finding.WITHIN, Finding.ABOVE)


def test_pages_cost_the_same_for_few_and_many(app, browse):
    costs = []
    for number in (31, 90):
        bond = make_sampled()
        make_claims(bond, number)
        docket = make_docket(bond)
        browser = browse(bond.assessor)
        first = f"/claims/{next_of(bond.programme, bond.assessor)}/judge"
        cost = []
        for path in (f"/programmes/{bond.programme.id}/work-list", f"/dockets/{docket.id}", first):
            browser.get_ok(path)
            with counted() as statements:
                browser.get_ok(path)
            cost.append(len(statements))
        costs.append(cost)
    assert costs[0] == costs[1]


def test_signing_costs_the_same_for_few_and_many(app):
    costs = []
    for number in (1, 5, 50):
        bond = make_sampled(sampling=False)
        ids = make_claims(bond, number)
        docket = make_docket(bond)
        db.session.execute(db.update(Claim).where(Claim.id.in_(ids)).values(state=ClaimState.VERIFIED))
        db.session.commit()
        conclude_docket(docket, actor=bond.assessor)
        with counted() as statements:
            sign_off(bond.programme, "Read.", actor=bond.assessor)
        costs.append(len(statements))
    assert costs[1] == costs[2], "the first one publishes the certificate"


def test_an_effect_of_which_every_claim_is_judged_is_not_even_named(app):
    bond = make_sampled()
    make_claims(bond, 40)
    make_claims(bond, 3, "days")
    docket = make_docket(bond)
    assert [one.effect for one in strata_of(docket, bond.provider)] == ["Thirteen weeks of work", "Days without care"]
    for reader in (bond.official, bond.auditor, bond.intermediary):
        assert [one.effect for one in strata_of(docket, reader)] == ["Thirteen weeks of work"]


def test_what_waits_for_the_assessor_is_what_was_drawn_and_nothing_to_sign_before_the_finding(app, browse):
    bond = make_sampled()
    make_claims(bond, 40)
    docket = make_docket(bond)
    drawn = db.select(DocketItem.claim_id).where(DocketItem.docket_id == docket.id, DocketItem.is_drawn).limit(4)
    db.session.execute(db.update(Claim).where(Claim.id.in_(list(db.session.scalars(drawn)))).values(state="verified"))
    db.session.commit()
    with app.test_request_context():
        waits = tasks_of(bond.assessor, bonds_of(bond.assessor))
    tasks = {task.url.split("/")[-1].split("?")[0]: task.count for task in waits}
    assert tasks == {"work-list": 26}


def test_the_public_finds_seed_and_fingerprint_from_the_results(app, browse):
    """What is published and found by nobody is not published (issue 5: seed and hash of the list are published)."""
    bond, docket = concluded(1)
    results = browse().get_ok(f"/programmes/{bond.programme.id}/results")
    link = soup(results).select_one(f'main a[href="/programmes/{bond.programme.id}/verification"]')
    assert link is not None
    batches = browse().get_ok(link["href"])
    assert soup(batches).select(f'main a[href="/dockets/{docket.id}"]')
    assert docket.seed in soup(browse().get_ok(f"/dockets/{docket.id}")).select_one("main").text
