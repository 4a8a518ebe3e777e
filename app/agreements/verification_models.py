"""How effects are verified, as the parties agree it; a draft of an agreement has none, one or, once offered, frozen."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from app.agreements.models import Agreement, agreement_in_force
from app.core.models import Root
from app.extensions import db

LEAST = 30  # the norm: a sample of max(30, 10 %) per effect; the parties may agree on more, never on less
SHARE_BP = 1_000
APPEAL_DAYS = 30  # where the agreement names no term


class VerificationTerms(Root):
    """What a draft says: a `sampling` of at least `least` claims and `share_bp` of an effect's claims (basis points),
    the share of faults up to which the rest is accepted (`tolerance_bp`), how many assessors judge a claim, and for how
    many calendar days after it is signed a decision can be appealed against."""

    __tablename__ = "verification_terms"
    __table_args__ = (CheckConstraint("assessors IN (1, 2)", name="assessors"),)

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"), unique=True)
    sampling: Mapped[bool]
    least: Mapped[int] = mapped_column(default=LEAST)
    share_bp: Mapped[int] = mapped_column(default=SHARE_BP)
    tolerance_bp: Mapped[int] = mapped_column(default=0)
    assessors: Mapped[int] = mapped_column(default=1)
    appeal_days: Mapped[int] = mapped_column(default=APPEAL_DAYS)


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """The same as facts, and as they stand frozen in the terms of an agreement."""

    sampling: bool
    least: int = LEAST
    share_bp: int = SHARE_BP
    tolerance_bp: int = 0
    assessors: int = 1
    appeal_days: int = APPEAL_DAYS


def drafted_rules(programme_id: uuid.UUID) -> VerificationRules | None:
    """What the draft of the agreement of this bond says; None where it says nothing."""
    found = select(VerificationTerms).join(Agreement, Agreement.id == VerificationTerms.agreement_id)
    row = db.session.scalar(found.where(Agreement.programme_id == programme_id))
    if row is None:
        return None
    return VerificationRules(**{name: getattr(row, name) for name in VerificationRules.__slots__})


def agreed_rules(programme_id: uuid.UUID) -> VerificationRules | None:
    """What the agreement in force says; None where it says nothing, and every claim is checked one by one."""
    terms = db.session.scalar(agreement_in_force(programme_id).with_only_columns(Agreement.terms))
    said: dict[str, Any] | None = (terms or {}).get("verification")
    known = {name: said[name] for name in VerificationRules.__slots__ if name in said} if said else {}
    return VerificationRules(**known) if known else None  # what an older agreement does not say is as by default


def appeal_days(programme_id: uuid.UUID) -> int:
    """Calendar days from the day after a decision is signed, by the agreement in force."""
    rules = agreed_rules(programme_id)
    return rules.appeal_days if rules is not None else APPEAL_DAYS


def as_terms(rules: VerificationRules) -> dict[str, Any]:
    """For the frozen terms. The assessor is never paid by whom it judges: its fee stays outside the bond."""
    return asdict(rules) | {"fee": "paid by the government, outside the account of the bond"}
