import uuid
from collections.abc import Callable
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.guard import may, reader, requires
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.pricing import effect_routes, file_routes, gate_routes, mail_following_routes, operations, queries
from app.pricing.blueprint import back, bp
from app.pricing.changes import changes_since, compared, lost_since, stored_meanwhile
from app.pricing.forms import IN_FORCE, NOTHING, DraftForm, EditTableForm, ReturnForm, kept_from
from app.pricing.gate_queries import judge_gates, overrides_of
from app.pricing.meanwhile import stood, typed_since
from app.pricing.models import Effect, PriceTable, table_before, table_in_force
from app.pricing.periods import left_open
from app.pricing.sentence import sentence_of
from app.pricing.shown import SECTIONS, TABLE_FIELDS, lines_of, setting_of
from app.pricing.states import PUBLIC, TableState
from app.programmes.models import LifeDomain, Programme

__all__ = ["bp", "effect_routes", "file_routes", "gate_routes", "mail_following_routes"]


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
    started_from = _seen(table.copied_from_id)
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
        address=file_routes.address_of(table),
        setting=setting_of(table),
        terms=_terms(table),
        left_open=left_open(table, table.programme),
        sections=SECTIONS,
        sentence_of=sentence_of,
        lines_of=lines_of,
        started_from=started_from,
        lost=lost_since(started_from, table) if started_from and prepared else [],
        earlier=earlier,
    )


def _terms(table: PriceTable) -> list[tuple[Any, str]]:
    """The caps and what happens when they bind, without what stands elsewhere on the page."""
    setting = setting_of(table)
    shown = [field for field in TABLE_FIELDS if field.name not in ("note", "illustrative")]
    if not table.period_caps:
        shown = [field for field in shown if field.name != "overshoot"]
    return [(field.label, value) for field in shown if (value := field.of(table, setting))]


@bp.get("/prices/<uuid:id>/compare/<uuid:other>")
@requires(Action.TABLE_READ, PriceTable)
def compare(table: PriceTable, other: uuid.UUID) -> Any:
    """Two tables side by side, field by field: `other` on the left, this one on the right."""
    before = _seen(other) or abort(404)
    fields, pairs = compared(before, table)
    return page("pricing/compare.html", table=table, other=before, fields=fields, pairs=pairs)


def _seen(id: uuid.UUID | None) -> PriceTable | None:
    """A table by its id, when there is one that this reader may see."""
    visible = PriceTable.visible_to(current_user).where(PriceTable.id == id)
    return db.session.scalars(visible).unique().one_or_none() if id else None


@bp.route("/programmes/<uuid:id>/prices/draft", methods=["GET", "POST"])
@requires(Action.TABLE_DRAFT, Programme)
def draft(programme: Programme) -> Any:
    """A new version; the tables to start from are found by `find`, without losing what was typed."""
    in_force = db.session.scalars(table_in_force(programme.id)).unique().one_or_none()
    form = DraftForm(data={"illustrative": programme.illustrative} | (kept_from(in_force) if in_force else {}))
    form.prepare(programme.currency, in_force)
    q = (form.find.data or "").replace("\x00", "").strip()[:100]
    form.find.data = q
    found = db.session.scalars(queries.published_tables(programme, q).limit(queries.MOST_FOUND)).unique().all()
    form.offer(in_force, [table for table in found if table is not in_force])
    searches = request.form.get("act") == "find"
    if not searches and form.validate_on_submit():
        with refusals_on(form):
            table = _drafted(programme, form)
            return done(url_for("pricing.show", id=table.id), _("The price table is saved as a draft."))
    return page("pricing/draft.html", form=form, programme=programme, in_force=in_force, searches=searches)


def _drafted(programme: Programme, form: DraftForm) -> PriceTable:
    start = None
    if form.start.data not in (NOTHING, IN_FORCE):
        start = db.session.get(PriceTable, uuid.UUID(form.start.data))
    empty = form.start.data == NOTHING
    once = form.once.data
    return operations.draft_table(programme, form.facts(), actor=current_user, once=once, start=start, empty=empty)


@bp.route("/prices/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, PriceTable)
def edit(table: PriceTable) -> Any:
    form = EditTableForm(obj=table)
    if not form.is_submitted() and not form.was_kept:
        form.stood.data = stood(asdict(operations.table_facts_of(table)))
    form.prepare(table.programme.currency, table)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_table(table, form.facts(), actor=current_user, version=form.version.data)
            return back(table, " ".join([_("The price table is changed."), *left_open(table, table.programme)]))
    meanwhile: list[tuple[Any, str]] = []
    taken_over = form.status == 409 and not form.is_over
    if taken_over:
        form, meanwhile = _over_what_is_stored(form, table)
    return page("pricing/edit.html", form=form, table=table, meanwhile=meanwhile, taken_over=taken_over)


def _over_what_is_stored(late: EditTableForm, table: PriceTable) -> tuple[EditTableForm, list[tuple[Any, str]]]:
    """The form again: what this person changed as typed, the rest as it is stored now; and what the two both changed,
    as stored. Saving again replaces that alone."""
    before, stored, typed = late.stood.data or {}, asdict(operations.table_facts_of(table)), asdict(late.facts())
    now = stood(stored)
    own = {name: typed[name] for name in typed_since(before, typed)}
    merged = SimpleNamespace(**stored | own)
    form = EditTableForm(formdata=None, obj=merged)
    form.once.data, form.version.data, form.stood.data = late.once.data, late.version.data, now
    form.form_errors, form.refused_with = list(late.form_errors), late.refused_with
    form.prepare(table.programme.currency, merged)
    both = [field for field in TABLE_FIELDS if field.name in own and before.get(field.name) != now[field.name]]
    return form, stored_meanwhile(table, merged, setting_of(table), both)


@bp.route("/prices/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.TABLE_SUBMIT, PriceTable)
def submit(table: PriceTable) -> Any:
    gates = judge_gates(table)
    found = {"gates": gates, "approvers": queries.approvers_of(table, reader())}
    return _confirm("submit", table, operations.submit_table, _("A second official is asked to approve."), **found)


@bp.route("/prices/<uuid:id>/return", methods=["GET", "POST"], endpoint="return")
@requires(Action.TABLE_RETURN, PriceTable)
def return_(table: PriceTable) -> Any:
    form = ReturnForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.return_table(table, form.reason.data, actor=current_user)
            return back(table, _("The price table is a draft again."))
    return page("pricing/return.html", form=form, table=table)


@bp.route("/prices/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.TABLE_APPROVE, PriceTable)
def approve(table: PriceTable) -> Any:
    form = ConfirmForm(obj=table)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.approve_table(table, actor=current_user, version=form.version.data)
            return back(table, _("The price table is approved and can be published."))
    return page("pricing/approve.html", form=form, table=table, overrides=overrides_of(table))


@bp.route("/prices/<uuid:id>/publish", methods=["GET", "POST"])
@requires(Action.TABLE_PUBLISH, PriceTable)
def publish(table: PriceTable) -> Any:
    in_force = db.session.scalars(table_in_force(table.programme_id)).unique().one_or_none()
    message = _("The price table is published. It never changes again.")
    weigh = [finding.caution for gate in judge_gates(table) for finding in gate.to_weigh]
    return _confirm("publish", table, operations.publish_table, message, in_force=in_force, weigh=weigh)


def _confirm(verb: str, table: PriceTable, act: Callable[..., Any], message: str, **context: Any) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            act(table, actor=current_user)
            return back(table, message)
    return page(f"pricing/{verb}.html", form=form, table=table, **context)
