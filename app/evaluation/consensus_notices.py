"""Who hears what while the committee agrees, freezes and ranks."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.calls.models import Duty
from app.evaluation.models import Evaluation
from app.evaluation.notices import committee, officials
from app.notifications.notify import Notice, notify
from app.people.models import User


def tell_agreed(evaluation: Evaluation) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: the committee agrees", bond=evaluation.call.programme.title),
            [
                _("Every plan has an agreed score for every criterion."),
                _("When the record of the consensus meeting is there, freeze the quality scores."),
            ],
        )

    readers = officials(evaluation)
    notify(readers, Action.CONSENSUS_SET, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_frozen(evaluation: Evaluation) -> None:
    def words() -> Notice:
        paragraphs = [_("The agreed scores for %(call)s can no longer change.", call=evaluation.call.title)]
        if evaluation.ranked_at is None:
            paragraphs.append(_("Two officials who open the plans can now open the discounts."))
        return Notice(_("%(bond)s: quality is frozen", bond=evaluation.call.programme.title), paragraphs)

    readers = [*committee(evaluation), *officials(evaluation)]
    notify(readers, Action.QUALITY_FREEZE, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_ranked(evaluation: Evaluation) -> None:
    """The officials who decide; when plans share a first place, those who draw the lot."""

    def words() -> Notice:
        last = (
            _("Plans share a first place. Two officials who open the plans draw lots.")
            if evaluation.is_tied
            else _("The award can be decided.")
        )
        title = _("%(bond)s: the plans are ranked", bond=evaluation.call.programme.title)
        return Notice(title, [_("Every plan that was admitted has its total."), last])

    readers = [*officials(evaluation), *(committee(evaluation, Duty.OPENER) if evaluation.is_tied else [])]
    notify(readers, Action.QUALITY_FREEZE, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_first_words(evaluation: Evaluation, first: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a lot waits for a second official", bond=evaluation.call.programme.title),
            [
                _(
                    "%(name)s has given words for the lot. It is drawn when a second official does so too.",
                    name=first.name,
                )
            ],
        )

    readers = [user for user in committee(evaluation, Duty.OPENER) if user.id != first.id]
    notify(readers, Action.TIE_DRAW, evaluation, words, "evaluation.draw", id=evaluation.id)


def tell_drawn(evaluation: Evaluation) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: lots were drawn", bond=evaluation.call.programme.title),
            [_("The seed and the order stand on the page of the lot; everybody who may see it can check them.")],
        )

    readers = [*committee(evaluation), *officials(evaluation)]
    notify(readers, Action.TIE_DRAW, evaluation, words, "evaluation.draw", id=evaluation.id)
