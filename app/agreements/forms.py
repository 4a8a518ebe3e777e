from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from app.agreements.verification_models import LEAST, SHARE_BP, VerificationRules
from app.core.flow import Labelled
from app.core.forms import Form, choice, long_text, whole_number


class DraftForm(Form):
    text = long_text(_l("Text of the agreement"), longest=100_000)


class SignForm(Form):
    digest = HiddenField()
    organisation = choice(_l("You sign for"))
    password = PasswordField(_l("Your password, again"), validators=[InputRequired(_l("Fill this in."))])


class Checking(Labelled):
    FULL = "full", _l("every claim is judged")
    SAMPLE = "sample", _l("a sample per effect is judged, and the rest only when it shows too many faults")


class Assessors(Labelled):
    ONE = "1", _l("one")
    TWO = "2", _l("two, each without seeing the other; a third decides when they differ")


class VerificationForm(Form):
    """Shares in whole per cent; the terms hold basis points."""

    checking = choice(_l("What is judged"), Checking)
    least = whole_number(_l("At least so many claims of each effect"), least=LEAST, most=100_000, default=LEAST)
    share = whole_number(_l("And at least this share (per cent)"), least=SHARE_BP // 100, most=100, default=10)
    tolerance = whole_number(_l("Faults that are tolerated in the sample (per cent)"), least=0, most=20, default=5)
    assessors = choice(_l("Assessors that judge each claim"), Assessors)

    def rules(self) -> VerificationRules:
        return VerificationRules(
            sampling=self.checking.data == Checking.SAMPLE,
            least=self.least.data,
            share_bp=self.share.data * 100,
            tolerance_bp=self.tolerance.data * 100,
            assessors=int(self.assessors.data),
        )

    @staticmethod
    def of(rules: VerificationRules | None) -> dict[str, object]:
        """What stands in the form when the page is opened."""
        if rules is None:
            return {}
        return {
            "checking": Checking.SAMPLE if rules.sampling else Checking.FULL,
            "least": rules.least,
            "share": rules.share_bp // 100,
            "tolerance": rules.tolerance_bp // 100,
            "assessors": str(rules.assessors),
        }
