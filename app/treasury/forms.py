from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.core.forms import Form, amount, choice, day, long_text, text, whole_number
from app.core.national_id import no_national_id
from app.treasury.call_facts import LEAST_NOTICE_DAYS, CallFacts


class CallForm(Form):
    amount = amount(_l("Amount to call"))
    purpose = text(_l("Purpose"), validators=[no_national_id])
    notice_days = whole_number(_l("Notice, in calendar days"), least=0, most=365, default=LEAST_NOTICE_DAYS)
    due_on = day(_l("Due on"))

    def facts(self) -> CallFacts:
        typed = self.data
        return CallFacts(typed["amount"], typed["purpose"], typed["due_on"], typed["notice_days"])


class AccountForm(Form):
    holder = text(_l("In the name of"), validators=[no_national_id])
    iban = text(_l("IBAN"), longest=42)


class ApproveAccountForm(Form):
    code = text(_l("The code that you heard"), longest=20, validators=[no_national_id])
    spoken_with = text(_l("Whom you spoke with"), longest=200, validators=[no_national_id])


class ReceiveCapitalForm(Form):
    on = day(_l("On the bank account on"))


class ReceiveForm(Form):
    amount = amount(_l("Amount on the bank account"), least=0)
    on = day(_l("On the bank account on"))


class CostForm(Form):
    organisation = choice(_l("Service provider"))
    amount = amount(_l("Amount"))
    description = text(_l("For"), longest=500, validators=[no_national_id])


class RejectForm(Form):
    reason = long_text(_l("Reason"), longest=2_000, validators=[no_national_id])


class DistributionForm(Form):
    """First what is kept in hand; then, with the figures before one's eyes (`seen`), the distribution."""

    reserve = amount(_l("Keep in hand for running costs"), least=0)
    seen = HiddenField()


def password() -> PasswordField:
    return PasswordField(_l("Your password, again"), validators=[InputRequired(_l("Fill this in."))])


class AssignForm(Form):
    receiver = choice(_l("Taken over by"))
    amount = amount(_l("Amount"))
    reason = long_text(_l("Reason"), longest=2_000, validators=[no_national_id])
    password = password()


class AcceptForm(Form):
    digest = HiddenField()
    bound = BooleanField(
        _l("I may bind this organisation, and I have read the terms, the prices and the risks."),
        validators=[InputRequired(_l("Confirm this first."))],
    )
    password = password()


class WithdrawGuaranteeForm(Form):
    what_now = RadioField(
        _l("What now"),
        choices=[
            SelectChoice("anew", _l("It was asked wrongly: it can be called anew")),
            SelectChoice("given_up", _l("The guarantor does not pay: give it up, so that the bond can be closed")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )
    reason = long_text(_l("Reason"), longest=2_000, validators=[no_national_id])


class GuaranteeForm(Form):
    due_on = day(_l("To be paid in by"))


class RemittanceForm(Form):
    amount = amount(_l("Amount"))
    reference = text(_l("Reference of the payment"), required=False, longest=35, validators=[no_national_id])


class ClosingForm(Form):
    key_deleted_by = day(_l("The key of codes and names is destroyed by"))
    files_deleted_by = day(_l("Documents of evidence are destroyed by"))
    lessons = long_text(_l("What was learned for a next bond"), longest=5_000, validators=[no_national_id])
