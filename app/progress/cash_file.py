"""The cash plan as a workbook: the months as numbers, and every line that stands behind them."""

import io
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core import clock, format
from app.core.money import DIGITS
from app.core.workbook import new_workbook
from app.programmes.models import Programme
from app.progress.cash_plan import CashPlan
from app.progress.states import COMES_IN, CashKind


def cash_workbook(programme: Programme, plan: CashPlan) -> bytes:
    """Amounts are numbers in major units, what goes out negative; text is text whatever it begins with."""
    file = io.BytesIO()
    book = new_workbook(file)
    digits = DIGITS[programme.currency]
    looks = {
        "bold": book.add_format({"bold": True}),
        "money": book.add_format({"num_format": "#,##0." + "0" * digits}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    _lay_about(book.add_worksheet(_("Cash plan")[:31]), programme, plan, looks)
    _lay_months(book.add_worksheet(_("Months")[:31]), plan, looks, digits)
    _lay_lines(book.add_worksheet(_("Lines")[:31]), plan, looks, digits)
    book.close()
    return file.getvalue()


def _lay_about(sheet: Any, programme: Programme, plan: CashPlan, looks: dict[str, Any]) -> None:
    about = [
        (_("Bond"), programme.title),
        (_("State of"), format.day(clock.today())),
        (_("Currency"), programme.currency),
        (_("Expected effects that are counted on"), f"{plan.percent} %"),
        (_("Distributions"), _("Only those that wait for a second person or were planned by hand.")),
        *([(_("Prices"), _("The prices are illustrative."))] if programme.illustrative else []),
    ]
    sheet.set_column(0, 1, 44)
    for number, (name, said) in enumerate(about):
        sheet.write_string(number, 0, name, looks["bold"])
        sheet.write_string(number, 1, said)


def _lay_months(sheet: Any, plan: CashPlan, looks: dict[str, Any], digits: int) -> None:
    head = [_("Month"), _("At the start"), *(str(kind.label) for kind in CashKind), _("At the end")]
    _lay_head(sheet, head, looks)
    for number, month in enumerate(plan.months, 1):
        moved = [amount if kind in COMES_IN else -amount for kind, amount in month.moved.items()]
        sheet.write_datetime(number, 0, month.first, looks["day"])
        for column, minor in enumerate((month.opening, *moved, month.closing), 1):
            sheet.write_number(number, column, Decimal(minor).scaleb(-digits), looks["money"])


def _lay_lines(sheet: Any, plan: CashPlan, looks: dict[str, Any], digits: int) -> None:
    _lay_head(sheet, [_("Day"), _("Kind of money"), _("For"), _("How sure"), _("Amount")], looks)
    flows = [one for month in plan.months for one in month.flows]
    for number, one in enumerate(flows, 1):
        sheet.write_datetime(number, 0, one.on, looks["day"])
        sheet.write_string(number, 1, str(one.kind.label))
        sheet.write_string(number, 2, one.source)
        sheet.write_string(number, 3, _("owed or promised") if one.certain else _("planned or expected"))
        sheet.write_number(number, 4, Decimal(one.signed_minor).scaleb(-digits), looks["money"])


def _lay_head(sheet: Any, head: list[str], looks: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(head), 22)
    for column, name in enumerate(head):
        sheet.write_string(0, column, name, looks["bold"])
