"""What the pages of a round read, when it is more than one select."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.access.actions import Action
from app.access.guard import may
from app.audit.models import AuditEntry, AuditFacts
from app.capital.allotment import allot
from app.capital.interest import Interest
from app.capital.models import Commitment, Round, Tranche
from app.capital.scenario import Scenario, scenarios
from app.capital.states import CommitmentState, InterestState, RoundState
from app.core import clock
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.pricing.models import PriceTable, table_in_force
from app.programmes.models import Part, Party

COUNTED = (CommitmentState.COMMITTED, CommitmentState.ALLOTTED)


def commitments_for(round: Round, user: Any) -> Select[Commitment]:
    """Those that this person may read: an investor its own, the desk all. Other investors' amounts never."""
    found = _seen(Commitment, Action.COMMITMENT_READ, round, user)
    return found.order_by(Commitment.created_at, Commitment.id)


def interests_for(round: Round, user: Any) -> Select[Interest]:
    """Soft words that still hold or became a commitment, as this person may read them: an investor its own, the desk
    all."""
    shown = (InterestState.STATED, InterestState.COMMITTED)
    found = _seen(Interest, Action.INTEREST_READ, round, user).where(Interest.state.in_(shown))
    return found.order_by(Interest.created_at, Interest.id)


def _seen(model: Any, action: Action, round: Round, user: Any) -> Select[Any]:
    """Of a round: all to whoever may read them of everybody, and to a member of an investor its own."""
    found = model.visible_to(user).where(model.round_id == round.id)
    return found if may(action, round, user) else found.where(model.organisation_id.in_(user.organisation_ids))


def investor_count(round: Round) -> int:
    """How many organisations have committed."""
    found = select(func.count(Commitment.organisation_id.distinct()))
    return db.session.scalar(found.where(Commitment.round_id == round.id, Commitment.state.in_(COUNTED))) or 0


def consortium_of(round: Round) -> Select[Any] | None:
    """Names of the investors, once their consortium stands; before that nobody learns who else takes part."""
    if round.state != RoundState.STANDING:
        return None
    standing = select(Commitment.organisation_id).where(Commitment.round_id == round.id, Commitment.state.in_(COUNTED))
    found = select(Organisation.name).where(Organisation.id.in_(standing))
    return found.order_by(Organisation.name, Organisation.id)


def promised_minor(round: Round) -> int | None:
    """What was committed in all when the consortium came to stand, before it was cut to what the round takes; none
    before that (minor units)."""
    if round.state != RoundState.STANDING:
        return None
    found = select(Commitment.explained).where(Commitment.round_id == round.id, Commitment.explained.is_not(None))
    told = db.session.scalar(found.limit(1))
    return int(told["asked_in_all_minor"]) if told is not None else None


def committed_at_close(round: Round) -> int | None:
    """What counted when the round failed, before everybody was released (minor units); none for any other round."""
    if round.state != RoundState.FAILED:
        return None
    closed = AuditEntry.subject_id == round.id, AuditEntry.action == str(Action.ROUND_CLOSE)
    body = db.session.scalar(select(AuditFacts.body).join(AuditEntry).where(*closed).limit(1))
    return None if body is None else int(body["committed"])


def reductions_of(commitment: Commitment) -> list[tuple[datetime, int, int]]:
    """When the investor promised less, from how much to how much (minor units), oldest first."""
    reduced = AuditEntry.subject_id == commitment.id, AuditEntry.action == str(Action.COMMITMENT_REDUCE)
    found = select(AuditEntry.at, AuditFacts.body).join(AuditFacts.entry).where(*reduced).order_by(AuditEntry.seq)
    return [(at, int(body["before"]), int(body["amount"])) for at, body in db.session.execute(found)]


def opened_on(round: Round) -> date | None:
    """The day on which it was opened; none while it is a draft."""
    found = select(AuditEntry.at).where(AuditEntry.subject_id == round.id, AuditEntry.action == str(Action.ROUND_OPEN))
    moment = db.session.scalar(found.order_by(AuditEntry.at.desc()).limit(1))
    return None if moment is None else clock.day_of(moment)


