from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.awards.states import Suspends
from app.core.flow import Labelled
from app.core.forms import Form, choice, day, long_text
from app.core.national_id import no_national_id
from app.evaluation.models import OpenedProposal


class Outcome(Labelled):
    UPHELD = "upheld", _l("The objection is upheld: the award decision is withdrawn")
    REJECTED = "rejected", _l("The objection is rejected: the award decision stands")


class ReviewForm(Form):
    digest = HiddenField()  # of the letters that the reviewer has before them


class ObjectForm(Form):
    grounds = long_text(_l("Grounds"), longest=20_000)


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


def reasons_form(plans: Sequence[OpenedProposal], version: int) -> Form:
    """One text per bidder of this page, with what was written before."""
    fields = {
        name_of(plan): long_text(
            _("Reasons for %(bidder)s", bidder=plan.consortium.name), required=False, longest=6_000
        )
        for plan in plans
    }
    known = {name_of(plan): plan.reasons for plan in plans}
    return type("ReasonsForm", (Form,), fields)(data={"version": version, **known})


def name_of(plan: OpenedProposal) -> str:
    return f"reasons_{plan.id.hex}"
