"""Who hears what of the proof that the winner gives."""

from functools import partial

from flask_babel import gettext as _

from app.access.actions import Action
from app.calls.models import Duty
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.notices import committee
from app.evaluation.proof_models import Proof
from app.notifications.notify import Notice, notify


def tell_proofs_asked(evaluation: Evaluation) -> None:
    """The people of the winning consortia; with the award decision, so that the standstill serves for it."""
    for winner in evaluation.winners():
        readers, words = winner.consortium.people(), partial(_words_asked, winner)
        notify(readers, Action.PROOF_READ, winner, words, "evaluation.proofs", id=evaluation.id)


def _words_asked(winner: OpenedProposal) -> Notice:
    return Notice(
        _("%(bond)s: proof is asked", bond=winner.call.programme.title),
        [
            _("Before the award can be final every partner of %(name)s shows proof.", name=winner.consortium.name),
            _("The page says which documents, and how old they may be."),
        ],
    )


def tell_handed_in(proof: Proof) -> None:
    def words() -> Notice:
        return Notice(_("%(bond)s: proof was handed in", bond=proof.call.programme.title), [proof.title])

    readers = [*committee(proof.evaluation, Duty.OPENER), *proof.opened.consortium.people()]
    notify(readers, Action.PROOF_HAND_IN, proof, words, "evaluation.proofs", id=proof.evaluation.id)


def tell_checked(proof: Proof) -> None:
    def words() -> Notice:
        outcome = (
            _("%(proof)s: accepted.", proof=proof.title)
            if proof.accepted
            else _("%(proof)s: not accepted. %(remark)s", proof=proof.title, remark=proof.remark)
        )
        return Notice(_("%(bond)s: proof was checked", bond=proof.call.programme.title), [outcome])

    readers = proof.opened.consortium.people()
    notify(readers, Action.PROOF_CHECK, proof, words, "evaluation.proofs", id=proof.evaluation.id)
