from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import can, requires
from app.calls import (
    asked_routes,
    criteria_routes,
    extension_routes,
    key_routes,
    opener_routes,
    operations,
    queries,
    question_routes,
    rectify_routes,
    term_routes,
)
from app.calls.blueprint import bp
from app.calls.completeness import Room, checklist
from app.calls.criteria import shown_scale
from app.calls.forms import CallForm, CancelForm, PublishForm
from app.calls.key_models import key_of
from app.calls.legal import Key, standstill_label
from app.calls.models import Call, Duty
from app.calls.opener_operations import proposed_in
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow
from app.core.format import moment
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.programmes.models import Programme
from app.programmes.states import Route

COUNTED = (Key.LAST_ANSWERS, Key.STANDSTILL)
WORDS, MOMENTS = ("title", "description", "requirements"), ("questions_until", "deadline")
DAYS = ("answers_days", "standstill_days")
__all__ = [
    "asked_routes",
    "bp",
    "criteria_routes",
    "extension_routes",
    "key_routes",
    "opener_routes",
    "question_routes",
    "rectify_routes",
    "term_routes",
]


@bp.get("/calls/")
@requires(Action.CALL_READ)
def index() -> Any:
    words, shown = request.args.get("q", "")[:200], request.args.get("state", "")
    found = paged(queries.calls_for(current_user, words, shown))
    return page(
        "calls/index.html",
        found=found,
        words=words,
        shown=shown,
        shown_state=queries.shown_state,
        closes_in=queries.closes_in,
        now=clock.now(),
    )


@bp.get("/calls/<uuid:id>")
@requires(Action.CALL_READ, Call)
def show(call: Call) -> Any:
    return page(
        "calls/show.html",
        call=call,
        standstill_label=standstill_label(call),
        closes_in=queries.closes_in(call.deadline),
        follows=current_user.is_authenticated and call.is_followed_by(current_user),
        checklist=checklist(call) if call.state == CallState.DRAFT else [],
        Duty=Duty,
        opens_with=key_of(call, current_user),
        standing_extension=call.standing_extension,
        replacements=proposed_in(call) if can(Action.OPENER_PROPOSE, call) else [],
        keys_to_make=len(call.without_key()) if can_be_opened(call) else 0,
    )


def can_be_opened(call: Call) -> bool:
    return call.state in (CallState.PUBLISHED, CallState.CLOSED) and call.plans_opened_at is None


@bp.get("/calls/<uuid:id>/plan")
@requires(Action.CALL_READ, Call)
def plan(call: Call) -> Any:
    """What a plan answers and how it is judged, as everybody may read it."""
    return page("calls/plan.html", call=call, scale=shown_scale(call.scale))


@bp.get("/programmes/<uuid:id>/calls")
@requires(Action.CALL_READ, Programme)
def of_programme(programme: Programme) -> Any:
    """The calls of one bond, and the way to the next one when there is room for it."""
    return page(
        "calls/of_programme.html",
        programme=programme,
        calls=queries.calls_of(programme, current_user),
        draft=queries.can_draft(programme, current_user),
    )


@bp.route("/programmes/<uuid:id>/calls/draft", methods=["GET", "POST"])
@requires(Action.CALL_DRAFT, Programme)
def draft(programme: Programme) -> Any:
    answer = queries.can_draft(programme, current_user)
    if not answer and (request.method != "POST" or programme.route == Route.NO_TENDER):
        raise NotNow(answer.reason)
    rules = [operations.rule_of(programme, key) for key in COUNTED]
    form = CallForm(data={"answers_days": rules[0].days, "standstill_days": rules[1].days})
    form.mind_free_days(programme.jurisdiction)
    if form.validate_on_submit():
        with refusals_on(form):
            call = operations.draft_call(programme, form.facts(), actor=current_user, once=form.once.data)
            return done(url_for("calls.show", id=call.id), _("The call is saved as a draft."))
    return page("calls/draft.html", form=form, programme=programme, rules=rules)


@bp.route("/calls/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def edit(call: Call) -> Any:
    form = CallForm(data=_typed(call))
    form.mind_free_days(call.programme.jurisdiction, questions_until=call.questions_until, deadline=call.deadline)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_call(call, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("calls.show", id=call.id), _("The draft is changed."))
    rules = [call.rule(key) for key in COUNTED]
    meanwhile = _stored(call, form) if form.refused_with == 409 else []
    return page("calls/edit.html", form=form, call=call, room=Room.EDIT, rules=rules, meanwhile=meanwhile)


def _stored(call: Call, form: CallForm) -> list[tuple[Any, str]]:
    """What somebody else saved meanwhile, where it differs from what was typed."""
    fields = [form[name] for name in (*WORDS, *MOMENTS, *DAYS)]
    pairs = [(field, getattr(call, field.name)) for field in fields]
    return [
        (field.label.text, moment(stored) if field.name in MOMENTS else str(stored) or _("(empty)"))
        for field, stored in pairs
        if _plain(field.data) != _plain(stored)
    ]


def _plain(value: Any) -> Any:
    """The same text has the same lines, whichever way a browser ends them."""
    return "\n".join(value.splitlines()).strip() if isinstance(value, str) else value


def _typed(call: Call) -> dict[str, Any]:
    """The call as its form holds it."""
    names = ("version", *WORDS, *MOMENTS, *DAYS)
    return {name: getattr(call, name) for name in names}


@bp.route("/calls/<uuid:id>/publish", methods=["GET", "POST"])
@requires(Action.CALL_PUBLISH, Call)
def publish(call: Call) -> Any:
    form = PublishForm()
    free = form.mind(call)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.publish_call(call, actor=current_user, on_working_days=form.moves)
            return done(url_for("calls.show", id=call.id), _("The call is published, and every provider is told."))
    lacking = [line for line in checklist(call) if line[2]]
    return page("calls/publish.html", form=form, call=call, checklist=lacking, free_days=free)


@bp.route("/calls/<uuid:id>/cancel", methods=["GET", "POST"])
@requires(Action.CALL_CANCEL, Call)
def cancel(call: Call) -> Any:
    form = CancelForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.cancel_call(call, form.reason.data, actor=current_user)
            return done(url_for("calls.show", id=call.id), _("The call is cancelled, and everybody is told why."))
    return page("calls/cancel.html", form=form, call=call)


@bp.post("/calls/<uuid:id>/follow")
@requires(Action.CALL_FOLLOW, Call)
def follow(call: Call) -> Any:
    operations.follow_call(call, actor=current_user)
    return done(url_for("calls.show", id=call.id), _("You are told of everything that all tenderers are told."))


@bp.post("/calls/<uuid:id>/unfollow")
@requires(Action.CALL_FOLLOW, Call)
def unfollow(call: Call) -> Any:
    operations.unfollow_call(call, actor=current_user)
    return done(url_for("calls.show", id=call.id), _("You no longer follow this call."))
