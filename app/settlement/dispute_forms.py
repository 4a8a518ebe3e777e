from flask_babel import lazy_gettext as _l

from app.core.forms import Form, amount, checks, long_text
from app.core.national_id import no_national_id
from app.programmes.told_codes import no_code


class DisputeForm(Form):
    reason = long_text(_l("Why you dispute it"), longest=2_000, validators=[no_national_id, no_code])
    about = checks(_l("Which lines it is about"))


class AnswerForm(Form):
    answer = long_text(_l("Your answer"), longest=2_000, validators=[no_national_id, no_code])
    about = checks(_l("Which lines it is about"))
    lower = amount(_l("Lower the statement by"), least=0)


class ReturnForm(Form):
    reason = long_text(_l("Why you do not confirm it"), longest=2_000, validators=[no_national_id, no_code])
