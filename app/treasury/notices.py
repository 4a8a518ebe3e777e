from collections import defaultdict
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.core import clock, format
from app.core.money import Money
from app.extensions import db
from app.ledger.models import Transfer
from app.notifications.notify import Notice, notify
from app.people.models import Membership, User
from app.programmes.models import BankAccount, Part, Programme
from app.settlement.models import Statement
from app.settlement.reference import grouped
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.payable import NotYet, not_yet_payable


def shown(amount_minor: int, programme: Programme) -> str:
    """An amount in the language in force."""
    return format.money(Money(amount_minor, programme.currency))


def day(value: date) -> str:
    """A day in the language in force."""
    return format.day(value)


def pay_to(programme: Programme) -> str:
    """The line of a notice that says which account to pay to."""
    account = programme.account
    if account is None:
        return _("The intermediary has not named the account yet. Wait with paying until it stands on the page.")
    line = _("Pay to %(iban)s in the name of %(holder)s.", iban=account.shown, holder=account.holder)
    return line + " " + _("This account is illustrative.") if programme.illustrative else line


def tell_account_prepared(account: BankAccount, actor: User) -> None:
    """Colleagues at the intermediary, one of whom is the second pair of eyes."""
    programme = account.programme

    def words() -> Notice:
        facts = {"iban": account.shown, "holder": account.holder}
        return Notice(
            _("%(bond)s: bank account to approve", bond=programme.title),
            [
                _("%(name)s named %(iban)s in the name of %(holder)s.", name=actor.name, **facts),
                _("Telephone your colleague for the code, at a number that you knew already, before you approve it."),
            ],
        )

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.BANK_ACCOUNT_PREPARE, account, words, "treasury.bank_account", id=programme.id)


def tell_account_approved(account: BankAccount) -> None:
    """Everybody who pays: a new account must not go unseen."""
    programme = account.programme

    def words() -> Notice:
        lines = [pay_to(programme)]
        if account.usable_from is not None and account.usable_from > clock.now():
            facts = {"iban": account.shown, "holder": account.holder, "moment": format.moment(account.usable_from)}
            lines.append(_("From %(moment)s on another account counts: %(iban)s in the name of %(holder)s.", **facts))
            lines.append(_("If you doubt it, telephone the intermediary at a number that you knew already."))
        return Notice(_("%(bond)s: the account to pay to", bond=programme.title), lines)

    readers = programme.people(Part.INVESTOR, Part.GOVERNMENT, Part.INTERMEDIARY)
    notify(readers, Action.BANK_ACCOUNT_APPROVE, account, words, "programmes.show", id=programme.id)


def tell_account_withdrawn(account: BankAccount, reason: str, told: bool) -> None:
    """The intermediary; and everybody who pays, where they had heard of it."""
    programme = account.programme

    def words() -> Notice:
        facts = {"iban": account.shown, "holder": account.holder}
        return Notice(
            _("%(bond)s: an account is withdrawn", bond=programme.title),
            [
                _("Pay nothing to %(iban)s in the name of %(holder)s.", **facts),
                _("Reason: %(reason)s", reason=reason),
                pay_to(programme),
            ],
        )

    payers = (Part.INVESTOR, Part.GOVERNMENT) if told else ()
    readers = programme.people(*payers, Part.INTERMEDIARY)
    notify(readers, Action.BANK_ACCOUNT_WITHDRAW, account, words, "programmes.show", id=programme.id)


def tell_prepared(thing: Any, action: Action, endpoint: str, actor: User) -> None:
    """Colleagues at the intermediary, one of whom is the second pair of eyes."""
    programme = thing.programme

    def words() -> Notice:
        facts = {"what": thing.title, "amount": shown(thing.amount_minor, programme)}
        return Notice(
            _("%(bond)s: %(what)s to approve", bond=programme.title, what=thing.title),
            [
                _("%(what)s: %(amount)s, prepared by %(name)s.", name=actor.name, **facts),
                _("A second person of the intermediary approves or rejects it. Nothing is paid before."),
            ],
        )

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, action, thing, words, endpoint, id=thing.id)


def tell_rejected(thing: Any, action: Action, endpoint: str, reason: str) -> None:
    programme = thing.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(what)s rejected", bond=programme.title, what=thing.title),
            [
                _("It was for %(amount)s and is not made.", amount=shown(thing.amount_minor, programme)),
                _("Reason: %(reason)s", reason=reason),
            ],
        )

    notify(programme.people(Part.INTERMEDIARY), action, thing, words, endpoint, id=thing.id)


def tell_called(call: CapitalCall) -> None:
    """Each investor its own parts: amount, reference, due day."""
    own: dict[Any, list[CapitalCallPart]] = defaultdict(list)
    for part in call.parts:
        own[part.organisation_id].append(part)
    people, programme = (
        _people_of(select(CapitalCallPart.organisation_id).filter_by(capital_call_id=call.id)),
        call.programme,
    )
    for organisation_id, parts in own.items():

        def words(parts: list[CapitalCallPart] = parts) -> Notice:
            title = _("%(bond)s: capital call %(number)d", bond=call.programme.title, number=call.number)
            lines = [
                _(
                    "Please pay in %(amount)s by %(day)s, with the reference %(reference)s.",
                    amount=shown(part.amount_minor, call.programme),
                    day=day(call.due_on),
                    reference=part.reference,
                )
                for part in parts
            ]
            return Notice(title, [*lines, pay_to(call.programme), _("Purpose: %(purpose)s", purpose=call.purpose)])

        notify(
            people[organisation_id],
            Action.CAPITAL_CALL_APPROVE,
            call,
            words,
            "treasury.capital_call",
            illustrative=programme.illustrative,
            id=call.id,
        )


