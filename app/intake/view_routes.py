"""Pages of views: asked by the provider, given by somebody who has only the link."""

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import public, requires
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.intake import queries, reading, views
from app.intake.blueprint import bp
from app.intake.forms import AskForm, GiveForm
from app.intake.models import Participant, View
from app.intake.suppression import SMALLEST
from app.notifications.notify import path_for
from app.pricing.models import CompanionView, Effect
from app.programmes.models import Programme


@bp.route("/participants/<uuid:id>/ask-view", methods=["GET", "POST"])
@requires(Action.VIEW_ASK, Participant)
def ask_view(participant: Participant) -> Any:
    """The link stands once on the page that answers; it is nowhere kept."""
    form = AskForm()
    indicators = views.indicators_of(participant)
    form.effect.choices = choices_of((effect.id, _asked_of(effect)) for effect in indicators)
    if not form.is_submitted():
        _prefill(form, participant, indicators)
    if form.validate_on_submit():
        effect = db.session.get_one(Effect, uuid.UUID(form.effect.data))
        view = CompanionView(form.view.data)
        with refusals_on(form):
            token = views.ask_view(participant, effect, view, actor=current_user, once=form.once.data)
            link = path_for("intake.give_view", token=token) if token else None
            return page("intake/asked_view.html", participant=participant, link=link, effect=effect, view=view)
    return page("intake/ask_view.html", form=form, participant=participant, indicators=indicators)


def _prefill(form: AskForm, participant: Participant, indicators: list[Effect]) -> None:
    """As a view that was asked before (`?like=`); else nothing is chosen beforehand."""
    like = request.args.get("like", type=uuid.UUID)
    before = next((one for one in participant.views if one.id == like), None)
    if before is not None and before.effect in indicators:
        form.effect.data = str(before.effect_id)
        form.view.data = (before.effect.companion_view or before.view).value


def _asked_of(effect: Effect) -> str:
    """The indicator, the effect beside which it stands and, where it is named, whose view it gives."""
    who = f", {effect.companion_view.label}" if effect.companion_view else ""
    return f"{effect.companion} ({effect.name}{who})"


@bp.route("/views/<token>", methods=["GET", "POST"])
@public
def give_view(token: str) -> Any:
    """One and the same page for a wrong, an expired and a used link: nobody learns which it is. Whoever holds a link
    that is not needed any more reads that, and not why."""
    view = views.find_view(token)
    if view is None:
        return page("intake/view_gone.html", status=404)
    if view.participant.died_on:
        return page("intake/view_not_needed.html", status=410)
    form = GiveForm()
    if form.validate_on_submit():
        with refusals_on(form):
            views.give_view(view, int(form.score.data) or None, form.remark.data or "")
            return done(url_for("intake.view_given"))
    return page("intake/give_view.html", form=form, view=view, programme=view.participant.programme)


@bp.get("/views/given")
@public
def view_given() -> Any:
    return page("intake/view_given.html")


@bp.route("/views/<uuid:id>/cancel", methods=["GET", "POST"])
@requires(Action.VIEW_CANCEL, View)
def cancel_view(view: View) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            views.cancel_view(view, actor=current_user)
            return done(url_for("intake.participant", id=view.participant_id), _("The link no longer works."))
    return page("intake/cancel_view.html", form=form, view=view)


@bp.get("/programmes/<uuid:id>/views")
@requires(Action.VIEW_LIST, Programme)
def list_views(programme: Programme) -> Any:
    listed = queries.view_list(programme, current_user)
    reading.note_list_reading(programme, len(listed.rows), actor=current_user)
    return page(
        "intake/views.html",
        programme=programme,
        listed=listed,
        averages=queries.view_averages(programme, current_user),
        smallest=SMALLEST,
    )
