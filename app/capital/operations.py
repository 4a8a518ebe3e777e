"""The only code that changes rounds and commitments. `actor` is who does it; the trail keeps each act."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.capital import notices
from app.capital.models import Commitment, Round, Tranche, TrancheTerms, latest_round
from app.capital.states import COMMITMENT_FLOW, ROUND_FLOW, CommitmentState, RoundState
from app.core import clock
from app.core.errors import Changed, NotNow, Refused
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
    """Money on the same terms. `rate_bp` (loans) and `irr_cap_bp` (returns) in basis points a year."""

    name: str
    rank: int
    terms: TrancheTerms
    rate_bp: int | None = None
    irr_cap_bp: int | None = None


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What a round says. Amounts in minor units; `closes_on` is the last day on which investors may commit."""

    target_minor: int
    minimum_minor: int
    closes_on: date
    term_sheet: str
    tranches: tuple[TrancheFacts, ...]


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
    found.target_minor, found.minimum_minor = facts.target_minor, facts.minimum_minor
    found.closes_on, found.term_sheet = facts.closes_on, facts.term_sheet
    found.tranches = [Tranche(**asdict(tranche)) for tranche in facts.tranches]
    record(
        Action.ROUND_DRAFT,
        found,
        actor,
        on_behalf_of=programme,
        target=facts.target_minor,
        minimum=facts.minimum_minor,
        closes_on=facts.closes_on,
        tranches=[asdict(tranche) for tranche in facts.tranches],
    )
    return found


def why_no_second(latest: Round | None) -> str | None:
    """A new round, or a change of the draft, only while the latest one is a draft or has failed."""
    if latest is None or latest.state in (RoundState.DRAFT, RoundState.FAILED):
        return None
    return _("This bond already has an investor round that is open or stands.")


def _check(facts: RoundFacts) -> None:
    if facts.minimum_minor > facts.target_minor:
        raise Refused(_("The minimum cannot be above the target."), "minimum")
    if facts.closes_on < clock.today():
        raise Refused(_("The closing day must not be in the past."), "closes_on")
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
    round: Round, tranche: Tranche, organisation: Organisation, amount_minor: int, *, actor: User, once: uuid.UUID
) -> Commitment:
    """Promise `amount_minor` to the bond on behalf of `organisation`, bindingly once the consortium stands.

    Writers take turns, so of two commitments on the last euro the second is refused. Refused above what is left of
    the target and for an organisation that was not invited or that the actor does not belong to.
    """
    existing = db.session.get(Commitment, once)
    if existing is not None and existing.round_id == round.id and existing.organisation_id in actor.organisation_ids:
        return existing
    ROUND_FLOW.advance(round, Action.COMMITMENT_COMMIT)
    check_commitment(round, tranche, organisation, amount_minor, actor=actor)
    commitment = Commitment(
        id=once,
        round=round,
        programme_id=round.programme_id,
        tranche=tranche,
        organisation=organisation,
        amount_minor=amount_minor,
        committed_by_id=actor.id,
    )
    db.session.add(commitment)
    record(
        Action.COMMITMENT_COMMIT,
        commitment,
        actor,
        on_behalf_of=round,
        organisation=organisation.name,
        tranche=tranche.name,
        amount=amount_minor,
    )
    notices.tell_committed(commitment)
    return commitment


def check_commitment(
    round: Round, tranche: Tranche, organisation: Organisation, amount_minor: int, *, actor: User
) -> None:
    """Refuse what cannot be promised; asked once before the figures are shown, and again when it counts."""
    if organisation.id not in actor.organisation_ids or organisation not in round.programme.organisations(
        Part.INVESTOR
    ):
        raise Refused(_("Choose an invited investor that you work for."), "organisation")
    if tranche.round_id != round.id:
        raise Refused(_("Choose a tranche of this round."), "tranche")
    if amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    left = round.left_minor()
    if amount_minor > left:
        raise Refused(_("More than is left of the target: %(left)s.", left=notices.shown(left, round)), "amount")


@operation
def withdraw_commitment(commitment: Commitment, *, actor: User) -> None:
    """Take a commitment back while the round is open; what it took of the target is free again."""
    COMMITMENT_FLOW.advance(commitment, Action.COMMITMENT_WITHDRAW)
    record(Action.COMMITMENT_WITHDRAW, commitment, actor, amount=commitment.amount_minor)
    notices.tell_withdrawn(commitment)


@operation
def close_round(round: Round, *, actor: User, stands: bool = True) -> None:
    """Close the round: the consortium of investors stands and all is allotted to the cent, or everybody is released.

    Before the closing day only a full round closes. At the target it stands; from the minimum on the closer decides
    (`stands`); below the minimum it fails.
    """
    committed = round.committed_minor()
    ROUND_FLOW.advance(round, Action.ROUND_CLOSE)
    stands = committed >= round.target_minor or (stands and committed >= round.minimum_minor)
    live = [c for c in round.commitments if c.state == CommitmentState.COMMITTED]
    for commitment in live:
        commitment.state = CommitmentState.ALLOTTED if stands else CommitmentState.RELEASED
        commitment.allotted_minor = commitment.amount_minor if stands else 0
    round.state = RoundState.STANDING if stands else RoundState.FAILED
    if stands:
        round.stands_at = clock.now()
        reach_phase(round.programme, Phase.CALL)
    record(Action.ROUND_CLOSE, round, actor, committed=committed, state=round.state)
    notices.tell_closed(round, live)
