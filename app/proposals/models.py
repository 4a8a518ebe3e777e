import hashlib
import json
import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import Call, Rectification
from app.consortia import vault
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.core.models import Instant, Root, Row, words
from app.people.models import Organisation, User
from app.proposals.states import FLOW, ProposalState


class Proposal(Root):
    """One plan of one consortium. While it is a draft its pieces lie in the vault of the consortium and nothing here.
    Once handed in, `plan` and `discount` are the envelopes to the keys of the call of this `generation`, `digest` and
    `discount_digest` the SHA-256 of what is in them: they prove later that what was opened is what was handed in.
    `own_copy` is for the consortium itself, `own_key` the lock on it under its passphrase."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_call_id_state", "call_id", "state"),
        Index("ix_proposal_receipt", "call_id", "submitted_at", "id"),
    )
    FLOW = FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"))
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"), unique=True)
    plan: Mapped[bytes] = mapped_column(default=b"", deferred=True)
    discount: Mapped[bytes] = mapped_column(default=b"", deferred=True)
    own_key: Mapped[bytes] = mapped_column(default=b"")
    own_copy: Mapped[bytes] = mapped_column(default=b"", deferred=True)
    digest: Mapped[str] = mapped_column(default="")
    discount_digest: Mapped[str] = mapped_column(default="")
    generation: Mapped[int | None]
    state: Mapped[ProposalState] = words(ProposalState, default=ProposalState.DRAFT)
    submitted_at: Mapped[Instant | None]
    submitted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    call: Mapped[Call] = relationship()  # at hand: the consortium brings it
    consortium: Mapped[Consortium] = relationship(lazy="joined")
    confirmations: Mapped[list["Confirmation"]] = relationship(back_populates="proposal", cascade="all, delete-orphan")

    @property
    def stands_on(self) -> str:
        """What a partner confirms (hex): the plan, who does which part of it, and who leads. A partner that joins,
        leaves or changes its part makes every confirmation void, as a change of the plan or of the call does."""
        who = [str(self.consortium.lead_id), *sorted(str(p.organisation_id) for p in self.consortium.taking_part)]
        stands = [vault.digest_of(self.consortium), who, self.call.essential_changes]
        if self.consortium.lot_id is not None:
            stands.append(str(self.consortium.lot_id))
        return hashlib.sha256(json.dumps(stands).encode()).hexdigest()

    def confirmed_by(self) -> dict[uuid.UUID, "Confirmation"]:
        """The confirmations that hold, by organisation. Those of a plan that was handed in stay: a later change of the
        call takes nothing away from what was sealed."""
        if self.state != ProposalState.DRAFT:
            sealed_by = {partner.organisation_id for partner in self.consortium.taking_part}
            return {c.organisation_id: c for c in self.confirmations if c.organisation_id in sealed_by}
        now = self.stands_on
        return {c.organisation_id: c for c in self.confirmations if c.digest == now}

    @property
    def changed_since(self) -> list[Rectification]:
        """The essential changes of the call after this plan was handed in; it counts as it is."""
        at = self.submitted_at
        return [one for one in self.call.rectifications if at is not None and one.is_essential and one.created_at > at]

    @property
    def title(self) -> str:
        return _("Plan of %(consortium)s", consortium=self.consortium.name)

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Proposal"]:
        """Only for organisations that take part; a rival's sealed plan does not exist, nor does one's own to somebody
        who is merely invited."""
        inside = select(Partner.consortium_id).where(
            Partner.organisation_id.in_(user.organisation_ids), Partner.state == PartnerState.ACCEPTED
        )
        return select(cls).where(cls.consortium_id.in_(inside))

    def roles_of(self, user: Any) -> set[Role]:
        return self.consortium.roles_of(user)


class Confirmation(Row):
    """A partner stands behind what the plan `stands_on` (`digest`); a later change asks for it again."""

    __tablename__ = "proposal_confirmation"
    __table_args__ = (UniqueConstraint("proposal_id", "organisation_id"),)

    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    digest: Mapped[str]

    proposal: Mapped[Proposal] = relationship(back_populates="confirmations")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")
