import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.flow import Labelled
from app.core.models import Amount, Instant, Row, append_only, words
from app.extensions import Model
from app.people.models import Organisation, OrganisationKind


class AccountKind(Labelled):
    """The accounts of a bond. Debit grows what it has or has spent, credit grows what it owes or was given."""

    BANK = "bank", _l("bank account of the bond")
    INVESTOR_CAPITAL = "investor_capital", _l("capital of the investor")
    INVESTOR_RETURN = "investor_return", _l("return to the investor")
    OUTCOME_INCOME = "outcome_income", _l("income from outcome payments")
    RECEIVABLE = "receivable", _l("receivable from the municipality")
    VAT = "vat", _l("VAT payable")
    RUNNING_COSTS = "running_costs", _l("running costs of the service provider")
    BANK_COSTS = "bank_costs", _l("bank charges, less interest")
    PAYER_CREDIT = "payer_credit", _l("owed to municipalities and investors")
    GUARANTEE = "guarantee", _l("contribution of the guarantor")
    EXCESS = "excess", _l("surplus paid out")
    RESULT = "result", _l("result of the bond at its close")


# Either may have paid too much: where the party is known, the words say whose money it is.
OWED_TO = {
    OrganisationKind.MUNICIPALITY: _l("owed to the municipality"),
    OrganisationKind.INVESTOR: _l("owed to the investor"),
}


def account_label(kind: AccountKind, organisation: Organisation | None) -> Any:
    """What an account is, in the words for the party that it belongs to."""
    if kind == AccountKind.PAYER_CREDIT and organisation is not None:
        return OWED_TO.get(organisation.kind, kind.label)
    return kind.label


class TransferKind(Labelled):
    POSTED = "posted", _l("posted"), "good"
    PENDING = "pending", _l("pending"), "warn"
    POST_PENDING = "post_pending", _l("posted"), "good"
    VOID_PENDING = "void_pending", _l("voided"), "bad"
    REVERSAL = "reversal", _l("reversal"), "warn"
    CLOSING = "closing", _l("closing entry"), "neutral"


class Account(Row):
    """A place for money of one bond, and where it concerns one party, of that party."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("programme_id", "kind", "organisation_id"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(index=True)  # the bond; packages below it cannot name its class
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[AccountKind] = words(AccountKind)
    currency: Mapped[str] = mapped_column(default="EUR")

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def label(self) -> Any:
        return account_label(self.kind, self.organisation)


@append_only
class Transfer(Row):
    """`amount_minor` from the credited account's side to the debited one, caused by `cause` (a row of the portal)."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        *(
            Index(f"ix_transfer_{name}_created_at", name, "created_at", "id")
            for name in ("programme_id", "debit_id", "credit_id")
        ),
    )

    programme_id: Mapped[uuid.UUID]
    debit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    credit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    amount_minor: Mapped[Amount]
    kind: Mapped[TransferKind] = words(TransferKind)
    pending_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("transfer.id"), unique=True)
    cause_type: Mapped[str]
    cause_id: Mapped[uuid.UUID] = mapped_column(index=True)
    reference: Mapped[str] = mapped_column(default="")
    entered_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    debit: Mapped[Account] = relationship(foreign_keys=[debit_id])
    credit: Mapped[Account] = relationship(foreign_keys=[credit_id])


class BookSum(Model):
    """All transfers of one bond of one kind between two kinds of account together (minor units).

    The database keeps it right by itself: a trigger on `transfer`, made by migration 0064, whose opening words say what
    a later migration of that table must do. Nothing else writes here; `invariants.py` adds up again.
    """

    __tablename__ = "book_sum"

    programme_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[TransferKind] = words(TransferKind, primary_key=True)
    debit: Mapped[AccountKind] = words(AccountKind, primary_key=True)
    credit: Mapped[AccountKind] = words(AccountKind, primary_key=True)
    amount_minor: Mapped[Amount]


class BookHour(Model):
    """The same for the transfers of one hour (UTC), with their `number`: the days of the parties begin on whole hours.

    Kept by the same trigger.
    """

    __tablename__ = "book_hour"

    programme_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hour: Mapped[Instant] = mapped_column(primary_key=True)
    kind: Mapped[TransferKind] = words(TransferKind, primary_key=True)
    debit: Mapped[AccountKind] = words(AccountKind, primary_key=True)
    credit: Mapped[AccountKind] = words(AccountKind, primary_key=True)
    number: Mapped[int]
    amount_minor: Mapped[Amount]


class AccountHour(Model):
    """What moved on either side of one account in one hour (UTC, minor units); `number` of transfers that touch it,
    with those that moved nothing. Kept by the same trigger."""

    __tablename__ = "account_hour"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    hour: Mapped[Instant] = mapped_column(primary_key=True)
    number: Mapped[int]
    debit_minor: Mapped[Amount]
    credit_minor: Mapped[Amount]
