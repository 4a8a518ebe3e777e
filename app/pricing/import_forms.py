import base64
import binascii
import zlib

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, ValidationError

from app.core.forms import Form
from app.pricing.files.upload import LARGEST


class ImportForm(Form):
    """The file, which is only checked."""

    file = FileField(_l("The file (.xlsx or .csv)"))
    remove_missing = BooleanField(_l("Remove effects that are not in the file"))

    def validate_file(self, field: FileField) -> None:
        if not field.data:
            raise ValidationError(_("Choose a file."))

    def content(self) -> bytes:
        """At most one byte more than is read, so that a larger file is known as such."""
        return self.file.data.stream.read(LARGEST + 1)


class ConfirmImportForm(Form):
    """The file that was checked comes back with the decision, so that nothing half-imported is kept anywhere.

    It is checked anew when it is imported; `seen` is the digest of what was shown.
    """

    content = HiddenField()
    remove_missing = HiddenField()
    seen = HiddenField()

    def hold(self, content: bytes, remove_missing: bool, seen: str) -> None:
        self.content.data = base64.b64encode(zlib.compress(content)).decode()
        self.remove_missing.data = "yes" if remove_missing else ""
        self.seen.data = seen

    def held(self) -> bytes:
        """Empty, which no check passes, when it is not what the page held."""
        try:
            packed = zlib.decompressobj()
            return packed.decompress(base64.b64decode(self.content.data or "", validate=True), LARGEST + 1)
        except (binascii.Error, zlib.error, ValueError):
            return b""
