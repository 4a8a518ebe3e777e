"""From what was proven to the engine and back: the inputs of a settlement, and the check that it fits them.

A proof is a claim for one participant or a measurement of a cohort. A settlement is the last statement of a valuation
of the whole history. Every earlier settlement is a statement on its own `period_to`; a proof belongs to the settlement
that took it. One signed off after the settlement of its own period counts on the first day of the settlement that took
it, so that no earlier statement ever changes. What an earlier proof earns later (carried over from a full period, or
pooled at the bond's last settlement) is a line of its own, which names the settlement that took the proof. A proof
that was reopened is `out`: no fact any more, and what it changes are lines of `claw_back`.

A closing settlement has no days of its own. What it takes (an effect that an appeal restored) counts in the bond's last
period, as if it had been signed off in time; what that changes for others are lines of `claw_back` too.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from app.agreements.models import Agreement
from app.agreements.providing import discounts_of
from app.core.progress import Tell, silent, told
from app.outcomes.models import Claim, Measurement
from app.pricing.rounding import Number, half_up, plain
from app.pricing.statement import Line
from app.pricing.terms import Fact, Terms
from app.pricing.terms_of import valuation_terms
from app.pricing.valuation import value
from app.settlement.claw_back import back_lines, vat_in
from app.settlement.history import Past, Proven
from app.settlement.made import Made, canonical, stored_steps
from app.settlement.models import Settlement, SettlementLine
from app.settlement.states import LineKind

Proof = Claim | Proven | Measurement
VALUING = 2  # passes of the engine over the effects: they are priced, then paid within the limits
ORDER = (LineKind.CARRIED, LineKind.FIRST, LineKind.POOLED)  # of the lines in a settlement, as the engine pays them


@dataclass(frozen=True, slots=True)
class Period:
    """What one settlement took: its days (inclusive), and its proofs in the order of its lines."""

    first: date
    last: date
    proofs: Sequence[Proof]
    is_closing: bool = False


@dataclass(frozen=True, slots=True)
class Valued:
    """What the last settlement comes to by the table (`gross`, minor units), and its lines: what was carried over, the
    period's proofs in their order, what is pooled.

    `earlier`: the lines of the settlements before it.
    """

    gross: Number
    lines: list[Line]
    earlier: list[Line] = field(default_factory=list)
    is_closing: bool = False


def terms_of(agreement: Agreement) -> Terms:
    """The agreement's own table, whatever was published since, less the discount of the plan that won each lot;
    ceilings are what the municipalities reserved."""
    terms = valuation_terms(agreement.table, agreement.programme.shares)
    return replace(terms, discounts=discounts_of(agreement.terms))


def period_of(settlement: Settlement | Past) -> Period:
    taken = [line.proof for line in settlement.lines if line.kind == LineKind.FIRST]
    return Period(settlement.period_from, settlement.period_to, taken, settlement.is_closing)


def value_periods(
    terms: Terms,
    periods: Sequence[Period],
    *,
    final: bool = False,
    out: Collection[uuid.UUID] = (),
    tell: Tell = silent,
) -> Valued:
    """Value the whole history less what is `out`, and take the last statement; `final` when the bond ends with it.
    `tell` hears of the passes over the period's proofs after the first one, `VALUING` of them; where the period closes,
    over all proofs, for it may have none itself."""
    whole = _with_closing(periods)
    days, facts = [period.last for period in whole], list(facts_of(whole, out))
    new = len(facts) if periods[-1].is_closing else len(periods[-1].proofs)

    def hear(done: int) -> None:
        tell(new + done * new // max(len(facts), 1))

    valuation = value(terms, facts, days, lines=True, final=final, tell=hear)
    places = {proof.id: place for place, proof in enumerate(periods[-1].proofs)}

    def order(line: Line) -> tuple[int, int]:
        kind = kind_of(line)
        return ORDER.index(kind), places[line.fact.key] if kind == LineKind.FIRST else 0  # type: ignore[index]

    if periods[-1].is_closing:
        own = sorted((one for one in valuation.lines if one.fact.key in places), key=order)
        earlier = [one for one in valuation.lines if one.fact.key not in places]
        return Valued(sum(one.gross for one in own), own, earlier, is_closing=True)
    return Valued(
        valuation.statements[-1].gross,
        sorted((one for one in valuation.lines if one.statement == days[-1]), key=order),
        [one for one in valuation.lines if one.statement != days[-1]] if out else [],
    )


def _with_closing(periods: Sequence[Period]) -> list[Period]:
    """The periods as the engine reads them: what closing settlements took belongs to the last one before them."""
    own = [period for period in periods if not period.is_closing]
    late = [proof for period in periods if period.is_closing for proof in period.proofs]
    if late:
        own[-1] = replace(own[-1], proofs=[*own[-1].proofs, *late])
    return own


def pools(settlements: Iterable[Settlement | Past], is_final: bool) -> bool:
    """Are cohorts pooled in a settlement after these? `is_final`: it is the bond's last itself."""
    return is_final or any(one.is_final for one in settlements)


