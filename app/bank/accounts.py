"""The account that an organisation is paid on. Whoever takes over a mailbox or a password must not move the money.

A member names it and sees a code; the intermediary telephones the organisation at a number it knew already, asks for
the code and types it in; then a waiting time runs in which everybody of the organisation, who is told, may say no.
"""

import uuid
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank import notices
from app.bank.models import PayoutAccount
from app.bank.states import PAYOUT_FLOW, PayoutState
from app.core import clock
from app.core.errors import Refused
from app.core.operation import operation
from app.core.spoken_code import sounds_as, spoken_code
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import BankAccount, Party, Programme
from app.programmes.states import AccountState
from app.treasury.account import PAID_ON
from app.treasury.payable import NOT_YET, NotYet

WAITING_DAYS = 3


@operation
def name_account(organisation: Organisation, holder: str, iban: str, *, actor: User, once: uuid.UUID) -> PayoutAccount:
    """Name the account of the own organisation; it is not in use before the intermediary confirmed it and
    `WAITING_DAYS` have passed. An account that still waited to be confirmed makes place.

    Refused for an IBAN of which the country, the length or the check digits are wrong (ISO 13616), and for the account
    of a bond in which the organisation has a part.
    """
    existing = db.session.get(PayoutAccount, once)
    if existing is not None and existing.organisation_id == organisation.id:
        return existing
    compact = _checked(iban)
    in_use = account_in_use(organisation.id)
    if in_use is not None and in_use.iban == compact:
        raise Refused(_("This account is in use already."), "iban")
    bond = _bond_with(organisation, compact)
    if bond is not None:
        raise Refused(_("This is the account of the bond %(bond)s: nobody is paid on it.", bond=bond), "iban")
    earlier = select(PayoutAccount).filter_by(organisation_id=organisation.id, state=PayoutState.NAMED)
    for one in db.session.scalars(earlier).unique():
        one.state, one.withdrawn_because = PayoutState.WITHDRAWN, _("Another account was named.")
    account = PayoutAccount(id=once, organisation=organisation, holder=holder, iban=compact, named_by_id=actor.id)
    db.session.add(account)
    record(Action.PAYOUT_ACCOUNT_NAME, account, actor, on_behalf_of=organisation, iban=compact)
    notices.tell_named(account)
    return account


def _checked(iban: str) -> str:
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        return str(IBAN(iban).compact)
    except (SchwiftyException, ValueError):
        raise Refused(_("This is no valid IBAN. Please check it against the bank's own paper."), "iban") from None


def _bond_with(organisation: Organisation, iban: str) -> str | None:
    found = select(Programme.title).join(BankAccount, BankAccount.programme_id == Programme.id)
    found = found.join(Party, Party.programme_id == Programme.id).where(Party.organisation_id == organisation.id)
    return db.session.scalar(
        found.where(BankAccount.iban == iban, BankAccount.state != AccountState.WITHDRAWN).limit(1)
    )


def paid_on(programme: Programme, iban: str) -> str | None:
    """The party of the bond that named this account to be paid on."""
    found = select(Organisation.name).join(PayoutAccount, PayoutAccount.organisation_id == Organisation.id)
    found = found.join(Party, Party.organisation_id == Organisation.id).where(Party.programme_id == programme.id)
    return db.session.scalar(
        found.where(PayoutAccount.iban == iban, PayoutAccount.state != PayoutState.WITHDRAWN).limit(1)
    )


PAID_ON.append(paid_on)


def account_in_use(organisation_id: uuid.UUID) -> PayoutAccount | None:
    """The account confirmed last of which the waiting time is over; money goes nowhere else."""
    return accounts_in_use({organisation_id}).get(organisation_id)


def not_in_use(organisation_ids: Any) -> list[NotYet]:
    """Those of these organisations (ids, or what selects them) that have no account in use, and what waits."""
    in_use = select(PayoutAccount.organisation_id).where(
        PayoutAccount.state == PayoutState.CONFIRMED, PayoutAccount.usable_from <= clock.now()
    )
    found = select(Organisation.id, Organisation.name, PayoutAccount.id, PayoutAccount.usable_from)
    waits = (PayoutAccount.organisation_id == Organisation.id) & (PayoutAccount.state != PayoutState.WITHDRAWN)
    found = found.outerjoin(PayoutAccount, waits)
    found = found.where(Organisation.id.in_(organisation_ids), Organisation.id.not_in(in_use))
    # One that nobody confirmed yet first, so that the one that may be used soonest stands last, and stays.
    rows = sorted(db.session.execute(found), key=lambda row: (row[3] is not None, -row[3].timestamp() if row[3] else 0))
    return list({id: NotYet(id, name, named is not None, usable) for id, name, named, usable in rows}.values())


NOT_YET.append(not_in_use)


def accounts_in_use(organisation_ids: set[uuid.UUID]) -> dict[uuid.UUID, PayoutAccount]:
    """The same for several organisations at once."""
    found = select(PayoutAccount).where(
        PayoutAccount.organisation_id.in_(organisation_ids),
        PayoutAccount.state == PayoutState.CONFIRMED,
        PayoutAccount.usable_from <= clock.now(),
    )
    ordered = found.order_by(PayoutAccount.usable_from, PayoutAccount.created_at)
    return {one.organisation_id: one for one in db.session.scalars(ordered).unique()}


def code_of(account: PayoutAccount) -> str:
    """What the person who named the account reads out over the telephone."""
    return spoken_code(f"payout account {account.id} {account.iban}")


@operation
def confirm_account(
    account: PayoutAccount, code: str, spoken_with: str, *, actor: User, version: int | None = None
) -> None:
    """A person of the intermediary heard the code over the telephone from `spoken_with`. The account is in use
    `WAITING_DAYS` later; everybody of the organisation is told from when. Refused for another code."""
    account.expect_version(version)
    PAYOUT_FLOW.advance(account, Action.PAYOUT_ACCOUNT_CONFIRM)
    if not sounds_as(code, code_of(account)):
        raise Refused(
            _("This is not the code of this account. Telephone again; if it stays wrong, withdraw it."), "code"
        )
    account.confirmed_by_id, account.spoken_with = actor.id, spoken_with
    account.usable_from = clock.now() + timedelta(days=WAITING_DAYS)
    record(Action.PAYOUT_ACCOUNT_CONFIRM, account, actor, iban=account.iban)
    notices.tell_confirmed(account)


@operation
def withdraw_account(account: PayoutAccount, reason: str, *, actor: User) -> None:
    """It is wrong, or nobody of the organisation named it: it is never paid on (again). The account confirmed before it
    stays in use."""
    PAYOUT_FLOW.advance(account, Action.PAYOUT_ACCOUNT_WITHDRAW)
    account.withdrawn_because = reason
    record(Action.PAYOUT_ACCOUNT_WITHDRAW, account, actor, iban=account.iban)
    notices.tell_withdrawn(account)
