"""The pages of a draft on which it says what a plan answers, and what it gives a bidder to read."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.access.actions import Action
from app.access.guard import requires
from app.calls import asked_operations as operations
from app.calls.asked import ONCE_PER_CALL, CallContact, CallDocument, ItemKind, Lot, PlanItem
from app.calls.asked_forms import (
    ChangeDocumentForm,
    ContactForm,
    DocumentForm,
    ItemForm,
    LotForm,
    typed_document,
    typed_item,
    typed_lot,
)
from app.calls.blueprint import bp
from app.calls.completeness import Room
from app.calls.models import Call
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on


@bp.get("/calls/<uuid:id>/items")
@requires(Action.CALL_EDIT, Call)
def items(call: Call) -> Any:
    asked = {item.kind for item in call.items}
    kinds = [kind for kind in ItemKind if kind not in ONCE_PER_CALL or kind not in asked]
    return page("calls/items.html", call=call, room=Room.ITEMS, kinds=kinds)


@bp.route("/calls/<uuid:id>/items/add", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def add_item(call: Call) -> Any:
    """`?kind=` says what is asked; without it a text."""
    kind = _kind(request.args.get("kind", ItemKind.TEXT.value))
    form = ItemForm(data={"version": call.version})
    form.ask_of(call, kind)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.add_item(call, form.facts(kind), actor=current_user, once=form.once.data)
            return done(url_for("calls.items", id=call.id), _("The item is added."))
    return page("calls/add_item.html", form=form, call=call, room=Room.ITEMS, kind=kind)


def _kind(word: str) -> ItemKind:
    try:
        return ItemKind(word)
    except ValueError:
        abort(404)


@bp.route("/items/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, PlanItem)
def edit_item(item: PlanItem) -> Any:
    form = ItemForm(data=typed_item(item))
    form.ask_of(item.call, item.kind)
    if form.validate_on_submit():
        with refusals_on(form):
            facts = form.facts(item.kind)
            operations.edit_item(item, facts, actor=current_user, version=form.version.data)
            return done(url_for("calls.items", id=item.call_id), _("The item is changed."))
    return page("calls/edit_item.html", form=form, call=item.call, room=Room.ITEMS, kind=item.kind)


@bp.route("/items/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, PlanItem)
def remove_item(item: PlanItem) -> Any:
    return _remove(item, Room.ITEMS, item.title, _("The item is removed."))


@bp.post("/items/<uuid:id>/up")
@requires(Action.CALL_EDIT, PlanItem)
def move_item_up(item: PlanItem) -> Any:
    return _move(item, Room.ITEMS, up=True)


@bp.post("/items/<uuid:id>/down")
@requires(Action.CALL_EDIT, PlanItem)
def move_item_down(item: PlanItem) -> Any:
    return _move(item, Room.ITEMS, up=False)


@bp.get("/calls/<uuid:id>/lots")
@requires(Action.CALL_EDIT, Call)
def lots(call: Call) -> Any:
    return page("calls/lots.html", call=call, room=Room.LOTS)


@bp.route("/calls/<uuid:id>/lots/add", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def add_lot(call: Call) -> Any:
    form = LotForm(data={"version": call.version})
    form.offer(call)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.add_lot(call, form.facts(), actor=current_user, once=form.once.data)
            return done(url_for("calls.lots", id=call.id), _("The lot is added."))
    return page("calls/add_lot.html", form=form, call=call, room=Room.LOTS)


@bp.route("/lots/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Lot)
def edit_lot(lot: Lot) -> Any:
    form = LotForm(data=typed_lot(lot))
    form.offer(lot.call)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_lot(lot, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("calls.lots", id=lot.call_id), _("The lot is changed."))
    return page("calls/edit_lot.html", form=form, call=lot.call, room=Room.LOTS)


@bp.route("/lots/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Lot)
def remove_lot(lot: Lot) -> Any:
    return _remove(lot, Room.LOTS, lot.name, _("The lot is removed."))


@bp.post("/lots/<uuid:id>/up")
@requires(Action.CALL_EDIT, Lot)
def move_lot_up(lot: Lot) -> Any:
    return _move(lot, Room.LOTS, up=True)


@bp.post("/lots/<uuid:id>/down")
@requires(Action.CALL_EDIT, Lot)
def move_lot_down(lot: Lot) -> Any:
    return _move(lot, Room.LOTS, up=False)


@bp.get("/calls/<uuid:id>/documents")
@requires(Action.CALL_EDIT, Call)
def documents(call: Call) -> Any:
    return page("calls/documents.html", call=call, room=Room.DOCUMENTS)


@bp.route("/calls/<uuid:id>/documents/add", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def add_document(call: Call) -> Any:
    form = DocumentForm(data={"version": call.version})
    if form.validate_on_submit() and form.document is not None:
        with refusals_on(form):
            title = form.title.data or ""
            operations.add_document(call, title, form.document, actor=current_user, once=form.once.data)
            return done(url_for("calls.documents", id=call.id), _("The document is with the call."))
    return page("calls/add_document.html", form=form, call=call, room=Room.DOCUMENTS)


@bp.get("/documents/<uuid:id>")
@requires(Action.CALL_READ, CallDocument)
def document(document: CallDocument) -> Any:
    """The file as it was laid with the call, always to be saved and never shown within the portal."""
    headers = {
        "Content-Disposition": f'attachment; filename="{document.filename}"',
        "X-Content-Type-Options": "nosniff",
    }
    answer = Response(document.content, mimetype=document.media_type, headers=headers)
    answer.set_etag(document.sha256)
    return answer.make_conditional(request)


@bp.route("/documents/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, CallDocument)
def edit_document(document: CallDocument) -> Any:
    form = ChangeDocumentForm(data=typed_document(document))
    if form.validate_on_submit():
        with refusals_on(form):
            title, version = form.title.data or "", form.version.data
            operations.edit_document(document, title, form.document, actor=current_user, version=version)
            return done(url_for("calls.documents", id=document.call_id), _("The document is changed."))
    return page("calls/edit_document.html", form=form, call=document.call, room=Room.DOCUMENTS, document=document)


@bp.route("/documents/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, CallDocument)
def remove_document(document: CallDocument) -> Any:
    return _remove(document, Room.DOCUMENTS, document.title, _("The document is removed."))


@bp.post("/documents/<uuid:id>/up")
@requires(Action.CALL_EDIT, CallDocument)
def move_document_up(document: CallDocument) -> Any:
    return _move(document, Room.DOCUMENTS, up=True)


@bp.post("/documents/<uuid:id>/down")
@requires(Action.CALL_EDIT, CallDocument)
def move_document_down(document: CallDocument) -> Any:
    return _move(document, Room.DOCUMENTS, up=False)


@bp.get("/calls/<uuid:id>/contacts")
@requires(Action.CALL_EDIT, Call)
def contacts(call: Call) -> Any:
    return page("calls/contacts.html", call=call, room=Room.CONTACTS)


@bp.route("/calls/<uuid:id>/contacts/add", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def add_contact(call: Call) -> Any:
    form = ContactForm(data={"version": call.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.add_contact(call, form.facts(), actor=current_user, once=form.once.data)
            return done(url_for("calls.contacts", id=call.id), _("The contact is added."))
    return page("calls/add_contact.html", form=form, call=call, room=Room.CONTACTS)


@bp.route("/contacts/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, CallContact)
def edit_contact(contact: CallContact) -> Any:
    form = ContactForm(obj=contact, data={"version": contact.call.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_contact(contact, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("calls.contacts", id=contact.call_id), _("The contact is changed."))
    return page("calls/edit_contact.html", form=form, call=contact.call, room=Room.CONTACTS)


@bp.route("/contacts/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, CallContact)
def remove_contact(contact: CallContact) -> Any:
    return _remove(contact, Room.CONTACTS, contact.name, _("The contact is removed."))


@bp.post("/contacts/<uuid:id>/up")
@requires(Action.CALL_EDIT, CallContact)
def move_contact_up(contact: CallContact) -> Any:
    return _move(contact, Room.CONTACTS, up=True)


@bp.post("/contacts/<uuid:id>/down")
@requires(Action.CALL_EDIT, CallContact)
def move_contact_down(contact: CallContact) -> Any:
    return _move(contact, Room.CONTACTS, up=False)


def _remove(part: operations.Part, room: Room, name: str, said: str) -> Any:
    form, call = ConfirmForm(), part.call
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_part(part, actor=current_user)
            return done(url_for(f"calls.{room}", id=call.id), said)
    return page("calls/remove_part.html", form=form, call=call, room=room, name=name)


def _move(part: operations.Part, room: Room, up: bool) -> BaseResponse:
    call_id = part.call_id
    operations.move_part(part, up, actor=current_user)
    return done(url_for(f"calls.{room}", id=call_id))
