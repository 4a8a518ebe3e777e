"""A bond in delivery of any size, laid by statements that make their rows in the database."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Date, DateTime, String, Uuid, case, cast, func, insert, literal, select, type_coerce

from app.core.models import Moment
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.intake.states import ParticipantState
from app.outcomes.batch_counts import count_signed
from app.outcomes.models import Batch, Claim, Milestone
from app.outcomes.states import ClaimState
from app.people.models import Membership, User
from app.pricing.states import TableState
from app.programmes.models import Part, Party
from tests.factories.outcomes import START, Delivery, publish
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_party
from tests.factories.verification import make_sampled

EFFECTS = 10
PER_PERSON = 10
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Size:
    """`waiting` claims are with the assessor, as many are registered; the others stand in batches of `waiting`."""

    people: int
    waiting: int

    @property
    def claims(self) -> int:
        return self.people * PER_PERSON

    @property
    def batches(self) -> int:
        return -(-(self.claims - 2 * self.waiting) // self.waiting)


SMALL, LARGE = Size(70, 50), Size(200_000, 50_000)


def lay(size: Size, *, shared: bool = False) -> Delivery:
    """Two of three live in Enschede; one claim of twenty was rejected; each person has one effect that comes.

    `shared`: a partner took one of seven people in, as `partner_of` names it.
    """
    bond = make_sampled(tolerance_bp=500)
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0)
    for n in range(EFFECTS):
        make_effect(table, f"effect-{n}", name=f"Effect {n}", deadweight_bp=0)
    table.published_at, table.state = NOON, TableState.PUBLISHED
    bond.table.state = TableState.SUPERSEDED
    bond.agreement.table, bond.table = table, table
    db.session.commit()
    _teach_sqlite()
    _remember("-1000000")
    batches = [_batch(bond, number, size) for number in range(size.batches)]
    took_in = [bond.provider.organisations[0].id] * 7
    if shared:
        took_in[0] = make_user(make_party(bond.programme, Part.PROVIDER)).organisations[0].id
    _lay_people(bond, size, took_in)
    _lay_claims(bond, size, batches)
    for id in batches:
        count_signed(db.session.get_one(Batch, id))
    _lay_milestones(bond, size, took_in)
    db.session.commit()
    publish(bond)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()
    _remember("-2000")
    return bond


def _teach_sqlite() -> None:
    """MD5, which PostgreSQL knows: ids that lie as spread as random ones, and can be made again from a number."""
    if db.engine.dialect.name == "sqlite":
        known = db.session.connection().connection.driver_connection
        known.create_function("md5", 1, lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def _remember(pages: str) -> None:
    """How much of the file SQLite keeps in memory: rows that lie as spread as these are laid by reading all of it."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(db.text(f"PRAGMA cache_size = {pages}"))


def _batch(bond: Delivery, number: int, size: Size) -> uuid.UUID:
    batch = Batch(
        programme=bond.programme,
        number=number + 1,
        organisation=bond.assessor.organisations[0],
        signed_by=bond.assessor,
        statement="Every document was read.",
        verified_count=size.waiting * 19 // 20,
        rejected_count=size.waiting // 20,
        digest="0" * 64,
    )
    db.session.add(batch)
    db.session.flush()
    return batch.id


def _numbers(count: int) -> Any:
    first = select(literal(0).label("i")).cte("n", recursive=True)
    return first.union_all(select(first.c.i + 1).where(first.c.i < count - 1))


def _id(bond: Delivery, kind: str, number: Any) -> Any:
    made = func.md5(literal(f"{bond.programme.id}{kind}") + cast(number, String))
    return type_coerce(made, Uuid()) if db.engine.dialect.name == "sqlite" else cast(made, Uuid())


def _digest(number: Any) -> Any:
    """64 hexadecimal digits."""
    return func.md5(cast(number, String), type_=String) + func.md5(literal("x") + cast(number, String), type_=String)


def _day(days: Any) -> Any:
    if db.engine.dialect.name == "sqlite":
        return type_coerce(func.date(START.isoformat(), literal("+") + cast(days, String) + " days"), Date())
    return cast(literal(START, Date()) + days, Date())


def _moment(seconds: Any) -> Any:
    if db.engine.dialect.name == "sqlite":
        after = literal("+") + cast(seconds, String) + " seconds"
        return type_coerce(func.strftime("%Y-%m-%d %H:%M:%S.000000", NOON.isoformat(" ")[:19], after), Moment())
    return cast(literal(NOON, Moment()) + func.make_interval(0, 0, 0, 0, 0, 0, seconds), DateTime(timezone=True))


