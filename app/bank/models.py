import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.access.roles import Role
from app.bank.states import (
    BANK_STATEMENT_FLOW,
    ENTRY_FLOW,
    PAYMENT_BATCH_FLOW,
    PAYOUT_FLOW,
    BankStatementState,
    EntryState,
    PaymentBatchState,
    PayoutState,
)
from app.core.models import Amount, Instant, Root, Row, words
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Part, Party, Programme, programmes_of
from app.treasury.remittance import RemittancePart


def in_fours(iban: str) -> str:
    """An IBAN as it is read and typed over."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


class PayoutAccount(Root):
    """The account that an organisation is paid on: named by itself, confirmed by the intermediary over the telephone,
    in use from `usable_from` on."""

    __tablename__ = "payout_account"
    FLOW = PAYOUT_FLOW

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    holder: Mapped[str]
    iban: Mapped[str]  # compact
    named_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    spoken_with: Mapped[str] = mapped_column(default="")  # whom the intermediary telephoned, at a number it knew
    usable_from: Mapped[Instant | None]
    state: Mapped[PayoutState] = words(PayoutState, default=PayoutState.NAMED)
    withdrawn_because: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        return in_fours(self.iban)

    @classmethod
    def visible_to(cls, user: Any) -> Select["PayoutAccount"]:
        """The organisation itself; the intermediary and the auditor of a bond in which it has a part."""
        paid_by = select(Party.organisation_id).where(
            Party.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        )
        own = cls.organisation_id.in_(user.organisation_ids)
        return select(cls).where(or_(own, cls.organisation_id.in_(paid_by)))

    def roles_of(self, user: Any) -> set[Role]:
        """Nobody confirms the account of the own organisation, not even an intermediary."""
        if self.organisation_id in user.organisation_ids:
            return {Role.MEMBER}
        parts = select(Party.part).where(Party.organisation_id.in_(user.organisation_ids))
        shared = select(Party.programme_id).where(Party.organisation_id == self.organisation_id)
        found = set(db.session.scalars(parts.where(Party.programme_id.in_(shared))))
        hats = {Part.INTERMEDIARY: Role.INTERMEDIARY, Part.AUDITOR: Role.AUDITOR}
        return {hat for part, hat in hats.items() if part in found}


class OfABond(Row):
    """Of the intermediary's desk: the intermediary works with it, the auditor reads it."""

    __abstract__ = True

    @classmethod
    def visible_to(cls, user: Any) -> Select[Any]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR)))  # type: ignore[attr-defined]

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)  # type: ignore[attr-defined,no-any-return]


class PaymentBatch(OfABond, Root):
    """Payments that go to the bank in one file; made by one person of the intermediary, let go by another."""

    __tablename__ = "payment_batch"
    __table_args__ = (UniqueConstraint("programme_id", "number"), CheckConstraint("amount_minor > 0", name="amount"))
    FLOW = PAYMENT_BATCH_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)  # message and payment id in the file
    execution_on: Mapped[date]
    amount_minor: Mapped[Amount]
    holder: Mapped[str]  # of the bond's account that is debited
    iban: Mapped[str]
    state: Mapped[PaymentBatchState] = words(PaymentBatchState, default=PaymentBatchState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")
    file: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))  # as it was let go, never made again
    file_sha256: Mapped[str] = mapped_column(default="")
    warned_at: Mapped[Instant | None]  # when the desk heard that the bank has not carried it out

    programme: Mapped[Programme] = relationship(lazy="joined")
    payments: Mapped[list["BatchPayment"]] = relationship(back_populates="batch", order_by="BatchPayment.position")

    @property
    def title(self) -> str:
        return _("Payment batch %(number)d", number=self.number)


class BatchPayment(Row):
    """One payment of a batch. `held_id` is its cause while the batch stands: unique, so nothing is paid twice. Without
    organisation and account it goes to who is no party of the portal, on the account that its remittance names."""

    __tablename__ = "batch_payment"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_batch.id"), index=True)
    position: Mapped[int]
    cause_type: Mapped[str]  # cost_payment or distribution_part
    cause_id: Mapped[uuid.UUID] = mapped_column(index=True)
    held_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payout_account.id"))
    amount_minor: Mapped[Amount]
    reference: Mapped[str] = mapped_column(unique=True)  # end-to-end id
    description: Mapped[str]

    batch: Mapped[PaymentBatch] = relationship(back_populates="payments")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    account: Mapped[PayoutAccount | None] = relationship(lazy="joined")

    @property
    def payee(self) -> str:
        return self.organisation.name if self.organisation is not None else self._part.payee

    @property
    def holder(self) -> str:
        return self.account.holder if self.account is not None else self._part.payee

    @property
    def iban(self) -> str:
        """Compact."""
        return self.account.iban if self.account is not None else self._part.iban

    @property
    def shown(self) -> str:
        return in_fours(self.iban)

    @property
    def _part(self) -> RemittancePart:
        return db.session.get_one(RemittancePart, self.cause_id)


