from collections.abc import Iterable
from functools import partial

from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actions import Action
from app.calls.key_models import Purpose
from app.calls.models import Duty
from app.consortia.models import Consortium
from app.core.format import in_hundredths
from app.evaluation.conflict_models import ConflictFinding
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.states import Admission, Release
from app.notifications.notify import Notice, notify
from app.people.models import User


def committee(evaluation: Evaluation, *duties: Duty) -> list[User]:
    return [m.user for m in evaluation.call.committee if not duties or m.duty in duties]


def officials(evaluation: Evaluation) -> list[User]:
    return evaluation.call.programme.lead.people()


def bidders(evaluation: Evaluation) -> list[Consortium]:
    return [opened.consortium for opened in evaluation.opened]


def _bond(evaluation: Evaluation) -> str:
    return evaluation.call.programme.title


def points(hundredths: int | None) -> str:
    """A total of hundredths of a point, as people read it: 765 -> 7.65."""
    return "–" if hundredths is None else in_hundredths(hundredths)


def tell_first_consent(evaluation: Evaluation, first: User, purpose: Purpose = Purpose.PLAN) -> None:
    """The other officials: one of them is needed."""
    action = Action.PROPOSALS_OPEN if purpose == Purpose.PLAN else Action.DISCOUNTS_OPEN

    def words() -> Notice:
        bond, call = _bond(evaluation), evaluation.call.title
        if purpose == Purpose.PLAN:
            title = _("%(bond)s: the plans wait for a second official", bond=bond)
            consented = _("%(name)s has consented to open the plans for %(call)s.", name=first.name, call=call)
        else:
            title = _("%(bond)s: the second envelopes wait for a second official", bond=bond)
            consented = _(
                "%(name)s has consented to open the second envelopes for %(call)s.", name=first.name, call=call
            )
        return Notice(title, [consented, _("They open when a second official named in the call consents as well.")])

    readers = [user for user in committee(evaluation, Duty.OPENER) if user.id != first.id]
    notify(readers, action, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_discounts_opened(evaluation: Evaluation, broken: Iterable[Consortium]) -> None:
    """The committee and the officials; and whoever's second envelope did not open."""
    unreadable = list(broken)

    def words() -> Notice:
        paragraphs = [_("Two officials opened what the plans for %(call)s ask in money.", call=evaluation.call.title)]
        if unreadable:
            names = ", ".join(consortium.name for consortium in unreadable)
            paragraphs.append(
                _("These second envelopes do not match what was handed in and were not opened: %(names)s.", names=names)
            )
        return Notice(_("%(bond)s: second envelopes opened", bond=_bond(evaluation)), paragraphs)

    readers = [*committee(evaluation), *officials(evaluation)]
    notify(readers, Action.DISCOUNTS_OPEN, evaluation, words, "evaluation.show", id=evaluation.call_id)
    for consortium in unreadable:
        told = partial(words_broken, evaluation)
        notify(consortium.people(), Action.DISCOUNTS_OPEN, evaluation, told, "consortia.show", id=consortium.id)


def tell_waiting(evaluation: Evaluation, consortia: Iterable[Consortium]) -> None:
    """Some plans were sealed to earlier officials, of whom another one is needed."""
    number = len(list(consortia))

    def words() -> Notice:
        return Notice(
            _("%(bond)s: plans wait for another official", bond=_bond(evaluation)),
            [
                ngettext(
                    "%(num)d plan for %(call)s was sealed before an official was replaced.",
                    "%(num)d plans for %(call)s were sealed before an official was replaced.",
                    number,
                    call=evaluation.call.title,
                ),
                _("The opening is complete when one more of the earlier officials consents."),
            ],
        )

    readers = [*committee(evaluation, Duty.OPENER), *officials(evaluation)]
    notify(readers, Action.PROPOSALS_OPEN, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_opened(evaluation: Evaluation, broken: Iterable[Consortium]) -> None:
    """Those who score, those who opened, the lead officials, and every bidder."""
    call = evaluation.call
    unreadable = list(broken)

    def words() -> Notice:
        paragraphs = [
            _("The plans for %(call)s were opened: %(number)d.", call=call.title, number=len(evaluation.opened)),
            _("Scorers first declare whether they have a conflict of interest; only then can they read the plans."),
        ]
        if unreadable:
            names = ", ".join(consortium.name for consortium in unreadable)
            paragraphs.append(
                _("These plans do not match what was handed in and were not opened: %(names)s.", names=names)
            )
        return Notice(_("%(bond)s: plans opened", bond=_bond(evaluation)), paragraphs)

    readers = [*committee(evaluation), *officials(evaluation)]
    notify(readers, Action.PROPOSALS_OPEN, evaluation, words, "evaluation.show", id=evaluation.call_id)

    def words_to_bidder() -> Notice:
        return Notice(
            _("%(bond)s: your plan was opened", bond=_bond(evaluation)),
            [_("Two officials opened the plans for %(call)s. You hear the award decision here.", call=call.title)],
        )

    for consortium in bidders(evaluation):
        notify(
            consortium.people(), Action.PROPOSALS_OPEN, evaluation, words_to_bidder, "consortia.show", id=consortium.id
        )
    for consortium in unreadable:
        words_for_it = partial(words_broken, evaluation)
        notify(consortium.people(), Action.PROPOSALS_OPEN, evaluation, words_for_it, "consortia.show", id=consortium.id)


def words_broken(evaluation: Evaluation) -> Notice:
    return Notice(
        _("%(bond)s: your plan could not be opened", bond=_bond(evaluation)),
        [_("What was stored does not match what you handed in. The leading municipality contacts you.")],
    )


def tell_declared(evaluation: Evaluation, judge: User, remaining: int, needed: int) -> None:
    """The lead officials hear of a conflict, and what they must do when too few scorers remain."""

    def words() -> Notice:
        paragraphs = [_("%(name)s has declared a conflict of interest and is out.", name=judge.name)]
        if evaluation.frozen_at is not None:
            paragraphs.append(_("The quality scores were frozen already. Look whether they can stand."))
        if remaining < needed:
            paragraphs.append(
                ngettext(
                    "Only %(num)d scorer remains and %(needed)d are needed: name another one.",
                    "Only %(num)d scorers remain and %(needed)d are needed: name another one.",
                    remaining,
                    needed=needed,
                )
            )
        return Notice(_("%(bond)s: somebody who judges has a conflict of interest", bond=_bond(evaluation)), paragraphs)

    readers = officials(evaluation)
    notify(readers, Action.CONFLICT_DECLARE, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_found(finding: ConflictFinding) -> None:
    """The lead officials look whether it is a namesake; the person concerned knows why the plans are closed."""
    evaluation = finding.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the portal found a conflict of interest", bond=_bond(evaluation)),
            [
                _(
                    "%(name)s %(tie)s (%(bidder)s), and can read no plan.",
                    name=finding.user.name,
                    tie=finding.kind.label,
                    bidder=finding.consortium.name,
                ),
                _("If it is a namesake, another official of the leading municipality dismisses it."),
            ],
        )

    readers = [*officials(evaluation), finding.user]
    notify(readers, Action.CONFLICT_DECLARE, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_dismissed(finding: ConflictFinding) -> None:
    evaluation = finding.evaluation

    def words() -> Notice:
        return Notice(
            _("%(bond)s: no conflict of interest", bond=_bond(evaluation)),
            [_("The name in a plan is that of a namesake. You can read the plans again.")],
        )

    notify([finding.user], Action.CONFLICT_DISMISS, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_named(evaluation: Evaluation, scorer: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: you are named as a scorer", bond=_bond(evaluation)),
            [_("Declare whether you have a conflict of interest; then read and score the plans.")],
        )

    notify([scorer], Action.SCORER_NAME, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_consensus(evaluation: Evaluation) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: all scores are locked", bond=_bond(evaluation)),
            [_("Every scorer has locked the individual scores. Compare them and agree on one score per criterion.")],
        )

    notify(evaluation.active_scorers(), Action.SCORE_LOCK, evaluation, words, "evaluation.show", id=evaluation.call_id)


def words_of_place(evaluation: Evaluation, opened: OpenedProposal) -> str:
    """What came of one plan: its place, or why it has none."""
    if opened.admission == Admission.EXCLUDED:
        return _("Your plan was excluded and not ranked. %(verdict)s", verdict=opened.verdict)
    total, most = points(opened.total_hundredths), max(evaluation.call.scale)
    if opened.rank is None and opened.shortfall is not None:
        return _(
            "Your plan scored %(total)s of %(most)d and has no place: %(why)s.",
            total=total,
            most=most,
            why=opened.shortfall.label,
        )
    return _(
        "Your plan scored %(total)s of %(most)d and took place %(rank)d of %(number)d.",
        total=total,
        most=most,
        rank=opened.rank,
        number=_rivals(evaluation, opened),
    )


def _rivals(evaluation: Evaluation, opened: OpenedProposal) -> int:
    """How many plans were handed in for the same lot."""
    if not evaluation.call.lots:
        return len(evaluation.opened)
    return sum(one.consortium.lot_id == opened.consortium.lot_id for one in evaluation.opened)


def tell_released(evaluation: Evaluation, person: User, reason: Release) -> None:
    """The committee, the officials of the leading municipality, and whoever was released."""
    call = evaluation.call

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a scorer left the committee", bond=call.programme.title),
            [
                _(
                    "%(name)s no longer scores the plans of %(call)s: %(reason)s.",
                    name=person.name,
                    call=call.title,
                    reason=reason.label,
                ),
                _("Scores that were saved and not locked do not count."),
            ],
        )

    readers = [person, *evaluation.scorers(), *call.programme.lead.people()]
    notify(readers, Action.SCORER_RELEASE, evaluation, words, "calls.show", id=call.id)
