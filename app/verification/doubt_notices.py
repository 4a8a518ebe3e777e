"""Who is told of a doubt: the assessor, and then who told it. What it says stands in the portal alone."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.verification.appeal_models import assessors_of
from app.verification.doubt_models import Doubt


def tell_doubt(doubt: Doubt) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: doubt about claim %(number)s", **_values(doubt)),
            [
                _("%(party)s doubts an effect that was signed off.", party=doubt.organisation.name),
                _("Read it in the portal: propose to reopen the effect, or answer why it stands."),
            ],
        )

    people = assessors_of(doubt.claim)
    notify(people, Action.CLAIM_DOUBT, doubt.claim, words, "verification.answer_doubt", id=doubt.id)


def tell_answered(doubt: Doubt) -> None:
    """Those of the party that told it: in a municipality who follows its residents."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: answer to your doubt about claim %(number)s", **_values(doubt)),
            [_("The assessor looked at it: the effect stands. The reason is on the page of the claim.")],
        )

    party = doubt.organisation
    people = party.case_owners() if party == doubt.claim.participant.payer else party.people()
    notify(people, Action.DOUBT_ANSWER, doubt, words, "outcomes.show_claim", id=doubt.claim_id)


def _values(doubt: Doubt) -> dict[str, str]:
    return {"bond": doubt.programme.title, "number": doubt.claim.number}
