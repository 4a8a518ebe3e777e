"""The account of the bond, to which everybody pays."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.errors import Refused
from app.core.web import done, page, refusals_on
from app.people.password import expect_password
from app.programmes.models import BankAccount, Programme
from app.programmes.states import AccountState
from app.treasury import account
from app.treasury.blueprint import bp
from app.treasury.forms import AccountForm, ApproveAccountForm, RejectForm


@bp.route("/programmes/<uuid:id>/bank-account", methods=["GET", "POST"])
@requires(Action.BANK_ACCOUNT_PREPARE, Programme)
def bank_account(programme: Programme) -> Any:
    """The account that everybody pays to; another one is named here. Whoever named it reads its code, nobody else."""
    form = AccountForm()
    if form.validate_on_submit():
        typed: Any = (form.holder.data, form.iban.data)
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            account.prepare_account(programme, *typed, actor=current_user, once=form.once.data or uuid.uuid4())
            told = _("A second person telephones you for the code that stands here, and approves.")
            return done(url_for("treasury.bank_account", id=programme.id), told)
    waiting = account.waiting_of(programme)
    codes = {one.id: account.code_of(one) for one in waiting if account.is_named_by(one, current_user)}
    return page("treasury/bank_account.html", form=form, programme=programme, waiting=waiting, codes=codes)


@bp.route("/bank-accounts/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.BANK_ACCOUNT_APPROVE, BankAccount)
def approve_account(named: BankAccount) -> Any:
    form = ApproveAccountForm(obj=named)
    if form.validate_on_submit():
        typed: Any = (form.code.data, form.spoken_with.data)
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            told = _("Approved: everybody who pays is told from when to pay to this account.")
            if not account.approve_account(named, *typed, actor=current_user, version=form.version.data):
                if named.state != AccountState.WITHDRAWN:
                    wrong = _("This is not the code of this account. Telephone again; if it stays wrong, withdraw it.")
                    raise Refused(wrong, "code")
                told = _("The code was wrong five times: the account is withdrawn and has to be named anew.")
            return done(url_for("treasury.bank_account", id=named.programme_id), told)
    shown: Any = {"account": named, "programme": named.programme, "days": account.waiting_days(named.programme)}
    return page("treasury/approve_account.html", form=form, **shown)


@bp.route("/bank-accounts/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.BANK_ACCOUNT_WITHDRAW, BankAccount)
def withdraw_account(named: BankAccount) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            account.withdraw_account(named, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.bank_account", id=named.programme_id), _("The account is withdrawn."))
    return page("treasury/withdraw_account.html", form=form, account=named, programme=named.programme)
