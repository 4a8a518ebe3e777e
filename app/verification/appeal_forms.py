from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from app.core.contact import ABOUT_PERSON
from app.core.flow import Labelled
from app.core.forms import Form, choice, long_text
from app.verification.appeal_states import ReopenReason


class Outcome(Labelled):
    UPHOLD = "uphold", _l("Uphold: the appeal is right")
    DISMISS = "dismiss", _l("Dismiss: the decision stands")


class AppealForm(Form):
    reason = long_text(_l("Why the decision is wrong"), longest=2_000, validators=ABOUT_PERSON)


class DecideAppealForm(Form):
    outcome = RadioField(
        _l("Your decision"),
        choices=[SelectChoice(one.value, one.label) for one in Outcome],
        validators=[DataRequired(_l("Choose one."))],
    )
    explanation = long_text(_l("Reasons"), longest=2_000, validators=ABOUT_PERSON)
    password = PasswordField(_l("Your password, again"), validators=[DataRequired(_l("Fill this in."))])


class DoubtForm(Form):
    words = long_text(_l("Why it may be false or a mistake"), longest=2_000, validators=ABOUT_PERSON)


class AnswerDoubtForm(Form):
    answer = long_text(_l("Why it stands"), longest=2_000, validators=ABOUT_PERSON)
    password = PasswordField(_l("Your password, again"), validators=[DataRequired(_l("Fill this in."))])


class ReopenForm(Form):
    reason = choice(_l("Why it no longer counts"), [ReopenReason.FALSIFIED, ReopenReason.MISTAKEN])
    explanation = long_text(_l("What was found"), longest=2_000, validators=ABOUT_PERSON)
    password = PasswordField(_l("Your password, again"), validators=[DataRequired(_l("Fill this in."))])


class ConfirmReopeningForm(Form):
    password = PasswordField(_l("Your password, again"), validators=[DataRequired(_l("Fill this in."))])
