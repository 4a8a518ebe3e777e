"""Who hears what of the proof that the winner gives."""

from functools import partial

from flask_babel import gettext as _

from app.access.actions import Action
from app.calls.models import Duty
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.notices import bidders, committee, officials
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


def tell_excluded(opened: OpenedProposal) -> None:
    """The former winner reads why; the other bidders, the committee and the officials that a new decision follows."""
    evaluation = opened.evaluation

    def words(*why: str) -> Notice:
        return Notice(
            _("%(bond)s: award decision withdrawn", bond=evaluation.call.programme.title),
            [
                _("The award decision is withdrawn: %(name)s is excluded.", name=opened.consortium.name),
                *why,
                _("You will hear a new decision, with a new standstill period."),
            ],
        )

    own = opened.consortium.people()
    notify(own, Action.WINNER_EXCLUDE, evaluation, partial(words, opened.verdict), "awards.decision", id=evaluation.id)
    told = {person.id for person in own}
    others = [person for consortium in bidders(evaluation) for person in consortium.people()]
    readers = [*others, *committee(evaluation), *officials(evaluation)]
    rest = [person for person in readers if person.id not in told]
    notify(rest, Action.WINNER_EXCLUDE, evaluation, words, "awards.decision", id=evaluation.id)


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
