import re
from io import SEEK_END

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field
from wtforms.validators import ValidationError

from app.core.document import LARGEST_MB
from app.core.forms import Form, text

SHA256 = re.compile(r"[0-9a-f]{64}")


class CheckFileForm(Form):
    """An archive, or the digest of one; `sha256` is then 64 hex digits in small letters."""

    archive = FileField(_l("The archive (.zip)"))
    sha256 = text(_l("Or its SHA-256, or that of its manifest"), required=False, longest=100)

    def validate_archive(self, field: Field) -> None:
        if not field.data and not self.sha256.data:
            raise ValidationError(_("Choose an archive, or give a SHA-256."))
        if field.data and field.data.stream.seek(0, SEEK_END) > LARGEST_MB * 1024 * 1024:
            raise ValidationError(_("At most %(most)d MB. Of a larger one give the SHA-256.", most=LARGEST_MB))
        if field.data:
            field.data.stream.seek(0)

    def validate_sha256(self, field: Field) -> None:
        if not field.data:
            return
        field.data = field.data.replace(" ", "").lower()
        if not SHA256.fullmatch(field.data):
            raise ValidationError(_("A SHA-256 has 64 characters: digits and the letters a to f."))
