import uuid
from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.capital import co_signing, interest_operations, operations, queries
from app.capital.forms import (
    CloseForm,
    CommitForm,
    CoSignForm,
    InterestForm,
    InviteForm,
    ReduceForm,
    RoundForm,
    WithdrawForm,
)
from app.capital.interest import Interest
from app.capital.models import Commitment, Round, Tranche, latest_round
from app.capital.scenario import limit_of
from app.capital.signing import digest_of, term_sheet_of
from app.capital.states import CommitmentState, RoundState
from app.core.errors import NotNow
from app.core.forms import ConfirmForm, choices_of
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.people.password import expect_password
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
    failed = existing if existing is not None and existing.state == RoundState.FAILED else None
    form = RoundForm(data=_typed(old) if old else _again(failed) if failed else None)
    if form.validate_on_submit():
        with refusals_on(form):
            round = operations.draft_round(
                programme, form.facts(), actor=current_user, once=form.once.data, version=form.version.data
            )
            return done(url_for("capital.show", id=round.id), _("The round is saved as a draft."))
    sheet = term_sheet_of(old.id) if old is not None else None
    return page("capital/draft.html", form=form, programme=programme, round=old, sheet=sheet, failed=failed)


def _typed(round: Round) -> dict[str, Any]:
    """What stands in the draft; what was left to its usual value is shown empty."""
    lines = [
        {name: getattr(t, name) for name in ("name", "rank", "rate_bp", "irr_cap_bp", "guarantor")}
        | {"terms": t.terms.value, "day_count": t.day_count.value, "guarantee": t.guarantee_minor or None}
        for t in round.tranches
    ]
    return {
        "version": round.version,
        "target": round.target_minor,
        "minimum": round.minimum_minor,
        "maximum": round.maximum_minor if round.maximum_minor > round.target_minor else None,
        "allotment": round.allotment.value,
        "ticket_least": round.ticket_least_minor if round.ticket_least_minor > 1 else None,
        "ticket_step": round.ticket_step_minor if round.ticket_step_minor > 1 else None,
        "opens_on": round.opens_on,
        "closes_on": round.closes_on,
        "recycles": round.recycles,
        "excess": round.excess_to_providers_bp,
        "term_sheet": round.term_sheet,
        "tranches": lines,
    }


def _again(failed: Round) -> dict[str, Any]:
    """The terms of the round that failed, for the next one; the days are other days."""
    return {name: said for name, said in _typed(failed).items() if name not in ("version", "opens_on", "closes_on")}


@bp.get("/rounds/<uuid:id>")
@requires(Action.ROUND_READ, Round)
def show(round: Round) -> Any:
    names, committed = queries.consortium_of(round), round.committed_minor()
    table = queries.table_of(round)
    return page(
        "capital/show.html",
        round=round,
        programme=round.programme,
        committed=committed,
        share_now=Fraction(round.maximum_minor, max(committed, round.maximum_minor)),
        investors=queries.investor_count(round),
        latest=db.session.scalar(latest_round(round.programme_id)),
        commitments=paged(queries.commitments_for(round, current_user), entities=True),
        consortium=paged(names, key="names") if names is not None else None,
        table=table,
        terms_digest=digest_of(round, table),
        interests=paged(queries.interests_for(round, current_user), entities=True, key="interests"),
        sheet=term_sheet_of(round.id),
        promised=queries.promised_minor(round),
        opened_on=queries.opened_on(round),
        at_close=queries.committed_at_close(round),
        allotted_now=queries.allotted_now(round),
    )


@bp.get("/rounds/<uuid:id>/term-sheet")
@requires(Action.ROUND_READ, Round)
def term_sheet(round: Round) -> Any:
    """The file as it was laid with the round, always to be saved and never shown within the portal."""
    sheet = term_sheet_of(round.id)
    if sheet is None:
        abort(404)
    headers = {
        "Content-Disposition": f'attachment; filename="{sheet.filename}"',
        "X-Content-Type-Options": "nosniff",
    }
    answer = Response(sheet.content, mimetype=sheet.media_type, headers=headers)
    answer.set_etag(sheet.sha256)
    return answer.make_conditional(request)


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
                expect_password(current_user, form.password.data)
                made = operations.commit(*promise, actor=current_user, once=form.once.data, digest=form.digest.data)
                told = _("Your commitment is recorded.")
                if made.state == CommitmentState.SIGNED_ONCE:
                    told = _("Signed: it counts when a second signatory of your organisation has signed too.")
                return done(url_for("capital.show", id=round.id), told)
            operations.check_commitment(*promise, actor=current_user)
            form.seen.data = form.figures()
    if form.seen.data != form.figures():
        form.seen.data = ""
    told = _prospects(form, round)
    form.digest.data = digest_of(round, told["table"])
    return page("capital/commit.html", form=form, round=round, programme=round.programme, **told)


