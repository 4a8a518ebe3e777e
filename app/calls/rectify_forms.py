import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField
from wtforms import Form as LinesForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from app.calls.asked import LONGEST, ItemKind, PlanItem
from app.calls.asked_forms import DocumentForm, mail_or_phone
from app.calls.asked_operations import MOST, ContactFacts, ItemFacts, LotFacts
from app.calls.criteria_forms import CriteriaForm, IdField, typed_criteria
from app.calls.forms import TermsForm, moment
from app.calls.models import Call
from app.calls.rewriting import Rewritten
from app.core.forms import checks, long_text, text, whole_number
from app.core.national_id import no_national_id

NEW_LOTS = 2  # an undivided call is divided in at least two


class ItemLine(LinesForm):
    """An item of the plan that stands; its kind and what bounds a number or a choice stay."""

    id = IdField()
    title = text(_l("Item of the plan"), required=False)
    guidance = long_text(_l("Guidance"), required=False, longest=5_000)
    longest = whole_number(_l("Longest answer in characters"), least=50, most=50_000, required=False)
    required = BooleanField(_l("Must be answered"))
    gone = BooleanField(_l("Ask this no more"))


class Line(LinesForm):
    """A line of what stands, by `id`, or a new one; a new one that stays empty is left out."""

    id = IdField()
    gone = BooleanField(_l("Take this away"))
    needed: tuple[str, ...] = ()

    @property
    def is_used(self) -> bool:
        return not self.gone.data and (self.id.data is not None or any(self[name].data for name in self.needed))

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        for name in self.needed if self.is_used else ():
            if not self[name].data and not self[name].errors:
                self[name].errors = [_("Fill this in.")]
                good = False
        return good


class LotLine(Line):
    name = text(_l("Name of the lot"), required=False)
    cohort_size = whole_number(_l("Participants"), least=1, most=100_000, required=False)
    municipalities = checks(_l("Municipalities"))
    description = long_text(_l("Description"), required=False)
    needed = ("name", "cohort_size", "municipalities")

    def facts(self) -> LotFacts:
        return LotFacts(
            name=self.name.data or "",
            description=self.description.data or "",
            cohort_size=self.cohort_size.data,
            organisation_ids=tuple(uuid.UUID(one) for one in self.municipalities.data or ()),
        )


class ContactLine(Line):
    name = text(_l("Name or desk"), longest=120, required=False)
    function = text(_l("Function"), longest=120, required=False)
    address = text(_l("Mail address or telephone number"), required=False, validators=[mail_or_phone])
    needed = ("name", "address")

    def facts(self) -> ContactFacts:
        return ContactFacts(self.name.data or "", self.function.data or "", self.address.data or "")


class RectifyForm(TermsForm, CriteriaForm, DocumentForm):
    """`title` and `file` are those of a document that is added; how plans are judged stands in `CriteriaForm`."""

    new_item = text(_l("Title of a new item"), required=False)
    title = text(_l("Title of a new document"), required=False, validators=[no_national_id])
    text = long_text(_l("What changes, and why"), longest=10_000, validators=[no_national_id])
    deadline = moment(_l("New deadline"), required=False)
    questions_until = moment(_l("Questions until"))
    is_correction = BooleanField(_l("Texts and documents are only corrected: no bidder would plan otherwise"))
    description = long_text(_l("What is asked"), longest=20_000)
    requirements = long_text(_l("Requirements for tenderers"), required=False, longest=20_000)
    lines = FieldList(FormField(ItemLine), _l("Items of the plan"), max_entries=MOST["plan_item"])
    new_guidance = long_text(_l("Guidance for the new item"), required=False)
    lots = FieldList(FormField(LotLine), _l("Lots"), max_entries=MOST["lot"] + NEW_LOTS)
    withdrawn = checks(_l("Withdraw documents"))
    contacts = FieldList(FormField(ContactLine), _l("Contacts"), max_entries=MOST["call_contact"] + 1)
    needs_file = False

    def offer(self, call: Call) -> None:
        """The documents that may be withdrawn, and the municipalities of the bond."""
        standing = [one for one in call.documents if one.withdrawn_at is None]
        self.withdrawn.choices = [SelectChoice(str(one.id), one.title) for one in standing]
        for line in self.lots:
            shares = call.programme.shares
            line.form.municipalities.choices = [
                SelectChoice(str(share.organisation_id), share.organisation.name) for share in shares
            ]

    def rewritten(self, call: Call) -> Rewritten:
        lines = {line.form.id.data: line.form for line in self.lines}
        kept = {item.id: _facts_of(item, lines[item.id]) for item in call.items if item.id in lines}
        new = ItemFacts(ItemKind.TEXT, self.new_item.data, self.new_guidance.data or "", LONGEST)
        lots, removed_lots, new_lots = _sorted(self.lots)
        contacts, removed_contacts, new_contacts = _sorted(self.contacts)
        return Rewritten(
            description=self.description.data or "",
            requirements=self.requirements.data or "",
            scoring=self.facts(),
            items=kept,
            removed_items=frozenset(key for key, line in lines.items() if line.gone.data),
            new_item=new if self.new_item.data else None,
            lots=lots,
            removed_lots=removed_lots,
            new_lots=new_lots,
            contacts=contacts,
            removed_contacts=removed_contacts,
            new_contacts=new_contacts,
            withdrawn=frozenset(uuid.UUID(one) for one in self.withdrawn.data or ()),
            new_document=(self.title.data, self.document) if self.document else None,
            questions_until=self.questions_until.data,
            is_correction=self.is_correction.data,
        )

    def validate_title(self, field: Field) -> None:
        if self.file.data and not field.data:
            raise ValidationError(_("Give the document a title."))


def _sorted(lines: FieldList) -> tuple[dict[uuid.UUID, Any], frozenset[uuid.UUID], tuple[Any, ...]]:
    """What stays with its facts by id, the ids of what goes, and the facts of what is new."""
    forms: list[Any] = [line.form for line in lines]  # type: ignore[union-attr]
    stays = {form.id.data: form.facts() for form in forms if form.id.data and not form.gone.data}
    goes = frozenset(form.id.data for form in forms if form.id.data and form.gone.data)
    return stays, goes, tuple(form.facts() for form in forms if not form.id.data and form.is_used)


def _facts_of(item: PlanItem, line: ItemLine) -> ItemFacts:
    return ItemFacts(
        kind=item.kind,
        title=line.title.data or item.title,
        guidance=line.guidance.data or "",
        longest=item.longest if line.longest.data is None else line.longest.data,
        least=item.least,
        most=item.most,
        choices=tuple(item.choices),
        required=line.required.data,
        criterion_id=item.criterion_id,
    )


def typed_of(call: Call) -> dict[str, Any]:
    """The call as its rectification starts."""
    names = ("version", "description", "requirements", "questions_until")
    line = ("id", "title", "guidance", "longest", "required")
    lot, contact = ("id", "name", "cohort_size", "description"), ("id", "name", "function", "address")
    lots = [_typed(one, lot) | {"municipalities": one.organisation_ids} for one in call.lots]
    return (
        typed_criteria(call)
        | _typed(call, names)
        | {
            "lines": [_typed(item, line) for item in call.items],
            "lots": [*lots, *([{}] * NEW_LOTS)],
            "contacts": [*(_typed(one, contact) for one in call.contacts), {}],
        }
    )


def _typed(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
