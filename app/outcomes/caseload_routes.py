"""The caseload of a provider: who can be claimed for, clocks, and claims that are submitted together."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.access.actions import Action
from app.access.guard import requires
from app.access.roles import Role
from app.core import clock
from app.core.errors import NotNow
from app.core.format import number
from app.core.forms import choices_of
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.intake import reading
from app.intake.forms import informed_label, version_read
from app.intake.models import Participant, intake_of
from app.intake.rules import agreement_of
from app.outcomes import clocks
from app.outcomes.blueprint import bp
from app.outcomes.caseline import Line, Standing, key_of_claims, lines_of, picture_of
from app.outcomes.caseload_forms import AskedPeriod, PeriodForm, ReturnForm, StartClockForm, StopClockForm, form_of_days
from app.outcomes.caseload_queries import caseload_of, counts_of, registered_between
from app.outcomes.clock_models import clock_runs_of
from app.outcomes.clock_operations import start_clock as start
from app.outcomes.clock_operations import stop_clock as stop
from app.outcomes.correcting import correct_days as correct
from app.outcomes.correcting import return_participant as take_back
from app.outcomes.correction_models import DayCorrection, corrections_of
from app.outcomes.models import Claim, claims_of
from app.outcomes.states import COUNTING
from app.outcomes.submitting import digest_of_list
from app.outcomes.submitting import submit_period as submit_all
from app.pricing.models import PERSONAL, Effect, PriceTable
from app.programmes.models import Programme
from app.programmes.pseudonym import is_mistyped


@bp.get("/programmes/<uuid:id>/caseload")
@requires(Action.CASELOAD_READ, Programme)
def caseload(programme: Programme) -> Any:
    q, wanted = request.args.get("q", "").strip()[:60], request.args.get("show", "")
    standing = Standing(wanted) if wanted in set(Standing) else None
    counts = counts_of(programme, current_user)
    people = caseload_of(programme, current_user, standing, q, counts.get(standing, 0) if standing else 0)
    reading.note_list_reading(programme, len(people.rows), actor=current_user)
    table = _table(programme)
    shown = [(url_for("outcomes.caseload", id=programme.id), _("all"), standing is None)]
    for one in counts:
        label = _("%(label)s (%(number)s)", label=one.label, number=number(counts[one]))
        shown.append((url_for("outcomes.caseload", id=programme.id, show=one.value), label, one == standing))
    return page(
        "outcomes/caseload.html",
        programme=programme,
        people=people,
        lines=lines_of(people.rows, table),
        table=table,
        shown=shown,
        standing=standing,
        q=q,
    )


def _table(programme: Programme) -> PriceTable | None:
    agreement = agreement_of(programme)
    return agreement.table if agreement is not None else None


bp.app_template_global("is_mistyped_code")(is_mistyped)


@bp.app_template_global("case_of")
def case_of(participant: Participant) -> tuple[Line, PriceTable] | None:
    """For the page of a participant: its line and the table that it follows; None before there is an agreement."""
    table = _table(participant.programme)
    judges = Role.ASSESSOR in participant.roles_of(current_user)
    return (lines_of([participant], table, handed_in=judges)[0], table) if table is not None else None


@bp.app_template_global("corrections_of")
def corrected(participant: Participant) -> Sequence[DayCorrection]:
    return db.session.scalars(corrections_of(participant)).all()


@bp.app_template_global("runs_of")
def runs_of(claim: Claim) -> list[clocks.Run]:
    """For whoever judges a claim: when the clock ran that makes its effect; nothing where none does."""
    if not claim.effect.lasts:
        return []
    claims = claims_of(claim.participant)
    if Role.ASSESSOR in claim.roles_of(current_user):  # who reads a claim from the day on which it is handed in
        claims = [one for one in claims if one.submitted_at is not None]
    counting = [one for one in claims if one.state in COUNTING and one.id != claim.id]
    since = claim.participant.started_on
    return clocks.runs_of(clocks.chain_of(claim.effect), clock_runs_of(claim.participant), counting, since)


@bp.app_template_global("implied_start")
def implied_start(claim: Claim) -> date | None:
    """Where no clock was noted for an effect that lasts: since when at the latest it must have lasted, by its claim."""
    effect = claim.effect
    return clocks.before(claim.achieved_on, effect.lasts, effect.lasts_unit) if effect.lasts else None


bp.app_template_global("picture_of")(picture_of)

bp.app_template_global("key_of_claims")(key_of_claims)


@bp.route("/participants/<uuid:id>/clock/start", methods=["GET", "POST"])
@requires(Action.CLOCK_START, Participant)
def start_clock(participant: Participant) -> Any:
    form, chains = StartClockForm(), _chains(participant)
    form.chain.choices = choices_of((chain.id, chain.name) for chain in chains)
    if not form.is_submitted() and "chain" in request.args:
        form.chain.data = request.args["chain"]
    if form.validate_on_submit():
        chain = db.session.get_one(Effect, uuid.UUID(form.chain.data))
        with refusals_on(form):
            start(participant, chain, form.started_on.data, actor=current_user, once=form.once.data)
            return done(_person(participant), _("The clock runs."))
    return page("outcomes/start_clock.html", form=form, participant=participant, back=_person(participant))


@bp.route("/participants/<uuid:id>/clock/stop", methods=["GET", "POST"])
@requires(Action.CLOCK_STOP, Participant)
def stop_clock(participant: Participant) -> Any:
    form, chains = StopClockForm(), _chains(participant)
    form.chain.choices = choices_of((chain.id, chain.name) for chain in chains)
    if form.validate_on_submit():
        chain = db.session.get_one(Effect, uuid.UUID(form.chain.data))
        with refusals_on(form):
            stop(participant, chain, form.stopped_on.data, form.reason.data or "", actor=current_user)
            return done(_person(participant), _("The stop is noted. What lasts counts from the next start."))
    return page(
        "outcomes/stop_clock.html", form=form, participant=participant, back=_person(participant), chains=chains
    )


@bp.route("/participants/<uuid:id>/correct", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_CORRECT, Participant)
def correct_days(participant: Participant) -> Any:
    form = form_of_days(participant)
    intake = db.session.scalar(intake_of(participant.programme_id))
    if intake is not None and "informed_on" in form:
        form.informed_on.label.text = informed_label(intake.legal_basis)
    if form.validate_on_submit():
        told, left = (form[name].data if name in form else None for name in ("informed_on", "exited_on"))
        with refusals_on(form):
            correct(
                participant,
                form.started_on.data,
                left,
                form.reason.data,
                informed_on=told,
                pauses=form.pauses(),
                actor=current_user,
                version=version_read(form),
            )
            return done(_person(participant), _("The days are corrected."))
    return page("outcomes/correct_days.html", form=form, participant=participant, back=_person(participant))


@bp.route("/participants/<uuid:id>/return", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_RETURN, Participant)
def return_participant(participant: Participant) -> Any:
    form = ReturnForm(data={"version": participant.version})
    return carry_out(
        form,
        lambda: take_back(participant, form.reason.data, actor=current_user, version=version_read(form)),
        _person(participant),
        _("The exit is taken back."),
        "outcomes/return_participant.html",
        participant=participant,
        back=_person(participant),
    )


def _chains(participant: Participant) -> list[Effect]:
    table = _table(participant.programme)
    if table is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    found = clocks.chains_in(effect for effect in table.effects if effect.kind in PERSONAL)
    if not found:
        raise NotNow(_("No effect of the agreement has a clock."))
    return found


def _person(participant: Participant) -> str:
    return url_for("intake.participant", id=participant.id)


@bp.route("/programmes/<uuid:id>/claims/submit", methods=["GET", "POST"])
@requires(Action.CLAIM_SUBMIT, Programme)
def submit_period(programme: Programme) -> Any:
    """The period stands in the address, so that the list below it is what the button submits."""
    form, period = PeriodForm(), _period()
    if not period.validate():
        return page("outcomes/submit_period.html", status=422, form=form, period=period, programme=programme, claims=[])
    first, last = period.first.data, period.last.data
    if form.validate_on_submit():
        with refusals_on(form):
            count = submit_all(programme, first, last, seen=form.seen.data or "", actor=current_user)
            told = ngettext("%(num)d claim is with the assessor.", "%(num)d claims are with the assessor.", count)
            return done(url_for("outcomes.claims", id=programme.id, state="submitted"), told)
    claims = registered_between(programme, current_user, first, last)
    reading.note_list_reading(programme, len(claims), actor=current_user)
    form.seen.data, form.seen.raw_data, form.is_over = digest_of_list(claims), None, False  # the list is a fresh one
    return page("outcomes/submit_period.html", form=form, period=period, programme=programme, claims=claims)


def _period() -> AskedPeriod:
    """What the address asks for; the half-year that runs, and all before it, when it asks for none."""
    today = clock.today()
    begins = date(today.year - (today.month < 7), 7 if today.month < 7 else 1, 1)
    asked = {"first": begins.isoformat(), "last": today.isoformat()}
    return AskedPeriod(
        MultiDict(asked | {name: typed for name, typed in request.args.items() if name in asked and typed})
    )
