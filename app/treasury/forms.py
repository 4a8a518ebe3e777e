from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.core.forms import (
    ConfirmForm,
    Form,
    PasswordForm,
    amount,
    choice,
    day,
    long_text,
    password_again,
    text,
    whole_number,
)
from app.core.national_id import no_national_id
from app.treasury.call_facts import LEAST_NOTICE_DAYS, CallFacts
from app.treasury.default import LONGEST_REASON


class CallForm(Form):
    amount = amount(_l("Amount to call"))
    purpose = text(_l("Purpose"), validators=[no_national_id])
    notice_days = whole_number(_l("Notice, in calendar days"), least=0, most=365, default=LEAST_NOTICE_DAYS)
    due_on = day(_l("Due on"))
    after_end_because = text(
        _l("Why capital is called after the end"), required=False, longest=500, validators=[no_national_id]
    )

    def facts(self) -> CallFacts:
        typed = self.data
        because = typed["after_end_because"] or ""
        return CallFacts(typed["amount"], typed["purpose"], typed["due_on"], typed["notice_days"], because)


class AccountForm(Form):
    holder = text(_l("In the name of"), validators=[no_national_id])
    iban = text(_l("IBAN"), longest=42)
    password = password_again()


class ApproveAccountForm(Form):
    code = text(_l("The code that you heard"), longest=20, validators=[no_national_id])
    spoken_with = text(_l("Whom you spoke with"), longest=200, validators=[no_national_id])
    password = password_again()


class ReceiveInPartForm(Form):
    """One person books it without a line of the bank, so the password is asked; so it is below."""

    amount = amount(_l("Amount on the bank account"), required=False)
    on = day(_l("On the bank account on"))
    password = password_again()


class ReceiveForm(Form):
    amount = amount(_l("Amount on the bank account"), least=0)
    on = day(_l("On the bank account on"))
    password = password_again()


class CostForm(Form):
    organisation = choice(_l("Service provider"))
    amount = amount(_l("Amount"))
    description = text(_l("For"), longest=500, validators=[no_national_id])
    over_budget_because = text(
        _l("Why more than the budget"), required=False, longest=500, validators=[no_national_id]
    )


class RejectForm(ConfirmForm):
    reason = long_text(_l("Reason"), longest=2_000, validators=[no_national_id])


def looked() -> BooleanField:
    return BooleanField(_l("I looked at these lines: none of them is what this investor was asked for."))


class RejectDefaultForm(ConfirmForm):
    reason = long_text(_l("Reason"), longest=LONGEST_REASON, validators=[no_national_id])


class DefaultForm(RejectDefaultForm):
    looked = looked()


class ConfirmDefaultForm(PasswordForm):
    looked = looked()


class DistributionForm(Form):
    """First what is kept in hand; then, with the figures before one's eyes (`seen`), the distribution."""

    reserve = amount(_l("Keep in hand for running costs"), least=0)
    seen = HiddenField()


class AssignForm(Form):
    receiver = choice(_l("Taken over by"))
    amount = amount(_l("Amount"))
    reason = long_text(_l("Reason"), longest=2_000, validators=[no_national_id])
    password = password_again()


class AcceptForm(Form):
    digest = HiddenField()
    bound = BooleanField(
        _l("I may bind this organisation, and I have read the terms, the prices and the risks."),
        validators=[InputRequired(_l("Confirm this first."))],
    )
    password = password_again()


class WithdrawGuaranteeForm(PasswordForm):
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
    iban = text(_l("Account of the receiver (IBAN)"), required=False, longest=42)


class OtherReceiptForm(Form):
    source = choice(_l("What it is"))
    amount = amount(_l("Amount on the bank account"))
    on = day(_l("On the bank account on"))
    description = text(_l("How you know"), longest=500, validators=[no_national_id])
    password = password_again()


class ClosingForm(Form):
    key_deleted_by = day(_l("The key of codes and names is destroyed by"))
    files_deleted_by = day(_l("Documents of evidence are destroyed by"))
    bank_seen = text(_l("The statement of the bank, by number and day"), required=False, validators=[no_national_id])
    lessons = long_text(_l("What was learned for a next bond"), longest=5_000, validators=[no_national_id])
