from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from app.core.forms import Form, choice, long_text


class DraftForm(Form):
    text = long_text(_l("Text of the agreement"), longest=100_000)


class SignForm(Form):
    digest = HiddenField()
    organisation = choice(_l("You sign for"))
    password = PasswordField(_l("Your password, again"), validators=[InputRequired(_l("Fill this in."))])
