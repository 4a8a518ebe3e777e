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
from flask_security.utils import get_message
from wtforms import EmailField, PasswordField

from app.languages import Worded
from app.people.password import why_weak


class SignInForm(Worded, LoginForm):
    """One message whatever is wrong, so that nobody learns who has an account; and no staying signed in."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.email, _l("E-mail address"))
        _label(self.password, _l("Password"))

    def validate(self, **kwargs: Any) -> bool:
        if super().validate(**kwargs):
            return True
        for field in self:
            field.errors = []
        self.form_errors = [get_message("GENERIC_AUTHN_FAILED")[0]]
        return False


class ForgotForm(Worded, ForgotPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self.email, _l("E-mail address"))


class SendConfirmation(Worded, SendConfirmationForm):
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
        weak = why_weak(typed, owner.name, owner.email)
        return ([weak] if weak else None), typed
