import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Amount, Row, append_only
from app.settlement.models import Statement


@append_only
class StatementPayment(Row):
    """Money of a municipality on the bank account of the bond, for one statement (minor units).

    A statement may be paid in parts. The id is that of the transfer that booked it. What the bank took back, or was
    booked for the wrong statement, stands a second time, below zero (`takes_back_id`): on the day that the books took
    it back, so that no distribution before that comes out another way.
    """

    __tablename__ = "statement_payment"
    __table_args__ = (CheckConstraint("(amount_minor > 0) = (takes_back_id IS NULL)", name="amount"),)

    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("statement.id"), index=True)
    amount_minor: Mapped[Amount]
    received_on: Mapped[date]
    takes_back_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("statement_payment.id"), unique=True)

    statement: Mapped[Statement] = relationship(back_populates="payments")
