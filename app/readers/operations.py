"""Write the files, ask two people, let each judge without the other."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.readers import notices
from app.readers.agreement import LEAST_FILES
from app.readers.eligible import may_bid_later, reader_by_email, wrote_prices
from app.readers.models import ReaderFile, ReaderTest, ReaderVerdict, digest_of
from app.readers.states import FLOW, ReaderTestState


@operation
def draft_test(
    programme: Programme,
    code: str,
    definition: Mapping[str, Any],
    texts: Sequence[str],
    *,
    actor: User,
    once: uuid.UUID,
) -> ReaderTest:
    """Lay at least ten different files beside the `definition` of the effect `code` (gate D2)."""
    existing = db.session.get(ReaderTest, once)
    if existing is not None:
        return existing
    texts = [text.strip() for text in texts if text.strip()]
    if len({text.casefold() for text in texts}) < len(texts):
        raise Refused(_("Two of the files say the same."), "files")
    if len(texts) < LEAST_FILES:
        raise Refused(_("Write at least %(number)d files.", number=LEAST_FILES), "files")
    test = ReaderTest(id=once, programme=programme, effect_code=code, definition=dict(definition))
    test.digest = digest_of(definition)
    test.files = [ReaderFile(position=number, text=text) for number, text in enumerate(texts, 1)]
    db.session.add(test)
    facts: dict[str, Any] = {"effect": code, "digest": test.digest, "files": len(texts)}
    record(Action.READER_TEST_DRAFT, test, actor, on_behalf_of=programme, **facts)
    return test


@operation
def invite_readers(test: ReaderTest, first: str, second: str, *, actor: User) -> None:
    """Ask the two people with these e-mail addresses. `Refused` for who wrote the prices or gains by them."""
    FLOW.advance(test, Action.READER_TEST_INVITE)
    one, other = _reader(test, first, "first", actor), _reader(test, second, "second", actor)
    if one.id == other.id:
        raise Refused(_("The two readers must be two people."), "second")
    test.first_reader, test.second_reader = one, other
    record(Action.READER_TEST_INVITE, test, actor, readers=[one.id, other.id])
    notices.tell_invited(test)


def _reader(test: ReaderTest, address: str, field: str, actor: User) -> User:
    reader = reader_by_email(test.programme, address)
    if reader is None or may_bid_later(reader):  # told alike: an address must not bring out whose it is
        raise Refused(
            _("Nobody with this address may read: it takes an account of a vetted organisation without a stake."), field
        )
    if reader.id == actor.id or wrote_prices(test.programme, reader):
        raise Refused(_("%(name)s wrote the prices or the files, so knows what was meant.", name=reader.name), field)
    return reader


@operation
def judge_files(test: ReaderTest, answers: Mapping[uuid.UUID, bool], *, actor: User) -> None:
    """Say of every file whether it proves the effect, once and for all; the second reader's answers end the test."""
    FLOW.advance(test, Action.READER_TEST_JUDGE)
    if actor.id not in test.reader_ids:
        raise NotNow(_("You are not one of the two readers."))
    if test.has_judged(actor.id):
        raise NotNow(_("You have judged these files already."))
    if set(answers) != {file.id for file in test.files}:
        raise Refused(_("Judge every file."), "files")
    for file in test.files:
        db.session.add(ReaderVerdict(file=file, reader_id=actor.id, meets=answers[file.id]))
    db.session.flush()
    facts: dict[str, Any] = {"files": len(answers)}
    if all(test.has_judged(reader) for reader in test.reader_ids):
        facts |= _finish(test)
    record(Action.READER_TEST_JUDGE, test, actor, **facts)
    if test.state == ReaderTestState.DONE:
        notices.tell_done(test)


@operation
def withdraw_test(test: ReaderTest, why: str, *, actor: User) -> None:
    """End a test that will not be finished: a reader left, or the files were wrong. What was answered is never shown,
    so no outcome can be withdrawn. Gate D2 says for ever who withdrew it and `why`; a reader never may. Whoever wrote
    the files and the readers who were asked are told."""
    FLOW.advance(test, Action.READER_TEST_WITHDRAW)
    if not why.strip():
        raise Refused(_("Say why the test is withdrawn."), "why")
    test.withdrawn_at, test.withdrawn_by_id, test.withdrawn_why = clock.now(), actor.id, why.strip()
    record(Action.READER_TEST_WITHDRAW, test, actor, effect=test.effect_code, digest=test.digest)
    notices.tell_withdrawn(test)


def _finish(test: ReaderTest) -> dict[str, Any]:
    """Count the 2 x 2 table; only now may anybody see it."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for file in test.files:
        db.session.refresh(file, ["verdicts"])
        said = {verdict.reader_id: verdict.meets for verdict in file.verdicts}
        counts[said[test.first_reader_id], said[test.second_reader_id]] += 1  # type: ignore[index]
    test.both_yes, test.first_only = counts[True, True], counts[True, False]
    test.second_only, test.both_no = counts[False, True], counts[False, False]
    test.state, test.done_at = ReaderTestState.DONE, clock.now()
    return {"agreement": str(test.agreement.observed), "kappa": str(test.agreement.kappa)}
