import uuid
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.board import operations, queries
from app.board.forms import EntryForm, MessageForm
from app.board.models import Conversation, Entry
from app.calls.models import Call
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation

bp = Blueprint("board", __name__)


@bp.get("/calls/<uuid:id>/partners")
@requires(Action.BOARD_READ, Call)
def index(call: Call) -> Any:
    """Who offers and who needs what for this call, and the conversations of one's own."""
    return page(
        "board/index.html",
        call=call,
        found=paged(queries.entries(call), size=25),
        names=queries.municipality_names(call),
        conversations=queries.conversations(call, current_user),
    )


@bp.route("/calls/<uuid:id>/partners/post", methods=["GET", "POST"])
@requires(Action.BOARD_POST, Call)
def post(call: Call) -> Any:
    form = EntryForm()
    form.offer(queries.own_providers(current_user), queries.governments_of(call))
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            operations.post_entry(call, organisation, form.wanted(), actor=current_user, once=form.once.data)
            return done(url_for("board.index", id=call.id), _("It stands on the board."))
    return page("board/post.html", form=form, call=call)


@bp.route("/board/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.BOARD_WITHDRAW, Entry)
def withdraw(entry: Entry) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_entry(entry, actor=current_user)
            return done(url_for("board.index", id=entry.call_id), _("It is off the board."))
    return page("board/withdraw.html", form=form, entry=entry, call=entry.call)


@bp.route("/board/<uuid:id>/contact", methods=["GET", "POST"])
@requires(Action.BOARD_CONTACT, Entry)
def contact(entry: Entry) -> Any:
    form = MessageForm()
    if form.validate_on_submit():
        with refusals_on(form):
            begun = operations.contact_entry(entry, form.text.data, actor=current_user, once=form.once.data)
            return done(url_for("board.conversation", id=begun.id), _("Your message is sent."))
    return page("board/contact.html", form=form, entry=entry, call=entry.call)


@bp.get("/conversations/<uuid:id>")
@requires(Action.CONVERSATION_READ, Conversation)
def conversation(conversation: Conversation) -> Any:
    return page("board/conversation.html", conversation=conversation, call=conversation.call)


@bp.route("/conversations/<uuid:id>/write", methods=["GET", "POST"])
@requires(Action.CONVERSATION_WRITE, Conversation)
def write(conversation: Conversation) -> Any:
    form = MessageForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.write_message(conversation, form.text.data, actor=current_user, once=form.once.data)
            return done(url_for("board.conversation", id=conversation.id), _("Your message is sent."))
    return page("board/write.html", form=form, conversation=conversation, call=conversation.call)
