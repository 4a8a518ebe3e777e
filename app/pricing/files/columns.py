"""The one list of columns of a price table in a file: out and in, JSON, CSV and .xlsx. Labels are those of pages."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.pricing.files.cells import BETWEEN, Amount, Cell, Most, Percent, Text, Threshold, Whole, Word, plain, yes_or_no
from app.pricing.files.lists import Codes, Entry, PayerPrices, Scale, Tiers
from app.pricing.models import CompanionView, Counterfactual, EffectKind, EvidenceType, Lasts
from app.pricing.rules import decimal_in
from app.pricing.shown import LABELS
from app.programmes.models import LifeDomain
from app.unit_costs.models import Bearer, SavingClass


@dataclass(frozen=True, slots=True)
class Column:
    """`name` in files, `field` of `EffectFacts`, how its `cell` is written, and what a person must know besides.

    In JSON the columns of a `group` stand together in one object, without its name.
    """

    name: str
    field: str
    cell: Cell
    help: Any = ""
    group: str = ""

    @property
    def label(self) -> Any:
        return LABELS.get(self.field) or _l("A figure from the register")

    @property
    def key(self) -> str:
        return self.name.removeprefix(f"{self.group}_")

    def explained(self) -> str:
        """What the column means and how it is written, in the language of the reader."""
        return " ".join(part for part in (str(self.help), self.cell.how()) if part)


COLUMNS = (
    Column(
        "id",
        "code",
        Text(30, needed=True),
        _l("Short and the same in every version, such as work-13w. A row whose code begins with # is skipped."),
    ),
    Column("name", "name", Text(120, needed=True)),
    Column("life_domain", "life_domain", Word(LifeDomain, needed=True)),
    Column("who", "who", Text(300)),
    Column("definition", "definition", Text(2_000, needed=True, lines=True)),
    Column("sustained", "sustained", Text(200)),
    Column("lasts", "lasts", Whole(0, most=1_000), _l("Since the clock started; 0 for what is reached on one day.")),
    Column("lasts_unit", "lasts_unit", Word(Lasts, Lasts.DAYS)),
    Column("achieved_when", "achieved_when", Text(300)),
    Column("resets", "resets", Text(300)),
    Column("kind", "kind", Word(EffectKind, EffectKind.PER_PERSON)),
    Column("unit", "unit", Text(40)),
    Column("price", "price_minor", Amount(0), _l("Empty where tiers, steps, bands or a share say what is paid.")),
    Column("prices", "payer_prices", PayerPrices(), _l("What a municipality pays instead of the price.")),
    Column("tiers", "tiers", Tiers(), _l("From which number to which, the price each and what the tier pays at most.")),
    Column("scale", "scale", Scale()),
    Column("between", "between", BETWEEN, _l("Linear: the amount rises evenly between two steps.")),
    Column("threshold", "threshold", Threshold()),
    Column(
        "pooled_threshold",
        "pooled_threshold",
        Threshold(),
        _l("Over all cohorts together, at the last settlement; only where a difference is paid."),
    ),
    Column("share", "share_bp", Percent(0)),
    Column("until", "until_minor", Amount(None)),
    Column("share_after", "share_after_bp", Percent(None)),
    Column("deadweight", "deadweight_bp", Percent(0)),
    Column("max_per_person", "max_per_person", Most(None, least=1, most=1_000)),
    Column("requires", "requires", Codes()),
    Column("best_of", "best_of", Text(60)),
    Column("after", "after_units", Whole(0, most=1_000_000)),
    Column("retroactive", "retroactive", yes_or_no()),
    Column("max_count", "max_count", Whole(least=1)),
    Column("max_amount", "max_amount_minor", Amount(None)),
    Column("evidence_type", "evidence_type", Word(EvidenceType, needed=True), group="evidence"),
    Column("evidence_holder", "evidence_holder", Text(200), group="evidence"),
    Column("evidence_days", "evidence_days", Whole(90, least=1, most=730), group="evidence"),
    Column("companion", "companion", Text(500)),
    Column("companion_view", "companion_view", Word(CompanionView)),
    Column("baseline_n", "baseline_n", Whole(least=1), group="baseline"),
    Column("baseline_count", "baseline_count", Whole(), group="baseline"),
    Column("baseline_period", "baseline_period", Text(200), group="baseline"),
    Column("baseline_source", "baseline_source", Text(500), group="baseline"),
    Column("counterfactual", "counterfactual", Word(Counterfactual)),
    Column("difference", "difference_bp", Percent(None)),
    Column("gaming", "gaming", Text(1_000, lines=True)),
    Column("countermeasure", "countermeasure", Text(1_000, lines=True)),
    Column("double_payment", "double_payment", Text(1_000, lines=True)),
    Column("legal_basis", "legal_basis", Text(1_000, lines=True)),
    Column("saving_amount", "saving_minor", Amount(None), group="saving"),
    Column("saving_class", "saving_class", Word(SavingClass), group="saving"),
    Column("saving_source", "saving_source", Text(500), group="saving"),
    Column("saving_year", "saving_year", Whole(least=1900, most=2200), group="saving"),
    Column("saving_bearer", "saving_bearer", Word(Bearer), group="saving"),
    Column("saving_licence", "saving_licence", Text(200), group="saving"),
    Column("saving_occupancy", "saving_occupancy_bp", Percent(None), group="saving"),
    Column("saving_waiting_list", "saving_waiting_list", yes_or_no(), group="saving"),
    Column("saving_note", "saving_note", Text(500), group="saving"),
    Column("saving_unit_cost", "unit_cost_id", Entry(), group="saving"),
    Column("expected_count", "expected_count", Whole()),
    Column("months_after", "months_after", Whole(0, most=240)),
)
OF_FIELD = {column.field: column for column in COLUMNS}
CODE = OF_FIELD["code"]
# What CSV files say of the whole table in every row; an import passes it over.
ABOUT = ("bond", "table", "state", "published_at", "address", "illustrative", "currency", "note", "caps", "overrides")
MOST_EFFECTS = 500
EXAMPLE = {
    "id": "# work-13w",
    "name": "Thirteen weeks of work",
    "life_domain": "work",
    "who": "A participant without work at intake",
    "definition": "Has an employment contract of at least 12 hours a week.",
    "sustained": "13 weeks in a row",
    "kind": "per_person",
    "price": "2500.00",
    "deadweight": "20%",
    "max_per_person": "1",
    "evidence_type": "employer",
    "evidence_days": "90",
    "saving_amount": "4257.00",
    "saving_class": "avoided",
    "saving_source": "Unit cost of a year without work or school",
    "saving_year": "2024",
}


def text_in(column: Column, facts: Any, bond: Any) -> str:
    """What stands in the cell of `column` for an `Effect` or `EffectFacts`; unlimited is said where it means something.

    "None" per participant means no maximum for an effect per person, and nothing for other kinds.
    """
    value = getattr(facts, column.field)
    if isinstance(column.cell, Most) and value is None and facts.kind == EffectKind.PER_PERSON:
        return Most.WORD
    if isinstance(column.cell, Threshold) and value and facts.kind == EffectKind.DIFFERENCE:
        found = decimal_in(value)
        return value if found is None else f"{plain(found * 100)}%"
    return column.cell.text(value, bond)
