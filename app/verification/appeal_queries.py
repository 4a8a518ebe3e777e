"""What the pages of appeals and reopenings read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.outcomes.models import Claim, claims_of
from app.outcomes.queries import Listed, listed
from app.outcomes.states import COUNTING
from app.people.models import Organisation
from app.programmes.models import Programme
from app.verification.appeal_models import Appeal, Proof, Reopening, about, about_visible
from app.verification.appeal_operations import last_day, reopening_of, why_no_appeal
from app.verification.appeal_states import AppealState

SHOWN = 50  # reopenings on one page; a bond has few


def appeals(programme: Programme, user: Any, number: int, url: Callable[[int], str]) -> Listed:
    """The appeals that `user` may see, what waits first, then the newest."""
    found = Appeal.visible_to(user).join(Organisation, Organisation.id == Appeal.organisation_id)
    found = found.where(Appeal.programme_id == programme.id)
    columns = found.with_only_columns(
        Appeal.id,
        func.coalesce(Appeal.claim_id, Appeal.measurement_id).label("proof_id"),
        Organisation.name.label("party"),
        Appeal.created_at,
        Appeal.decided_at,
        Appeal.state,
    )
    return listed(columns, ((Appeal.state != AppealState.FILED), Appeal.created_at.desc(), Appeal.id), number, url)


def reopened(programme: Programme, user: Any) -> list[Reopening]:
    """Effects that no longer count, of those that `user` may see, newest first."""
    found = select(Reopening).where(Reopening.programme_id == programme.id, about_visible(Reopening, user))
    return list(db.session.scalars(found.order_by(Reopening.created_at.desc()).limit(SHOWN)).unique())


def appeals_of(proof: Proof) -> list[Appeal]:
    """About one claim or measurement, oldest first."""
    return list(db.session.scalars(select(Appeal).filter_by(**about(proof)).order_by(Appeal.created_at)).unique())


def risen_from(proof: Proof) -> Appeal | None:
    """The appeal by which this effect stands anew."""
    column = Appeal.anew_claim_id if isinstance(proof, Claim) else Appeal.anew_measurement_id
    return db.session.scalars(select(Appeal).where(column == proof.id)).unique().first()


def required_by(proof: Proof) -> list[Claim]:
    """Claims that count for the same person and are paid only when this effect is proven."""
    if not isinstance(proof, Claim):
        return []
    others = [one for one in claims_of(proof.participant) if one.state in COUNTING and one.id != proof.id]
    if any(one.effect_id == proof.effect_id for one in others):
        return []
    return [one for one in others if proof.effect.code in one.effect.requires]


@dataclass(frozen=True, slots=True)
class After:
    """What came after the signature under one claim or measurement; `until`: the last day for an appeal of `user`,
    None where it cannot appeal."""

    reopening: Reopening | None
    appeals: list[Appeal]
    risen_from: Appeal | None
    until: date | None


def after_sign_off(proof: Proof, user: Any) -> After | None:
    """For the page of a claim or measurement; None when nothing of it was ever signed."""
    risen = risen_from(proof)
    if proof.batch_id is None:
        return After(None, [], risen, None) if risen is not None else None
    until = last_day(proof) if why_no_appeal(proof, user) is None else None
    return After(reopening_of(proof), appeals_of(proof), risen, until)
