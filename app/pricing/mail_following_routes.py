from typing import Any

from flask import abort, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action
from app.access.guard import public, requires
from app.accounts.forms import email
from app.core.forms import ConfirmForm, Form
from app.core.web import done, page
from app.pricing import mail_following
from app.pricing.blueprint import bp
from app.programmes.models import Programme


class FollowByMailForm(Form):
    address = email(_l("E-mail address"))


@bp.route("/programmes/<uuid:id>/prices/follow", methods=["GET", "POST"])
@requires(Action.TABLE_READ, Programme)
def follow_by_mail(programme: Programme) -> Any:
    form = FollowByMailForm()
    if form.validate_on_submit():
        sender = request.remote_addr or ""
        mail_following.ask_to_follow(programme, form.address.data, str(get_locale()), sender=sender)
        told = _("A mail is on its way. You follow these prices once you open its link, within two days.")
        return done(url_for("pricing.index", id=programme.id), told)
    return page("pricing/follow_by_mail.html", form=form, programme=programme)


@bp.route("/follow-prices/<token>", methods=["GET", "POST"])
@public
def confirm_follow(token: str) -> Any:
    """From the mailbox itself. A button, so that a program that looks at links confirms nothing."""
    asked = mail_following.asked_in(token)
    if asked is None:
        abort(404)
    programme, address, locale = asked
    form = ConfirmForm()
    if form.validate_on_submit():
        mail_following.follow_by_mail(programme, address, locale)
        told = _("You follow these prices: each new version is told by mail.")
        return done(url_for("pricing.index", id=programme.id), told)
    return page("pricing/confirm_follow.html", form=form, programme=programme, address=address)


@bp.route("/unfollow-prices/<token>", methods=["GET", "POST"])
@public
def unfollow_by_mail(token: str) -> Any:
    follower = mail_following.follower_in(token)
    if follower is None:
        abort(404)
    form = ConfirmForm()
    if form.validate_on_submit():
        programme_id = follower.programme_id
        mail_following.unfollow_by_mail(follower)
        told = _("You no longer follow these prices, and your address is forgotten.")
        return done(url_for("pricing.index", id=programme_id), told)
    return page("pricing/unfollow_by_mail.html", form=form, programme=follower.programme, address=follower.address)
