"""A clock starts, or stops: what the provider notes of it. The reason stays on the page of the participant."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.intake.models import Participant
from app.intake.rules import agreement_of
from app.outcomes import clocks
from app.outcomes.clock_models import clock_runs_of
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import Claim, ClockRun
from app.outcomes.notices import tell_clock_stopped
from app.outcomes.states import COUNTING, OPEN
from app.people.models import User
from app.pricing.models import Effect


@operation
def start_clock(participant: Participant, chain: Effect, started_on: date, *, actor: User, once: uuid.UUID) -> ClockRun:
    """The clock of `chain` (the effect that begins it) starts, for the first time or again after a stop.

    Refused while it runs, before the participant started, before the last stop, or in the future.
    """
    existing = db.session.get(ClockRun, once)
    if existing is not None:
        return existing
    _check_chain(participant, chain)
    _not_in_future(started_on, "started_on")
    if started_on < participant.started_on:
        start = day(participant.started_on)
        raise Refused(_("The participant only started on %(start)s.", start=start), "started_on")
    runs = _runs(participant, chain)
    if runs and runs[-1].stopped_on is None:
        start = day(runs[-1].started_on)
        raise Refused(_("This clock runs since %(start)s. Note first when it stopped.", start=start), "chain")
    if not runs and not chain.lasts:
        raise Refused(_("This clock starts by itself when “%(name)s” is claimed.", name=chain.name), "chain")
    if runs and runs[-1].stopped_on is not None and started_on < runs[-1].stopped_on:
        stop = day(runs[-1].stopped_on)
        raise Refused(_("The clock only stopped on %(stop)s.", stop=stop), "started_on")
    run = _lay(participant, chain, started_on, actor, once)
    record(Action.CLOCK_START, participant, actor, chain=chain.code, started_on=started_on.isoformat())
    lay_milestones(participant)
    return run


@operation
def stop_clock(participant: Participant, chain: Effect, stopped_on: date, reason: str, *, actor: User) -> ClockRun:
    """The clock of `chain` stopped: what it had not made by then counts from its next start.

    Refused while a claim that is not decided counts on it. What is signed off already is told to the assessor.
    """
    _check_chain(participant, chain)
    _not_in_future(stopped_on, "stopped_on")
    refuse_who(reason=reason)
    runs = _runs(participant, chain)
    if not runs or runs[-1].stopped_on is not None:
        raise Refused(_("This clock does not run."), "chain")
    if stopped_on < runs[-1].started_on:
        start = day(runs[-1].started_on)
        raise Refused(_("The clock only started on %(start)s.", start=start), "stopped_on")
    stopped = clocks.Run(runs[-1].started_on, stopped_on)
    broken = [claim for claim in _counting(participant) if _needs(claim, chain, stopped)]
    if any(claim.state in OPEN for claim in broken):
        names = ", ".join(claim.number for claim in broken if claim.state in OPEN)
        raise Refused(_("Claims that count on this clock stand in the way. Withdraw first: %(names)s.", names=names))
    found = select(ClockRun).filter_by(participant_id=participant.id, chain=chain.code, stopped_on=None)
    run = db.session.scalars(found).first()
    run = run or _lay(participant, chain, runs[-1].started_on, actor, uuid.uuid4())
    run.stopped_on, run.reason = stopped_on, reason
    record(Action.CLOCK_STOP, participant, actor, chain=chain.code, stopped_on=stopped_on.isoformat())
    lay_milestones(participant)
    for claim in broken:
        tell_clock_stopped(claim)
    return run


def _check_chain(participant: Participant, chain: Effect) -> None:
    agreement = agreement_of(participant.programme)
    if agreement is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    if chain.id not in {one.id for one in clocks.chains_in(agreement.table.effects)}:
        raise Refused(_("Choose a clock of the agreement."), "chain")


def _not_in_future(on: date, field: str) -> None:
    if on > clock.today():
        raise Refused(_("The day cannot lie in the future."), field)


def _runs(participant: Participant, chain: Effect) -> list[clocks.Run]:
    return clocks.runs_of(chain, clock_runs_of(participant), _counting(participant), participant.started_on)


def _counting(participant: Participant) -> list[Claim]:
    found = select(Claim).where(Claim.participant_id == participant.id, Claim.state.in_(COUNTING))
    return list(db.session.scalars(found).unique())


def _needs(claim: Claim, chain: Effect, stopped: clocks.Run) -> bool:
    """Does the claim say that this run made its effect, though it stopped before?"""
    effect = claim.effect
    return (
        bool(effect.lasts)
        and clocks.chain_of(effect).code == chain.code
        and claim.achieved_on >= stopped.started_on
        and stopped.reaches(effect) is None
    )


def _lay(participant: Participant, chain: Effect, started_on: date, actor: User, once: uuid.UUID) -> ClockRun:
    run = ClockRun(
        id=once,
        programme_id=participant.programme_id,
        participant=participant,
        chain=chain.code,
        started_on=started_on,
        noted_by_id=actor.id,
    )
    db.session.add(run)
    db.session.flush()
    return run
