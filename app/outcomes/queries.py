"""What the pages of delivery read. Lists page, search and sort in the database; sums are made there too."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, or_, select

from app.access.roles import Role
from app.extensions import db
from app.outcomes.models import Batch, Claim, Participant
from app.outcomes.pseudonym import as_typed
from app.outcomes.states import ClaimState
from app.outcomes.suppression import SMALLEST, Figure, Grid, figures, hidden_keys
from app.people.models import Organisation
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme, roles_in

PER_PAGE = 50

# What the parties read of a claim's state; registered and withdrawn ones are the provider's own affair.
STAGES: dict[str, tuple[ClaimState, ...]] = {
    "submitted": (ClaimState.SUBMITTED, ClaimState.QUESTIONED),
    "verified": (ClaimState.VERIFIED,),
    "rejected": (ClaimState.REJECTED,),
    "signed_off": (ClaimState.SIGNED_OFF, ClaimState.SETTLED),
}
PROVEN = "signed_off"
STAGE_OF = {state: stage for stage, states in STAGES.items() for state in states}


def sees_rows(programme_id: uuid.UUID, user: Any) -> bool:
    """Provider and assessor see the rows of all participants, so nothing is hidden from them."""
    return bool(roles_in(programme_id, user) & {Role.PROVIDER, Role.ASSESSOR})


def intake(programme: Programme, user: Any) -> list[tuple[Organisation, int, Figure]]:
    """Per municipality: its places, and how many started, as `user` may see it."""
    counted = select(Participant.payer_id, func.count()).where(Participant.programme_id == programme.id)
    rows = db.session.execute(counted.group_by(Participant.payer_id))
    found: dict[uuid.UUID, int] = dict(iter(rows))  # type: ignore[arg-type]
    payers = [share.organisation_id for share in programme.shares]
    cells = {("started", payer): (found.get(payer, 0), 0) for payer in payers}
    exact = sees_rows(programme.id, user)
    grid = Grid(["started"], payers, cells, known=user.organisation_ids, exact=exact)
    return [
        (share.organisation, share.cohort_size, grid.figure("started", share.organisation_id))
        for share in programme.shares
    ] + [(None, programme.cohort_size, grid.figure())]  # type: ignore[list-item]


@dataclass(frozen=True, slots=True)
class EffectCounts:
    """Claims of one effect (None: of all) by stage, of the whole bond or of a municipality's own residents."""

    effect: Effect | None
    stages: dict[str | None, Figure]


def effect_counts(programme: Programme, table: PriceTable, user: Any) -> tuple[list[EffectCounts], list[EffectCounts]]:
    """(the whole bond, own residents): the second is empty for whoever is no paying municipality.

    The whole hides small numbers, also those that a municipality would find by taking off its own.
    """
    rows = _claims_by_stage(programme)
    own = {payer for payer in user.organisation_ids if payer in {share.organisation_id for share in programme.shares}}
    whole: dict[Any, int] = {}
    mine: dict[Any, int] = {}
    for effect_id, payer_id, state, number in rows:
        key = (effect_id, STAGE_OF[state])
        whole[key] = whole.get(key, 0) + number
        if payer_id in own:
            mine[key] = mine.get(key, 0) + number
    hidden = set() if sees_rows(programme.id, user) else _hidden(table, whole, mine)
    return _lines(table, whole, hidden), _lines(table, mine, set()) if own else []


def _claims_by_stage(programme: Programme) -> Iterable[Any]:
    found = select(Claim.effect_id, Participant.payer_id, Claim.state, func.count()).join(Claim.participant)
    found = found.where(Claim.programme_id == programme.id, Claim.state.in_(list(STAGE_OF)))
    return db.session.execute(found.group_by(Claim.effect_id, Participant.payer_id, Claim.state)).all()


def _margins(table: PriceTable, cells: dict[Any, int]) -> tuple[dict[Any, int], list[Any]]:
    """Counts by (effect, stage) with their sums (None: over all), and the additions that hold between them."""
    effects = [effect.id for effect in table.effects]
    counts = {(effect, stage): cells.get((effect, stage), 0) for effect in effects for stage in STAGES}
    sums: list[Any] = [([(effect, stage) for stage in STAGES], (effect, None)) for effect in effects]
    sums += [([(effect, stage) for effect in effects], (None, stage)) for stage in STAGES]
    sums.append(([(None, stage) for stage in STAGES], (None, None)))
    for parts, total in sums:
        counts[total] = sum(counts[part] for part in parts)
    return counts, sums


def proven_in_public(programme: Programme, table: PriceTable) -> tuple[dict[uuid.UUID, Figure], Figure]:
    """Signed-off claims by effect and in all, as anybody may read them on the results page."""
    whole: dict[Any, int] = {}
    for effect_id, _payer, state, number in _claims_by_stage(programme):
        whole[effect_id, STAGE_OF[state]] = whole.get((effect_id, STAGE_OF[state]), 0) + number
    return figures(_proven(table, whole))


