"""The only code that changes rounds and commitments. `actor` is who does it; the trail keeps each act."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.accounts.signing_authority import How, SignedKind, expect_mandate
from app.capital import notices
from app.capital.allotment import AllotmentRule, allot
from app.capital.day_count import DayCount
from app.capital.interest import Interest
from app.capital.models import Commitment, Round, Tranche, TrancheTerms, latest_round
from app.capital.signing import digest_of, term_sheet_of
from app.capital.states import COMMITMENT_FLOW, ROUND_FLOW, CommitmentState, InterestState, RoundState
from app.capital.term_sheet import TermSheet
from app.core import clock
from app.core.document import Document
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.pricing.models import table_in_force
from app.programmes.models import Part, Party, Programme
from app.programmes.operations import reach_phase
from app.programmes.states import FLOW as PROGRAMME_FLOW
from app.programmes.states import Phase


@dataclass(frozen=True, slots=True)
class TrancheFacts:
    """Money on the same terms. `rate_bp` (loans, by `day_count`) and `irr_cap_bp` (returns) in basis points a year.

    `guarantee_minor`: what `guarantor` makes up at the end for capital of this tranche that did not come back.
    """

    name: str
    rank: int
    terms: TrancheTerms
    rate_bp: int | None = None
    irr_cap_bp: int | None = None
    day_count: DayCount = DayCount.ACT_365F
    guarantee_minor: int = 0
    guarantor: str = ""


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What a round says. Amounts in minor units; investors may commit from `opens_on` (None: once it is opened) up to
    and including `closes_on`. `maximum_minor` None: no more than the target. `sheet`: the term sheet as a file; None
    leaves the one that is there. `recycles`, `excess_to_providers_bp`: see `capital.models.Round`.
    """

    target_minor: int
    minimum_minor: int
    closes_on: date
    term_sheet: str
    tranches: tuple[TrancheFacts, ...]
    maximum_minor: int | None = None
    ticket_least_minor: int = 1
    ticket_step_minor: int = 1
    allotment: AllotmentRule = AllotmentRule.FIRST_COME
    opens_on: date | None = None
    recycles: bool = True
    excess_to_providers_bp: int = 0
    sheet: Document | None = None


