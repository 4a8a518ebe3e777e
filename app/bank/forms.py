from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field
from wtforms.validators import ValidationError

from app.core.forms import Form, checks, choice, day, long_text, text


class AccountForm(Form):
    holder = text(_l("In the name of"), longest=70)
    iban = text(_l("IBAN"), longest=42)


class CodeForm(Form):
    code = text(_l("The code that you heard"), longest=20)
    spoken_with = text(_l("Whom you spoke with"), longest=200)


class ReasonForm(Form):
    reason = long_text(_l("Reason"), longest=2_000)


class BatchForm(Form):
    payments = checks(_l("Payments"))
    execution_on = day(_l("To be executed on"))


class ImportForm(Form):
    file = FileField(_l("The file of the bank (camt.053 or CSV)"))

    def validate_file(self, field: Field) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))


class ChargeForm(Form):
    description = text(_l("For"), longest=500)


class ReturnForm(Form):
    cause = choice(_l("The payment that came back"))
    reason = text(_l("Reason that the bank gave"), longest=500)


class MatchForm(Form):
    causes = checks(_l("What this line is"))
    note = text(_l("Why"), longest=500)
