"""The pages on which the effects of a draft are added, changed, moved, copied and removed."""

import uuid
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import page, refusals_on
from app.extensions import db
from app.pricing import copying, lines, operations, queries
from app.pricing.blueprint import back, bp
from app.pricing.changes import stored_meanwhile
from app.pricing.effect_form import EffectForm
from app.pricing.lines_form import LinesForm
from app.pricing.meanwhile import stood_in, typed_since
from app.pricing.models import Effect, EffectKind, PriceTable
from app.pricing.plausible import expects_too_many
from app.pricing.shown import EFFECT_FIELDS, setting_of
from app.unit_costs.models import UnitCost


@bp.route("/prices/<uuid:id>/effects/add", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, PriceTable)
def add_effect(table: PriceTable) -> Any:
    """`?kind=` says how the effect is counted, which decides what the form asks."""
    form = _effect_form(table)
    if not _only_fills_in(form) and form.validate_on_submit():
        with refusals_on(form):
            effect = operations.add_effect(table, form.facts(), actor=current_user, once=form.once.data)
            return back(table, _("%(effect)s is added.", effect=effect.name))
    return page("pricing/add_effect.html", form=form, table=table, kinds=EffectKind)


@bp.route("/effects/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, Effect)
def edit_effect(effect: Effect) -> Any:
    table = effect.table
    form = _effect_form(table, effect)
    if not _only_fills_in(form) and form.validate_on_submit():
        with refusals_on(form):
            operations.edit_effect(effect, form.facts(), actor=current_user, version=form.version.data)
            return back(table, _("%(effect)s is changed.", effect=effect.name))
    meanwhile: list[tuple[Any, str]] = []
    if form.status == 409 and not form.is_over:
        form, meanwhile = _over_what_is_stored(form, effect)
    template = "pricing/edit_effect.html"
    return page(template, form=form, effect=effect, table=table, kinds=EffectKind, meanwhile=meanwhile)


def _effect_form(table: PriceTable, effect: Effect | None = None) -> EffectForm:
    form = EffectForm(obj=effect)
    asked = request.args.get("kind")
    fresh = not form.is_submitted() and not form.was_kept
    if fresh and effect is not None:
        form.stood.data = stood_in(effect)
    if fresh and asked in set(EffectKind):
        form.kind.data = EffectKind(asked)
        if form.kind.data == EffectKind.PER_PERSON and effect is not None and effect.kind != EffectKind.PER_PERSON:
            form.max_per_person.data = 1
    return _prepared(form, table, effect)


def _prepared(form: EffectForm, table: PriceTable, effect: Any) -> EffectForm:
    chosen = effect.unit_cost_id if effect else None
    form.prepare(table, db.session.scalars(queries.figures_for(table, chosen)).unique().all(), effect)
    form.other_currency, form.too_many = queries.figures_not_offered(table)
    return form


def _over_what_is_stored(late: EffectForm, effect: Effect) -> tuple[EffectForm, list[tuple[Any, str]]]:
    """The form again: what this person changed as typed, the rest as it is stored now; and what the two both changed,
    as stored. Saving again replaces that alone."""
    before, now, typed = late.stood.data or {}, stood_in(effect), lines.said_in(late.facts())
    own = {name: typed[name] for name in typed_since(before, typed)}
    merged = replace(lines.facts_of(effect), **own)
    row = SimpleNamespace(id=effect.id, **lines.said_in(merged))
    form = EffectForm(formdata=None, obj=row)
    form.once.data, form.version.data, form.stood.data = late.once.data, late.version.data, now
    form.form_errors, form.refused_with = list(late.form_errors), late.refused_with
    both = [field for field in EFFECT_FIELDS if field.name in own and before.get(field.name) != now[field.name]]
    meanwhile = stored_meanwhile(effect, merged, setting_of(effect.table), both)
    return _prepared(form, effect.table, row), meanwhile


def _only_fills_in(form: EffectForm) -> bool:
    """The button that copies a figure of the register into the form saves nothing yet.

    A figure that was chosen while nothing was typed about the saving is copied when the effect is saved, too.
    """
    if not form.is_submitted():
        return False
    asked = request.form.get("act") == "fill"
    offered = {choice.value for choice in form.unit_cost_id.choices}
    if form.unit_cost_id.data in offered - {""} and (asked or form.states_no_saving):
        form.use_figure(db.session.get_one(UnitCost, uuid.UUID(form.unit_cost_id.data)))
    return asked


@bp.route("/effects/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, Effect)
def remove_effect(effect: Effect) -> Any:
    form, table, name = ConfirmForm(), effect.table, effect.name
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_effect(effect, actor=current_user)
            return back(table, _("%(effect)s is removed.", effect=name))
    return page("pricing/remove_effect.html", form=form, effect=effect, table=table)


@bp.post("/effects/<uuid:id>/move-up")
@requires(Action.TABLE_EDIT, Effect)
def move_effect_up(effect: Effect) -> Any:
    operations.move_effect(effect, up=True, actor=current_user)
    return back(effect.table)


@bp.post("/effects/<uuid:id>/move-down")
@requires(Action.TABLE_EDIT, Effect)
def move_effect_down(effect: Effect) -> Any:
    operations.move_effect(effect, up=False, actor=current_user)
    return back(effect.table)


@bp.route("/prices/<uuid:id>/lines", methods=["GET", "POST"], endpoint="lines")
@requires(Action.TABLE_EDIT, PriceTable)
def edit_lines(table: PriceTable) -> Any:
    """All effects, a line each, one button. With JavaScript a line is saved as soon as it changes (`?line=`)."""
    form = _lines_form(table)
    saved: list[str] = []
    line = request.args.get("line", type=uuid.UUID)
    if form.is_submitted() and line is not None:
        form.only(line)
    if form.validate_on_submit():
        with refusals_on(form):
            saved = lines.edit_lines(table, form.typed(), actor=current_user)
            if line is None:
                return back(table, _("The lines are saved."))
            shown, form = form, _lines_form(table, anew=True)
            form.keep_stood(shown)
    meanwhile = _stored_lines(form) if form.status == 409 else []
    if form.is_submitted() and line is None:
        form.stand_anew(told=form.status == 409)
    return page("pricing/lines.html", form=form, table=table, saved=saved, meanwhile=meanwhile)


def _lines_form(table: PriceTable, anew: bool = False) -> LinesForm:
    form = LinesForm(formdata=None) if anew else LinesForm()
    form.lay(table.effects, table.programme.currency)
    return form


def _stored_lines(form: LinesForm) -> list[tuple[Any, str]]:
    """What somebody else saved where this person typed something else; saving again replaces it."""
    found: list[tuple[Any, str]] = []
    typed = {line.effect_id: line for line in form.typed()}
    for line, cells in form.collided():
        effect = line.effect
        line.version.data, line.version.raw_data = effect.version, None
        facts = lines.with_changes(effect, typed[effect.id])
        shown = [field for field in EFFECT_FIELDS if field.name in cells]
        stored = stored_meanwhile(effect, facts, setting_of(effect.table), shown)
        found += [(f"{effect.name}: {label}", value) for label, value in stored]
    return found


@bp.route("/prices/<uuid:id>/copy", methods=["GET", "POST"])
@requires(Action.TABLE_EDIT, PriceTable)
def copy_effects(table: PriceTable) -> Any:
    """Effects of published tables of any bond, to be copied into this draft."""
    q = request.args.get("q", "").replace("\x00", "").strip()[:100]
    found = paged(queries.published_effects(table, q), size=25, entities=True)
    form = ConfirmForm()
    chosen = request.form.getlist("effect")
    if form.validate_on_submit():
        wanted = _effects(chosen)
        with refusals_on(form):
            copied = copying.copy_effects(table, wanted, actor=current_user, once=form.once.data)
            return back(table, _said_of(copied, table))
    return page("pricing/copy_effects.html", form=form, table=table, found=found, q=q, chosen=chosen)


def _said_of(copied: copying.Copied, table: PriceTable) -> str:
    told = [_("Copied: %(number)d.", number=len(copied.added))]
    if copied.along:
        names = ", ".join(effect.name for effect in copied.along)
        told.append(_("Copied along, because another effect requires it: %(effects)s.", effects=names))
    if copied.there:
        names = ", ".join(effect.name for effect in copied.there)
        told.append(_("Already in this draft, not added again: %(effects)s.", effects=names))
    numberless = [effect.name for effect in copied.added if expects_too_many(effect, table.programme)]
    if numberless:
        words = {"effects": ", ".join(numberless)}
        told.append(_("Not taken over, for this bond has fewer people: the expected number of %(effects)s.", **words))
    return " ".join(told)


def _effects(chosen: list[str]) -> list[Effect]:
    """Those that were ticked and that this reader may see; what is no id is left out."""
    keys = []
    for typed in chosen:
        with suppress(ValueError):
            keys.append(uuid.UUID(typed))
    found = Effect.visible_to(current_user).where(Effect.id.in_(keys))
    return list(db.session.scalars(found.order_by(Effect.table_id, Effect.position)).unique())