@operation
def draft_round(
    programme: Programme, facts: RoundFacts, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Round:
    """Draft the investor round of a bond, or change its draft; `version` is the draft that the person was reading.

    Refused while another round is open or stands: a bond has one consortium of investors.
    """
    found = db.session.get(Round, once) or db.session.scalar(latest_round(programme.id))
    if found is not None and found.id == once and version is None:
        return found  # the second half of a double click
    if (reason := PROGRAMME_FLOW.why_not(Action.ROUND_DRAFT, programme)) is not None:
        raise NotNow(reason)
    _check(facts)
    if found is None or found.state == RoundState.FAILED:
        found = Round(id=once, programme=programme)
        db.session.add(found)
    elif (reason := why_no_second(found)) is not None:
        raise NotNow(reason)
    elif version is None:
        raise Changed(found.version)  # somebody else began a draft meanwhile
    else:
        found.expect_version(version)
    for name in ("target_minor", "minimum_minor", "ticket_least_minor", "ticket_step_minor", "allotment", "opens_on"):
        setattr(found, name, getattr(facts, name))
    found.maximum_minor = facts.maximum_minor or facts.target_minor
    found.recycles, found.excess_to_providers_bp = facts.recycles, facts.excess_to_providers_bp
    found.closes_on, found.term_sheet = facts.closes_on, facts.term_sheet
    found.tranches = [Tranche(**asdict(tranche)) for tranche in facts.tranches]
    db.session.flush()
    sheet = _lay_sheet(found, facts.sheet) if facts.sheet is not None else term_sheet_of(found.id)
    record(
        Action.ROUND_DRAFT,
        found,
        actor,
        on_behalf_of=programme,
        target=facts.target_minor,
        minimum=facts.minimum_minor,
        maximum=found.maximum_minor,
        closes_on=facts.closes_on,
        tranches=[asdict(tranche) for tranche in facts.tranches],
        term_sheet=sheet.sha256 if sheet is not None else None,
    )
    return found


def _lay_sheet(round: Round, document: Document) -> TermSheet:
    """The file takes the place of the one that was with the draft."""
    sheet = term_sheet_of(round.id)
    if sheet is None:
        sheet = TermSheet(round_id=round.id)
        db.session.add(sheet)
    for name in ("filename", "media_type", "sha256", "size", "content"):
        setattr(sheet, name, getattr(document, name))
    return sheet


def why_no_second(latest: Round | None) -> str | None:
    """A new round, or a change of the draft, only while the latest one is a draft or has failed."""
    if latest is None or latest.state in (RoundState.DRAFT, RoundState.FAILED):
        return None
    return _("This bond already has an investor round that is open or stands.")


def _check(facts: RoundFacts) -> None:
    if facts.minimum_minor > facts.target_minor:
        raise Refused(_("The minimum cannot be above the target."), "minimum")
    if facts.maximum_minor is not None and facts.maximum_minor < facts.target_minor:
        raise Refused(_("The maximum cannot be below the target."), "maximum")
    if facts.ticket_least_minor > (facts.maximum_minor or facts.target_minor):
        raise Refused(_("The smallest ticket cannot be above what the round takes."), "ticket_least")
    if facts.closes_on < clock.today():
        raise Refused(_("The closing day must not be in the past."), "closes_on")
    if facts.opens_on is not None and facts.opens_on > facts.closes_on:
        raise Refused(_("The round cannot open after it closes."), "opens_on")
    _check_tranches(facts)


def _check_tranches(facts: RoundFacts) -> None:
    if not facts.tranches:
        raise Refused(_("A round has at least one tranche."), "tranches")
    if len({tranche.name.casefold() for tranche in facts.tranches}) < len(facts.tranches):
        raise Refused(_("Give each tranche a name of its own."), "tranches")
    for tranche in facts.tranches:
        loan, returning = tranche.terms == TrancheTerms.LOAN, tranche.terms == TrancheTerms.RETURN
        if loan and tranche.rate_bp is None:
            raise Refused(_("%(name)s is a loan: give its interest.", name=tranche.name), "tranches")
        if not loan and tranche.rate_bp is not None:
            raise Refused(_("%(name)s is no loan and bears no interest.", name=tranche.name), "tranches")
        if not returning and tranche.irr_cap_bp is not None:
            raise Refused(_("%(name)s has no return that could be capped.", name=tranche.name), "tranches")
        if tranche.guarantee_minor and tranche.terms == TrancheTerms.GRANT:
            raise Refused(
                _("%(name)s is a gift: nothing is owed that could be guaranteed.", name=tranche.name), "tranches"
            )
        if bool(tranche.guarantee_minor) != bool(tranche.guarantor):
            raise Refused(_("%(name)s: give both the guarantee and who gives it.", name=tranche.name), "tranches")
    if sum(1 for tranche in facts.tranches if tranche.guarantee_minor) > 1:
        raise Refused(_("One tranche at most can have a guarantee."), "tranches")


@operation
def invite_investor(round: Round, organisation: Organisation, *, actor: User) -> Party:
    """Make an investor organisation a party of the bond, so that its people see the round and may commit.

    The right is that of the round (leading municipality or intermediary). Refused for an organisation that is no
    vetted investor or has another part in this bond.
    """
    ROUND_FLOW.advance(round, Action.ROUND_INVITE)
    if organisation.kind != OrganisationKind.INVESTOR or organisation.vetted_at is None:
        raise Refused(_("Choose an investor."), "organisation")
    found = db.session.scalar(select(Party).filter_by(programme_id=round.programme_id, organisation_id=organisation.id))
    if found is not None:
        raise Refused(_("%(name)s already has a part in this bond.", name=organisation.name), "organisation")
    party = Party(programme=round.programme, organisation=organisation, part=Part.INVESTOR)
    db.session.add(party)
    record(Action.ROUND_INVITE, round, actor, organisation=organisation.name)
    if round.state == RoundState.OPEN:
        notices.tell_invited(round, organisation.people())
    return party


@operation
def open_round(round: Round, *, actor: User) -> None:
    """Open the round to the invited investors. Refused without a published price table: it is what they judge by."""
    ROUND_FLOW.advance(round, Action.ROUND_OPEN)
    if db.session.scalar(table_in_force(round.programme_id)) is None:
        raise Refused(_("Publish the price table first: investors must see what an effect is worth."))
    if round.closes_on < clock.today():
        raise Refused(_("The closing day has passed; change the draft first."))
    record(Action.ROUND_OPEN, round, actor)
    notices.tell_invited(round, round.programme.people(Part.INVESTOR))


@operation
def commit(
    round: Round,
    tranche: Tranche,
    organisation: Organisation,
    amount_minor: int,
    *,
    actor: User,
    once: uuid.UUID,
    digest: str | None = None,
) -> Commitment:
    """Promise `amount_minor` to the bond on behalf of `organisation`, bindingly once the consortium stands.

    Writers take turns, so of two commitments on the last euro the second is refused. Refused above what is left (first
    come) or above the maximum (pro rata), for an amount that is no ticket, and for an organisation that was not invited
    or that the actor does not belong to. The caller has asked for the password again. `digest`: of the terms that the
    signatory read; `Changed` when they are others by now.
    """
    existing = db.session.get(Commitment, once)
    if existing is not None and existing.round_id == round.id and existing.organisation_id in actor.organisation_ids:
        return existing
    ROUND_FLOW.advance(round, Action.COMMITMENT_COMMIT)
    check_commitment(round, tranche, organisation, amount_minor, actor=actor)
    terms = digest_of(round, db.session.scalar(table_in_force(round.programme_id)))
    if digest is not None and digest != terms:
        raise Changed(round.version)
    mandate = expect_mandate(organisation, SignedKind.COMMITMENT, actor)
    binds = mandate is None or mandate.how == How.ALONE
    commitment = Commitment(
        id=once,
        round=round,
        programme_id=round.programme_id,
        tranche=tranche,
        organisation=organisation,
        amount_minor=amount_minor,
        committed_by_id=actor.id,
        signed_digest=terms,
        state=CommitmentState.COMMITTED if binds else CommitmentState.SIGNED_ONCE,
    )
    db.session.add(commitment)
    if binds:
        turn_interest(round, organisation)
    record(
        Action.COMMITMENT_COMMIT,
        commitment,
        actor,
        on_behalf_of=round,
        organisation=organisation.name,
        tranche=tranche.name,
        amount=amount_minor,
        digest=terms,
    )
    tell = notices.tell_committed if binds else notices.tell_half_signed
    tell(commitment)
    return commitment


def turn_interest(round: Round, organisation: Organisation) -> None:
    """What was a soft word is now a promise."""
    stated = select(Interest).filter_by(round_id=round.id, organisation_id=organisation.id, state=InterestState.STATED)
    for interest in db.session.scalars(stated):
        interest.state = InterestState.COMMITTED


def check_commitment(
    round: Round, tranche: Tranche, organisation: Organisation, amount_minor: int, *, actor: User
) -> None:
    """Refuse what cannot be promised; asked once before the figures are shown, and again when it counts."""
    if organisation.id not in actor.organisation_ids or organisation not in round.programme.organisations(
        Part.INVESTOR
    ):
        raise Refused(_("Choose an invited investor that you work for."), "organisation")
    try:
        expect_mandate(organisation, SignedKind.COMMITMENT, actor)
    except NotYours as others:
        raise Refused(others.message, "organisation") from None
    if tranche.round_id != round.id:
        raise Refused(_("Choose a tranche of this round."), "tranche")
    if amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    left = round.maximum_minor if round.is_cut_alike() else round.left_minor()
    check_ticket(round, amount_minor, left)


def check_ticket(round: Round, amount_minor: int, left: int) -> None:
    """At most what is left, and a ticket of the round. All that is left is always one, so that nothing stays."""
    if amount_minor > left and round.is_cut_alike():
        most = notices.shown(round.maximum_minor, round)
        raise Refused(_("More than the whole round takes: %(most)s.", most=most), "amount")
    if amount_minor > left:
        raise Refused(_("More than is left: %(left)s.", left=notices.shown(left, round)), "amount")
    if amount_minor == left:
        return
    if amount_minor < round.ticket_least_minor:
        least = notices.shown(round.ticket_least_minor, round)
        raise Refused(_("At least %(least)s, or all that is left.", least=least), "amount")
    if (amount_minor - round.ticket_least_minor) % round.ticket_step_minor:
        words = {
            "least": notices.shown(round.ticket_least_minor, round),
            "step": notices.shown(round.ticket_step_minor, round),
        }
        raise Refused(_("From %(least)s in steps of %(step)s.", **words), "amount")


@operation
def reduce_commitment(commitment: Commitment, amount_minor: int, *, actor: User, version: int | None = None) -> None:
    """Promise less while the round is open; what is given up is free for others. Refused where it is not less, or no
    ticket."""
    commitment.expect_version(version)
    COMMITMENT_FLOW.advance(commitment, Action.COMMITMENT_REDUCE)
    before = commitment.amount_minor
    if not 0 < amount_minor < before:
        raise Refused(_("Give an amount below %(now)s.", now=notices.shown(before, commitment.round)), "amount")
    check_ticket(commitment.round, amount_minor, commitment.round.maximum_minor)
    commitment.amount_minor = amount_minor
    record(Action.COMMITMENT_REDUCE, commitment, actor, before=before, amount=amount_minor)
    notices.tell_reduced(commitment, before)


@operation
def withdraw_commitment(commitment: Commitment, *, actor: User) -> None:
    """Take a commitment back while the round is open; what it took of the target is free again."""
    COMMITMENT_FLOW.advance(commitment, Action.COMMITMENT_WITHDRAW)
    record(Action.COMMITMENT_WITHDRAW, commitment, actor, amount=commitment.amount_minor)
    notices.tell_withdrawn(commitment)


@operation
def close_round(round: Round, *, actor: User, stands: bool = True) -> None:
    """Close the round: the consortium of investors stands and all is allotted to the cent, or everybody is released.

    Before the closing day only a full round closes, and pro rata none. At the target it stands; from the minimum on the
    closer decides (`stands`); below the minimum it fails. `capital.allotment` says who gets how much of the maximum.
    """
    committed = round.committed_minor()
    ROUND_FLOW.advance(round, Action.ROUND_CLOSE)
    stands = committed >= round.target_minor or (stands and committed >= round.minimum_minor)
    found = select(Commitment).filter_by(round_id=round.id, state=CommitmentState.COMMITTED)
    bound_at = func.coalesce(Commitment.co_signed_at, Commitment.created_at)
    live = list(db.session.scalars(found.order_by(bound_at, Commitment.id)).unique())
    parts = allot(round.allotment, round.maximum_minor, [commitment.amount_minor for commitment in live])
    for commitment, part in zip(live, parts, strict=True):
        allotted = part.amount_minor if stands else 0
        commitment.state = CommitmentState.ALLOTTED if allotted else CommitmentState.RELEASED
        commitment.allotted_minor, commitment.explained = allotted, part.explained() if stands else None
    lapsed = _release_half_signed(round)
    _lapse_interests(round)
    round.state = RoundState.STANDING if stands else RoundState.FAILED
    if stands:
        round.stands_at = clock.now()
        reach_phase(round.programme, Phase.CALL)
    allotted_in_all = sum(commitment.allotted_minor for commitment in live)
    record(Action.ROUND_CLOSE, round, actor, committed=committed, allotted=allotted_in_all, state=round.state)
    notices.tell_closed(round, live, lapsed, committed)


def _release_half_signed(round: Round) -> list[Commitment]:
    """Nobody can sign beside the first any more."""
    found = select(Commitment).filter_by(round_id=round.id, state=CommitmentState.SIGNED_ONCE)
    lapsed = list(db.session.scalars(found.order_by(Commitment.created_at, Commitment.id)).unique())
    for one in lapsed:
        one.state = CommitmentState.RELEASED
    return lapsed


def _lapse_interests(round: Round) -> None:
    """Nobody can commit any more, so no soft word can become a promise."""
    for interest in db.session.scalars(select(Interest).filter_by(round_id=round.id, state=InterestState.STATED)):
        interest.state = InterestState.LAPSED
