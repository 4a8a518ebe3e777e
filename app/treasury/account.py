"""Where money is paid to. A wrong account is how money is stolen: two people name it, and every payer is told."""

import uuid

from flask_babel import gettext as _
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import BankAccount, Programme
from app.programmes.states import ACCOUNT_FLOW
from app.treasury import notices


@operation
def prepare_account(programme: Programme, holder: str, iban: str, *, actor: User, once: uuid.UUID) -> BankAccount:
    """Name the account of the bond; it counts when a second person has approved it.

    Refused for an IBAN of which the country, the length or the check digits are wrong (ISO 13616).
    """
    existing = db.session.get(BankAccount, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    try:
        found = IBAN(iban)
    except (SchwiftyException, ValueError):
        raise Refused(_("This is no valid IBAN. Please check it against the bank's own paper."), "iban") from None
    account = BankAccount(id=once, programme=programme, holder=holder, iban=found.compact)
    db.session.add(account)
    record(Action.BANK_ACCOUNT_PREPARE, account, actor, on_behalf_of=programme, holder=holder, iban=found.compact)
    notices.tell_account_prepared(account, actor)
    return account


@operation
def approve_account(account: BankAccount, *, actor: User, version: int | None = None) -> None:
    """A second person approves: from now on everybody is asked to pay to this account."""
    account.expect_version(version)
    ACCOUNT_FLOW.advance(account, Action.BANK_ACCOUNT_APPROVE)
    record(Action.BANK_ACCOUNT_APPROVE, account, actor, holder=account.holder, iban=account.iban)
    notices.tell_account_approved(account)
