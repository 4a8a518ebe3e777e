"""What the pages of delivery read. Lists page, search and sort in the database; sums are made there too."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import String, cast, func, or_, select, union

from app.extensions import db
from app.intake.figures import sees_rows
from app.intake.models import Participant
from app.intake.pseudonym import as_typed
from app.intake.suppression import Figure
from app.outcomes.disclosure import PROVEN, SHOWN, STAGES, Disclosure, Key, disclosure
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.states import ClaimState
from app.people.models import Organisation
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class EffectCounts:
    """Claims of one effect (None: of all) by stage, of the whole bond or of a municipality's own residents."""

    effect: Effect | None
    stages: dict[str | None, Figure]


def effect_counts(programme: Programme, table: PriceTable, user: Any) -> tuple[list[EffectCounts], list[EffectCounts]]:
    """(the whole bond, own residents): the second is empty for whoever is no paying municipality."""
    found = disclosure(programme.id)
    exact = sees_rows(programme.id, user)
    own = [share.organisation_id for share in programme.shares if share.organisation_id in user.organisation_ids]

    def lines(payer: uuid.UUID | None) -> list[EffectCounts]:
        def figure(effect: Effect | None, stage: str | None) -> Figure:
            key = Key(effect.id if effect else None, payer, stage)
            return found.figure(key, knows=user.organisation_ids, exact=exact)

        return [
            EffectCounts(effect, {stage: figure(effect, stage) for stage in (*SHOWN, None)})
            for effect in (*table.effects, None)
        ]

    return lines(None), lines(own[0]) if own else []


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list: `rows`, how many there are, and the address of the other pages."""

    rows: list[Any]
    total: int
    number: int
    url: Callable[[int], str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def listed(found: Any, order: Any, number: int, url: Callable[[int], str]) -> Listed:
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    page = found.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Listed(list(db.session.execute(page).all()), total, number, url)


def work_list(
    programme: Programme, user: Any, state: ClaimState | None, q: str, number: int, url: Callable[[int], str]
) -> Listed:
    """Claims that `user` may see, those that wait longest first."""
    found = Claim.visible_to(user).join(Participant, Claim.participant_id == Participant.id)
    found = found.join(Effect, Claim.effect_id == Effect.id)
    found = found.join(Organisation, Participant.payer_id == Organisation.id)
    found = found.where(Claim.programme_id == programme.id)
    if state is not None:
        found = found.where(Claim.state == state)
    if q:
        of_number = cast(Claim.id, String).ilike(_escaped(q) + "%", escape="\\")
        found = found.where(or_(_contains(Participant.code, as_typed(q)), _contains(Effect.name, q), of_number))
    columns = found.with_only_columns(
        Claim.id,
        Participant.code,
        Effect.name.label("effect"),
        Organisation.name.label("municipality"),
        Claim.achieved_on,
        Claim.submitted_at,
        Claim.state,
    )
    order = (func.coalesce(Claim.submitted_at, Claim.created_at), Claim.id)
    return listed(columns, order, number, url)


def _contains(column: Any, text: str) -> Any:
    return column.ilike(f"%{_escaped(text)}%", escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def next_to_verify(programme_id: uuid.UUID, but: uuid.UUID) -> uuid.UUID | None:
    """The claim that waits longest for the assessor, after the one on the screen."""
    found = select(Claim.id).where(
        Claim.programme_id == programme_id, Claim.state == ClaimState.SUBMITTED, Claim.id != but
    )
    return db.session.scalar(found.order_by(Claim.submitted_at).limit(1))


def decided_unsigned(programme: Programme) -> int:
    """How many claims and measurements are decided and stand in no batch yet."""
    decided = [ClaimState.VERIFIED, ClaimState.REJECTED]
    counts = [
        select(func.count()).where(kind.programme_id == programme.id, kind.batch_id.is_(None), kind.state.in_(decided))
        for kind in (Claim, Measurement)
    ]
    return sum(db.session.scalar(count) or 0 for count in counts)


def batches(programme: Programme) -> list[Any]:
    found = select(Batch.id, Batch.number, Batch.created_at, Organisation.name).join(Batch.organisation)
    return list(db.session.execute(found.where(Batch.programme_id == programme.id).order_by(Batch.number)).all())


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """Claims per effect and municipality (None: over all) that were verified, and that were rejected.

    `effects` and `payers` are (id, name). A municipality reads its own residents and the whole.
    """

    verified: dict[tuple[Any, Any], Figure]
    rejected: dict[tuple[Any, Any], Figure]
    effects: list[tuple[uuid.UUID, str]]
    payers: list[tuple[uuid.UUID, str]]


def batch_figures(programme: Programme, batch_id: uuid.UUID | None, user: Any) -> BatchFigures:
    """What a batch holds (None: what the next one would hold, for the assessor), as `user` may see it."""
    signed = union(
        _decided(Claim, Participant.payer_id, programme, batch_id).join(Claim.participant),
        _decided(Measurement, Measurement.payer_id, programme, batch_id),
    ).subquery()
    found = select(Effect.id, Effect.name, Organisation.id, Organisation.name).select_from(signed)
    found = found.join(Effect, Effect.id == signed.c.effect_id).join(Organisation, Organisation.id == signed.c.payer_id)
    rows = db.session.execute(found.order_by(Effect.position, Organisation.name)).all()
    effects = list(dict.fromkeys((row[0], row[1]) for row in rows))
    exact, own = sees_rows(programme.id, user), user.organisation_ids
    payers = [payer for payer in dict.fromkeys((row[2], row[3]) for row in rows) if exact or payer[0] in own]
    payers.sort(key=lambda payer: payer[1])
    told = disclosure(programme.id)
    if batch_id is None:  # the cells of a batch that is still to come have none
        told = Disclosure({cell: n for cell, n in told.cells.items() if cell.batch is None})

    def figures(stage: str) -> dict[tuple[Any, Any], Figure]:
        keys = product([*(id for id, _ in effects), None], [*(id for id, _ in payers), None])
        return {
            (effect, payer): told.figure(Key(effect, payer, stage, batch_id), knows=own, exact=exact)
            for effect, payer in keys
        }

    return BatchFigures(figures(PROVEN if batch_id else "verified"), figures("rejected"), effects, payers)


def _decided(proof: Any, payer: Any, programme: Programme, batch_id: uuid.UUID | None) -> Any:
    """The effects and municipalities of what is decided and stands in a batch (None: in none yet)."""
    decided = [state for stage in ("verified", "rejected", PROVEN) for state in STAGES[stage]]
    found = select(proof.effect_id, payer.label("payer_id")).select_from(proof)
    return found.where(proof.programme_id == programme.id, proof.batch_id == batch_id, proof.state.in_(decided))


def batch_list(batch: Batch, user: Any, number: int, url: Callable[[int], str]) -> Listed:
    """The claims of a batch, for those who see rows."""
    found = Claim.visible_to(user).join(Participant, Claim.participant_id == Participant.id)
    found = found.join(Effect, Claim.effect_id == Effect.id)
    found = found.join(Organisation, Participant.payer_id == Organisation.id).where(Claim.batch_id == batch.id)
    columns = found.with_only_columns(
        Claim.id,
        Participant.code,
        Effect.name.label("effect"),
        Organisation.name.label("municipality"),
        Claim.achieved_on,
        Claim.state,
        Claim.accepted_unseen,
    )
    return listed(columns, (Claim.achieved_on, Claim.id), number, url)
