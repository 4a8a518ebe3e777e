"""replay/1: a whole bond in one file, read and computed by the code that settles live bonds."""

from dataclasses import dataclass
from datetime import date

from app.capital.terms import Flow
from app.capital.waterfall import MoneyError, Outcome, distribute
from app.pricing.statement import Valuation
from app.pricing.terms import Fact, Terms
from app.pricing.valuation import value
from app.scenarios.capital_part import CapitalPart, read_capital
from app.scenarios.currencies import MINOR_DIGITS
from app.scenarios.facts_part import read_facts, read_participants, read_settle_on
from app.scenarios.fields import Fields, Reading
from app.scenarios.strict_json import Refused, parse
from app.scenarios.table_part import read_caps, read_effects, read_payers


@dataclass(slots=True)
class Replay:
    """A file that keeps every rule. `digits` is the currency's; the names are by id."""

    title: str
    currency: str
    digits: int
    terms: Terms
    facts: list[Fact]
    settle_on: list[date]
    money: CapitalPart | None
    expected: object
    effect_names: dict[str, str]
    payer_names: dict[str, str]


@dataclass(slots=True)
class Computed:
    """What became of it: amounts per statement, and the money side where the file has one."""

    replay: Replay
    valuation: Valuation
    outcome: Outcome | None


def read(content: bytes) -> Replay:
    """Read a file of the format. Raises `Refused` with one fault per broken rule."""
    reading = Reading()
    tree = parse(content)
    if not isinstance(tree, dict):
        raise Refused(["file: must be an object"])
    top = Fields(reading, tree, "")
    top.choice("format", ("replay/1",))
    title, currency = top.text("title"), top.text("currency")
    if currency is not None and currency not in MINOR_DIGITS:
        top.fault("currency", "must be a currency code of ISO 4217, such as EUR")
    reading.digits = MINOR_DIGITS.get(currency or "", 2)
    step = top.money("rounding", needed=False, above_zero=True) or 1
    payers, rule, payer_ids = read_payers(top)
    effects, effect_ids = read_effects(top, payer_ids, rule)
    caps = read_caps(top)
    vat_rate = top.fraction("vat_rate")
    terms = Terms(effects, payers, rule, caps, step, vat_rate)  # type: ignore[arg-type]
    people = read_participants(top, payer_ids)
    facts = read_facts(top, terms, people, payer_ids, effect_ids)
    settle_on = read_settle_on(top, reading, facts)
    money = read_capital(top)
    top.allow("expected")
    top.end()
    if reading.faults:
        raise Refused(reading.faults)
    names = (_names(tree["effects"]), _names(tree["payers"]))
    return Replay(
        title or "", currency or "", reading.digits, terms, facts, settle_on, money, tree.get("expected"), *names
    )


def _names(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["id"]: row["name"] for row in rows}


def compute(replay: Replay, lines: bool = False) -> Computed:
    """Value the facts and distribute the money. Raises `Refused` for money that is not there."""
    valuation = value(replay.terms, replay.facts, replay.settle_on, lines=lines)
    if replay.money is None:
        return Computed(replay, valuation, None)
    receipts = replay.money.receipts
    if receipts is None:
        receipts = [Flow(statement.on, statement.net) for statement in valuation.statements]
    try:
        outcome = distribute(replay.money.capital, receipts, replay.settle_on, replay.terms.step)
    except MoneyError as error:
        raise Refused([str(error)]) from None
    return Computed(replay, valuation, outcome)
