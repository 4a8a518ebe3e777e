from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import ValidationError

from app.core.contact import ABOUT_PERSON
from app.core.document import Document, read_document
from app.core.errors import Refused
from app.core.forms import ConfirmForm, Form, amount, choice, day, long_text, text, whole_number
from app.core.national_id import no_national_id
from app.evidence.operations import refuse_broken
from app.intake.forms import worded
from app.outcomes.basis import FIELDS as BASIS
from app.outcomes.basis import Basis, asks_group, is_asked, is_share
from app.outcomes.issuers import IssuerClass
from app.outcomes.measurement_rules import FIELDS, MEASURED_BY, MeasurementFacts
from app.outcomes.models import RejectionReason
from app.outcomes.rules import ClaimFacts
from app.people.models import Organisation
from app.pricing.models import Counterfactual, Effect, EvidenceType
from app.programmes.told_codes import no_code

TICKS = ("other_issuer", "is_estimate", "another_cohort")  # not ticked is an answer too


class EvidenceForm(Form):
    """`is_read`: a document was chosen and its SHA-256 stands in the form now; a browser forgets which file it was.
    `keeps`: the agreement says that the portal keeps it, and `chosen` is what will be kept."""

    is_read = False
    keeps = False
    chosen: Document | None = None

    def validate_document(self, field: Any) -> None:
        """Fill in the digest of a chosen file, which is read once."""
        digest = (self.evidence_digest.data or "").replace(" ", "").lower()
        if field.data:
            hashed = self._read(field.data)
            if digest and digest != hashed:
                raise ValidationError(
                    _("This is not the document of the SHA-256 above. Empty that field to use this document.")
                )
            digest, self.is_read = hashed, True
        if not digest:
            raise ValidationError(_("Choose the document or fill in its SHA-256."))
        self.evidence_digest.data = digest
        self.evidence_digest.raw_data = [digest]

    def _read(self, upload: Any) -> str:
        """What is kept is judged by what keeps it."""
        document = read_document(upload)
        if self.keeps:
            self.chosen = document
            return document.sha256
        try:
            refuse_broken(document)
        except Refused as refused:
            raise ValidationError(refused.message) from None
        return document.sha256

    def known(self, effects: Iterable[Effect]) -> dict[str, Any]:
        """What is filled in well, of a form that is not: the names are those of the facts."""
        known = {name: field.data for name, field in self._fields.items() if field.data and not field.errors}
        known["effect"] = next((effect for effect in effects if str(effect.id) == known.get("effect")), None)
        return known | {name: self[name].data for name in TICKS if name in self}


class ClaimForm(EvidenceForm):
    effect = choice(_l("Effect"))
    achieved_on = day(_l("Achieved on"))
    quantity = whole_number(_l("Quantity"), least=1, most=10_000, default=1)
    evidence_type = worded(_l("Evidence"), EvidenceType)
    evidence_issuer = worded(_l("Issued by"), IssuerClass)
    other_issuer = BooleanField(_l("This issuer is right"))
    evidence_on = day(_l("Evidence dated"))
    evidence_digest = text(_l("SHA-256 of the document"), required=False, longest=64)
    document = FileField(_l("Or choose the document"))
    same_document_because = long_text(
        _l("Why this document proves this effect too"), required=False, longest=500, validators=ABOUT_PERSON
    )
    note = long_text(_l("Note for the assessor"), required=False, longest=2_000, validators=ABOUT_PERSON)

    @property
    def has_twins(self) -> bool:
        """Whether to ask why: only of a document that stands under another claim."""
        field = self.same_document_because
        return bool(field.errors or field.data)

    def prefill(self, effect: str | None, on: str | None) -> None:
        """From a link of the caseload: the effect and the day on which its clock makes it."""
        with suppress(ValueError):
            self.achieved_on.data = date.fromisoformat(on or "")
        self.effect.data = effect

    def facts(self, effect: Effect) -> ClaimFacts:
        return ClaimFacts(
            effect=effect,
            achieved_on=self.achieved_on.data,
            quantity=self.quantity.data,
            evidence_type=EvidenceType(self.evidence_type.data),
            evidence_issuer=self.evidence_issuer.data or "",
            evidence_on=self.evidence_on.data,
            evidence_digest=self.evidence_digest.data or "",
            note=self.note.data or "",
            same_document_because=self.same_document_because.data or "",
            other_issuer=self.other_issuer.data,
        )


