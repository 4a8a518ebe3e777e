from collections.abc import Callable, Iterable

from flask_babel import gettext as _

from app.access.actions import Action
from app.awards.losing import loses
from app.awards.models import Letter, Suspension
from app.core.format import day
from app.evaluation.award_models import Objection
from app.evaluation.models import Evaluation
from app.evaluation.notices import bidders, committee, officials
from app.notifications.notify import Notice, notify
from app.people.models import User


def _bond(evaluation: Evaluation) -> str:
    return evaluation.call.programme.title


def _everybody(evaluation: Evaluation) -> dict[object, User]:
    """Bidders, committee and officials of the leading municipality, each once."""
    people = [user for consortium in bidders(evaluation) for user in consortium.people()]
    return {user.id: user for user in [*people, *committee(evaluation), *officials(evaluation)]}


def _standstill(evaluation: Evaluation) -> str:
    return _("The standstill period ends on %(day)s, at the end of the day.", day=day(evaluation.standstill_until))


def _tell(readers: Iterable[User], action: Action, evaluation: Evaluation, words: Callable[[], Notice]) -> None:
    """A notice that leads to the award decision."""
    notify(readers, action, evaluation, words, "awards.decision", id=evaluation.id)


def tell_reviewed(evaluation: Evaluation) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: the letters are reviewed", bond=_bond(evaluation)),
            [_("Another official has read every letter. The award decision can be sent.")],
        )

    notify(officials(evaluation), Action.AWARD_REVIEW, evaluation, words, "awards.letters", id=evaluation.id)


def tell_decided(evaluation: Evaluation, letters: Iterable[Letter]) -> None:
    """Every bidder at the same moment, each its own letter (arts. 2.127 and 2.130 Aw)."""
    for letter in letters:
        _send(letter, Action.AWARD_DECIDE)
    names = ", ".join(one.consortium.name for one in evaluation.winners())

    def words() -> Notice:
        return Notice(
            _("%(bond)s: award decision sent", bond=_bond(evaluation)),
            [
                _("The call is to be awarded to %(winner)s.", winner=names),
                _standstill(evaluation),
            ],
        )

    told = [*committee(evaluation), *officials(evaluation)]
    _tell(told, Action.AWARD_DECIDE, evaluation, words)


def _send(letter: Letter, action: Action) -> None:
    """The letter itself, in the language it was written in, whatever the language of the portal."""
    content, evaluation = letter.content, letter.evaluation

    def words() -> Notice:
        scores = [f"{name} ({weight}): {own} / {best}" for name, weight, own, best in content["scores"]]
        reasons = [f"{name}: {why}" for name, why in content.get("motivations", [])]  # of earlier letters
        for name, said in content.get("criteria", []):
            reasons += [f"{name}. {label}: {words}" for label, words in said]
        return Notice(
            _("%(bond)s: award decision", bond=_bond(evaluation)),
            [
                *content["decision"],
                *scores,
                *reasons,
                *content["reasons"],
                _standstill(evaluation),
                *([_("Until then the lead partner can object.")] if loses(letter.opened) else []),
                _("The whole letter is on the portal, also as PDF. SHA-256: %(digest)s", digest=letter.digest),
            ],
        )

    notify(letter.opened.consortium.people(), action, evaluation, words, "awards.letter", id=letter.id)


def tell_resent(letter: Letter) -> None:
    _send(letter, Action.LETTER_RESEND)


