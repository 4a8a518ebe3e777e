"""The library's forms, with our labels and our rule for passwords."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    ResetPasswordForm,
    SendConfirmationForm,
)
from flask_security.password_util import PasswordUtil
from flask_security.utils import get_message, validate_redirect_url
from wtforms import EmailField, PasswordField

from app.accounts.forms import is_address
from app.languages import Worded
from app.people.password import why_weak


class SignInForm(Worded, LoginForm):
    """One message whatever is wrong, so that nobody learns who has an account; and no staying signed in."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.email, _l("E-mail address"))
        _label(self.password, _l("Password"))
        self.password.description = ""  # the library would put its link before the field; ours is after the button

    def validate(self, **kwargs: Any) -> bool:
        if self.next.data and not validate_redirect_url(self.next.data):
            self.next.data = ""  # it led elsewhere: sign in and go home
        if super().validate(**kwargs):
            return True
        for field in self:
            field.errors = []
        # Only who knew the password hears what is missing.
        waits = self.requires_confirmation and self.user is not None and self.user.is_active
        self.form_errors = [_NOT_VERIFIED if waits else get_message("GENERIC_AUTHN_FAILED")[0]]
        return False


_NOT_VERIFIED = _l("Your e-mail address is not verified yet. Follow the link in the mail, or have it sent again below.")


class AddressFirst:
    """What is no address at all is said at the field; whether an address has an account is never said."""

    def validate(self, **kwargs: Any) -> bool:
        fits = super().validate(**kwargs)  # type: ignore[misc]
        typed = self.email.data  # type: ignore[attr-defined]
        if not typed:
            self.form_errors = [get_message("EMAIL_NOT_PROVIDED")[0]]
        elif not is_address(typed):
            self.form_errors = [get_message("INVALID_EMAIL_ADDRESS")[0]]
        return bool(fits)

    def say_at_field(self) -> None:
        """The library empties the errors of the field, so they come back to it afterwards."""
        self.email.errors, self.form_errors = self.form_errors, []  # type: ignore[attr-defined,has-type]


class ForgotForm(AddressFirst, Worded, ForgotPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.email, _l("E-mail address"))


class SendConfirmation(AddressFirst, Worded, SendConfirmationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.email, _l("E-mail address"))


class ResetForm(Worded, ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.password, _l("New password"))
        _label(self.password_confirm, _l("New password again"))


class ChangeForm(Worded, ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.password, _l("Password you have now"))
        _label(self.new_password, _l("New password"))
        _label(self.new_password_confirm, _l("New password again"))


def _label(field: EmailField | PasswordField, text: Any) -> None:
    field.label.text = text


class PasswordRules(PasswordUtil):
    """The library asks here whether a new password will do."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        typed, owner = self.normalize(password), kwargs["user"]
        around = [said for one in owner.organisations for said in (one.name, one.locality)]
        weak = why_weak(typed, owner.name, owner.email, around)
        return ([weak] if weak else None), typed