class AttachForm(Form):
    document = FileField(_l("Document"))
    chosen: Document | None = None

    def validate_document(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Choose a document."))
        self.chosen = read_document(field.data)


class MeasurementForm(EvidenceForm):
    """Which figures are filled in follows from the effect, which is chosen first: `ask_of` leaves out the others."""

    payer = choice(_l("Municipality that pays"))
    achieved_on = day(_l("Measured on"))
    value = text(_l("Measured value"), required=False, longest=30)
    is_estimate = BooleanField(_l("This is an estimate or an adjusted share"))
    cohort = text(_l("Cohort"), required=False, longest=60, validators=[no_national_id, no_code])
    treatment = text(_l("Events in the cohort"), required=False, longest=30)
    control = text(_l("Events in the comparison group"), required=False, longest=30)
    avoided_minor = amount(_l("Cost avoided"), required=False, least=0)
    quantity = whole_number(_l("Number of fees"), least=1, most=10_000, required=False)
    another_cohort = BooleanField(_l("This is another cohort than the one measured before in this period"))
    source = text(_l("Source of the figures"), required=False, longest=200, validators=[no_national_id, no_code])
    method = choice(_l("Compared by"), Counterfactual, required=False)
    people = whole_number(_l("People in the cohort"), least=1, required=False)
    compared = whole_number(_l("People in the comparison group"), least=1, required=False)
    compared_value = text(_l("The same share in the comparison group"), required=False, longest=30)
    low = text(_l("95 % interval, low end"), required=False, longest=30)
    high = text(_l("95 % interval, high end"), required=False, longest=30)
    evidence_type = worded(_l("Evidence"), EvidenceType)
    evidence_issuer = worded(_l("Issued by"), IssuerClass)
    other_issuer = BooleanField(_l("This issuer is right"))
    evidence_on = day(_l("Evidence dated"))
    evidence_digest = text(_l("SHA-256 of the document"), required=False, longest=64)
    document = FileField(_l("Or choose the document"))
    note = long_text(_l("Note for the assessor"), required=False, longest=2_000, validators=[no_national_id])

    def ask_of(self, effect: Effect) -> None:
        unasked = set(FIELDS) - set(MEASURED_BY[effect.kind])
        for name in unasked | (set() if is_asked(effect) else {*BASIS, "another_cohort"}):
            del self[name]
        if not is_share(effect):
            del self["is_estimate"]
        if is_asked(effect) and not asks_group(effect):
            del self["compared_value"]

    def known_of(self, effect: Effect, payers: Iterable[Organisation]) -> dict[str, Any]:
        """The same as `known`, with the municipality; no effect while a figure was typed that is no figure."""
        known = self.known(()) | {"effect": effect}
        known["payer"] = next((payer for payer in payers if str(payer.id) == known.get("payer")), None)
        if any(self[name].errors for name in FIELDS if name in self):
            known["effect"] = None
            return known
        return known | self._figures() | {"basis": self._said()}

    def _said(self) -> dict[str, Any]:
        """Of how it was established what was filled in well; what was not is told at its field already."""
        wrong = {name: "?" for name in BASIS if name in self and self[name].errors}
        return {name: self[name].data for name in BASIS if name in self} | wrong

    def basis(self, effect: Effect) -> Basis | None:
        if not is_asked(effect):
            return None
        said = {name: self[name].data for name in BASIS if name in self}
        return Basis(**said | {"method": Counterfactual(said["method"]) if said["method"] else None})

    def _figures(self) -> dict[str, Any]:
        return {name: self[name].data for name in FIELDS if name in self and self[name].data is not None}

    def facts(self, effect: Effect, payer: Organisation) -> MeasurementFacts:
        return MeasurementFacts(
            effect=effect,
            payer=payer,
            achieved_on=self.achieved_on.data,
            evidence_type=EvidenceType(self.evidence_type.data),
            evidence_issuer=self.evidence_issuer.data or "",
            evidence_on=self.evidence_on.data,
            evidence_digest=self.evidence_digest.data or "",
            note=self.note.data or "",
            basis=self.basis(effect),
            **{name: self[name].data for name in TICKS if name in self},
            **self._figures(),
        )


class ShortfallForm(Form):
    payer = choice(_l("Municipality that pays"))


class VerifyForm(ConfirmForm):
    """Of a measurement; `words` are needed where its figures are to be looked at twice."""

    words = long_text(
        _l("Why it is proven all the same"), required=False, longest=2_000, validators=[*ABOUT_PERSON, no_code]
    )


class RejectForm(Form):
    reason = worded(_l("Reason"), RejectionReason)
    words = long_text(_l("Explanation for the provider"), longest=2_000, validators=ABOUT_PERSON)


class QuestionForm(Form):
    text = long_text(_l("Question"), longest=2_000, validators=ABOUT_PERSON)


class AnswerForm(Form):
    text = long_text(_l("Answer"), longest=2_000, validators=ABOUT_PERSON)
