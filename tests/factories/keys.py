"""Keys of officials, each with a passphrase of its own that a test can say again."""

import uuid
from typing import Any

from werkzeug.test import TestResponse

from app.calls.key_models import OpenerKey
from app.calls.key_operations import cost, renew_call_keys
from app.calls.models import Call, Duty
from app.calls.opener_operations import propose_opener, replace_opener
from app.calls.states import CallState, Leaving
from app.core import clock
from app.extensions import db
from app.sealing import envelope, locked, passphrase
from tests.browser import Browser, soup
from tests.factories.people import make_user


def passphrase_of(row: Any) -> str:
    """The same for the same person or consortium, another for each."""
    number = row.id.int
    letters = "".join(passphrase.ALPHABET[(number >> (5 * i)) & 31] for i in range(19))
    return passphrase.in_blocks(letters + passphrase._check(letters))


def make_opener_key(call: Call, user: Any) -> OpenerKey:
    pair = envelope.make_pair()
    key = OpenerKey(id=uuid.uuid4(), call_id=call.id, user_id=user.id, public_key=pair.public, made_at=clock.now())
    key.wrapped_private_key = locked.lock(pair.private, passphrase_of(user), cost(), *key.bound_to)
    call.opener_keys.append(key)
    return key


def make_keys(call: Call) -> None:
    """A key for each official who opens, and the call's own keys when it is published."""
    db.session.flush()
    for member in call.on_committee(Duty.OPENER):
        db.session.refresh(member)
        make_opener_key(call, member.user)
    db.session.flush()
    if call.state != CallState.DRAFT and call.on_committee(Duty.OPENER):
        renew_call_keys(call)
    db.session.commit()


def replace_by_two(call: Call, leaving: Any, taking: Any, reason: Leaving, *, warned: bool = False) -> None:
    """One official proposes, another confirms."""
    one, another = (make_user(call.programme.lead) for _ in range(2))
    seat = propose_opener(call, leaving, taking, reason, actor=one)
    replace_opener(seat, actor=another, warned=warned)


def type_back(browser: Browser, url: str) -> tuple[TestResponse, str]:
    """Note the passphrase that a page shows once and send it back; the answer, and the passphrase."""
    page = browser.get_ok(url)
    shown = soup(page).select_one("#passphrase-shown")
    assert shown is not None, f"{url} shows no passphrase"
    return browser.submit(page, {"passphrase": shown.text}), shown.text
