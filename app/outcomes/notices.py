"""Who is told of what. Claims go by their number: no code, no text about a person leaves the portal."""

import uuid

from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actions import Action
from app.core import clock
from app.core.format import day
from app.intake.models import LATE, Participant
from app.intake.notices import tell_of_person
from app.intake.recusals import not_recused
from app.notifications.notify import Notice, notify
from app.outcomes.answering import answer_until
from app.outcomes.models import Claim
from app.outcomes.required import waiting_for
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme


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
    """The provider, with what else waits for it."""
    waiting = ", ".join(one.number for one in waiting_for(claim))

    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        reason = claim.decision_reason.label if claim.decision_reason else ""
        said = [
            _("The assessor rejected the claim: %(reason)s.", reason=reason),
            _("The assessor's own words stand on the page of the claim."),
        ]
        if waiting:
            said.append(_("These claims require it and wait until it stands: %(numbers)s.", numbers=waiting))
        return Notice(_("%(bond)s: claim %(number)s rejected", **values), said)

    _tell_provider(claim, Action.CLAIM_REJECT, words)


def tell_questioned(claim: Claim) -> None:
    last = answer_until(clock.now(), claim.programme)

    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: question about claim %(number)s", **values),
            [
                _("The assessor asks something. Read and answer it on the page of the claim."),
                _("Answer it by %(day)s; the assessor need not wait longer.", day=day(last)),
            ],
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
    readers = not_recused(claim.programme.people(part), claim.participant_id)
    notify(readers, action, claim, words, "outcomes.show_claim", id=claim.id)


def _tell_provider(claim: Claim, action: Action, words) -> None:  # type: ignore[no-untyped-def]
    readers = claim.participant.provider.people()
    notify(readers, action, claim, words, "outcomes.show_claim", id=claim.id)


def tell_clock_stopped(claim: Claim) -> None:
    """The assessor, when the provider notes a stop that lies before an effect which is signed off."""

    def words() -> Notice:
        values = {"bond": claim.programme.title, "number": claim.number}
        return Notice(
            _("%(bond)s: a clock stopped before claim %(number)s was reached", **values),
            [_("The provider noted a stop of the clock on which this signed-off effect counts. Look at it again.")],
        )

    _tell(claim, Part.ASSESSOR, Action.CLOCK_STOP, words)


def tell_corrected(participant: Participant, *, became_late: bool = False) -> None:
    """The assessor and the municipality: what lasts counts from other days now; `became_late`: by the new start it was
    registered long after it, which the first notice could not say. Without days: they stand on the page."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the days of a participant are corrected", bond=participant.programme.title),
            [
                _(
                    "The provider corrected a day: of telling what is kept, the start, a pause or the exit. The days "
                    "before and why stand on the page."
                ),
                *([_late()] if became_late else []),
            ],
        )

    tell_of_person(participant, Action.PARTICIPANT_CORRECT, words)


def _late() -> str:
    return _(
        "Counted from the new start it was registered more than %(most)d days later. Why stands on the page.",
        most=LATE.days,
    )


def tell_returned(participant: Participant) -> None:
    """The same of an exit that was none."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a participant did not leave after all", bond=participant.programme.title),
            [_("The provider took the exit back. The day and why stand on the page.")],
        )

    tell_of_person(participant, Action.PARTICIPANT_RETURN, words)


def tell_milestones(programme: Programme, provider: Organisation, due: int, lapsing: int) -> None:
    """The provider, by numbers alone: no code of a participant leaves the portal."""

    def words() -> Notice:
        said = []
        if due:
            said.append(
                ngettext(
                    "%(num)d effect can be claimed now: its clock has run.",
                    "%(num)d effects can be claimed now: their clocks have run.",
                    due,
                )
            )
        if lapsing:
            said.append(
                ngettext(
                    "Of %(num)d effect the evidence must be dated within two weeks.",
                    "Of %(num)d effects the evidence must be dated within two weeks.",
                    lapsing,
                )
            )
        return Notice(_("%(bond)s: effects to claim", bond=programme.title), said)

    readers = provider.people()
    notify(readers, Action.MILESTONE_REMIND, programme, words, "outcomes.caseload", id=programme.id)


def tell_submitted_together(programme: Programme, count: int) -> None:
    """The assessor, once for all claims of a period."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: claims to verify", bond=programme.title),
            [
                ngettext(
                    "The provider submitted %(num)d claim together.",
                    "The provider submitted %(num)d claims together.",
                    count,
                )
            ],
        )

    readers = programme.people(Part.ASSESSOR)
    notify(readers, Action.CLAIM_SUBMIT, programme, words, "outcomes.claims", id=programme.id)


def tell_imported(programme: Programme, actor: User, once: uuid.UUID) -> None:
    """Who imported a file with people finds its rows and codes again by this; neither stands in the notice."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: participants imported", bond=programme.title),
            [_("Which row of your file got which code stands on this page, for as long as you may read the caseload.")],
        )

    notify(
        [actor],
        Action.PARTICIPANT_REGISTER,
        programme,
        words,
        "outcomes.imported_participants",
        id=programme.id,
        once=once,
    )
