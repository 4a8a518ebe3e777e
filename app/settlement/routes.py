import uuid
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from flask import redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock, progress
from app.core.format import money
from app.core.forms import ConfirmForm, PasswordForm
from app.core.paging import page_number
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import User
from app.people.password import expect_password
from app.pricing.models import Overshoot
from app.programmes.acts import acts_on
from app.programmes.models import Programme
from app.settlement import claw_back_queries, closing_operations, operations, queries
from app.settlement import dispute_routes as dispute_routes
from app.settlement import invoice_routes as invoice_routes
from app.settlement.appealable import told_of_appeals
from app.settlement.blueprint import bp
from app.settlement.dispute_models import Dispute
from app.settlement.dispute_routes import lines_to_name
from app.settlement.disputed import disputed_minor
from app.settlement.explaining import in_words
from app.settlement.filled_since import told_of_filled
from app.settlement.forms import DiscardForm, PrepareForm, RefuseForm
from app.settlement.groups import groups_named
from app.settlement.late import told_of_late
from app.settlement.models import Settlement, Statement
from app.settlement.reference import grouped
from app.settlement.states import OWED, STANDING, WITH_PARTIES, StatementState
from app.settlement.sums import line_count
from app.settlement.to_settle import count_to_settle

STEPS = (
    Action.SETTLEMENT_PREPARE,
    Action.SETTLEMENT_CHECK,
    Action.SETTLEMENT_DISCARD,
    Action.STATEMENT_APPROVE,
    Action.STATEMENT_REFUSE,
)
STEPS_AFTER = (  # of one statement: its payment, and what was said of it
    Action.PAYMENT_RECEIVE,
    Action.STATEMENT_DISPUTE,
    Action.DISPUTE_ANSWER,
    Action.DISPUTE_CONFIRM,
    Action.DISPUTE_RETURN,
)


@bp.get("/programmes/<uuid:id>/settlements")
@requires(Action.SETTLEMENT_READ, Programme)
def index(programme: Programme) -> Any:
    found = queries.settlements(programme, current_user)
    standing = [one.row for one in found if one.row.state in STANDING]
    waits = any(row.state in WITH_PARTIES or row.is_final or row.is_closing for row in standing)
    closes = bool(standing) and closing_operations.is_closing_turn(programme)
    return page("settlement/index.html", programme=programme, settlements=found, waits=waits, closes=closes)


@bp.route("/programmes/<uuid:id>/settlements/prepare", methods=["GET", "POST"])
@requires(Action.SETTLEMENT_PREPARE, Programme)
def prepare(programme: Programme) -> Any:
    form = PrepareForm()
    if form.validate_on_submit():
        with refusals_on(form):
            return _prepare(programme, form.period_to.data, form.is_final.data, form.once.data)
    appeals = told_of_appeals(programme, current_user)
    return page("settlement/prepare.html", form=form, programme=programme, appeals=appeals)


def _prepare(programme: Programme, period_to: date, is_final: bool, once: uuid.UUID) -> Any:
    """Of many effects beside this request, of few in it."""
    total = count_to_settle(programme, period_to)
    if total < progress.LARGE:
        words: Any = {"is_final": is_final, "actor": current_user, "once": once}
        return _prepared(operations.prepare_settlement(programme, period_to, **words))
    operations.check_turn(programme, period_to)
    bond, person = programme.id, current_user.id
    progress.start(
        once,
        operations.PASSES * total,
        lambda tell: operations.prepare_settlement(
            db.session.get_one(Programme, bond),
            period_to,
            is_final=is_final,
            actor=db.session.get_one(User, person),
            once=once,
            tell=tell,
        ),
    )
    return redirect(url_for("settlement.follow_preparing", id=bond, other=once), 303)


def _prepared(made: Settlement) -> Any:
    told = _("The settlement is prepared. A second person must check it.")
    return done(url_for("settlement.show", id=made.id), told)


