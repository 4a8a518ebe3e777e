"""replay-result/1: the result of a replay as JSON values. Amounts are decimal strings in major units."""

from collections.abc import Mapping
from fractions import Fraction

from app.capital.waterfall import Position
from app.pricing.rounding import Number, half_up
from app.pricing.statement import EffectSum, Line, Statement
from app.scenarios.replay import Computed


def amount_text(amount: Number, digits: int) -> str:
    """Minor units as a decimal string with the currency's digits, half up."""
    whole = half_up(amount, 1)
    sign, whole = ("-" if whole < 0 else ""), abs(whole)
    if not digits:
        return f"{sign}{whole}"
    major, minor = divmod(whole, 10**digits)
    return f"{sign}{major}.{minor:0{digits}}"


def number_text(number: Number) -> str:
    """A quantity without needless zeros; every quantity is a finite decimal."""
    number = Fraction(number)
    digits = 0
    while (number * 10**digits).denominator != 1 and digits < 60:
        digits += 1
    return amount_text(number * 10**digits, digits)


def result_of(computed: Computed, lines: bool = False) -> dict[str, object]:
    """The whole result; `lines` only when asked for."""
    replay, valuation = computed.replay, computed.valuation
    digits = replay.digits

    def text(amount: Number) -> str:
        return amount_text(amount, digits)

    sums: Mapping[str, EffectSum] = valuation.effects()
    effects = [(effect.id, sums.get(effect.id, EffectSum())) for effect in replay.terms.effects]
    result: dict[str, object] = {
        "format": "replay-result/1",
        "currency": replay.currency,
        "effects": [
            {"id": effect, "quantity": number_text(part.quantity), "gross": text(part.gross), "paid": text(part.paid)}
            for effect, part in effects
        ],
        "reductions": [row for statement in valuation.statements for row in _reductions(statement, digits)],
        "statements": [
            {
                "on": statement.on.isoformat(),
                "gross": text(statement.gross),
                "paid": text(statement.paid),
                "payers": [{"id": payer, "amount": text(amount)} for payer, amount in statement.payers.items()],
            }
            for statement in valuation.statements
        ],
        "total": {"gross": text(valuation.gross), "paid": text(valuation.paid), "net_of_vat": text(valuation.net)},
        **_money(computed),
    }
    if lines:
        result["lines"] = [_line(line, digits) for line in valuation.lines]
    return result


def _money(computed: Computed) -> dict[str, object]:
    """The money side; empty where the file has none."""
    outcome, money, digits = computed.outcome, computed.replay.money, computed.replay.digits
    if outcome is None or money is None:
        return {"investors": [], "tranches": [], "excess": None, "peak_exposure": None, "unspent": None}
    return {
        "investors": [_investor(position, digits) for position in outcome.investors],
        "tranches": [_tranche(position, digits) for position in outcome.tranches],
        "excess": {"to": money.capital.excess, "amount": amount_text(outcome.excess, digits)},
        "peak_exposure": amount_text(outcome.peak_exposure, digits),
        "unspent": amount_text(outcome.unspent, digits),
    }


def _reductions(statement: Statement, digits: int) -> list[dict[str, str]]:
    rows = [(rule, amount_text(amount, digits)) for rule, amount in statement.reductions.items()]
    nothing = amount_text(0, digits)
    return [
        {"rule": rule, "on": statement.on.isoformat(), "amount": amount} for rule, amount in rows if amount != nothing
    ]


def _investor(position: Position, digits: int) -> dict[str, str | None]:
    return {
        "id": position.id,
        "paid_in": amount_text(position.paid_in, digits),
        "distributed": amount_text(position.distributed, digits),
        "interest": amount_text(position.interest, digits),
        "principal": amount_text(position.principal, digits),
        **_rates(position),
    }


def _tranche(position: Position, digits: int) -> dict[str, str | None]:
    return {
        "id": position.id,
        "paid_in": amount_text(position.paid_in, digits),
        "distributed": amount_text(position.distributed, digits),
        "outstanding": amount_text(position.outstanding, digits),
        **_rates(position),
    }


def _rates(position: Position) -> dict[str, str | None]:
    rates = {"multiple": position.multiple, "xirr": position.xirr}
    return rates if position.xirr_reason is None else {**rates, "xirr_reason": position.xirr_reason}


def _line(line: Line, digits: int) -> dict[str, object]:
    """`fact` is the place in the file's `facts`; `payer` is null where several pay, who then stand in `payers`.

    `carried` or `pooled` stands there, as true, where the line pays for a fact that has a line of its own already.
    """
    several = len(line.payers) > 1
    shown: dict[str, object] = {
        "fact": line.fact.key,
        "on": line.fact.on.isoformat(),
        "statement": line.statement.isoformat(),
        "effect": line.fact.effect,
        "participant": line.fact.participant,
        "payer": None if several else next(iter(line.payers), None),
        "paid": amount_text(line.paid, digits),
        "steps": [
            {"rule": step.rule, "before": amount_text(step.before, digits), "after": amount_text(step.after, digits)}
            for step in line.steps
        ],
    }
    shown |= {name: True for name in ("carried", "pooled") if getattr(line, name)}
    if several:
        shown["payers"] = [{"id": payer, "amount": amount_text(part, digits)} for payer, part in line.payers.items()]
    return shown
