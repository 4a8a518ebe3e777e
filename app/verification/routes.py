"""Pages of dockets; those of one claim are in `judge_routes`, those of the signature in `sign_routes`."""

from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.access.roles import Role
from app.agreements.verification_models import agreed_rules
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.web import carry_out, expect_now, page
from app.intake import reading
from app.programmes.models import Programme, roles_in
from app.verification import appeal_routes as appeal_routes  # their pages hang on the same blueprint
from app.verification import counter_routes as counter_routes
from app.verification import doubt_routes as doubt_routes
from app.verification import judge_routes as judge_routes
from app.verification import operations, queries, repeating
from app.verification import reopening_routes as reopening_routes
from app.verification import sign_routes as sign_routes
from app.verification import statement_routes as statement_routes
from app.verification.appeal_reminding import late_appeals
from app.verification.blueprint import bp
from app.verification.doubting import waiting_doubts
from app.verification.forms import DeclareForm
from app.verification.models import Docket
from app.verification.setting_aside import told_set_aside
from app.verification.standing import has_declared
from app.verification.states import DocketState
from app.verification.words import RISKS, said_by_rule, said_concluded, said_every_claim, said_every_one, said_rule

bp.app_template_global("every_claim_words")(said_every_claim)
bp.app_template_global("said_every_one")(said_every_one)
bp.app_template_global("rule_words")(said_rule)
bp.app_template_global("by_rule_words")(said_by_rule)


@bp.get("/programmes/<uuid:id>/verification")
@requires(Action.DOCKET_LIST, Programme)
def index(programme: Programme) -> Any:
    works = may(Action.DOCKET_WORK, programme, current_user)
    following = queries.next_batch(programme) if works else None
    return page(
        "verification/index.html",
        programme=programme,
        rules=agreed_rules(programme.id),
        dockets=queries.dockets(programme),
        works=works,
        late=_late(programme),
        waiting=queries.waiting_outside(programme) if works and following is None else 0,
        next_batch=following,
    )


def _late(programme: Programme) -> list[date]:
    """The days by which undecided appeals should have been decided: for who decides, and for the intermediary."""
    reads = roles_in(programme.id, current_user) & {Role.ASSESSOR, Role.INTERMEDIARY}
    return [until for _appeal, until in late_appeals(programme)] if reads else []


@bp.get("/programmes/<uuid:id>/work-list")
@requires(Action.DOCKET_WORK, Programme)
def work(programme: Programme) -> Any:
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isdecimal() and len(typed) < 7 else 1

    def url(number: int) -> str:
        return url_for("verification.work", id=programme.id, page=number)

    listed = queries.work(programme, current_user, number, url)
    reading.note_list_reading(programme, len(listed.rows), actor=current_user)
    current = queries.open_docket(programme)
    return page(
        "verification/work.html",
        programme=programme,
        listed=listed,
        level_of=queries.level_of,
        risks=RISKS,
        asked=queries.asked(programme),
        doubts=waiting_doubts(programme.id, current_user),
        rules=agreed_rules(programme.id),
        docket=current,
        declared=current is None or has_declared(current, current_user),
        next_batch=queries.next_batch(programme),
    )


@bp.route("/programmes/<uuid:id>/verification/lock", methods=["GET", "POST"])
@requires(Action.DOCKET_LOCK, Programme)
def lock(programme: Programme) -> Any:
    if agreed_rules(programme.id) is None:
        raise NotNow(_("The agreement says nothing about batches: claims are judged as they come."))
    form = ConfirmForm()
    if queries.open_docket(programme) is not None:
        expect_now(form, _("A batch is being verified: sign it off before you lock the next."))
    return carry_out(
        form,
        lambda: operations.lock_docket(programme, actor=current_user, once=form.once.data),
        lambda made: url_for("verification.docket", id=made.id),
        _("The list is locked and its fingerprint told."),
        "verification/lock.html",
        programme=programme,
        waiting=queries.waiting_outside(programme),
    )


@bp.get("/dockets/<uuid:id>")
@requires(Action.DOCKET_READ, Docket)
def docket(docket: Docket) -> Any:
    found = queries.concluded_of(docket, current_user)
    return page(
        "verification/docket.html",
        docket=docket,
        programme=docket.programme,
        strata=queries.strata_of(docket, current_user),
        declarations=queries.declared(docket) if docket.roles_of(current_user) else None,
        set_aside=told_set_aside(docket) if may(Action.DOCKET_WORK, docket, current_user) else [],
        asked=queries.asked_in(docket) if may(Action.DOCKET_WORK, docket, current_user) else None,
        concluded=said_concluded(*found) if found is not None else "",
        declared=has_declared(docket, current_user) if current_user.is_authenticated else False,
    )


@bp.route("/dockets/<uuid:id>/draw", methods=["GET", "POST"])
@requires(Action.DOCKET_DRAW, Docket)
def draw(docket: Docket) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: operations.draw_sample(docket, actor=current_user),
        url_for("verification.docket", id=docket.id),
        _("The sample is drawn and its seed published.")
        if docket.draws_some
        else _("The seed is published. Every claim is judged."),
        "verification/draw.html",
        docket=docket,
    )


@bp.route("/dockets/<uuid:id>/declare", methods=["GET", "POST"])
@requires(Action.DOCKET_DECLARE, Docket)
def declare(docket: Docket) -> Any:
    form = DeclareForm()
    return carry_out(
        form,
        lambda: operations.declare_independence(docket, form.typed_codes(), actor=current_user),
        _after_declaring(docket),
        _("You declared your independence."),
        "verification/declare.html",
        docket=docket,
    )


def _after_declaring(docket: Docket) -> str:
    """What the declaration was asked for: to judge, or to sign."""
    endpoint = "verification.sign_off" if docket.state == DocketState.READY else "verification.work"
    return url_for(endpoint, id=docket.programme_id)


@bp.route("/dockets/<uuid:id>/conclude", methods=["GET", "POST"])
@requires(Action.DOCKET_CONCLUDE, Docket)
def conclude(docket: Docket) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: operations.conclude_docket(docket, actor=current_user),
        url_for("verification.docket", id=docket.id),
        lambda _made: _concluded(docket),
        "verification/conclude.html",
        docket=docket,
        strata=queries.strata_of(docket, current_user),
        asked=queries.asked_in(docket),
    )


def _concluded(docket: Docket) -> str:
    found = queries.concluded_of(docket, current_user)
    return said_concluded(*found) if found is not None else _("What the claims show is concluded.")


@bp.get("/dockets/<uuid:id>/repeat")
@requires(Action.DOCKET_ENTRIES, Docket)
def repeat(docket: Docket) -> Any:
    """The draw made again from the list as it stands, before the eyes of who reads it."""
    return page(
        "verification/repeat.html",
        docket=docket,
        programme=docket.programme,
        made=repeating.made_again(docket),
        same_list=repeating.is_same_list(docket),
    )


@bp.get("/dockets/<uuid:id>/list.json")
@requires(Action.DOCKET_ENTRIES, Docket)
def entries(docket: Docket) -> Any:
    """Everything that `flask repeat-draw` needs."""
    return repeating.as_file(docket), {"Content-Disposition": f'attachment; filename="batch-{docket.number}.json"'}
