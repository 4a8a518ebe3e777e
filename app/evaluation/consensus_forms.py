from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import Form, day, long_text, text
from app.people.models import User


class Checkboxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MeetingForm(Form):
    held_on = day(_l("Day of the meeting"))
    present = Checkboxes(_l("Present"))
    summary = long_text(_l("Summary"), longest=10_000)
    private_notes = long_text(_l("Notes for the committee"), required=False, longest=10_000)

    def offer(self, scorers: Sequence[User]) -> None:
        self.present.choices = [SelectChoice(str(scorer.id), scorer.name) for scorer in scorers]


class DrawForm(Form):
    words = text(_l("Words or digits of your own"), longest=200)
