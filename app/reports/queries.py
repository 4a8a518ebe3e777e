"""What the public pages count, in a few grouped statements."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from app.access.roles import Role
from app.agreements.models import Agreement
from app.extensions import db
from app.intake.figures import intake_figure
from app.intake.publication import Published, published, published_of
from app.intake.suppression import Figure
from app.outcomes.disclosure import PROVEN, Key, as_published, disclosure
from app.pricing.models import Effect
from app.programmes.models import Programme, roles_in
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
    """Promised, happened, paid, may still be paid: one bond on one page. Amounts in minor units; `published`: when."""

    published: Published
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


def headlines(programme_ids: list[uuid.UUID]) -> dict[uuid.UUID, Headline]:
    """Of several bonds, in one statement."""
    found = published_of(programme_ids)
    return {
        id: Headline(
            intake_figure(found[id].starts),
            told.figure(Key(stage=PROVEN)),
            told.figure(Key(paid=True)),
        )
        for id, told in as_published(found).items()
    }


def judged_by(user: Any, programme_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Of which bonds this person judges the effects: what was paid for those is not told to it (domain, section 9)."""
    return {id for id in programme_ids if Role.ASSESSOR in roles_in(id, user)}


def agreement_of(programme_id: uuid.UUID) -> Agreement | None:
    return db.session.scalar(select(Agreement).where(Agreement.programme_id == programme_id))


def results_of(programme: Programme) -> Results:
    """Everything the results page tells, suppressed for readers who may see no row about a person."""
    agreement = agreement_of(programme.id)
    when, told = published(programme.id), disclosure(programme.id).public
    payers = [share.organisation_id for share in programme.shares]
    volumes = agreement.terms.get("volumes", {}) if agreement else {}
    effects = agreement.table.effects if agreement else []
    counted = {effect.id: told.figure(Key(effect.id, stage=PROVEN)) for effect in effects}
    return Results(
        published=when,
        agreement=agreement,
        participants=intake_figure(when.starts),
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
