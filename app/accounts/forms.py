from typing import Any

import email_validator
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.utils import validate_redirect_url
from wtforms import BooleanField, EmailField, Field, HiddenField, PasswordField
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.flow import Labelled
from app.core.forms import Form, choice, no_nul, text
from app.people.models import OrganisationKind


class Country(Labelled):
    NL = "NL", _l("Netherlands")
    BE = "BE", _l("Belgium")


def is_address(typed: str) -> bool:
    try:
        email_validator.validate_email(typed.strip(), check_deliverability=False)
    except ValueError:
        return False
    return True


def _is_address(form: Form, field: Field) -> None:
    try:
        typed = email_validator.validate_email(field.data, check_deliverability=False)
    except ValueError:
        raise ValidationError(_("Give an e-mail address, such as name@example.org.")) from None
    field.data = typed.normalized


def email(label: Any) -> EmailField:
    checks = [DataRequired(_l("Fill this in.")), no_nul, Length(max=254), _is_address]
    return EmailField(label, validators=checks, filters=[lambda typed: typed and typed.strip()])


def password(label: Any) -> PasswordField:
    return PasswordField(label, validators=[DataRequired(_l("Fill this in.")), no_nul])


class RegisterForm(Form):
    organisation = text(_l("Name of the organisation"))
    country = choice(_l("Country"), Country)
    registration_number = text(_l("KvK or KBO number"), longest=20)
    locality = text(_l("Town or city"))
    name = text(_l("Your name"))
    email = email(_l("E-mail address"))
    password = password(_l("Password"))
    next = HiddenField()  # where the person came from, such as a call

    def validate(self, extra_validators: Any = None) -> bool:
        if self.next.data and not validate_redirect_url(self.next.data):
            self.next.data = ""  # it led elsewhere
        return super().validate(extra_validators)


class OrganisationForm(Form):
    name = text(_l("Name of the organisation"))
    kind = choice(_l("What it is"), OrganisationKind)
    country = choice(_l("Country"), Country)
    registration_number = text(_l("KvK or KBO number"), longest=20, required=False)
    locality = text(_l("Town or city"))
    manager = email(_l("E-mail address of its first manager"))


class AddressForm(Form):
    street = text(_l("Street and number, or PO box"))
    postal_code = text(_l("Postal code"), longest=20)
    locality = text(_l("Town or city"))
    registration_number = text(_l("KvK or KBO number"), longest=20, required=False)  # asked where none is known
    vat_number = text(_l("VAT number"), longest=20, required=False)


class InviteForm(Form):
    address = email(_l("E-mail address"))
    as_manager = BooleanField(_l("May invite and remove colleagues"))


class AcceptForm(Form):
    name = text(_l("Your name"))
    password = password(_l("Password"))


class ProfileForm(Form):
    name = text(_l("Your name"))
    locale = choice(_l("Language of pages and mail"))
