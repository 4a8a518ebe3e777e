from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from app.core.forms import Form, choice, day
from app.intake.models import AgeBand, ExitReason


def worded(label: Any, words: Any) -> SelectField:
    """A choice from words of which none is chosen beforehand: a slip must not become a fact about a person."""
    field = choice(label, words)
    field.kwargs["choices"].insert(0, SelectChoice("", _l("Choose…")))
    return field


class ParticipantForm(Form):
    """No name, no address, no number: the portal makes the code."""

    municipality = choice(_l("Municipality where the person lives"))
    age_band = worded(_l("Age"), AgeBand)
    started_on = day(_l("Started on"))


class ExitForm(Form):
    exited_on = day(_l("Left on"))
    reason = worded(_l("Reason"), ExitReason)
