import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, and_, func, or_, select, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.access.roles import Role
from app.capital.models import Commitment, Tranche
from app.core import clock
from app.core.models import Amount, Instant, Root, Row, words
from app.extensions import Model, db
from app.ledger.models import Account, AccountKind, Transfer, TransferKind, account_label
from app.people.models import Organisation
from app.programmes.models import Part, Programme, programmes_of
from app.treasury.states import (
    CAPITAL_CALL_FLOW,
    COST_FLOW,
    DISTRIBUTION_FLOW,
    CapitalCallState,
    PaymentState,
)


class CapitalCall(Root):
    """Capital asked of the investors, pro rata to their undrawn commitments, `notice_days` before `due_on`.
    `after_end_because`: why it is asked when the bond is over; empty before."""

    __tablename__ = "capital_call"
    __table_args__ = (UniqueConstraint("programme_id", "number"), CheckConstraint("amount_minor > 0", name="amount"))
    FLOW = CAPITAL_CALL_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    amount_minor: Mapped[Amount]
    purpose: Mapped[str]
    notice_days: Mapped[int]
    due_on: Mapped[date]
    after_end_because: Mapped[str] = mapped_column(default="")
    state: Mapped[CapitalCallState] = words(CapitalCallState, default=CapitalCallState.PREPARED)
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    parts: Mapped[list["CapitalCallPart"]] = relationship(
        back_populates="capital_call",
        order_by="CapitalCallPart.reference, CapitalCallPart.created_at, CapitalCallPart.id",
    )

    @property
    def title(self) -> str:
        return _("Capital call %(number)d", number=self.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["CapitalCall"]:
        told = cls.state.in_((CapitalCallState.CALLED, CapitalCallState.FUNDED))
        return _at_the_desk(cls, user, CapitalCallPart, CapitalCallPart.capital_call_id, told)

    def roles_of(self, user: Any) -> set[Role]:
        return _with_membership(self, CapitalCallPart.capital_call_id, user)


class CapitalCallPart(Root):
    """What one investor is asked to pay in; `received_on` when the money was on the bank account. Of what comes in in
    parts each is a row of its own, with the same reference: `paid_of` is the row that holds what is still owed.
    `due_again_on`: of what was booked back, the day by which it is asked again."""

    __tablename__ = "capital_call_part"
    __table_args__ = (
        Index(
            "uq_capital_call_part_reference",
            "reference",
            unique=True,
            sqlite_where=text("paid_of_id IS NULL"),
            postgresql_where=text("paid_of_id IS NULL"),
        ),
    )

    capital_call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("capital_call.id"), index=True)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commitment.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    amount_minor: Mapped[Amount]
    reference: Mapped[str]  # what the investor writes with its payment
    received_on: Mapped[date | None]
    paid_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("capital_call_part.id"))
    due_again_on: Mapped[date | None]

    capital_call: Mapped[CapitalCall] = relationship(back_populates="parts")
    commitment: Mapped[Commitment] = relationship()
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def due_on(self) -> date:
        """By which day this investor is asked to pay; `DUE_ON` is the same in SQL, beside its call."""
        return self.due_again_on or self.capital_call.due_on


DUE_ON = func.coalesce(CapitalCallPart.due_again_on, CapitalCall.due_on)