def tell_standstill_moved(evaluation: Evaluation) -> None:
    """Where the standstill counts from the last sending, everybody hears its new end."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the standstill ends later", bond=_bond(evaluation)),
            [
                _("A letter was sent again, and the standstill counts from the last one."),
                _standstill(evaluation),
            ],
        )

    told = _everybody(evaluation).values()
    _tell(told, Action.LETTER_RESEND, evaluation, words)


def tell_objection(objection: Objection) -> None:
    evaluation = objection.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: objection to the award decision", bond=_bond(evaluation)),
            [
                _("%(consortium)s has filed an objection.", consortium=objection.consortium.name),
                _("The award cannot become final before it is decided."),
            ],
        )

    readers = [*officials(evaluation), *objection.consortium.people()]
    _tell(readers, Action.OBJECTION_FILE, evaluation, words)


def tell_examined(objection: Objection) -> None:
    evaluation = objection.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: your objection is looked into", bond=_bond(evaluation)),
            [_("An official has taken up your objection. You are heard before it is decided where that helps.")],
        )

    readers = objection.consortium.people()
    _tell(readers, Action.OBJECTION_EXAMINE, evaluation, words)


def tell_heard(objection: Objection) -> None:
    evaluation = objection.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: record of the hearing", bond=_bond(evaluation)),
            [
                _("This was kept of the hearing on %(day)s:", day=day(objection.heard_on)),
                objection.hearing,
            ],
        )

    readers = [*officials(evaluation), *objection.consortium.people()]
    _tell(readers, Action.OBJECTION_HEAR, evaluation, words)


def tell_objection_decided(objection: Objection) -> None:
    """The objector reads the words of the decision; when the award decision is withdrawn, everybody is told."""
    evaluation = objection.evaluation

    def words() -> Notice:
        outcome = (
            _("The objection is upheld. The award decision is withdrawn and the committee looks again.")
            if objection.upheld
            else _("The objection is rejected. The award decision stands.")
        )
        return Notice(
            _("%(bond)s: objection decided", bond=_bond(evaluation)),
            [outcome, _("Reasons: %(reasons)s", reasons=objection.decision)],
        )

    told = {u.id: u for u in [*objection.consortium.people(), *officials(evaluation), *committee(evaluation)]}
    _tell(told.values(), Action.OBJECTION_DECIDE, evaluation, words)
    if not objection.upheld:
        return

    def words_to_others() -> Notice:
        return Notice(
            _("%(bond)s: award decision withdrawn", bond=_bond(evaluation)),
            [
                _("An objection was upheld. The award decision is withdrawn and the committee looks again."),
                _("You will hear a new decision, with a new standstill period."),
            ],
        )

    others = [user for key, user in _everybody(evaluation).items() if key not in told]
    _tell(others, Action.OBJECTION_DECIDE, evaluation, words_to_others)


def tell_suspended(suspension: Suspension) -> None:
    evaluation = suspension.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the award waits", bond=_bond(evaluation)),
            [
                _("The award does not become final for now: %(cause)s.", cause=suspension.cause.label),
                suspension.explanation,
            ],
        )

    told = _everybody(evaluation).values()
    _tell(told, Action.AWARD_SUSPEND, evaluation, words)


def tell_resumed(suspension: Suspension) -> None:
    evaluation = suspension.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the award no longer waits", bond=_bond(evaluation)),
            [_("What it waited for is over: %(cause)s.", cause=suspension.cause.label), suspension.outcome],
        )

    told = _everybody(evaluation).values()
    _tell(told, Action.AWARD_RESUME, evaluation, words)


def tell_final(evaluation: Evaluation) -> None:
    """Bidders, committee and parties of the bond land on the decision; followers of the call on the public award."""
    names = ", ".join(one.consortium.name for one in evaluation.winners())

    def words() -> Notice:
        return Notice(
            _("%(bond)s: final award", bond=_bond(evaluation)),
            [
                _("%(call)s is awarded to %(winner)s.", call=evaluation.call.title, winner=names),
                _("The standstill period has passed. The next step is the agreement."),
            ],
        )

    told = _everybody(evaluation)
    _tell(told.values(), Action.AWARD_FINALISE, evaluation, words)
    others = [*evaluation.call.programme.people(), *evaluation.call.followers()]
    rest = [user for user in others if user.id not in told]
    notify(rest, Action.AWARD_FINALISE, evaluation, words, "awards.published", id=evaluation.call_id)
