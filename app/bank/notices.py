from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.access.actions import Action
from app.bank.models import BankEntry, PaymentBatch, PayoutAccount
from app.bank.reconciling import DAYS_WITHOUT, Day, never_shown
from app.core import format
from app.core.money import Money
from app.extensions import db
from app.notifications.notify import Notice, notify
from app.people.models import Membership, User
from app.programmes.models import Part, Party
from app.settlement.reference import grouped

FEW = 20  # receipts that are named one by one


def tell_named(account: PayoutAccount) -> None:
    """Everybody of the organisation, so that a theft is seen; the intermediaries, who telephone."""

    def own() -> Notice:
        return Notice(
            _("An account was named for %(name)s", name=account.organisation.name),
            [
                _("%(iban)s in the name of %(holder)s.", iban=account.shown, holder=account.holder),
                _("The intermediary will telephone and ask for the code that stands on the page."),
                _("If nobody of you did this, withdraw the account at once and warn the intermediary."),
            ],
        )

    def desk() -> Notice:
        return Notice(
            _("Account of %(name)s to confirm", name=account.organisation.name),
            [
                _("%(iban)s in the name of %(holder)s.", iban=account.shown, holder=account.holder),
                _("Telephone the organisation at a number that you knew already, and ask for the code."),
            ],
        )

    people = account.organisation.people()
    notify(people, Action.PAYOUT_ACCOUNT_NAME, account, own, "bank.payout_account", id=account.id)
    notify(_intermediaries(account), Action.PAYOUT_ACCOUNT_NAME, account, desk, "bank.payout_account", id=account.id)


def _intermediaries(account: PayoutAccount) -> list[User]:
    """Who pays this organisation in some bond."""
    bonds = select(Party.programme_id).where(Party.organisation_id == account.organisation_id)
    found = (
        select(User)
        .join(Membership)
        .join(Party, Party.organisation_id == Membership.organisation_id)
        .where(Party.part == Part.INTERMEDIARY, Party.programme_id.in_(bonds), User.active)
        .where(Party.organisation_id != account.organisation_id)
    )
    return list(db.session.scalars(found.distinct()))


def tell_confirmed(account: PayoutAccount) -> None:
    def words() -> Notice:
        when = format.moment(account.usable_from)
        return Notice(
            _("The account of %(name)s is confirmed", name=account.organisation.name),
            [
                _("%(iban)s is paid on from %(when)s.", iban=account.shown, when=when),
                _("If nobody of you named it, withdraw the account before then and warn the intermediary."),
            ],
        )

    people = account.organisation.people()
    notify(people, Action.PAYOUT_ACCOUNT_CONFIRM, account, words, "bank.payout_account", id=account.id)


def tell_withdrawn(account: PayoutAccount) -> None:
    def words() -> Notice:
        return Notice(
            _("The account %(iban)s of %(name)s is withdrawn", iban=account.shown, name=account.organisation.name),
            [_("Reason: %(reason)s", reason=account.withdrawn_because)],
        )

    people = [*account.organisation.people(), *_intermediaries(account)]
    notify(people, Action.PAYOUT_ACCOUNT_WITHDRAW, account, words, "bank.payout_account", id=account.id)