class BankStatement(OfABond, Root):
    """A file that the bank made, imported once (`sha256`); amounts in minor units.

    `balances`: (day, minor units) as it told them, so that they stand again when a later file is voided. A statement
    that was voided keeps its lines here alone, to be read.
    """

    __tablename__ = "bank_statement"
    __table_args__ = (
        Index(
            "uq_bank_statement_sha256",
            "programme_id",
            "sha256",
            unique=True,
            sqlite_where=text("state != 'voided'"),
            postgresql_where=text("state != 'voided'"),
        ),
    )
    FLOW = BANK_STATEMENT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    imported_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    known_already: Mapped[int] = mapped_column(default=0)  # lines that an earlier file brought
    balances: Mapped[list[Any] | None] = mapped_column(JSON)
    gap: Mapped[str] = mapped_column(default="")  # what did not follow, as the portal said it
    gap_reason: Mapped[str] = mapped_column(default="")  # why it was taken all the same
    state: Mapped[BankStatementState] = words(BankStatementState, default=BankStatementState.STANDS)
    void_reason: Mapped[str] = mapped_column(default="")
    voided_lines: Mapped[list[Any] | None] = mapped_column(JSON)  # reference, day, name, text, minor units

    programme: Mapped[Programme] = relationship(lazy="joined")
    entries: Mapped[list["BankEntry"]] = relationship(back_populates="statement", order_by="BankEntry.position")

    @property
    def title(self) -> str:
        return self.file_name

    @property
    def lines_as_they_stood(self) -> list[tuple[str, date, str, str, int]]:
        """Of a statement that was voided."""
        return [(one[0], date.fromisoformat(one[1]), *one[2:]) for one in self.voided_lines or ()]  # type: ignore[misc]


class BankBalance(Row):
    """What the bank says was on the account at the end of a day; `warned_at` when the desk heard of a difference."""

    __tablename__ = "bank_balance"
    __table_args__ = (UniqueConstraint("programme_id", "on_day"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_statement.id"))
    on: Mapped[date] = mapped_column("on_day")
    amount_minor: Mapped[Amount]
    warned_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")


class BankEntry(OfABond, Root):
    """One line of a statement; `amount_minor` is above zero when money came in. `reference` is the bank's own."""

    __tablename__ = "bank_entry"
    __table_args__ = (UniqueConstraint("programme_id", "reference"),)
    FLOW = ENTRY_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_statement.id"), index=True)
    position: Mapped[int]
    reference: Mapped[str]
    booked_on: Mapped[date]
    amount_minor: Mapped[Amount]
    name: Mapped[str]
    iban: Mapped[str]
    text: Mapped[str]
    end_to_end: Mapped[str]
    is_reversal: Mapped[bool] = mapped_column(default=False)  # the bank itself undoes an earlier line
    state: Mapped[EntryState] = words(EntryState, default=EntryState.OPEN)
    note: Mapped[str] = mapped_column(default="")  # why it was set aside, or matched by hand
    proposed: Mapped[list[str] | None] = mapped_column(JSON)  # ids of what a second person is asked to confirm
    refused_because: Mapped[str] = mapped_column(default="")  # what the desk answered when it was to be booked
    warned_at: Mapped[Instant | None]  # when the desk heard that it stands on the work list for long

    programme: Mapped[Programme] = relationship(lazy="joined")
    statement: Mapped[BankStatement] = relationship(back_populates="entries")
    matches: Mapped[list["BankMatch"]] = relationship(back_populates="entry")

    @property
    def title(self) -> str:
        return _("Line %(reference)s of the bank", reference=self.reference)


class BankMatch(Row):
    """So much of a line of the bank is this receipt or payment of the portal."""

    __tablename__ = "bank_match"
    __table_args__ = (
        UniqueConstraint("entry_id", "cause_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank_entry.id"), index=True)
    cause_type: Mapped[str]  # capital_call_part, statement_payment, cost_payment, distribution_part, taken_back ...
    cause_id: Mapped[uuid.UUID] = mapped_column(index=True)
    amount_minor: Mapped[Amount]

    entry: Mapped[BankEntry] = relationship(back_populates="matches")
