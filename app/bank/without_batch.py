"""Money that left the account though no two people let it go: one person says what it was, another confirms it, with
account and amount side by side, and the auditor is told."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.bank import without_batch_notices as notices
from app.bank.accounts import accounts_in_use
from app.bank.expecting import Expected, expected
from app.bank.matching import match_lines
from app.bank.models import BankEntry, in_fours
from app.bank.states import ENTRY_FLOW
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.people.models import User
from app.treasury.payable import NotYet, not_yet_payable


@dataclass(frozen=True, slots=True)
class Beside:
    """A payment beside the line of the bank. `iban`: the account that its receiver is paid on, as the portal knows it;
    empty where it knows none."""

    payment: Expected
    iban: str
    is_same: bool
    waits: NotYet | None = None  # why none is in use

    @property
    def shown(self) -> str:
        return in_fours(self.iban)


@operation
def propose_match(line: BankEntry, causes: Sequence[Expected], note: str, *, actor: User) -> None:
    """Nothing is matched yet. Refused unless the payments add up to the line, to the cent."""
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_PROPOSE)
    if line.amount_minor != sum(one.amount_minor for one in causes):
        raise Refused(_("The amounts differ. What was chosen must add up to the line of the bank."), "causes")
    line.proposed, line.note, line.refused_because = [str(one.id) for one in causes], note, ""
    record(Action.BANK_ENTRY_PROPOSE, line, actor, amount=line.amount_minor, note=note)
    notices.tell_proposed(line, beside(line), actor)


def beside(line: BankEntry) -> list[Beside]:
    """What the line is said to be, with the account of each receiver."""
    chosen = {uuid.UUID(id) for id in line.proposed or ()}
    found = [one for one in expected(line.programme) if one.id in chosen and one.amount_minor < 0]
    organisations = {one.cause.organisation.id for one in found if getattr(one.cause, "organisation", None)}
    accounts = accounts_in_use(organisations)
    not_yet = {one.organisation_id: one for one in not_yet_payable(organisations)}
    made = []
    for one in found:
        organisation = getattr(one.cause, "organisation", None)
        account = accounts.get(organisation.id) if organisation is not None else None
        iban = account.iban if account is not None else ""
        waits = not_yet.get(organisation.id) if organisation is not None else None
        made.append(Beside(one, iban, bool(iban) and iban == line.iban.replace(" ", "").upper(), waits))
    return made


@operation
def confirm_match(line: BankEntry, *, actor: User, version: int | None = None) -> None:
    """A second person saw that the money is where it should be. Not now where a payment was matched meanwhile."""
    line.expect_version(version)
    found = beside(line)
    if not found or len(found) != len(line.proposed or ()):
        raise NotNow(_("Another line of the bank was matched with this meanwhile."))
    causes = [one.payment for one in found]
    match_lines([line], causes, line.note, actor=actor, step=Action.BANK_ENTRY_CONFIRM)
    line.proposed = None
    notices.tell_confirmed(line, found, actor)


@operation
def refuse_match(line: BankEntry, reason: str, *, actor: User, version: int | None = None) -> None:
    """It was something else: the line stands on the work list again, with the reason."""
    line.expect_version(version)
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_REFUSE)
    line.proposed, line.note, line.refused_because = None, "", reason
    record(Action.BANK_ENTRY_REFUSE, line, actor, amount=line.amount_minor, reason=reason)
