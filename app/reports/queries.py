"""What the public pages count, in a few grouped statements."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, select

from app.agreements.models import Agreement
from app.extensions import db
from app.intake.figures import intake_figure, started_by
from app.intake.suppression import Figure
from app.intake.tally_models import StartTally
from app.outcomes.disclosure import PROVEN, Key, disclosure, disclosures
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.programmes.states import ProgrammeState
from app.reports.cohorts import CohortResult, cohort_results


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
    cohorts: list[CohortResult]

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


_STARTED = select(StartTally.programme_id, StartTally.payer_id, StartTally.number).where(
    StartTally.programme_id.in_(bindparam("bonds", expanding=True)), StartTally.number != 0
)


def headlines(programme_ids: list[uuid.UUID]) -> dict[uuid.UUID, Headline]:
    """Of several bonds, in two statements."""
    started: dict[uuid.UUID, dict[uuid.UUID, int]] = {id: {} for id in programme_ids}
    for id, payer, number in db.session.execute(_STARTED, {"bonds": programme_ids}):
        started[id][payer] = number
    return {
        id: Headline(
            intake_figure(started[id]),
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
    effects = agreement.table.effects if agreement else []
    counted = {effect.id: told.figure(Key(effect.id, stage=PROVEN)) for effect in effects}
    return Results(
        agreement=agreement,
        participants=intake_figure(started),
        effects=[
            EffectResult(
                effect,
                target=int(volumes.get(effect.code, 0)),
                proven=counted[effect.id],
                paid=told.figure(Key(effect.id, paid=True)),
            )
            for effect in effects
        ],
        proven=told.figure(Key(stage=PROVEN)),
        paid=told.figure(Key(paid=True)),
        paid_by={payer: told.figure(Key(payer=payer, paid=True)) for payer in payers},
        ceiling_minor=sum(share.ceiling_minor for share in programme.shares),
        cohorts=cohort_results(programme, effects, [id for id, figure in counted.items() if figure.count]),
    )
