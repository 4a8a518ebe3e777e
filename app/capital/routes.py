import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.capital import operations, queries
from app.capital.forms import CloseForm, CommitForm, InviteForm, RoundForm
from app.capital.models import Commitment, Round, Tranche, latest_round
from app.capital.states import RoundState
from app.core.errors import NotNow
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Programme

bp = Blueprint("capital", __name__)


@bp.get("/programmes/<uuid:id>/round")
@requires(Action.ROUND_READ, Programme)
def index(programme: Programme) -> Any:
    visible = Round.visible_to(current_user).where(Round.programme_id == programme.id)
    found = db.session.scalars(visible.order_by(Round.created_at.desc()).limit(1)).unique().first()
    if found is not None:
        return done(url_for("capital.show", id=found.id))
    return page("capital/index.html", programme=programme)


@bp.route("/programmes/<uuid:id>/round/draft", methods=["GET", "POST"])
@requires(Action.ROUND_DRAFT, Programme)
def draft(programme: Programme) -> Any:
    existing = db.session.scalar(latest_round(programme.id))
    old = existing if existing is not None and existing.state == RoundState.DRAFT else None
    if request.method != "POST" and (reason := operations.why_no_second(existing)) is not None:
        raise NotNow(reason)
    form = RoundForm(data=_typed(old) if old else None)
    if form.validate_on_submit():
        with refusals_on(form):
            round = operations.draft_round(
                programme, form.facts(), actor=current_user, once=form.once.data, version=form.version.data
            )
            return done(url_for("capital.show", id=round.id), _("The round is saved as a draft."))
    return page("capital/draft.html", form=form, programme=programme, round=old)


def _typed(round: Round) -> dict[str, Any]:
    lines = [
        {"name": t.name, "rank": t.rank, "terms": t.terms.value, "rate_bp": t.rate_bp, "irr_cap_bp": t.irr_cap_bp}
        for t in round.tranches
    ]
    return {
        "version": round.version,
        "target": round.target_minor,
        "minimum": round.minimum_minor,
        "closes_on": round.closes_on,
        "term_sheet": round.term_sheet,
        "tranches": lines,
    }


@bp.get("/rounds/<uuid:id>")
@requires(Action.ROUND_READ, Round)
def show(round: Round) -> Any:
    return page(
        "capital/show.html",
        round=round,
        programme=round.programme,
        committed=round.committed_minor(),
        investors=queries.investor_count(round),
        commitments=queries.commitments_for(round, current_user),
        consortium=queries.consortium_of(round),
        table=queries.table_of(round),
    )


@bp.route("/rounds/<uuid:id>/open", methods=["GET", "POST"], endpoint="open")
@requires(Action.ROUND_OPEN, Round)
def open_(round: Round) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.open_round(round, actor=current_user)
            return done(url_for("capital.show", id=round.id), _("The round is open; the invited investors are told."))
    return page("capital/open.html", form=form, round=round, programme=round.programme)


@bp.route("/rounds/<uuid:id>/invite", methods=["GET", "POST"])
@requires(Action.ROUND_INVITE, Round)
def invite(round: Round) -> Any:
    form = InviteForm()
    form.organisation.choices = choices_of((o.id, o.name) for o in queries.invitable(round))
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            operations.invite_investor(round, organisation, actor=current_user)
            return done(url_for("capital.show", id=round.id), _("%(name)s is invited.", name=organisation.name))
    return page("capital/invite.html", form=form, round=round, programme=round.programme)


@bp.route("/rounds/<uuid:id>/close", methods=["GET", "POST"])
@requires(Action.ROUND_CLOSE, Round)
def close(round: Round) -> Any:
    form = CloseForm()
    committed = round.committed_minor()
    if not round.minimum_minor <= committed < round.target_minor:
        del form.stands  # there is nothing to decide
    if form.validate_on_submit():
        stands = "stands" not in form or form.stands.data == "yes"
        with refusals_on(form):
            operations.close_round(round, actor=current_user, stands=stands)
            return done(url_for("capital.show", id=round.id), _("The round is closed; every investor is told."))
    return page("capital/close.html", form=form, round=round, programme=round.programme, committed=committed)


@bp.route("/rounds/<uuid:id>/commit", methods=["GET", "POST"])
@requires(Action.COMMITMENT_COMMIT, Round)
def commit(round: Round) -> Any:
    """In two steps: an amount, then the figures of that amount and the promise (`seen` says which were shown)."""
    form = CommitForm()
    form.offer(queries.own_investors(round, current_user), round.tranches)
    if form.validate_on_submit():
        tranche = db.session.get_one(Tranche, uuid.UUID(form.tranche.data))
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        promise: Any = (round, tranche, organisation, form.amount.data)
        with refusals_on(form):
            if form.seen.data == form.figures():
                operations.commit(*promise, actor=current_user, once=form.once.data)
                return done(url_for("capital.show", id=round.id), _("Your commitment is recorded."))
            operations.check_commitment(*promise, actor=current_user)
            form.seen.data = form.figures()
    if form.seen.data != form.figures():
        form.seen.data = ""
    return page("capital/commit.html", form=form, round=round, programme=round.programme, **_prospects(form, round))


def _prospects(form: CommitForm, round: Round) -> dict[str, Any]:
    """What an investor reads before it promises: prices, scenarios, what is left."""
    table = queries.table_of(round)
    tranche, amount = round.tranches[0], int(round.target_minor)
    if form.seen.data:
        tranche, amount = db.session.get_one(Tranche, uuid.UUID(form.tranche.data)), form.amount.data or 0
    outlook = queries.outlook(round, table, tranche, amount) if table else []
    return {"table": table, "tranche": tranche, "amount": amount, "outlook": outlook, "left": round.left_minor()}


@bp.route("/commitments/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.COMMITMENT_WITHDRAW, Commitment)
def withdraw(commitment: Commitment) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_commitment(commitment, actor=current_user)
            return done(url_for("capital.show", id=commitment.round_id), _("The commitment is withdrawn."))
    return page("capital/withdraw.html", form=form, commitment=commitment, programme=commitment.round.programme)
