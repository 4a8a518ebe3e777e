"""What a draft asks and gives: its items, lots, documents and contacts. A rectification calls `write_*` and `take_away`
within an operation of its own."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls.asked import ONCE_PER_CALL, CallContact, CallDocument, ItemKind, Lot, PlanItem, key_for
from app.calls.models import Call
from app.calls.operations import refuse_national_id
from app.calls.states import FLOW
from app.core import clock
from app.core.document import Document
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User

# Of each kind: more is a slip or an attack, and no bidder reads it.
MOST = {"plan_item": 60, "lot": 20, "call_document": 20, "call_contact": 10}
Part = PlanItem | Lot | CallDocument | CallContact


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What a plan answers. `longest` in characters; `least` and `most` whole numbers; None: no bound."""

    kind: ItemKind
    title: str
    guidance: str = ""
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = True
    criterion_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class LotFacts:
    """`cohort_size` participants; `organisation_ids`: the municipalities of the bond in which they live."""

    name: str
    description: str
    cohort_size: int
    organisation_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """`address`: a mail address or a telephone number."""

    name: str
    function: str
    address: str


@operation
def add_item(call: Call, facts: ItemFacts, *, actor: User, once: uuid.UUID) -> PlanItem:
    """Ask one thing more of every plan, after what is asked already."""
    existing = db.session.get(PlanItem, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.CALL_EDIT)
    item = PlanItem(id=once, key=key_for(facts.title, {item.key for item in call.items}), kind=facts.kind)
    write_item(call, item, facts)
    _put(call, call.items, item)
    _edited(call, actor, added="item", key=item.key)
    return item


@operation
def edit_item(item: PlanItem, facts: ItemFacts, *, actor: User, version: int | None = None) -> None:
    """Ask it in other words. Its kind and its key stay: another kind is another item."""
    item.call.expect_version(version)
    FLOW.advance(item.call, Action.CALL_EDIT)
    write_item(item.call, item, facts)
    _edited(item.call, actor, changed="item", key=item.key)


def write_item(call: Call, item: PlanItem, facts: ItemFacts) -> None:
    """Fill in `item` from `facts`, in a draft or within a rectification."""
    refuse_national_id(title=facts.title, guidance=facts.guidance, choices="\n".join(facts.choices))
    others = [one for one in call.items if one is not item]
    if _same(facts.title) in {_same(one.title) for one in others}:
        raise Refused(_("Another item has this title already."), "title")
    if item.kind in ONCE_PER_CALL and item.kind in {one.kind for one in others}:
        raise Refused(_("A plan has one of these, and it is asked already."))
    if facts.least is not None and facts.most is not None and facts.least > facts.most:
        raise Refused(_("The highest number must not be below the lowest."), "most")
    if item.kind == ItemKind.CHOICE and len({_same(one) for one in facts.choices}) < max(2, len(facts.choices)):
        raise Refused(_("Give at least two choices, each on a line of its own and each once."), "choices")
    if facts.criterion_id is not None and facts.criterion_id not in {criterion.id for criterion in call.criteria}:
        raise Refused(_("Choose a criterion of this call."), "criterion")
    for name in ("title", "guidance", "longest", "least", "most", "required", "criterion_id"):
        setattr(item, name, getattr(facts, name))
    item.choices = list(facts.choices)


@operation
def add_lot(call: Call, facts: LotFacts, *, actor: User, once: uuid.UUID) -> Lot:
    """Divide the call further. Whether the lots hold the whole cohort is asked at publication."""
    existing = db.session.get(Lot, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.CALL_EDIT)
    lot = Lot(id=once)
    write_lot(call, lot, facts)
    _put(call, call.lots, lot)
    _edited(call, actor, added="lot", name=facts.name)
    return lot


@operation
def edit_lot(lot: Lot, facts: LotFacts, *, actor: User, version: int | None = None) -> None:
    lot.call.expect_version(version)
    FLOW.advance(lot.call, Action.CALL_EDIT)
    write_lot(lot.call, lot, facts)
    _edited(lot.call, actor, changed="lot", name=facts.name)


def write_lot(call: Call, lot: Lot, facts: LotFacts) -> None:
    refuse_national_id(name=facts.name, description=facts.description)
    if _same(facts.name) in {_same(one.name) for one in call.lots if one is not lot}:
        raise Refused(_("Another lot has this name already."), "name")
    if facts.cohort_size > call.programme.cohort_size:
        message = _("The whole bond has %(cohort)d participants.", cohort=call.programme.cohort_size)
        raise Refused(message, "cohort_size")
    if not facts.organisation_ids:
        raise Refused(_("Choose at least one municipality."), "municipalities")
    if not set(facts.organisation_ids) <= {share.organisation_id for share in call.programme.shares}:
        raise Refused(_("Choose municipalities of this bond."), "municipalities")
    lot.name, lot.description, lot.cohort_size = facts.name, facts.description, facts.cohort_size
    lot.organisation_ids = sorted(str(one) for one in facts.organisation_ids)


