"""The figures of a bond about its participants, and the one decision which of them may be shown (domain, section 9).

Every page that shows a count of effects or participants, or an amount from which a count follows, asks here: results,
delivery, sign-off, settlement, statement, holding, and where a cent came from. Easiest to break: a figure that a page
counts for itself, which this decision then does not know of.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Uuid, and_, bindparam, column, func, select, table

from app.extensions import db
from app.outcomes.models import Claim, Participant
from app.outcomes.states import ClaimState
from app.outcomes.suppression import Figure, as_shown, shown

# What the parties read of a claim's state; registered and withdrawn ones are the provider's own affair.
STAGES: dict[str, tuple[ClaimState, ...]] = {
    "submitted": (ClaimState.SUBMITTED, ClaimState.QUESTIONED),
    "verified": (ClaimState.VERIFIED,),
    "rejected": (ClaimState.REJECTED,),
    "signed_off": (ClaimState.SIGNED_OFF, ClaimState.SETTLED),
}
PROVEN = "signed_off"
STAGE_OF = {state: stage for stage, states in STAGES.items() for state in states}

# Settlement stands above outcomes and is not imported; three of its tables are read by name.
_line = table(
    "settlement_line",
    column("claim_id", Uuid),
    column("settlement_id", Uuid),
    column("payer_id", Uuid),
    column("paid_minor"),
)
_settlement = table("settlement", column("id", Uuid), column("state"))
_statement = table("statement", column("settlement_id", Uuid), column("payer_id", Uuid), column("state"))


class Key(NamedTuple):
    """A figure: all effects for which these hold; None: whatever it is. `paid`: of a statement that was paid."""

    effect: uuid.UUID | None = None
    payer: uuid.UUID | None = None
    stage: str | None = None
    batch: uuid.UUID | None = None
    settlement: uuid.UUID | None = None
    paid: bool | None = None

    def holds(self, cell: "Key") -> bool:
        return all(mine is None or mine == other for mine, other in zip(self, cell, strict=True))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The effects of one bond by cell (a `Key` without None but for no batch, no settlement), and what is `told`."""

    cells: dict[Key, tuple[int, int]]
    told: frozenset[Key] = frozenset()

    def figure(self, key: Key, *, knows: Collection[uuid.UUID] = (), exact: bool = False) -> Figure:
        """One figure to a reader who `knows` the residents of these municipalities, or sees the rows (`exact`).

        An amount is shown where every count behind it is: payment divided by price gives the count.
        """
        count, amount = self._sum(key)
        if exact or (key.payer is not None and key.payer in knows):
            return as_shown(count, True, amount)
        parts = {key._replace(effect=cell.effect) for cell in self.cells if key.holds(cell)}
        return as_shown(count, key in self.told or not count, amount if parts <= self.told else None)

    def _sum(self, key: Key) -> tuple[int, int]:
        found = [sums for cell, sums in self.cells.items() if key.holds(cell)]
        return sum(count for count, _ in found), sum(amount for _, amount in found)

    def effects_of(self, key: Key) -> list[uuid.UUID]:
        """The effects that occur in a figure."""
        return list(dict.fromkeys(cell.effect for cell in self.cells if key.holds(cell) and cell.effect))


def disclosure(programme_id: uuid.UUID) -> Disclosure:
    """What may be shown of this bond."""
    return disclosures([programme_id]).get(programme_id, Disclosure({}))


def disclosures(programme_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Disclosure]:
    """The same for several bonds, in one statement."""
    by_bond: dict[uuid.UUID, dict[Key, tuple[int, int]]] = {id: {} for id in programme_ids}
    for programme_id, effect, payer, state, batch, settlement, paid, count, amount in db.session.execute(
        _counted(), {"bonds": list(programme_ids)}
    ):
        key = Key(effect, payer, STAGE_OF[state], batch, settlement, paid == "paid")
        before = by_bond[programme_id].get(key, (0, 0))
        by_bond[programme_id][key] = (before[0] + count, before[1] + int(amount or 0))
    return {id: Disclosure(cells, told_of(cells)) for id, cells in by_bond.items()}


