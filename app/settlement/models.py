import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.agreements.models import Agreement
from app.core.models import Amount, Instant, Root, Row, words
from app.outcomes.models import Claim, Measurement
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of
from app.settlement.reference import grouped
from app.settlement.states import OWED, SETTLEMENT_FLOW, STATEMENT_FLOW, LineKind, SettlementState, StatementState

if TYPE_CHECKING:
    from app.settlement.dispute_models import Correction, Dispute
    from app.settlement.invoice_models import Invoice
    from app.settlement.payment_models import StatementPayment


class Settlement(Root):
    """One settlement of one bond up to and including `period_to`; amounts in minor units.

    `is_final`: the last of the bond, at which cohorts are pooled; after it come only those that are `is_closing`: what
    was settled before is corrected until the bond closes, and a statement may be below zero.
    """

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    FLOW = SETTLEMENT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    period_from: Mapped[date]
    period_to: Mapped[date]
    gross_minor: Mapped[Amount]
    paid_minor: Mapped[Amount]
    digest: Mapped[str]
    is_final: Mapped[bool] = mapped_column(default=False)
    is_closing: Mapped[bool] = mapped_column(default=False)
    state: Mapped[SettlementState] = words(SettlementState, default=SettlementState.PREPARED)
    discarded_because: Mapped[str] = mapped_column(default="")
    prepared_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    checked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    programme: Mapped[Programme] = relationship(lazy="joined")
    agreement: Mapped[Agreement] = relationship()
    lines: Mapped[list["SettlementLine"]] = relationship(
        back_populates="settlement",
        order_by="SettlementLine.position",
        foreign_keys="SettlementLine.settlement_id",
    )
    statements: Mapped[list["Statement"]] = relationship(back_populates="settlement", order_by="Statement.reference")

    @property
    def title(self) -> str:
        if self.is_closing:
            return _("Closing settlement %(number)d", number=self.number)
        return _("Settlement %(number)d", number=self.number)

    @property
    def state_label(self) -> Any:
        """What people read of its state: what a closing one owes back is paid apart from it."""
        if self.is_closing and self.state == SettlementState.PAID:
            return _("settled")
        return _("refused by a municipality") if self.is_refused else self.state.label

    @property
    def refusals(self) -> list["Statement"]:
        """Of a settlement that is with the municipalities, the statements that were refused."""
        if self.state != SettlementState.CHECKED:
            return []
        return [one for one in self.statements if one.state == StatementState.REFUSED]

    @property
    def is_refused(self) -> bool:
        """Nobody owes by it any more, and it can only be discarded."""
        return bool(self.refusals)

    @property
    def refused_by(self) -> str:
        return ", ".join(sorted(one.payer.name for one in self.refusals))

    @classmethod
    def visible_to(cls, user: Any) -> Select["Settlement"]:
        """The intermediary sees it at once, everybody else when a second person has checked it; the assessor never."""
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY))
        parties = (Part.GOVERNMENT, Part.PROVIDER, Part.AUDITOR)
        checked = and_(cls.programme_id.in_(programmes_of(user, *parties)), cls.checked_by_id.is_not(None))
        return select(cls).where(or_(desk, checked))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


