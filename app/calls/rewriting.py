"""What a rectification writes into a published call; what may not stand there is refused, on the part that it is in."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.calls.asked import CallContact, CallDocument, Lot, PlanItem, key_for
from app.calls.asked_operations import (
    MOST,
    ContactFacts,
    ItemFacts,
    LotFacts,
    take_away,
    write_contact,
    write_document,
    write_item,
    write_lot,
)
from app.calls.completeness import of_contacts, of_discount, of_lots
from app.calls.criteria import ScoringFacts, check_criteria, check_scale, write_criteria
from app.calls.lots import LotsChange, tell_of_lots
from app.calls.models import Call
from app.calls.operations import refuse_national_id
from app.core import clock
from app.core.document import Document
from app.core.errors import Refused
from app.extensions import db


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the call says from now on; None leaves it as it is. Moments are aware.

    `scoring`: all criteria, those that stay with their id, scale, minimum total, tie rule, two consortia. `items`,
    `lots`, `contacts`: new facts by id; what is new comes at the end. `is_correction`: the official declares that texts
    and documents change nothing that a bidder would plan otherwise.
    """

    description: str | None = None
    requirements: str | None = None
    scoring: ScoringFacts | None = None
    items: Mapping[uuid.UUID, ItemFacts] = field(default_factory=dict)
    removed_items: frozenset[uuid.UUID] = frozenset()
    new_item: ItemFacts | None = None
    lots: Mapping[uuid.UUID, LotFacts] = field(default_factory=dict)
    removed_lots: frozenset[uuid.UUID] = frozenset()
    new_lots: tuple[LotFacts, ...] = ()
    contacts: Mapping[uuid.UUID, ContactFacts] = field(default_factory=dict)
    removed_contacts: frozenset[uuid.UUID] = frozenset()
    new_contacts: tuple[ContactFacts, ...] = ()
    withdrawn: frozenset[uuid.UUID] = frozenset()
    new_document: tuple[str, Document] | None = None
    questions_until: datetime | None = None
    is_correction: bool = False


NOTHING = Rewritten()


def rewrite(call: Call, rewritten: Rewritten) -> None:
    call.description = _steady(call.description, rewritten.description)
    call.requirements = _steady(call.requirements, rewritten.requirements)
    to_the_minute = call.questions_until.replace(second=0, microsecond=0)  # as a form gives it back
    if rewritten.questions_until not in (None, to_the_minute):
        call.questions_until = rewritten.questions_until  # type: ignore[assignment]
    _rewrite_scoring(call, rewritten.scoring)
    _rewrite_items(call, rewritten)
    _rewrite_lots(call, rewritten)
    for reason in of_discount(call):
        raise Refused(reason, "criteria")
    _rewrite_documents(call, rewritten)
    _rewrite_contacts(call, rewritten)
    db.session.flush()


def _steady(before: str, wanted: str | None) -> str:
    """What stood there when it reads the same: a browser sends other line ends than it was given."""
    return before if wanted is None or wanted.split() == before.split() else wanted


@contextmanager
def _of(field: str, name: str) -> Iterator[None]:
    """What is refused of one line stands with its list, and says which line it is."""
    try:
        yield
    except Refused as refused:
        raise Refused(_("“%(name)s”: %(message)s", name=name, message=refused.message), field) from None


def _rewrite_scoring(call: Call, scoring: ScoringFacts | None) -> None:
    if scoring is None:
        return
    check_criteria(scoring.criteria)
    check_scale(scoring)
    refuse_national_id(criteria="\n".join(f"{one.name}\n{one.description}" for one in scoring.criteria))
    before: dict[Any, str] = {criterion.id: criterion.description for criterion in call.criteria}
    steady = (_steady(before.get(one.id, ""), one.description) for one in scoring.criteria)
    named = zip(scoring.criteria, steady, strict=True)
    write_criteria(call, tuple(replace(one, description=words) for one, words in named))
    if list(scoring.scale) != call.scale:
        call.scale = list(scoring.scale)
    call.minimum_total, call.tie_rule = scoring.minimum_total, scoring.tie_rule
    call.allows_two_consortia = scoring.allows_two_consortia


def _rewrite_items(call: Call, rewritten: Rewritten) -> None:
    for item in list(call.items):
        if item.id in rewritten.removed_items:
            take_away(call, item)
        elif (facts := rewritten.items.get(item.id)) is not None:
            with _of("lines", facts.title):
                write_item(call, item, replace(facts, guidance=_steady(item.guidance, facts.guidance)))
    if not call.items:
        raise Refused(_("A plan must answer something: keep at least one item."), "lines")
    if rewritten.new_item is not None:
        facts = rewritten.new_item
        item = PlanItem(key=key_for(facts.title, {one.key for one in call.items}), kind=facts.kind)
        with _of("new_item", facts.title):
            write_item(call, item, facts)
        _put_last(call.items, item, "new_item")


def _rewrite_lots(call: Call, rewritten: Rewritten) -> None:
    was_divided, before = bool(call.lots), {lot.id: (lot, _for_whom(lot)) for lot in call.lots}
    for lot in call.lots:
        if lot.id not in rewritten.removed_lots and (facts := rewritten.lots.get(lot.id)) is not None:
            with _of("lots", facts.name):
                write_lot(call, lot, replace(facts, description=_steady(lot.description, facts.description)))
    gone = {key: lot.name for key, (lot, _whom) in before.items() if key in rewritten.removed_lots}
    changed = {k: lot.name for k, (lot, whom) in before.items() if k not in gone and _for_whom(lot) != whom}
    divides = not was_divided and bool(rewritten.new_lots)
    leaves = bool(rewritten.new_lots) or len(gone) < len(before)
    tell_of_lots(call, LotsChange(gone, changed, divides, leaves))
    for key in gone:
        take_away(call, before[key][0])
    for facts in rewritten.new_lots:
        lot = Lot()
        with _of("lots", facts.name):
            write_lot(call, lot, facts)
        _put_last(call.lots, lot, "lots")
    for reason in of_lots(call) if gone or changed or rewritten.new_lots else ():
        raise Refused(reason, "lots")


def _for_whom(lot: Lot) -> tuple[int, list[str]]:
    return lot.cohort_size, sorted(lot.organisation_ids)


def _rewrite_documents(call: Call, rewritten: Rewritten) -> None:
    for document in call.documents:
        if document.id in rewritten.withdrawn:
            document.withdrawn_at = document.withdrawn_at or clock.now()
    if rewritten.new_document is not None:
        title, file = rewritten.new_document
        document = CallDocument(added_at=clock.now())
        write_document(call, document, title, file)
        _put_last(call.documents, document, "file")


def _rewrite_contacts(call: Call, rewritten: Rewritten) -> None:
    for contact in list(call.contacts):
        if contact.id in rewritten.removed_contacts:
            take_away(call, contact)
        elif (facts := rewritten.contacts.get(contact.id)) is not None:
            with _of("contacts", facts.name):
                write_contact(contact, facts)
    for facts in rewritten.new_contacts:
        contact = CallContact()
        with _of("contacts", facts.name):
            write_contact(contact, facts)
        _put_last(call.contacts, contact, "contacts")
    if rewritten.removed_contacts:
        for reason in of_contacts(call):
            raise Refused(reason, "contacts")


def _put_last(rows: list[Any], part: Any, field: str) -> None:
    most = MOST[part.__tablename__]
    if len(rows) >= most:
        raise Refused(_("At most %(most)d of these.", most=most), field)
    part.position = len(rows) + 1
    rows.append(part)