def tell_prepared(batch: PaymentBatch, actor: User) -> None:
    """Colleagues at the intermediary, one of whom is the second pair of eyes."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(what)s to approve", bond=batch.programme.title, what=batch.title),
            [
                _(
                    "%(what)s: %(amount)s, prepared by %(name)s.",
                    what=batch.title,
                    amount=format.money(Money(batch.amount_minor, batch.programme.currency)),
                    name=actor.name,
                ),
                _("A second person of the intermediary approves or rejects it. Nothing goes to the bank before."),
            ],
        )

    readers = [user for user in batch.programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.PAYMENT_BATCH_PREPARE, batch, words, "bank.batch", id=batch.id)


def tell_approved(batch: PaymentBatch) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(what)s is ready for the bank", bond=batch.programme.title, what=batch.title),
            [_("Its file stands on the page. SHA-256: %(digest)s", digest=batch.file_sha256)],
        )

    readers = batch.programme.people(Part.INTERMEDIARY)
    notify(readers, Action.PAYMENT_BATCH_APPROVE, batch, words, "bank.batch", id=batch.id)


def tell_rejected(batch: PaymentBatch) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(what)s rejected", bond=batch.programme.title, what=batch.title),
            [_("Reason: %(reason)s", reason=batch.rejected_because)],
        )

    readers = batch.programme.people(Part.INTERMEDIARY)
    notify(readers, Action.PAYMENT_BATCH_REJECT, batch, words, "bank.batch", id=batch.id)


def tell_difference(day: Day) -> None:
    """The desk and the auditor: between bank and books lies something that no line explains."""
    programme = day.balance.programme

    def words() -> Notice:
        def shown(minor: int) -> str:
            return format.money(Money(minor, programme.currency))

        return Notice(
            _("%(bond)s: bank and books differ", bond=programme.title),
            [
                _(
                    "On %(day)s the bank shows %(bank)s and the books %(books)s.",
                    day=format.day(day.balance.on),
                    bank=shown(day.balance.amount_minor),
                    books=shown(day.books),
                ),
                *why_unexplained(day),
                _("The page shows what lies between them."),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    notify(readers, Action.BANK_READ, day.balance, words, "bank.balances", id=programme.id)


def why_unexplained(day: Day) -> list[str]:
    """All that makes up `Day.unexplained`, each receipt and line by name."""

    def shown(minor: int) -> str:
        return format.money(Money(minor, day.balance.programme.currency))

    booked = never_shown(day)
    told = [
        _(
            "%(amount)s of %(party)s (%(reference)s) was booked as received on %(day)s; no line of the bank shows it.",
            amount=shown(one.amount_minor),
            party=one.party,
            reference=grouped(one.reference) or "–",
            day=format.day(one.received_on),
        )
        for one in booked[:FEW]
    ]
    if len(booked) > FEW:
        told.append(ngettext("And %(num)d receipt more.", "And %(num)d receipts more.", len(booked) - FEW))
    told += _left_without_payment(day)
    if day.early:
        told.append(_("%(amount)s left the account before it was approved here.", amount=shown(-day.early)))
    if day.rest:
        words = _("%(amount)s is on no line of the bank: a statement is missing, or one too many was made up.")
        told.append(words % {"amount": shown(day.rest)})
    return told


def _left_without_payment(day: Day) -> list[str]:
    """Each line that went out and is no payment of the books."""
    return [
        _(
            "Line %(reference)s of %(day)s went out (%(amount)s) and is no payment in the books.",
            reference=line.reference,
            day=format.day(line.booked_on),
            amount=format.money(Money(-line.amount_minor, line.programme.currency)),
        )
        for line in day.left
    ]


def tell_long_open(lines: Sequence[BankEntry]) -> None:
    """The desk and the auditor: nobody says what these lines are, the oldest first."""
    programme = lines[0].programme

    def words() -> Notice:
        oldest = lines[0]
        return Notice(
            _("%(bond)s: lines of the bank wait for long", bond=programme.title),
            [
                ngettext(
                    "%(num)d line of the bank stands on the work list for more than %(days)d days.",
                    "%(num)d lines of the bank stand on the work list for more than %(days)d days.",
                    len(lines),
                    days=DAYS_WITHOUT,
                ),
                _(
                    "The oldest: %(amount)s on %(day)s.",
                    amount=format.money(Money(oldest.amount_minor, programme.currency)),
                    day=format.day(oldest.booked_on),
                ),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    notify(readers, Action.BANK_READ, lines[0], words, "bank.work_list", id=programme.id)


def tell_not_carried_out(batch: PaymentBatch) -> None:
    """The desk and the auditor: the bank reported its day, and not the payments."""
    programme = batch.programme

    def words() -> Notice:
        facts = {"what": batch.title, "day": format.day(batch.execution_on)}
        return Notice(
            _("%(bond)s: %(what)s is not carried out", bond=programme.title, what=batch.title),
            [
                _("%(what)s was to be executed on %(day)s, and no line of the bank shows all of it.", **facts),
                _("Ask the bank whether it has the file, or match its lines on the work list."),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    notify(readers, Action.BANK_READ, batch, words, "bank.batch", id=batch.id)
