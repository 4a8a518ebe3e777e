"""Payments that are no running costs and no distribution: VAT paid on, what is left at the end, money of the guarantor
that was not needed. Prepared by one person of the intermediary, approved by another."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Select, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Amount, Instant, Root, Row, words
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import Part, Programme, programmes_of
from app.treasury.states import REMITTANCE_FLOW, PaymentState, RemittanceKind

BACK_TO_ONE = {
    OrganisationKind.MUNICIPALITY: _l("Back to the municipality"),
    OrganisationKind.INVESTOR: _l("Back to the investor"),
}
BACK_TO_ALL = {
    OrganisationKind.MUNICIPALITY: _l("Back to the municipalities"),
    OrganisationKind.INVESTOR: _l("Back to the investors"),
}


def back_to(receivers: Iterable[Organisation | None]) -> str:
    """The title of paying back to these: whose money it is, where they are all alike."""
    found = {one.id: one for one in receivers if one is not None}.values()
    kinds = {one.kind for one in found}
    words = BACK_TO_ONE if len(found) == 1 else BACK_TO_ALL
    both = RemittanceKind.PAYER_BACK.label
    return str(words.get(kinds.pop(), both) if len(kinds) == 1 else both)


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
        """What is paid back names to whom: municipalities, investors or both, as they stand among the receivers."""
        if self.kind == RemittanceKind.PAYER_BACK:
            return back_to(part.organisation for part in self.parts)
        return str(self.kind.label)

    def title_for(self, organisation_ids: Collection[uuid.UUID] | None) -> str:
        """As the receivers among these read it (None: the desk): of the others nothing is told."""
        own = [part for part in self.parts if organisation_ids is None or part.organisation_id in organisation_ids]
        return self.title if organisation_ids is None or not own else own[0].title

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
    def title(self) -> str:
        """What the payment is to its receiver, who reads it on a statement of the bank."""
        if self.remittance.kind == RemittanceKind.PAYER_BACK and self.organisation is not None:
            return str(BACK_TO_ONE.get(self.organisation.kind, self.remittance.kind.label))
        return self.remittance.title

    @property
    def payee(self) -> str:
        """Its name as the reader knows it: the tax authority has no name of its own in the portal."""
        return _("Tax authority") if self.remittance.kind == RemittanceKind.VAT else self.receiver
