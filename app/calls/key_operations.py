"""The keys of officials and of the call. A private key lives only as long as the act that makes or uses it."""

import uuid

from flask import current_app
from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.calls import key_notices as notices
from app.calls.key_models import CallKey, KeyLayer, OpenerKey, Purpose, current_key, key_of
from app.calls.models import LEAST_OPENERS, Call, Duty
from app.calls.states import FLOW, CallState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people import attempts
from app.people.models import User
from app.sealing import DoesNotOpen, envelope, layers, locked

WRONG_PASSPHRASES = "5 per 15 minutes"


def cost() -> locked.Cost:
    """What a try of a passphrase costs here."""
    return locked.Cost(*current_app.config["PASSPHRASE_COST"])


def make_opening_key(call: Call, passphrase: str, *, actor: User) -> OpenerKey:
    """An official named in the call makes the key to open with, locked under `passphrase`, which the portal made and
    nobody keeps. While the call is a draft a new key takes the place of an earlier one.

    `NotNow` when a key stands in a published call: what is sealed to it would need it.
    """
    pair = envelope.make_pair()
    key = OpenerKey(id=uuid.uuid4(), call_id=call.id, user_id=actor.id, public_key=pair.public)
    key.wrapped_private_key = locked.lock(pair.private, passphrase, cost(), *key.bound_to)  # slow: before the turn
    return _keep_opening_key(call, key, actor=actor)


@operation
def _keep_opening_key(call: Call, key: OpenerKey, *, actor: User) -> OpenerKey:
    FLOW.advance(call, Action.OPENING_KEY_MAKE)
    earlier = key_of(call, actor)
    if earlier is not None and call.state != CallState.DRAFT:
        raise NotNow(_("You have an opening key for this call."))
    if earlier is not None:
        retire(earlier)
    key.made_at = clock.now()
    call.opener_keys.append(key)
    record(Action.OPENING_KEY_MAKE, call, actor, public_key=key.public_key.hex())
    if call.state != CallState.DRAFT and not call.without_key():
        renew_call_keys(call)
        notices.tell_renewed(call)
    return key


def retire(key: OpenerKey) -> None:
    key.retired_at, key.wrapped_private_key = clock.now(), b""


def renew_call_keys(call: Call) -> list[CallKey]:
    """Inside the operation that publishes the call or completes its officials: a new generation, one key for plans and
    one for discounts, each sealed to every ordered pair of officials and then forgotten."""
    holders = {key.id: key.public_key for key in call.opener_keys if key.retired_at is None and _opens(call, key)}
    if len(holders) < LEAST_OPENERS:
        raise Refused(_("At least three officials must be named who open the plans, any two of them together."))
    made = []
    for purpose in Purpose:
        earlier = current_key(call, purpose)
        pair = envelope.make_pair()
        key = CallKey(id=uuid.uuid4(), call_id=call.id, purpose=purpose, public_key=pair.public, made_at=clock.now())
        key.generation = earlier.generation + 1 if earlier else 1
        key.layers = [
            KeyLayer(outer_id=outer, inner_id=inner, sealed=sealed)
            for (outer, inner), sealed in layers.wrap(pair.private, holders, *key.bound_to).items()
        ]
        db.session.add(key)
        made.append(key)
    db.session.flush()
    return made


def _opens(call: Call, key: OpenerKey) -> bool:
    return any(member.user_id == key.user_id for member in call.on_committee(Duty.OPENER))


def unlock_opening_key(call: Call, passphrase: str, *, actor: User) -> tuple[OpenerKey, bytes]:
    """The key of this official and its private half, to be forgotten when the act is done.

    Refused (on `passphrase`) for a wrong one, and after five wrong ones in a quarter of an hour.
    """
    key = key_of(call, actor)
    if key is None:
        raise NotNow(_("You have no opening key for this call."))
    return key, unlock(key.wrapped_private_key, passphrase, *key.bound_to, trier=actor)


def unlock(wrapped: bytes, passphrase: str, *bound_to: object, trier: User) -> bytes:
    """What lies locked under a passphrase; tries are counted per person."""
    if attempts.too_many(WRONG_PASSPHRASES, "passphrase", trier.id):
        raise Refused(_("Too many wrong passphrases. Wait a quarter of an hour."), "passphrase")
    try:
        return locked.unlock(wrapped, passphrase, *bound_to)
    except DoesNotOpen:
        attempts.count(WRONG_PASSPHRASES, "passphrase", trier.id)
        raise Refused(_("This passphrase does not open it."), "passphrase") from None
