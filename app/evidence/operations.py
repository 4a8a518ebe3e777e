"""The only code that takes in, hands out and destroys documents. Each act is in the trail; no word of a document is."""

import hashlib
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.agreements.models import agreement_in_force
from app.core import clock
from app.core.document import Document
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evidence import locker, storage
from app.evidence.active import Unreadable, is_active
from app.evidence.models import EvidenceFile
from app.evidence.opening import NeedsPassword, NoPage, expect_opens
from app.evidence.scanning import refuse_virus
from app.evidence.states import FLOW
from app.evidence.stripping import Damaged, without_metadata
from app.evidence.terms import file_terms, kept_until, window_begins
from app.extensions import db
from app.intake.reading import expect_open
from app.people.models import User

if TYPE_CHECKING:
    from app.outcomes.models import Claim

MOST_FILES = 5  # of one claim


@operation
def keep_file(claim: "Claim", document: Document, *, actor: User, once: uuid.UUID) -> EvidenceFile:
    """Keep `document` with `claim`, encrypted, until the audit window ends.

    Not now where the agreement does not say that documents are kept, or once the claim is with the assessor. Refused
    when the claim has five documents, or this very one, when it is no sound image, holds a virus, or is a PDF that does
    more than show something or that nobody can open.
    """
    existing = db.session.get(EvidenceFile, once)
    if existing is not None:
        return existing
    terms = file_terms(db.session.scalar(agreement_in_force(claim.programme_id)))
    if terms is None:
        raise NotNow(_("The agreement does not say that documents are kept here: only their fingerprint is."))
    if not claim.is_with_provider:
        raise NotNow(_("The claim is with the assessor: documents can be added when it asks for them."))
    _check_room(claim, document)
    content = _clean(document)
    stored, key = locker.lock(once, content)
    file = EvidenceFile(
        id=once,
        programme_id=claim.programme_id,
        participant_id=claim.participant_id,
        claim_id=claim.id,
        number=_next_number(claim),
        media_type=document.media_type,
        ending=document.filename.rsplit(".", 1)[-1],
        size=len(content),
        sha256=document.sha256,
        kept_sha256=hashlib.sha256(content).hexdigest(),
        stored_as=storage.put(stored),
        key=key,
        kept_by_id=actor.id,
        keep_until=window_begins(claim.programme_id, clock.today()) + timedelta(days=terms.kept_days),
    )
    db.session.add(file)
    record(Action.EVIDENCE_ADD, file, actor, on_behalf_of=claim, claim=claim.number, sha256=document.sha256)
    return file


def _check_room(claim: "Claim", document: Document) -> None:
    kept = [file for file in claim.files if FLOW.allows(Action.EVIDENCE_READ, file)]
    if len(kept) >= MOST_FILES:
        raise Refused(_("A claim has at most %(most)d documents.", most=MOST_FILES), "document")
    if any(file.sha256 == document.sha256 for file in kept):
        raise Refused(_("This document is kept with the claim already."), "document")


def _clean(document: Document) -> bytes:
    refuse_virus(document.content)
    if document.media_type == "application/pdf":
        _refuse_active(document.content)
        _refuse_closed(document.content)
    return _bare(document)


def _bare(document: Document) -> bytes:
    try:
        return without_metadata(document.content, document.media_type)
    except Damaged:
        raise Refused(_("This image is damaged. Save it again, or make a PDF of it."), "document") from None


def refuse_broken(document: Document) -> None:
    """Of a document of which the fingerprint alone is kept: a fingerprint of what nobody can open proves nothing. One
    with a password passes here, since the provider keeps it and opens it to show it."""
    if document.media_type != "application/pdf":
        _bare(document)
        return
    with suppress(NeedsPassword):
        _refuse_no_page(document.content)


def _refuse_active(content: bytes) -> None:
    told = None
    try:
        if is_active(content):
            told = _("This PDF does more than show something: it holds a script, an action or another file.")
    except Unreadable:
        told = _("This PDF is locked, or packed so that nobody can look into it.")
    if told is not None:
        raise Refused(f"{told} {_('Print it to a new PDF, and choose that one.')}", "document")


def _refuse_closed(content: bytes) -> None:
    try:
        _refuse_no_page(content)
    except NeedsPassword:
        told = _("This PDF asks for a password before it opens, so that the assessor cannot read it.")
        raise Refused(f"{told} {_('Print it to a new PDF, and choose that one.')}", "document") from None


def _refuse_no_page(content: bytes) -> None:
    try:
        expect_opens(content)
    except NoPage:
        told = _("This file begins as a PDF and cannot be opened as one: it is damaged, or something else.")
        how = _("Open the original, save it as a PDF anew, and choose that one.")
        raise Refused(f"{told} {how}", "document") from None


def _next_number(claim: "Claim") -> int:
    last = select(func.coalesce(func.max(EvidenceFile.number), 0)).where(EvidenceFile.claim_id == claim.id)
    return (db.session.scalar(last) or 0) + 1


@operation
def read_file(file: EvidenceFile, *, actor: User) -> bytes:
    """The document as it is kept, for one person, who stands in the trail for it. `NotNow` when it is gone."""
    FLOW.advance(file, Action.EVIDENCE_READ)
    expect_open(file.participant, actor)
    record(Action.EVIDENCE_READ, file, actor, claim=file.claim_id.hex[:8].upper(), sha256=file.kept_sha256)
    try:
        return locker.unlock(file.id, storage.get(file.stored_as), file.key or b"")
    except (FileNotFoundError, locker.Unreadable):
        raise NotNow(_("The store does not give this document. Tell the administrator of the portal.")) from None


@operation
def remove_file(file: EvidenceFile, *, actor: User) -> None:
    """The provider takes a document back, for instance one of somebody else, while the claim is with the provider."""
    FLOW.advance(file, Action.EVIDENCE_REMOVE)
    _destroy(file)
    record(Action.EVIDENCE_REMOVE, file, actor, sha256=file.sha256)


def lengthen(file: EvidenceFile) -> None:
    """The window of a bond that settles later than was foreseen ends later; what was agreed is never shortened."""
    until = kept_until(file.programme_id, clock.day_of(file.created_at))
    if until is not None and until > file.keep_until:
        file.keep_until = until


@operation
def delete_file(file: EvidenceFile) -> None:
    """The audit window ended: the portal destroys the document. That there was one stays, here and in the trail."""
    lengthen(file)
    if clock.today() <= file.keep_until:
        raise NotNow(_("The audit window has not ended."))
    FLOW.advance(file, Action.EVIDENCE_DELETE)
    _destroy(file)
    record(Action.EVIDENCE_DELETE, file, None, sha256=file.sha256, kept_until=file.keep_until.isoformat())


def _destroy(file: EvidenceFile) -> None:
    """Without its key nobody reads what still lies in the store or in a back-up of it; due work removes that too."""
    file.key, file.gone_at = None, clock.now()
