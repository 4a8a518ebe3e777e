"""A passphrase on a form: made by the portal, shown once, typed back. Nobody keeps it."""

import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, PasswordField
from wtforms.validators import DataRequired, StopValidation, ValidationError
from wtforms.widgets import HiddenInput, TextInput

from app.calls.states import Leaving
from app.core.forms import Form, choice
from app.sealing import passphrase


class PassphraseField(PasswordField):
    """Readable while it is typed, and never kept with a form whose session ended, as a password is not."""

    widget = TextInput()

    def __init__(self, label: Any = None, *, required: bool = True, **options: Any) -> None:
        attributes = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": "60"}
        checks = [DataRequired(_l("Fill this in."))] if required else []
        super().__init__(label, checks, render_kw=attributes, **options)

    def pre_validate(self, form: Any) -> None:
        if self.data and not passphrase.is_well_formed(self.data or ""):
            raise StopValidation(_("This is not a whole passphrase: a character is missing or was mistyped."))


class PassphraseForm(Form):
    """Asks the passphrase of the person, or of the consortium."""

    passphrase = PassphraseField(_l("Passphrase"))


class ShownField(PasswordField):
    """The passphrase that this page shows, sealed for this person and this page, so that it can be compared with what
    is typed back and shown again after a slip. Without one the portal makes it."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: Any) -> None:
        self.data = _read(valuelist[0]) if valuelist else None

    def make_if_none(self) -> None:
        if self.data is None:
            self.data = passphrase.make()

    def _value(self) -> str:
        return _sealed(self.data or "")


class ShownOnceForm(Form):
    """Shows a new passphrase and asks it back; only then does it count."""

    shown = ShownField()
    passphrase = PassphraseField(_l("Type the passphrase back"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.shown.make_if_none()

    @property
    def words(self) -> str:
        """The passphrase to show, and, once the form is valid, the one that counts."""
        return self.shown.data or ""

    def validate_passphrase(self, field: PassphraseField) -> None:
        if not secrets.compare_digest(passphrase.normal(field.data or "").encode(), self.words.encode()):
            raise ValidationError(_("This is not the passphrase that is shown."))


class ProposeOpenerForm(Form):
    leaving = choice(_l("Whose key is retired"))
    reason = choice(_l("Why"), Leaving)
    taking = choice(_l("Who makes a new key"))


class ReplaceOpenerForm(Form):
    """`warned` is asked only where plans would open no more."""

    warned = BooleanField(_l("I know that these plans open no more unless their consortia seal them anew"))


def _sealed(words: str) -> str:
    nonce = secrets.token_bytes(12)
    return (nonce + _cipher().encrypt(nonce, words.encode(), _bound_to())).hex()


def _read(token: str) -> str | None:
    try:
        raw = bytes.fromhex(token)
        return _cipher().decrypt(raw[:12], raw[12:], _bound_to()).decode()
    except (ValueError, InvalidTag):
        return None


def _bound_to() -> bytes:
    return f"{current_user.id} {request.path}".encode()


def _cipher() -> AESGCM:
    secret: str = current_app.config["SECRET_KEY"]
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"a passphrase shown once").derive(secret.encode()))
