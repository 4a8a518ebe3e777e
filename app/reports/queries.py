"""What the public pages count, in a few grouped statements."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from app.agreements.models import Agreement
from app.audit.models import AuditEntry, AuditFacts
from app.calls.models import Call
from app.consortia.models import Consortium
from app.core import clock
from app.extensions import db
from app.outcomes.disclosure import PROVEN, Key, disclosed_intake, disclosure, disclosures
from app.outcomes.models import Participant
from app.outcomes.queries import started_by
from app.outcomes.suppression import Figure, as_shown
from app.people.models import User
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.programmes.states import ProgrammeState
from app.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class EffectResult:
    """One effect as the public may read it; `paid` holds how many were paid for, and how much (minor units)."""

    effect: Effect
    target: int
    proven: Figure
    paid: Figure


@dataclass(frozen=True, slots=True)
class Results:
    """Promised, happened, paid, may still be paid: one bond on one page. Amounts in minor units."""

    agreement: Agreement | None
    participants: Figure
    effects: list[EffectResult]
    proven: Figure
    paid: Figure
    paid_by: dict[uuid.UUID, Figure]
    ceiling_minor: int

    def all(self) -> list[Figure]:
        effects = [figure for row in self.effects for figure in (row.proven, row.paid)]
        return [self.participants, self.proven, *effects]

    def amounts(self) -> list[int | None]:
        return [figure.amount_minor for figure in (self.paid, *self.paid_by.values())]


def public_programmes() -> Select[Programme]:
    return select(Programme).where(Programme.state == ProgrammeState.APPROVED).order_by(Programme.created_at.desc())


@dataclass(frozen=True, slots=True)
class Headline:
    """What a bond brought so far, as anybody may read it."""

    participants: Figure
    proven: Figure
    paid: Figure


_STARTED = (
    select(Participant.programme_id, Participant.payer_id, func.count())
    .where(Participant.programme_id.in_(bindparam("bonds", expanding=True)))
    .group_by(Participant.programme_id, Participant.payer_id)
)


def headlines(programme_ids: list[uuid.UUID]) -> dict[uuid.UUID, Headline]:
    """Of several bonds, in two statements."""
    started: dict[uuid.UUID, dict[uuid.UUID, int]] = {id: {} for id in programme_ids}
    for id, payer, number in db.session.execute(_STARTED, {"bonds": programme_ids}):
        started[id][payer] = number
    return {
        id: Headline(
            as_shown(sum(started[id].values()), None in disclosed_intake(started[id])),
            told.figure(Key(stage=PROVEN)),
            told.figure(Key(paid=True)),
        )
        for id, told in disclosures(programme_ids).items()
    }


def agreement_of(programme_id: uuid.UUID) -> Agreement | None:
    return db.session.scalar(select(Agreement).where(Agreement.programme_id == programme_id))


def results_of(programme: Programme) -> Results:
    """Everything the results page tells, suppressed for readers who may see no row about a person."""
    agreement = agreement_of(programme.id)
    told = disclosure(programme.id)
    payers = [share.organisation_id for share in programme.shares]
    started = started_by(programme, payers)
    volumes = agreement.terms.get("volumes", {}) if agreement else {}
    return Results(
        agreement=agreement,
        participants=as_shown(sum(started.values()), None in disclosed_intake(started)),
        effects=[
            EffectResult(
                effect,
                target=int(volumes.get(effect.code, 0)),
                proven=told.figure(Key(effect.id, stage=PROVEN)),
                paid=told.figure(Key(effect.id, paid=True)),
            )
            for effect in (agreement.table.effects if agreement else ())
        ],
        proven=told.figure(Key(stage=PROVEN)),
        paid=told.figure(Key(paid=True)),
        paid_by={payer: told.figure(Key(payer=payer, paid=True)) for payer in payers},
        ceiling_minor=sum(share.ceiling_minor for share in programme.shares),
    )


def trail_of(programme: Programme, group: str = "") -> Select[Any]:
    """The trail of one bond, newest first: entry, who, what it said.

    `group`: only acts on this noun ("claim"). Who bids stays out of it until the deadline (art. 2.108 Aw).
    """
    open_calls = select(Call.id).where(Call.programme_id == programme.id, Call.deadline > clock.now())
    bidders = select(Consortium.id).where(Consortium.call_id.in_(open_calls))
    plans = select(Proposal.id).where(Proposal.call_id.in_(open_calls))
    found = (
        select(
            AuditEntry.seq,
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.subject_type,
            AuditEntry.hash,
            User.name.label("actor"),
            AuditFacts.body,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(AuditFacts, AuditFacts.seq == AuditEntry.seq)
        .where(AuditEntry.programme_id == programme.id)
        .where(AuditEntry.subject_id.not_in(bidders), AuditEntry.subject_id.not_in(plans))
        .order_by(AuditEntry.seq.desc())
    )
    return found.where(AuditEntry.action.startswith(f"{group}.", autoescape=True)) if group else found
