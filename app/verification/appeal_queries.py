"""What the pages of appeals and reopenings read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, literal, select

from app.access.actions import Action
from app.access.guard import may
from app.access.roles import Role
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.queries import Listed, listed
from app.people.models import Organisation
from app.programmes.models import Programme
from app.verification.appeal_models import Appeal, Proof, Reopening, about, about_visible
from app.verification.appeal_operations import last_day, why_no_appeal
from app.verification.appeal_states import AppealState
from app.verification.dependents import Dependents, Ground, dependents_of, grounds_lost
from app.verification.doubt_models import Doubt
from app.verification.doubting import doubts_of
from app.verification.paid import money_words
from app.verification.reopening import reopening_of, waiting_proposal
from app.verification.reopening_models import ReopeningProposal

SHOWN = 50  # reopenings on one page; a bond has few


def appeals(programme: Programme, user: Any, number: int, url: Callable[[int], str]) -> Listed:
    """The appeals that `user` may see, what waits first, then the newest. The auditor reads of each that it is there
    and what became of it; `is_open`: whose page, with the participant on it, this person may read."""
    audits = _audits(programme, user)
    found = select(Appeal) if audits else Appeal.visible_to(user)
    found = found.join(Organisation, Organisation.id == Appeal.organisation_id)
    found = found.where(Appeal.programme_id == programme.id)
    columns = found.with_only_columns(
        Appeal.id,
        literal(not audits).label("is_open"),
        func.coalesce(Appeal.claim_id, Appeal.measurement_id).label("proof_id"),
        Organisation.name.label("party"),
        Appeal.created_at,
        Appeal.decided_at,
        Appeal.state,
    )
    return listed(columns, ((Appeal.state != AppealState.FILED), Appeal.created_at.desc(), Appeal.id), number, url)


def reopened(programme: Programme, user: Any) -> list[tuple[Reopening, bool]]:
    """Effects that no longer count, newest first, each with whether `user` may read which one it is; others are told to
    the auditor alone."""
    seen = about_visible(Reopening, user)
    found = select(Reopening, seen.label("is_open")).where(Reopening.programme_id == programme.id)
    if not _audits(programme, user):
        found = found.where(seen)
    found = found.order_by(Reopening.created_at.desc()).limit(SHOWN)
    return [(one, bool(is_open)) for one, is_open in db.session.execute(found).unique()]


def _audits(programme: Programme, user: Any) -> bool:
    return Role.AUDITOR in programme.roles_of(user)


def appeals_of(proof: Proof) -> list[Appeal]:
    """About one claim or measurement, oldest first."""
    return list(db.session.scalars(select(Appeal).filter_by(**about(proof)).order_by(Appeal.created_at)).unique())


def risen_from(proof: Proof) -> Appeal | None:
    """The appeal by which this effect stands anew."""
    column = Appeal.anew_claim_id if isinstance(proof, Claim) else Appeal.anew_measurement_id
    return db.session.scalars(select(Appeal).where(column == proof.id)).unique().first()


@dataclass(frozen=True, slots=True)
class After:
    """What came after the signature under one claim or measurement, or under an effect on which it leans (`grounds`).
    `until`: the last day for an appeal of `user`, None where it cannot appeal. `proposal`: a reopening that waits for
    a second person; None also where `user` may not know of it. `money`: what becomes of
    what was paid for it, in words."""

    reopening: Reopening | None
    appeals: list[Appeal]
    risen_from: Appeal | None
    until: date | None
    grounds: list[Ground]
    dependents: Dependents | None
    proposal: ReopeningProposal | None
    money: str = ""
    doubts: tuple[Doubt, ...] = ()


def after_sign_off(proof: Proof, user: Any) -> After | None:
    """For the page of a claim or measurement; None when nothing came after."""
    risen, grounds = risen_from(proof), grounds_lost(proof) if isinstance(proof, Claim) else []
    if proof.batch_id is None:
        money = money_words(proof) if grounds else ""
        return After(None, [], risen, None, grounds, None, None, money) if risen is not None or grounds else None
    leans = any(ground.is_required for ground in grounds)
    until = last_day(proof) if why_no_appeal(proof, user) is None else None
    reopened = reopening_of(proof)
    return After(
        reopened,
        appeals_of(proof),
        risen,
        until,
        grounds,
        dependents_of(proof, reader=user) if reopened is not None else None,
        waiting_proposal(proof) if may(Action.REOPENING_CONFIRM, proof, user) else None,
        money_words(proof) if reopened is not None or leans else "",
        tuple(doubts_of(proof, user)) if isinstance(proof, Claim) else (),
    )
