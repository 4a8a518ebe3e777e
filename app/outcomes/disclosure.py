"""The figures of a bond about its participants, and the one decision which of them may be shown (domain, section 9).

Every page that shows a count of effects or participants, or an amount from which a count follows, asks here: results,
delivery, sign-off, settlement, statement, holding, and where a cent came from. Easiest to break: a figure that a page
counts for itself, which this decision then does not know of.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import String, Uuid, and_, bindparam, cast, column, func, literal, null, select, table, union_all

from app.extensions import db
from app.intake.suppression import Figure, Shown, shown
from app.outcomes.states import ClaimState
from app.outcomes.tally_models import NONE, LineTally, ProofTally

# What the parties read of a claim's state; registered and withdrawn ones are the provider's own affair.
STAGES: dict[str, tuple[ClaimState, ...]] = {
    "submitted": (ClaimState.SUBMITTED, ClaimState.QUESTIONED),
    "verified": (ClaimState.VERIFIED,),
    "rejected": (ClaimState.REJECTED,),
    "signed_off": (ClaimState.SIGNED_OFF, ClaimState.SETTLED),
    "reopened": (ClaimState.REOPENED,),
}
PROVEN = "signed_off"
SHOWN = [stage for stage in STAGES if stage != "reopened"]  # that one is only guarded: the difference of two figures
STAGE_OF = {state: stage for stage, states in STAGES.items() for state in states}

# Settlement stands above outcomes and is not imported; two of its tables are read by name.
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

    @property
    def words(self) -> str:
        """The figure in the markup of a page: "payer=5f0c2d1e;paid=True"; "all" of everything."""
        parts = zip(self._fields, self, strict=True)
        found = [f"{name}={str(value)[:8] if name != 'stage' else value}" for name, value in parts if value is not None]
        return ";".join(found) or "all"


class Cells:
    """The cells of a bond, by what they hold: those of a figure are found without asking each of them."""

    def __init__(self, cells: Iterable[Key]) -> None:
        self.all = list(cells)
        self._holding: dict[tuple[int, Any], set[int]] = {}
        for place, cell in enumerate(self.all):
            for part in enumerate(cell):
                self._holding.setdefault(part, set()).add(place)

    def places(self, key: Key) -> list[int]:
        """The numbers of the cells that a figure is the sum of."""
        asked = [self._holding.get(part, set()) for part in enumerate(key) if part[1] is not None]
        return sorted(set.intersection(*asked)) if asked else list(range(len(self.all)))

    def of(self, key: Key) -> list[Key]:
        return [self.all[place] for place in self.places(key)]


class Later(NamedTuple):
    """Money in `cell` for effects that are counted in the cell of the settlement that took them `first`."""

    cell: Key
    first: uuid.UUID

    @property
    def home(self) -> Key:
        return self.cell._replace(settlement=self.first, paid=None)


@dataclass(frozen=True)
class Disclosure:
    """The effects of one bond by cell (a `Key` without None but for no batch, no settlement), and what is `told`.

    `later` is what settlements after the first pay for them (minor units): carried over, or pooled.
    """

    cells: dict[Key, tuple[int, int]]
    told: Shown = field(default_factory=Shown)
    later: dict[Later, int] = field(default_factory=dict)

    def figure(self, key: Key, *, knows: Collection[uuid.UUID] = (), exact: bool = False) -> Figure:
        """One figure to a reader who `knows` the residents of these municipalities, or sees the rows (`exact`).

        An amount is shown where every count behind it is: payment divided by price gives the count. So one that pays
        for effects counted outside the figure is hidden.
        """
        cells = self._cells.of(key)
        count, amount = (sum(self.cells[cell][part] for cell in cells) for part in (0, 1))
        later = [one for one in self.later if key.holds(one.cell)]
        amount += sum(map(self.later.__getitem__, later))
        if exact or (key.payer is not None and key.payer in knows):
            return self.told.figure(key, count, known=True, amount_minor=amount, of=key.words)
        if not all(any(one.home == cell._replace(paid=None) for cell in cells) for one in later):
            return self.told.figure(key, count, of=key.words)
        parts = {key._replace(effect=cell.effect) for cell in cells}
        if parts <= self.told.keys:
            return self.told.figure(key, count, amount_minor=amount, of=key.words)
        found = self.told.figure(key, count, of=key.words)
        about = None if found.small or (found.hidden and found.between is None) else self._about(amount)
        return replace(found, amount_between=about)

    def _about(self, amount: int) -> tuple[int, int] | None:
        """A range in steps of 1, 2 or 5 and zeros, in which one effect more or less, of any price, changes nothing."""
        dearest = max((-(-paid // count) for count, paid in self.cells.values()), default=0)
        for step in (10**power * digit for power in range(2, 12) for digit in (1, 2, 5)):
            low = amount // step * step
            if step >= 4 * dearest and amount - low >= dearest and low + step - amount > dearest:
                return low, low + step
        return None

    @cached_property
    def _cells(self) -> Cells:
        return Cells(self.cells)

    def effects_of(self, key: Key) -> list[uuid.UUID]:
        """The effects that occur in a figure."""
        return list(dict.fromkeys(cell.effect for cell in self._cells.of(key) if cell.effect))


def disclosure(programme_id: uuid.UUID) -> Disclosure:
    """What may be shown of this bond."""
    return disclosures([programme_id]).get(programme_id, Disclosure({}))


def disclosures(programme_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Disclosure]:
    """The same for several bonds, in one statement, from what the database keeps (`tally_models`)."""
    kept: dict[str, list[tuple[Any, ...]]] = {}
    for programme_id, *row in db.session.execute(_kept(), {"bonds": list(programme_ids)}):
        kept.setdefault(programme_id, []).append(tuple(row))
    found = {uuid.UUID(id): _disclosure_of(tuple(rows)) for id, rows in kept.items()}
    return {id: found.get(id, Disclosure({})) for id in programme_ids}


@lru_cache(maxsize=64)
def _disclosure_of(rows: tuple[tuple[Any, ...], ...]) -> Disclosure:
    """Decided once for as long as a bond stays as it is; so rows are compared as the database words them."""
    cells: dict[Key, tuple[int, int]] = {}
    later: dict[Later, int] = {}
    for effect, payer, state, batch, settlement, paid, first, count, amount in rows:
        key = Key(_id(effect), _id(payer), STAGE_OF.get(state, state), _id(batch), _id(settlement), paid == "paid")
        first_id = _id(first)
        if first_id is not None:
            one = Later(key, first_id)
            later[one] = later.get(one, 0) + int(amount)
            continue
        _add(cells, key, count, int(amount))
        if settlement is not None:
            _add(cells, key._replace(settlement=None, paid=False), -count, 0)
    cells = {key: sums for key, sums in cells.items() if sums[0]}
    return Disclosure(cells, told_of(cells), later)


@lru_cache(maxsize=4096)
def _id(text: str | None) -> uuid.UUID | None:
    found = uuid.UUID(text) if text else NONE
    return None if found == NONE else found


def _add(cells: dict[Key, tuple[int, int]], key: Key, count: int, amount: int) -> None:
    before = cells.get(key, (0, 0))
    cells[key] = (before[0] + int(count), before[1] + amount)


@cache
def _kept() -> Any:
    """What is kept of the proofs of `bonds` by cell, and of the lines of settlements that were not discarded.

    The cell of what no settlement took is all proofs less those with a first line; see `disclosures`.
    """
    none = cast(null(), String)
    bonds: Any = bindparam("bonds", expanding=True)
    of_proofs = (ProofTally.programme_id, ProofTally.effect_id, ProofTally.payer_id, ProofTally.state)
    proofs = select(*_texts(*of_proofs, ProofTally.batch_id), none, none, none)
    proofs = proofs.add_columns(func.sum(ProofTally.number), literal(0)).group_by(*of_proofs, ProofTally.batch_id)
    line = LineTally
    lines = (
        select(*_texts(line.programme_id, line.effect_id, line.payer_id, line.stage, line.batch_id))
        .add_columns(*_texts(line.settlement_id, _statement.c.state, line.first_settlement_id))
        .add_columns(line.number, line.paid_minor)
        .join(_settlement, _settlement.c.id == line.settlement_id)
        .outerjoin(
            _statement,
            and_(_statement.c.settlement_id == line.settlement_id, _statement.c.payer_id == line.owing_id),
        )
        .where(_settlement.c.state != "discarded", line.number != 0)
    )
    counted = ProofTally.number != 0, ProofTally.state.in_(list(STAGE_OF))
    return union_all(
        proofs.where(ProofTally.programme_id.in_(bonds), *counted), lines.where(line.programme_id.in_(bonds))
    )


def _texts(*columns: Any) -> list[Any]:
    return [cast(column, String) for column in columns]


def told_of(cells: dict[Key, tuple[int, int]]) -> Shown:
    """Which figures over these cells may be shown to everybody."""
    return _told(frozenset((key, count) for key, (count, _) in cells.items()))


@lru_cache(maxsize=64)
def _told(counted: frozenset[tuple[Key, int]]) -> Shown:
    counts = dict(sorted(counted, key=str))
    cells = Cells(counts)
    number = {id(cell): place for place, cell in enumerate(counts)}  # compared much faster than what they hold
    return shown(
        dict(enumerate(counts.values())),
        {place: cell.payer for place, cell in enumerate(counts)},
        [(key, cells.places(key)) for key in offered_figures(counts)],
        [[number[id(cell)] for cell in form] for form in guarded_sums(counts)],
    )


def offered_figures(counts: dict[Key, int]) -> list[Key]:
    """Every figure that a page may show, what most readers need first; of alike ones the largest first."""
    effects = _values(counts, "effect")
    payers, batches, settlements = _values(counts, "payer"), _values(counts, "batch"), _values(counts, "settlement")
    groups: list[list[Key]] = [
        [Key(stage=PROVEN)],
        [Key(effect=effect, stage=PROVEN) for effect in effects],
        [Key(), *(Key(stage=stage) for stage in SHOWN)],
        [Key(paid=True), *(Key(settlement=one) for one in settlements)],
        [Key(effect=effect, paid=True) for effect in effects],
        [Key(effect=effect) for effect in effects],
        [Key(effect=effect, stage=stage) for effect in effects for stage in SHOWN],
        [Key(settlement=one, effect=effect) for one in settlements for effect in effects],
        [Key(settlement=one, payer=payer) for one in settlements for payer in payers],
        [Key(batch=one, stage=stage) for one in batches for stage in (PROVEN, "rejected")],
        [Key(payer=payer, paid=True) for payer in payers],
        [Key(effect, payer, paid=True) for effect in effects for payer in payers],
        [Key(effect, payer, settlement=one) for one in settlements for effect in effects for payer in payers],
        [Key(batch=one, effect=e, stage=s) for one in batches for e in effects for s in (PROVEN, "rejected")],
    ]
    cells = Cells(counts)
    sizes = {key: sum(counts[cell] for cell in cells.of(key)) for group in groups for key in group}
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
