"""Pages of distributions: shown before they are prepared, prepared, and approved by a second person."""

import uuid
from functools import partial
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock, progress
from app.core.forms import PasswordForm
from app.core.paging import page_number
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.outcomes.queries import PER_PAGE
from app.people.models import User
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.programmes.models import Programme
from app.treasury import following, operations, plan, queries
from app.treasury.blueprint import bp
from app.treasury.flows import own_minor
from app.treasury.forms import DistributionForm, RejectForm
from app.treasury.models import Distribution, DistributionPart
from app.treasury.payable import not_yet_payable, told_approved
from app.treasury.recycling import not_spent
from app.treasury.standing import standings
from app.treasury.states import PaymentState

STEPS = (Action.DISTRIBUTION_PREPARE, Action.DISTRIBUTION_APPROVE, Action.DISTRIBUTION_REJECT)
MANY = 2_000  # investors; with fewer it is done before anybody could read a page about it


@bp.route("/programmes/<uuid:id>/distributions/prepare", methods=["GET", "POST"])
@requires(Action.DISTRIBUTION_PREPARE, Programme)
def prepare_distribution(programme: Programme) -> Any:
    """In two steps: what is kept in hand, then the figures that this gives (`seen` says which were shown)."""
    there = not_spent(programme)
    form = DistributionForm(data={"reserve": plan.suggested_reserve(programme, there.capital_minor)})
    planned = None
    if form.validate_on_submit():
        reserve = form.reserve.data or 0
        with refusals_on(form):
            if form.seen.data:
                return _prepare(programme, reserve, form.once.data or uuid.uuid4(), form.seen.data)
            planned = plan.plan_distribution(programme, reserve)
            form.seen.data = planned.figures()
    if planned is None:
        form.seen.data = ""
    return page(
        "treasury/prepare_distribution.html",
        form=form,
        programme=programme,
        desk=queries.desk(programme),
        there=there,
        plan=planned,
        not_yet=not_yet_payable({due.commitment.organisation_id for due in planned.paying}) if planned else [],
        why_none=plan.why_none_on(programme, clock.today()),
        shown=PER_PAGE,
    )


def _prepare(programme: Programme, reserve_minor: int, once: uuid.UUID, seen: str) -> Any:
    """For many investors beside this request, for few in it."""
    number = queries.investor_count(programme)
    if number < MANY:
        made = operations.prepare_distribution(programme, reserve_minor, actor=current_user, once=once, seen=seen)
        return _prepared(made)
    bond, person = programme.id, current_user.id
    progress.start(
        once,
        number,
        lambda tell: operations.prepare_distribution(
            db.session.get_one(Programme, bond),
            reserve_minor,
            actor=db.session.get_one(User, person),
            once=once,
            seen=seen,
            tell=tell,
        ),
    )
    return redirect(url_for("treasury.follow_distributing", id=bond, other=once), 303)


def _prepared(made: Distribution) -> Any:
    return done(url_for("treasury.distribution", id=made.id), _("A second person is asked to approve."))


@bp.get("/distributions/<uuid:id>")
@requires(Action.DISTRIBUTION_READ, Distribution)
def distribution(distribution: Distribution) -> Any:
    desk = may(Action.TREASURY_READ, distribution.programme, current_user)
    found = queries.parts_for(distribution, current_user, desk)
    number, whole = queries.parts_whole(found)
    url = partial(_page_of, ".distribution", distribution)
    listed = queries.parts_listed(found, page_number(), url, number)
    standing = standings(distribution.programme)
    return page(
        "treasury/distribution.html",
        distribution=distribution,
        programme=distribution.programme,
        desk=desk,
        listed=listed,
        whole=whole,
        tranches=queries.tranches_of(found),
        transfers=queries.transfers_of(listed.rows),
        receipts=following.receipts_of(distribution, current_user, sum(whole)),
        standing=standing,
        back=standing.came_back(distribution) if desk else [],
        capital_minor=_capital_in(distribution) if desk else 0,
        acts=acts_on(distribution.programme, current_user, [distribution.id], STEPS),
    )


@bp.route("/distributions/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.DISTRIBUTION_APPROVE, Distribution)
def approve_distribution(distribution: Distribution) -> Any:
    form = PasswordForm(obj=distribution)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            return _approve(distribution, form.once.data or uuid.uuid4(), form.version.data)
    found = queries.parts_for(distribution, current_user, True)
    number, whole = queries.parts_whole(found)
    url = partial(_page_of, ".approve_distribution", distribution)
    return page(
        "treasury/approve_distribution.html",
        form=form,
        distribution=distribution,
        programme=distribution.programme,
        listed=queries.parts_listed(found, page_number(), url, number),
        whole=whole,
        tranches=queries.tranches_of(found),
        capital_minor=_capital_in(distribution),
        not_yet=not_yet_payable(_paid_in(distribution)),
    )


def _capital_in(distribution: Distribution) -> int:
    """Of one that waits for a second person (minor units); of one that was approved its receipts say it."""
    if distribution.state != PaymentState.PREPARED:
        return 0
    return not_spent(distribution.programme).capital_in(own_minor(distribution))


def _page_of(endpoint: str, distribution: Distribution, number: int) -> str:
    return url_for(endpoint, id=distribution.id, page=number)


def _approve(distribution: Distribution, once: uuid.UUID, version: int | None) -> Any:
    """For many parts beside this request, for few in it."""
    number = queries.part_count(distribution)
    if number < MANY:
        operations.approve_distribution(distribution, actor=current_user, version=version)
        return _made(distribution)
    given, bond, person = distribution.id, distribution.programme_id, current_user.id
    progress.start(
        once,
        number,
        lambda tell: operations.approve_distribution(
            db.session.get_one(Distribution, given),
            actor=db.session.get_one(User, person),
            version=version,
            tell=tell,
        ),
    )
    return redirect(url_for("treasury.follow_distributing", id=bond, other=once, approving=given), 303)


def _made(distribution: Distribution) -> Any:
    then = url_for("treasury.distribution", id=distribution.id)
    return done(then, told_approved(_paid_in(distribution)))


def _paid_in(distribution: Distribution) -> Any:
    return select(DistributionPart.organisation_id).filter_by(distribution_id=distribution.id)


@bp.get("/programmes/<uuid:id>/distributions/<uuid:other>/progress")
@requires(Action.TREASURY_READ, Programme)
def follow_distributing(programme: Programme, other: uuid.UUID) -> Any:
    """How far preparing a distribution is, or approving one (`?approving=`)."""
    found = progress.how_far(other)  # before the look for what it ends with, which may be there a moment later
    approving = request.args.get("approving", type=uuid.UUID)
    made = db.session.get(Distribution, approving or other)
    if made is not None and made.programme_id == programme.id and (found is None or not found.failed):
        if approving is None:
            return _prepared(made)
        if made.state == PaymentState.APPROVED:
            return _made(made)
    return progress.follow("treasury/follow_distributing.html", found, programme=programme)


@bp.route("/distributions/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.DISTRIBUTION_REJECT, Distribution)
def reject_distribution(distribution: Distribution) -> Any:
    form = RejectForm()

    def act() -> None:
        operations.reject_distribution(distribution, form.reason.data or "", actor=current_user)

    then, told = url_for("treasury.distribution", id=distribution.id), _("The distribution is rejected.")
    thing: Any = {"thing": distribution, "programme": distribution.programme, "back": "treasury.distribution"}
    return carry_out(form, act, then, told, "treasury/reject.html", **thing)
