"""The books to read and to take along: journal, ledger accounts, trial balance."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock
from app.core.format import day
from app.core.web import page
from app.ledger.models import AccountKind
from app.programmes.models import Programme
from app.treasury import journal as books
from app.treasury import trial_balance as balances
from app.treasury.blueprint import bp
from app.treasury.book_operations import export_books
from app.treasury.journal import Own
from app.treasury.models import BookAccount

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _own(programme: Programme) -> Own:
    """Whose accounts this person reads: all of them at the desk and for the auditor, else those of the own party."""
    return None if may(Action.TREASURY_READ, programme, current_user) else frozenset(current_user.organisation_ids)


@bp.get("/programmes/<uuid:id>/journal")
@requires(Action.LEDGER_READ, Programme)
def journal(programme: Programme) -> Any:
    """Every transfer, in the order in which it was booked."""
    own, asked = _own(programme), books.asked_for(request.args)
    return page(
        "treasury/journal.html",
        programme=programme,
        own=own,
        asked=asked,
        found=books.journal(programme, asked, own),
        kinds=books.kinds_of(programme, own),
        named_to=books.named_to,
    )


@bp.get("/ledger-accounts/<uuid:id>")
@requires(Action.LEDGER_READ, BookAccount)
def ledger_account(account: BookAccount) -> Any:
    """One account: what it opened with, each entry with the balance after it, what it closed with."""
    own, asked = _own(account.programme), books.asked_for(request.args)
    return page(
        "treasury/ledger_account.html",
        programme=account.programme,
        account=account,
        own=own,
        asked=asked,
        book=books.ledger_account(account, asked, own),
        named_to=books.named_to,
    )


@bp.get("/programmes/<uuid:id>/trial-balance")
@requires(Action.LEDGER_READ, Programme)
def trial_balance(programme: Programme) -> Any:
    """All accounts on a day (`?on=`), with the accounts of parties beneath (`?account=` chooses a kind)."""
    own, (on, wrong) = _own(programme), _asked_day()
    kind = next((one for one in AccountKind if one.value == request.args.get("account")), None)
    return page(
        "treasury/trial_balance.html",
        programme=programme,
        own=own,
        on=on,
        wrong=wrong,
        kind=kind,
        book=balances.trial_balance(programme, on, own, kind),
    )


def _asked_day() -> tuple[date, str]:
    """The day that the address asks for, today where that is none; and what was typed that is none."""
    typed = request.args.get("on", "").strip()[:20]
    found = books.day_of(typed)
    return found or clock.today(), typed if typed and found is None else ""


@bp.get("/programmes/<uuid:id>/<any('journal', 'trial-balance'):book>.<any(csv, xlsx):format>")
@requires(Action.LEDGER_EXPORT, Programme)
def download_books(programme: Programme, book: str, format: str) -> Any:
    """What the page of that name says, as a file: .csv for other books, .xlsx for people who sum."""
    made = _journal_file if book == "journal" else _trial_balance_file
    return made(programme, f"{book}.{format}")


def _journal_file(programme: Programme, name: str) -> Response:
    from app.treasury.book_files import journal_part

    own, asked = _own(programme), books.asked_for(request.args)
    part = journal_part(programme, asked, own)
    since, until = (day(one) if one else "…" for one in (asked.since, asked.until))
    export_books(programme, name, asked.since, asked.until, len(part.rows), actor=current_user)
    return _file(programme, name, _("Journal"), f"{since} – {until}", [part])


def _trial_balance_file(programme: Programme, name: str) -> Response:
    from app.treasury.book_files import trial_balance_parts

    on, _wrong = _asked_day()
    parts = trial_balance_parts(programme, on, _own(programme))
    export_books(programme, name, None, on, sum(len(part.rows) for part in parts), actor=current_user)
    return _file(programme, name, _("Trial balance"), day(on), parts)


def _file(programme: Programme, name: str, title: str, days: str, parts: Sequence[Any]) -> Response:
    from app.treasury.book_files import book_csv, book_workbook  # whoever takes no file does not load the library

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if name.endswith(".csv"):
        return Response(book_csv(programme, parts), mimetype="text/csv", headers=headers)
    return Response(book_workbook(programme, title, days, parts), mimetype=XLSX, headers=headers)