def allotted_now(round: Round) -> dict[uuid.UUID, int]:
    """By commitment, what each would be allotted if the round closed as things stand (minor units), as `close_round`
    would; empty unless it is open, is cut pro rata, and more is promised than it takes."""
    if round.state != RoundState.OPEN or not round.is_cut_alike() or round.committed_minor() <= round.maximum_minor:
        return {}
    bound_at = func.coalesce(Commitment.co_signed_at, Commitment.created_at)
    found = select(Commitment.id, Commitment.amount_minor).where(
        Commitment.round_id == round.id, Commitment.state == CommitmentState.COMMITTED
    )
    asked = db.session.execute(found.order_by(bound_at, Commitment.id)).all()
    parts = allot(round.allotment, round.maximum_minor, [amount for _id, amount in asked])
    return {id: part.amount_minor for (id, _amount), part in zip(asked, parts, strict=True)}


def table_of(round: Round) -> PriceTable | None:
    """The published price table that investors judge by."""
    return db.session.scalar(table_in_force(round.programme_id))


def signed_by(round: Round, organisation_id: uuid.UUID) -> list[Commitment]:
    """What this investor promised already in the round, and did not take back."""
    found = select(Commitment).filter_by(round_id=round.id, organisation_id=organisation_id)
    found = found.where(Commitment.state.in_((*COUNTED, CommitmentState.SIGNED_ONCE)))
    return list(db.session.scalars(found.order_by(Commitment.created_at, Commitment.id)).unique())


def invitable(round: Round) -> list[Organisation]:
    """Vetted investors that have no part in this bond yet."""
    parties = select(Party.organisation_id).where(Party.programme_id == round.programme_id)
    found = select(Organisation).where(
        Organisation.kind == OrganisationKind.INVESTOR,
        Organisation.vetted_at.is_not(None),
        Organisation.id.not_in(parties),
    )
    return list(db.session.scalars(found.order_by(Organisation.name)))


def own_investors(round: Round, user: Any) -> list[Organisation]:
    """The invited investors that this person works for."""
    return round.programme.organisations(Part.INVESTOR, among=user.organisation_ids)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The scenarios in a round that comes to `whole_minor`: its target, or else (`full`) its maximum. They are seen by
    the investor of the first of `committed` (tranche, minor units)."""

    whole_minor: int
    full: bool
    scenarios: list[Scenario]
    committed: list[tuple[Tranche, int]]


def outlook_in_all(round: Round, table: PriceTable) -> Outlook:
    """All investors together, before anybody named an amount: the whole target in one hand, in the tranche that is
    served first, whatever was committed so far."""
    whole = round.target_minor
    return _outlook(round, table, whole, [(served_first(round), whole)])


def outlooks(round: Round, table: PriceTable, tranche: Tranche, amount_minor: int) -> list[Outlook]:
    """For somebody who commits `amount_minor` to `tranche`: at the target, unless the round passes it with this amount;
    and at the maximum, where that is more.

    The rest is taken to stand in the tranche that is served first, which is the careful assumption. Of a round that is
    cut pro rata everybody counts for what would be allotted now.
    """
    held = _held_with(round, tranche, amount_minor)
    so_far = sum(amount for _, amount in held)
    fuller = round.maximum_minor > round.target_minor
    wholes = ([] if fuller and so_far > round.target_minor else [round.target_minor]) + [round.maximum_minor] * fuller
    return [_outlook(round, table, whole, [*held, (served_first(round), max(whole - so_far, 0))]) for whole in wholes]


def _outlook(round: Round, table: PriceTable, whole: int, committed: list[tuple[Tranche, int]]) -> Outlook:
    full = whole > round.target_minor
    return Outlook(whole, full, scenarios(round.programme, table, round.tranches, committed), committed)


def served_first(round: Round) -> Tranche:
    """The tranche that has its money before the others."""
    return min(round.tranches, key=lambda t: (t.rank, t.name))


def would_be_allotted(round: Round, tranche: Tranche, amount_minor: int) -> int:
    """What `amount_minor` would come to as things stand (minor units): less in a round that is cut pro rata."""
    return _held_with(round, tranche, amount_minor)[0][1]


def _held_with(round: Round, tranche: Tranche, amount_minor: int) -> list[tuple[Tranche, int]]:
    """What each would hold: first who signs now, though allotted last, as `close_round` would."""
    found = select(Commitment).where(Commitment.round_id == round.id, Commitment.state.in_(COUNTED))
    bound_at = func.coalesce(Commitment.co_signed_at, Commitment.created_at)
    others = [(c.tranche, c.amount_minor) for c in db.session.scalars(found.order_by(bound_at, Commitment.id))]
    held = [*others, (tranche, amount_minor)]
    if round.is_cut_alike():
        parts = allot(round.allotment, round.maximum_minor, [amount for _, amount in held])
        held = [(one, part.amount_minor) for (one, _), part in zip(held, parts, strict=True)]
    return [held[-1], *held[:-1]]
