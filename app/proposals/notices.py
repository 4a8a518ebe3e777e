"""Told to the consortium only, and never a word of the contents."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.core.format import second
from app.notifications.notify import Notice, notify
from app.proposals.models import Proposal


def tell_confirmed(proposal: Proposal) -> None:
    """The lead, when the last partner has confirmed."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: every partner confirmed the plan", bond=proposal.call.programme.title),
            [
                _("The plan of “%(consortium)s” can be handed in.", consortium=proposal.consortium.name),
                _("It is due by %(deadline)s.", deadline=second(proposal.call.deadline)),
            ],
        )

    lead = proposal.consortium.lead.people()
    notify(lead, Action.PROPOSAL_CONFIRM, proposal, words, "proposals.show", id=proposal.id)


def tell_submitted(proposal: Proposal) -> None:
    """The receipt: the time to the second and the digest, to every partner."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: receipt of your plan", bond=proposal.call.programme.title),
            [
                _(
                    "The plan of “%(consortium)s” was handed in on %(moment)s.",
                    consortium=proposal.consortium.name,
                    moment=second(proposal.submitted_at),
                ),
                _("SHA-256 of the plan: %(digest)s.", digest=proposal.digest),
                _("SHA-256 of what it asks in money: %(digest)s.", digest=proposal.discount_digest),
                _("It stays sealed until two officials open it after the deadline. Keep this receipt."),
            ],
        )

    readers = proposal.consortium.people()
    notify(readers, Action.PROPOSAL_SUBMIT, proposal, words, "proposals.show", id=proposal.id)


def tell_withdrawn(proposal: Proposal, text_kept: bool) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: your plan is withdrawn", bond=proposal.call.programme.title),
            [
                _("The plan of “%(consortium)s” is a draft again.", consortium=proposal.consortium.name)
                if text_kept
                else _(
                    "The plan of “%(consortium)s” was withdrawn without its passphrase: its text is gone.",
                    consortium=proposal.consortium.name,
                ),
                _("Without handing in by %(deadline)s you do not take part.", deadline=second(proposal.call.deadline)),
            ],
        )

    readers = proposal.consortium.people()
    notify(readers, Action.PROPOSAL_WITHDRAW, proposal, words, "proposals.show", id=proposal.id)
