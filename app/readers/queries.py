import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.extensions import db
from app.readers.models import ReaderTest
from app.readers.states import ReaderTestState


@dataclass(frozen=True, slots=True)
class Tested:
    """What the tests of one definition say: the `latest` that is finished counts, `attempts` tells how many were; those
    `withdrawn` count for nothing and are named for ever."""

    latest: ReaderTest | None
    attempts: int
    unfinished: ReaderTest | None
    withdrawn: Sequence[ReaderTest] = ()


def tests_of(programme_id: uuid.UUID, digests: Mapping[str, str]) -> dict[str, Tested]:
    """By effect code, the tests of the definition with that digest; of another definition none counts."""
    found = select(ReaderTest).where(ReaderTest.programme_id == programme_id)
    kept: dict[str, list[ReaderTest]] = {code: [] for code in digests}
    found = found.options(joinedload(ReaderTest.withdrawn_by)).order_by(ReaderTest.created_at)
    for test in db.session.scalars(found).unique():
        if digests.get(test.effect_code) == test.digest:
            kept[test.effect_code].append(test)
    return {code: _tested(tests) for code, tests in kept.items()}


def _tested(tests: list[ReaderTest]) -> Tested:
    done = [test for test in tests if test.state == ReaderTestState.DONE]
    done.sort(key=lambda test: test.done_at or clock.now())
    open_tests = [test for test in tests if test.state in (ReaderTestState.DRAFT, ReaderTestState.READING)]
    withdrawn = [test for test in tests if test.state == ReaderTestState.WITHDRAWN]
    return Tested(done[-1] if done else None, len(done), open_tests[-1] if open_tests else None, withdrawn)
