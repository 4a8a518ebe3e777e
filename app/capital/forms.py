import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, RadioField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from app.capital.models import Tranche, TrancheTerms
from app.capital.operations import RoundFacts, TrancheFacts
from app.core.format import number
from app.core.forms import Form, amount, choice, choices_of, day, long_text, text, whole_number
from app.people.models import Organisation

LINES = 3


class PercentField(Field):
    """A percentage as people type it ("4,25"); `data` is basis points (int)."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else number(Decimal(self.data).scaleb(-2))

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].strip().removesuffix("%").strip() if valuelist else ""
        if not typed:
            self.data = None
            return
        found = re.fullmatch(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?", typed)
        if found is None:
            self.data = None
            raise ValueError(_("Give a percentage from 0 to 99.99."))
        self.data = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


class TrancheForm(PlainForm):
    """One line; a line without a name is left out."""

    name = text(_l("Name of the tranche"), required=False, longest=80)
    rank = whole_number(_l("Served as number"), least=1, most=9, required=False)
    terms = choice(_l("Terms"), TrancheTerms)
    rate_bp = PercentField(_l("Interest of a loan, % a year"))
    irr_cap_bp = PercentField(_l("Highest return, % a year (IRR)"))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if valid and self.name.data and self.rank.data is None:
            self.rank.errors = [_("Say when this tranche is served: 1 is first.")]
            return False
        return valid


class RoundForm(Form):
    target = amount(_l("Target"))
    minimum = amount(_l("Minimum without which the bond cannot start"))
    closes_on = day(_l("Last day to commit"))
    term_sheet = long_text(_l("Term sheet"), longest=20_000)
    tranches = FieldList(FormField(TrancheForm), label=_l("Tranches"), min_entries=LINES, max_entries=LINES)

    def facts(self) -> RoundFacts:
        lines = [entry.form for entry in self.tranches.entries if entry.form.name.data]
        typed: dict[str, Any] = self.data
        return RoundFacts(
            target_minor=typed["target"],
            minimum_minor=typed["minimum"],
            closes_on=typed["closes_on"],
            term_sheet=typed["term_sheet"],
            tranches=tuple(
                TrancheFacts(
                    name=line.name.data,
                    rank=line.rank.data,
                    terms=TrancheTerms(line.terms.data),
                    rate_bp=line.rate_bp.data,
                    irr_cap_bp=line.irr_cap_bp.data,
                )
                for line in lines
            ),
        )


class InviteForm(Form):
    organisation = choice(_l("Investor"))


class CommitForm(Form):
    """First the amount; then, with its figures before one's eyes (`seen`), the promise itself."""

    organisation = choice(_l("On behalf of"))
    tranche = choice(_l("Tranche"))
    amount = amount(_l("Amount"))
    seen = HiddenField()
    bound = BooleanField(_l("I may bind this organisation, and I have read the terms, the prices and the risks."))

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

    def validate_bound(self, field: Field) -> None:
        if self.seen.data and not field.data:
            raise ValidationError(_("Confirm this first."))


class CloseForm(Form):
    stands = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("yes", _l("The consortium stands")),
            SelectChoice("no", _l("The round fails and everybody is released")),
        ],
        default="yes",
    )
