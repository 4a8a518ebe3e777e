"""Whoever reads a claim reads who did what with it, and when; nobody one assessor's opinion before the other's."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.proving import answer_proof, submit_proof
from app.outcomes.states import ClaimState
from app.verification.judging import PROVEN, Opinion, ask_provider, judge_claim
from app.verification.operations import conclude_docket
from app.verification.signing import sign_off
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.outcomes import make_claim
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled

NOON = datetime(2026, 11, 15, 12, tzinfo=UTC)
TIE = "Two assessors found differently: a third one decided"


def history_on(browser, claim):
    entries = soup(browser.get_ok(f"/claims/{claim.id}")).select(".timeline")[-1].select("li")
    return [" ".join(entry.get_text(" ", strip=True).split()) for entry in entries]


@pytest.fixture(autouse=True)
def in_november(app):
    with clock.at(NOON):
        yield


def test_every_step_stands_with_its_person(app, browse):
    bond = make_sampled(sampling=False)
    claim = make_claim(bond, state=ClaimState.REGISTERED)
    submit_proof(claim, actor=bond.provider)
    docket = make_docket(bond)
    ask_provider(claim, "Until when?", actor=bond.assessor)
    answer_proof(claim, "Until May.", actor=bond.provider)
    judge_claim(claim, PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    batch = sign_off(bond.programme, "All read.", actor=bond.assessor)
    steps = ["Handed in", "The assessor asked something", "Answered", "Verified", batch.title]
    names = [bond.provider, bond.assessor, bond.provider, bond.assessor, bond.assessor]
    for reader in (bond.provider, bond.assessor):
        told = history_on(browse(reader), claim)
        assert len(told) == len(steps)
        for entry, step, person in zip(told, steps, names, strict=True):
            assert step in entry and person.name in entry and "15 November 2026" in entry


def test_one_opinion_of_two_is_not_told(app, browse):
    bond = make_sampled(sampling=False, assessors=2)
    (id,) = make_claims(bond, 1)
    claim, colleague = db.session.get_one(Claim, id), make_colleague(bond)
    make_docket(bond, bond.assessor, colleague)
    judge_claim(claim, PROVEN, actor=bond.assessor)
    page = browse(colleague).get_ok(f"/claims/{id}")
    assert bond.assessor.name not in soup(page).select_one("main").text


def test_a_signer_reads_how_much_is_signed_for_and_finds_it(app, browse):
    bond = make_sampled(sampling=False)
    ids = make_claims(bond, 3)
    docket = make_docket(bond)
    for id in ids:
        judge_claim(db.session.get_one(Claim, id), PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    browser = browse(bond.assessor)
    page = soup(browser.get_ok(f"/programmes/{bond.programme.id}/sign-off"))
    link = next(a for a in page.select("main a") if a.text == "verified: 3")
    listed = browser.get_ok(link["href"]).text
    assert all(db.session.get_one(Claim, id).number in listed for id in ids)


def test_a_tie_that_a_third_decided_stands_in_the_history(app, browse):
    """That two differed and who decided; what the two found each names nobody. Two that agree leave no such line."""
    bond = make_sampled(sampling=False, assessors=2)
    tied, agreed = (db.session.get_one(Claim, id) for id in make_claims(bond, 2))
    second, third = make_colleague(bond), make_colleague(bond)
    make_docket(bond, bond.assessor, second, third)
    _judge_at(9, tied, PROVEN, bond.assessor)
    _judge_at(10, tied, Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "Unreadable."), second)
    assert TIE not in browse(bond.provider).get_ok(f"/claims/{tied.id}").text, "nobody decided yet"
    _judge_at(11, tied, PROVEN, third)
    _judge_at(9, agreed, PROVEN, bond.assessor)
    _judge_at(10, agreed, PROVEN, second)
    for reader in (bond.provider, bond.assessor):
        told = history_on(browse(reader), tied)
        assert [third.name in entry for entry in told if TIE in entry] == [True]
        assert not any(name in entry for entry in told for name in (second.name, bond.assessor.name))
        assert not any(TIE in entry for entry in history_on(browse(reader), agreed))


def _judge_at(hour, claim, opinion, actor):
    """Who judged after whom is told by the time: at one and the same moment it would be told by chance."""
    with clock.at(NOON.replace(hour=0) + timedelta(hours=hour)):
        judge_claim(claim, opinion, actor=actor)
