"""Who is told of a dispute: the intermediary, and the municipality that raised it. Amounts to nobody else."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.core.format import money
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.settlement.dispute_models import Dispute
from app.settlement.reference import grouped


def tell_disputed(dispute: Dispute) -> None:
    statement, programme = dispute.statement, dispute.statement.settlement.programme

    def words() -> Notice:
        told = _("%(payer)s disputes its statement: %(reason)s", payer=statement.payer.name, reason=dispute.reason)
        return Notice(
            _("%(bond)s: statement disputed", bond=programme.title),
            [told, _("Answer it: the statement stands, or it is corrected.")],
        )

    readers = programme.people(Part.INTERMEDIARY)
    notify(readers, Action.STATEMENT_DISPUTE, dispute, words, "settlement.statement", id=statement.id)


def tell_to_confirm(dispute: Dispute, answerer: User) -> None:
    """Colleagues at the intermediary, of whom a second one confirms."""
    programme = dispute.statement.settlement.programme

    def words() -> Notice:
        amount = money(dispute.lower_minor, programme.currency)
        told = _("%(name)s proposes to lower the statement by %(amount)s.", name=answerer.name, amount=amount)
        return Notice(_("%(bond)s: correction to confirm", bond=programme.title), [told])

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != answerer.id]
    notify(readers, Action.DISPUTE_ANSWER, dispute, words, "settlement.confirm", id=dispute.id)


def tell_returned(dispute: Dispute, reason: str, actor: User) -> None:
    """Whoever answered, and the colleagues."""
    programme = dispute.statement.settlement.programme

    def words() -> Notice:
        told = _("%(name)s does not confirm the correction: %(reason)s", name=actor.name, reason=reason)
        return Notice(_("%(bond)s: correction returned", bond=programme.title), [told])

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.DISPUTE_RETURN, dispute, words, "settlement.answer", id=dispute.id)


def tell_answered(dispute: Dispute) -> None:
    """The municipality; the intermediary reads it on the statement."""
    statement, programme = dispute.statement, dispute.statement.settlement.programme

    def words() -> Notice:
        values = {"reference": grouped(statement.reference), "answer": dispute.answer}
        if dispute.lower_minor:
            lower = money(dispute.lower_minor, programme.currency)
            result = _("The statement is lowered by %(amount)s; a credit note says so.", amount=lower)
        else:
            result = _("The statement stands.")
        left = money(statement.outstanding_minor, programme.currency)
        return Notice(
            _("%(bond)s: your dispute is answered", bond=programme.title),
            [
                _("About statement %(reference)s the intermediary answers: %(answer)s", **values),
                result,
                _("Still to be paid: %(amount)s.", amount=left),
            ],
        )

    readers = statement.payer.people()
    notify(readers, Action.DISPUTE_CONFIRM, dispute, words, "settlement.statement", id=statement.id)
