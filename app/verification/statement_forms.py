from os import SEEK_END

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field, PasswordField
from wtforms.validators import DataRequired, ValidationError

from app.core.forms import Form, text
from app.verification.sealing import code_typed

LARGEST_MB = 5


class CheckStatementForm(Form):
    """A file, or the code that stands on it."""

    document = FileField(_l("The statement (PDF)"))
    code = text(_l("Or the code that stands on it"), required=False, longest=100)

    def validate_document(self, field: Field) -> None:
        if not field.data and not self.code.data:
            raise ValidationError(_("Choose a statement, or give its code."))
        if not field.data:
            return
        size = field.data.stream.seek(0, SEEK_END)
        field.data.stream.seek(0)
        if size == 0:
            raise ValidationError(_("The file is empty."))
        if size > LARGEST_MB * 1024 * 1024:
            raise ValidationError(_("A statement is never larger than %(most)d MB.", most=LARGEST_MB))

    def validate_code(self, field: Field) -> None:
        if field.data and code_typed(field.data) is None:
            raise ValidationError(_("A code has 16 letters and digits, in groups of four."))


class CounterSignForm(Form):
    password = PasswordField(_l("Your password, again"), validators=[DataRequired(_l("Fill this in."))])
