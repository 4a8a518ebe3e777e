"""The steps of a call from the notice to the ranking; each is told, done, and checked where it is done."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from app.awards.models import Letter, LetterState
from app.calls import asked_operations, key_operations, operations, question_operations
from app.calls.asked_operations import ContactFacts
from app.calls.criteria import CriterionFacts, scoring_of
from app.calls.models import Call, CriterionKind
from app.calls.operations import CallFacts
from app.calls.question_models import Nota
from app.calls.rectify_operations import rectify_call
from app.calls.rewriting import Rewritten
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.consensus_operations import freeze_quality, record_meeting, set_consensus
from app.evaluation.discount_operations import consent_to_open_discounts
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.operations import declare_conflict, give_score, lock_scores
from app.evaluation.screening_operations import admit_clean
from app.evaluation.states import EvaluationState, ProofKind
from app.extensions import db
from app.people.models import OrganisationKind
from app.proposals.operations import confirm_proposal
from app.proposals.pieces import DISCOUNT_KEY
from app.proposals.states import ProposalState
from app.proposals.submit_operations import submit_proposal
from tests.browser import soup
from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium
from tests.factories.evaluation import marks
from tests.factories.keys import passphrase_of, type_back
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme
from tests.factories.proposals import make_plan, write_answer, write_plan
from tests.told import recorded, told, words_told

QUESTION = "May a partner join after the start?"
CONFIDENTIAL = "We think of the housing firm Zonnedauw."
WITHHELD = "The name of a possible partner would help rivals."
GROUNDS = "The plan names the risk that the committee missed."
DEADLINE = clock.local(date(2026, 4, 7), 12)  # as rectified: ten days after 27 March is Easter Monday
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Country:
    """`first`, `resent`, `second`: the last day of the standstill after the decision of Friday 24 April, after one of
    its letters was sent again on 29 April, and after the new decision of 3 June."""

    code: str
    standstill_days: int
    first: date
    resent: date
    second: date
    proofs: frozenset[ProofKind]


@dataclass
class Case:
    country: Country
    browse: object
    officials: list
    openers: list
    scorers: list
    spare: object
    call: Call = None
    plans: dict = field(default_factory=dict)  # proposal by name of the consortium

    @property
    def evaluation(self):
        return db.session.scalars(db.select(Evaluation).filter_by(call_id=self.call.id)).unique().one()

    def people(self, name):
        return [partner.organisation.people()[0] for partner in self.plans[name].consortium.taking_part]

    def lead(self, name):
        return self.people(name)[0]

    def opened(self, name):
        found = db.select(OpenedProposal).filter_by(proposal_id=self.plans[name].id)
        return db.session.scalars(found).unique().one()

    def letter(self, name):
        found = db.select(Letter).filter_by(opened_id=self.opened(name).id, state=LetterState.SENT)
        return db.session.scalars(found).unique().one()

    def ranking(self):
        found = db.select(OpenedProposal).where(OpenedProposal.rank.is_not(None)).order_by(OpenedProposal.rank)
        plans = db.session.scalars(found).unique()
        return [(plan.consortium.name, plan.total_hundredths) for plan in plans]


def on(month, day, hour=10):
    """At an hour of a day of 2026, where the parties are."""
    return clock.at(clock.local(date(2026, month, day), hour))


def publish(country, browse):
    """Drafted by one official, a key for each who opens, published by another."""
    lead = make_organisation(OrganisationKind.MUNICIPALITY)
    programme = make_programme(lead, jurisdiction=country.code)
    make_table(programme)
    officials, openers = [make_user(lead) for _ in range(2)], [make_user(lead) for _ in range(3)]
    experts = make_organisation(OrganisationKind.ASSESSOR, "Experts")
    *scorers, spare = [make_user(experts) for _ in range(4)]
    case = Case(country, browse, officials, openers, scorers, spare)
    facts = CallFacts(
        title="One plan for seventy young adults",
        description="Paid per proven effect.",
        requirements="Experience with the target group.",
        questions_until=clock.local(date(2026, 3, 2), 17),
        deadline=clock.local(date(2026, 3, 27), 12),
        standstill_days=country.standstill_days,
        criteria=criteria(50, 30),
        openers=tuple(one.id for one in openers),
        scorers=tuple(one.id for one in scorers),
    )
    call = case.call = operations.draft_call(programme, facts, actor=officials[0], once=uuid.uuid4())
    contact = ContactFacts("Tender desk", "Tenders", "tenders@city.example")
    asked_operations.add_contact(call, contact, actor=officials[0], once=uuid.uuid4())
    with pytest.raises(Refused):  # without the keys of those who open nothing could be sealed
        operations.publish_call(call, actor=officials[1])
    db.session.refresh(call)
    for opener in openers:
        key_operations.make_opening_key(call, passphrase_of(opener), actor=opener)
    assert browse(officials[1]).post_form(f"/calls/{call.id}/publish").status_code == 303
    db.session.expire_all()
    assert call.state == CallState.PUBLISHED
    return case


def criteria(approach, risks):
    return (
        CriterionFacts("Approach", approach),
        CriterionFacts("Risks", risks),
        CriterionFacts("Discount", 20, kind=CriterionKind.DISCOUNT),
    )


def ask_and_answer(case):
    """The nota answers everybody; what would harm the asker is left out, and the record says why (art. 2.53 Aw)."""
    call, asker = case.call, make_user(make_provider("Asker"))
    with on(2, 10):
        typed = {"text": QUESTION, "confidential": CONFIDENTIAL}
        assert case.browse(asker).post_form(f"/calls/{call.id}/ask", typed).status_code == 303
    (question,) = call.questions
    with on(2, 16):
        with pytest.raises(Refused):
            question_operations.answer_question(question, question_operations.Reply("Yes."), actor=case.officials[0])
        reply = question_operations.Reply("Yes, with our consent.", withheld_because=WITHHELD)
        question_operations.answer_question(question, reply, actor=case.officials[0])
        assert case.browse(case.officials[0]).post_form(f"/calls/{call.id}/notas/publish").status_code == 303
    db.session.expire_all()
    nota = db.session.scalars(db.select(Nota)).one()
    shown = case.browse().get_ok(f"/notas/{nota.id}").text
    assert nota.number == 1 and asker.email in told("nota.publish")
    assert QUESTION in shown and "Yes, with our consent." in shown and WITHHELD in shown
    everything = shown + case.browse().get_ok(f"/calls/{call.id}/questions").text + words_told("nota.publish")
    assert CONFIDENTIAL not in everything and asker.name not in everything
    assert str(asker.id) not in str(recorded("question.ask"))


def write_plans(case):
    """Lead and partner each confirm; the discount goes into the second envelope."""
    discounts = {"Brug": 200, "Kans": 400, "Derde": 0, "Laat": 900, "Weg": 900}
    with on(2, 20):
        for name, discount in discounts.items():
            lead, partner = make_provider(f"{name} lead"), make_provider(f"{name} partner")
            make_user(lead), make_user(partner)
            consortium = make_consortium(case.call, lead, partners=[partner], name=name)
            approach = f"How {name} works"
            case.plans[name] = write_plan(
                consortium, make_plan(consortium, 40, approach=approach), actor=lead.people()[0]
            )
            write_answer(consortium, DISCOUNT_KEY, discount, actor=lead.people()[0])
            confirm(case, name)


def confirm(case, name):
    for person in case.people(name):
        confirm_proposal(case.plans[name], actor=person)


def rectify(case):
    """Other weights: everybody gets ten days more, is told, and confirms again (domain, section 6)."""
    call, official = case.call, case.officials[0]
    weights = Rewritten(
        scoring=replace(
            judged := scoring_of(call),
            criteria=tuple(
                replace(one, weight=weight) for one, weight in zip(judged.criteria, (40, 40, 20), strict=True)
            ),
        ),
        questions_until=clock.local(date(2026, 3, 20), 17),
    )
    with on(3, 9):
        for too_soon in (None, clock.local(date(2026, 4, 6), 12)):
            with pytest.raises(Refused, match="at least"):
                rectify_call(call, "Risks weigh as much.", too_soon, rewritten=weights, actor=official)
            db.session.refresh(call)
        rectify_call(call, "Risks weigh as much.", DEADLINE, rewritten=weights, actor=official)
        assert {one.email for name in case.plans for one in case.people(name)} <= told("call.rectify")
        shown = case.browse().get_ok(f"/calls/{call.id}").text
        assert "Risks weigh as much." in shown and "Deadline moved from" in shown
        for name, plan in case.plans.items():
            assert plan.confirmed_by() == {}, name
            with pytest.raises(Refused, match="not confirmed"):
                submit_proposal(plan, passphrase_of(plan), actor=case.lead(name))
            confirm(case, name)


def hand_in(case):
    """To the second: 11:59:59 is in time, 12:00:00 is not, and the page says so."""
    with on(4, 1):
        for name in ("Brug", "Kans", "Derde", "Weg"):
            submit_proposal(case.plans[name], passphrase_of(case.plans[name]), actor=case.lead(name))
    receipt = case.plans["Kans"].digest
    for name in ("Kans", "Weg"):
        with on(4, 2):
            typed = {"passphrase": passphrase_of(case.plans[name])}
            url = f"/proposals/{case.plans[name].id}/withdraw"
            assert case.browse(case.lead(name)).post_form(url, typed).status_code == 303
    late = case.browse(case.lead("Laat"))
    with clock.at(DEADLINE - SECOND):
        answer, _words = type_back(case.browse(case.lead("Kans")), f"/proposals/{case.plans['Kans'].id}/submit")
        assert answer.status_code == 303
        page = late.get_ok(f"/proposals/{case.plans['Laat'].id}/submit")
        with pytest.raises(NotNow):
            consent_to_open(case.call, passphrase_of(case.openers[0]), actor=case.openers[0])
    with clock.at(DEADLINE):
        refused = late.submit(page, {"passphrase": soup(page).select_one("#passphrase-shown").text})
        operations.close_call(case.call)
    assert refused.status_code == 409
    assert "The deadline has passed" in refused.text and "12:00:00" in refused.text
    db.session.expire_all()
    states = {name: plan.state for name, plan in case.plans.items()}
    handed_in = dict.fromkeys(("Brug", "Kans", "Derde"), ProposalState.SUBMITTED)
    assert states == handed_in | dict.fromkeys(("Laat", "Weg"), ProposalState.DRAFT)
    assert case.plans["Kans"].submitted_at == DEADLINE - SECOND
    assert case.plans["Kans"].digest != receipt  # sealed anew: another salt
    assert {one.email for one in case.people("Kans")} <= told("proposal.submit")


def open_plans(case):
    """Two officials, two passphrases; what was withdrawn or late is nowhere."""
    with on(4, 7, 14):
        for opener in case.openers[:2]:
            consent_to_open(case.call, passphrase_of(opener), actor=opener)
        with pytest.raises((NotNow, NotYours)):
            consent_to_open(case.call, passphrase_of(case.openers[2]), actor=case.openers[2])
    assert {plan.consortium.name for plan in case.evaluation.opened} == {"Brug", "Kans", "Derde"}
    assert case.opened("Kans").digest == case.plans["Kans"].digest
    with on(4, 8):
        for official in (*case.openers, *case.officials):
            declare_conflict(case.evaluation, False, "", actor=official)
        assert admit_clean(case.evaluation, actor=case.openers[0]) == 3


POINTS = {"Brug": (9, 8), "Kans": (8, 7), "Derde": (5, 5)}


def score(case):
    """Two scorers lock, the third has a conflict: out at once, and nothing is agreed before another has locked."""
    evaluation, (first, second, third), url = case.evaluation, case.scorers, f"/opened/{case.opened('Brug').id}"
    with on(4, 9):
        assert case.browse(third).get(url).status_code == 403  # nothing is read before declaring
        for scorer in case.scorers:
            declare_conflict(evaluation, False, "", actor=scorer)
            assert "How Brug works" in case.browse(scorer).get_ok(url).text
            for name, given in POINTS.items():
                give_score(case.opened(name), marks(case.call, *given), actor=scorer)
        for scorer in (first, second):
            lock_scores(evaluation, actor=scorer)
        typed = {"has_conflict": "conflict", "explanation": "My sister leads Derde."}
        assert case.browse(third).post_form(f"/evaluations/{evaluation.id}/declare", typed).status_code == 303
        db.session.expire_all()
        for path in (url, f"{url}/score", f"/evaluations/{evaluation.id}/scores"):
            assert case.browse(third).get(path).status_code == 403, path
        with pytest.raises(NotYours):
            lock_scores(evaluation, actor=third)
        assert evaluation.state == EvaluationState.SCORING  # two are not three
        assert case.browse(first).get(f"/evaluations/{evaluation.id}/scores").status_code == 409
    with on(4, 14):
        named = {"person": str(case.spare.id)}
        answer = case.browse(case.officials[0]).post_form(f"/evaluations/{evaluation.id}/name-scorer", named)
        assert answer.status_code == 303 and case.spare.email in told("scorer.name")
        db.session.expire_all()
        declare_conflict(evaluation, False, "", actor=case.spare)
        for name, given in POINTS.items():
            give_score(case.opened(name), marks(case.call, *given), actor=case.spare)
        lock_scores(evaluation, actor=case.spare)
    assert evaluation.state == EvaluationState.CONSENSUS
    assert {one.id for one in evaluation.active_scorers()} == {first.id, second.id, case.spare.id}


def agree(case, name, *points):
    set_consensus(case.opened(name), marks(case.call, *points), actor=case.scorers[0])


def meet_and_freeze(case):
    evaluation = case.evaluation
    present = evaluation.active_scorers()
    record_meeting(evaluation, clock.today(), present, "The committee agrees.", "", actor=present[0])
    freeze_quality(evaluation, actor=case.officials[0])


def freeze_then_open_discounts(case):
    """Nobody knows a price while quality can still change; then two officials open them."""
    evaluation, (first, second, _third) = case.evaluation, case.openers
    with on(4, 16):
        for name, given in POINTS.items():
            agree(case, name, *given)
        with pytest.raises(NotNow):
            consent_to_open_discounts(evaluation, passphrase_of(first), actor=first)
        meet_and_freeze(case)
        with pytest.raises(NotNow):
            agree(case, "Brug", 10, 10)
    with on(4, 17):
        consent_to_open_discounts(evaluation, passphrase_of(first), actor=first)
        assert [plan.discount for plan in evaluation.opened] == [None] * 3
        with pytest.raises(NotYours):
            consent_to_open_discounts(evaluation, passphrase_of(first), actor=first)
        consent_to_open_discounts(evaluation, passphrase_of(second), actor=second)
    # 40 x 8 + 40 x 7 + 20 x 10 = 800; 40 x 9 + 40 x 8 + 20 x 5 (half the discount) = 780; 40 x 5 + 40 x 5 = 400
    assert case.ranking() == [("Kans", 800), ("Brug", 780), ("Derde", 400)]
