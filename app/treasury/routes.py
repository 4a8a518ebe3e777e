import uuid
from datetime import date
from functools import partial
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.capital.models import standing_round
from app.capital.signing import term_sheet_of
from app.capital.term_sheet import TermSheet
from app.core import clock
from app.core.format import day
from app.core.forms import PasswordForm, choices_of
from app.core.paging import Paged, page_number, paged
from app.core.pdf import pdf_of
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.intake.publication import published
from app.people.models import Organisation
from app.people.password import expect_password
from app.pricing.models import Overshoot
from app.programmes.acts import acts_on
from app.programmes.models import Part, Programme
from app.settlement.explaining import in_words
from app.settlement.models import Statement
from app.treasury import (
    account_routes,
    assignment_routes,
    book_routes,
    closing_routes,
    credit_routes,
    distribution_routes,
    ending_routes,
    following,
    operations,
    queries,
)
from app.treasury.at_bank import expect_by_hand, in_hand, is_bank_read, lines_not_booked
from app.treasury.behind import effects_for_investors
from app.treasury.blueprint import bp
from app.treasury.budget import budget_lines, milestones
from app.treasury.call_facts import bank_day_after, is_over
from app.treasury.credits import credits_of
from app.treasury.default_operations import CURE_DAYS, first_day
from app.treasury.forms import (
    CallForm,
    CostForm,
    ReceiveForm,
    ReceiveInPartForm,
    RejectForm,
)
from app.treasury.in_hand import free_minor
from app.treasury.models import BookedTransfer, CapitalCall, CapitalCallPart, CostPayment
from app.treasury.on_its_way import on_its_way_minor, states_of
from app.treasury.payable import not_yet_payable, told_approved
from app.treasury.plan import last_distribution
from app.treasury.projection import assumption, projections
from app.treasury.receipts import bookable_from
from app.treasury.recycling import capital_for_more, capital_not_there, recycled_minor, to_be_paid_from
from app.treasury.standing import standings
from app.treasury.states import PaymentState
from app.treasury.unbooking import by_hand, receipt_of
from app.treasury.vat import vat_not_received

__all__ = [
    "account_routes",
    "assignment_routes",
    "book_routes",
    "bp",
    "closing_routes",
    "credit_routes",
    "distribution_routes",
    "ending_routes",
]

bp.add_app_template_global(in_hand)
bp.add_app_template_global(is_bank_read)  # the page of a statement stands below this package

CALL_STEPS = (Action.CAPITAL_CALL_PREPARE, Action.CAPITAL_CALL_APPROVE, Action.CAPITAL_CALL_REJECT)
COST_STEPS = (Action.COST_PREPARE, Action.COST_APPROVE, Action.COST_REJECT)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/programmes/<uuid:id>/treasury")
@requires(Action.TREASURY_READ, Programme)
def index(programme: Programme) -> Any:
    recycled = recycled_minor(programme.id)
    return page(
        "treasury/index.html",
        programme=programme,
        desk=queries.desk(programme),
        standing=standings(programme),
        lists=queries.lists(programme),
        today=clock.today(),
        peak=queries.peak_exposure_minor(programme, clock.today()),
        recycled=recycled,
        capital_not_there=capital_not_there(programme) if recycled else "",
        vat_not_paid=vat_not_received(programme.id),
        waiting=lines_not_booked(programme.id),
    )


# --- Capital calls ---------------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/capital-calls/prepare", methods=["GET", "POST"])
@requires(Action.CAPITAL_CALL_PREPARE, Programme)
def prepare_call(programme: Programme) -> Any:
    form = CallForm()
    if form.validate_on_submit():
        with refusals_on(form):
            call = operations.prepare_capital_call(
                programme, form.facts(), actor=current_user, once=form.once.data or uuid.uuid4()
            )
            return done(url_for("treasury.capital_call", id=call.id), _("A second person is asked to approve."))
    round = db.session.scalar(standing_round(programme.id))
    undrawn = queries.undrawn_minor(round) if round else 0
    shown: Any = {"undrawn": undrawn, "over": is_over(programme), "unspent": free_minor(programme.id)}
    return page("treasury/prepare_call.html", form=form, programme=programme, **shown)


