from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.guard import may, requires
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.pricing import files, operations
from app.pricing.changes import changes_since
from app.pricing.forms import EffectForm, ReturnForm, TableForm
from app.pricing.gate_queries import judge_gates, overrides_of
from app.pricing.models import Effect, PriceTable, table_before, table_in_force
from app.pricing.states import PUBLIC, TableState
from app.programmes.models import LifeDomain, Programme

bp = Blueprint("pricing", __name__)


@bp.get("/programmes/<uuid:id>/prices")
@requires(Action.TABLE_READ, Programme)
def index(programme: Programme) -> Any:
    """All versions of a bond's table, the newest first."""
    effects = select(func.count(Effect.id)).where(Effect.table_id == PriceTable.id).scalar_subquery()
    found = PriceTable.visible_to(current_user).add_columns(effects).where(PriceTable.programme_id == programme.id)
    tables = paged(found.order_by(PriceTable.number.desc()), size=20)
    return page("pricing/index.html", programme=programme, tables=tables)


@bp.get("/prices/<uuid:id>")
@requires(Action.TABLE_READ, PriceTable)
def show(table: PriceTable) -> Any:
    """The permanent address of one version; a draft shows which gates are still shut."""
    earlier = db.session.scalars(table_before(table)).unique().one_or_none()
    in_force = None
    if table.state == TableState.SUPERSEDED:
        in_force = db.session.scalars(table_in_force(table.programme_id)).unique().one_or_none()
    prepared = table.state not in PUBLIC
    return page(
        "pricing/show.html",
        table=table,
        programme=table.programme,
        by_domain=sorted(table.effects, key=lambda effect: list(LifeDomain).index(effect.life_domain)),
        changes=changes_since(earlier, table) if earlier else None,
        in_force=in_force,
        gates=judge_gates(table) if prepared else None,
        overrides=overrides_of(table),
        form=ConfirmForm() if may(Action.TABLE_EDIT, table, current_user) else None,
        address=_address(table),
    )


@bp.get("/prices/<uuid:id>.json")
@requires(Action.TABLE_READ, PriceTable)
def show_json(table: PriceTable) -> Any:
    _expect_published(table)
    return jsonify(files.as_json(table, _address(table)))


@bp.get("/prices/<uuid:id>.csv")
@requires(Action.TABLE_READ, PriceTable)
def show_csv(table: PriceTable) -> Any:
    _expect_published(table)
    name = f"price-table-{table.number}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(files.as_csv(table), mimetype="text/csv", headers=headers)


def _address(table: PriceTable) -> str:
    return current_app.config["BASE_URL"] + url_for("pricing.show", id=table.id)


def _expect_published(table: PriceTable) -> None:
    if table.state not in PUBLIC:
        raise NotNow(_("A price table can be downloaded once it is published."))


@bp.route("/programmes/<uuid:id>/prices/draft", methods=["GET", "POST"])
@requires(Action.TABLE_DRAFT, Programme)
def draft(programme: Programme) -> Any:
    form = TableForm(data={"illustrative": programme.illustrative})
    in_force = db.session.scalars(table_in_force(programme.id)).unique().one_or_none()
    if form.validate_on_submit():
        with refusals_on(form):
            table = operations.draft_table(programme, form.facts(), actor=current_user, once=form.once.data)
            return done(url_for("pricing.show", id=table.id), _("The price table is saved as a draft."))
    return page("pricing/draft.html", form=form, programme=programme, in_force=in_force)


@bp.route("/prices/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, PriceTable)
def edit(table: PriceTable) -> Any:
    form = TableForm(obj=table)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_table(table, form.facts(), actor=current_user, version=form.version.data)
            return _back(table, _("The price table is changed."))
    return page("pricing/edit.html", form=form, table=table)


@bp.route("/prices/<uuid:id>/effects/add", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, PriceTable)
def add_effect(table: PriceTable) -> Any:
    form = EffectForm()
    form.offer(table.effects)
    if form.validate_on_submit():
        with refusals_on(form):
            effect = operations.add_effect(table, form.facts(), actor=current_user, once=form.once.data)
            return _back(table, _("%(effect)s is added.", effect=effect.name))
    return page("pricing/add_effect.html", form=form, table=table)


@bp.route("/effects/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, Effect)
def edit_effect(effect: Effect) -> Any:
    form = EffectForm(obj=effect)
    form.offer(other for other in effect.table.effects if other is not effect)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_effect(effect, form.facts(), actor=current_user, version=form.version.data)
            return _back(effect.table, _("%(effect)s is changed.", effect=effect.name))
    return page("pricing/edit_effect.html", form=form, effect=effect, table=effect.table)


@bp.route("/effects/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, Effect)
def remove_effect(effect: Effect) -> Any:
    form, table, name = ConfirmForm(), effect.table, effect.name
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_effect(effect, actor=current_user)
            return _back(table, _("%(effect)s is removed.", effect=name))
    return page("pricing/remove_effect.html", form=form, effect=effect, table=table)


@bp.post("/effects/<uuid:id>/move-up")
@requires(Action.TABLE_EDIT, Effect)
def move_effect_up(effect: Effect) -> Any:
    operations.move_effect(effect, up=True, actor=current_user)
    return _back(effect.table)


@bp.post("/effects/<uuid:id>/move-down")
@requires(Action.TABLE_EDIT, Effect)
def move_effect_down(effect: Effect) -> Any:
    operations.move_effect(effect, up=False, actor=current_user)
    return _back(effect.table)


@bp.route("/prices/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.TABLE_SUBMIT, PriceTable)
def submit(table: PriceTable) -> Any:
    gates = judge_gates(table)
    return _confirm("submit", table, operations.submit_table, _("A second official is asked to approve."), gates=gates)


@bp.route("/prices/<uuid:id>/return", methods=["GET", "POST"], endpoint="return")
@requires(Action.TABLE_RETURN, PriceTable)
def return_(table: PriceTable) -> Any:
    form = ReturnForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.return_table(table, form.reason.data, actor=current_user)
            return _back(table, _("The price table is a draft again."))
    return page("pricing/return.html", form=form, table=table)


@bp.route("/prices/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.TABLE_APPROVE, PriceTable)
def approve(table: PriceTable) -> Any:
    form = ConfirmForm(obj=table)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.approve_table(table, actor=current_user, version=form.version.data)
            return _back(table, _("The price table is approved and can be published."))
    return page("pricing/approve.html", form=form, table=table)


@bp.route("/prices/<uuid:id>/publish", methods=["GET", "POST"])
@requires(Action.TABLE_PUBLISH, PriceTable)
def publish(table: PriceTable) -> Any:
    in_force = db.session.scalars(table_in_force(table.programme_id)).unique().one_or_none()
    message = _("The price table is published. It never changes again.")
    return _confirm("publish", table, operations.publish_table, message, in_force=in_force)


def _confirm(verb: str, table: PriceTable, act: Callable[..., Any], message: str, **context: Any) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            act(table, actor=current_user)
            return _back(table, message)
    return page(f"pricing/{verb}.html", form=form, table=table, **context)


def _back(table: PriceTable, message: str | None = None) -> Any:
    return done(url_for("pricing.show", id=table.id), message)


from app.pricing import gate_routes  # noqa: E402, F401  the gates' pages join this blueprint
