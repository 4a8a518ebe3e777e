"""Who is told of what. No claims, and an amount only to the municipality that pays it."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.core.format import day, money
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.settlement.models import Settlement, Statement
from app.settlement.reference import grouped
from app.settlement.states import StatementState


def tell_prepared(settlement: Settlement, preparer: User) -> None:
    """Colleagues at the intermediary, of whom a second one checks."""
    programme = settlement.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: settlement to check", bond=programme.title),
            [
                _(
                    "%(name)s prepared the settlement up to %(until)s and asks a second person to check it.",
                    name=preparer.name,
                    until=day(settlement.period_to),
                )
            ],
        )

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != preparer.id]
    notify(readers, Action.SETTLEMENT_PREPARE, settlement, words, "settlement.show", id=settlement.id)


def tell_checked(settlement: Settlement) -> None:
    """Each municipality, about its own statement."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: statement to approve", bond=settlement.programme.title),
            [
                _("The intermediary settled the effects up to %(until)s.", until=day(settlement.period_to)),
                _("Read what was proven for your own residents, and approve or refuse the statement."),
            ],
        )

    for statement in settlement.statements:
        readers = statement.payer.people()
        notify(readers, Action.SETTLEMENT_CHECK, settlement, words, "settlement.statement", id=statement.id)


def tell_discarded(settlement: Settlement, sent: bool) -> None:
    """The intermediary, and the municipalities when they had it before them."""
    programme, until = settlement.programme, settlement.period_to

    def words() -> Notice:
        return Notice(
            _("%(bond)s: settlement discarded", bond=programme.title),
            [
                _("The settlement up to %(until)s no longer counts. A new one follows.", until=day(until)),
                _("Why: %(reason)s", reason=settlement.discarded_because),
            ],
        )

    parts = (Part.INTERMEDIARY, Part.GOVERNMENT) if sent else (Part.INTERMEDIARY,)
    notify(programme.people(*parts), Action.SETTLEMENT_DISCARD, settlement, words, "settlement.show", id=settlement.id)


def tell_approved(statement: Statement, everybody: bool) -> None:
    """The intermediary; with the last approval also the provider, whose effects are settled."""
    settlement, programme = statement.settlement, statement.settlement.programme

    def words() -> Notice:
        last = _("Every municipality has approved: the effects are settled and can be paid.")
        return Notice(
            _("%(bond)s: statement approved", bond=programme.title),
            [_("%(payer)s approved its statement.", payer=statement.payer.name), *([last] if everybody else [])],
        )

    parts = (Part.INTERMEDIARY, Part.PROVIDER) if everybody else (Part.INTERMEDIARY,)
    readers = programme.people(*parts)
    notify(readers, Action.STATEMENT_APPROVE, statement, words, "settlement.show", id=settlement.id)
    if everybody:
        for one in settlement.statements:
            if one.amount_minor > 0:
                _tell_to_pay(one)
            elif one.amount_minor < 0:
                _tell_owed_back(one)


def _tell_to_pay(statement: Statement) -> None:
    """The municipality: amount, reference and account. Its own people only."""
    programme = statement.settlement.programme

    def words() -> Notice:
        amount = money(statement.amount_minor, programme.currency)
        account = programme.account
        where = _("The intermediary has not named the account yet. Wait with paying until it stands on the page.")
        if account is not None:
            where = _("Pay to %(iban)s in the name of %(holder)s.", iban=account.shown, holder=account.holder)
        lines = [
            _(
                "Please pay %(amount)s with the reference %(reference)s.",
                amount=amount,
                reference=grouped(statement.reference),
            ),
            where,
        ]
        if account is not None and programme.illustrative:
            lines.append(_("This account is illustrative."))
        return Notice(_("%(bond)s: statement to pay", bond=programme.title), lines)

    readers = statement.payer.people()
    notify(readers, Action.STATEMENT_APPROVE, statement, words, "settlement.statement", id=statement.id)


def _tell_owed_back(statement: Statement) -> None:
    """The municipality: how much the bond owes it. Its own people only."""
    programme = statement.settlement.programme

    def words() -> Notice:
        amount = money(-statement.amount_minor, programme.currency)
        return Notice(
            _("%(bond)s: the bond owes you money", bond=programme.title),
            [
                _(
                    "By %(statement)s the bond owes you %(amount)s: what you paid for effects that no longer count.",
                    statement=statement.title,
                    amount=amount,
                ),
                _("The intermediary sets it off against what you owe, or pays it to the account that you name."),
            ],
        )

    readers = statement.payer.people()
    notify(readers, Action.STATEMENT_APPROVE, statement, words, "settlement.statement", id=statement.id)


def tell_refused(statement: Statement) -> None:
    programme = statement.settlement.programme

    def words() -> Notice:
        values = {"payer": statement.payer.name, "reason": statement.refused_because}
        return Notice(
            _("%(bond)s: statement refused", bond=programme.title),
            [
                _("%(payer)s refused its statement: %(reason)s", **values),
                _("Discard the settlement and prepare it anew."),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY)
    notify(readers, Action.STATEMENT_REFUSE, statement, words, "settlement.statement", id=statement.id)
    _tell_the_others(statement)


def _tell_the_others(refused: Statement) -> None:
    """The other municipalities: that it was refused and by whom, which they read on the settlement as well; why is
    between that municipality and the intermediary."""
    settlement, payer = refused.settlement, refused.payer.name

    def words() -> Notice:
        return Notice(
            _("%(bond)s: refused by another municipality", bond=settlement.programme.title),
            [
                _("%(payer)s refused its statement of %(settlement)s.", payer=payer, settlement=settlement.title),
                _("Nothing of it is owed, and you need not do anything. The intermediary prepares it anew."),
            ],
        )

    for one in settlement.statements:
        if one.state != StatementState.REFUSED:
            readers = one.payer.people()
            notify(readers, Action.STATEMENT_REFUSE, settlement, words, "settlement.statement", id=one.id)