@cache
def _counted() -> Any:
    """Claims of `bonds` and what is paid for them, by bond and cell; of settlements only those that were not
    discarded."""
    standing = (
        select(_line.c.claim_id, _line.c.settlement_id, _line.c.payer_id, _line.c.paid_minor)
        .join(_settlement, _settlement.c.id == _line.c.settlement_id)
        .where(_settlement.c.state != "discarded")
        .subquery()
    )
    kinds = (
        Claim.programme_id,
        Claim.effect_id,
        Participant.payer_id,
        Claim.state,
        Claim.batch_id,
        standing.c.settlement_id,
        _statement.c.state,
    )
    owed = and_(_statement.c.settlement_id == standing.c.settlement_id, _statement.c.payer_id == standing.c.payer_id)
    return (
        select(*kinds, func.count(), func.sum(standing.c.paid_minor))
        .select_from(Claim)
        .join(Participant, Participant.id == Claim.participant_id)
        .outerjoin(standing, standing.c.claim_id == Claim.id)
        .outerjoin(_statement, owed)
        .where(Claim.programme_id.in_(bindparam("bonds", expanding=True)), Claim.state.in_(list(STAGE_OF)))
        .group_by(*kinds)
    )


def told_of(cells: dict[Key, tuple[int, int]]) -> frozenset[Key]:
    """Which figures over these cells may be shown to everybody."""
    return _told(tuple(sorted(((key, count) for key, (count, _) in cells.items()), key=str)))


@lru_cache(maxsize=256)
def _told(counted: tuple[tuple[Key, int], ...]) -> frozenset[Key]:
    counts = dict(counted)
    owners = {cell: cell.payer for cell in counts}
    offered = [(key, [cell for cell in counts if key.holds(cell)]) for key in offered_figures(counts)]
    return shown(counts, owners, offered, guarded_sums(counts))


def offered_figures(counts: dict[Key, int]) -> list[Key]:
    """Every figure that a page may show, what most readers need first; of alike ones the largest first."""
    effects = _values(counts, "effect")
    payers, batches, settlements = _values(counts, "payer"), _values(counts, "batch"), _values(counts, "settlement")
    groups: list[list[Key]] = [
        [Key(stage=PROVEN)],
        [Key(effect=effect, stage=PROVEN) for effect in effects],
        [Key(), *(Key(stage=stage) for stage in STAGES)],
        [Key(paid=True), *(Key(settlement=one) for one in settlements)],
        [Key(effect=effect, paid=True) for effect in effects],
        [Key(effect=effect) for effect in effects],
        [Key(effect=effect, stage=stage) for effect in effects for stage in STAGES],
        [Key(settlement=one, effect=effect) for one in settlements for effect in effects],
        [Key(settlement=one, payer=payer) for one in settlements for payer in payers],
        [Key(batch=one, stage=stage) for one in batches for stage in (PROVEN, "rejected")],
        [Key(payer=payer, paid=True) for payer in payers],
        [Key(effect, payer, paid=True) for effect in effects for payer in payers],
        [Key(effect, payer, settlement=one) for one in settlements for effect in effects for payer in payers],
        [Key(batch=one, effect=e, stage=s) for one in batches for e in effects for s in (PROVEN, "rejected")],
    ]
    sizes = {key: sum(n for cell, n in counts.items() if key.holds(cell)) for group in groups for key in group}
    return [key for group in groups for key in sorted(group, key=lambda key: (-sizes[key], str(key)))]


def guarded_sums(counts: dict[Key, int]) -> list[list[Key]]:
    """Sums that no page shows, and that nobody may work out either when they are small."""
    subsets = list(product(("effect", ""), ("payer", ""), ("stage", ""), ("batch", "settlement", "paid", "")))
    found: dict[tuple[Any, ...], list[Key]] = {}
    for cell in counts:
        for names in subsets:
            found.setdefault((names, *(getattr(cell, name, None) for name in names)), []).append(cell)
    return list(found.values())


def _values(counts: dict[Key, int], name: str) -> list[Any]:
    return sorted({getattr(cell, name) for cell in counts} - {None}, key=str)


def disclosed_intake(started: dict[uuid.UUID, int]) -> frozenset[uuid.UUID | None]:
    """The municipalities whose number of participants may be shown to everybody; None for the number of all."""
    offered: list[tuple[Any, list[uuid.UUID]]] = [(None, list(started))]
    offered += [(payer, [payer]) for payer in sorted(started, key=lambda payer: (-started[payer], str(payer)))]
    return shown(started, {payer: payer for payer in started}, offered)
