"""From what was proven to the engine and back: the inputs of a settlement, and the check that it fits them.

A proof is a claim for one participant or a measurement of a cohort. A settlement is the last statement of a valuation
of the whole history. Every earlier settlement is a statement on its own `period_to`; a proof belongs to the settlement
that took it. One signed off after the settlement of its own period counts on the first day of the settlement that took
it, so that no earlier statement ever changes.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.agreements.models import Agreement
from app.outcomes.models import Claim, Measurement
from app.pricing.rounding import Number, half_up, plain
from app.pricing.statement import Line, Statement
from app.pricing.terms import Fact, Terms
from app.pricing.terms_of import valuation_terms
from app.pricing.valuation import value
from app.settlement.models import Settlement

Proof = Claim | Measurement


@dataclass(frozen=True, slots=True)
class Period:
    """What one settlement took: its days (inclusive), and its proofs in the order of its lines."""

    first: date
    last: date
    proofs: Sequence[Proof]


@dataclass(frozen=True, slots=True)
class Valued:
    """The last statement, and its lines in the order of the period's proofs."""

    statement: Statement
    lines: list[Line]


def terms_of(agreement: Agreement) -> Terms:
    """The agreement's own table, whatever was published since; ceilings are what the municipalities reserved."""
    return valuation_terms(agreement.table, agreement.programme.shares)


def period_of(settlement: Settlement) -> Period:
    return Period(settlement.period_from, settlement.period_to, [line.proof for line in settlement.lines])


def value_periods(terms: Terms, periods: Sequence[Period]) -> Valued:
    """Value the whole history and take the last statement."""
    days = [period.last for period in periods]
    valuation = value(terms, list(facts_of(periods)), days, lines=True, final=False)
    places = {proof.id: place for place, proof in enumerate(periods[-1].proofs)}
    lines = [line for line in valuation.lines if line.statement == days[-1]]
    return Valued(valuation.statements[-1], sorted(lines, key=lambda line: places[line.fact.key]))  # type: ignore[index]


def facts_of(periods: Iterable[Period]) -> Iterator[Fact]:
    """Every proof as the engine reads it; its key is the proof's id."""
    for period in periods:
        for proof in period.proofs:
            on = max(proof.achieved_on, period.first)
            yield _claimed(proof, on) if isinstance(proof, Claim) else _measured(proof, on)


def _claimed(claim: Claim, on: date) -> Fact:
    return Fact(
        effect=claim.effect.code,
        on=on,
        participant=claim.participant.code,
        payer=str(claim.participant.payer_id),
        quantity=claim.quantity,
        key=claim.id,
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
    )


def _exact(decimal: str) -> Number | None:
    return plain(Fraction(decimal)) if decimal else None


def whole_minor(gross: Number) -> int:
    """The gross as it is kept and shown; steps in between and points of a band can be worth part of a cent."""
    return half_up(gross, 1)


def stored_steps(line: Line) -> list[dict[str, str]]:
    """The steps as they are kept: exact minor units as text, for a fraction of a cent is possible.

    A decimal where it has an end ("1234.5"), else a fraction ("3700/3").
    """
    return [{"rule": s.rule, "before_minor": _text(s.before), "after_minor": _text(s.after)} for s in line.steps]


def _text(number: Number) -> str:
    exact = Fraction(number)
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{decimal.normalize():f}" if Fraction(decimal) == exact else str(exact)


def digest_of(period_to: date, lines: Iterable[tuple[uuid.UUID, uuid.UUID, int, int, list[dict[str, str]]]]) -> str:
    """SHA-256 over the canonical settlement: per line claim or measurement, payer, gross, paid and steps, in order."""
    rows: list[Any] = [
        [proof.hex, payer.hex, gross, paid, [[s["rule"], s["before_minor"], s["after_minor"]] for s in steps]]
        for proof, payer, gross, paid, steps in lines
    ]
    canonical = json.dumps([period_to.isoformat(), rows], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def recompute(settlement: Settlement, before: Sequence[Settlement]) -> Iterator[str]:
    """A line for each way in which the settlement differs from its inputs; none when an auditor finds the same.

    `before`: the settlements of this bond that stood when it was prepared, oldest first.
    """
    periods = [period_of(one) for one in [*before, settlement]]
    valued = value_periods(terms_of(settlement.agreement), periods)
    name = f"settlement {settlement.number} of bond {settlement.programme_id}"
    for stored, line in zip(settlement.lines, valued.lines, strict=True):
        found = (line.fact.key, whole_minor(line.gross), line.paid, {stored.payer_id: line.paid}, stored_steps(line))
        paid_by = {uuid.UUID(payer): part for payer, part in line.payers.items()}
        kept = (stored.proof_id, stored.gross_minor, stored.paid_minor, paid_by, stored.steps)
        if found != kept:
            yield f"{name}: line {stored.position} was paid {stored.paid_minor}, now {line.paid}"
    kept_lines = [(s.proof_id, s.payer_id, s.gross_minor, s.paid_minor, s.steps) for s in settlement.lines]
    if digest_of(settlement.period_to, kept_lines) != settlement.digest:
        yield f"{name}: its fingerprint does not fit its lines"
    if (settlement.gross_minor, settlement.paid_minor) != (whole_minor(valued.statement.gross), valued.statement.paid):
        yield f"{name}: it was {settlement.paid_minor} in all, now {valued.statement.paid}"
    for statement in settlement.statements:
        owed = valued.statement.payers.get(str(statement.payer_id), 0)
        if owed != statement.amount_minor:
            yield f"{name}: {statement.reference} was {statement.amount_minor}, now {owed}"
