"""What one bidder is asked about its plan: to repair it, once, or why it is so cheap."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core import clock
from app.core.models import Instant, Root, words
from app.evaluation.belonging import OfOpened
from app.evaluation.models import COMMITTEE, JUDGES, OpenedProposal, consortia_of
from app.evaluation.states import ENQUIRY_FLOW, EnquiryKind
from app.people.models import User


class Enquiry(OfOpened, Root):
    """One question to one bidder, its answer, and what came of it. A plan gets one of each kind: the repair is
    one-time.

    The plan itself never changes; the answer lies beside it. `answer_until` is the last day (whole); `accepted` is
    empty until the official judged the answer, or the silence after the term.
    """

    __tablename__ = "enquiry"
    __table_args__ = (UniqueConstraint("opened_id", "kind"),)
    FLOW = ENQUIRY_FLOW

    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"), index=True)
    kind: Mapped[EnquiryKind] = words(EnquiryKind)
    question: Mapped[str]
    asked_at: Mapped[Instant]
    asked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    answer_until: Mapped[date]
    counted_to: Mapped[date]
    basis: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    filename: Mapped[str] = mapped_column(default="")
    media_type: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str] = mapped_column(default="")
    document: Mapped[bytes | None] = mapped_column(deferred=True)
    answered_at: Mapped[Instant | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    accepted: Mapped[bool | None]
    reasons: Mapped[str] = mapped_column(default="")
    judged_at: Mapped[Instant | None]
    judged_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    opened: Mapped[OpenedProposal] = relationship(back_populates="enquiries", lazy="joined")
    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])

    @property
    def title(self) -> str:
        return _("%(kind)s: %(bidder)s", kind=self.kind.label, bidder=self.opened.consortium.name)

    @property
    def is_waited_for(self) -> bool:
        """May the bidder still answer?"""
        return self.answered_at is None and self.judged_at is None and clock.today() <= self.answer_until

    @classmethod
    def visible_to(cls, user: Any) -> Select["Enquiry"]:
        """The bidder, and whoever may see its plan."""
        plans = OpenedProposal.visible_to(user).with_only_columns(OpenedProposal.id)
        own = select(OpenedProposal.id).where(OpenedProposal.consortium_id.in_(consortia_of(user)))
        return select(cls).where(or_(cls.opened_id.in_(plans), cls.opened_id.in_(own)))

    def roles_of(self, user: Any) -> set[Role]:
        """The committee once it declared; the bidder towards its own consortium."""
        return (self.opened.roles_of(user) & (COMMITTEE | JUDGES | {Role.AUDITOR, Role.CLEARED})) | (
            self.opened.consortium.roles_of(user)
        )
