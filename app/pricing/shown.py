"""What a price table says, field by field, as people read it: the ONE list that pages, comparison and forms share.

Pure: a row (an `Effect`, or the `EffectFacts` that somebody typed) in, labels and texts out. Nothing said is "".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.format import day, money, number, percent
from app.core.units import unit
from app.pricing.models import EffectKind, PriceTable


@dataclass(frozen=True, slots=True)
class Setting:
    """What the values need to be read: the currency, the names of payers by organisation id, of effects by code."""

    currency: str
    payers: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[str, str] = field(default_factory=dict)


def setting_of(table: PriceTable) -> Setting:
    payers: dict[str, str] = {}
    if any(effect.payer_prices for effect in table.effects):
        payers = {str(share.organisation_id): share.organisation.name for share in table.programme.shares}
    return Setting(table.programme.currency, payers, {effect.code: effect.name for effect in table.effects})


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the row, its name on screen, and how its value is read."""

    name: str
    label: Any
    show: Callable[[Any, Setting], str]

    def of(self, row: Any, setting: Setting) -> str:
        value = getattr(row, self.name)
        return "" if value is None or value == "" or value == [] or value == {} else self.show(value, setting)


def _text(value: Any, _setting: Setting) -> str:
    return str(value)


def _unit(value: Any, _setting: Setting) -> str:
    return unit(value)


def _label(value: Any, _setting: Setting) -> str:
    return str(value.label)


def _money(value: int, setting: Setting) -> str:
    return money(value, setting.currency)


def _price(value: int, setting: Setting) -> str:
    return money(value, setting.currency) if value else ""  # 0: tiers, steps, bands or a share say what is paid


def basis_points(value: int, _setting: Setting | None = None) -> str:
    return percent(Decimal(value).scaleb(-4), 2 if value % 100 else 0)


def _share(value: int, setting: Setting) -> str:
    return basis_points(value, setting) if value else ""


def _count(value: int, _setting: Setting) -> str:
    return number(value)


def _year(value: int, _setting: Setting) -> str:
    return str(value)


def _count_or_none(value: int, _setting: Setting) -> str:
    return number(value) if value else ""


def _days(value: int, _setting: Setting) -> str:
    return _("%(number)d days", number=value)


def _yes(value: bool, _setting: Setting) -> str:
    return _("yes") if value else ""


def _codes(value: list[str], setting: Setting) -> str:
    return ", ".join(setting.effects.get(code, code) for code in value)


def _payers(value: dict[str, int], setting: Setting) -> str:
    return "; ".join(
        f"{setting.payers.get(key, key)}: {money(price, setting.currency)}" for key, price in value.items()
    )


def _lines(value: list[dict[str, Any]], setting: Setting) -> str:
    return "; ".join(": ".join(line) for line in lines_of(value, setting))


def _between(value: str, _setting: Setting) -> str:
    return _("the amount rises evenly between two steps") if value == "linear" else ""


def lines_of(rows: list[dict[str, Any]], setting: Setting) -> list[tuple[str, str]]:
    """Tiers, steps or bands as (from where to where, what is paid)."""
    return [(_place(row), _amount(row, setting)) for row in rows]


def _place(row: dict[str, Any]) -> str:
    if "at" in row:
        return _("from %(value)s", value=decimal(row["at"]))
    if "from" in row:
        return _("from %(start)s up to %(end)s", start=decimal(row["from"]), end=decimal(row["to"]))
    return _("all others") if row["up_to"] is None else _("up to number %(number)s", number=number(row["up_to"]))


def _amount(row: dict[str, Any], setting: Setting) -> str:
    if "at" in row:
        return money(row["amount_minor"], setting.currency)
    if "from" in row:
        return _("%(amount)s per point", amount=money(row["per_point_minor"], setting.currency))
    each = _("%(amount)s each", amount=money(row["price_minor"], setting.currency))
    most = row.get("max_amount_minor")
    return each if most is None else _("%(each)s, together at most %(most)s", each=each, most=_money(most, setting))


def decimal(typed: str) -> str:
    """A stored exact decimal as the reader writes it."""
    return number(Decimal(typed))


def _decimal(value: str, _setting: Setting) -> str:
    return decimal(value)


def fraction(typed: str) -> str:
    """A stored exact fraction as a percentage with the digits it has: "0.075" -> "7.5%"."""
    value = Decimal(typed)
    exponent = value.normalize().as_tuple().exponent
    return percent(value, max(0, -int(exponent) - 2))


def _fraction(value: str, _setting: Setting) -> str:
    return fraction(value)


class _Threshold(Field):
    """Of a difference the least reduction, in per cent; of bands a value of the measure."""

    __slots__ = ()

    def of(self, row: Any, setting: Setting) -> str:
        if row.threshold and row.kind == EffectKind.DIFFERENCE:
            return fraction(row.threshold)
        return Field.of(self, row, setting)


class _Clock(Field):
    """Nothing where no clock runs."""

    __slots__ = ()

    def of(self, row: Any, setting: Setting) -> str:
        return Field.of(self, row, setting) if row.lasts else ""


