"""Who hears what of a screening, of a question to a bidder and of its answer."""

from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actions import Action
from app.calls.models import Duty
from app.core.format import day
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.notices import committee
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import Admission, EnquiryKind
from app.notifications.notify import Notice, notify

TITLES = {
    EnquiryKind.REPAIR: lambda bond: _("%(bond)s: repair your plan, once", bond=bond),
    EnquiryKind.LOW_PRICE: lambda bond: _("%(bond)s: explain your price", bond=bond),
}


def tell_asked(enquiry: Enquiry) -> None:
    """The bidder, with the term; the trail and the others learn only that something was asked."""

    def words() -> Notice:
        return Notice(
            TITLES[enquiry.kind](enquiry.call.programme.title),
            [
                enquiry.question,
                _("The lead partner answers until %(day)s, at the end of the day.", day=day(enquiry.answer_until)),
                _("You can answer once. Your plan itself does not change."),
            ],
        )

    readers = enquiry.opened.consortium.people()
    action = Action.REPAIR_ASK if enquiry.kind == EnquiryKind.REPAIR else Action.PRICE_ASK
    notify(readers, action, enquiry, words, "evaluation.enquiry", id=enquiry.id)


def tell_answered(enquiry: Enquiry) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a bidder has answered", bond=enquiry.call.programme.title),
            [_("%(bidder)s has answered what it was asked about its plan.", bidder=enquiry.opened.consortium.name)],
        )

    readers = [*committee(enquiry.evaluation, Duty.OPENER), *enquiry.opened.consortium.people()]
    notify(readers, Action.ENQUIRY_ANSWER, enquiry, words, "evaluation.enquiry", id=enquiry.id)


def tell_screened(opened: OpenedProposal) -> None:
    """The committee. A bidder hears that it is excluded, and why, with the letters and at the same moment as all
    others."""
    evaluation = opened.evaluation

    def words() -> Notice:
        outcome = (
            _("The plan of %(bidder)s is admitted.", bidder=opened.consortium.name)
            if opened.admission == Admission.ADMITTED
            else _("The plan of %(bidder)s is excluded and is not scored.", bidder=opened.consortium.name)
        )
        return Notice(_("%(bond)s: a plan was screened", bond=evaluation.call.programme.title), [outcome])

    readers = committee(evaluation)
    notify(readers, Action.SCREENING_DECIDE, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_admitted(evaluation: Evaluation, number: int) -> None:
    def words() -> Notice:
        said = ngettext("%(num)d plan is admitted.", "%(num)d plans are admitted.", number)
        return Notice(_("%(bond)s: plans were screened", bond=evaluation.call.programme.title), [said])

    readers = committee(evaluation)
    notify(readers, Action.SCREENING_DECIDE, evaluation, words, "evaluation.show", id=evaluation.call_id)


def tell_judged(enquiry: Enquiry) -> None:
    """Only the committee: the bidder hears it with its letter."""
    evaluation = enquiry.evaluation

    def words() -> Notice:
        outcome = (
            _("The price of %(bidder)s is accepted.", bidder=enquiry.opened.consortium.name)
            if enquiry.accepted
            else _(
                "The plan of %(bidder)s is excluded: its price was not explained.",
                bidder=enquiry.opened.consortium.name,
            )
        )
        return Notice(_("%(bond)s: a low price was judged", bond=evaluation.call.programme.title), [outcome])

    notify(committee(evaluation), Action.PRICE_JUDGE, enquiry, words, "evaluation.show", id=evaluation.call_id)