def _prospects(form: CommitForm, round: Round) -> dict[str, Any]:
    """What an investor reads before it promises: prices, scenarios, what is left. Before an amount those of all
    investors together, then its own."""
    table, programme = queries.table_of(round), round.programme
    tranche, amount, would_be, outlooks = queries.served_first(round), 0, 0, []
    if form.seen.data:
        tranche, amount = db.session.get_one(Tranche, uuid.UUID(form.tranche.data)), form.amount.data or 0
        would_be = queries.would_be_allotted(round, tranche, amount)
        outlooks = queries.outlooks(round, table, tranche, amount) if table and would_be else []
    elif table:
        outlooks = [queries.outlook_in_all(round, table)]
    left = round.left_minor()
    return {
        "table": table,
        "tranche": tranche,
        "amount": amount,
        "outlooks": outlooks,
        "limit": limit_of(table, programme.shares, programme.cohort_size) if table else None,
        "signed": queries.signed_by(round, uuid.UUID(form.organisation.data)) if form.seen.data else [],
        "would_be": would_be,
        "left": left,
        "full": not left and not round.is_cut_alike(),
        "sheet": term_sheet_of(round.id),
        "opened_on": queries.opened_on(round),
    }


@bp.get("/commitments/<uuid:id>")
@requires(Action.COMMITMENT_READ, Commitment)
def commitment(commitment: Commitment) -> Any:
    """What was promised, by whom and on which terms, and how much was allotted and why."""
    reduced = queries.reductions_of(commitment)
    programme = commitment.round.programme
    return page("capital/commitment.html", commitment=commitment, programme=programme, reduced=reduced)


@bp.route("/commitments/<uuid:id>/co-sign", methods=["GET", "POST"])
@requires(Action.COMMITMENT_CO_SIGN, Commitment)
def co_sign(commitment: Commitment) -> Any:
    form = CoSignForm(obj=commitment)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            co_signing.co_sign_commitment(commitment, actor=current_user, version=form.version.data)
            return done(
                url_for("capital.commitment", id=commitment.id), _("Signed: the commitment counts from now on.")
            )
    return page("capital/co_sign.html", form=form, commitment=commitment, programme=commitment.round.programme)


@bp.route("/commitments/<uuid:id>/reduce", methods=["GET", "POST"])
@requires(Action.COMMITMENT_REDUCE, Commitment)
def reduce(commitment: Commitment) -> Any:
    form = ReduceForm(obj=commitment)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.reduce_commitment(commitment, form.amount.data, actor=current_user, version=form.version.data)
            return done(url_for("capital.show", id=commitment.round_id), _("The commitment is reduced."))
    return page("capital/reduce.html", form=form, commitment=commitment, programme=commitment.round.programme)


@bp.route("/commitments/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.COMMITMENT_WITHDRAW, Commitment)
def withdraw(commitment: Commitment) -> Any:
    form = WithdrawForm()
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.withdraw_commitment(commitment, actor=current_user)
            return done(url_for("capital.show", id=commitment.round_id), _("The commitment is withdrawn."))
    return page("capital/withdraw.html", form=form, commitment=commitment, programme=commitment.round.programme)


@bp.route("/rounds/<uuid:id>/interest", methods=["GET", "POST"])
@requires(Action.INTEREST_STATE, Round)
def state_interest(round: Round) -> Any:
    form = InterestForm(data={"expires_on": round.closes_on})
    organisations = queries.own_investors(round, current_user)
    form.organisation.choices = choices_of((one.id, one.name) for one in organisations)
    if len(organisations) == 1 and not form.organisation.data:
        form.organisation.data = str(organisations[0].id)
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        typed: Any = (form.amount.data, form.conditions.data or "", form.expires_on.data)
        with refusals_on(form):
            interest_operations.state_interest(
                round, organisation, *typed, actor=current_user, once=form.once.data or uuid.uuid4()
            )
            return done(url_for("capital.show", id=round.id), _("Your interest is noted; it binds nobody."))
    return page("capital/state_interest.html", form=form, round=round, programme=round.programme)


@bp.route("/interests/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.INTEREST_WITHDRAW, Interest)
def withdraw_interest(interest: Interest) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            interest_operations.withdraw_interest(interest, actor=current_user)
            return done(url_for("capital.show", id=interest.round_id), _("The interest is withdrawn."))
    return page("capital/withdraw_interest.html", form=form, interest=interest, programme=interest.round.programme)
