"""What a plan goes through once it is finished: handed in, read by its own, withdrawn, sealed anew."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls.key_forms import PassphraseForm, ShownOnceForm
from app.core.errors import NotNow
from app.core.web import done, page, refusals_on
from app.proposals import operations, shown, submit_operations
from app.proposals.blueprint import bp
from app.proposals.forms import WithdrawForm
from app.proposals.models import Proposal
from app.sealing import DoesNotOpen


@bp.route("/proposals/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.PROPOSAL_SUBMIT, Proposal)
def submit(proposal: Proposal) -> Any:
    form = ShownOnceForm(data={"version": proposal.version})
    if not form.is_submitted():
        for reason in operations.not_ready(proposal):
            raise NotNow(reason)  # nobody writes down a passphrase for nothing
    if form.validate_on_submit():
        with refusals_on(form):
            submit_operations.submit_proposal(proposal, form.words, actor=current_user, version=form.version.data)
            told = _("The plan is handed in and sealed. The receipt is below and in the inbox of every partner.")
            return done(url_for("proposals.show", id=proposal.id), told)
    return page("proposals/submit.html", form=form, proposal=proposal, consortium=proposal.consortium)


@bp.route("/proposals/<uuid:id>/read", methods=["GET", "POST"])
@requires(Action.PROPOSAL_READ, Proposal)
def read(proposal: Proposal) -> Any:
    """The own copy, for who has the passphrase of the consortium; shown in the answer itself and kept nowhere."""
    if not proposal.own_key:
        raise NotNow(_("Nothing is handed in."))
    form = PassphraseForm()
    if form.validate_on_submit():
        with refusals_on(form):
            try:
                copy = submit_operations.read_own_copy(proposal, form.passphrase.data or "", reader=current_user)
            except DoesNotOpen:
                return page("proposals/broken.html", proposal=proposal, consortium=proposal.consortium, status=500)
            told = shown.handed_in(proposal, copy)
            return page("proposals/own_copy.html", proposal=proposal, consortium=proposal.consortium, **told)
    return page("proposals/read.html", form=form, proposal=proposal, consortium=proposal.consortium)


@bp.route("/proposals/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.PROPOSAL_WITHDRAW, Proposal)
def withdraw(proposal: Proposal) -> Any:
    form = WithdrawForm(data={"version": proposal.version})
    if form.validate_on_submit():
        with refusals_on(form):
            words = None if form.lost.data else form.passphrase.data
            submit_operations.withdraw_proposal(proposal, words, actor=current_user, version=form.version.data)
            kept, gone = _("The plan is a draft again."), _("The plan is withdrawn and its whole text is erased.")
            return done(url_for("proposals.show", id=proposal.id), gone if words is None else kept)
    return page("proposals/withdraw.html", form=form, proposal=proposal, consortium=proposal.consortium)


@bp.route("/proposals/<uuid:id>/reseal", methods=["GET", "POST"])
@requires(Action.PROPOSAL_RESEAL, Proposal)
def reseal(proposal: Proposal) -> Any:
    form = PassphraseForm()
    if form.validate_on_submit():
        with refusals_on(form):
            submit_operations.reseal_proposal(proposal, form.passphrase.data or "", actor=current_user)
            told = _("The same plan is sealed to the officials of today. Your receipt stays as it is.")
            return done(url_for("proposals.show", id=proposal.id), told)
    return page("proposals/reseal.html", form=form, proposal=proposal, consortium=proposal.consortium)
