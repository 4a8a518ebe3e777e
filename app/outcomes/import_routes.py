"""Import participants or claims from a file: first a dry run, then, with the same file, the import itself."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.web import done, page
from app.intake import reading
from app.intake.rules import check_gates
from app.outcomes import importing, measurement_import
from app.outcomes.blueprint import bp
from app.outcomes.caseload_forms import ImportAgainForm, ImportForm
from app.outcomes.imported import rows_of_import
from app.outcomes.importing import Outcome
from app.outcomes.measurement_import import MEASUREMENTS
from app.outcomes.sheets import CLAIMS, MOST_ROWS, Columns, empty_csv, empty_xlsx, participants_of
from app.pricing.import_forms import ConfirmImportForm
from app.programmes.models import Programme

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: dict[str, Callable[[Programme], Columns]] = {
    "participants": participants_of,
    "claims": lambda _programme: CLAIMS,
    "measurements": lambda _programme: MEASUREMENTS,
}


@bp.route("/programmes/<uuid:id>/participants/import", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_REGISTER, Programme)
def import_participants(programme: Programme) -> Any:
    check_gates(programme)
    return _import(programme, "participants", importing.import_participants)


@bp.route("/programmes/<uuid:id>/claims/import", methods=["GET", "POST"])
@requires(Action.CLAIM_REGISTER, Programme)
def import_claims(programme: Programme) -> Any:
    return _import(programme, "claims", importing.import_claims)


@bp.route("/programmes/<uuid:id>/measurements/upload", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_REGISTER, Programme)
def import_measurements(programme: Programme) -> Any:
    return _import(programme, "measurements", measurement_import.import_measurements)


def _import(programme: Programme, kind: str, run: Callable[..., Outcome]) -> Any:
    if "content" in request.form:
        return _import_checked(programme, kind, run)
    form = ImportForm()
    if not form.validate_on_submit():
        return _page(programme, kind, form)
    return _checked(programme, kind, form, form.content(), run)


def _checked(
    programme: Programme, kind: str, form: Any, content: bytes, run: Callable[..., Outcome], told: str = ""
) -> Any:
    outcome = run(programme, content, dry=True, actor=current_user, once=form.once.data)
    confirm = None
    if not outcome.faults:
        confirm = (ImportAgainForm if outcome.asks else ConfirmImportForm)(formdata=None)
        confirm.hold(content, False, outcome.sha256)
        if told:
            confirm.is_new.errors = [told]
    status = 422 if outcome.faults or told else 200
    return _page(programme, kind, form, status, outcome=outcome, confirm=confirm)


def _import_checked(programme: Programme, kind: str, run: Callable[..., Outcome]) -> Any:
    """What was checked is checked anew: with a fault that came meanwhile, nothing of the file is imported."""
    confirm, form = ImportAgainForm(), ImportForm(formdata=None)
    content = confirm.held()
    if not confirm.validate_on_submit():
        return _checked(programme, kind, form, content, run)
    said = {"is_new": True} if confirm.is_new.data else {}
    outcome = run(programme, content, dry=False, actor=current_user, once=confirm.once.data, **said)
    if outcome.asks and not said and not outcome.faults:
        return _checked(programme, kind, form, content, run, _("Nothing is imported yet: say that these are others."))
    if outcome.faults:
        return _page(programme, kind, form, 422, outcome=outcome, confirm=None)
    count = len(outcome.made)
    if kind == "claims":
        told = ngettext("%(num)d claim is registered.", "%(num)d claims are registered.", count)
        return done(url_for("outcomes.claims", id=programme.id, state="registered"), told)
    if kind == "measurements":
        told = ngettext("%(num)d measurement is registered.", "%(num)d measurements are registered.", count)
        return done(url_for("outcomes.measurements", id=programme.id, state="all"), told)
    told = ngettext("%(num)d participant is registered.", "%(num)d participants are registered.", count)
    return done(url_for("outcomes.imported_participants", id=programme.id, once=confirm.once.data), told)


@bp.get("/programmes/<uuid:id>/participants/imports/<uuid:once>")
@requires(Action.CASELOAD_READ, Programme)
def imported_participants(programme: Programme, once: uuid.UUID) -> Any:
    """Which row got which code, for the key."""
    rows = rows_of_import(programme, once, current_user)
    if not rows:
        abort(404)
    reading.note_list_reading(programme, len(rows), actor=current_user)
    return page("outcomes/imported_participants.html", programme=programme, rows=rows)


def _page(programme: Programme, kind: str, form: Any, status: int | None = None, **found: Any) -> Any:
    return page(
        f"outcomes/import_{kind}.html",
        status=status,
        form=form,
        programme=programme,
        kind=kind,
        columns=KINDS[kind](programme),
        most=MOST_ROWS,
        **found,
    )


@bp.get("/programmes/<uuid:id>/import/<kind>.<ending>")
@requires(Action.CASELOAD_READ, Programme)
def import_template(programme: Programme, kind: str, ending: str) -> Any:
    """An empty file with an example, to fill in and import."""
    return _template(programme, kind, ending)


@bp.get("/programmes/<uuid:id>/measurements/empty.<ending>")
@requires(Action.MEASUREMENT_REGISTER, Programme)
def measurement_template(programme: Programme, ending: str) -> Any:
    """The same for measurements, also for the assessor, who has no caseload."""
    return _template(programme, "measurements", ending)


def _template(programme: Programme, kind: str, ending: str) -> Any:
    if kind not in KINDS or ending not in ("csv", "xlsx"):
        abort(404)
    columns = KINDS[kind](programme)
    content: Any = empty_csv(columns) if ending == "csv" else empty_xlsx(columns)
    headers = {"Content-Disposition": f'attachment; filename="{kind}.{ending}"'}
    return Response(content, mimetype="text/csv" if ending == "csv" else XLSX, headers=headers)
