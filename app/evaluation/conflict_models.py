"""Conflicts of interest: declared by a person, or found by the portal in its own books."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import CommitteeMember
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.core.models import Instant, Root, Row, words
from app.evaluation.belonging import OfEvaluation
from app.evaluation.models import Evaluation, OpenedProposal, evaluations_of
from app.evaluation.states import FINDING_FLOW, Detected
from app.extensions import db
from app.people.models import Membership, User


class ConflictDeclaration(Row):
    """Whoever opens, scores or decides declares, on the names of the bidders alone, whether there is a conflict of
    interest."""

    __tablename__ = "conflict_declaration"
    __table_args__ = (UniqueConstraint("evaluation_id", "user_id"),)

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    has_conflict: Mapped[bool]
    explanation: Mapped[str] = mapped_column(default="")

    evaluation: Mapped[Evaluation] = relationship(back_populates="conflicts")
    user: Mapped[User] = relationship()  # one of the committee, who is at hand


class ConflictFinding(OfEvaluation, Root):
    """Somebody who judges has to do with a bidder. It closes every plan to that person at once, until an official of
    the leading municipality dismisses it, which is possible for a namesake alone."""

    __tablename__ = "conflict_finding"
    __table_args__ = (UniqueConstraint("evaluation_id", "user_id", "consortium_id", "kind"),)
    FLOW = FINDING_FLOW

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"))
    kind: Mapped[Detected] = words(Detected)
    dismissed_at: Mapped[Instant | None]
    dismissed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(default="")  # why it is a namesake

    evaluation: Mapped[Evaluation] = relationship(back_populates="findings")
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    consortium: Mapped[Consortium] = relationship()

    @property
    def title(self) -> str:
        return _("Conflict of interest of %(name)s", name=self.user.name)

    @classmethod
    def visible_to(cls, user: Any) -> Select["ConflictFinding"]:
        """The governments and the auditor of the bond."""
        return select(cls).where(cls.evaluation_id.in_(evaluations_of(user)))

    def roles_of(self, user: Any) -> set[Role]:
        """Nobody dismisses what was found about themselves."""
        return set() if user.id == self.user_id else self.evaluation.roles_of(user)


def judging_bidders(evaluation: Evaluation) -> set[uuid.UUID]:
    """Ids of those on the committee whose organisation takes part in a plan at this very moment; read once per
    transaction, and anew after every change, as the hats of a person are (programmes.roles_in)."""
    kept = db.session().info.setdefault("hats", {})
    key = ("bidders", evaluation.id)
    if key not in kept:
        found = select(Membership.user_id).join(CommitteeMember, CommitteeMember.user_id == Membership.user_id)
        found = found.join(Partner, Partner.organisation_id == Membership.organisation_id)
        found = found.join(OpenedProposal, OpenedProposal.consortium_id == Partner.consortium_id)
        found = found.where(CommitteeMember.call_id == evaluation.call_id, Partner.state == PartnerState.ACCEPTED)
        kept[key] = set(db.session.scalars(found.where(OpenedProposal.evaluation_id == evaluation.id)))
    return kept[key]