def kind_of(line: Line) -> LineKind:
    if line.carried:
        return LineKind.CARRIED
    return LineKind.POOLED if line.pooled else LineKind.FIRST


def taken_in(settlements: Iterable[Settlement | Past]) -> dict[uuid.UUID, uuid.UUID]:
    """By proof, the settlement that took it."""
    return {
        line.proof_id: settlement.id
        for settlement in settlements
        for line in settlement.lines
        if line.kind == LineKind.FIRST
    }


def made_lines(
    settlement_id: uuid.UUID,
    terms: Terms,
    valued: Valued,
    before: Sequence[Settlement | Past],
    out: Collection[uuid.UUID],
    tell: Tell = silent,
) -> list[Made]:
    """Every line of a settlement in its place: those of the engine, then what is taken back or worth another amount."""
    taken = taken_in(before)
    passed = told(valued.lines, tell, before=(1 + VALUING) * len(valued.lines))
    made = [line_of(line, settlement_id, taken) for line in passed]
    earlier = (
        (line.fact.key, whole_minor(line.gross), line.paid, line.paid - line.net)  # type: ignore[misc]
        for line in valued.earlier
    )
    back = before, out, earlier, valued.lines, terms.vat_rate is not None, valued.is_closing
    made += back_lines(*back)  # type: ignore[arg-type]
    for position, line in enumerate(made, 1):
        line.position = position
    return made


def totals_of(valued: Valued, made: Sequence[Made]) -> tuple[int, int]:
    """(by the table, to pay) of all lines, minor units; the table's own sum is rounded once."""
    back = made[len(valued.lines) :]
    gross = whole_minor(valued.gross) + sum(line.gross_minor for line in back)
    return gross, sum(line.paid_minor for line in made)


def vat_of(lines: Iterable[Made]) -> dict[uuid.UUID, int]:
    """By payer, the VAT in what it pays (minor units), as each line says it."""
    found: dict[uuid.UUID, int] = {}
    for line in lines:
        found[line.payer_id] = found.get(line.payer_id, 0) + vat_in(line.steps)
    return found


def owed_of(lines: Iterable[Made]) -> dict[uuid.UUID, int]:
    """By payer, what it pays (minor units)."""
    found: dict[uuid.UUID, int] = {}
    for line in lines:
        found[line.payer_id] = found.get(line.payer_id, 0) + line.paid_minor
    return found


def line_of(line: Line, settlement_id: uuid.UUID, taken: Mapping[uuid.UUID, uuid.UUID]) -> Made:
    """The engine's line as it is kept; `taken` says of an earlier proof which settlement took it."""
    proof_id: Any = line.fact.key
    kind = kind_of(line)
    return Made(
        kind=kind,
        claim_id=proof_id if line.fact.participant else None,
        measurement_id=None if line.fact.participant else proof_id,
        first_settlement_id=None if kind == LineKind.FIRST else taken.get(proof_id, settlement_id),
        payer_id=_id(line.fact.payer or ""),
        gross_minor=whole_minor(line.gross),
        paid_minor=line.paid,
        steps=stored_steps(line.steps),
    )


@lru_cache(maxsize=1024)
def _id(text: str) -> uuid.UUID:
    """Municipalities are few, and lines many."""
    return uuid.UUID(text)


@lru_cache(maxsize=1024)
def _text_of(id: uuid.UUID) -> str:
    return str(id)


def facts_of(periods: Iterable[Period], out: Collection[uuid.UUID] = ()) -> Iterator[Fact]:
    """Every proof that still counts, as the engine reads it; its key is the proof's id."""
    for period in periods:
        for proof in period.proofs:
            if proof.id in out:
                continue
            on = max(proof.achieved_on, period.first)
            yield _measured(proof, on) if isinstance(proof, Measurement) else _claimed(proof, on)


