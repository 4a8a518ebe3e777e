import functools
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import can, requires
from app.consortia.models import Consortium
from app.core.errors import NotNow
from app.core.format import money
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on
from app.proposals import operations
from app.proposals.budget import budget_of
from app.proposals.content import Section
from app.proposals.forms import plan_form, told_meanwhile
from app.proposals.models import Proposal
from app.proposals.operations import NOT_YET, plan_of
from app.proposals.sealing import SealBroken, read_own
from app.proposals.states import ProposalState

bp = Blueprint("proposals", __name__)


@bp.get("/consortia/<uuid:id>/plan")
@requires(Action.PROPOSAL_READ, Consortium)
def index(consortium: Consortium) -> Any:
    """Where the plan of this consortium stands: its page, or the form that starts it."""
    proposal = plan_of(consortium)
    if proposal is not None:
        return redirect(url_for("proposals.show", id=proposal.id), 303)
    if can(Action.PROPOSAL_DRAFT, consortium):
        return redirect(url_for("proposals.draft", id=consortium.id), 303)
    return done(url_for("consortia.show", id=consortium.id), _("This consortium has no plan."))


@bp.get("/proposals/<uuid:id>")
@requires(Action.PROPOSAL_READ, Proposal)
def show(proposal: Proposal) -> Any:
    try:
        content = read_own(proposal)
    except SealBroken:
        return page("proposals/broken.html", proposal=proposal, consortium=proposal.consortium, status=500)
    budget = budget_of(content["volumes"], proposal.call)
    confirmed = proposal.confirmed_by()
    is_draft = proposal.state == ProposalState.DRAFT
    lacks = operations.lacking(content, budget) if is_draft else []
    in_money = functools.partial(money, currency=proposal.call.programme.currency)
    return page(
        "proposals/show.html",
        proposal=proposal,
        consortium=proposal.consortium,
        call=proposal.call,
        content=content,
        Section=Section,
        in_money=in_money,
        budget=budget,
        confirmed=confirmed,
        lacks=lacks + operations.unconfirmed(proposal) if is_draft else [],
        waits_for_me=not lacks
        and any(
            p.organisation_id in current_user.organisation_ids and p.organisation_id not in confirmed
            for p in proposal.consortium.taking_part
        ),
    )


@bp.route("/consortia/<uuid:id>/proposal", methods=["GET", "POST"])
@requires(Action.PROPOSAL_DRAFT, Consortium)
def draft(consortium: Consortium) -> Any:
    proposal = plan_of(consortium)
    content = read_own(proposal) if proposal else None
    budget = budget_of(content["volumes"] if content else {}, consortium.call)
    form = plan_form(budget.lines, content, proposal.version if proposal else NOT_YET)
    if form.validate_on_submit():
        with refusals_on(form):
            saved = operations.save_draft(consortium, form.content(), actor=current_user, version=form.version.data)
            return done(url_for("proposals.show", id=saved.id), _("The draft is saved and sealed."))
    meanwhile = []
    if form.refused_with == 409 and (now := plan_of(consortium)):
        meanwhile = told_meanwhile(read_own(now), budget.lines, form)
    return page(
        "proposals/draft.html",
        form=form,
        consortium=consortium,
        call=consortium.call,
        budget=budget,
        meanwhile=meanwhile,
    )


@bp.route("/proposals/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.PROPOSAL_CONFIRM, Proposal)
def confirm(proposal: Proposal) -> Any:
    form = ConfirmForm(data={"version": proposal.version})
    if request.method != "POST":
        _expect_nothing_missing(operations.unfinished(proposal))
    if form.validate_on_submit():
        with refusals_on(form):
            operations.confirm_proposal(proposal, actor=current_user, version=form.version.data)
            return done(url_for("proposals.show", id=proposal.id), _("Your organisation stands behind this plan."))
    return page("proposals/confirm.html", form=form, proposal=proposal, consortium=proposal.consortium)


def _expect_nothing_missing(lacks: list[str]) -> None:
    """A page that asks "are you sure" opens only when the act can follow."""
    if lacks:
        raise NotNow(lacks[0])


@bp.route("/proposals/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.PROPOSAL_SUBMIT, Proposal)
def submit(proposal: Proposal) -> Any:
    form = ConfirmForm(data={"version": proposal.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.submit_proposal(proposal, actor=current_user, version=form.version.data)
            told = _("The plan is handed in and sealed. The receipt is below and in the inbox of every partner.")
            return done(url_for("proposals.show", id=proposal.id), told)
    return page("proposals/submit.html", form=form, proposal=proposal, consortium=proposal.consortium)


@bp.route("/proposals/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.PROPOSAL_WITHDRAW, Proposal)
def withdraw(proposal: Proposal) -> Any:
    form = ConfirmForm(data={"version": proposal.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_proposal(proposal, actor=current_user, version=form.version.data)
            return done(url_for("proposals.show", id=proposal.id), _("The plan is a draft again."))
    return page("proposals/withdraw.html", form=form, proposal=proposal, consortium=proposal.consortium)
