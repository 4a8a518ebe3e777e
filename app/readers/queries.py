import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.access.actions import Action
from app.audit.models import AuditEntry
from app.core import clock
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.programmes.models import Part, Party, Programme
from app.readers.models import ReaderFile, ReaderTest, ReaderVerdict
from app.readers.states import ReaderTestState

WROTE_PRICES = (Action.TABLE_DRAFT, Action.TABLE_EDIT)


@dataclass(frozen=True, slots=True)
class Tested:
    """What the tests of one definition say: the `latest` that is finished counts, `attempts` tells how many were."""

    latest: ReaderTest | None
    attempts: int
    unfinished: ReaderTest | None


def tests_of(programme_id: uuid.UUID, digests: Mapping[str, str]) -> dict[str, Tested]:
    """By effect code, the tests of the definition with that digest; of another definition none counts."""
    found = select(ReaderTest).where(ReaderTest.programme_id == programme_id)
    kept: dict[str, list[ReaderTest]] = {code: [] for code in digests}
    for test in db.session.scalars(found.order_by(ReaderTest.created_at)).unique():
        if digests.get(test.effect_code) == test.digest:
            kept[test.effect_code].append(test)
    return {code: _tested(tests) for code, tests in kept.items()}


def _tested(tests: list[ReaderTest]) -> Tested:
    done = [test for test in tests if test.state == ReaderTestState.DONE]
    done.sort(key=lambda test: test.done_at or clock.now())
    open_tests = [test for test in tests if test.state != ReaderTestState.DONE]
    return Tested(done[-1] if done else None, len(done), open_tests[-1] if open_tests else None)


def has_judged(test: ReaderTest, user_id: uuid.UUID | None) -> bool:
    found = select(ReaderVerdict.id).join(ReaderFile).where(ReaderFile.test_id == test.id)
    return db.session.scalar(found.where(ReaderVerdict.reader_id == user_id).limit(1)) is not None


def reader_by_email(programme: Programme, address: str) -> User | None:
    """An active person of a vetted organisation that neither provides nor invests in this bond."""
    stakes = select(Party.organisation_id).where(
        Party.programme_id == programme.id, Party.part.in_([Part.PROVIDER, Part.INVESTOR])
    )
    interested = select(Membership.user_id).where(Membership.organisation_id.in_(stakes))
    found = select(User).join(Membership, Membership.user_id == User.id)
    found = found.join(Organisation, Organisation.id == Membership.organisation_id)
    found = found.where(User.active, User.confirmed_at.is_not(None), Organisation.vetted_at.is_not(None))
    by_address = found.where(db.func.lower(User.email) == address.strip().lower(), User.id.not_in(interested))
    return db.session.scalars(by_address).unique().first()


def wrote_prices(programme: Programme, user: User) -> bool:
    """Whether this person drafted or changed a price table of the bond, so knows what was meant."""
    found = select(AuditEntry.seq).where(AuditEntry.programme_id == programme.id, AuditEntry.actor_id == user.id)
    return db.session.scalar(found.where(AuditEntry.action.in_(WROTE_PRICES)).limit(1)) is not None
