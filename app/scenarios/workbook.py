"""A what-if as a spreadsheet. Text is written as text, whatever it begins with; amounts are numbers in major units."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core.format import day
from app.core.forms import MoneyField
from app.core.workbook import new_workbook
from app.scenarios.figures import WhatIf, as_rate
from app.scenarios.forms import CASE_WORDS, RateField, Rhythm, SpreadField, WhatIfForm
from app.scenarios.simulation import PERCENT

Row = Sequence[Any]


class Amount(int):
    """Minor units, to be shown as money."""


class Share(Decimal):
    """A fraction, to be shown as a percentage."""


class Factor(Decimal):
    """So many times, with two decimals."""


def workbook(what_if: WhatIf, form: WhatIfForm) -> bytes:
    """Sheets: assumptions, payments, effects, returns, spread."""
    file = io.BytesIO()
    book = new_workbook(file)
    digits = len(str(what_if.setting.minor_per_major)) - 1
    formats = {
        "bold": book.add_format({"bold": True}),
        "share": book.add_format({"num_format": "0.0%"}),
        "factor": book.add_format({"num_format": "0.00"}),
        "money": book.add_format({"num_format": "#,##0." + "0" * digits if digits else "#,##0"}),
    }
    for name, rows in (
        (_("Assumptions"), _assumptions(what_if, form)),
        (_("Payments"), _payments(what_if)),
        (_("Effects"), _effects(what_if)),
        (_("Returns"), _returns(what_if)),
        (_("Spread"), _spread(what_if)),
    ):
        _write(book.add_worksheet(name[:31]), rows, formats, digits)
    book.close()
    return file.getvalue()


def _write(sheet: Any, rows: Sequence[Row], formats: dict[str, Any], digits: int) -> None:
    """The first row is the head."""
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 12, 18)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, Amount):
                sheet.write_number(number, column, Decimal(cell).scaleb(-digits), formats["money"])
            elif isinstance(cell, Share | Factor):
                looks = formats["share" if isinstance(cell, Share) else "factor"]
                sheet.write_number(number, column, cell, looks)
            elif isinstance(cell, int | Decimal):
                sheet.write_number(number, column, cell)
            elif cell is not None:
                sheet.write_string(number, column, str(cell), formats["bold"] if number == 0 else None)


def _cases() -> list[str]:
    return [str(word) for word in CASE_WORDS.values()]


def _assumptions(what_if: WhatIf, form: WhatIfForm) -> list[Row]:
    setting, simulation = what_if.setting, what_if.simulation
    rows: list[Row] = [
        (_("What is assumed"), _("Answer")),
        (_("Bond"), setting.programme.title),
        (_("Price table"), setting.table.title if setting.table else ""),
        (_("Currency"), setting.programme.currency),
        (_("These are assumptions and no forecast."),),
    ]
    if setting.illustrative:
        rows.append((_("The prices are illustrative."),))
    rows += [(str(form[name].label.text), _answer(form[name])) for name in form.address() if name != "table"]
    return [*rows, (_("Number of draws"), simulation.count)]


def _answer(field: Any) -> Any:
    """As a number where it is one, and in words where it was chosen."""
    if isinstance(field, RateField):
        return Share(Decimal(field.data or 0).scaleb(-4))
    if isinstance(field, MoneyField):
        return Amount(field.data or 0)
    if isinstance(field, SpreadField):
        return " ".join(map(str, field.data)) or _("evenly")
    if field.name == "rhythm":
        return str(Rhythm(field.data).label)
    return day(field.data) if isinstance(field.data, date) else field.data


def _payments(what_if: WhatIf) -> list[Row]:
    rows: list[Row] = [(_("Payer"), _("Year"), *_cases(), _("Reserved"), _("Above it at the highest"))]
    for one in what_if.payments():
        rows.append((one.payer, one.year, *map(Amount, one.cases), Amount(one.reserved), Amount(one.over)))
    total, over = what_if.total(), Amount(sum(what_if.years_over()))
    return [*rows, (_("Total"), None, *map(Amount, total.cases), Amount(total.reserved), over)]


def _effects(what_if: WhatIf) -> list[Row]:
    numbers = _("Low: number"), _("Expected: number"), _("High: number")
    rows: list[Row] = [(_("Effect"), *numbers, _("Low: paid"), _("Expected: paid"), _("High: paid"))]
    for one in what_if.effects():
        rows.append((one.name, *one.quantities, *map(Amount, one.paid)))
    return rows


def _rate(rate: Decimal | None) -> Share | str:
    return "–" if rate is None else Share(rate)


def _multiple(text: str | None) -> Factor | str:
    return Factor(text) if text else "–"


def _returns(what_if: WhatIf) -> list[Row]:
    rows: list[Row] = [(_("Tranche"), "", _("Paid in"), _("Paid back"), _("Multiple"), _("Return a year (XIRR)"))]
    for one in what_if.returns():
        name = _("%(tranche)s, your own part", tranche=one.name) if one.own else one.name
        for case, position in zip(_cases(), one.positions, strict=True):
            amounts = Amount(position.paid_in), Amount(position.distributed)
            rows.append((name, case, *amounts, _multiple(position.multiple), _rate(as_rate(position.xirr))))
    return rows


def _spread(what_if: WhatIf) -> list[Row]:
    simulation, names = what_if.simulation, {str(one.id): one.name for one in what_if.setting.tranches}
    rows: list[Row] = [(_("Of all draws, this share is at or below"), *(f"{percent} %" for percent in PERCENT))]
    rows.append((_("Payments in all"), *map(Amount, simulation.total)))
    rows += [(str(year), *map(Amount, amounts)) for year, amounts in simulation.years.items()]
    for payer, amounts in simulation.payers.items():
        rows.append((what_if.setting.payer_name(payer), *map(Amount, amounts)))
    for one in simulation.tranches:
        name = names[one.tranche]
        rows.append((_("%(tranche)s, paid back", tranche=name), *map(Amount, one.distributed)))
        rows.append((_("%(tranche)s, multiple", tranche=name), *map(_multiple, one.multiples)))
        rows.append((_("%(tranche)s, return a year (XIRR)", tranche=name), *(_rate(rate) for rate in one.rates)))
    return rows
