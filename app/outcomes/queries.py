"""What the pages of delivery read. Lists page, search and sort in the database; sums are made there too."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import Select, false, func, or_, select

from app.access.roles import Role
from app.extensions import db
from app.intake.figures import sees_rows
from app.intake.models import Participant, cared_for_by
from app.intake.recusals import Recusal, left_to_others
from app.intake.suppression import Figure
from app.outcomes.batch_counts import BatchFigures, exact_figures, unsigned
from app.outcomes.disclosure import PROVEN, SHOWN, Key, disclosure
from app.outcomes.models import Batch, BatchCount, Claim
from app.outcomes.required import left_out, on_next_list
from app.outcomes.settled_alone import is_settled_alone
from app.outcomes.states import ClaimState
from app.outcomes.tally_models import NONE, ProofTally
from app.people.models import Organisation
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme, roles_in
from app.programmes.pseudonym import as_typed

PER_PAGE = 50
MOST = 2_000  # who looks further chooses a state or searches


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

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than the list shows."""
        return self.total == MOST


def listed(found: Any, order: Any, number: int, url: Callable[[int], str]) -> Listed:
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    page = found.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Listed(list(db.session.execute(page).all()), total, number, url)


def claims_seen(programme: Programme, user: Any) -> Select[Any]:
    """The ids of the claims of one bond that `user` may see: those of `Claim.visible_to`, found by one index."""
    found = select(Claim.id).where(Claim.programme_id == programme.id)
    if sees_rows(programme.id, user):
        found = found.where(Claim.participant_id.not_in(left_to_others(user)))
        return found.where(Claim.submitted_at.is_not(None)) if _judges(programme, user) else found
    seen = select(Participant.id).where(Participant.id == Claim.participant_id, _own(Participant, user))
    return found.where(seen.exists())


def _own(of: Any, user: Any) -> Any:
    """Of participants, or what is kept of their claims: of whom somebody reads rows who does not read all."""
    return or_(of.payer_id.in_(user.resident_ids), cared_for_by(user, of))


def _judges(programme: Programme, user: Any) -> bool:
    """The assessor, who reads a claim from the day on which it is handed in."""
    return Role.ASSESSOR in roles_in(programme.id, user)


def kept_count(
    programme: Programme, user: Any, *, state: ClaimState | None = None, batch: Batch | None = None
) -> Select[Any]:
    """How many claims `claims_seen` finds, of one state and in one batch when these are given, without reading them."""
    kept = select(func.coalesce(func.sum(ProofTally.number), 0))
    kept = kept.where(ProofTally.programme_id == programme.id, ProofTally.kind == "claim")
    # Those of a person who is left to others are found by that person, not among all claims of the bond.
    left = select(func.count()).select_from(Recusal).join(Claim, Claim.participant_id == Recusal.participant_id)
    left = left.where(Recusal.user_id == user.id, func.coalesce(Claim.programme_id, NONE) == programme.id)
    if state is not None:
        kept, left = kept.where(ProofTally.state == state), left.where(Claim.state == state)
    if batch is not None:
        kept = kept.where(ProofTally.batch_id == batch.id)
        left = left.where(func.coalesce(Claim.batch_id, NONE) == batch.id)
    if _judges(programme, user):
        kept, left = kept.where(ProofTally.state != ClaimState.REGISTERED), left.where(Claim.submitted_at.is_not(None))
        return select(kept.scalar_subquery() - left.scalar_subquery() - _never_handed_in(programme, state, batch))
    if sees_rows(programme.id, user):
        return select(kept.scalar_subquery() - left.scalar_subquery())
    return kept.where(_own(ProofTally, user))


def _never_handed_in(programme: Programme, state: ClaimState | None, batch: Batch | None) -> Any:
    """Claims that the provider took back before the assessor could read them: the tally knows no such thing."""
    if batch is not None or state not in (None, ClaimState.WITHDRAWN):
        return 0
    found = select(func.count()).where(Claim.programme_id == programme.id, Claim.state == ClaimState.WITHDRAWN)
    return found.where(Claim.submitted_at.is_(None)).scalar_subquery()


def listed_claims(
    ids: Select[Any],
    order: Any,
    columns: Any,
    number: int,
    url: Callable[[int], str],
    count: Select[Any] | None = None,
) -> Listed:
    """A page of these claims with `columns` of each, and what stands beside its id in `ids`. Counting stops at `MOST`,
    and only the claims of the page are joined, so that a list of millions takes no longer than a long one. `count`
    answers how many there are, where that is kept."""
    # In the order of the list, so that both go by one index.
    counted = select(func.count()).select_from(ids.order_by(*order).limit(MOST).subquery()) if count is None else count
    total = min(db.session.scalar(counted) or 0, MOST)
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    sorts = [by.label(f"by_{place}") for place, by in enumerate(order)]
    cut = ids.add_columns(*sorts).order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE).subquery()
    beside = [column for name, column in cut.c.items() if name != "id" and not name.startswith("by_")]
    found = (
        select(Claim.id, Participant.code, Effect.name.label("effect"), Organisation.name.label("municipality"))
        .add_columns(*columns, *beside)
        .join(cut, cut.c.id == Claim.id)
        .join(Participant, Claim.participant_id == Participant.id)
        .join(Effect, Claim.effect_id == Effect.id)
        .join(Organisation, Participant.payer_id == Organisation.id)
        .order_by(*(cut.c[by.name] for by in sorts))
    )
    return Listed(list(db.session.execute(found).all()), total, number, url)


