import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, PasswordField, RadioField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import TextInput

from app.capital.allotment import AllotmentRule
from app.capital.day_count import DayCount
from app.capital.models import Tranche, TrancheTerms
from app.capital.operations import RoundFacts, TrancheFacts
from app.core.document import Document, read_document
from app.core.format import number
from app.core.forms import (
    ConfirmForm,
    Form,
    amount,
    choice,
    choices_of,
    day,
    long_text,
    password_again,
    text,
    whole_number,
)
from app.people.models import Organisation

LINES = 3


class PercentField(Field):
    """A percentage as people type it ("4,25"); `data` is basis points (int)."""

    widget = TextInput()

    def __init__(self, *arguments: Any, whole: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.whole = whole  # 100 % can be meant

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else number(Decimal(self.data).scaleb(-2))

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].strip().removesuffix("%").strip() if valuelist else ""
        if not typed:
            self.data = None
            return
        found = re.fullmatch(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?", typed)
        self.data = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found is not None else None
        if self.data is None or self.data > (10_000 if self.whole else 9_999):
            self.data = None
            if self.whole:
                raise ValueError(_("Give a percentage from 0 to 100."))
            raise ValueError(_("Give a percentage from 0 to 99.99."))


class TrancheForm(PlainForm):
    """One line; a line without a name is left out."""

    name = text(_l("Name of the tranche"), required=False, longest=80)
    rank = whole_number(_l("Rank (1 is served first)"), least=1, most=9, required=False)
    terms = choice(_l("Terms"), TrancheTerms)
    rate_bp = PercentField(_l("Interest of a loan, % a year"))
    day_count = choice(_l("Days of interest of a loan"), DayCount, required=False)
    irr_cap_bp = PercentField(_l("Highest return, % a year (IRR)"))
    guarantee = amount(_l("Guarantee: at most made up at the end"), required=False)
    guarantor = text(_l("Who gives the guarantee"), required=False, longest=200)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and self.name.data and self.rank.data is None:
            self.rank.errors = [_("Say when this tranche is served: 1 is first.")]
            return False
        if valid and self.name.data and self.terms.data == TrancheTerms.LOAN and not self.day_count.data:
            self.day_count.errors = [_("Say how the days of interest of this loan are counted.")]
            return False
        return valid

    def facts(self) -> TrancheFacts:
        return TrancheFacts(
            name=self.name.data or "",
            rank=self.rank.data,
            terms=TrancheTerms(self.terms.data),
            rate_bp=self.rate_bp.data,
            irr_cap_bp=self.irr_cap_bp.data,
            day_count=DayCount(self.day_count.data or DayCount.ACT_365F),
            guarantee_minor=self.guarantee.data or 0,
            guarantor=self.guarantor.data or "",
        )


class RoundForm(Form):
    target = amount(_l("Target"))
    minimum = amount(_l("Minimum without which the bond cannot start"))
    maximum = amount(_l("Maximum that is allotted"), required=False)
    allotment = choice(_l("When more is offered than the maximum"), AllotmentRule)
    ticket_least = amount(_l("Smallest commitment"), required=False)
    ticket_step = amount(_l("Above it, in steps of"), required=False)
    opens_on = day(_l("First day to commit"), required=False)
    closes_on = day(_l("Last day to commit"))
    recycles = BooleanField(_l("What municipalities paid may be used again for running costs"), default=True)
    excess = PercentField(_l("Of what is left at the end, for the service providers (per cent)"), default=0, whole=True)
    term_sheet = long_text(_l("Term sheet"), longest=20_000)
    file = FileField(_l("The term sheet as a file"))
    sheet: Document | None = None
    tranches = FieldList(FormField(TrancheForm), label=_l("Tranches"), min_entries=LINES, max_entries=LINES)

    def validate_file(self, field: Field) -> None:
        if field.data:
            self.sheet = read_document(field.data)

    def facts(self) -> RoundFacts:
        lines = [entry.form for entry in self.tranches.entries if entry.form.name.data]
        typed: dict[str, Any] = self.data
        return RoundFacts(
            target_minor=typed["target"],
            minimum_minor=typed["minimum"],
            closes_on=typed["closes_on"],
            term_sheet=typed["term_sheet"],
            tranches=tuple(line.facts() for line in lines),
            maximum_minor=typed["maximum"],
            ticket_least_minor=typed["ticket_least"] or 1,
            ticket_step_minor=typed["ticket_step"] or 1,
            allotment=AllotmentRule(typed["allotment"]),
            opens_on=typed["opens_on"],
            recycles=typed["recycles"],
            excess_to_providers_bp=typed["excess"] or 0,
            sheet=self.sheet,
        )


class InviteForm(Form):
    organisation = choice(_l("Investor"))


class CommitForm(Form):
    """First the amount; then, with its figures before one's eyes (`seen`), the promise itself."""

    organisation = choice(_l("On behalf of"))
    tranche = choice(_l("Tranche"))
    amount = amount(_l("Amount"))
    seen = HiddenField()
    digest = HiddenField()
    bound = BooleanField(_l("I may bind this organisation, and I have read the terms, the prices and the risks."))
    password = PasswordField(_l("Your password, again"))

    def offer(self, organisations: Sequence[Organisation], tranches: Sequence[Tranche]) -> None:
        """What there is to choose from; where it is one thing, it is chosen."""
        for field, rows in ((self.organisation, organisations), (self.tranche, tranches)):
            field.choices = choices_of((row.id, row.name) for row in rows)
            if len(rows) == 1 and not field.data:
                field.data = str(rows[0].id)

    def figures(self) -> str:
        """What the shown figures were computed from; changed meanwhile, they are shown anew."""
        if self.amount.errors or self.amount.data is None or self.tranche.errors or self.organisation.errors:
            return "none"
        return f"{self.organisation.data} {self.tranche.data} {self.amount.data}"

    def validate_password(self, field: Field) -> None:
        if self.seen.data == self.figures() and not field.data:
            raise ValidationError(_("Fill this in."))

    def validate_bound(self, field: Field) -> None:
        if self.seen.data and not field.data:
            raise ValidationError(_("Confirm this first."))


class CoSignForm(Form):
    bound = BooleanField(
        _l("I may bind this organisation, and I have read the terms, the prices and the risks."),
        validators=[InputRequired(_l("Confirm this first."))],
    )
    password = password_again()


class ReduceForm(Form):
    amount = amount(_l("New amount"))
    password = password_again()


class WithdrawForm(ConfirmForm):
    password = password_again()


class InterestForm(Form):
    organisation = choice(_l("On behalf of"))
    amount = amount(_l("Amount you think of"))
    conditions = long_text(_l("Conditions"), required=False, longest=2_000)
    expires_on = day(_l("Holds until"))


class CloseForm(Form):
    stands = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("yes", _l("The consortium stands")),
            SelectChoice("no", _l("The round fails and everybody is released")),
        ],
        default="yes",
    )
