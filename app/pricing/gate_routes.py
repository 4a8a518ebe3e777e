"""The pages of the gates; they belong to the blueprint of the package."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.access.roles import Role
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.pricing import gate_operations
from app.pricing.attribution import baseline_of
from app.pricing.blueprint import bp
from app.pricing.budget import calendar_of, stress_of
from app.pricing.definability import definition_of
from app.pricing.gate_forms import OverrideForm
from app.pricing.gate_queries import committed_by_year, judge_gates, reader_tests_of
from app.pricing.models import Effect, EvidenceType, PriceTable
from app.pricing.power import Z_POWER, Z_TWO_SIDED, smallest_difference_bp
from app.pricing.shown import LABELS, TABLE_LABELS
from app.readers.forms import ReaderTestForm
from app.readers.models import ReaderTest
from app.readers.suggestions import suggest_files

# What one municipality paid in one year can tell of a single participant, so the public does not see it.
SEE_PAYMENTS = {Role.OFFICIAL, Role.LEAD_OFFICIAL, Role.INTERMEDIARY, Role.AUDITOR}


@bp.get("/prices/<uuid:id>/gates")
@requires(Action.TABLE_READ, PriceTable)
def gates(table: PriceTable) -> Any:
    """Every gate with its evidence and verdict; public with the table, overrides for ever."""
    programme = table.programme
    tests = reader_tests_of(table)
    found = judge_gates(table, tests)
    sees_payments = bool(programme.roles_of(current_user) & SEE_PAYMENTS)
    return page(
        "pricing/gates.html",
        table=table,
        programme=programme,
        gates=found,
        overrides=[override for gate in found for override in gate.overrides],
        tests=tests,
        labels=LABELS,
        table_labels=TABLE_LABELS,
        powers=_powers(table),
        z=(Z_TWO_SIDED, Z_POWER),
        calendar=calendar_of(table, programme.shares, committed_by_year(programme) if sees_payments else None),
        sees_payments=sees_payments,
        stress=stress_of(table, programme.shares) if programme.shares else [],
    )


def _powers(table: PriceTable) -> list[tuple[Effect, Any, int | None]]:
    """Per effect with a baseline: its rate, and the smallest difference that shows (basis points)."""
    rates = [(effect, baseline_of(effect)) for effect in table.effects]
    size = table.programme.cohort_size
    return [(effect, rate, smallest_difference_bp(size, rate)) for effect, rate in rates if rate is not None]


@bp.route("/prices/<uuid:id>/override", methods=["GET", "POST"])
@requires(Action.TABLE_OVERRIDE, PriceTable)
def override(table: PriceTable) -> Any:
    asked = {name: request.args.get(name, "") for name in ("gate", "effect_code")}
    form = OverrideForm(data=asked).offer(table, judge_gates(table))
    if form.validate_on_submit():
        with refusals_on(form):
            gate_operations.override_gate(
                table,
                form.gate.data,
                form.effect_code.data or "",
                form.reason.data,
                actor=current_user,
                once=form.once.data,
            )
            there = url_for("pricing.gates", id=table.id, _anchor=f"gate-{form.gate.data}")
            return done(there, _("The override stands under your name, for ever."))
    return page("pricing/override.html", form=form, table=table)


@bp.app_template_filter("evidence_label")
def evidence_label(evidence_type: str) -> Any:
    """The kind of evidence that a tested definition names by its code, in the language of the reader."""
    return EvidenceType(evidence_type).label


@bp.app_template_global("tested_effect")
def tested_effect(test: ReaderTest) -> Effect | None:
    """Where a two-reader test leads back to: its effect in the newest version that the reader may see."""
    found = Effect.visible_to(current_user).join(PriceTable, PriceTable.id == Effect.table_id)
    found = found.where(PriceTable.programme_id == test.programme_id, Effect.code == test.effect_code)
    return db.session.scalars(found.order_by(PriceTable.number.desc()).limit(1)).first()


@bp.route("/effects/<uuid:id>/reader-test", methods=["GET", "POST"])
@requires(Action.READER_TEST_DRAFT, Effect)
def draft_reader_test(effect: Effect) -> Any:
    """Files around the threshold, suggested from the definition, for two people to judge."""
    definition = definition_of(effect)
    suggested = suggest_files(definition, effect.evidence_type.label, effect.table.programme.jurisdiction)
    form = ReaderTestForm(data={"files": suggested})
    if form.validate_on_submit():
        with refusals_on(form):
            texts = [text or "" for text in form.files.data]
            test = gate_operations.draft_reader_test(effect, texts, actor=current_user, once=form.once.data)
            return done(url_for("readers.show", id=test.id), _("The files are ready. Ask two readers."))
    return page("pricing/draft_reader_test.html", form=form, effect=effect, table=effect.table, definition=definition)