# The sections of an effect, in the order of the form and of the page.
WHAT_COUNTS, PAID, LIMITS, EVIDENCE, COMPANION, BASELINE, ABUSE, SAVING, EXPECTED = range(9)
SECTIONS: tuple[tuple[Any, tuple[Field, ...]], ...] = (
    (
        _l("What counts as an effect"),
        (
            Field("name", _l("Name of the effect"), _text),
            Field("code", _l("Code"), _text),
            Field("life_domain", _l("Life domain"), _label),
            Field("who", _l("For whom it counts"), _text),
            Field("definition", _l("What is proven, with its threshold"), _text),
            Field("sustained", _l("How long it must last"), _text),
            Field("lasts", _l("Its clock runs for"), _count_or_none),
            _Clock("lasts_unit", _l("Counted in"), _label),
            Field("achieved_when", _l("When it is reached"), _text),
            Field("resets", _l("What starts the clock again"), _text),
        ),
    ),
    (
        _l("How it is counted and paid"),
        (
            Field("kind", _l("How it is counted"), _label),
            Field("unit", _l("Unit"), _unit),
            Field("price_minor", _l("Price"), _price),
            Field("payer_prices", _l("Price per payer"), _payers),
            Field("tiers", _l("Tiers"), _lines),
            Field("scale", _l("Steps or bands"), _lines),
            Field("between", _l("Between two steps"), _between),
            _Threshold("threshold", _l("Threshold"), _decimal),
            Field("pooled_threshold", _l("Threshold over all cohorts together"), _fraction),
            Field("share_bp", _l("Share of what is avoided"), _share),
            Field("until_minor", _l("Until this total"), _money),
            Field("share_after_bp", _l("Share after that total"), basis_points),
            Field("deadweight_bp", _l("Would have happened anyway"), basis_points),
        ),
    ),
    (
        _l("What limits it"),
        (
            Field("max_per_person", _l("At most per participant"), _count),
            Field("requires", _l("Only after other effects"), _codes),
            Field("best_of", _l("Group of which only the dearest is paid"), _text),
            Field("after_units", _l("Paid after this number of units"), _count_or_none),
            Field("retroactive", _l("Once passed, the first ones are paid too"), _yes),
            Field("max_count", _l("At most in the whole bond, number"), _count),
            Field("max_amount_minor", _l("At most in the whole bond, amount"), _money),
        ),
    ),
    (
        _l("Evidence"),
        (
            Field("evidence_type", _l("Evidence"), _label),
            Field("evidence_holder", _l("Who holds the evidence"), _text),
            Field("evidence_days", _l("Evidence dated at most, days later"), _days),
        ),
    ),
    (
        _l("Companion indicator: reported, never paid"),
        (
            Field("companion", _l("Companion indicator"), _text),
            Field("companion_view", _l("Whose view it gives"), _label),
        ),
    ),
    (
        _l("Baseline and comparison"),
        (
            Field("baseline_n", _l("People in the baseline"), _count),
            Field("baseline_count", _l("Of whom this number reached it"), _count),
            Field("baseline_period", _l("Period of the baseline"), _text),
            Field("baseline_source", _l("Source of the baseline"), _text),
            Field("counterfactual", _l("Compared with"), _label),
            Field("difference_bp", _l("Difference that is expected"), basis_points),
        ),
    ),
    (
        _l("Abuse, double payment, legal basis"),
        (
            Field("gaming", _l("The easiest way to abuse it"), _text),
            Field("countermeasure", _l("What is done against that"), _text),
            Field("double_payment", _l("Why it is not paid twice"), _text),
            Field("legal_basis", _l("Legal basis of the data, and DPIA"), _text),
        ),
    ),
    (
        _l("The saving behind the price"),
        (
            Field("saving_minor", _l("Saving behind the price"), _money),
            Field("saving_class", _l("Kind of saving"), _label),
            Field("saving_source", _l("Source of the saving"), _text),
            Field("saving_year", _l("Price year"), _year),
            Field("saving_bearer", _l("In whose budget it falls"), _label),
            Field("saving_licence", _l("Licence of the figure"), _text),
            Field("saving_occupancy_bp", _l("Occupancy of the service"), basis_points),
            Field("saving_waiting_list", _l("The service has a waiting list"), _yes),
            Field("saving_note", _l("When the saver is not the payer"), _text),
        ),
    ),
    (
        _l("What is expected"),
        (
            Field("expected_count", _l("Expected number"), _count),
            Field("months_after", _l("Months after intake"), _count),
        ),
    ),
)
EFFECT_FIELDS = tuple(shown for _title, fields in SECTIONS for shown in fields)
LABELS = {shown.name: shown.label for shown in EFFECT_FIELDS}


def _periods(value: list[dict[str, Any]], setting: Setting) -> str:
    return "; ".join(
        _("%(start)s to %(end)s", start=day(date.fromisoformat(cap["from"])), end=day(date.fromisoformat(cap["to"])))
        + ": "
        + money(cap["amount_minor"], setting.currency)
        for cap in value
    )


TABLE_FIELDS = (
    Field("note", _l("What is new in this version"), _text),
    Field("illustrative", _l("These prices are illustrative"), _yes),
    Field("cap_per_person_minor", _l("Maximum per participant"), _money),
    Field("cap_contract_minor", _l("Maximum for the whole contract"), _money),
    Field("period_caps", _l("Maximum per period"), _periods),
    Field("reduce", _l("When a maximum is reached"), _label),
    Field("overshoot", _l("What a maximum per period cuts off"), _label),
    Field("step_minor", _l("Smallest payable step"), _money),
    Field("vat_bp", _l("VAT included in the prices"), basis_points),
)
TABLE_LABELS = {shown.name: shown.label for shown in TABLE_FIELDS}