def work_list(
    programme: Programme,
    user: Any,
    state: ClaimState | None,
    q: str,
    number: int,
    url: Callable[[int], str],
    *,
    to_sign: bool = False,
) -> Listed:
    """Claims that `user` may see, those that wait longest first; what was not submitted yet by the day it was
    achieved, since its evidence lapses first. `to_sign`: those alone that the next sign-off holds."""
    found = claims_seen(programme, user)
    order: tuple[Any, ...] = (Claim.created_at, Claim.id)
    if state == ClaimState.REGISTERED:
        # No batch is no order either, but PostgreSQL goes by the index only where it is named.
        found, order = found.where(Claim.batch_id.is_(None)), (Claim.batch_id, Claim.achieved_on, Claim.id)
    elif state is not None:
        order = (Claim.submitted_at, Claim.id)
    if state is not None:
        found = found.where(Claim.state == state)
    if to_sign:
        found = found.where(*on_next_list(programme.id))
    if q:
        found = found.where(_searched(programme, q))
    count = None if q or to_sign else kept_count(programme, user, state=state)
    columns = (Claim.achieved_on, Claim.submitted_at, Claim.state)
    return listed_claims(found, order, columns, number, url, count)


def _searched(programme: Programme, q: str) -> Any:
    """By code, effect or number of the claim, each looked up first: a search that finds nothing reads no claims."""
    people = select(Participant.id).where(Participant.programme_id == programme.id, Participant.code == as_typed(q))
    effects = select(Effect.id).join(PriceTable, PriceTable.id == Effect.table_id)
    effects = effects.where(PriceTable.programme_id == programme.id, _contains(Effect.name, q))
    found = list(db.session.scalars(people))
    either = [Claim.participant_id.in_(found)] if found else []
    named = list(db.session.scalars(effects))
    either += [Claim.effect_id.in_(named)] if named else []
    digits = q.strip().lower()
    if digits and len(digits) <= 32 and not set(digits) - set("0123456789abcdef"):
        either.append(Claim.id.between(uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))))
    return or_(*either) if either else false()


def _contains(column: Any, text: str) -> Any:
    return column.ilike(f"%{_escaped(text)}%", escape="\\")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def next_to_verify(programme: Programme, user: Any, but: uuid.UUID) -> uuid.UUID | None:
    """The claim that waits longest for this person of the assessor, after the one on the screen."""
    found = claims_seen(programme, user).where(Claim.state == ClaimState.SUBMITTED, Claim.id != but)
    return db.session.scalar(found.order_by(Claim.submitted_at).limit(1))


def decided_unsigned(programme: Programme) -> int:
    """How many claims and measurements are decided and stand in no batch yet."""
    decided = db.session.scalar(select(func.sum(ProofTally.number)).where(*unsigned(programme.id))) or 0
    return decided - left_out(programme.id).total()


def batches(programme: Programme) -> list[Any]:
    found = select(Batch.id, Batch.number, Batch.created_at, Organisation.name).join(Batch.organisation)
    return list(db.session.execute(found.where(Batch.programme_id == programme.id).order_by(Batch.number)).all())


def batch_figures(programme: Programme, batch_id: uuid.UUID | None, user: Any) -> BatchFigures:
    """What a batch holds (None: what the next one would hold, for the assessor), as `user` may see it."""
    if batch_id is None or sees_rows(programme.id, user):
        return exact_figures(programme.id, batch_id)
    found = select(Effect.id, Effect.name, Organisation.id, Organisation.name).select_from(BatchCount)
    found = found.join(Effect, Effect.id == BatchCount.effect_id)
    found = found.join(Organisation, Organisation.id == BatchCount.payer_id).where(BatchCount.batch_id == batch_id)
    rows = db.session.execute(found.order_by(Effect.position, Organisation.name)).all()
    effects = list(dict.fromkeys((row[0], row[1]) for row in rows))
    if reads_settled(programme, batch_id, user):
        verified, knows = exact_figures(programme.id, batch_id).verified, {row[2] for row in rows}
    else:
        verified, knows = None, user.organisation_ids
    own = user.organisation_ids
    payers = sorted({(row[2], row[3]) for row in rows if row[2] in knows}, key=lambda payer: payer[1])
    told = disclosure(programme.id)

    def figures(stage: str) -> dict[tuple[Any, Any], Figure]:
        keys = product([*(id for id, _ in effects), None], [*(id for id, _ in payers), None])
        return {(effect, payer): told.figure(Key(effect, payer, stage, batch_id), knows=own) for effect, payer in keys}

    return BatchFigures(verified or figures(PROVEN), figures("rejected"), effects, payers)


def reads_settled(programme: Programme, batch_id: uuid.UUID, user: Any) -> bool:
    """The intermediary, which settles, reads what a settlement counted, also here; what was rejected none counts."""
    return Role.INTERMEDIARY in roles_in(programme.id, user) and is_settled_alone(batch_id)


def batch_list(batch: Batch, user: Any, number: int, url: Callable[[int], str]) -> Listed:
    """The claims of a batch, for those who see rows."""
    found = claims_seen(batch.programme, user).where(Claim.batch_id == batch.id)
    columns = (Claim.achieved_on, Claim.state, Claim.accepted_unseen)
    count = kept_count(batch.programme, user, batch=batch)
    return listed_claims(found, (Claim.achieved_on, Claim.id), columns, number, url, count)
