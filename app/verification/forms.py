import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField
from wtforms.fields import BooleanField, HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from app.core.contact import ABOUT_PERSON
from app.core.flow import Labelled
from app.core.forms import Form, choice, long_text
from app.outcomes.models import RejectionReason
from app.programmes.pseudonym import as_typed, is_code
from app.programmes.told_codes import no_code
from app.verification.open_words import tells_nobody


class Decision(Labelled):
    VERIFY = "verify", _l("Approve: the effect is proven")
    REJECT = "reject", _l("Reject, with a reason")
    ASK = "ask", _l("Ask the provider")


class SetAsideForm(Form):
    text = long_text(_l("Why it is set aside"), longest=2_000, validators=ABOUT_PERSON)


ACCESS_KEYS = {Decision.VERIFY: "a", Decision.REJECT: "r", Decision.ASK: "q"}


class JudgeForm(Form):
    """One form for all that can be decided, so that a hand stays on the keyboard: choose, explain, decide and next."""

    decision = RadioField(
        _l("Your judgement"),
        choices=[SelectChoice(one.value, one.label, render_kw={"accesskey": ACCESS_KEYS[one]}) for one in Decision],
        validators=[DataRequired(_l("Choose one."))],
    )
    reason = choice(_l("Reason, when you reject"), RejectionReason, required=False)
    words = long_text(
        _l("Explanation or question for the provider"), required=False, longest=2_000, validators=ABOUT_PERSON
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """What is needed follows from what is decided, and a reason beside an approval says two things; all is said at
        once."""
        is_valid = super().validate(extra_validators)
        decision, missing = self.decision.data, []
        if decision == Decision.REJECT and not self.reason.data:
            missing.append((self.reason, _("Choose why it is not proven.")))
        if decision in (Decision.REJECT, Decision.ASK) and not self.words.data:
            missing.append((self.words, _("Fill this in.")))
        if decision in (Decision.VERIFY, Decision.ASK) and self.reason.data:
            missing.append((self.reason, _("This belongs to a rejection. Leave it empty, or choose “Reject”.")))
        for field, message in missing:
            field.errors = [*field.errors, message]
        return is_valid and not missing


class VerifyForm(Form):
    """Of a claim that is proven though an effect of the same person was falsified."""

    words = long_text(_l("Why it is proven all the same"), longest=2_000, validators=ABOUT_PERSON)


class DeclareForm(Form):
    is_independent = BooleanField(
        _l(
            "I have no part in, work for, or gain by any provider, investor or intermediary of this bond, and I am no "
            "relation of anybody who does."
        ),
        validators=[DataRequired(_l("Without this declaration you cannot judge the batch."))],
    )
    codes = long_text(_l("Codes of participants whom you know"), required=False, longest=2_000)

    def typed_codes(self) -> list[str]:
        """One code a line or parted by a comma; a space may stand in a code as well as between two of them."""
        found: list[str] = []
        for part in re.split(r"[\n\r,;]+", self.codes.data or ""):
            found += [part] if is_code(part) else part.split()
        return [as_typed(code) for code in found if code.strip()]


class SignOffForm(Form):
    """`digest` is that of the list on the page: what is signed is what was read."""

    digest = HiddenField()
    method = long_text(
        _l("How it was verified, for every party"), longest=2_000, validators=[*ABOUT_PERSON, no_code, tells_nobody]
    )
    statement = long_text(_l("How you verified"), validators=[*ABOUT_PERSON, no_code])
    password = PasswordField(_l("Your password, again"), validators=[DataRequired(_l("Fill this in."))])
