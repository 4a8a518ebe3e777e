import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import LifeDomain
from app.unit_costs import operations
from app.unit_costs.forms import FigureForm
from app.unit_costs.models import SavingClass, UnitCost, may_contribute
from app.unit_costs.queries import Wanted, price_years, search_unit_costs

bp = Blueprint("unit_costs", __name__, url_prefix="/unit-costs")


@bp.get("/")
@requires(Action.UNIT_COST_READ)
def index() -> Any:
    """The register, searched and filtered by what stands in the address."""
    year = request.args.get("year", "")
    wanted = Wanted(
        q=request.args.get("q", "").replace("\x00", "").strip()[:100],
        life_domain=request.args.get("life_domain", ""),
        saving_class=request.args.get("saving_class", ""),
        year=int(year) if len(year) == 4 and year.isdecimal() else None,
    )
    found = paged(search_unit_costs(wanted), size=25, entities=True)
    words = {"domains": LifeDomain, "classes": SavingClass}
    return page("unit_costs/index.html", found=found, wanted=wanted, years=price_years(), **words)  # type: ignore[arg-type]


@bp.get("/<uuid:id>")
@requires(Action.UNIT_COST_READ, UnitCost)
def show(figure: UnitCost) -> Any:
    tables = [table for table in figure.tables if table.published_at is not None]
    return page("unit_costs/show.html", figure=figure, tables=tables)


@bp.route("/add", methods=["GET", "POST"])
@requires(Action.UNIT_COST_ADD)
def add() -> Any:
    form = FigureForm()
    form.offer(organisation for organisation in current_user.organisations if may_contribute(organisation))
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            facts, once = form.facts(), form.once.data
            figure = operations.add_unit_cost(organisation, facts, actor=current_user, once=once)
            return done(url_for("unit_costs.show", id=figure.id), _("The figure stands in the register."))
    return page("unit_costs/add.html", form=form)


@bp.route("/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.UNIT_COST_EDIT, UnitCost)
def edit(figure: UnitCost) -> Any:
    form = FigureForm(obj=figure)
    del form.organisation
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_unit_cost(figure, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("unit_costs.show", id=figure.id), _("The figure is changed."))
    return page("unit_costs/edit.html", form=form, figure=figure)


@bp.route("/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.UNIT_COST_WITHDRAW, UnitCost)
def withdraw(figure: UnitCost) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_unit_cost(figure, actor=current_user)
            return done(url_for("unit_costs.show", id=figure.id), _("The figure is withdrawn."))
    return page("unit_costs/withdraw.html", form=form, figure=figure)
