"""The figures of a bond about its participants, and the one decision which of them may be shown (domain, section 9).

Every page that shows a count of effects or participants, or an amount from which a count follows, asks here: results,
delivery, sign-off, settlement, statement, holding, and where a cent came from. Easiest to break: a figure that a page
counts for itself, which this decision then does not know of.
"""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache, partial
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import String, Uuid, and_, bindparam, cast, column, literal, null, select, table, union_all

from app.extensions import db
from app.intake.publication import Published, Starts, published
from app.intake.suppression import Figure, Shown, shown
from app.outcomes.cash import Money, Offered, Paid, beside_cash
from app.outcomes.limits import Limit, limits_of
from app.outcomes.states import ClaimState
from app.outcomes.tally_models import NONE, LineTally, ProofTally
from app.outcomes.worlds import FAR, Fact

# What the parties read of a claim's state; registered and withdrawn ones are the provider's own affair.
STAGES: dict[str, tuple[ClaimState, ...]] = {
    "submitted": (ClaimState.SUBMITTED, ClaimState.QUESTIONED),
    "verified": (ClaimState.VERIFIED,),
    "rejected": (ClaimState.REJECTED,),
    "signed_off": (ClaimState.SIGNED_OFF, ClaimState.SETTLED),
    "reopened": (ClaimState.REOPENED,),
}
PROVEN = "signed_off"
SHOWN = list(STAGES)  # so that the stages of an effect add up to its total
REACHED = ("submitted", "verified", PROVEN)  # what counts for an effect that requires it
STAGE_OF = {state: stage for stage, states in STAGES.items() for state in states}

# Settlement stands above outcomes and is not imported; two of its tables are read by name.
_settlement = table("settlement", column("id", Uuid), column("state"))
_statement = table("statement", column("settlement_id", Uuid), column("payer_id", Uuid), column("state"))


