from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired

from app.core.forms import Form, long_text, text
from app.readers.models import ReaderFile

LINES = 12  # on the form; empty ones are left out


class ReaderTestForm(Form):
    """At least ten files; the operation counts them."""

    files = FieldList(long_text(_l("File"), required=False, longest=1_000), label=_l("Files"), min_entries=LINES)


class InviteReadersForm(Form):
    first = text(_l("E-mail address of the first reader"), validators=[Email(_l("Give an e-mail address."))])
    second = text(_l("E-mail address of the second reader"), validators=[Email(_l("Give an e-mail address."))])


class WithdrawTestForm(Form):
    why = long_text(
        _l("Why the test is withdrawn"),
        longest=500,
        description=_l("It stands beside gate D2 with your name, and is public with the prices. Name no participant."),
    )


def judge_form(files: Sequence[ReaderFile]) -> Any:
    """A form with one choice per file, named by its place: nothing is chosen beforehand."""

    class JudgeForm(Form):
        def answers(self) -> dict[Any, bool]:
            return {file.id: self[f"file_{file.position}"].data == "yes" for file in files}

    choices = [SelectChoice("yes", _l("Yes, it proves the effect")), SelectChoice("no", _l("No, it does not"))]
    for file in files:
        label = _("File %(number)d", number=file.position)
        chosen = RadioField(label, choices=choices, validators=[InputRequired(_l("Choose one."))])
        setattr(JudgeForm, f"file_{file.position}", chosen)
    return JudgeForm()
