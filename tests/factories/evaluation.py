"""A tender for tests: a call whose deadline has passed, its committee, and bidders with sealed plans."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.awards.operations import (
    Heading,
    decide_award,
    digest_of_all,
    drafts,
    finalise_award,
    review_letters,
    write_reasons,
)
from app.calls.models import Call, CommitteeMember, Criterion, CriterionKind, Duty
from app.consortia.models import Consortium, Partner
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.core.document import Document
from app.evaluation.consensus_operations import freeze_quality, rank_plans, record_meeting, set_consensus
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_operations import consent_to_open
from app.evaluation.operations import Mark, declare_conflict, give_score, lock_scores
from app.evaluation.proof_operations import check_proof, hand_in_proof, proofs_of
from app.evaluation.rules import quality_of
from app.evaluation.screening_operations import admit_clean
from app.extensions import db
from app.people.models import OrganisationKind, User
from app.proposals.content import DISCOUNT, make_content
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from tests.factories.calls import make_call
from tests.factories.keys import make_keys, passphrase_of
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme
from tests.factories.proposals import slots_in, write_slots
from tests.factories.sealed import hand_in

SECRET = "Only the committee reads this after the opening"


@dataclass
class Bidder:
    """A consortium of a lead and a partner, a person of each, and its plan."""

    consortium: Consortium
    lead: User
    partner: User
    proposal: Proposal


@dataclass
class Tender:
    call: Call
    official: User  # of the leading municipality; no part in the committee
    openers: list[User]
    scorers: list[User]
    bidders: list[Bidder]

    @property
    def evaluation(self) -> Evaluation:
        return db.session.scalars(db.select(Evaluation).filter_by(call_id=self.call.id)).one()

    def opened_of(self, bidder: Bidder) -> OpenedProposal:
        return db.session.scalars(db.select(OpenedProposal).filter_by(consortium_id=bidder.consortium.id)).one()


def make_tender(bidders: int = 2, scorers: int = 3, programme: Any = None, **facts: Any) -> Tender:
    """Handed in before the deadline, which has just passed. Criteria, unless given: Approach 60, Risks 40."""
    programme = programme or make_programme()
    facts.setdefault("deadline", clock.now() - timedelta(hours=1))
    facts.setdefault("questions_until", facts["deadline"] - timedelta(days=10))
    call = make_call(programme, committee=False, **facts)
    official, *openers = [make_user(programme.lead) for _ in range(4)]
    experts = make_organisation(OrganisationKind.ASSESSOR, "Experts")
    people = [make_user(experts) for _ in range(scorers)]
    call.committee = [CommitteeMember(user_id=user.id, duty=Duty.OPENER) for user in openers]
    call.committee += [CommitteeMember(user_id=user.id, duty=Duty.SCORER) for user in people]
    make_keys(call)
    return Tender(call, official, openers, people, [make_bidder(call) for _ in range(bidders)])


def make_bidder(
    call: Call, *, state: ProposalState = ProposalState.SUBMITTED, secret: str = SECRET, discount_bp: int | None = None
) -> Bidder:
    lead, partner = (make_organisation(OrganisationKind.PROVIDER) for _ in range(2))
    consortium = Consortium(call=call, name=f"Together with {lead.name}", lead=lead, state=ConsortiumState.SUBMITTED)
    consortium.partners = [Partner(organisation=one, state=PartnerState.ACCEPTED) for one in (lead, partner)]
    lead_user, partner_user = make_user(lead), make_user(partner)
    proposal = Proposal(id=uuid.uuid4(), call=call, consortium=consortium)
    db.session.add(proposal)
    db.session.commit()
    texts = {"approach": secret, "team": "Two", "planning": "A year", "risks": "Few"}
    plan = make_content(texts, {effect.id: 40 for effect in call.table.effects})
    write_slots(consortium, slots_in(plan) | {DISCOUNT: discount_bp}, lead_user)
    if state == ProposalState.SUBMITTED:
        hand_in(proposal, call.deadline - timedelta(minutes=5), actor=lead_user)
    else:
        proposal.state = state
        db.session.commit()
    return Bidder(consortium, lead_user, partner_user, proposal)


def open_plans(tender: Tender) -> Evaluation:
    """Opened by two; the officials have declared and admitted every plan, the scorers must declare still."""
    evaluation = only_open(tender)
    for official in (*tender.openers, tender.official):
        declare_conflict(evaluation, False, "", actor=official)
    if tender.bidders:
        admit_clean(evaluation, actor=tender.openers[0])
    return evaluation


def only_open(tender: Tender) -> Evaluation:
    """Opened, and nothing else: nobody has declared, no plan is screened."""
    for opener in tender.openers[:2]:
        consent_to_open(tender.call, passphrase_of(opener), actor=opener)
    return tender.evaluation


def score_all(tender: Tender, points: int = 7) -> Evaluation:
    """Everybody declares no conflict, scores every plan alike, and locks."""
    evaluation = open_plans(tender)
    for scorer in tender.scorers:
        declare_conflict(evaluation, False, "", actor=scorer)
        for opened in evaluation.opened:
            give_score(opened, marks(tender.call, points, points), actor=scorer)
    for scorer in tender.scorers:
        lock_scores(evaluation, actor=scorer)
    return evaluation


def marks(call: Call, *points: int | None, motivation: str = "Well thought out.") -> dict[Any, Mark]:
    return {
        criterion.id: Mark(given, motivation if given is not None else "")
        for criterion, given in zip(quality_of(call), points, strict=True)
    }


def agree(tender: Tender, *points: tuple[int, int]) -> Evaluation:
    """The committee agrees on (approach, risks) for each bidder in turn."""
    evaluation = score_all(tender)
    for bidder, given in zip(tender.bidders, points, strict=True):
        set_consensus(tender.opened_of(bidder), marks(tender.call, *given), actor=tender.scorers[0])
    return evaluation


def meet(tender: Tender, evaluation: Evaluation) -> None:
    """All scorers who are free of conflicts met today."""
    present = evaluation.active_scorers()
    record_meeting(evaluation, clock.today(), present, "The committee agrees.", "", actor=present[0])


def freeze(tender: Tender, *points: tuple[int, int]) -> Evaluation:
    """Agreed, met and frozen."""
    evaluation = agree(tender, *points)
    meet(tender, evaluation)
    freeze_quality(evaluation, actor=tender.official)
    return evaluation


def decide(tender: Tender) -> Evaluation:
    """The first bidder wins with 9 and 8; every other one has 6 and 5."""
    freeze(tender, (9, 8), *[(6, 5)] * (len(tender.bidders) - 1))
    return send(tender)


def review(tender: Tender, words: str = "The reasons for {}.") -> Evaluation:
    """One official wrote the reasons, another has read every letter."""
    evaluation = tender.evaluation
    reasons = {opened.id: words.format(opened.consortium.name) for opened in evaluation.opened}
    write_all(evaluation, reasons, actor=tender.official)
    review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=tender.openers[0])
    return evaluation


HEADING = Heading("2026-0042", "Rechtbank Overijssel, Almelo")
BETTER = "The winner is more precise."


def write_all(evaluation: Evaluation, reasons: dict[Any, str], *, actor: User) -> None:
    """The reasons, with the heading and words on every criterion, so that the letters lack nothing."""
    every = {str(criterion.id): BETTER for criterion in evaluation.call.criteria}
    losing = [opened for opened in evaluation.opened if opened.rank != 1 and opened.is_admitted]
    advantages = {opened.id: every for opened in losing}
    write_reasons(evaluation, reasons, advantages=advantages, heading=HEADING, actor=actor)


def send(tender: Tender, words: str = "The reasons for {}.") -> Evaluation:
    """Reviewed, and sent to every bidder."""
    evaluation = review(tender, words)
    decide_award(evaluation, actor=tender.official)
    return evaluation


def award(tender: Tender) -> Evaluation:
    """The standstill has passed; the award to the first bidder is final."""
    evaluation = decide(tender)
    prove(tender)
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
        finalise_award(evaluation, actor=tender.official)
    return evaluation


PAPER = Document("extract.pdf", "application/pdf", "0" * 64, b"%PDF-1.7 an extract")


def prove(tender: Tender) -> None:
    """The winner hands in every document, issued on the day the plans were due, and all are accepted."""
    for proof in proofs_of(tender.evaluation.awarded()):
        due = tender.call.deadline.astimezone(clock.LOCAL).date()
        hand_in_proof(proof, due, PAPER, actor=tender.bidders[0].lead)
        check_proof(proof, True, "", actor=tender.openers[0])


def with_discount() -> list[Criterion]:
    """Approach 50 (at least 4 points), Risks 30, discount 20."""
    return [
        Criterion(position=1, name="Approach", weight=50, minimum=4),
        Criterion(position=2, name="Risks", weight=30),
        Criterion(position=3, name="Discount", weight=20, kind=CriterionKind.DISCOUNT),
    ]


def lay_discounts(tender: Tender, *basis_points: int | None) -> Evaluation:
    """The discounts as two officials opened them, for each bidder in turn; None: its second seal was broken."""
    for bidder, bp in zip(tender.bidders, basis_points, strict=True):
        opened = tender.opened_of(bidder)
        opened.discount = None if bp is None else {"discount_bp": bp, "budget": []}
    rank_plans(tender.evaluation)
    db.session.commit()
    return tender.evaluation


def answer_with(opened: OpenedProposal, **texts: str) -> None:
    """Lay other answers into an opened plan, by item key."""
    key = "answers" if "answers" in opened.content else "sections"
    opened.content = {**opened.content, key: {**opened.content[key], **texts}}
    db.session.commit()
