"""Where money is paid to. A wrong account is how money is stolen: two people name it, the second hears the code of the
first over the telephone, every payer is told, and an account that takes the place of another waits."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from flask_babel import gettext as _
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy import func, or_, select

from app.access.actions import Action
from app.access.record import record
from app.audit.models import AuditEntry
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.core.spoken_code import sounds_as, spoken_code
from app.extensions import db
from app.people.models import User
from app.programmes.models import BankAccount, Programme
from app.programmes.states import ACCOUNT_FLOW, AccountState, Phase
from app.treasury import notices

MOST_WRONG = 5  # codes; the page and the reason of the withdrawal say this number
WAITING_DAYS = 3  # as for the accounts that are paid on (`bank.accounts`): a weekend and a day to say no


# The bank, which stands above, tells which party of the bond is paid on an account (IBAN), by its name.
PAID_ON: list[Callable[[Programme, str], str | None]] = []


@operation
def prepare_account(programme: Programme, holder: str, iban: str, *, actor: User, once: uuid.UUID) -> BankAccount:
    """Name the account of the bond; it counts when a second person has approved it.

    Refused for an IBAN of which the country, the length or the check digits are wrong (ISO 13616), for the account
    that counts already, that of another bond, and one on which a party of the bond is paid; not now while another one
    waits for a second person.
    """
    existing = db.session.get(BankAccount, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    found = _valid(iban)
    waiting = waiting_of(programme)
    if any(one.state == AccountState.PREPARED for one in waiting):
        raise NotNow(_("Another account waits for a second person. Approve or withdraw that one first."))
    if found.compact in {one.iban for one in (programme.account, *waiting) if one is not None}:
        raise Refused(_("This is the account of the bond already."), "iban")
    if _is_of_another_bond(programme, found.compact):
        raise Refused(_("Another bond has this account. Each has its own, so that bank and books can agree."), "iban")
    paid_on = next((name for found_by in PAID_ON if (name := found_by(programme, found.compact))), None)
    if paid_on is not None:
        raise Refused(_("%(name)s is paid on this account: money of the bond is kept apart.", name=paid_on), "iban")
    account = BankAccount(id=once, programme=programme, holder=holder, iban=found.compact)
    db.session.add(account)
    record(Action.BANK_ACCOUNT_PREPARE, account, actor, on_behalf_of=programme, holder=holder, iban=found.compact)
    notices.tell_account_prepared(account, actor)
    return account


def _is_of_another_bond(programme: Programme, iban: str) -> bool:
    """Or waits to be; what a closed bond had is free."""
    found = select(BankAccount.id).join(Programme).where(BankAccount.iban == iban, Programme.id != programme.id)
    found = found.where(BankAccount.state != AccountState.WITHDRAWN, Programme.phase != Phase.CLOSED)
    return db.session.scalar(found.limit(1)) is not None


def _valid(iban: str) -> IBAN:
    try:
        return IBAN(iban)
    except (SchwiftyException, ValueError):
        raise Refused(_("This is no valid IBAN. Please check it against the bank's own paper."), "iban") from None


def outside_account(programme: Programme, iban: str) -> str:
    """The account, compact, of somebody who is no party of the portal: neither the bond nor a party is paid on it."""
    found = str(_valid(iban).compact)
    own = {one.iban for one in (programme.account, *waiting_of(programme)) if one is not None}
    name = next((name for found_by in PAID_ON if (name := found_by(programme, found))), None)
    if found in own or name is not None:
        raise Refused(_("This is an account of the bond or of a party of it."), "iban")
    return found


def waiting_of(programme: Programme) -> Sequence[BankAccount]:
    """Accounts that wait for a second person, or for their first day."""
    found = select(BankAccount).where(
        BankAccount.programme_id == programme.id,
        or_(
            BankAccount.state == AccountState.PREPARED,
            (BankAccount.state == AccountState.APPROVED) & (BankAccount.usable_from > clock.now()),
        ),
    )
    return db.session.scalars(found.order_by(BankAccount.created_at)).unique().all()


def is_named_by(account: BankAccount, user: User) -> bool:
    found = select(AuditEntry.seq).filter_by(
        subject_id=account.id, action=str(Action.BANK_ACCOUNT_PREPARE), actor_id=user.id
    )
    return account.state == AccountState.PREPARED and db.session.scalar(found.limit(1)) is not None


def code_of(account: BankAccount) -> str:
    """What the person who named the account reads out to the one who approves it."""
    return spoken_code(f"account of a bond {account.id} {account.iban}")


def waiting_days(programme: Programme) -> int:
    """From the approval on: none for the first account, for nobody pays to another one until then."""
    return WAITING_DAYS if programme.account is not None else 0


@operation
def approve_account(
    account: BankAccount, code: str, spoken_with: str, *, actor: User, version: int | None = None
) -> bool:
    """A second person heard the code over the telephone from `spoken_with`, who named the account. Everybody who pays
    is told, and asked to pay to it from `usable_from` on.

    False for another code, which the trail keeps: after `MOST_WRONG` the account is withdrawn and named anew, for
    whoever may go on trying finds it.
    """
    account.expect_version(version)
    days = waiting_days(account.programme)
    reason = ACCOUNT_FLOW.why_not(Action.BANK_ACCOUNT_APPROVE, account)
    if reason is not None:
        raise NotNow(reason)
    if not sounds_as(code, code_of(account)):
        _mishear(account, actor)
        return False
    ACCOUNT_FLOW.advance(account, Action.BANK_ACCOUNT_APPROVE)
    account.usable_from, account.spoken_with = clock.now() + timedelta(days=days), spoken_with
    record(Action.BANK_ACCOUNT_APPROVE, account, actor, holder=account.holder, iban=account.iban)
    notices.tell_account_approved(account)
    return True


def _mishear(account: BankAccount, actor: User) -> None:
    record(Action.BANK_ACCOUNT_MISHEAR, account, actor)
    wrong = select(func.count()).where(
        AuditEntry.subject_id == account.id, AuditEntry.action == str(Action.BANK_ACCOUNT_MISHEAR)
    )
    if (db.session.scalar(wrong) or 0) >= MOST_WRONG:
        withdraw_account(account, _("The code was wrong five times."), actor=actor)


@operation
def withdraw_account(account: BankAccount, reason: str, *, actor: User) -> None:
    """It is wrong, or nobody at the desk named it: nobody is asked to pay to it. Not now once it is in use: then
    another one is named, which everybody hears of."""
    ACCOUNT_FLOW.advance(account, Action.BANK_ACCOUNT_WITHDRAW)
    told = account.usable_from is not None
    record(Action.BANK_ACCOUNT_WITHDRAW, account, actor, iban=account.iban, reason=reason)
    notices.tell_account_withdrawn(account, reason, told)