@bp.route("/programmes/<uuid:id>/settlements/prepare-closing", methods=["GET", "POST"])
@requires(Action.SETTLEMENT_PREPARE, Programme)
def prepare_closing(programme: Programme) -> Any:
    """Put right what was settled, after the last settlement."""
    form = ConfirmForm()
    _agreement, last = closing_operations.check_closing_turn(programme)
    if form.validate_on_submit():
        with refusals_on(form):
            return _prepare_closing(programme, last, form.once.data or uuid.uuid4())
    return page(
        "settlement/prepare_closing.html",
        form=form,
        programme=programme,
        last=last,
        late=told_of_late(programme),
        appeals=told_of_appeals(programme, current_user),
    )


def _prepare_closing(programme: Programme, last: Settlement, once: uuid.UUID) -> Any:
    """Of a long history beside this request, of a short one in it."""
    total = closing_operations.count_to_put_right(programme, last)
    act = closing_operations.prepare_closing_settlement
    if total < progress.LARGE:
        return _prepared(act(programme, actor=current_user, once=once))
    bond, person = programme.id, current_user.id
    progress.start(
        once,
        closing_operations.PASSES * total,
        lambda tell: act(
            db.session.get_one(Programme, bond), actor=db.session.get_one(User, person), once=once, tell=tell
        ),
    )
    return redirect(url_for("settlement.follow_preparing", id=bond, other=once), 303)


@bp.get("/programmes/<uuid:id>/settlements/<uuid:other>/progress")
@requires(Action.SETTLEMENT_PREPARE, Programme)
def follow_preparing(programme: Programme, other: uuid.UUID) -> Any:
    """How far a large settlement is."""
    found = progress.how_far(other)  # before the look for what it ends with, which may be there a moment later
    made = db.session.get(Settlement, other)
    if made is not None and made.programme_id == programme.id:
        return _prepared(made)
    return progress.follow("settlement/follow_preparing.html", found, programme=programme, key=other)


@bp.get("/settlements/<uuid:id>")
@requires(Action.SETTLEMENT_READ, Settlement)
def show(settlement: Settlement) -> Any:
    def url(number: int) -> str:
        return url_for("settlement.show", id=settlement.id, page=number)

    listed = queries.lines(settlement, current_user, page_number(), url)
    desk = may(Action.SETTLEMENT_CHECK, settlement, current_user)
    return page(
        "settlement/show.html",
        settlement=settlement,
        programme=settlement.programme,
        figures=queries.figures(settlement, current_user),
        listed=listed,
        alike=queries.alike(settlement, current_user),
        back=claw_back_queries.back_of(settlement) if desk else None,
        late=told_of_late(settlement.programme) if settlement.is_closing else [],
        sides=claw_back_queries.sides_of(settlement) if desk else [],
        in_words=_words_of(settlement),
        in_money=partial(money, currency=settlement.programme.currency),
        lines_named=groups_named,
        acts=acts_on(settlement.programme, current_user, _ids([settlement, *settlement.statements]), STEPS),
    )


def _ids(rows: Iterable[Settlement | Statement | Dispute]) -> list[uuid.UUID]:
    return [one.id for one in rows]


def _words_of(settlement: Settlement) -> Any:
    """The steps of its lines in words, as its table says what becomes of money that a full period cuts off."""
    return partial(in_words, carries=settlement.agreement.table.overshoot == Overshoot.CARRIED)


@bp.route("/settlements/<uuid:id>/check", methods=["GET", "POST"])
@requires(Action.SETTLEMENT_CHECK, Settlement)
def check(settlement: Settlement) -> Any:
    form = PasswordForm()
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.check_settlement(settlement, actor=current_user)
            told = _("The statements are with the municipalities.")
            return done(url_for("settlement.show", id=settlement.id), told)
    appeals = told_of_appeals(settlement.programme, current_user, settlement)
    filled = told_of_filled(settlement)
    return page("settlement/check.html", form=form, settlement=settlement, appeals=appeals, filled=filled)


@bp.route("/settlements/<uuid:id>/discard", methods=["GET", "POST"])
@requires(Action.SETTLEMENT_DISCARD, Settlement)
def discard(settlement: Settlement) -> Any:
    form = DiscardForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.discard_settlement(settlement, form.reason.data or "", actor=current_user)
            told = _("The settlement is discarded. Its effects wait for the next one.")
            return done(url_for("settlement.index", id=settlement.programme_id), told)
    return page("settlement/discard.html", form=form, settlement=settlement)


