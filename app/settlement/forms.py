from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.core.forms import ConfirmForm, Form, checks, day, long_text
from app.core.national_id import no_national_id
from app.programmes.told_codes import no_code


class PrepareForm(Form):
    period_to = day(_l("Up to and including"))
    is_final = BooleanField(_l("This is the last settlement of the bond"))


class DiscardForm(ConfirmForm):
    reason = long_text(_l("Why you discard it"), longest=2_000, validators=[no_national_id, no_code])


class RefuseForm(ConfirmForm):
    reason = long_text(_l("Why you refuse"), longest=2_000, validators=[no_national_id, no_code])
    about = checks(_l("Which lines it is about"))
