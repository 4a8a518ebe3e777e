import re
import uuid
from typing import Any

import email_validator
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from app.calls.asked import CallDocument, ItemKind, Lot, PlanItem
from app.calls.asked_operations import ContactFacts, ItemFacts, LotFacts
from app.calls.models import Call
from app.core.document import Document, read_document
from app.core.forms import Form, checks, choice, choices_of, long_text, text, whole_number
from app.core.national_id import no_national_id

LARGEST = 1_000_000_000

# What is asked of each kind beyond title, guidance, criterion and whether it must be answered.
ASKED_OF = {ItemKind.TEXT: {"longest"}, ItemKind.NUMBER: {"least", "most"}, ItemKind.CHOICE: {"choices"}}
BOUNDS = ("longest", "least", "most", "choices")


class ItemForm(Form):
    """Which bounds are asked follows from the kind, which is chosen first: `ask_of` leaves out the others."""

    title = text(_l("Title"), validators=[no_national_id])
    guidance = long_text(_l("Guidance"), required=False, longest=5_000, validators=[no_national_id])
    longest = whole_number(_l("Longest answer in characters"), least=50, most=50_000, default=5_000)
    least = whole_number(_l("Lowest number"), least=-LARGEST, most=LARGEST, required=False)
    most = whole_number(_l("Highest number"), least=-LARGEST, most=LARGEST, required=False)
    choices = long_text(_l("Choices"), longest=5_000, validators=[no_national_id])
    required = BooleanField(_l("Must be answered"), default=True)
    criterion = choice(_l("Counts for"), required=False)

    def ask_of(self, call: Call, kind: ItemKind) -> None:
        for name in set(BOUNDS) - ASKED_OF.get(kind, set()):
            del self[name]
        named = [(criterion.id, criterion.name) for criterion in call.criteria]
        self.criterion.choices = [SelectChoice("", _("no criterion in particular")), *choices_of(named)[1:]]

    def facts(self, kind: ItemKind) -> ItemFacts:
        typed: dict[str, Any] = {name: self[name].data for name in BOUNDS if name in self}
        typed["choices"] = tuple(line.strip() for line in (typed.get("choices") or "").splitlines() if line.strip())
        return ItemFacts(
            kind=kind,
            title=self.title.data or "",
            guidance=self.guidance.data or "",
            required=self.required.data,
            criterion_id=uuid.UUID(self.criterion.data) if self.criterion.data else None,
            **typed,
        )

    def validate_choices(self, field: Field) -> None:
        if any(len(line) > 200 for line in (field.data or "").splitlines()):
            raise ValidationError(_("At most %(max)d characters on a line.", max=200))


def typed_item(item: PlanItem) -> dict[str, Any]:
    """An item as its form holds it."""
    names = ("title", "guidance", "longest", "least", "most", "required")
    typed = {name: getattr(item, name) for name in names} | {"version": item.call.version}
    return typed | {"choices": "\n".join(item.choices), "criterion": str(item.criterion_id or "")}


class LotForm(Form):
    name = text(_l("Name of the lot"), validators=[no_national_id])
    description = long_text(_l("Description"), required=False, validators=[no_national_id])
    cohort_size = whole_number(_l("Participants"), least=1, most=100_000)
    municipalities = checks(_l("Municipalities"), validators=[InputRequired(_l("Choose at least one municipality."))])

    def offer(self, call: Call) -> None:
        shares = call.programme.shares
        self.municipalities.choices = [SelectChoice(str(s.organisation_id), s.organisation.name) for s in shares]

    def facts(self) -> LotFacts:
        return LotFacts(
            name=self.name.data or "",
            description=self.description.data or "",
            cohort_size=self.cohort_size.data,
            organisation_ids=tuple(uuid.UUID(one) for one in self.municipalities.data or ()),
        )


def typed_lot(lot: Lot) -> dict[str, Any]:
    typed = {name: getattr(lot, name) for name in ("name", "description", "cohort_size")}
    return typed | {"municipalities": lot.organisation_ids, "version": lot.call.version}


class DocumentForm(Form):
    """`document`: the chosen file once it was judged; a file is needed for a new document only."""

    title = text(_l("Title"), validators=[no_national_id])
    file = FileField(_l("The file"))
    document: Document | None = None
    needs_file = True

    def validate_file(self, field: Field) -> None:
        if field.data:
            self.document = read_document(field.data)
        elif self.needs_file:
            raise ValidationError(_("Choose a PDF, PNG or JPEG."))


class ChangeDocumentForm(DocumentForm):
    needs_file = False


def typed_document(document: CallDocument) -> dict[str, Any]:
    return {"title": document.title, "version": document.call.version}


PHONE = re.compile(r"\+?[0-9(][0-9 ().-]{6,24}")


def mail_or_phone(form: Any, field: Field) -> None:
    typed = field.data or ""
    if not typed or PHONE.fullmatch(typed):
        return
    try:
        email_validator.validate_email(typed, check_deliverability=False)
    except email_validator.EmailNotValidError:
        message = _("Give a mail address or a telephone number, such as +31 53 481 81 81.")
        raise ValidationError(message) from None


class ContactForm(Form):
    name = text(_l("Name or desk"), longest=120, validators=[no_national_id])
    function = text(_l("Function"), longest=120, required=False, validators=[no_national_id])
    address = text(_l("Mail address or telephone number"), longest=200, validators=[mail_or_phone])

    def facts(self) -> ContactFacts:
        return ContactFacts(self.name.data or "", self.function.data or "", self.address.data or "")
