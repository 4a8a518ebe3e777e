"""What a settlement takes back, and what becomes worth another amount by it. Pure: lines in, lines out.

An effect that was reopened leaves the history that is valued. What every earlier effect is worth in the history that is
left, less what was settled for it before, is a line of its own: below zero for the effect that is taken back (and for
one that required it), above zero for one that a maximum cut and that has room now. So nothing but what the table gives
is paid in the end, no earlier settlement changes, and each cent keeps its effect.

A statement is never below zero while the bond runs. What does not fit is not taken back yet; since it still is more
than the effect is worth, the next settlement finds it again and takes it then. Nothing follows a closing settlement but
another one, so it takes all at once: the bond pays back. Amounts are minor units.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.pricing.statement import Line
from app.settlement.history import Past, PastLine
from app.settlement.made import Made
from app.settlement.models import Settlement, SettlementLine
from app.settlement.states import LineKind

TAKEN_BACK, WORTH_ANEW, REST = "claw_back", "claw_back.anew", "claw_back.rest"
LATER_ALONE = (LineKind.CLAWED_BACK, LineKind.ADJUSTED)


@dataclass(slots=True)
class Worth:
    """What one effect comes to, over several lines: by the table, to pay, and the VAT in it."""

    gross: int = 0
    paid: int = 0
    vat: int = 0

    def add(self, gross: int, paid: int, vat: int) -> None:
        self.gross, self.paid, self.vat = self.gross + gross, self.paid + paid, self.vat + vat


@dataclass(slots=True)
class Room:
    """What the new effects of one municipality bring it to pay: the most that can be taken back at once. Of VAT,
    which is rounded per line, there is never less than none nor more than the amount it is in."""

    paid: int = 0
    vat: int = 0

    def give(self, want: Worth) -> Worth:
        """`want` (above zero) comes on top."""
        vat = min(max(want.vat, -self.vat), self.paid + want.paid - self.vat)
        self.paid, self.vat = self.paid + want.paid, self.vat + vat
        return Worth(want.gross, want.paid, vat)

    def take(self, want: Worth) -> Worth:
        """The part of `want` (below zero) that fits, with its part of the VAT."""
        paid = min(-want.paid, self.paid)
        share = min(want.vat * paid // want.paid, self.vat) if want.paid else 0
        vat = max(share, self.vat - (self.paid - paid), 0)
        self.paid, self.vat = self.paid - paid, self.vat - vat
        return Worth(want.gross, -paid, -vat)


@dataclass(frozen=True, slots=True)
class Left:
    """The settlements before this one: what each effect was settled for, by its first line, and which are out."""

    first: dict[uuid.UUID, SettlementLine | PastLine] = field(default_factory=dict)
    taken: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)  # the settlement of that line
    had: dict[uuid.UUID, Worth] = field(default_factory=lambda: defaultdict(Worth))
    out: set[uuid.UUID] = field(default_factory=set)


def left_after(before: Iterable[Settlement | Past]) -> Left:
    left = Left()
    for settlement in before:
        for line in settlement.lines:
            if line.kind == LineKind.FIRST:
                left.first[line.proof_id], left.taken[line.proof_id] = line, settlement.id
            if line.kind == LineKind.CLAWED_BACK:
                left.out.add(line.proof_id)
            left.had[line.proof_id].add(line.gross_minor, line.paid_minor, vat_in(line.steps))
    return left


def back_lines(
    before: Sequence[Settlement | Past],
    out: Collection[uuid.UUID],
    earlier: Iterable[tuple[uuid.UUID, int, int, int]],
    new: Iterable[Line],
    with_vat: bool,
    below_zero: bool = False,
) -> Iterator[Made]:
    """The lines after those of the engine, without their place: first what is worth more, then what is taken back.

    `out`: ids of the effects that no longer count, of which those in no earlier claw-back get a line in any case.
    `earlier`: (id, gross, paid, VAT) of each line that the engine gives the earlier settlements without them, `new` the
    lines that it gives this one. `below_zero`: a statement may be.
    """
    if not out and not below_zero:
        return
    left, worth, rooms = left_after(before), defaultdict[uuid.UUID, Worth](Worth), defaultdict[uuid.UUID, Room](Room)
    for proof_id, *amounts in earlier:
        worth[proof_id].add(*amounts)
    for line in new:
        room = rooms[uuid.UUID(line.fact.payer)]
        room.paid, room.vat = room.paid + line.paid, room.vat + line.paid - line.net
    wants = {id: _less(worth[id], left.had[id]) for id in left.first}
    for id, want in wants.items():
        payer_id = left.first[id].payer_id
        if want.paid > 0 or (want.paid == 0 and want.gross and id not in out):
            given = want if below_zero else rooms[payer_id].give(want)
            yield _line(left, id, LineKind.ADJUSTED, want, given, with_vat)
    for id, want in wants.items():
        if want.paid < 0 or (id in out and id not in left.out):
            kind = LineKind.CLAWED_BACK if id in out else LineKind.ADJUSTED
            taken = want if below_zero else rooms[left.first[id].payer_id].take(want)
            yield _line(left, id, kind, want, taken, with_vat)


def _less(worth: Worth, had: Worth) -> Worth:
    return Worth(worth.gross - had.gross, worth.paid - had.paid, worth.vat - had.vat)


def _line(left: Left, id: uuid.UUID, kind: LineKind, want: Worth, taken: Worth, with_vat: bool) -> Made:
    """`want` is what it should change by, `taken` what of it is settled now."""
    first, had = left.first[id], left.had[id].paid
    steps = [_step(TAKEN_BACK if kind == LineKind.CLAWED_BACK else WORTH_ANEW, had, had + want.paid)]
    if taken.paid != want.paid:
        steps.append(_step(REST, want.paid, taken.paid))
    if with_vat:
        steps.append(_step("vat", taken.paid, taken.paid - taken.vat))
    return Made(
        kind=kind,
        claim_id=first.claim_id,
        measurement_id=first.measurement_id,
        first_settlement_id=left.taken[id],
        payer_id=first.payer_id,
        gross_minor=taken.gross,
        paid_minor=taken.paid,
        steps=steps,
    )


def _step(rule: str, before: int, after: int) -> dict[str, str]:
    return {"rule": rule, "before_minor": str(before), "after_minor": str(after)}


def vat_in(steps: Iterable[Mapping[str, Any]]) -> int:
    """The VAT in what a line pays: its last step, where the prices hold VAT."""
    return sum(int(one["before_minor"]) - int(one["after_minor"]) for one in steps if one["rule"] == "vat")


def rest_of(steps: Iterable[Mapping[str, Any]]) -> int:
    """What of a line is still to be taken back, above zero."""
    return sum(int(one["after_minor"]) - int(one["before_minor"]) for one in steps if one["rule"] == REST)
