"""What waits for a person: each stage of the pipeline brings its selects, all of one shape (`rows.py`).

Who may do it is asked in SQL by the same facts as the table of rights: the part in the bond, the duty in the
committee, four eyes from the trail. Together they are one statement, built once per set of hats.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, exists, func, select, union_all
from sqlalchemy.orm import aliased

from app.access.actions import Action as A
from app.accounts.signing_authority import SignedKind
from app.agreements.amendment_models import Amendment, Consent
from app.agreements.amendment_states import AmendmentKind, AmendmentState
from app.agreements.authority_models import Signature
from app.agreements.models import Agreement, AgreementParty
from app.agreements.states import AgreementState
from app.agreements.termination_models import Termination
from app.agreements.termination_states import TerminationState
from app.calls.extension_models import Extension
from app.calls.models import Call, Rectification
from app.calls.question_models import Question
from app.calls.states import CallState, ExtensionState
from app.capital.allotment import AllotmentRule
from app.capital.models import Commitment, Round, counted_minor
from app.capital.states import CommitmentState, RoundState
from app.consortia.models import Consortium, MailedInvitation, Partner
from app.consortia.states import ConsortiumState, InvitationState, PartnerState
from app.direct.models import DirectAward, NamedProvider
from app.direct.states import DirectState, NamedState
from app.evaluation.models import Evaluation
from app.evaluation.states import EvaluationState
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.pricing.models import PriceTable
from app.pricing.states import TableState
from app.programmes.models import Part, Programme
from app.programmes.states import Phase, ProgrammeState, Route
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from app.readers.models import ReaderFile, ReaderTest, ReaderVerdict
from app.readers.states import ReaderTestState
from app.workspace.bank_waiting import of_paid_back, of_paid_provider, of_payer_by_bank
from app.workspace.choosing_waiting import of_asked, of_award, of_committee
from app.workspace.delivery_waiting import (
    of_assessor,
    of_delivering_provider,
    of_intermediary,
    of_investor,
    of_opening_official,
    of_payer,
)
from app.workspace.progress_waiting import of_owner
from app.workspace.rows import ME, NOW, ORGANISATIONS, TODAY, bond, mandated, mine_as, other_eyes, row
from app.workspace.sealed_waiting import of_opener

OFFICIALS = mine_as(Part.GOVERNMENT, lead=True)


@lru_cache(maxsize=256)
def statement(parts: frozenset[Part], kinds: frozenset[OrganisationKind]) -> Select[Any]:
    """Everything that may wait for somebody with these parts in bonds and these kinds of organisations."""
    found: list[Select[Any]] = [*of_opener(), *of_committee(), *of_signatory(), *of_reader()]
    if OrganisationKind.MUNICIPALITY in kinds:
        found += of_official()
    if Part.GOVERNMENT in parts:
        found += [
            *of_programme(),
            *of_prices(),
            *of_call(),
            *of_award(),
            *of_opening_official(),
            *of_payer(),
            *of_paid_back(),
        ]
    if parts & {Part.GOVERNMENT, Part.INTERMEDIARY}:
        found += of_preparers()
    if OrganisationKind.PROVIDER in kinds:
        found += [*of_bidder(), *of_asked(), *of_named(), *of_delivering_provider(), *of_paid_provider()]
    if Part.INTERMEDIARY in parts:
        found += [*of_intermediary(), *of_payer_by_bank()]
    if Part.INVESTOR in parts:
        found += of_investor()
    if Part.ASSESSOR in parts:
        found += of_assessor()
    if parts:
        found += of_owner()
    waiting = union_all(*found).subquery()
    return select(waiting).order_by(waiting.c.until.is_(None), waiting.c.until, waiting.c.about).limit(100)


def of_official() -> Iterator[Select[Any]]:
    """Any official of a municipality: who is this provider?"""
    people = select(Membership.organisation_id).join(User, User.id == Membership.user_id)
    verified = people.where(User.confirmed_at.is_not(None), User.active)
    yield row(A.ORGANISATION_VET, Organisation.id, Organisation.name).where(
        Organisation.vetted_at.is_(None), Organisation.id.in_(verified)
    )


def of_programme() -> Iterator[Select[Any]]:
    mine = Programme.id.in_(OFFICIALS)
    yield bond(A.PROGRAMME_SUBMIT, Programme.id).where(mine, Programme.state == ProgrammeState.DRAFT)
    yield bond(A.PROGRAMME_APPROVE, Programme.id).where(
        mine, Programme.state == ProgrammeState.IN_REVIEW, other_eyes(A.PROGRAMME_APPROVE, Programme.id)
    )


def of_prices() -> Iterator[Select[Any]]:
    none_yet = Programme.id.not_in(select(PriceTable.programme_id))
    yield bond(A.TABLE_DRAFT, Programme.id).where(
        Programme.id.in_(OFFICIALS), Programme.state == ProgrammeState.APPROVED, none_yet
    )
    own = bond(A.TABLE_SUBMIT, PriceTable.id).join_from(PriceTable, Programme).where(Programme.id.in_(OFFICIALS))
    yield own.where(PriceTable.state == TableState.DRAFT)
    own = bond(A.TABLE_APPROVE, PriceTable.id).join_from(PriceTable, Programme).where(Programme.id.in_(OFFICIALS))
    yield own.where(PriceTable.state == TableState.IN_REVIEW, other_eyes(A.TABLE_APPROVE, PriceTable.id))
    own = bond(A.TABLE_PUBLISH, PriceTable.id).join_from(PriceTable, Programme).where(Programme.id.in_(OFFICIALS))
    yield own.where(PriceTable.state == TableState.APPROVED)


def of_preparers() -> Iterator[Select[Any]]:
    """The leading municipality and the intermediary: the investor round and the agreement."""
    either = Programme.id.in_(OFFICIALS) | Programme.id.in_(mine_as(Part.INTERMEDIARY))
    alive = select(Round.programme_id).where(Round.state != RoundState.FAILED)
    yield bond(A.ROUND_DRAFT, Programme.id).where(
        either, Programme.phase == Phase.INVESTORS, Programme.id.not_in(alive)
    )
    drafts = bond(A.ROUND_OPEN, Round.id).join_from(Round, Programme).where(either)
    yield drafts.where(Round.state == RoundState.DRAFT)
    counts = (CommitmentState.COMMITTED, CommitmentState.ALLOTTED)
    committed = (
        select(func.coalesce(func.sum(counted_minor()), 0))
        .where(Commitment.round_id == Round.id, Commitment.state.in_(counts))
        .scalar_subquery()
    )
    first_come = Round.allotment == AllotmentRule.FIRST_COME
    full = (first_come & (committed >= Round.maximum_minor)) | (Round.closes_on < TODAY)
    closing = bond(A.ROUND_CLOSE, Round.id).join_from(Round, Programme).where(either)
    yield closing.where(Round.state == RoundState.OPEN, full)
    awarded = select(Evaluation.programme_id).where(Evaluation.state == EvaluationState.FINAL)
    ready = Programme.id.in_(awarded) | Programme.id.in_(_accepted())
    yield bond(A.AGREEMENT_DRAFT, Programme.id).where(
        either, ready, Programme.id.not_in(select(Agreement.programme_id))
    )
    offer = bond(A.AGREEMENT_OFFER, Agreement.id).join_from(Agreement, Programme).where(either)
    yield offer.where(Agreement.state == AgreementState.DRAFT)


def _accepted() -> Select[Any]:
    """Bonds without a tender whose investors stand, and whose lead and every other provider that was named accepted."""
    stands = select(Round.programme_id).where(Round.state == RoundState.STANDING)
    asked = select(NamedProvider.award_id).where(NamedProvider.state.in_([NamedState.ASKED, NamedState.DECLINED]))
    lead = select(NamedProvider.id).where(
        NamedProvider.award_id == DirectAward.id,
        NamedProvider.organisation_id == DirectAward.lead_id,
        NamedProvider.state == NamedState.ACCEPTED,
    )
    found = select(DirectAward.programme_id).where(DirectAward.id.not_in(asked), lead.exists())
    return found.where(DirectAward.programme_id.in_(stands))


def of_named() -> Iterator[Select[Any]]:
    """A provider that a bond without a tender asks."""
    asked = select(NamedProvider.award_id).where(
        NamedProvider.organisation_id.in_(ORGANISATIONS), NamedProvider.state == NamedState.ASKED
    )
    waiting = bond(A.DIRECT_ACCEPT, DirectAward.id).join_from(DirectAward, Programme)
    yield waiting.where(DirectAward.id.in_(asked), DirectAward.state == DirectState.OPEN)


def of_call() -> Iterator[Select[Any]]:
    mine = Programme.id.in_(OFFICIALS)
    stands = select(Round.programme_id).where(Round.state == RoundState.STANDING)
    called = select(Call.programme_id).where(Call.state != CallState.CANCELLED)
    tenders = mine, Programme.route != Route.NO_TENDER
    cancelled = select(Call.programme_id).where(Call.state == CallState.CANCELLED)
    # Who called before the investors stood may call again.
    stands_or_cancelled = Programme.id.in_(stands) | Programme.id.in_(cancelled)
    yield bond(A.CALL_DRAFT, Programme.id).where(*tenders, stands_or_cancelled, Programme.id.not_in(called))
    named = select(DirectAward.programme_id)
    direct = mine, Programme.route == Route.NO_TENDER
    priced = Programme.phase.in_([Phase.INVESTORS, Phase.CALL])  # named at published prices, investors or not
    yield bond(A.DIRECT_NAME, Programme.id).where(*direct, priced, Programme.id.not_in(named))
    declined = select(DirectAward.programme_id).join(NamedProvider, NamedProvider.award_id == DirectAward.id)
    declined = declined.where(DirectAward.state == DirectState.OPEN, NamedProvider.state == NamedState.DECLINED)
    yield bond(A.DIRECT_DECLINE, Programme.id).where(*direct, Programme.id.in_(declined))
    yield bond(A.CALL_PUBLISH, Call.id).join_from(Call, Programme).where(mine, Call.state == CallState.DRAFT)
    proposed = bond(A.EXTENSION_CONFIRM, Extension.id, until=Extension.lapses_at).join_from(Extension, Call)
    yield proposed.join(Programme, Programme.id == Call.programme_id).where(
        mine,
        Call.state.in_([CallState.PUBLISHED, CallState.CLOSED]),
        Extension.state == ExtensionState.PROPOSED,
        Extension.lapses_at > NOW,
        other_eyes(A.EXTENSION_CONFIRM, Extension.id),
    )
    questions = bond(A.QUESTION_ANSWER, Call.id, func.count(), Call.deadline).select_from(Question)
    unanswered = (Question.answer == "") & Question.same_as_id.is_(None)
    yield (
        questions.join(Call, Call.id == Question.call_id)
        .join(Programme, Programme.id == Call.programme_id)
        .where(
            mine, unanswered, Question.withdrawn_at.is_(None), Call.state == CallState.PUBLISHED, Call.deadline > NOW
        )
        .group_by(Call.id, Programme.title, Call.deadline)
    )
    to_publish = bond(A.NOTA_PUBLISH, Call.id, func.count(), Call.deadline).select_from(Question)
    yield (
        to_publish.join(Call, Call.id == Question.call_id)
        .join(Programme, Programme.id == Call.programme_id)
        .where(mine, Question.answer != "", Question.nota_id.is_(None), Question.withdrawn_at.is_(None))
        .where(Call.state == CallState.PUBLISHED, Call.deadline > NOW)
        .group_by(Call.id, Programme.title, Call.deadline)
    )


def of_reader() -> Iterator[Select[Any]]:
    """Whoever is asked to judge the files of a two-reader test, and did not yet."""
    judged = select(ReaderFile.test_id).join(ReaderVerdict).where(ReaderVerdict.reader_id == ME)
    tests = bond(A.READER_TEST_JUDGE, ReaderTest.id).join_from(ReaderTest, Programme)
    asked = (ReaderTest.first_reader_id == ME) | (ReaderTest.second_reader_id == ME)
    yield tests.where(asked, ReaderTest.state == ReaderTestState.READING, ReaderTest.id.not_in(judged))


def of_signatory() -> Iterator[Select[Any]]:
    """Whom the organisation recorded to sign, and not the first of two who sign together: that one has signed."""
    unsigned = select(AgreementParty.agreement_id).where(
        AgreementParty.organisation_id.in_(ORGANISATIONS), AgreementParty.signed_at.is_(None)
    )
    unsigned = unsigned.where(~exists().where(Signature.party_id == AgreementParty.id, Signature.user_id == ME))
    unsigned = unsigned.where(mandated(AgreementParty.organisation_id, SignedKind.AGREEMENT))
    yield (
        bond(A.AGREEMENT_SIGN, Agreement.id)
        .join_from(Agreement, Programme)
        .where(Agreement.state == AgreementState.OFFERED, Agreement.id.in_(unsigned))
    )
    asked = select(Consent.amendment_id).where(Consent.organisation_id.in_(ORGANISATIONS), Consent.signed_at.is_(None))
    asked = asked.where(~exists().where(Signature.consent_id == Consent.id, Signature.user_id == ME))
    asked = asked.join(Amendment, Amendment.id == Consent.amendment_id).where(_mandated_here())
    amendments = bond(A.AMENDMENT_CONSENT, Amendment.id).join_from(Amendment, Programme)
    yield amendments.where(Amendment.state == AmendmentState.PROPOSED, Amendment.id.in_(asked))
    declared = bond(A.TERMINATION_CONFIRM, Termination.id).join_from(Termination, Programme)
    yield declared.where(
        Programme.id.in_(OFFICIALS),
        Termination.state == TerminationState.DECLARED,
        other_eyes(A.TERMINATION_CONFIRM, Termination.id),
    )


def _mandated_here() -> Any:
    """As `agreements.signing.kind_of` says: a mandate to change an agreement is none to end it."""
    ends, of = Amendment.kind == AmendmentKind.END, Consent.organisation_id
    return (ends & mandated(of, SignedKind.END)) | (~ends & mandated(of, SignedKind.AMENDMENT))


def of_bidder() -> Iterator[Select[Any]]:
    """A provider in a consortium, before the deadline."""
    invited = _consortium(A.CONSORTIUM_ACCEPT, PartnerState.INVITED, Consortium.id)
    yield invited.where(Call.allows_two_consortia | ~_taken(by=MINE.c.organisation_id))
    yield _mailed()
    offered = _consortium(A.CONSORTIUM_TAKE_LEAD, PartnerState.ACCEPTED, Consortium.id)
    yield offered.where(Consortium.lead_offered_to_id == MINE.c.organisation_id)
    accepted = _consortium(A.PROPOSAL_DRAFT, PartnerState.ACCEPTED, Consortium.id)
    yield accepted.where(Consortium.id.not_in(select(Proposal.consortium_id)))
    drafts = _consortium(A.PROPOSAL_SUBMIT, PartnerState.ACCEPTED, Proposal.id)
    drafts = drafts.join(Proposal, Proposal.consortium_id == Consortium.id)
    lead = Consortium.lead_id == MINE.c.organisation_id
    yield drafts.where(Proposal.state == ProposalState.DRAFT, lead)
    to_confirm = _consortium(A.PROPOSAL_CONFIRM, PartnerState.ACCEPTED, Proposal.id)
    to_confirm = to_confirm.join(Proposal, Proposal.consortium_id == Consortium.id)
    yield to_confirm.where(Proposal.state == ProposalState.DRAFT, ~lead)  # whether it did so already: queries
    own_part = _consortium(A.CONSORTIUM_EDIT_PART, PartnerState.ACCEPTED, Consortium.id)
    own_part = own_part.join(Proposal, Proposal.consortium_id == Consortium.id)
    yield own_part.where(Proposal.state == ProposalState.DRAFT, ~lead)  # whether something lacks in it: queries
    changed = exists().where(
        Rectification.call_id == Call.id, Rectification.is_essential, Rectification.created_at > Proposal.submitted_at
    )
    handed_in = _consortium(A.PROPOSAL_WITHDRAW, PartnerState.ACCEPTED, Proposal.id, ConsortiumState.SUBMITTED)
    handed_in = handed_in.join(Proposal, Proposal.consortium_id == Consortium.id)
    yield handed_in.where(Proposal.state == ProposalState.SUBMITTED, lead, changed)


def _mailed() -> Select[Any]:
    """An invitation by mail to an address that I verified, that nobody has answered, to where I am not in yet."""
    mine = select(func.lower(User.email)).where(User.id == ME, User.confirmed_at.is_not(None))
    inside = select(MINE.c.consortium_id).where(MINE.c.state.in_([PartnerState.INVITED, PartnerState.ACCEPTED]))
    return (
        row(A.CONSORTIUM_CLAIM, MailedInvitation.id, ABOUT, until=Call.deadline)
        .select_from(MailedInvitation)
        .join(Consortium, Consortium.id == MailedInvitation.consortium_id)
        .join(Call, Call.id == Consortium.call_id)
        .join(Programme, Programme.id == Call.programme_id)
        .join(Organisation, Organisation.id == Consortium.lead_id)
        .where(MailedInvitation.address.in_(mine), MailedInvitation.state == InvitationState.SENT, Call.deadline > NOW)
        .where(Consortium.id.not_in(inside), Call.allows_two_consortia | ~_taken())
        .where(Consortium.state == ConsortiumState.FORMING, Call.state == CallState.PUBLISHED)
    )


# One search for my partners, whom four questions ask.
MINE = (
    select(Partner.consortium_id, Partner.organisation_id, Partner.state)
    .where(Partner.organisation_id.in_(ORGANISATIONS))
    .cte("mine")
)


# Which consortium, in words: somebody may be asked into two of the same name.
ABOUT = Programme.title + " · " + Consortium.name + " (" + Organisation.name + ")"


def _taken(by: Any = None) -> Any:
    """Do I take part in another consortium for the same call and lot, with any organisation or `by` this one?"""
    other, place = aliased(Consortium), MINE.alias()
    found = exists().where(
        place.c.state == PartnerState.ACCEPTED,
        place.c.consortium_id == other.id,
        other.call_id == Consortium.call_id,
        other.id != Consortium.id,
        other.lot_id.is_not_distinct_from(Consortium.lot_id),
    )
    found = found if by is None else found.where(place.c.organisation_id == by)
    return found.correlate(MINE, Consortium)


def _consortium(
    kind: A, state: PartnerState, key: Any, stage: ConsortiumState = ConsortiumState.FORMING
) -> Select[Any]:
    return (
        row(kind, key, ABOUT, until=Call.deadline)
        .select_from(MINE)
        .join(Consortium, Consortium.id == MINE.c.consortium_id)
        .join(Call, Call.id == Consortium.call_id)
        .join(Programme, Programme.id == Call.programme_id)
        .join(Organisation, Organisation.id == Consortium.lead_id)
        .where(MINE.c.state == state, Call.deadline > NOW)
        .where(Consortium.state == stage, Call.state == CallState.PUBLISHED)
    )
