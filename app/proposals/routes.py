from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import can, requires
from app.calls.key_models import OPEN_TOGETHER
from app.consortia.models import Consortium
from app.consortia.shown import shown_parts
from app.consortia.vault import Unreadable
from app.core.errors import NotNow
from app.core.web import done, page, refusals_on
from app.proposals import draft_routes, operations, shown, submit_operations, submit_routes
from app.proposals.blueprint import bp
from app.proposals.draft_operations import plan_of
from app.proposals.forms import ConfirmPlanForm
from app.proposals.models import Proposal
from app.proposals.states import ProposalState

__all__ = ["bp", "draft_routes", "submit_routes"]


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
    """The plan as its own consortium sees it: what is written, or the receipt of what was handed in."""
    if proposal.state != ProposalState.DRAFT:
        return _receipt(proposal)
    try:
        told = shown.draft(proposal.consortium)
    except Unreadable:
        return page("proposals/broken.html", proposal=proposal, consortium=proposal.consortium, status=500)
    confirmed = proposal.confirmed_by()
    mine = [p for p in proposal.consortium.taking_part if p.organisation_id in current_user.organisation_ids]
    waits = not told["lacks"] and any(p.organisation_id not in confirmed for p in mine)
    lacks = told["lacks"] + operations.unconfirmed(proposal, confirmed)
    told["lacks"] = shown.mended(lacks, proposal, proposal.consortium)
    return page(
        "proposals/show.html",
        consortium=proposal.consortium,
        call=proposal.call,
        confirmed=confirmed,
        waits_for_me=waits,
        answer_of=shown.answer_of,
        parts=shown_parts(proposal.consortium, told["content"].get("parts", {})),
        **(told | {"proposal": proposal}),
    )


def _receipt(proposal: Proposal) -> Any:
    """All that the portal itself can still say of a plan that was handed in."""
    return page(
        "proposals/handed_in.html",
        proposal=proposal,
        consortium=proposal.consortium,
        call=proposal.call,
        confirmed=proposal.confirmed_by(),
        outdated=submit_operations.is_outdated(proposal),
        opens=submit_operations.officials_left(proposal) >= OPEN_TOGETHER,
    )


@bp.route("/proposals/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.PROPOSAL_CONFIRM, Proposal)
def confirm(proposal: Proposal) -> Any:
    form = ConfirmPlanForm(data={"read": proposal.stands_on})
    if request.method != "POST":
        _expect_nothing_missing(operations.unfinished(proposal))
    if form.validate_on_submit():
        with refusals_on(form):
            operations.confirm_proposal(proposal, actor=current_user, read=form.read.data)
            return done(url_for("proposals.show", id=proposal.id), _("Your organisation stands behind this plan."))
    return page("proposals/confirm.html", form=form, proposal=proposal, consortium=proposal.consortium)


def _expect_nothing_missing(lacks: Sequence[str]) -> None:
    """A page that asks "are you sure" opens only when the act can follow."""
    if lacks:
        raise NotNow(lacks[0])
