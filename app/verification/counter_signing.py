"""Two signatures under one statement, where the agreement asks for them: one person of the assessor signs first,
another one counter-signs. Only then there is a batch, and only then what it holds counts for money."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Changed, NotNow
from app.core.operation import operation
from app.core.progress import Tell, silent
from app.extensions import db
from app.intake.operations import own_organisation
from app.outcomes.history import Event
from app.outcomes.models import Batch, Claim
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.models import Part, Programme
from app.verification import counter_notices, notices
from app.verification.signing import (
    count_decided,
    count_unseen,
    decided_claims,
    decided_measurements,
    digest_of,
    expect_signer,
    expect_words,
    is_counter_signed,
    lay_batch,
    list_to_sign,
    signers_of,
    why_not_signer,
)
from app.verification.standing import expect_declared_to_sign
from app.verification.statement_models import PreparedSignature
from app.verification.statement_states import FLOW, SignatureState


@operation
def prepare_signature(
    programme: Programme,
    statement: str,
    *,
    method: str = "",
    actor: User,
    once: uuid.UUID,
    digest: str | None = None,
    tell: Tell = silent,
) -> PreparedSignature:
    """The first of two signatures, for the list with this `digest` and in these words; a colleague is asked for the
    second. Refused and not now as for `sign_off`; `NotNow` also while a first signature waits."""
    existing = db.session.get(PreparedSignature, once)
    if existing is not None:
        return existing
    if not is_counter_signed(programme):
        raise NotNow(_("The agreement asks for no counter-signature: one signature is enough."))
    waiting = waiting_signature(programme)
    if waiting is not None:
        raise NotNow(_("%(name)s signed already: the counter-signature is waited for.", name=waiting.signed_by.name))
    expect_words(statement, method)
    expect_signer(programme, actor)
    expect_declared_to_sign(programme, actor)
    found, decided = list_to_sign(programme, digest, tell), count_decided(programme)
    prepared = PreparedSignature(
        id=once,
        programme=programme,
        organisation=own_organisation(programme, Part.ASSESSOR, actor),
        signed_by=actor,
        statement=statement,
        method=method,
        digest=found,
        verified_count=decided[ClaimState.VERIFIED],
        unseen_count=count_unseen(programme),
        rejected_count=decided[ClaimState.REJECTED],
        measured_count=len(decided_measurements(programme)),
    )
    db.session.add(prepared)
    record(Action.BATCH_PREPARE, prepared, actor, digest=prepared.digest)
    others = [one for one in signers_of(programme) if one.id != actor.id]
    counter_notices.tell_prepared(prepared, others)
    return prepared


def waiting_signature(programme: Programme) -> PreparedSignature | None:
    """The first signature that no second one follows yet: at most one of a bond."""
    found = select(PreparedSignature).filter_by(programme_id=programme.id, state=SignatureState.WAITING)
    return db.session.scalars(found).unique().one_or_none()


def is_same_list(prepared: PreparedSignature) -> bool:
    """Is what waits to be signed still what the first person signed for?"""
    programme = prepared.programme
    return digest_of(decided_claims(programme), decided_measurements(programme)) == prepared.digest


@operation
def counter_sign(prepared: PreparedSignature, *, actor: User, once: uuid.UUID, tell: Tell = silent) -> Batch:
    """Another person signs for the very same list; the batch is laid and sealed.

    Not yours for whoever signed first, and where either left a case on the list to colleagues. `FirstThis` before the
    declaration for the docket, `NotNow` when something
    was decided since: both then sign anew.
    """
    existing = db.session.get(Batch, once)
    if existing is not None:
        return existing
    FLOW.advance(prepared, Action.BATCH_COUNTER_SIGN)
    programme, first = prepared.programme, prepared.signed_by
    expect_signer(programme, actor)
    expect_declared_to_sign(programme, actor)
    if why_not_signer(programme, first) is not None:
        raise NotNow(
            _("%(name)s left a case on this list to colleagues after signing. Withdraw that signature; another person "
              "signs first.", name=first.name)
        )  # fmt: skip
    try:
        digest = list_to_sign(programme, prepared.digest, tell)
    except Changed as changed:
        raise NotNow(
            _("Something was decided after %(name)s signed. Withdraw that signature; both then sign anew.",
              name=first.name)
        ) from changed  # fmt: skip
    batch = lay_batch(
        programme,
        digest,
        statement=prepared.statement,
        method=prepared.method,
        id=once,
        by=first,
        organisation=prepared.organisation,
        second=actor,
    )
    prepared.counter_signed_by, prepared.batch = actor, batch
    record(Action.BATCH_COUNTER_SIGN, prepared, actor, number=batch.number, digest=digest)
    record(Action.BATCH_SIGN_OFF, batch, actor, number=batch.number, digest=digest)
    notices.tell_signed_off(batch)
    return batch


@operation
def withdraw_signature(prepared: PreparedSignature, *, actor: User) -> None:
    """Nothing was signed for: the list can be signed anew. Either person may, and anybody else of the assessor."""
    FLOW.advance(prepared, Action.BATCH_WITHDRAW)
    record(Action.BATCH_WITHDRAW, prepared, actor)
    counter_notices.tell_withdrawn(prepared, actor)


def signature_under(batch: Batch) -> PreparedSignature | None:
    """The pair of signatures under a batch; None where one was enough."""
    return db.session.scalars(select(PreparedSignature).filter_by(batch_id=batch.id)).unique().one_or_none()


def signed_events(claim: Claim) -> list[Event]:
    """Who signed for the claim, and who counter-signed, each at the moment of that signature, for its history."""
    batch = claim.batch
    if batch is None:
        return []
    pair = signature_under(batch)
    if pair is None or pair.counter_signed_by is None:
        return [Event(batch.created_at, batch.title, batch.signed_by.name)]
    return [
        Event(pair.created_at, _("%(batch)s: signed first", batch=batch.title), pair.signed_by.name),
        Event(batch.created_at, _("%(batch)s: counter-signed", batch=batch.title), pair.counter_signed_by.name),
    ]
