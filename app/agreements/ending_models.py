"""What the parties agree about changing parties and about the end; a draft of an agreement has it, once offered frozen
in the terms."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.flow import Labelled
from app.core.models import Root, words
from app.extensions import db

NOTICE_DAYS, MENDING_DAYS = 90, 30  # calendar days, where the agreement says nothing
LONGEST_NOTICE = 730


class WhoConsents(Labelled):
    ALL = "all", _l("every party signs")
    PAYERS = "payers", _l("the municipalities, the intermediary, and who leaves and comes sign")


class EndingTerms(Root):
    """`notice_days`: from the notice to the last day. `mending_days`: the term in which a party that does not do what
    it promised may still mend it. `consents`: who signs when a party is replaced. Days are calendar days."""

    __tablename__ = "ending_terms"
    __table_args__ = (CheckConstraint("notice_days >= 0 AND mending_days >= 0", name="days"),)

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"), unique=True)
    notice_days: Mapped[int]
    mending_days: Mapped[int]
    consents: Mapped[WhoConsents] = words(WhoConsents)


@dataclass(frozen=True, slots=True)
class EndingRules:
    """The same as facts, and as they stand frozen in the terms; the defaults count where nothing was agreed."""

    notice_days: int = NOTICE_DAYS
    mending_days: int = MENDING_DAYS
    consents: WhoConsents = WhoConsents.ALL

    def as_terms(self) -> dict[str, Any]:
        return asdict(self) | {"consents": self.consents.value}


def drafted_ending(agreement_id: uuid.UUID) -> EndingRules | None:
    """What the draft says; None where it says nothing."""
    row = db.session.scalar(select(EndingTerms).where(EndingTerms.agreement_id == agreement_id))
    return EndingRules(row.notice_days, row.mending_days, row.consents) if row is not None else None


def ending_of(terms: dict[str, Any]) -> EndingRules:
    """What the terms say, or the defaults."""
    said = terms.get("ending")
    if not said:
        return EndingRules()
    return EndingRules(said["notice_days"], said["mending_days"], WhoConsents(said["consents"]))