class SettlementLine(Row):
    """One claim or one measurement valued: `steps` explains how `gross_minor` became `paid_minor`, rule by rule.

    Its `kind` is FIRST in the settlement that took it. A later line pays for the same proof what a full period carried
    over, or what its cohort earns pooled with all others; it names the settlement that took the proof first.
    """

    __tablename__ = "settlement_line"
    __table_args__ = (
        UniqueConstraint("settlement_id", "claim_id", "kind"),
        UniqueConstraint("settlement_id", "measurement_id", "kind"),
        CheckConstraint("(claim_id IS NULL) <> (measurement_id IS NULL)", name="one_proof"),
        CheckConstraint("(kind = 'first') = (first_settlement_id IS NULL)", name="first"),
        Index("ix_settlement_line_in_order", "settlement_id", "position"),
        Index("ix_settlement_line_of_payer", "settlement_id", "payer_id", "position"),
        Index("ix_settlement_line_of_provider", "settlement_id", "provider_id", "position"),
    )

    settlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlement.id"))
    claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim.id"), index=True)
    measurement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("measurement.id"), index=True)
    first_settlement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("settlement.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    provider_id: Mapped[uuid.UUID | None]  # as its participant's, whom it follows; of a measurement none
    kind: Mapped[LineKind] = words(LineKind, default=LineKind.FIRST)
    position: Mapped[int]
    gross_minor: Mapped[Amount]
    paid_minor: Mapped[Amount]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    settlement: Mapped[Settlement] = relationship(back_populates="lines", foreign_keys=[settlement_id])
    first_settlement: Mapped[Settlement | None] = relationship(foreign_keys=[first_settlement_id])
    claim: Mapped[Claim | None] = relationship()
    measurement: Mapped[Measurement | None] = relationship()
    payer: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def proof_id(self) -> uuid.UUID:
        """Of the claim or the measurement."""
        return self.claim_id or self.measurement_id  # type: ignore[return-value]

    @property
    def proof(self) -> Claim | Measurement:
        return self.claim or self.measurement  # type: ignore[return-value]


class Statement(Root):
    """What one municipality owes for its own residents in one settlement; `reference` is its payment reference.

    `vat_minor` of `amount_minor` is VAT, where the prices hold it. Neither ever changes: what was wrong is corrected by
    a `Correction` beside it. Both are below zero where a closing settlement takes back more than it brings: then the
    bond owes the municipality. `refused_about`: the groups of lines (ids of `SettlementGroup`) that a refusal names.
    """

    __tablename__ = "statement"
    __table_args__ = (UniqueConstraint("settlement_id", "payer_id"),)
    FLOW = STATEMENT_FLOW

    settlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlement.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    amount_minor: Mapped[Amount]
    vat_minor: Mapped[Amount] = mapped_column(default=0)
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[StatementState] = words(StatementState, default=StatementState.OPEN)
    approved_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[Instant | None]
    refused_because: Mapped[str] = mapped_column(default="")
    refused_about: Mapped[list[str]] = mapped_column(JSON, default=list)
    paid_on: Mapped[date | None]

    settlement: Mapped[Settlement] = relationship(back_populates="statements", lazy="joined")
    payer: Mapped[Organisation] = relationship(lazy="joined")
    approved_by: Mapped[User | None] = relationship()
    payments: Mapped[list["StatementPayment"]] = relationship(
        back_populates="statement", lazy="selectin", order_by="StatementPayment.created_at"
    )
    corrections: Mapped[list["Correction"]] = relationship(
        back_populates="statement", lazy="selectin", order_by="Correction.created_at"
    )
    disputes: Mapped[list["Dispute"]] = relationship(back_populates="statement", order_by="Dispute.created_at")
    invoices: Mapped[list["Invoice"]] = relationship(
        back_populates="statement", order_by="[Invoice.year, Invoice.sequence]"
    )

    @property
    def owed_minor(self) -> int:
        """What it owes in all, after corrections."""
        return self.amount_minor - sum(one.amount_minor for one in self.corrections)

    @property
    def owed_vat_minor(self) -> int:
        return self.vat_minor - sum(one.vat_minor for one in self.corrections)

    @property
    def received_minor(self) -> int:
        return sum(one.amount_minor for one in self.payments)

    @property
    def outstanding_minor(self) -> int:
        """What is still to be paid; nothing where the bond owes the municipality."""
        return max(self.owed_minor, 0) - self.received_minor

    def is_late(self, on: date) -> bool:
        """On the day `on` something of it is still to be paid, and the day of its invoice is past; while it is disputed
        nobody is late, and nobody is reminded."""
        if self.state == StatementState.DISPUTED:
            return False
        due_on = self.invoices[0].due_on if self.is_payable and self.outstanding_minor and self.invoices else None
        return due_on is not None and due_on < on

    @property
    def title(self) -> str:
        return _("Statement %(reference)s", reference=grouped(self.reference))

    @property
    def is_payable(self) -> bool:
        """Approved by its municipality, and by every other one: a refusal elsewhere may no longer change it."""
        return self.state in OWED and self.settlement.state == SettlementState.APPROVED

    @property
    def state_label(self) -> Any:
        """What people read of its state: who approved first cannot pay yet, and what was discarded asks nothing."""
        if self.settlement.state == SettlementState.DISCARDED:
            return self.settlement.state.label
        if self.state != StatementState.REFUSED and self.settlement.is_refused:
            return _("refused by another municipality")
        if self.state == StatementState.APPROVED and not self.is_payable:
            return _("approved, waits for the other municipalities")
        if self.amount_minor < 0 and self.state == StatementState.PAID:
            return _("owed to the municipality")
        if self.corrections and self.state == StatementState.APPROVED:
            return _("corrected, to be paid")
        if self.corrections and self.state == StatementState.PAID:
            return _("corrected and paid")
        return self.state.label

    @classmethod
    def visible_to(cls, user: Any) -> Select["Statement"]:
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY))
        checked = select(Settlement.id).where(Settlement.checked_by_id.is_not(None))
        reads = or_(cls.payer_id.in_(user.organisation_ids), cls.programme_id.in_(programmes_of(user, Part.AUDITOR)))
        return select(cls).where(or_(desk, and_(reads, cls.settlement_id.in_(checked))))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.settlement.roles_of(user)
        return roles | {Role.PAYER} if self.payer_id in user.organisation_ids else roles


from app.settlement import dispute_models, invoice_models, payment_models, sum_models  # noqa: E402, F401  the relationships name them