class Key(NamedTuple):
    """A figure: all effects for which these hold; None: whatever it is. `paid`: of a statement that was paid.

    `provider`: who took the person in, where several did: no page counts by it, but each of them knows its own.
    """

    effect: uuid.UUID | None = None
    payer: uuid.UUID | None = None
    stage: str | None = None
    batch: uuid.UUID | None = None
    settlement: uuid.UUID | None = None
    paid: bool | None = None
    provider: uuid.UUID | None = None

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

        Payment divided by price gives a count, so an amount is shown where `told` lets it, and none that pays for
        effects counted outside the figure.
        """
        cells = self._cells.of(key)
        count, amount = (sum(self.cells[cell][part] for cell in cells) for part in (0, 1))
        later = [one for one in self.later if key.holds(one.cell)]
        amount += sum(map(self.later.__getitem__, later))
        if exact or (key.payer is not None and key.payer in knows):
            return self.told.figure(key, count, known=True, amount_minor=amount, of=key.words)
        if not all(any(one.home == cell._replace(paid=None) for cell in cells) for one in later):
            return self.told.figure(key, count, of=key.words)
        if not cells or key in self.told.amounts:
            return self.told.figure(key, count, amount_minor=amount, of=key.words)
        return replace(self.told.figure(key, count, of=key.words), amount_between=self.told.abouts.get(key))

    @cached_property
    def _cells(self) -> Cells:
        return Cells(self.cells)

    def holds(self, *, batch: uuid.UUID | None = None, settlement: uuid.UUID | None = None) -> bool:
        """Whether these, when they are named, occur in it at all."""
        named = [key for key in (Key(batch=batch), Key(settlement=settlement)) if key != Key()]
        return all(self._cells.places(key) for key in named)

    def effects_of(self, key: Key) -> list[uuid.UUID]:
        """The effects that occur in a figure."""
        return list(dict.fromkeys(cell.effect for cell in self._cells.of(key) if cell.effect))


@dataclass(frozen=True, slots=True)
class Readable:
    """One bond as it was published last, for everybody, and as it is `now`, for who may know it."""

    public: Disclosure
    now: Callable[[], Disclosure]

    def figure(self, key: Key, *, knows: Collection[uuid.UUID] = (), exact: bool = False) -> Figure:
        """As `Disclosure.figure`. Of a batch or a settlement since the last publication only who knows it is told."""
        if exact or (key.payer is not None and key.payer in knows):
            return self.now().figure(key, exact=True)
        if not self.public.holds(batch=key.batch, settlement=key.settlement):
            return Figure(None, of=key.words)
        return self.public.figure(key)


def disclosure(programme_id: uuid.UUID) -> Readable:
    """What may be shown of this bond. One statement for what was published, one more when something else is asked."""
    return Readable(_told_of(published(programme_id)), cache(partial(as_it_is, programme_id)))


def as_published(found: Mapping[uuid.UUID, Published]) -> dict[uuid.UUID, Disclosure]:
    """What everybody may read of several bonds; a statement is asked only of what was published since."""
    return {id: _told_of(one) for id, one in found.items()}


def _told_of(one: Published) -> Disclosure:
    return _decided(one.effects, frozenset(one.starts.items()))


@lru_cache(maxsize=64)
def _decided(effects: str, starts: frozenset[tuple[Any, int]]) -> Disclosure:
    """Decided once for as long as a publication stands."""
    found = _cells_of(json.loads(effects))
    limits = limits_of({cell.effect for cell in found.cells if cell.effect})
    return replace(found, told=told_of(found.cells, found.later, limits, dict(starts)))


def as_it_is(programme_id: uuid.UUID) -> Disclosure:
    """A bond as it is now, for who may know it: in one statement, from what the database keeps (`tally_models`)."""
    return _cells_of(kept_rows(programme_id))


def kept_rows(programme_id: uuid.UUID, by_provider: bool = False) -> list[tuple[Any, ...]]:
    """What the database keeps of one bond, as `_cells_of` reads it; of no provider unless that is asked."""
    found = db.session.execute(_kept(), {"bonds": [programme_id]})
    return [(*row, provider if by_provider else None) for _, *row, provider in found]


def _cells_of(rows: Iterable[Sequence[Any]]) -> Disclosure:
    """Of rows (effect, municipality, state, batch, settlement, state of its statement, settlement that took it first,
    count, amount, provider); what no settlement took is what is left of all."""
    cells: dict[Key, tuple[int, int]] = {}
    later: dict[Later, int] = {}
    for effect, payer, state, batch, settlement, paid, first, count, amount, provider in rows:
        stage, is_paid = STAGE_OF.get(state, state), paid == "paid"
        key = Key(_id(effect), _id(payer), stage, _id(batch), _id(settlement), is_paid, _id(provider))
        first_id = _id(first)
        if first_id is not None:
            one = Later(key, first_id)
            later[one] = later.get(one, 0) + int(amount)
            continue
        _add(cells, key, count, int(amount))
        if settlement is not None:
            _add(cells, key._replace(settlement=None, paid=False), -count, 0)
    return Disclosure({key: sums for key, sums in cells.items() if sums[0]}, later=later)


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
    proof, line = ProofTally, LineTally
    proofs = select(*_texts(proof.programme_id, proof.effect_id, proof.payer_id, proof.state, proof.batch_id))
    proofs = proofs.add_columns(none, none, none, proof.number, literal(0), *_texts(proof.provider_id))
    lines = (
        select(*_texts(line.programme_id, line.effect_id, line.payer_id, line.stage, line.batch_id))
        .add_columns(*_texts(line.settlement_id, _statement.c.state, line.first_settlement_id))
        .add_columns(line.number, line.paid_minor, *_texts(line.provider_id))
        .join(_settlement, _settlement.c.id == line.settlement_id)
        .outerjoin(
            _statement,
            and_(_statement.c.settlement_id == line.settlement_id, _statement.c.payer_id == line.owing_id),
        )
        .where(_settlement.c.state != "discarded", line.number != 0)
    )
    counted = proof.programme_id.in_(bonds), proof.number != 0, proof.state.in_(list(STAGE_OF))
    return union_all(proofs.where(*counted), lines.where(line.programme_id.in_(bonds)))


def _texts(*columns: Any) -> list[Any]:
    return [cast(column, String) for column in columns]


def told_of(
    cells: Mapping[Key, tuple[int, int]],
    later: Mapping[Later, int] | None = None,
    limits: tuple[Limit, ...] = (),
    starts: Starts | None = None,
) -> Shown:
    """Which figures over these cells may be shown to everybody, who also knows these limits and who takes part."""
    counted = frozenset((key, *sums) for key, sums in cells.items())
    return _told(counted, frozenset((later or {}).items()), limits, frozenset((starts or {}).items()))


@lru_cache(maxsize=64)
def _told(
    counted: frozenset[tuple[Key, int, int]],
    later: frozenset[tuple[Later, int]],
    limits: tuple[Limit, ...],
    starts: frozenset[tuple[Any, int]],
) -> Shown:
    counts = {key: count for key, count, _ in sorted(counted, key=str)}
    cells = Cells(counts)
    number = {id(cell): place for place, cell in enumerate(counts)}  # compared much faster than what they hold
    providers = {cell.provider for cell in counts} - {None}
    # What is measured for a cohort every provider reads, also one that took nobody in.
    all_of_them: set[Any] = {*providers, "provider"} if providers else set()
    knows = [{cell.payer, cell.provider} if cell.provider else {cell.payer, *all_of_them} for cell in counts]
    figures = [[(key, cells.places(key)) for key in group] for group in figures_by_need(counts)]
    guarded = [[number[id(cell)] for cell in form] for form in guarded_sums(counts)]
    numbers = list(counts.values())
    told = shown(dict(enumerate(numbers)), dict(enumerate(knows)), [one for group in figures for one in group], guarded)
    money = Money(numbers, _paid(cells, {key: minor for key, _, minor in counted}, dict(later)))
    groups = [[_offered(key, places, money) for key, places in group] for group in figures]
    return beside_cash(told, numbers, knows, groups, guarded, money.purses(), [*_rules(counts, limits, dict(starts))])


def _rules(counts: Mapping[Key, int], limits: Iterable[Limit], starts: Starts) -> Iterator[Fact]:
    """Each limit per municipality, and per provider in it: there are no other worlds than those that keep to it."""
    people: Counter[tuple[Any, Any]] = Counter()
    for (payer, provider), number in starts.items():
        people.update(dict.fromkeys({(payer, None), (payer, provider)}, number))
    cells = {place: cell for place, cell in enumerate(counts) if cell.stage in REACHED}
    for limit, where in product(limits, {(cell.payer, who) for cell in counts for who in {None, cell.provider}}):
        here = {n: cell for n, cell in cells.items() if cell.payer == where[0] and where[1] in (None, cell.provider)}
        proven = [n for n, cell in here.items() if cell.effect in limit.effects and cell.stage == PROVEN]
        allowed = [n for n, cell in here.items() if limit.of and cell.effect in limit.of]
        most = sum(counts[here[n]] for n in allowed) if limit.of else people[where]
        if proven and (limit.of or starts):
            room = limit.each * most - sum(counts[here[n]] for n in proven)
            yield Fact({**dict.fromkeys(proven, -1), **dict.fromkeys(allowed, limit.each)}, -max(room, 0), FAR)


def _paid(cells: Cells, first: Mapping[Key, int], later: Mapping[Later, int]) -> list[Paid]:
    """What each settlement paid, by the cell of the effects that it was paid for."""
    home = {cell._replace(paid=None): place for place, cell in enumerate(cells.all)}
    found = [Paid(cell, first[cell], place) for place, cell in enumerate(cells.all) if cell.settlement is not None]
    return [*found, *(Paid(one.cell, minor, home.get(one.home)) for one, minor in later.items())]


def _offered(key: Key, places: list[int], money: Money) -> Offered:
    """A figure, with its amount where a page shows one: not of money for effects that are counted outside it."""
    found = Offered(key, frozenset(places), _wholes(key))
    if not (key.paid or key.settlement):
        return found
    spent = [one for one in money.paid if key.holds(one.cell)]
    if not {one.place for one in spent} <= found.places:
        return found
    # Of a row "between nothing and so much" says nothing.
    abouts = money.abouts(spent, from_nothing=key.effect is None and key.payer is None)
    return replace(
        found,
        prices=money.prices(spent),
        amount_minor=sum(one.minor for one in spent),
        is_cash=key.effect is None and key.payer is None,
        abouts=abouts,
    )


def _wholes(key: Key) -> list[Key]:
    """Of what is proven or paid in one municipality: the larger figure of which this is a row."""
    if not (key.paid or key.settlement or key.stage == PROVEN):
        return []
    return [key._replace(payer=None)] if key.payer is not None else []


def offered_figures(counts: dict[Key, int]) -> list[Key]:
    """Every figure that a page may show, what most readers need first."""
    return [key for group in figures_by_need(counts) for key in group]


def figures_by_need(counts: dict[Key, int]) -> list[list[Key]]:
    """The totals of the bond first, as they stand; then what is read per effect, per settlement and per municipality;
    of alike ones the largest first."""
    effects = _values(counts, "effect")
    payers, batches, settlements = _values(counts, "payer"), _values(counts, "batch"), _values(counts, "settlement")
    totals = [Key(stage=PROVEN), Key(paid=True), Key(stage="submitted"), Key(stage="verified")]
    groups: list[list[Key]] = [
        [Key(stage="rejected"), Key(stage="reopened"), Key()],
        [Key(effect=effect, stage=PROVEN) for effect in effects],
        [Key(settlement=one) for one in settlements],
        [Key(effect=effect, paid=True) for effect in effects],
        [Key(effect=effect) for effect in effects],
        [Key(effect=effect, stage=stage) for effect in effects for stage in SHOWN if stage != PROVEN],
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
    return [totals, *(sorted(group, key=lambda key: (-sizes[key], str(key))) for group in groups)]


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
