"""Payments that are no running costs and no distribution: VAT paid on, what is left at the end, money of the guarantor
that was not needed. Prepared by one person of the intermediary, approved by another."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Select, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Amount, Instant, Root, Row, words
from app.people.models import Organisation
from app.programmes.models import Part, Programme, programmes_of
from app.treasury.states import REMITTANCE_FLOW, PaymentState, RemittanceKind


class Remittance(Root):
    """`amount_minor` to one or more receivers; `reference` is what the payment bears (VAT: the one of the return)."""

    __tablename__ = "remittance"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = REMITTANCE_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[RemittanceKind] = words(RemittanceKind)
    amount_minor: Mapped[Amount]
    reference: Mapped[str] = mapped_column(default="")
    state: Mapped[PaymentState] = words(PaymentState, default=PaymentState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    parts: Mapped[list["RemittancePart"]] = relationship(
        back_populates="remittance", order_by="RemittancePart.position", lazy="selectin"
    )

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Remittance"]:
        """The desk; an organisation that gets a part, once it was paid."""
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        own = select(RemittancePart.remittance_id).where(RemittancePart.organisation_id.in_(user.organisation_ids))
        return select(cls).where(or_(desk, and_(cls.state == PaymentState.APPROVED, cls.id.in_(own))))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        mine = any(part.organisation_id in user.organisation_ids for part in self.parts)
        return roles | {Role.MEMBER} if mine else roles


class RemittancePart(Row):
    """What one receiver gets; no organisation where it is none of the portal: the tax authority, the guarantor.

    The account of these is named with the payment (`iban`, compact), for who approves to see; empty where unknown."""

    __tablename__ = "remittance_part"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    remittance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("remittance.id"), index=True)
    position: Mapped[int]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    receiver: Mapped[str]
    amount_minor: Mapped[Amount]
    iban: Mapped[str] = mapped_column(default="")

    remittance: Mapped[Remittance] = relationship(back_populates="parts")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def shown(self) -> str:
        """The account as it is read and typed over."""
        return " ".join(self.iban[at : at + 4] for at in range(0, len(self.iban), 4))

    @property
    def payee(self) -> str:
        """Its name as the reader knows it: the tax authority has no name of its own in the portal."""
        return _("Tax authority") if self.remittance.kind == RemittanceKind.VAT else self.receiver
