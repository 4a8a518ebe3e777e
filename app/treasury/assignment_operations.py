"""A commitment changes hands: proposed by who has it, accepted by who gets it, consented to by the intermediary."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.accounts.signing_authority import How, SignedKind, expect_mandate
from app.agreements.amendment_models import versions_of
from app.agreements.models import Agreement
from app.agreements.states import AgreementState
from app.capital.models import Commitment
from app.capital.states import COMMITMENT_FLOW, CommitmentState
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import Part
from app.treasury import assignment_notices, notices
from app.treasury.assignment import Assignment
from app.treasury.default import InvestorDefault
from app.treasury.flows import undrawn_of
from app.treasury.models import CapitalCall
from app.treasury.states import ASSIGNMENT_FLOW, AssignmentState, CapitalCallState, DefaultState

# Terms that can change without touching a commitment: who takes it over need not read the agreement anew.
BESIDE_CAPITAL = {"amendment", "payment", "evidence", "intermediary", "assessor"}


@operation
def propose_assignment(
    commitment: Commitment, receiver: Organisation, amount_minor: int, reason: str, *, actor: User, once: uuid.UUID
) -> Assignment:
    """Propose that `receiver`, another investor of the bond, takes over `amount_minor` of what was not called yet.

    Where the giving organisation recorded that two sign together, it is proposed with the second signature. Refused
    above what is undrawn, and to an investor in default: its own commitment lapsed as far as it was not called (domain
    7), because it is not counted on any more. No agreement says otherwise, and a transfer would count on it anew. The
    caller has asked for the password again.
    """
    existing = db.session.get(Assignment, once)
    if existing is not None and existing.commitment_id == commitment.id:
        return existing
    COMMITMENT_FLOW.advance(commitment, Action.ASSIGNMENT_PROPOSE)
    binds = _binds(commitment.organisation, actor)
    if receiver not in receivers(commitment):
        raise Refused(_("Choose another investor of this bond."), "receiver")
    if in_default(commitment.round.programme_id, receiver):
        raise Refused(_in_default(), "receiver")
    _check_amount(commitment, amount_minor)
    made = Assignment(
        id=once,
        programme=commitment.round.programme,
        commitment=commitment,
        giver=commitment.organisation,
        receiver=receiver,
        amount_minor=amount_minor,
        reason=reason,
        state=AssignmentState.PROPOSED if binds else AssignmentState.SIGNED_ONCE,
        proposed_by_id=actor.id,
    )
    db.session.add(made)
    record(Action.ASSIGNMENT_PROPOSE, made, actor, on_behalf_of=commitment, receiver=receiver.name, amount=amount_minor)
    _tell(made, Action.ASSIGNMENT_PROPOSE)
    return made


def _binds(organisation: Organisation, actor: User) -> bool:
    """Does this signature bind by itself, or is it the first of two? `NotYours` where others were recorded."""
    mandate = expect_mandate(organisation, SignedKind.COMMITMENT, actor)
    return mandate is None or mandate.how == How.ALONE


def _tell(assignment: Assignment, action: Action) -> None:
    """What waits for a second signature is told to that organisation alone."""
    if assignment.co_signer is not None:
        assignment_notices.tell_half_signed(assignment, action)
    else:
        assignment_notices.tell_assignment(assignment, action)


def in_default(programme_id: uuid.UUID, investor: Organisation, state: DefaultState = DefaultState.CONFIRMED) -> bool:
    """Whether capital that was called is still owed in default; not once it was paid, be it late."""
    found = select(InvestorDefault.id).filter_by(programme_id=programme_id, organisation_id=investor.id, state=state)
    return db.session.scalar(found.limit(1)) is not None


def _expect_not_in_default(assignment: Assignment) -> None:
    if in_default(assignment.programme_id, assignment.receiver):
        raise NotNow(_in_default())


def _in_default() -> str:
    """Another investor hears no more: the others are never told by name who is in default."""
    return _("This investor cannot take over a commitment now. The intermediary knows why, and until when.")


def receivers(commitment: Commitment) -> list[Organisation]:
    """The other investors that were invited to the bond."""
    invited = commitment.round.programme.organisations(Part.INVESTOR)
    return [one for one in invited if one.id != commitment.organisation_id]


def undrawn_minor(commitment: Commitment) -> int:
    """What may still be called of this commitment."""
    held, undrawn = undrawn_of(commitment.round)
    return next((left for one, left in zip(held, undrawn, strict=True) if one.id == commitment.id), 0)


def _check_amount(commitment: Commitment, amount_minor: int) -> None:
    left = undrawn_minor(commitment)
    if not 0 < amount_minor <= left:
        shown = notices.shown(left, commitment.round.programme)
        raise Refused(_("At most what was not called yet: %(left)s.", left=shown), "amount")


def agreement_of(assignment: Assignment) -> Agreement | None:
    return db.session.scalar(select(Agreement).filter_by(programme_id=assignment.programme_id))


def digest_to_join(assignment: Assignment) -> str:
    """Of the agreement in force, which the receiver joins; empty where none is in force yet."""
    agreement = agreement_of(assignment)
    return agreement.digest if agreement is not None and agreement.state == AgreementState.IN_FORCE else ""


@operation
def accept_assignment(assignment: Assignment, digest: str, *, actor: User) -> None:
    """The receiving investor takes it over and joins the agreement with this `digest`, as it stands.

    Where it recorded that two sign together, it takes over with the second signature. `Changed` when the agreement is
    another by now. The caller has asked for the password again.
    """
    ASSIGNMENT_FLOW.advance(assignment, Action.ASSIGNMENT_ACCEPT)
    _expect_not_in_default(assignment)
    binds = _binds(assignment.receiver, actor)
    if digest != digest_to_join(assignment):
        raise Changed(assignment.version)
    assignment.accepted_by_id, assignment.accepted_at, assignment.digest = actor.id, clock.now(), digest
    if not binds:
        assignment.state = AssignmentState.ACCEPTED_ONCE
    record(Action.ASSIGNMENT_ACCEPT, assignment, actor, amount=assignment.amount_minor, digest=digest)
    _tell(assignment, Action.ASSIGNMENT_ACCEPT)


@operation
def co_sign_assignment(assignment: Assignment, *, actor: User, version: int | None = None) -> None:
    """The second signatory of the giving investor proposes it, or that of the receiving investor takes it over; the
    caller has asked for the password again.

    `NotYours` for who may not sign for that organisation, or signed first. Refused when less than the amount is undrawn
    by now; not now when the agreement is another than the first signatory read.
    """
    assignment.expect_version(version)
    ASSIGNMENT_FLOW.advance(assignment, Action.ASSIGNMENT_CO_SIGN)
    expect_to_co_sign(assignment, actor)
    _expect_not_in_default(assignment)
    gives = assignment.state == AssignmentState.SIGNED_ONCE
    if gives:
        _check_amount(assignment.commitment, assignment.amount_minor)
        assignment.state = AssignmentState.PROPOSED
        assignment.co_proposed_by_id, assignment.co_proposed_at = actor.id, clock.now()
    else:
        if assignment.digest != digest_to_join(assignment):
            raise NotNow(_("The agreement changed since the first signature. Refuse this; it can be proposed anew."))
        assignment.state = AssignmentState.ACCEPTED
        assignment.co_accepted_by_id, assignment.co_accepted_at = actor.id, clock.now()
    record(Action.ASSIGNMENT_CO_SIGN, assignment, actor, amount=assignment.amount_minor, digest=assignment.digest)
    assignment_notices.tell_assignment(assignment, Action.ASSIGNMENT_PROPOSE if gives else Action.ASSIGNMENT_ACCEPT)


def expect_to_co_sign(assignment: Assignment, actor: User) -> None:
    """`NotYours` for who does not sign for the organisation whose second signature is waited for."""
    signs = assignment.co_signer
    if signs is None or signs.id not in actor.organisation_ids:
        raise NotYours(_("The second signature is that of another organisation."))
    expect_mandate(signs, SignedKind.COMMITMENT, actor)


@operation
def consent_to_assignment(assignment: Assignment, *, actor: User, version: int | None = None) -> Commitment:
    """The intermediary consents: from now on the receiver is called for the amount, and no cent is promised twice.

    Not now while a capital call waits for approval, the receiver is or may be in default, or the agreement is out for
    signature; refused when less than the amount is undrawn by now.
    """
    assignment.expect_version(version)
    ASSIGNMENT_FLOW.advance(assignment, Action.ASSIGNMENT_CONSENT)
    _expect_not_in_default(assignment)
    if in_default(assignment.programme_id, assignment.receiver, DefaultState.DECLARED):
        raise NotNow(_("A default of the receiving investor waits for a second person. Decide on that one first."))
    _expect_quiet(assignment)
    commitment, amount = assignment.commitment, assignment.amount_minor
    _check_amount(commitment, amount)
    made = Commitment(
        round=commitment.round,
        programme_id=commitment.programme_id,
        tranche=commitment.tranche,
        organisation=assignment.receiver,
        amount_minor=amount,
        allotted_minor=amount,
        state=CommitmentState.ALLOTTED,
        committed_by_id=assignment.accepted_by_id,
        signed_digest=commitment.signed_digest,
    )
    db.session.add(made)
    commitment.allotted_minor -= amount
    if not commitment.allotted_minor:
        commitment.state = CommitmentState.RELEASED
    db.session.flush()
    assignment.consented_by_id, assignment.consented_at, assignment.made_id = actor.id, clock.now(), made.id
    record(
        Action.ASSIGNMENT_CONSENT,
        assignment,
        actor,
        giver=assignment.giver.name,
        receiver=assignment.receiver.name,
        amount=amount,
    )
    assignment_notices.tell_assignment(assignment, Action.ASSIGNMENT_CONSENT)
    return made


def waiting_call(assignment: Assignment) -> CapitalCall | None:
    """A capital call that was reckoned with who holds what now, and that a second person has still to decide on."""
    found = select(CapitalCall).filter_by(programme_id=assignment.programme_id, state=CapitalCallState.PREPARED)
    return db.session.scalars(found.order_by(CapitalCall.number).limit(1)).unique().first()


def _expect_quiet(assignment: Assignment) -> None:
    """Nothing may be under way that was reckoned with who holds what now."""
    if waiting_call(assignment) is not None:
        raise NotNow(_("A capital call waits for approval. Decide on that one first."))
    agreement = agreement_of(assignment)
    if agreement is not None and agreement.state == AgreementState.OFFERED:
        raise NotNow(_("The agreement is out for signature with the investors as they are. Wait until it is in force."))
    if agreement is None or assignment.digest == digest_to_join(assignment):
        return
    if not assignment.digest:
        raise NotNow(_("The agreement came into force meanwhile. Refuse this one and let it be proposed anew."))
    if concerns_investors(agreement, assignment.digest):
        raise NotNow(_("The agreement was changed meanwhile; let the transfer be proposed and accepted anew."))


def concerns_investors(agreement: Agreement, digest: str) -> bool:
    """Was anything else amended since `digest` than `BESIDE_CAPITAL`? A digest that nobody knows concerns everybody."""
    version = next((one for one in versions_of(agreement) if one.digest == digest), None)
    if version is None:
        return True
    before, after = version.terms, agreement.terms
    return version.text != agreement.text or any(
        before.get(key) != after.get(key) for key in {*before, *after} - BESIDE_CAPITAL
    )


@operation
def refuse_assignment(assignment: Assignment, reason: str, *, actor: User) -> None:
    """The receiving investor or the intermediary says no; everything stays as it was."""
    ASSIGNMENT_FLOW.advance(assignment, Action.ASSIGNMENT_REFUSE)
    assignment.refused_because = reason
    record(Action.ASSIGNMENT_REFUSE, assignment, actor, amount=assignment.amount_minor, reason=reason)
    assignment_notices.tell_assignment(assignment, Action.ASSIGNMENT_REFUSE)


@operation
def withdraw_assignment(assignment: Assignment, *, actor: User) -> None:
    """Who proposed it takes it back, as long as the intermediary has not consented."""
    ASSIGNMENT_FLOW.advance(assignment, Action.ASSIGNMENT_WITHDRAW)
    record(Action.ASSIGNMENT_WITHDRAW, assignment, actor, amount=assignment.amount_minor)
    assignment_notices.tell_assignment(assignment, Action.ASSIGNMENT_WITHDRAW)
