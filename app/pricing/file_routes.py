"""A price table as a file, its import, and following the prices of a bond."""

import json
from typing import Any

from flask import Response, abort, current_app, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import public, requires
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.pricing import following, importing
from app.pricing.blueprint import back, bp
from app.pricing.files import document, spreadsheet
from app.pricing.files.checking import Plan, check
from app.pricing.files.columns import MOST_EFFECTS
from app.pricing.files.replay import as_replay
from app.pricing.import_forms import ConfirmImportForm, ImportForm
from app.pricing.models import PriceTable
from app.pricing.shown import EFFECT_FIELDS, TABLE_FIELDS, Setting
from app.programmes.models import Programme

FIELDS = {field.name: field for field in EFFECT_FIELDS}
TABLE_FIELDS_BY_NAME = {field.name: field for field in TABLE_FIELDS}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/prices/<uuid:id>.json")
@requires(Action.TABLE_READ, PriceTable)
def show_json(table: PriceTable) -> Any:
    """The format `bewezen-prices/1`; see `files.document`."""
    began = PriceTable.visible_to(current_user).where(PriceTable.id == table.copied_from_id)
    source = db.session.scalars(began).unique().one_or_none() if table.copied_from_id else None
    return jsonify(document.as_json(table, address_of(table), address_of(source) if source else None))


@bp.get("/prices/<uuid:id>.csv")
@requires(Action.TABLE_READ, PriceTable)
def show_csv(table: PriceTable) -> Any:
    return _file(document.as_csv(table, address_of(table)), f"price-table-{table.number}.csv", "text/csv")


@bp.get("/prices/<uuid:id>.xlsx")
@requires(Action.TABLE_READ, PriceTable)
def show_xlsx(table: PriceTable) -> Any:
    return _file(spreadsheet.as_xlsx(table, address_of(table)), f"price-table-{table.number}.xlsx", XLSX)


@bp.get("/prices/<uuid:id>.replay.json")
@requires(Action.TABLE_READ, PriceTable)
def show_replay(table: PriceTable) -> Any:
    """To rehearse the table with `flask replay`, once facts are added."""
    skeleton = json.dumps(as_replay(table), ensure_ascii=False, indent=2)
    return _file(skeleton, f"price-table-{table.number}.replay.json", "application/json")


@bp.get("/prices/template.<kind>")
@public
def template(kind: str) -> Any:
    """An empty table with an example, to fill in and import."""
    if kind == "xlsx":
        return _file(spreadsheet.template_xlsx(), "price-table.xlsx", XLSX)
    if kind == "csv":
        return _file(document.template_csv(), "price-table.csv", "text/csv")
    abort(404)


def address_of(table: PriceTable) -> str:
    return current_app.config["BASE_URL"] + url_for("pricing.show", id=table.id)


def _file(content: str | bytes, name: str, kind: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.route("/prices/<uuid:id>/import", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, PriceTable)
def import_(table: PriceTable) -> Any:
    """First every fault, or all that would change; then, with the same file, the import itself."""
    if "content" in request.form:
        return _import_checked(table)
    form = ImportForm()
    if not form.validate_on_submit():
        return _import_page(table, form)
    return _checked(table, form, form.content(), form.remove_missing.data)


def _import_checked(table: PriceTable) -> Any:
    confirm, form = ConfirmImportForm(), ImportForm(formdata=None)
    content, remove_missing = confirm.held(), confirm.remove_missing.data == "yes"
    form.remove_missing.data = remove_missing
    if confirm.validate_on_submit():
        with refusals_on(form):
            seen = confirm.seen.data or ""
            plan = importing.import_effects(
                table, content, remove_missing=remove_missing, seen=seen, actor=current_user
            )
            return back(table, said_of(plan))
    return _checked(table, form, content, remove_missing)


def _checked(table: PriceTable, form: ImportForm, content: bytes, remove_missing: bool) -> Any:
    plan, confirm = check(table, content, remove_missing), None
    if not plan.faults and not plan.does_nothing:
        confirm = ConfirmImportForm(formdata=None)
        confirm.hold(content, remove_missing, plan.digest())
    status = form.status if form.errors else 422 if plan.faults else 200
    return _import_page(
        table, form, status, plan=plan, confirm=confirm, changes=_changes(table, plan) if confirm else []
    )


def _changes(table: PriceTable, plan: Plan) -> list[list[str]]:
    """Each change as people read it: code ("–" for the whole table), column, before, after."""
    bond = document.bond_of(table)
    setting = Setting(bond.currency, bond.payers, {effect.code: effect.name for effect in table.effects})
    rows = []
    for changed, _before, _after in plan.settings:
        whole = TABLE_FIELDS_BY_NAME[changed.field]
        rows.append(["–", str(whole.label), whole.of(table, setting) or "–", whole.of(plan.table, setting) or "–"])
    for change in plan.changed:
        for column, before, after in change.columns:
            field = FIELDS.get(column.field)
            if field is not None:
                before, after = field.of(change.effect, setting), field.of(change.facts, setting)
            rows.append([change.effect.code, str(column.label), before or "–", after or "–"])
    return rows


def _import_page(table: PriceTable, form: ImportForm, status: int | None = None, **found: Any) -> Any:
    return page("pricing/import.html", status=status, form=form, table=table, most=MOST_EFFECTS, **found)


def said_of(plan: Plan) -> str:
    if plan.does_nothing:
        return _("The draft already says what is in the file.")
    count = len(plan.settings)
    parts = [
        (ngettext("%(num)d setting of the table changed", "%(num)d settings of the table changed", count), count),
        (ngettext("%(num)d effect added", "%(num)d effects added", len(plan.added)), plan.added),
        (ngettext("%(num)d effect changed", "%(num)d effects changed", len(plan.changed)), plan.changed),
        (ngettext("%(num)d effect removed", "%(num)d effects removed", len(plan.removed)), plan.removed),
    ]
    return _("The file is imported: %(what)s.", what=", ".join(words for words, rows in parts if rows))


@bp.post("/programmes/<uuid:id>/prices/subscribe")
@requires(Action.TABLE_SUBSCRIBE, Programme)
def subscribe(programme: Programme) -> Any:
    following.subscribe(programme, actor=current_user)
    message = _("You are told of each new version of these prices, in your inbox and by mail.")
    return done(url_for("pricing.index", id=programme.id), message)


@bp.post("/programmes/<uuid:id>/prices/unsubscribe")
@requires(Action.TABLE_SUBSCRIBE, Programme)
def unsubscribe(programme: Programme) -> Any:
    following.unsubscribe(programme, actor=current_user)
    return done(url_for("pricing.index", id=programme.id), _("You no longer follow these prices."))