class CostPayment(Root):
    """Running costs paid to a provider out of the bond's money."""

    __tablename__ = "cost_payment"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = COST_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    amount_minor: Mapped[Amount]
    description: Mapped[str]
    state: Mapped[PaymentState] = words(PaymentState, default=PaymentState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")
    over_budget_because: Mapped[str] = mapped_column(default="", server_default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Running costs")

    @property
    def year(self) -> int:
        """Of the budget that it counts in."""
        return self.created_at.astimezone(clock.LOCAL).year

    @classmethod
    def visible_to(cls, user: Any) -> Select["CostPayment"]:
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        paid = and_(cls.state == PaymentState.APPROVED, cls.organisation_id.in_(user.organisation_ids))
        return select(cls).where(or_(desk, paid))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles


class Distribution(Root):
    """Money to investors by the waterfall, on one day, shown before it is approved. `reserve_minor` stays in hand;
    `guarantee_minor` of it is money of the guarantor, paid out as capital of the tranche that it covers. `apart`: each
    investor was owed on its own, for not all had paid in at the same times; it says by which rule to recompute it."""

    __tablename__ = "distribution"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    FLOW = DISTRIBUTION_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    on: Mapped[date] = mapped_column("on_day")
    amount_minor: Mapped[Amount]
    reserve_minor: Mapped[Amount] = mapped_column(default=0)
    guarantee_minor: Mapped[Amount] = mapped_column(default=0)
    apart: Mapped[bool] = mapped_column(default=False)
    state: Mapped[PaymentState] = words(PaymentState, default=PaymentState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    parts: Mapped[list["DistributionPart"]] = relationship(
        back_populates="distribution", order_by="DistributionPart.position"
    )

    @property
    def title(self) -> str:
        return _("Distribution %(number)d", number=self.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Distribution"]:
        told = cls.state == PaymentState.APPROVED
        return _at_the_desk(cls, user, DistributionPart, DistributionPart.distribution_id, told)

    def roles_of(self, user: Any) -> set[Role]:
        return _with_membership(self, DistributionPart.distribution_id, user)


class DistributionPart(Row):
    """What one investor gets of a distribution, in minor units: principal and return apart."""

    __tablename__ = "distribution_part"

    distribution_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("distribution.id"), index=True)
    position: Mapped[int]
    commitment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commitment.id"))
    tranche_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tranche.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    principal_minor: Mapped[Amount]
    return_minor: Mapped[Amount]

    distribution: Mapped[Distribution] = relationship(back_populates="parts")
    tranche: Mapped[Tranche] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class BookedTransfer(Model):
    """A transfer of the ledger as the parties of the bond may follow it; the ledger itself knows no bonds."""

    __table__ = Transfer.__table__

    id: Mapped[uuid.UUID]
    programme_id: Mapped[uuid.UUID]
    debit_id: Mapped[uuid.UUID]
    credit_id: Mapped[uuid.UUID]
    amount_minor: Mapped[Amount]
    kind: Mapped[TransferKind]
    cause_type: Mapped[str]
    cause_id: Mapped[uuid.UUID]
    reference: Mapped[str]
    created_at: Mapped[Instant]

    programme: Mapped[Programme] = relationship(
        primaryjoin=lambda: foreign(Transfer.__table__.c.programme_id) == Programme.id, viewonly=True, lazy="joined"
    )
    debit: Mapped[Account] = relationship(foreign_keys=[Transfer.__table__.c.debit_id], viewonly=True, lazy="joined")
    credit: Mapped[Account] = relationship(foreign_keys=[Transfer.__table__.c.credit_id], viewonly=True, lazy="joined")

    @property
    def title(self) -> str:
        return _("Transfer")

    @classmethod
    def visible_to(cls, user: Any) -> Select["BookedTransfer"]:
        """The intermediary and the auditor all; an organisation those on its own accounts."""
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        own = select(Account.id).where(Account.organisation_id.in_(user.organisation_ids))
        return select(cls).where(or_(desk, cls.debit_id.in_(own), cls.credit_id.in_(own)))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        if {self.debit.organisation_id, self.credit.organisation_id} & user.organisation_ids:
            roles.add(Role.PAYER if Role.OFFICIAL in roles else Role.MEMBER)
        return roles


class BookAccount(Model):
    """An account of the ledger as the parties of the bond may read it."""

    __table__ = Account.__table__

    id: Mapped[uuid.UUID]
    programme_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID | None]
    kind: Mapped[AccountKind]
    created_at: Mapped[Instant]

    programme: Mapped[Programme] = relationship(
        primaryjoin=lambda: foreign(Account.__table__.c.programme_id) == Programme.id, viewonly=True, lazy="joined"
    )
    organisation: Mapped[Organisation | None] = relationship(viewonly=True, lazy="joined")

    @property
    def label(self) -> Any:
        return account_label(self.kind, self.organisation)

    @property
    def title(self) -> str:
        name = str(self.label)
        name = name[:1].upper() + name[1:]
        return f"{name}, {self.organisation.name}" if self.organisation else name

    @classmethod
    def visible_to(cls, user: Any) -> Select["BookAccount"]:
        """The intermediary and the auditor all; an organisation its own."""
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        return select(cls).where(or_(desk, cls.organisation_id.in_(user.organisation_ids)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


def _at_the_desk(cls: Any, user: Any, part: Any, key: Any, told: Any) -> Select[Any]:
    """The intermediary and the auditor of the bond; the investors whom it concerns once they were told."""
    desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
    mine = select(key).where(part.organisation_id.in_(user.organisation_ids))
    return select(cls).where(or_(desk, and_(told, cls.id.in_(mine))))


def _with_membership(row: Any, key: Any, user: Any) -> set[Role]:
    """MEMBER: somebody of an investor whom a part of it concerns; asked of the database, for the parts may be many."""
    roles = row.programme.roles_of(user)
    part = key.class_
    mine = select(part.id).where(key == row.id, part.organisation_id.in_(user.organisation_ids)).limit(1)
    return roles | {Role.MEMBER} if user.organisation_ids and db.session.scalar(mine) is not None else roles
