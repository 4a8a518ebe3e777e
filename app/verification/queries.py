"""What the pages of verification read. Every list costs the same number of statements, however long it is."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, literal, select, tuple_

from app.access.roles import Role
from app.agreements.verification_models import agreed_rules
from app.core import clock
from app.extensions import db
from app.intake.figures import sees_rows
from app.intake.models import Participant
from app.intake.recusals import left_to_others
from app.outcomes.answering import answer_until
from app.outcomes.models import Batch, Claim, ClaimMessage
from app.outcomes.queries import MOST, Listed, claims_seen, listed_claims
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.models import Programme, roles_in
from app.verification.by_rule import read_by_rule
from app.verification.listing import HIGH, MEDIUM, risk_of
from app.verification.models import Declaration, Docket, DocketItem, Judgement, Stratum
from app.verification.sampling import wilson
from app.verification.standing import UNDECIDED, lacking_of, states_of
from app.verification.states import UNSIGNED, DocketState, Finding


@dataclass(frozen=True, slots=True)
class Waiting:
    """The ids of the claims that somebody may judge now, the order in which they come, and the points of risk."""

    ids: Select[Any]
    order: tuple[Any, ...]
    risk: Any


def work(programme: Programme, user: Any, number: int, url: Callable[[int], str]) -> Listed:
    """What waits for `user` to judge: by risk, and then what waits longest."""
    waiting = _waiting(programme, user)
    ids = waiting.ids.add_columns(waiting.risk.label("risk"))
    counted = select(func.count()).select_from(waiting.ids.limit(MOST).subquery())
    return listed_claims(ids, waiting.order, (Claim.achieved_on, Claim.submitted_at), number, url, counted)


def next_of(programme: Programme, user: Any, after: Claim | None = None) -> uuid.UUID | None:
    """The claim that is first on the work list of `user`, or first `after` one that is passed over."""
    waiting = _waiting(programme, user)
    first = waiting.ids.order_by(*waiting.order).limit(1)
    if after is not None:
        here = db.session.execute(waiting.ids.where(Claim.id == after.id).with_only_columns(*waiting.order)).first()
        if here is not None:
            at = tuple_(*(literal(value, by.type) for value, by in zip(here, waiting.order, strict=True)))
            following = db.session.scalar(first.where(tuple_(*waiting.order) > at))
            if following is not None:
                return following
        first = first.where(Claim.id != after.id)
    return db.session.scalar(first)


def _waiting(programme: Programme, user: Any) -> Waiting:
    """Where the agreement knows dockets, of the one that is judged, in the order that was laid down with its list."""
    if agreed_rules(programme.id) is None:
        risk = risk_of(programme.id)
        found = claims_seen(programme, user).join(Participant, Participant.id == Claim.participant_id)
        return Waiting(
            found.where(Claim.state == ClaimState.SUBMITTED), (literal(0) - risk, Claim.submitted_at, Claim.id), risk
        )
    judged = select(Docket.id).where(Docket.programme_id == programme.id, Docket.state == DocketState.CHECKING)
    mine = select(Judgement.claim_id).where(Judgement.user_id == user.id)
    # Said by a case, of which PostgreSQL expects more rows: few of a bond's claims wait, but nearly all of this list
    # do, and by the plain comparison it reads and sorts the whole list for one page.
    waits = case((Claim.state == ClaimState.SUBMITTED, 1), else_=0) > 0
    found = (
        select(Claim.id)
        .select_from(DocketItem)
        .join(Claim, Claim.id == DocketItem.claim_id)
        .where(DocketItem.docket_id == judged.limit(1).scalar_subquery(), DocketItem.to_judge)
        .where(~DocketItem.is_set_aside)
        .where(waits, Claim.id.not_in(mine))
        .where(Claim.participant_id.not_in(left_to_others(user)))
    )
    return Waiting(found, (DocketItem.place,), DocketItem.risk)


def level_of(risk: int) -> str:
    """A key of `words.RISKS`."""
    return "high" if risk >= HIGH else "medium" if risk >= MEDIUM else "low"


def dockets(programme: Programme) -> list[Docket]:
    found = select(Docket).where(Docket.programme_id == programme.id).order_by(Docket.number.desc())
    return list(db.session.scalars(found).unique())


def open_docket(programme: Programme) -> Docket | None:
    """The docket that is not signed off yet: at most one of a bond."""
    found = select(Docket).where(Docket.programme_id == programme.id, Docket.state.in_(UNSIGNED))
    return db.session.scalars(found).unique().first()


def docket_of(batch: Batch) -> Docket | None:
    return db.session.scalars(select(Docket).where(Docket.batch_id == batch.id)).unique().first()


def declared(docket: Docket) -> list[Declaration]:
    found = select(Declaration).where(Declaration.docket_id == docket.id).order_by(Declaration.created_at)
    return list(db.session.scalars(found))


@dataclass(frozen=True, slots=True)
class StratumLine:
    """What a reader may know of the claims of one effect; None: not for this reader. Shares are from 0 to 1."""

    effect: str
    is_sampled: bool
    size: int | None
    drawn: int | None
    left: int | None
    faults: int | None
    interval: tuple[float, float] | None
    finding: Finding | None
    by_rule: int = 0


def strata_of(docket: Docket, user: Any) -> list[StratumLine]:
    """The assessor, and a provider that took everybody in, read all of it. The auditor, who makes the draw again, also
    reads the size of what was drawn from. The other parties read the finding, unless that gives away a count of 1 to 4;
    the public nothing.

    Of an effect of which every claim is judged they read nothing: that it occurs at all may be a small number.
    """
    roles = roles_in(docket.programme_id, user)
    read = read_by_rule(docket) if docket.reads_by_rule else Counter()
    if sees_rows(docket.programme_id, user):
        if docket.state not in (DocketState.CHECKING, DocketState.READY):
            left = None if docket.state == DocketState.LOCKED else 0  # before the draw nobody knows which will be
            return [_exact(one, left, read[one.effect_id]) for one in docket.strata]
        states, lack = states_of(docket), lacking_of(docket)  # what lacks something is for nobody to decide: it waits
        waits = {id: sum(found[state] for state in UNDECIDED) - lack[id] for id, found in states.items()}
        return [_exact(one, waits[one.effect_id], read[one.effect_id]) for one in docket.strata]
    if not roles - {Role.INVESTOR}:
        return []
    sizes = Role.AUDITOR in roles
    return [_told(one, docket, read[one.effect_id] if sizes else None) for one in docket.strata if one.is_sampled]


def _exact(one: Stratum, left: int | None, read: int) -> StratumLine:
    interval = wilson(one.faults, one.drawn) if one.faults is not None and one.is_sampled else None
    told = (one.effect.name, one.is_sampled, one.size, one.drawn, left, one.faults, interval, one.finding)
    return StratumLine(*told, by_rule=read)


def _told(one: Stratum, docket: Docket, read: int | None) -> StratumLine:
    """`read`: how many are read by rule, for who makes the draw again; None: not for this reader, nor the sizes."""
    sizes = read is not None
    gives_away = one.is_sampled and gives_away_count(one.drawn, docket.tolerance_bp)
    return StratumLine(
        one.effect.name,
        one.is_sampled,
        one.size if sizes else None,
        one.drawn if sizes else None,
        None,
        None,
        None,
        None if gives_away else one.finding,
        read or 0,
    )


def concluded_of(docket: Docket, user: Any) -> tuple[int, int, int] | None:
    """How many effects are concluded, how many still have claims to decide, and of how many all is decided but nothing
    concluded; None where all are concluded, and for who does not read how many claims are left."""
    if docket.state != DocketState.CHECKING or not sees_rows(docket.programme_id, user):
        return None
    lines = strata_of(docket, user)
    deciding = sum(bool(one.left) for one in lines)
    decided = sum(one.finding == Finding.OPEN and not one.left for one in lines)
    return len(lines) - deciding - decided, deciding, decided


def gives_away_count(drawn: int, tolerance_bp: int) -> bool:
    """A count of 1 to 4 faults is shown to nobody else as "<5" (domain, section 9). "Within tolerance" or "above" may
    then not leave one of the four alone: so it does where 1, or where 3 are tolerated. The answer depends on no fault,
    or its silence would tell."""
    return tolerance_bp * drawn // 10_000 in (1, 3)


def asked(programme: Programme) -> int:
    """How many claims wait for an answer of the provider."""
    found = select(func.count()).where(Claim.programme_id == programme.id, Claim.state == ClaimState.QUESTIONED)
    return db.session.scalar(found) or 0


@dataclass(frozen=True, slots=True)
class Asked:
    """Claims of a docket about which the provider was asked: how many, the oldest question, and until when the provider
    has to answer it."""

    number: int
    since: datetime | None
    until: date | None

    @property
    def is_late(self) -> bool:
        return self.until is not None and self.until < clock.today()


def asked_in(docket: Docket) -> Asked:
    """What keeps a docket from being concluded though nobody of the assessor has anything to decide."""
    latest = select(func.max(ClaimMessage.created_at)).where(ClaimMessage.claim_id == Claim.id).scalar_subquery()
    found = select(func.count(), func.min(latest)).select_from(DocketItem).join(Claim, Claim.id == DocketItem.claim_id)
    found = found.where(DocketItem.docket_id == docket.id, DocketItem.to_judge, ~DocketItem.is_set_aside)
    number, since = db.session.execute(found.where(Claim.state == ClaimState.QUESTIONED)).one()
    return Asked(number, since, answer_until(since, docket.programme) if since is not None else None)


def waiting_outside(programme: Programme) -> int:
    """How many claims wait and stand in no open docket: what the next one would hold."""
    found = select(func.count()).where(Claim.programme_id == programme.id, Claim.state == ClaimState.SUBMITTED)
    if open_docket(programme) is not None:
        unsigned = select(Docket.id).where(Docket.programme_id == programme.id, Docket.state.in_(UNSIGNED))
        inside = select(literal(1)).where(DocketItem.claim_id == Claim.id, DocketItem.docket_id.in_(unsigned))
        found = found.where(~inside.exists())
    return db.session.scalar(found) or 0


@dataclass(frozen=True, slots=True)
class NextBatch:
    """How many claims came in while `docket` is open, and what is asked in it."""

    number: int
    docket: Docket
    asked: Asked


def next_batch(programme: Programme) -> NextBatch | None:
    """None where no docket is open: what waits can be locked then."""
    docket = open_docket(programme)
    return NextBatch(waiting_outside(programme), docket, asked_in(docket)) if docket is not None else None


def judged_by(claim: Claim) -> list[User]:
    """Who gave an opinion, in that order; which one is for nobody before the claim is decided."""
    found = select(User).join(Judgement, Judgement.user_id == User.id).where(Judgement.claim_id == claim.id)
    return list(db.session.scalars(found.order_by(Judgement.created_at)).unique())