def tell_capital_received(part: CapitalCallPart) -> None:
    """The investor; of a part of what was asked also what is still owed."""
    call = part.capital_call
    rest = db.session.get(CapitalCallPart, part.paid_of_id) if part.paid_of_id is not None else None

    def words() -> Notice:
        amount = shown(part.amount_minor, call.programme)
        said = [_("%(amount)s of %(name)s came in.", amount=amount, name=part.organisation.name)]
        if rest is not None:
            owed = shown(rest.amount_minor, call.programme)
            facts = {"amount": owed, "day": day(rest.due_on), "reference": rest.reference}
            said.append(_("%(amount)s is still owed by %(day)s, with the same reference %(reference)s.", **facts))
            said.append(pay_to(call.programme))
        return Notice(_("%(bond)s: capital received", bond=call.programme.title), said)

    people = part.organisation.people()
    notify(people, Action.CAPITAL_CALL_RECEIVE, call, words, "treasury.capital_call", id=call.id)


def tell_cost_paid(cost: CostPayment) -> None:
    """The provider, and the desk; both hear it where the bank cannot pay it yet."""
    programme, not_yet = cost.programme, not_yet_payable([cost.organisation_id])

    def words() -> Notice:
        facts = {"amount": shown(cost.amount_minor, programme), "name": cost.organisation.name}
        told = [
            _("%(amount)s for %(name)s is approved; the bank pays it.", **facts)
            if not not_yet
            else _("%(amount)s for %(name)s is approved, but cannot be paid yet.", **facts)
        ]
        told += [one.why for one in not_yet]
        told.append(_("For: %(description)s", description=cost.description))
        return Notice(_("%(bond)s: running costs approved", bond=programme.title), told)

    readers = [*cost.organisation.people(), *programme.people(Part.INTERMEDIARY)]
    notify(readers, Action.COST_APPROVE, cost, words, "treasury.cost", id=cost.id)


def tell_payment_received(statement: Statement, amount_minor: int, receipt: Transfer | None) -> None:
    """The municipality that paid, and the desk; the page follows the money (nothing moved: the page of the bond)."""
    programme = statement.settlement.programme

    def words() -> Notice:
        amount, left = shown(amount_minor, programme), statement.outstanding_minor
        rest = [_("Still to be paid: %(amount)s.", amount=shown(left, programme))] if left else []
        return Notice(
            _("%(bond)s: payment received", bond=programme.title),
            [
                _(
                    "%(amount)s of %(name)s came in for statement %(reference)s.",
                    amount=amount,
                    name=statement.payer.name,
                    reference=grouped(statement.reference),
                ),
                *rest,
            ],
        )

    readers = [*statement.payer.people(), *programme.people(Part.INTERMEDIARY)]
    endpoint, id = ("treasury.follow", receipt.id) if receipt else ("programmes.show", programme.id)
    notify(readers, Action.PAYMENT_RECEIVE, statement, words, endpoint, id=id)


def tell_distributed(distribution: Distribution) -> None:
    """Each investor its own figures; nobody another's."""
    programme = distribution.programme
    own: dict[Any, list[DistributionPart]] = defaultdict(list)
    for part in distribution.parts:
        own[part.organisation_id].append(part)
    paid = select(DistributionPart.organisation_id).filter_by(distribution_id=distribution.id)
    people, not_yet = _people_of(paid), {one.organisation_id: one for one in not_yet_payable(paid)}
    for organisation_id, parts in own.items():
        waiting = not_yet.get(organisation_id)

        def words(parts: list[DistributionPart] = parts, waits: NotYet | None = waiting) -> Notice:
            principal = shown(sum(part.principal_minor for part in parts), programme)
            further = shown(sum(part.return_minor for part in parts), programme)
            title = _("%(bond)s: distribution %(number)d", bond=programme.title, number=distribution.number)
            facts = {"principal": principal, "further": further}
            told = [_("Approved, the bank pays you: %(principal)s of your capital and %(further)s return.", **facts)]
            if waits is not None:
                said = _("Approved for you: %(principal)s of your capital and %(further)s return.", **facts)
                told = [said, _("The bank cannot pay it yet."), waits.why]
            return Notice(
                title,
                [
                    *told,
                    _("The page shows the order of payment and what your figures are now."),
                ],
            )

        notify(
            people[organisation_id],
            Action.DISTRIBUTION_APPROVE,
            distribution,
            words,
            "treasury.distribution",
            illustrative=programme.illustrative,
            id=distribution.id,
        )


def _people_of(organisation_ids: Any) -> dict[Any, list[User]]:
    """By organisation, of however many in one statement."""
    found = select(Membership.organisation_id, User).join(User, User.id == Membership.user_id)
    people: dict[Any, list[User]] = defaultdict(list)
    for organisation_id, user in db.session.execute(found.where(Membership.organisation_id.in_(organisation_ids))):
        people[organisation_id].append(user)
    return people