@operation
def add_document(call: Call, title: str, file: Document, *, actor: User, once: uuid.UUID) -> CallDocument:
    """Lay a file with the call. Its SHA-256 goes into the trail, so that it can be proven what was there."""
    existing = db.session.get(CallDocument, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.CALL_EDIT)
    document = CallDocument(id=once)
    write_document(call, document, title, file)
    _put(call, call.documents, document)
    _edited(call, actor, added="document", title=title, sha256=document.sha256)
    return document


@operation
def edit_document(
    document: CallDocument, title: str, file: Document | None, *, actor: User, version: int | None = None
) -> None:
    """Another title, and another file if one is given."""
    document.call.expect_version(version)
    FLOW.advance(document.call, Action.CALL_EDIT)
    write_document(document.call, document, title, file)
    _edited(document.call, actor, changed="document", title=title, sha256=document.sha256)


def write_document(call: Call, document: CallDocument, title: str, file: Document | None) -> None:
    refuse_national_id(title=title)
    others = [one for one in call.documents if one is not document and one.withdrawn_at is None]
    if _same(title) in {_same(one.title) for one in others}:
        raise Refused(_("Another document has this title already."), "title")
    document.title = title
    if file is None:
        return
    if file.sha256 in {one.sha256 for one in others}:
        raise Refused(_("This file is with the call already."), "file")
    document.added_at = clock.now()
    for name in ("filename", "media_type", "size", "sha256", "content"):
        setattr(document, name, getattr(file, name))


@operation
def add_contact(call: Call, facts: ContactFacts, *, actor: User, once: uuid.UUID) -> CallContact:
    """Say where a bidder turns. The trail holds no text about a person, so no name and no address."""
    existing = db.session.get(CallContact, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.CALL_EDIT)
    contact = CallContact(id=once)
    write_contact(contact, facts)
    _put(call, call.contacts, contact)
    _edited(call, actor, added="contact")
    return contact


@operation
def edit_contact(contact: CallContact, facts: ContactFacts, *, actor: User, version: int | None = None) -> None:
    contact.call.expect_version(version)
    FLOW.advance(contact.call, Action.CALL_EDIT)
    write_contact(contact, facts)
    _edited(contact.call, actor, changed="contact")


def write_contact(contact: CallContact, facts: ContactFacts) -> None:
    refuse_national_id(name=facts.name, function=facts.function)
    for name, value in asdict(facts).items():
        setattr(contact, name, value)


@operation
def remove_part(part: Part, *, actor: User) -> None:
    """Take an item, lot, document or contact out of a draft."""
    call = part.call
    FLOW.advance(call, Action.CALL_EDIT)
    take_away(call, part)
    _edited(call, actor, removed=part.__tablename__, id=part.id)


def take_away(call: Call, part: Part) -> None:
    """The others keep their order."""
    rows = _rows_of(call, part)
    rows.remove(part)
    for position, one in enumerate(rows, start=1):
        one.position = position


@operation
def move_part(part: Part, up: bool, *, actor: User) -> None:
    """One place up or down in a draft; the first stays first and the last stays last."""
    call = part.call
    FLOW.advance(call, Action.CALL_EDIT)
    rows = list(_rows_of(call, part))
    at = rows.index(part)
    other = rows[max(at - 1, 0) if up else min(at + 1, len(rows) - 1)]
    part.position, other.position = other.position, part.position
    _edited(call, actor, moved=part.__tablename__, id=part.id, up=up)
    db.session.expire(call, ["items", "lots", "documents", "contacts"])  # in their new order


def _put(call: Call, rows: list[Any], part: Part) -> None:
    """At the end of its list."""
    most = MOST[part.__tablename__]
    if len(rows) >= most:
        raise Refused(_("At most %(most)d of these.", most=most))
    part.position = len(rows) + 1
    rows.append(part)


def _rows_of(call: Call, part: Part) -> list[Any]:
    lists: dict[type, list[Any]] = {PlanItem: call.items, Lot: call.lots, CallDocument: call.documents}
    return lists.get(type(part), call.contacts)


def _edited(call: Call, actor: User, **facts: Any) -> None:
    """The version of the call counts every change of its parts: the second of two editors hears of the first."""
    flag_modified(call, "title")
    record(Action.CALL_EDIT, call, actor, **facts)


def _same(text: str) -> str:
    """As people read it: spaces and capitals tell nothing apart."""
    return " ".join(text.split()).casefold()
