"""What must be true of effects at any moment. Each function yields a line per fault."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, Uuid, cast, column, func, literal, null, select, table

from app.extensions import db
from app.intake.models import Participant
from app.intake.tally_models import StartTally
from app.outcomes.disclosure import STAGE_OF
from app.outcomes.models import Claim, Measurement, Milestone
from app.outcomes.tally_models import NONE, LineTally, MilestoneTally, ProofTally

# Settlement stands above outcomes and is not imported; its lines are read by name.
_line = table(
    "settlement_line",
    column("claim_id", Uuid),
    column("measurement_id", Uuid),
    column("settlement_id", Uuid),
    column("payer_id", Uuid),
    column("first_settlement_id", Uuid),
    column("paid_minor"),
)
_nobody = cast(null(), Uuid)  # PostgreSQL groups by no bare NULL
KINDS: tuple[tuple[str, Any, Any, Any, Any], ...] = (
    ("claim", Claim, Participant.payer_id, Participant.provider_id, _line.c.claim_id),
    ("measurement", Measurement, Measurement.payer_id, _nobody, _line.c.measurement_id),
)


def kept_counts_are_right() -> Iterator[str]:
    """What the database keeps beside participants, claims, measurements, lines and milestones is what a count of
    them gives."""
    of_person: Any = (Participant.programme_id, Participant.payer_id, Participant.provider_id)
    yield from _differences(StartTally, [select(*of_person, func.count()).group_by(*of_person)])
    yield from _differences(ProofTally, [_of_kind(*kind) for kind in KINDS])
    yield from _differences(LineTally, [_lines_of_kind(*kind) for kind in KINDS])
    days: Any = (Milestone.provider_id, Milestone.programme_id, Milestone.due_on, Milestone.lapses_on)
    yield from _differences(MilestoneTally, [select(*days, func.count()).group_by(*days)])


def _of_kind(name: str, proof: Any, payer: Any, provider: Any, _line_of: Any) -> Select[Any]:
    keys = (proof.state, payer, proof.effect_id, proof.batch_id, provider)
    found = select(proof.programme_id, literal(name), *keys, func.count()).select_from(proof)
    return _with_people(found, proof).group_by(proof.programme_id, *keys)


def _lines_of_kind(_name: str, proof: Any, payer: Any, provider: Any, line_of: Any) -> Select[Any]:
    keys = (
        *(proof.programme_id, _line.c.settlement_id, _line.c.payer_id, payer, proof.effect_id),
        *(proof.state, proof.batch_id, _line.c.first_settlement_id, provider),
    )
    found = select(*keys, func.count(), func.sum(_line.c.paid_minor)).select_from(proof)
    return _with_people(found.join(_line, line_of == proof.id), proof).group_by(*keys)


def _with_people(found: Select[Any], proof: Any) -> Select[Any]:
    return found.join(Participant, Participant.id == Claim.participant_id) if proof is Claim else found


def _differences(tally: Any, counts: list[Select[Any]]) -> Iterator[str]:
    """A row that is kept and counts nothing is right."""
    keys = [column.name for column in tally.__table__.columns if column.primary_key]
    sums = [column.name for column in tally.__table__.columns if not column.primary_key]
    kept = _summed(keys, [select(tally.__table__)])
    counted = _summed(keys, counts)
    nothing = (0,) * len(sums)
    for key in kept.keys() | counted.keys():
        if kept.get(key, nothing) != counted.get(key, nothing):
            told = ", ".join(str(part) for part in key)
            yield f"{tally.__tablename__} ({told}): {kept.get(key, nothing)} kept, {counted.get(key, nothing)} counted"


def _summed(keys: list[str], counts: list[Select[Any]]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The sums of each key, whose parts stand first in a row."""
    found: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for count in counts:
        for row in db.session.execute(count):
            key = tuple(_as_kept(name, part) for name, part in zip(keys, row, strict=False))
            before = found.get(key, (0,) * (len(row) - len(keys)))
            found[key] = tuple(one + int(more or 0) for one, more in zip(before, row[len(keys) :], strict=True))
    return found


def _as_kept(name: str, part: Any) -> Any:
    return STAGE_OF.get(part, part) if name == "stage" else NONE if part is None else part
