import uuid
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import requires
from app.bank import (
    accounts,
    arrived,
    at_bank,
    batches,
    booking,
    bound,
    charge_routes,
    enough,
    gone_out,
    matching,
    other_line_routes,
    other_receipt_routes,
    queries,
    reconciling,
    slip_routes,
    statement_routes,
    taken_back_routes,
    without_batch,
    without_batch_routes,
)
from app.bank.blueprint import bp
from app.bank.expecting import Expected
from app.bank.forms import AccountForm, BatchForm, CodeForm, MatchForm, ReasonForm, ReturnForm
from app.bank.models import BankEntry, PaymentBatch, PayoutAccount
from app.bank.notices import FEW, why_unexplained
from app.bank.states import PaymentBatchState, PayoutState
from app.core import clock
from app.core.format import money
from app.core.forms import ConfirmForm, PasswordForm, choices_of
from app.core.money import Money
from app.core.web import carry_out, done, expect_now, page, refusals_on
from app.people.models import Organisation
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.programmes.models import Programme
from app.settlement.reference import grouped
from app.treasury.payable import not_yet_payable
from app.treasury.unbooking import standing_for

__all__ = [
    "arrived",
    "at_bank",
    "bound",
    "bp",
    "charge_routes",
    "gone_out",
    "other_line_routes",
    "other_receipt_routes",
    "slip_routes",
    "statement_routes",
    "taken_back_routes",
    "without_batch_routes",
]


# --- The account of an organisation ----------------------------------------------------------------------------------


@bp.route("/organisations/<uuid:id>/account", methods=["GET", "POST"])
@requires(Action.PAYOUT_ACCOUNT_NAME, Organisation)
def account(organisation: Organisation) -> Any:
    """The own organisation names the account that it is paid on."""
    form = AccountForm()
    if form.validate_on_submit():
        typed: Any = (form.holder.data, form.iban.data)
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            named = accounts.name_account(organisation, *typed, actor=current_user, once=form.once.data or uuid.uuid4())
            return done(url_for("bank.payout_account", id=named.id), _("The intermediary is asked to telephone you."))
    in_use = accounts.account_in_use(organisation.id)
    waiting = queries.waiting_of(organisation)
    return page("bank/account.html", form=form, organisation=organisation, in_use=in_use, waiting=waiting)


@bp.get("/payout-accounts/<uuid:id>")
@requires(Action.PAYOUT_ACCOUNT_READ, PayoutAccount)
def payout_account(named: PayoutAccount) -> Any:
    """Whoever named it reads the code here, and nobody else."""
    mine = named.named_by_id == current_user.id and named.state == PayoutState.NAMED
    is_over = named.usable_from is not None and named.usable_from <= clock.now()
    code = accounts.code_of(named) if mine else None
    return page("bank/payout_account.html", account=named, code=code, is_over=is_over)