@bp.get("/statements/<uuid:id>")
@requires(Action.STATEMENT_READ, Statement)
def statement(statement: Statement) -> Any:
    def url(number: int) -> str:
        return url_for("settlement.statement", id=statement.id, page=number)

    settlement = statement.settlement
    reserved, taken = queries.room(statement)
    listed = queries.lines(settlement, current_user, page_number(), url, statement.payer_id)
    alike = queries.alike(settlement, current_user, statement.payer_id)
    return page(
        "settlement/statement.html",
        statement=statement,
        programme=settlement.programme,
        reference=grouped(statement.reference),
        figures=queries.figures(settlement, current_user, statement.payer_id),
        listed=listed,
        alike=alike,
        back=claw_back_queries.back_of(settlement, statement.payer_id) if listed or alike else None,
        late=told_of_late(settlement.programme) if settlement.is_closing else [],
        sides=claw_back_queries.sides_of(settlement, statement.payer_id) if listed or alike else [],
        in_words=_words_of(settlement),
        today=clock.today(),
        reserved=reserved,
        taken=taken,
        transfers=queries.transfers_of(statement),
        lines_named=partial(groups_named, statement) if listed or alike else None,
        disputed=disputed_minor(statement) if listed or alike else 0,
        acts=acts_on(
            settlement.programme,
            current_user,
            _ids([settlement, statement, *statement.disputes]),
            STEPS + STEPS_AFTER,
        ),
    )


@bp.route("/statements/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.STATEMENT_APPROVE, Statement)
def approve(statement: Statement) -> Any:
    form = PasswordForm(obj=statement)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            return _approve(statement, form.once.data, form.version.data)
    return page(
        "settlement/approve.html",
        form=form,
        statement=statement,
        reference=grouped(statement.reference),
        appeals=told_of_appeals(statement.settlement.programme, current_user, statement.settlement),
        filled=told_of_filled(statement.settlement, statement.payer_id),
    )


def _approve(statement: Statement, once: uuid.UUID, version: int | None) -> Any:
    """The last of a large settlement beside this request: all its effects are settled then."""
    others = (one for one in statement.settlement.statements if one is not statement)
    is_last = all(one.state == StatementState.APPROVED for one in others)
    total = line_count(statement.settlement_id)
    if total < progress.LARGE or not is_last:
        operations.approve_statement(statement, actor=current_user, version=version)
        return done(url_for("settlement.statement", id=statement.id), _approved(statement))
    id, person = statement.id, current_user.id
    progress.start(
        once,
        total,
        lambda tell: operations.approve_statement(
            db.session.get_one(Statement, id), actor=db.session.get_one(User, person), version=version, tell=tell
        ),
    )
    return redirect(url_for("settlement.follow_approving", id=id, other=once), 303)


@bp.get("/statements/<uuid:id>/approve/<uuid:other>/progress")
@requires(Action.STATEMENT_READ, Statement)
def follow_approving(statement: Statement, other: uuid.UUID) -> Any:
    """How far the last approval of a large settlement is."""
    found = progress.how_far(other)  # before the look for what it ends with, which may be there a moment later
    db.session.refresh(statement)
    if statement.state in OWED and (found is None or not found.failed):
        return done(url_for("settlement.statement", id=statement.id), _approved(statement))
    return progress.follow("settlement/follow_approving.html", found, statement=statement, key=other)


def _approved(statement: Statement) -> str:
    told, pay = _("The statement is approved."), _("Pay it with its reference.")
    wait = _("You can pay once every municipality has approved; you will get a notice.")
    if statement.amount_minor < 0:
        return _("The statement is approved. The bond owes you the amount once every municipality has approved.")
    if not statement.amount_minor:
        return told
    if statement.is_payable:
        return f"{told} {pay}"
    return f"{told} {wait}"


@bp.route("/statements/<uuid:id>/refuse", methods=["GET", "POST"])
@requires(Action.STATEMENT_REFUSE, Statement)
def refuse(statement: Statement) -> Any:
    form = RefuseForm()
    form.about.choices = lines_to_name(statement)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.refuse_statement(statement, form.reason.data, form.about.data or [], actor=current_user)
            told = _("The statement is refused. The intermediary is told.")
            return done(url_for("settlement.statement", id=statement.id), told)
    return page("settlement/refuse.html", form=form, statement=statement)