def _one_of(values: list[Any], number: Any, kind: Any) -> Any:
    return case({n: literal(value, kind) for n, value in enumerate(values)}, value=number % len(values))


def _fill(model: Any, numbers: Any, columns: dict[str, Any]) -> None:
    chosen = select(*(value.label(name) for name, value in columns.items())).select_from(numbers)
    db.session.execute(insert(model).from_select(list(columns), chosen))


def partner_of(bond: Delivery) -> User:
    """The person of the second service provider, where there is one."""
    other = select(Party.organisation_id).where(
        Party.programme_id == bond.programme.id,
        Party.part == Part.PROVIDER,
        Party.organisation_id != bond.provider.organisations[0].id,
    )
    return db.session.scalars(select(User).join(Membership).where(Membership.organisation_id.in_(other))).unique().one()


def _lay_people(bond: Delivery, size: Size, took_in: list[uuid.UUID]) -> None:
    n = _numbers(size.people)
    payers = [bond.enschede.id, bond.enschede.id, bond.hengelo.id]
    columns = {
        "id": _id(bond, "person", n.c.i),
        "programme_id": literal(bond.programme.id, Uuid()),
        "code": literal("K") + cast(n.c.i, String),
        "provider_id": _one_of(took_in, n.c.i, Uuid()),
        "payer_id": _one_of(payers, n.c.i, Uuid()),
        "age_band": literal(AgeBand.FROM_18, Participant.age_band.type),
        "started_on": _day(n.c.i % 90),
        "state": literal(ParticipantState.ACTIVE, Participant.state.type),
    }
    _fill(Participant, n, columns)


def _lay_claims(bond: Delivery, size: Size, batches: list[uuid.UUID]) -> None:
    n = _numbers(size.claims)
    signed = size.claims - 2 * size.waiting
    effects = [effect.id for effect in bond.table.effects]
    rejected = n.c.i % 20 == 7
    states = case(
        (n.c.i >= signed + size.waiting, literal(ClaimState.REGISTERED, Claim.state.type)),
        (n.c.i >= signed, literal(ClaimState.SUBMITTED, Claim.state.type)),
        (rejected, literal(ClaimState.REJECTED, Claim.state.type)),
        else_=literal(ClaimState.SIGNED_OFF, Claim.state.type),
    )
    of_batch = case({k: literal(id, Uuid()) for k, id in enumerate(batches)}, value=n.c.i.op("/")(size.waiting))
    columns = {
        "id": _id(bond, "claim", n.c.i),
        "programme_id": literal(bond.programme.id, Uuid()),
        "participant_id": _id(bond, "person", n.c.i % size.people),
        "effect_id": _one_of(effects, n.c.i % size.people + n.c.i.op("/")(size.people), Uuid()),
        "achieved_on": _day(90 + n.c.i % 90),
        "evidence_type": literal(bond.table.effects[0].evidence_type, Claim.evidence_type.type),
        "evidence_issuer": literal("employer"),
        "evidence_on": _day(90 + n.c.i % 90),
        "evidence_digest": _digest(n.c.i),
        "state": states,
        "registered_by_id": literal(bond.provider.id, Uuid()),
        "created_at": _moment(n.c.i),
        "submitted_at": case((n.c.i < signed + size.waiting, _moment(n.c.i)), else_=None),
        "batch_id": case((n.c.i < signed, of_batch), else_=None),
    }
    _fill(Claim, n, columns)


def _lay_milestones(bond: Delivery, size: Size, took_in: list[uuid.UUID]) -> None:
    n = _numbers(size.people)
    reached = n.c.i * 37 % 100  # seven of ten can be claimed when the bench looks, the others soon
    columns = {
        "id": _id(bond, "milestone", n.c.i),
        "programme_id": literal(bond.programme.id, Uuid()),
        "participant_id": _id(bond, "person", n.c.i),
        "provider_id": _one_of(took_in, n.c.i, Uuid()),
        "effect_id": literal(bond.table.effects[0].id, Uuid()),
        "due_on": _day(230 + reached),
        "lapses_on": _day(320 + reached),
    }
    _fill(Milestone, n, columns)


LATER = timedelta(days=120)  # when the bench looks at it
