from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field
from wtforms.validators import ValidationError

from app.bank.slip_operations import SlipFacts
from app.core.document import Document, read_document
from app.core.forms import ConfirmForm, Form, PasswordForm, amount, checks, choice, day, long_text, password_again, text
from app.core.national_id import no_national_id
from app.treasury.states import ChargeKind


class AccountForm(Form):
    holder = text(_l("In the name of"), longest=70)
    iban = text(_l("IBAN"), longest=42)
    password = password_again()


class CodeForm(Form):
    code = text(_l("The code that you heard"), longest=20)
    spoken_with = text(_l("Whom you spoke with"), longest=200)
    password = password_again()


class ReasonForm(ConfirmForm):
    reason = long_text(_l("Reason"), longest=2_000)


class ReverseChargeForm(PasswordForm):
    reason = long_text(_l("Reason"), longest=2_000)


class BatchForm(Form):
    payments = checks(_l("Payments"))
    execution_on = day(_l("To be executed on"))


class ImportForm(Form):
    file = FileField(_l("The file of the bank (camt.053 or CSV)"))
    gap_reason = long_text(
        _l("Why it is taken though it does not follow"), required=False, longest=500, validators=[no_national_id]
    )

    def validate_file(self, field: Field) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))


class ChargeForm(Form):
    description = text(_l("For"), longest=500)


class OtherLineForm(Form):
    source = choice(_l("What this line is"))
    pays = checks(_l("Statements that it pays in full"))
    description = text(_l("How you know"), longest=500, validators=[no_national_id])


class SlipForm(Form):
    kind = choice(_l("Kind"), ChargeKind)
    amount = amount(_l("Amount"))
    on = day(_l("Day on which the bank booked it"))
    description = text(_l("For"), longest=500, validators=[no_national_id])
    file = FileField(_l("Document of the bank"))
    document: Document | None = None

    def validate_file(self, field: Field) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))
        self.document = read_document(field.data)

    def facts(self) -> SlipFacts:
        typed: Any = self.data
        document: Any = self.document
        return SlipFacts(ChargeKind(typed["kind"]), typed["amount"], typed["on"], typed["description"], document)


class ReturnForm(Form):
    cause = choice(_l("The payment that came back"))
    reason = text(_l("Reason that the bank gave"), longest=500)


class TakeBackForm(Form):
    receipt = choice(_l("The receipt that was taken back"))
    reason = text(_l("Reason"), longest=500, validators=[no_national_id])


class MatchForm(Form):
    causes = checks(_l("What this line is"))
    partly = choice(_l("Of which only a part came in"), required=False)
    note = text(_l("Why"), longest=500)
