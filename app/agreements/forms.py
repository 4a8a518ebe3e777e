from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from app.core.forms import Form, choice, long_text, whole_number


class DraftForm(Form):
    text = long_text(_l("Text of the agreement"), longest=100_000)
    files_kept_days = whole_number(
        _l("Days that documents of evidence are kept"), least=365, most=3_650, required=False
    )


class SignForm(Form):
    digest = HiddenField()
    organisation = choice(_l("You sign for"))
    password = PasswordField(_l("Your password, again"), validators=[InputRequired(_l("Fill this in."))])