def _claimed(claim: Claim | Proven, on: date) -> Fact:
    if isinstance(claim, Claim):
        person = claim.participant
        effect, code, payer_id, lot_id = claim.effect.code, person.code, person.payer_id, person.lot_id
    else:
        effect, code, payer_id, lot_id = claim.effect, claim.participant, claim.payer_id, claim.lot_id
    return Fact(
        effect=effect,
        on=on,
        participant=code,
        payer=_text_of(payer_id),
        quantity=claim.quantity,
        key=claim.id,
        under=_text_of(lot_id) if lot_id is not None else None,
    )


def _measured(one: Measurement, on: date) -> Fact:
    return Fact(
        effect=one.effect.code,
        on=on,
        payer=str(one.payer_id),
        quantity=1 if one.quantity is None else one.quantity,
        value=_exact(one.value),
        treatment=_exact(one.treatment),
        control=_exact(one.control),
        avoided=one.avoided_minor,
        key=one.id,
        under=str(one.payer_id),
    )


def _exact(decimal: str) -> Number | None:
    return plain(Fraction(decimal)) if decimal else None


def whole_minor(gross: Number) -> int:
    """The gross as it is kept and shown; steps in between and points of a band can be worth part of a cent."""
    return half_up(gross, 1)


def digest_of(settlement: Settlement, lines: Iterable[Made | SettlementLine]) -> str:
    """SHA-256 over the canonical settlement: its last day and, in order, what each line holds (`made.canonical`)."""
    whole = hashlib.sha256(f'["{settlement.period_to.isoformat()}",['.encode())
    for number, line in enumerate(lines):
        whole.update((f",{canonical(line)}" if number else canonical(line)).encode())
    how = "final" if settlement.is_final else "closing" if settlement.is_closing else ""
    whole.update(f'],"{how}"]'.encode() if how else b"]]")
    return whole.hexdigest()


def recompute(settlement: Settlement, own: Past, before: Sequence[Past], stored: Iterable[Made]) -> Iterator[str]:
    """A line for each way in which the settlement differs from its inputs; none when an auditor finds the same.

    `own`: the same settlement as the engine reads it; `before`: those of this bond that stood when it was prepared,
    oldest first; `stored`: its lines in their order, as they are kept.
    """
    periods = [period_of(one) for one in [*before, own]]
    terms, out = terms_of(settlement.agreement), out_in([*before, own])
    valued = value_periods(terms, periods, final=pools(before, settlement.is_final), out=out)
    made = made_lines(settlement.id, terms, valued, before, out)
    name = f"settlement {settlement.number} of bond {settlement.programme_id}"
    if len(own.lines) != len(made):
        yield f"{name}: it has {len(own.lines)} lines, now {len(made)}"
    for line in valued.lines:
        if any(part and payer != line.fact.payer for payer, part in line.payers.items()):
            yield f"{name}: {line.fact.key} is paid by another municipality than the one that owes it"
    other: list[str] = []
    digest = digest_of(settlement, _compared(stored, made, other))
    yield from (f"{name}: {words}" for words in other)
    if digest != settlement.digest:
        yield f"{name}: its fingerprint does not fit its lines"
    gross, paid = totals_of(valued, made)
    if (settlement.gross_minor, settlement.paid_minor) != (gross, paid):
        yield f"{name}: it was {settlement.paid_minor} in all, now {paid}"
    owed, vat = owed_of(made), vat_of(made)
    for statement in settlement.statements:
        if owed.get(statement.payer_id, 0) != statement.amount_minor:
            now = owed.get(statement.payer_id, 0)
            yield f"{name}: {statement.reference} was {statement.amount_minor}, now {now}"
        if vat.get(statement.payer_id, 0) != statement.vat_minor:
            yield f"{name}: {statement.reference} held {statement.vat_minor} of VAT, now another amount"


def _compared(stored: Iterable[Made], made: Sequence[Made], other: list[str]) -> Iterator[Made]:
    """The lines as they are kept, each held against the one that is made now; `other` hears of those that differ. In
    passing, since of a million lines none is kept twice."""
    for number, line in enumerate(stored):
        if number < len(made) and canonical(made[number]) != canonical(line):
            other.append(f"line {line.position} was paid {line.paid_minor}, now {made[number].paid_minor}")
        yield line


def out_in(settlements: Iterable[Settlement | Past]) -> set[uuid.UUID]:
    """The effects that these took back."""
    back = LineKind.CLAWED_BACK
    return {line.proof_id for one in settlements for line in one.lines if line.kind == back}
