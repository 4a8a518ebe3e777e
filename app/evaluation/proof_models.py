"""Proof that the winner gives before the award is final."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, words
from app.evaluation.belonging import OfOpened
from app.evaluation.models import OpenedProposal, consortia_of, evaluations_of
from app.evaluation.states import PROOF_FLOW, ProofKind
from app.people.models import Organisation, User
from app.programmes.models import Part


class Proof(OfOpened, Root):
    """One document that one partner of the winner owes: asked for with the award decision, handed in, checked.

    `months`: how old it may be on the day the plans were due; empty: as old as it is. `oldest_on`: the first day of
    issue that counts. `accepted` is empty until an official checked it.
    """

    __tablename__ = "award_proof"
    __table_args__ = (UniqueConstraint("opened_id", "organisation_id", "kind"),)
    FLOW = PROOF_FLOW

    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[ProofKind] = words(ProofKind)
    months: Mapped[int | None]
    oldest_on: Mapped[date | None]
    basis: Mapped[str]
    issued_on: Mapped[date | None]
    filename: Mapped[str] = mapped_column(default="")
    media_type: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str] = mapped_column(default="")
    document: Mapped[bytes | None] = mapped_column(deferred=True)
    handed_in_at: Mapped[Instant | None]
    handed_in_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    accepted: Mapped[bool | None]
    remark: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[Instant | None]
    checked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    opened: Mapped[OpenedProposal] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    checked_by: Mapped[User | None] = relationship(foreign_keys=[checked_by_id])

    @property
    def title(self) -> str:
        return _("%(kind)s of %(organisation)s", kind=self.kind.label, organisation=self.organisation.name)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Proof"]:
        """The winning consortium, the governments of the bond, and whoever may see its plan."""
        own = select(OpenedProposal.id).where(OpenedProposal.consortium_id.in_(consortia_of(user)))
        plans = OpenedProposal.visible_to(user).with_only_columns(OpenedProposal.id)
        judged = select(OpenedProposal.id)
        judged = judged.where(OpenedProposal.evaluation_id.in_(evaluations_of(user, Part.GOVERNMENT)))
        return select(cls).where(or_(*(cls.opened_id.in_(seen) for seen in (own, plans, judged))))

    def roles_of(self, user: Any) -> set[Role]:
        """Those who decide, once they declared. A partner hands in what is its own; the lead may for everybody."""
        roles = self.opened.roles_of(user) - {Role.LEAD, Role.PARTNER}
        own = self.opened.consortium.roles_of(user)
        if Role.PARTNER in own and self.organisation_id not in user.organisation_ids:
            own.discard(Role.PARTNER)
        return roles | own
