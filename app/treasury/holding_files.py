"""An investor's holding as a statement for its own books: PDF for people, .xlsx for sums."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core import clock, format
from app.core.money import DIGITS, Money
from app.core.pdf import Document, Section
from app.core.workbook import new_workbook
from app.programmes.models import Programme
from app.treasury.assignment import Assignment
from app.treasury.behind import Behind
from app.treasury.credits import Credits
from app.treasury.on_its_way import NOT_KNOWN, on_its_way_minor, states_of
from app.treasury.projection import Projected, assumption
from app.treasury.queries import Holding


class Amount(int):
    """Minor units, shown as money."""


class Rate(Decimal):
    """A fraction a year, shown as a percentage."""


class Times(Decimal):
    """Received for each unit paid in."""


Cell = str | int | date | Amount | Rate | Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table of the statement; `note` says what its figures rest on."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


def parts_of(
    programme: Programme,
    holding: Holding,
    projected: Sequence[Projected],
    effects: Sequence[Behind],
    assigned: Sequence[Assignment] = (),
    back: Credits | None = None,
) -> list[Part]:
    """The same parts, in the same order, for both files. Effects as aggregates, hidden where pages hide them. `back`:
    what this investor, and nobody else, paid too much, and what became of it."""
    found = (
        Part(title=_("Position"), head=(_("Figure"), _("Amount")), rows=list(_position(holding))),
        _calls(holding),
        _distributions(holding),
        *([_owed_back(back)] if back is not None else []),
        _assigned(assigned),
        _projected(programme, projected),
        Part(
            title=_("Proven effects paid for"),
            head=(_("Effect"), _("How many"), _("Paid for it")),
            rows=[(one.name, _count(one), _paid(one, programme)) for one in effects],
        ),
    )
    return [part for part in found if part.rows]


def _calls(holding: Holding) -> Part:
    rows = [
        (
            part.capital_call.title,
            part.due_on,
            part.reference,
            part.received_on or _("not yet"),
            Amount(part.amount_minor),
        )
        for part in holding.calls
    ]
    head = (_("Call"), _("Due on"), _("Reference"), _("Received on"), _("Amount"))
    return Part(title=_("Capital calls"), head=head, rows=rows)


def _distributions(holding: Holding) -> Part:
    states = states_of(holding.distributions)
    rows = [
        (
            part.distribution.title,
            part.distribution.on,
            str(states[part.id][0]),
            Amount(part.principal_minor),
            Amount(part.return_minor),
        )
        for part in holding.distributions
    ]
    head = (_("Distribution"), _("On"), _("State"), _("Capital back"), _("Return on capital"))
    return Part(title=_("Distributions"), head=head, rows=rows)


def _owed_back(back: Credits) -> Part:
    """What came in or went off it, and what is left; nothing for who never paid too much."""
    rows: list[Sequence[Cell]] = [(one.on, str(one.what), Amount(one.amount_minor)) for one in back.moves]
    if rows:
        left = Amount(sum(minor for _of, minor in back.owed))
        rows.append((_("Owed back now, and not set aside"), "", left))
    head = (_("Day"), _("What"), _("Amount"))
    return Part(title=_("Owed back"), head=head, rows=rows)


def _assigned(assigned: Sequence[Assignment]) -> Part:
    rows = [
        (
            one.giver.name,
            one.receiver.name,
            str(one.state.label),
            clock.day_of(one.created_at),
            Amount(one.amount_minor),
        )
        for one in assigned
    ]
    head = (_("Given by"), _("Taken over by"), _("State"), _("Proposed on"), _("Amount"))
    return Part(title=_("Transfers of commitments"), head=head, rows=rows)


def _projected(programme: Programme, projected: Sequence[Projected]) -> Part:
    rows = [
        (
            one.reached,
            Amount(one.paid_in),
            Amount(one.distributed),
            _times(one.multiple),
            _("no rate") if one.rate is None else Rate(one.rate),
        )
        for one in projected
    ]
    reached = _("Participants who reach every effect")
    head = (reached, _("Paid in by then"), _("Paid back"), _("Multiple"), _("Return a year (XIRR)"))
    return Part(title=_("Projected, not realised"), head=head, rows=rows, note=assumption(programme))


def _position(holding: Holding) -> Iterator[tuple[str, Cell]]:
    yield _("Committed"), Amount(holding.committed)
    yield _("Called"), Amount(holding.called)
    yield _("Paid in"), Amount(holding.paid_in)
    yield _("Capital outstanding"), Amount(holding.outstanding)
    if holding.lost:
        yield _("Lost at the close"), Amount(holding.lost)
    yield _("Capital distributed"), Amount(holding.principal)
    yield _("Return distributed"), Amount(holding.returned)
    yield _("Distributed in all"), Amount(holding.distributed)
    states = states_of(holding.distributions)
    if on_its_way := on_its_way_minor(holding.distributions, states):
        known = all(state is not NOT_KNOWN for state, _tone in states.values())
        told = _("Of which approved and on its way") if known else _("Of which approved, and not known here to be paid")
        yield told, Amount(on_its_way)
    yield _("Peak exposure"), Amount(holding.peak_exposure())
    yield _("Multiple"), _times(holding.multiple)
    rate = holding.rate
    yield _("Rate of return a year (XIRR, realised)"), _("no rate yet") if rate is None else Rate(rate)


def _times(text: str | None) -> Cell:
    return Times(text) if text else "–"


def _count(one: Behind) -> Cell:
    figure = one.figure
    if figure.count is not None:
        return figure.count
    if figure.small:
        return "<5"
    if figure.fewer_than:
        return _("fewer than %(number)s", number=format.number(figure.fewer_than))
    return "–".join(map(format.number, figure.between)) if figure.between else _("hidden")


def _paid(one: Behind, programme: Programme) -> Cell:
    if one.figure.amount_minor is not None:
        return Amount(one.figure.amount_minor)
    between = one.figure.amount_between
    if between is None:
        return _("hidden")
    return " – ".join(format.money_whole(amount, programme.currency) for amount in between)


def statement_document(programme: Programme, holding: Holding, parts: Sequence[Part]) -> Document:
    """The statement for `pdf_of`."""
    told = [_("The amounts are from the books of the bond; a later correction stands in a later statement.")]
    if programme.illustrative:
        told.append(_("The prices are illustrative."))
    sections = [
        Section(
            title=part.title,
            paragraphs=(part.note,) if part.note else (),
            head=part.head,
            rows=[[_words(cell, programme) for cell in row] for row in part.rows],
        )
        for part in parts
    ]
    return Document(
        title=_("Statement of holding"),
        author=holding.organisation.name,
        foot=_("%(bond)s. No public offering and no trading platform.", bond=programme.title),
        eyebrow=programme.title,
        facts=((_("Investor"), holding.organisation.name), (_("State of"), format.day(clock.today()))),
        sections=[Section(paragraphs=told), *sections],
    )


def _words(cell: Cell, programme: Programme) -> str:
    if isinstance(cell, Amount):
        return format.money(Money(int(cell), programme.currency))
    if isinstance(cell, Rate):
        return format.percent(cell, 2)
    if isinstance(cell, Times):
        return format.multiple(str(cell))
    if isinstance(cell, date):
        return format.day(cell)
    return format.number(cell) if isinstance(cell, int) else cell


def statement_workbook(programme: Programme, holding: Holding, parts: Sequence[Part]) -> bytes:
    about: list[tuple[str, Cell]] = [
        (_("Bond"), programme.title),
        (_("Investor"), holding.organisation.name),
        (_("State of"), clock.today()),
        (_("Currency"), programme.currency),
        *([(_("Prices"), _("The prices are illustrative."))] if programme.illustrative else []),
    ]
    first = Part(title=_("Statement of holding"), head=(_("Statement of holding"), ""), rows=about)
    return workbook_of((first, *parts), programme.currency)


def workbook_of(parts: Sequence[Part], currency: str) -> bytes:
    """A sheet per part; amounts are numbers in major units, text is text whatever it begins with."""
    file = io.BytesIO()
    book = new_workbook(file)
    digits = DIGITS[currency]
    looks = {
        "bold": book.add_format({"bold": True}),
        "money": book.add_format({"num_format": "#,##0." + "0" * digits}),
        "rate": book.add_format({"num_format": "0.00%"}),
        "times": book.add_format({"num_format": '0.00" x"'}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    for part in parts:
        _lay_sheet(book.add_worksheet(part.title[:31]), part, looks, digits)
    book.close()
    return file.getvalue()


def _lay_sheet(sheet: Any, part: Part, looks: dict[str, Any], digits: int) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 8, 20)
    for column, name in enumerate(part.head):
        sheet.write_string(0, column, name, looks["bold"])
    for number, row in enumerate(part.rows, 1):
        for column, cell in enumerate(row):
            _write(sheet, (number, column), cell, looks, digits)
    if part.note:
        sheet.write_string(len(part.rows) + 2, 0, part.note)


def _write(sheet: Any, at: tuple[int, int], cell: Cell, looks: dict[str, Any], digits: int) -> None:
    """Figures as numbers and days as days, so that the reader can reckon with them."""
    if isinstance(cell, Amount):
        sheet.write_number(*at, Decimal(int(cell)).scaleb(-digits), looks["money"])
    elif isinstance(cell, Rate | Times):
        sheet.write_number(*at, cell, looks["rate" if isinstance(cell, Rate) else "times"])
    elif isinstance(cell, date):
        sheet.write_datetime(*at, cell, looks["day"])
    elif isinstance(cell, int):
        sheet.write_number(*at, cell)
    else:
        sheet.write_string(*at, cell)
