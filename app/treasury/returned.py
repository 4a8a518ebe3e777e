"""A payment that the bank gave back: its posting is reversed, the money set aside anew, and the payment made again.

To who is no party of the portal nothing is set aside: the account was named with the payment, so it is owed again, and
another payment is prepared and approved, on an account that two people see."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Amount, Instant, Root
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Programme
from app.treasury.desk_row import DeskRow
from app.treasury.models import CostPayment, DistributionPart
from app.treasury.remittance import RemittancePart


class ReturnedPayment(DeskRow, Root):
    """The payment `cause` (a cost, a part of a distribution or remittance, or an earlier return) came back on the day
    `on`. It waits to be paid again until `repaid_at`; without an organisation it is owed again, and never paid as it
    was."""

    __tablename__ = "returned_payment"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    cause_type: Mapped[str]
    cause_id: Mapped[uuid.UUID] = mapped_column(unique=True)  # a payment comes back once; then it is another one
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    amount_minor: Mapped[Amount]
    on: Mapped[date] = mapped_column("on_day")
    reason: Mapped[str]
    repaid_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @classmethod
    def waiting(cls) -> tuple[Any, Any]:
        """Its money is set aside until it is paid again."""
        return cls.repaid_at.is_(None), cls.organisation_id.is_not(None)

    @property
    def payee(self) -> str:
        """Its name as the reader knows it."""
        if self.organisation is not None:
            return self.organisation.name
        return db.session.get_one(RemittancePart, self.cause_id).payee

    @property
    def origin(self) -> Any:
        """The cost, distribution or remittance that it was first a payment of."""
        if self.cause_type == CostPayment.__tablename__:
            return db.session.get_one(CostPayment, self.cause_id)
        if self.cause_type == DistributionPart.__tablename__:
            return db.session.get_one(DistributionPart, self.cause_id).distribution
        if self.cause_type == RemittancePart.__tablename__:
            return db.session.get_one(RemittancePart, self.cause_id).remittance
        return db.session.get_one(ReturnedPayment, self.cause_id).origin

    @property
    def purpose(self) -> str:
        """What it was first paid for, in the words of that payment."""
        if self.cause_type == RemittancePart.__tablename__:
            return db.session.get_one(RemittancePart, self.cause_id).title
        if self.cause_type == ReturnedPayment.__tablename__:
            return db.session.get_one(ReturnedPayment, self.cause_id).purpose
        origin = self.origin
        return str(origin.description if isinstance(origin, CostPayment) else origin.title)

    @property
    def title(self) -> str:
        purpose = self.purpose
        if self.organisation is None:
            return _("Came back: %(purpose)s", purpose=purpose)
        return _("Paid again: %(purpose)s", purpose=purpose)


def or_again(parts: Select[Any]) -> Select[Any]:
    """These parts, and what was paid again in place of those that came back."""
    back = select(ReturnedPayment.id.label("id")).where(ReturnedPayment.cause_id.in_(parts)).cte(recursive=True)
    back = back.union(select(ReturnedPayment.id).join(back, ReturnedPayment.cause_id == back.c.id))
    each = parts.union_all(select(back.c.id)).subquery()
    return select(each.c[0])
