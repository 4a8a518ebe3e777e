import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Amount, Row, append_only, words
from app.people.models import Organisation
from app.programmes.models import Part, programmes_of
from app.settlement.models import Statement
from app.settlement.states import InvoiceKind

if TYPE_CHECKING:
    from app.settlement.dispute_models import Correction


@append_only
class Invoice(Row):
    """An invoice for one statement, or the credit note that corrects it; it never changes (minor units).

    Numbered without gaps per issuer and year (Directive 2006/112/EC, art. 226(2)). `content` is what the document says,
    frozen with the names of its day; `digest` is its SHA-256. `corrects_id` names the invoice that a credit note
    corrects (art. 219).
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("issuer_id", "year", "sequence"),
        CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="corrects"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("statement.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invoice.id"))
    correction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("correction.id"), unique=True)
    kind: Mapped[InvoiceKind] = words(InvoiceKind)
    year: Mapped[int]
    sequence: Mapped[int]
    issued_on: Mapped[date]
    due_on: Mapped[date | None]
    amount_minor: Mapped[Amount]
    vat_minor: Mapped[Amount]
    locale: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]

    statement: Mapped[Statement] = relationship(back_populates="invoices", lazy="joined")
    issuer: Mapped[Organisation] = relationship(lazy="joined")
    corrects: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id")
    correction: Mapped["Correction | None"] = relationship()

    @property
    def number(self) -> str:
        return number_of(self.year, self.sequence)

    @property
    def title(self) -> str:
        return f"{self.kind.label} {self.number}"

    @classmethod
    def visible_to(cls, user: Any) -> Select["Invoice"]:
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        own = select(Statement.id).where(Statement.payer_id.in_(user.organisation_ids))
        return select(cls).where(or_(desk, cls.statement_id.in_(own)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.statement.roles_of(user)


def number_of(year: int, sequence: int) -> str:
    return f"{year}-{sequence:04d}"
