"""Whether the share of rejections moves: per assessor and per kind of evidence, by month; and over all months, what of
their decisions did not hold: reopened later, or overturned on appeal.

A month stands apart when the share over all months lies outside its 95 % interval. Judged claims only: one that was
accepted unseen says nothing about who judges. Who reads the rows reads counts; to others a share is a step of five
points, and only where many were judged: no number of 1 to 4 follows from it (domain, section 9). What did not hold is
nearly always such a number, so only who reads the rows reads of it.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, extract, func, select

from app.core.flow import Labelled
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.people.models import User
from app.pricing.models import EvidenceType
from app.programmes.models import Programme
from app.verification.appeal_models import Appeal
from app.verification.appeal_states import AppealState
from app.verification.sampling import wilson

LEAST = 5  # judged in a month; fewer say nothing
MANY = 30  # before a share is told to who reads no rows
JUDGED = (ClaimState.VERIFIED, ClaimState.REJECTED, ClaimState.SIGNED_OFF, ClaimState.SETTLED, ClaimState.REOPENED)


class Compared(Labelled):
    """A month beside all months."""

    FEW = "few", _l("too few to say"), "neutral"
    USUAL = "usual", _l("as usual"), "good"
    MORE = "more", _l("more rejected than usual"), "warn"
    FEWER = "fewer", _l("fewer rejected than usual"), "warn"


@dataclass(frozen=True, slots=True)
class Month:
    """What was judged in one calendar month (UTC) under one `name`; shares are from 0 to 1.

    `judged`, `rejected` and `interval` are None to who may not know them; `share` is then the start of a step of five
    points. It is None where too few were judged.
    """

    name: Any
    year: int
    month: int
    judged: int | None
    rejected: int | None
    share: float | None
    interval: tuple[float, float] | None
    compared: Compared


@dataclass(frozen=True, slots=True)
class Held:
    """Of the claims judged under one `name`: how many were found `proven`, how many of those were `reopened` later, and
    how many decisions, to approve or to reject, were `overturned` on appeal. A reopening that an appeal undid counts as
    neither."""

    name: Any
    judged: int
    proven: int
    reopened: int
    overturned: int


@dataclass(frozen=True, slots=True)
class Drift:
    """`held_by_evidence` and `held_by_assessor` are empty to who reads no rows."""

    by_evidence: list[Month]
    by_assessor: list[Month]
    held_by_evidence: list[Held]
    held_by_assessor: list[Held]


def drift_of(programme: Programme, *, exact: bool) -> Drift:
    """Of the claims of a bond; `exact`: the reader is an assessor of it, who also reads what each colleague judged."""
    by_evidence = months_of(_counted(programme.id, Claim.evidence_type), exact=exact, own_usual=True)
    found = [(EvidenceType(month.name).label, month) for month in by_evidence]
    people = months_of(_counted(programme.id, Claim.decided_by_id), exact=True, own_usual=False) if exact else []
    names = dict(iter(db.session.execute(select(User.id, User.name).where(User.id.in_([m.name for m in people])))))  # type: ignore[arg-type,var-annotated]
    return Drift(
        [_named(month, label) for label, month in found],
        [_named(month, names[month.name]) for month in people],
        held_of(programme.id, Claim.evidence_type, lambda key: EvidenceType(key).label) if exact else [],
        held_of(programme.id, Claim.decided_by_id, lambda key: names[key]) if exact else [],
    )


def _named(month: Month, name: Any) -> Month:
    return Month(
        name, month.year, month.month, month.judged, month.rejected, month.share, month.interval, month.compared
    )


def held_of(programme_id: uuid.UUID, by: Any, name_of: Callable[[Any], Any]) -> list[Held]:
    """In one statement however many claims there are."""
    rejected, reopened = Claim.state == ClaimState.REJECTED, Claim.state == ClaimState.REOPENED
    upheld = select(Appeal.id).where(Appeal.claim_id == Claim.id, Appeal.state == AppealState.UPHELD)
    for_provider, for_payer = upheld.where(Appeal.by_provider).exists(), upheld.where(~Appeal.by_provider).exists()
    undone = reopened & for_provider  # it stands anew
    kinds = (~rejected, reopened & ~undone, (rejected & for_provider) | (for_payer & ~undone))
    found = select(by, func.count()).add_columns(*(func.sum(case((one, 1), else_=0)) for one in kinds))
    found = found.where(*_judged(programme_id)).group_by(by).order_by(by)
    return [Held(name_of(key), *(int(one) for one in counts)) for key, *counts in db.session.execute(found)]


def _judged(programme_id: uuid.UUID) -> list[Any]:
    return [
        *(Claim.programme_id == programme_id, Claim.state.in_(JUDGED), ~Claim.accepted_unseen),
        *(Claim.decided_at.is_not(None), Claim.decided_by_id.is_not(None)),
    ]


def _counted(programme_id: uuid.UUID, by: Any) -> list[tuple[Any, int, int, int, int]]:
    """(by, year, month, judged, rejected), in one statement however many claims there are."""
    year, month = extract("year", Claim.decided_at), extract("month", Claim.decided_at)
    rejected = func.sum(case((Claim.state == ClaimState.REJECTED, 1), else_=0))
    found = (
        select(by, year, month, func.count(), rejected)
        .where(*_judged(programme_id))
        .group_by(by, year, month)
        .order_by(by, year, month)
    )
    return [(key, int(y), int(m), int(n), int(bad)) for key, y, m, n, bad in db.session.execute(found)]


def months_of(counted: Iterable[tuple[Any, int, int, int, int]], *, exact: bool, own_usual: bool) -> list[Month]:
    """`own_usual`: what is usual is that of the same name over all months; else that of all together."""
    rows = list(counted)
    sums: dict[Any, list[int]] = {}
    for key, *_when, judged, rejected in rows:
        whole = sums.setdefault(key if own_usual else None, [0, 0])
        whole[0] += judged
        whole[1] += rejected
    made = [_month(*row, sums[row[0] if own_usual else None], exact) for row in rows]
    return [one for one in made if exact or one.compared != Compared.FEW]  # that it occurs may be a small number


def _month(name: Any, year: int, month: int, judged: int, rejected: int, whole: list[int], exact: bool) -> Month:
    interval = wilson(rejected, judged)
    if exact:
        compared = _compare(whole[1] / whole[0], interval) if judged >= LEAST else Compared.FEW
        share = rejected / judged if judged >= LEAST else None
        return Month(name, year, month, judged, rejected, share, interval if share is not None else None, compared)
    if judged < MANY or min(rejected, judged - rejected) < LEAST:
        return Month(name, year, month, None, None, None, None, Compared.FEW)
    step = rejected * 20 // judged / 20
    return Month(name, year, month, None, None, step, None, _compare(whole[1] / whole[0], interval))


def _compare(usual: float, interval: tuple[float, float]) -> Compared:
    if interval[0] <= usual <= interval[1]:
        return Compared.USUAL
    return Compared.MORE if usual < interval[0] else Compared.FEWER
