"""The only code that changes what a consortium has written. The trail learns the digest of the whole draft, and not
which piece it was: that somebody wrote a discount is nobody's business before it is opened."""

import base64
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import lazyload

from app.access.actions import Action
from app.access.record import record
from app.calls.asked import ItemKind
from app.consortia import vault
from app.consortia.models import Consortium
from app.consortia.states import FLOW
from app.consortia.vault import Slot
from app.core import clock
from app.core.document import Document
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import User
from app.proposals.content import FileAnswer
from app.proposals.models import Proposal
from app.proposals.pieces import Piece, expect_right

SITTING_LASTS = timedelta(minutes=15)  # the pause after which writing on is another sitting


@operation
def write_piece(consortium: Consortium, piece: Piece, value: Any, *, actor: User, version: int | None = None) -> Slot:
    """Keep what one person wrote in one piece of the plan; whoever confirmed something else is asked again.

    `value` is a text, a whole number, a choice, a `Document`, `{"numbers", "years"}`, budget lines or basis points;
    None empties it. `version` is the one that the person was reading. Raises `Changed` when somebody wrote something
    else there meanwhile, `Refused` for what the piece cannot hold, `NotNow` when the call is closed.
    """
    FLOW.advance(consortium, Action.PROPOSAL_DRAFT)
    expect_right(piece, value, consortium)
    plan = plan_of(consortium) or _new_plan(consortium)
    before = _digest_in(consortium, piece)
    slot = _keep(consortium, piece, value, actor, version)
    if slot.editing_by_id == actor.id:
        vault.end_editing(consortium, piece.slot, actor=actor)
    if slot.digest != before:
        db.session.add(plan)
        digest = vault.digest_of(consortium)
        record(Action.PROPOSAL_DRAFT, plan, actor, on_behalf_of=consortium, digest=digest)
    return slot


def autosave_piece(
    consortium: Consortium, piece: Piece, value: Any, *, actor: User, version: int | None = None
) -> Slot:
    """The same while a person is typing. The first time in a sitting it is recorded as any change is; what follows
    without a pause of a quarter of an hour, or another hand, is one act that goes on."""
    if _goes_on(vault.slot_of(consortium, piece.slot), actor):
        slot = _write_on(consortium, piece, value, actor, version)
    else:
        slot = write_piece(consortium, piece, value, actor=actor, version=version)
    mark_writing(consortium, piece, actor=actor)
    return slot


def _goes_on(slot: Slot | None, actor: User) -> bool:
    if slot is None or not slot.digest or slot.edited_at is None:
        return False
    return slot.edited_by_id == actor.id and clock.now() - slot.edited_at < SITTING_LASTS


@housekeeping
def _write_on(consortium: Consortium, piece: Piece, value: Any, actor: User, version: int | None) -> Slot:
    FLOW.advance(consortium, Action.PROPOSAL_DRAFT)
    expect_right(piece, value, consortium)
    return _keep(consortium, piece, value, actor, version)


@housekeeping
def mark_writing(consortium: Consortium, piece: Piece, *, actor: User) -> None:
    """Let the others see, for two minutes, who is writing this piece."""
    FLOW.advance(consortium, Action.PROPOSAL_DRAFT)
    vault.mark_editing(consortium, piece.slot, actor=actor)


def _keep(consortium: Consortium, piece: Piece, value: Any, actor: User, version: int | None) -> Slot:
    if piece.kind == ItemKind.FILE:
        return _keep_file(consortium, piece, value, actor, version)
    return vault.write(consortium, piece.slot, value, actor=actor, version=version)


def _keep_file(
    consortium: Consortium, piece: Piece, document: Document | None, actor: User, version: int | None
) -> Slot:
    """Its description and its bytes are two slots, so that reading the plan does not read the files."""
    answer = None if document is None else describe(document)
    slot = vault.write(consortium, piece.slot, answer, actor=actor, version=version)
    data = None if document is None else base64.b64encode(document.content).decode()
    vault.write(consortium, f"file:{piece.key}", data, actor=actor)
    return slot


def describe(document: Document) -> FileAnswer:
    return FileAnswer(
        filename=document.filename, media_type=document.media_type, size=document.size, sha256=document.sha256
    )


def _digest_in(consortium: Consortium, piece: Piece) -> str:
    slot = vault.slot_of(consortium, piece.slot)
    return slot.digest if slot is not None else ""


def _new_plan(consortium: Consortium) -> Proposal:
    """Nothing is sealed before it is handed in."""
    return Proposal(id=uuid.uuid4(), call_id=consortium.call_id, consortium=consortium)


_PLAN_OF = (
    select(Proposal)
    .where(Proposal.consortium_id == bindparam("consortium"))
    .options(lazyload(Proposal.consortium))  # it is at hand
)


def plan_of(consortium: Consortium) -> Proposal | None:
    """The one plan of a consortium, if anything of it was written."""
    return db.session.scalars(_PLAN_OF, {"consortium": consortium.id}).one_or_none()
