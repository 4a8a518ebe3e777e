from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.web import done, page, refusals_on
from app.readers import operations
from app.readers.forms import InviteReadersForm, WithdrawTestForm, judge_form
from app.readers.models import ReaderTest
from app.readers.states import ReaderTestState

bp = Blueprint("readers", __name__)


@bp.get("/reader-tests/<uuid:id>")
@requires(Action.READER_TEST_READ, ReaderTest)
def show(test: ReaderTest) -> Any:
    """The definition and the files; what each reader said only when both are done."""
    judged = {reader: test.has_judged(reader) for reader in test.reader_ids if reader is not None}
    return page("readers/show.html", test=test, programme=test.programme, judged=judged)


@bp.route("/reader-tests/<uuid:id>/invite", methods=["GET", "POST"])
@requires(Action.READER_TEST_INVITE, ReaderTest)
def invite(test: ReaderTest) -> Any:
    form = InviteReadersForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.invite_readers(test, form.first.data, form.second.data, actor=current_user)
            return done(url_for("readers.show", id=test.id), _("Both readers are asked."))
    return page("readers/invite.html", form=form, test=test, programme=test.programme)


@bp.route("/reader-tests/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.READER_TEST_WITHDRAW, ReaderTest)
def withdraw(test: ReaderTest) -> Any:
    form = WithdrawTestForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_test(test, form.why.data, actor=current_user)
            return done(url_for("readers.show", id=test.id), _("The test is withdrawn."))
    return page("readers/withdraw.html", form=form, test=test, programme=test.programme)


@bp.route("/reader-tests/<uuid:id>/judge", methods=["GET", "POST"])
@requires(Action.READER_TEST_JUDGE, ReaderTest)
def judge(test: ReaderTest) -> Any:
    """Every file with yes and no; a reader judges once and does not see the other's answers before."""
    if test.has_judged(current_user.id):
        return done(url_for("readers.show", id=test.id), _("You have judged these files already."))
    if test.state == ReaderTestState.WITHDRAWN:
        return done(
            url_for("readers.show", id=test.id), _("The test was withdrawn meanwhile: your answers are not kept.")
        )
    form = judge_form(test.files)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.judge_files(test, form.answers(), actor=current_user)
            return done(url_for("readers.show", id=test.id), _("Thank you: your answers are kept."))
    return page("readers/judge.html", form=form, test=test, programme=test.programme)
