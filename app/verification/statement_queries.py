"""What the pages of sealed statements read."""

from typing import Any

from sqlalchemy import Select, or_, select

from app.extensions import db
from app.outcomes.models import Batch, Claim, Measurement
from app.verification.appeal_models import Reopening
from app.verification.statement_models import SealCertificate, SealedStatement

ORDER = (SealedStatement.edition, SealedStatement.created_at, SealedStatement.id)


def statements_of(batch: Batch, user: Any) -> list[SealedStatement]:
    """The editions that `user` may read; no document is loaded for it."""
    found = SealedStatement.visible_to(user).where(SealedStatement.batch_id == batch.id).order_by(*ORDER)
    return list(db.session.scalars(found).unique())


def was_reopened(batch: Batch) -> bool:
    """Does something that the batch holds no longer count? Which and how many is for its readers alone."""
    claims = select(Claim.id).join(Reopening, Reopening.claim_id == Claim.id).where(Claim.batch_id == batch.id)
    measured = select(Measurement.id).join(Reopening, Reopening.measurement_id == Measurement.id)
    measured = measured.where(Measurement.batch_id == batch.id)
    return bool(db.session.scalar(select(or_(claims.exists(), measured.exists()))))


def certificates() -> list[SealCertificate]:
    """Every one that sealed, the newest first."""
    return list(db.session.scalars(select(SealCertificate).order_by(SealCertificate.created_at.desc())))


def unsealed() -> Select[Batch]:
    """Batches that were signed before there was a seal."""
    return select(Batch).where(Batch.id.not_in(select(SealedStatement.batch_id))).order_by(Batch.created_at)