@bp.route("/payout-accounts/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.PAYOUT_ACCOUNT_CONFIRM, PayoutAccount)
def confirm_account(named: PayoutAccount) -> Any:
    form = CodeForm(obj=named)

    def act() -> None:
        expect_password(current_user, form.password.data)
        typed: Any = (form.code.data, form.spoken_with.data)
        accounts.confirm_account(named, *typed, actor=current_user, version=form.version.data)

    then, told = url_for("bank.payout_account", id=named.id), _("The account is confirmed; the waiting time runs.")
    return carry_out(form, act, then, told, "bank/confirm_account.html", account=named, days=accounts.WAITING_DAYS)


@bp.route("/payout-accounts/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.PAYOUT_ACCOUNT_WITHDRAW, PayoutAccount)
def withdraw_account(named: PayoutAccount) -> Any:
    form = ReasonForm()

    def act() -> None:
        accounts.withdraw_account(named, form.reason.data or "", actor=current_user)

    then, told = url_for("bank.payout_account", id=named.id), _("The account is withdrawn.")
    return carry_out(form, act, then, told, "bank/withdraw_account.html", account=named)


# --- The room --------------------------------------------------------------------------------------------------------


@bp.get("/programmes/<uuid:id>/bank")
@requires(Action.BANK_READ, Programme)
def index(programme: Programme) -> Any:
    newest = reconciling.days(programme.id, newest=1)
    return page(
        "bank/index.html",
        programme=programme,
        newest=newest[0] if newest else None,
        is_old=bool(newest) and (clock.today() - newest[0].balance.on).days > reconciling.DAYS_WITHOUT,
        waiting=queries.how_many_open(programme),
        payable=batches.payable(programme),
        batches=(found := queries.batches(programme)),
        gone=queries.carried_out(found),
        statements=queries.statements(programme),
        paid=queries.paid_organisations(programme),
    )


@bp.get("/programmes/<uuid:id>/bank/balances")
@requires(Action.BANK_READ, Programme)
def balances(programme: Programme) -> Any:
    days = reconciling.days(programme.id)
    why = why_unexplained(days[0]) if days and not days[0].is_sound else []
    unshown = [one.cause for one in reconciling.never_shown(days[0])[:FEW]] if why else []
    return page("bank/balances.html", programme=programme, days=days, why=why, booked=standing_for(unshown))


# --- Payment batches -------------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/payment-batches/prepare", methods=["GET", "POST"])
@requires(Action.PAYMENT_BATCH_PREPARE, Programme)
def prepare_batch(programme: Programme) -> Any:
    form = BatchForm()
    open_ones = batches.payable(programme)
    form.payments.choices = [
        SelectChoice(str(one.id), _payment_words(one, programme)) for one in open_ones if one.can_go
    ]
    if form.validate_on_submit():
        chosen = [uuid.UUID(id) for id in form.payments.data or ()]
        day: Any = form.execution_on.data
        with refusals_on(form):
            batch = batches.prepare_batch(
                programme, chosen, day, actor=current_user, once=form.once.data or uuid.uuid4()
            )
            return done(url_for("bank.batch", id=batch.id), _("A second person is asked to approve."))
    without = [one for one in open_ones if not one.can_go]
    bad = [one for one in open_ones if one.came_back]
    not_yet = not_yet_payable({one.organisation.id for one in without if one.organisation is not None})
    waits = {one.organisation_id: one.account for one in not_yet}
    context: dict[str, Any] = {"without": without, "waits": waits, "bad": bad, "bank": enough.at_the_bank(programme.id)}
    return page("bank/prepare_batch.html", form=form, programme=programme, **context)


def _payment_words(one: batches.Payable, programme: Programme) -> str:
    words = f"{one.payee}: {_shown(one.amount_minor, programme)} ({one.description})"
    return _("%(payment)s – a payment to this account came back", payment=words) if one.came_back else words


@bp.get("/payment-batches/<uuid:id>")
@requires(Action.PAYMENT_BATCH_READ, PaymentBatch)
def batch(batch: PaymentBatch) -> Any:
    steps = (Action.PAYMENT_BATCH_PREPARE, Action.PAYMENT_BATCH_APPROVE, Action.PAYMENT_BATCH_REJECT)
    acts = acts_on(batch.programme, current_user, [batch.id], steps)
    gone = queries.carried_out([batch])
    context: dict[str, Any] = {"acts": acts, "gone": gone, "short": _why_not_enough(batch)}
    context["early"] = queries.gone_before_its_day(batch)
    return page("bank/batch.html", batch=batch, programme=batch.programme, **context)


def _why_not_enough(batch: PaymentBatch) -> str | None:
    if batch.state != PaymentBatchState.PREPARED:
        return None
    return enough.why_not_enough(batch.programme, batch.amount_minor)


@bp.route("/payment-batches/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.PAYMENT_BATCH_APPROVE, PaymentBatch)
def approve_batch(batch: PaymentBatch) -> Any:
    form = PasswordForm(obj=batch)
    expect_now(form, _why_not_enough(batch))

    def act() -> None:
        expect_password(current_user, form.password.data)
        batches.approve_batch(batch, actor=current_user, version=form.version.data)

    then, told = url_for("bank.batch", id=batch.id), _("The batch is ready for the bank.")
    return carry_out(form, act, then, told, "bank/approve_batch.html", batch=batch, programme=batch.programme)


@bp.route("/payment-batches/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.PAYMENT_BATCH_REJECT, PaymentBatch)
def reject_batch(batch: PaymentBatch) -> Any:
    form = ReasonForm(obj=batch)

    def act() -> None:
        batches.reject_batch(batch, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = url_for("bank.batch", id=batch.id), _("The batch is rejected.")
    return carry_out(form, act, then, told, "bank/reject_batch.html", batch=batch, programme=batch.programme)


@bp.get("/payment-batches/<uuid:id>/file")
@requires(Action.PAYMENT_BATCH_DOWNLOAD, PaymentBatch)
def download_batch(batch: PaymentBatch) -> Any:
    batches.note_download(batch, actor=current_user)
    named = {"Content-Disposition": f'attachment; filename="{batch.reference}.xml"', "Cache-Control": "no-store"}
    return Response(batch.file, mimetype="application/xml", headers=named)


# --- Lines of the bank ----------------------------------------------------------------------------------------------


@bp.get("/programmes/<uuid:id>/bank/work-list")
@requires(Action.BANK_READ, Programme)
def work_list(programme: Programme) -> Any:
    return page(
        "bank/work_list.html",
        programme=programme,
        lines=queries.work_list(programme),
        proposed=queries.proposed(programme),
        back=queries.taken_back_waiting(programme),
        aside=queries.set_aside(programme),
    )


@bp.route("/programmes/<uuid:id>/bank/match", methods=["GET", "POST"])
@requires(Action.BANK_ENTRY_MATCH, Programme)
def match_open(programme: Programme) -> Any:
    """Try the whole work list again, after a call, a statement or a payment was approved."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            matched = matching.match_open(programme, actor=current_user)
            return done(url_for("bank.work_list", id=programme.id), _("Lines matched: %(matched)d.", matched=matched))
    return page("bank/match_open.html", form=form, programme=programme, waiting=queries.how_many_open(programme))


@bp.route("/bank-entries/<uuid:id>/match", methods=["GET", "POST"])
@requires(Action.BANK_ENTRY_MATCH, BankEntry)
def match_entry(line: BankEntry) -> Any:
    """By hand, where the reference was wrong or lacking; the amounts must still fit to the cent."""
    form = MatchForm()
    open_ones = queries.candidates(line)
    form.causes.choices = [SelectChoice(str(one.id), _words(one, line.programme)) for one in open_ones]
    in_part = [one for one in open_ones if one.is_payable_in_part]
    form.partly.choices = choices_of((one.id, _words(one, line.programme)) for one in in_part)
    if form.is_submitted():
        with refusals_on(form):
            matching.expect_open(line, form.causes.data or ())
    if not form.is_over and form.validate_on_submit():
        chosen = [one for one in open_ones if str(one.id) in (form.causes.data or ())]
        with refusals_on(form):
            if matching.without_batch(chosen):
                without_batch.propose_match(line, chosen, form.note.data or "", actor=current_user)
                return done(url_for("bank.proposed_entry", id=line.id), _("A second person is asked to confirm."))
            chosen = list(matching.divided(line, chosen, form.partly.data or ""))
            matching.match_lines([line], chosen, form.note.data or "", actor=current_user)
            return done(url_for("bank.work_list", id=line.programme_id), _("The line is matched."))
    return page("bank/match_entry.html", form=form, line=line, programme=line.programme)


def _words(one: Expected, programme: Programme) -> str:
    told = ", ".join(part for part in (one.what, grouped(one.reference)) if part)
    amount = f"{one.party}: {_shown(one.amount_minor, programme)}"
    return f"{amount} ({told})" if told else amount


def _shown(minor: int, programme: Programme) -> str:
    return money(Money(minor, programme.currency))


@bp.route("/bank-entries/<uuid:id>/set-aside", methods=["GET", "POST"])
@requires(Action.BANK_ENTRY_SET_ASIDE, BankEntry)
def set_aside(line: BankEntry) -> Any:
    form = ReasonForm(obj=line)

    def act() -> None:
        matching.set_aside(line, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = url_for("bank.work_list", id=line.programme_id), _("The line is set aside.")
    return carry_out(form, act, then, told, "bank/set_aside.html", line=line, programme=line.programme)


@bp.route("/bank-entries/<uuid:id>/take-up", methods=["GET", "POST"])
@requires(Action.BANK_ENTRY_TAKE_UP, BankEntry)
def take_up(line: BankEntry) -> Any:
    """Undo setting aside."""
    form = ConfirmForm(obj=line)

    def act() -> None:
        matching.take_up(line, actor=current_user, version=form.version.data)

    then, told = url_for("bank.work_list", id=line.programme_id), _("The line is on the work list again.")
    return carry_out(form, act, then, told, "bank/take_up.html", line=line, programme=line.programme)


@bp.route("/bank-entries/<uuid:id>/return", methods=["GET", "POST"])
@requires(Action.RETURN_BOOK, BankEntry)
def return_line(line: BankEntry) -> Any:
    """A payment that the bank gave back; the one that the line names stands first."""
    open_ones = booking.returnable(line)
    named = {one.id for one in matching.came_back(line, open_ones)}
    open_ones.sort(key=lambda one: one.id not in named)
    chosen = str(next(iter(named))) if len(named) == 1 else None
    form = ReturnForm(data={"reason": line.text, "cause": chosen})
    form.cause.choices = choices_of((one.id, _words(one, line.programme)) for one in open_ones)
    if form.validate_on_submit():
        paid = next((one for one in open_ones if str(one.id) == form.cause.data), None)
        with refusals_on(form):
            made = booking.return_line(
                line, paid, form.reason.data or "", actor=current_user, once=form.once.data or uuid.uuid4()
            )
            url = url_for("bank.work_list", id=line.programme_id)
            if made.organisation_id is None:
                url, told = url_for("treasury.remittance", id=made.origin.id), _("Booked back: it is owed again.")
                return done(url, told)
            return done(url, _("Booked back: the payment waits to be paid again."))
    return page("bank/return_line.html", form=form, line=line, programme=line.programme, open_ones=open_ones)
