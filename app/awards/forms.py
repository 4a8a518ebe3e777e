from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.awards.states import Suspends
from app.calls.models import Criterion
from app.consortia.models import Consortium
from app.core.flow import Labelled
from app.core.forms import Form, choice, choices_of, day, long_text, text
from app.core.national_id import no_national_id
from app.evaluation.models import Evaluation, OpenedProposal


class Outcome(Labelled):
    UPHELD = "upheld", _l("The objection is upheld: the award decision is withdrawn")
    REJECTED = "rejected", _l("The objection is rejected: the award decision stands")


class ReviewForm(Form):
    digest = HiddenField()  # of the letters that the reviewer has before them


class ObjectForm(Form):
    grounds = long_text(_l("Grounds"), longest=20_000)


class ObjectInNameForm(ObjectForm):
    consortium = choice(_l("In the name of"))


def object_form(able: Sequence[Consortium]) -> ObjectForm:
    """Asks in whose name only of who leads several consortia that can object: one per lot."""
    if len(able) < 2:
        return ObjectForm()
    form = ObjectInNameForm()
    form.consortium.choices = choices_of((one.id, one.full_name) for one in able)
    return form


class HearForm(Form):
    held_on = day(_l("Day of the hearing"))
    summary = long_text(_l("What was said"), longest=20_000, validators=[no_national_id])


class DecideObjectionForm(Form):
    outcome = RadioField(
        _l("Decision"),
        choices=[SelectChoice(word.value, word.label) for word in Outcome],
        validators=[InputRequired(_l("Choose one."))],
    )
    decision = long_text(_l("Reasons"), longest=20_000)


class SuspendForm(Form):
    cause = choice(_l("What the award waits for"), Suspends)
    explanation = long_text(_l("What every bidder is told"), longest=5_000, validators=[no_national_id])


class ResumeForm(Form):
    outcome = long_text(_l("How it ended"), longest=5_000, validators=[no_national_id])


def reasons_form(evaluation: Evaluation, plans: Sequence[OpenedProposal], suggested: str) -> Form:
    """The heading of all letters, and for each bidder of this page its reasons and, per criterion, what the winner does
    better; all with what was written before. `suggested`: a reference while there is none."""
    fields: dict[str, Any] = {
        "reference": text(_("Reference of the decision"), required=False, longest=60),
        "court": text(_("Court or body for review, with its seat"), required=False),
    }
    known = {"reference": evaluation.reference or suggested, "court": evaluation.court, "version": evaluation.version}
    for plan in plans:
        bidder = plan.consortium.name
        fields[name_of(plan)] = long_text(_("Reasons for %(bidder)s", bidder=bidder), required=False, longest=6_000)
        known[name_of(plan)] = plan.reasons
        for criterion in told_on(plan):
            label = _("What the winner does better than %(bidder)s: %(name)s", bidder=bidder, name=criterion.name)
            fields[name_of(plan, criterion)] = long_text(label, required=False, longest=3_000)
            known[name_of(plan, criterion)] = plan.advantages.get(str(criterion.id), "")
    return type("ReasonsForm", (Form,), fields)(data=known)


def told_on(plan: OpenedProposal) -> list[Criterion]:
    """The criteria on which a bidder hears of the winner: none for the winner itself and for who was excluded."""
    return [] if plan.rank == 1 or not plan.is_admitted else list(plan.call.criteria)


def advantages_in(form: Form, plan: OpenedProposal) -> dict[str, str]:
    """What was written on each criterion, without those on which nothing was."""
    written = {str(one.id): form[name_of(plan, one)].data for one in told_on(plan)}
    return {key: words for key, words in written.items() if words}


def name_of(plan: OpenedProposal, criterion: Criterion | None = None) -> str:
    return f"reasons_{plan.id.hex}" if criterion is None else f"advantage_{plan.id.hex}_{criterion.id.hex}"