@bp.get("/capital-calls/<uuid:id>")
@requires(Action.CAPITAL_CALL_READ, CapitalCall)
def capital_call(call: CapitalCall) -> Any:
    desk = may(Action.TREASURY_READ, call.programme, current_user)
    found = queries.parts_for(call, current_user, desk)
    listed = queries.parts_listed(found, page_number(), lambda n: url_for(".capital_call", id=call.id, page=n))
    return page(
        "treasury/capital_call.html",
        call=call,
        programme=call.programme,
        desk=desk,
        listed=listed,
        acts=acts_on(call.programme, current_user, [call.id], CALL_STEPS),
        by_tranche=len({p.organisation_id for p in listed.rows}) < len({p.commitment_id for p in listed.rows}),
        transfers=queries.transfers_of(listed.rows),
        defaults=queries.defaults_for(listed.rows, current_user),
        first_default=first_day,
        grace=CURE_DAYS,
        today=clock.today(),
        bookable_from=bookable_from(call.programme),
        opens=bank_day_after(call.programme, call.due_on),
        by_hand=by_hand(call.programme, [one for one in listed.rows if one.received_on]) if desk else {},
    )


@bp.route("/capital-calls/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.CAPITAL_CALL_APPROVE, CapitalCall)
def approve_call(call: CapitalCall) -> Any:
    form = PasswordForm(obj=call)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.approve_capital_call(call, actor=current_user, version=form.version.data)
            return done(url_for("treasury.capital_call", id=call.id), _("The investors are asked to pay in."))
    opens = bank_day_after(call.programme, call.due_on)
    return page("treasury/approve_call.html", form=form, call=call, programme=call.programme, opens=opens)


@bp.route("/capital-calls/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.CAPITAL_CALL_REJECT, CapitalCall)
def reject_call(call: CapitalCall) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.reject_capital_call(call, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.capital_call", id=call.id), _("The call is rejected."))
    return page("treasury/reject.html", form=form, thing=call, programme=call.programme, back="treasury.capital_call")


@bp.route("/capital-calls/<uuid:id>/parts/<uuid:part>/receive", methods=["GET", "POST"])
@requires(Action.CAPITAL_CALL_RECEIVE, CapitalCall)
def receive_capital(call: CapitalCall, part: uuid.UUID) -> Any:
    asked = db.session.get(CapitalCallPart, part)
    if asked is None or asked.capital_call_id != call.id:
        abort(404)
    expect_by_hand(call.programme)
    form = ReceiveInPartForm(data={"on": clock.today(), "amount": asked.amount_minor})
    if form.validate_on_submit():
        on = form.on.data or clock.today()
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            typed: Any = (asked, on, form.amount.data)
            paid = operations.receive_capital(*typed, actor=current_user, once=form.once.data)
            return done(url_for("treasury.capital_call", id=call.id), _booked(paid, on))
    last = last_distribution(call.programme)
    return page("treasury/receive_capital.html", form=form, call=call, part=asked, programme=call.programme, last=last)


def _booked(part: CapitalCallPart, on: date) -> str:
    if part.received_on is None or part.received_on == on:
        return _("The capital is booked.")
    facts = {"on": day(on), "day": day(part.received_on)}
    return _("The capital came in on %(on)s and is booked with %(day)s, the day after the last distribution.", **facts)


# --- Running costs ---------------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/costs/prepare", methods=["GET", "POST"])
@requires(Action.COST_PREPARE, Programme)
def prepare_cost(programme: Programme) -> Any:
    form = CostForm()
    form.organisation.choices = choices_of((o.id, o.name) for o in programme.organisations(Part.PROVIDER))
    if form.validate_on_submit():
        provider = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        typed: Any = (form.amount.data, form.description.data, form.over_budget_because.data or "")
        with refusals_on(form):
            cost = operations.prepare_cost(
                programme, provider, *typed, actor=current_user, once=form.once.data or uuid.uuid4()
            )
            return done(url_for("treasury.cost", id=cost.id), _("A second person is asked to approve."))
    shown: Any = {"desk": queries.desk(programme), "budget": budget_lines(programme), "agreed": milestones(programme)}
    shown["not_yet"] = not_yet_payable(one.id for one in programme.organisations(Part.PROVIDER))
    shown |= {"capital": capital_for_more(programme), "lacking": capital_not_there(programme)}
    shown["recycles"] = (round := db.session.scalar(standing_round(programme.id))) is not None and round.recycles
    return page("treasury/prepare_cost.html", form=form, programme=programme, **shown)


@bp.get("/costs/<uuid:id>")
@requires(Action.COST_READ, CostPayment)
def cost(cost: CostPayment) -> Any:
    transfers = queries.transfers_of([cost])
    standing = standings(cost.programme)
    desk = may(Action.TREASURY_READ, cost.programme, current_user)
    return page(
        "treasury/cost.html",
        desk=desk,
        **(_against(cost) if desk else {}),
        cost=cost,
        programme=cost.programme,
        transfers=transfers[cost.id],
        acts=acts_on(cost.programme, current_user, [cost.id], COST_STEPS),
        standing=standing,
        back=standing.came_back(cost),
    )


def _against(cost: CostPayment) -> dict[str, Any]:
    """The budget and the milestones that whoever approves weighs it against, and what it would be paid from."""
    of, programme = cost.organisation_id, cost.programme
    waits = cost.state == PaymentState.PREPARED
    purses = to_be_paid_from(programme, cost.amount_minor) if waits else None
    return {"budget": budget_lines(programme, of), "agreed": milestones(programme, of), "purses": purses}


@bp.route("/costs/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.COST_APPROVE, CostPayment)
def approve_cost(cost: CostPayment) -> Any:
    form = PasswordForm(obj=cost)

    def act() -> None:
        expect_password(current_user, form.password.data)
        operations.approve_cost(cost, actor=current_user, version=form.version.data)

    then, told = url_for("treasury.cost", id=cost.id), told_approved([cost.organisation_id])
    shown: Any = {"cost": cost, "not_yet": not_yet_payable([cost.organisation_id])} | _against(cost)
    return carry_out(form, act, then, told, "treasury/approve_cost.html", programme=cost.programme, **shown)


@bp.route("/costs/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.COST_REJECT, CostPayment)
def reject_cost(cost: CostPayment) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.reject_cost(cost, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.cost", id=cost.id), _("The payment is rejected."))
    return page("treasury/reject.html", form=form, thing=cost, programme=cost.programme, back="treasury.cost")


# --- Payments of municipalities --------------------------------------------------------------------------------------


@bp.route("/statements/<uuid:id>/receive", methods=["GET", "POST"])
@requires(Action.PAYMENT_RECEIVE, Statement)
def receive(statement: Statement) -> Any:
    programme = statement.settlement.programme
    expect_by_hand(programme)
    form = ReceiveForm(data={"on": clock.today()})
    if form.validate_on_submit():
        with refusals_on(form):
            paid: Any = (form.on.data, form.amount.data)
            expect_password(current_user, form.password.data)
            operations.receive_payment(statement, *paid, actor=current_user, once=form.once.data)
            return done(url_for("treasury.index", id=programme.id), _("The payment is booked."))
    return page("treasury/receive.html", form=form, statement=statement, programme=programme)


# --- What was had, and where it came from ----------------------------------------------------------------------------


@bp.get("/programmes/<uuid:id>/holding")
@requires(Action.HOLDING_READ, Programme)
def holding(programme: Programme) -> Any:
    """An investor's own figures; the desk chooses whose (`?investor=`)."""
    investors, chosen = _whose(programme)
    held = queries.holding(programme, chosen) if chosen else None
    states = states_of(held.distributions) if held else {}
    return page(
        "treasury/holding.html",
        programme=programme,
        investors=investors,
        holding=held,
        states=states,
        on_its_way=on_its_way_minor(held.distributions, states) if held else 0,
        bank_is_read=is_bank_read(programme.id),
        projected=projections(programme, held) if held else [],
        effects=effects_for_investors(programme),
        published=published(programme.id),
        transfers=queries.transfers_of([*held.calls, *held.distributions]) if held else {},
        defaults=queries.defaults_for(held.calls, current_user) if held else {},
        today=clock.today(),
        assumption=assumption(programme),
        sheet=_term_sheet(programme),
        commitments=queries.commitments_of(programme, chosen) if chosen else [],
        assignments=queries.assignments_of(programme, chosen) if chosen else [],
        back=credits_of(programme, frozenset({chosen.id})) if chosen else None,
    )


def _term_sheet(programme: Programme) -> TermSheet | None:
    round = db.session.scalar(standing_round(programme.id))
    return term_sheet_of(round.id) if round is not None else None


def _whose(programme: Programme) -> tuple[Paged, Organisation | None]:
    """Whose holdings this person may read, and which one was asked for; the first when none was."""
    found = queries.investors_of(programme, current_user, may(Action.TREASURY_READ, programme, current_user))
    investors, wanted = paged(found, entities=True), request.args.get("investor", type=uuid.UUID)
    if "investor" not in request.args:
        return investors, investors.rows[0] if investors.rows else None
    chosen = db.session.scalar(found.where(Organisation.id == wanted))
    return investors, chosen or abort(404)


@bp.get("/programmes/<uuid:id>/holding/statement.pdf")
@requires(Action.HOLDING_READ, Programme)
def holding_pdf(programme: Programme) -> Any:
    """The statement of one investor, of today (`?investor=` for the desk)."""
    from app.treasury.holding_files import statement_document

    held, parts = _statement(programme)
    headers = {"Content-Disposition": 'attachment; filename="holding.pdf"'}
    moment = clock.local(clock.today())
    content = pdf_of(statement_document(programme, held, parts), current_user.locale, moment)
    return Response(content, mimetype="application/pdf", headers=headers)


@bp.get("/programmes/<uuid:id>/holding/statement.xlsx")
@requires(Action.HOLDING_READ, Programme)
def holding_xlsx(programme: Programme) -> Any:
    """The same figures as numbers."""
    from app.treasury.holding_files import statement_workbook  # whoever never asks for it does not load the library

    held, parts = _statement(programme)
    headers = {"Content-Disposition": 'attachment; filename="holding.xlsx"'}
    return Response(statement_workbook(programme, held, parts), mimetype=XLSX, headers=headers)


def _statement(programme: Programme) -> Any:
    from app.treasury.holding_files import parts_of

    _investors, chosen = _whose(programme)
    if chosen is None:
        abort(404)
    held = queries.holding(programme, chosen)
    effects = effects_for_investors(programme)
    assigned = queries.assignments_of(programme, chosen)
    back = credits_of(programme, frozenset({chosen.id}))
    return held, parts_of(programme, held, projections(programme, held), effects, assigned, back)


@bp.get("/transfers/<uuid:id>")
@requires(Action.TRANSFER_READ, BookedTransfer)
def follow(transfer: BookedTransfer) -> Any:
    story = following.follow(transfer, current_user)
    words = partial(in_words, carries=any(table.overshoot == Overshoot.CARRIED for table in story.tables))
    receipt = receipt_of(transfer) if story.desk else None
    hand = by_hand(transfer.programme, [receipt]) if receipt is not None else {}
    context: dict[str, Any] = {"by_hand": hand, "programme": transfer.programme, "in_words": words}
    return page("treasury/follow.html", story=story, transfer=transfer, **context)
