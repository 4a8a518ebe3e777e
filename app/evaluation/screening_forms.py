import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms.validators import ValidationError

from app.consortia.models import Partner
from app.core.document import Document, read_document
from app.core.flow import Labelled
from app.core.forms import Form, choice, day, long_text
from app.evaluation.forms import radio
from app.evaluation.models import OpenedProposal
from app.evaluation.states import Ground


class Verdict(Labelled):
    ADMIT = "admit", _l("admit: the plan is scored")
    EXCLUDE = "exclude", _l("exclude: the plan is not scored")


class Judgement(Labelled):
    ACCEPT = "accept", _l("accepted")
    REJECT = "reject", _l("not accepted")


class AskForm(Form):
    question = long_text(_l("What you ask"), longest=4_000)


class UploadForm(Form):
    """`kept` is the document that was chosen and may be kept; what is wrong with it stands on the field."""

    document = FileField(_l("Document"))
    kept: Document | None = None

    def validate_document(self, field: Any) -> None:
        if not getattr(field.data, "filename", ""):
            if self.needs_document:
                raise ValidationError(_("Choose a document."))
            return
        self.kept = read_document(field.data)

    needs_document = False


class AnswerForm(UploadForm):
    answer = long_text(_l("Your answer"), longest=10_000)


class JudgeForm(Form):
    outcome = radio(_l("The explanation is"), Judgement)
    reasons = long_text(_l("Reasons"), longest=4_000)


class HandInForm(UploadForm):
    needs_document = True
    issued_on = day(_l("Day of issue"))


class CheckForm(Form):
    outcome = radio(_l("This document is"), Judgement)
    remark = long_text(_l("What is wrong with it"), required=False, longest=2_000)


def screen_form(opened: OpenedProposal, partners: Sequence[Partner]) -> Form:
    """A ground for exclusion per partner, the verdict and its reasons."""
    fields: dict[str, Any] = {
        name_of_partner(partner): choice(
            _("Ground for exclusion: %(name)s", name=partner.organisation.name), Ground, default=Ground.NONE.value
        )
        for partner in partners
    }
    fields["verdict"] = radio(_l("Verdict"), Verdict)
    fields["reasons"] = long_text(_l("Reasons"), required=False, longest=4_000)
    known: dict[str, Any] = {"version": opened.version, "reasons": opened.verdict}
    return type("ScreenForm", (Form,), fields)(data=known)


def name_of_partner(partner: Partner) -> str:
    return f"ground_{partner.organisation_id.hex}"


def grounds_in(form: Form, partners: Sequence[Partner]) -> dict[uuid.UUID, Ground]:
    return {partner.organisation_id: Ground(form[name_of_partner(partner)].data) for partner in partners}
