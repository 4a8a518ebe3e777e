"""The only code that changes the board. The trail keeps no names: who looks for whom would tell who bids."""

import uuid
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.board import notices
from app.board.models import Conversation, Entry, Message, Wish
from app.board.states import CONVERSATION_FLOW, FLOW
from app.calls.models import Call
from app.calls.states import FLOW as CALL_FLOW
from app.core import clock
from app.core.errors import NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people import attempts
from app.people.models import Organisation, OrganisationKind, User
from app.profiles.operations import ordered
from app.programmes.models import Part

MESSAGES = "20 per hour"  # of one organisation, so that the board is no mailing list
ENTRIES = 10  # of one organisation for one call


@dataclass(frozen=True, slots=True)
class Wanted:
    """An offer or a need: values of `LifeDomain`, ids of municipalities of the bond."""

    wish: Wish
    text: str
    life_domains: tuple[str, ...]
    municipality_ids: tuple[str, ...] = ()


@operation
def post_entry(call: Call, organisation: Organisation, wanted: Wanted, *, actor: User, once: uuid.UUID) -> Entry:
    """Put an offer or a need on the board of an open call, on behalf of a service provider of the actor."""
    existing = db.session.get(Entry, once)
    if existing is not None:
        return existing
    CALL_FLOW.advance(call, Action.BOARD_POST)
    if organisation.kind != OrganisationKind.PROVIDER or organisation.id not in actor.organisation_ids:
        raise Refused(_("Choose a service provider that you work for."), "organisation")
    if not wanted.life_domains:
        raise Refused(_("Choose at least one life domain."), "life_domains")
    governments = {str(party.organisation_id) for party in call.programme.parties if party.part == Part.GOVERNMENT}
    if not set(wanted.municipality_ids) <= governments:
        raise Refused(_("Choose municipalities of this bond."), "municipality_ids")
    own = select(Entry.id).where(Entry.call_id == call.id, Entry.organisation_id == organisation.id)
    if len(db.session.scalars(own.where(Entry.withdrawn_at.is_(None))).all()) >= ENTRIES:
        raise Refused(_("Your organisation has %(num)d entries on this board. Withdraw one first.", num=ENTRIES))
    entry = Entry(
        id=once,
        call=call,
        organisation=organisation,
        wish=wanted.wish,
        text=wanted.text,
        life_domains=ordered(wanted.life_domains),
        municipality_ids=list(wanted.municipality_ids),
    )
    db.session.add(entry)
    record(Action.BOARD_POST, call, actor, nameless=True)
    return entry


@operation
def withdraw_entry(entry: Entry, *, actor: User) -> None:
    """Off the board; conversations that began from it go on."""
    FLOW.advance(entry, Action.BOARD_WITHDRAW)
    entry.withdrawn_at = clock.now()
    record(Action.BOARD_WITHDRAW, entry, actor, nameless=True)


@operation
def contact_entry(entry: Entry, text: str, *, actor: User, once: uuid.UUID) -> Conversation:
    """Write to the organisation that stands on the board. Both sides see each other's name, nobody an address."""
    FLOW.advance(entry, Action.BOARD_CONTACT)
    own = [one for one in actor.organisations if one.kind == OrganisationKind.PROVIDER]
    others = [one for one in own if one.id != entry.organisation_id]
    if not others:
        raise Refused(_("This entry is your own."))
    found = select(Conversation).where(
        Conversation.entry_id == entry.id, Conversation.organisation_id.in_([one.id for one in own])
    )
    conversation = db.session.scalars(found).first()
    if conversation is None:
        conversation = Conversation(entry=entry, organisation=others[0])
        db.session.add(conversation)
    _write(conversation, conversation.organisation, text, once)
    record(Action.BOARD_CONTACT, entry, actor, nameless=True)
    return conversation


@operation
def write_message(conversation: Conversation, text: str, *, actor: User, once: uuid.UUID) -> Message:
    """Answer the other side. `NotNow` once the call is closed."""
    CONVERSATION_FLOW.advance(conversation, Action.CONVERSATION_WRITE)
    side = conversation.side_of(actor)
    if side is None:
        raise NotYours(_("Your part in this bond does not allow this."))
    record(Action.CONVERSATION_WRITE, conversation, actor, nameless=True)
    return _write(conversation, side, text, once)


def _write(conversation: Conversation, side: Organisation, text: str, once: uuid.UUID) -> Message:
    existing = db.session.get(Message, once)
    if existing is not None:
        return existing
    if attempts.too_many(MESSAGES, "board", side.id):
        raise Refused(_("Your organisation has written much in the last hour. Wait a little."), "text")
    attempts.count(MESSAGES, "board", side.id)
    message = Message(id=once, conversation=conversation, organisation=side, text=text)
    db.session.add(message)
    db.session.flush()
    notices.tell_written(conversation, message)
    return message
