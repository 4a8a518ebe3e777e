"""Who is told of what. Claims go by their number: no code, no text about a person leaves the portal."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.outcomes.models import Claim
from app.programmes.models import Part


def tell_submitted(claim: Claim) -> None:
    """The assessor, on whose work list it now stands."""

    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: claim %(number)s to verify", **values),
            [_("The provider claims the effect “%(effect)s” and has its evidence ready.", effect=claim.effect.name)],
        )

    _tell(claim, Part.ASSESSOR, Action.CLAIM_SUBMIT, words)


def tell_withdrawn(claim: Claim) -> None:
    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(_("%(bond)s: claim %(number)s withdrawn", **values), [_("The provider took the claim back.")])

    _tell(claim, Part.ASSESSOR, Action.CLAIM_WITHDRAW, words)


def tell_verified(claim: Claim) -> None:
    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: claim %(number)s verified", **values),
            [_("The assessor found the effect proven. It counts from the next sign-off.")],
        )

    _tell_provider(claim, Action.CLAIM_VERIFY, words)


def tell_rejected(claim: Claim) -> None:
    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        reason = claim.decision_reason.label if claim.decision_reason else ""
        return Notice(
            _("%(bond)s: claim %(number)s rejected", **values),
            [
                _("The assessor rejected the claim: %(reason)s.", reason=reason),
                _("The assessor's own words stand on the page of the claim."),
            ],
        )

    _tell_provider(claim, Action.CLAIM_REJECT, words)


def tell_questioned(claim: Claim) -> None:
    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: question about claim %(number)s", **values),
            [_("The assessor asks something. Read and answer it on the page of the claim.")],
        )

    _tell_provider(claim, Action.CLAIM_QUESTION, words)


def tell_answered(claim: Claim) -> None:
    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: answer about claim %(number)s", **values), [_("The provider answered your question.")]
        )

    _tell(claim, Part.ASSESSOR, Action.CLAIM_ANSWER, words)


def _tell(claim: Claim, part: Part, action: Action, words) -> None:  # type: ignore[no-untyped-def]
    notify(claim.programme.people(part), action, claim, words, "outcomes.show_claim", id=claim.id)


def _tell_provider(claim: Claim, action: Action, words) -> None:  # type: ignore[no-untyped-def]
    readers = claim.participant.provider.people()
    notify(readers, action, claim, words, "outcomes.show_claim", id=claim.id)