def _proven(table: PriceTable, whole: dict[Any, int]) -> dict[uuid.UUID, int]:
    return {effect.id: whole.get((effect.id, PROVEN), 0) for effect in table.effects}


def _hidden(table: PriceTable, whole: dict[Any, int], mine: dict[Any, int]) -> set[Any]:
    """What to hide of the whole, next to the counts of its own that a municipality reads."""
    counts, sums = _margins(table, whole)
    own = _margins(table, mine)[0] if mine else {}
    known, unpublished = set(), set()
    for key, number in own.items():
        counts["own", key], counts["rest", key] = number, counts[key] - number
        known.add(("own", key))
        unpublished.add(("rest", key))
        sums.append(([("own", key), ("rest", key)], key))
    return hidden_keys(counts, sums, known=known, unpublished=unpublished)


def _lines(table: PriceTable, cells: dict[Any, int], hidden: set[Any]) -> list[EffectCounts]:
    counts, _sums = _margins(table, cells)

    def shown(key: Any) -> Figure:
        return Figure(None, small=0 < counts[key] < SMALLEST) if key in hidden else Figure(counts[key])

    effects: list[Effect | None] = [*table.effects, None]
    keys = [(effect, effect.id if effect else None) for effect in effects]
    return [EffectCounts(effect, {stage: shown((key, stage)) for stage in [*STAGES, None]}) for effect, key in keys]


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


def _listed(found: Any, order: Any, number: int, url: Callable[[int], str]) -> Listed:
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    page = found.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Listed(list(db.session.execute(page).all()), total, number, url)


def caseload(programme: Programme, user: Any, q: str, number: int, url: Callable[[int], str]) -> Listed:
    """Participants that `user` may see, newest first, with the number of their claims that count."""
    claims = (
        select(func.count()).where(Claim.participant_id == Participant.id, Claim.state != ClaimState.WITHDRAWN)
    ).scalar_subquery()
    found = Participant.visible_to(user).join(Organisation, Participant.payer_id == Organisation.id)
    found = found.where(Participant.programme_id == programme.id)
    if q:
        found = found.where(_contains(Participant.code, as_typed(q)))
    columns = found.with_only_columns(
        Participant.id,
        Participant.code,
        Organisation.name.label("municipality"),
        Participant.age_band,
        Participant.started_on,
        Participant.state,
        claims.label("claims"),
    )
    return _listed(columns, (Participant.started_on.desc(), Participant.code), number, url)


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
    return _listed(columns, order, number, url)


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


def batches(programme: Programme) -> list[Any]:
    found = select(Batch.id, Batch.number, Batch.created_at, Organisation.name).join(Batch.organisation)
    return list(db.session.execute(found.where(Batch.programme_id == programme.id).order_by(Batch.number)).all())


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """Verified and rejected claims per effect and municipality; `effects` and `payers` are (id, name)."""

    verified: Grid
    rejected: Grid
    effects: list[tuple[uuid.UUID, str]]
    payers: list[tuple[uuid.UUID, str]]


def batch_figures(programme: Programme, batch_id: uuid.UUID | None, user: Any) -> BatchFigures:
    """What a batch holds (None: what the next one would hold), as `user` may see it."""
    is_rejected = (Claim.state == ClaimState.REJECTED).label("is_rejected")
    found = select(Effect.id, Effect.name, Organisation.id, Organisation.name, is_rejected, func.count())
    found = found.select_from(Claim).join(Claim.effect).join(Claim.participant)
    found = found.join(Organisation, Participant.payer_id == Organisation.id)
    found = found.where(Claim.programme_id == programme.id, Claim.batch_id == batch_id)
    found = found.where(Claim.state.in_([s for stage in ("verified", "rejected", "signed_off") for s in STAGES[stage]]))
    found = found.group_by(Effect.id, Effect.position, Effect.name, Organisation.id, Organisation.name, is_rejected)
    rows = db.session.execute(found.order_by(Effect.position, Organisation.name)).all()
    effects = list(dict.fromkeys((row[0], row[1]) for row in rows))
    payers = sorted({(row[2], row[3]) for row in rows}, key=lambda payer: payer[1])
    exact = sees_rows(programme.id, user)
    grids = []
    for wanted in (False, True):
        cells = {(row[0], row[2]): (row[5], 0) for row in rows if bool(row[4]) == wanted}
        ids = [effect for effect, _ in effects], [payer for payer, _ in payers]
        grids.append(Grid(*ids, cells, known=user.organisation_ids, exact=exact))
    return BatchFigures(grids[0], grids[1], effects, payers)


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
    )
    return _listed(columns, (Claim.achieved_on, Claim.id), number, url)
