"""The form of each piece of a plan: made from what the call asks, holding what was written last."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from app.calls.asked import LONGEST, ItemKind
from app.calls.key_forms import PassphraseField
from app.consortia.models import Consortium
from app.core.document import Document, read_document
from app.core.forms import ConfirmForm, Form, amount, long_text, text, whole_number
from app.pricing.fields import MOST_ROWS, PercentField, RowForm, complete, count_in, lay_rows
from app.pricing.models import Effect
from app.proposals.budget import WHOLE, Line
from app.proposals.content import DISCOUNT
from app.proposals.pieces import Piece

LARGEST_VOLUME = 1_000_000
LARGEST_NUMBER = 1_000_000_000


class PieceForm(Form):
    """One answer. `document` is the file that was chosen, once the form is found to be right."""

    def value(self) -> Any:
        """What is kept; None when it is empty."""
        answer = self["answer"].data
        return None if answer in ("", None) else answer


def _ended_by_one(text: str | None) -> str | None:
    """The end of a line is one character, as the browser counts it, and not the two that it sends."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


class FileForm(PieceForm):
    document: Document | None = None
    answer = FileField(_l("Your file"))
    remove = BooleanField(_l("Remove the file that is there"))

    def validate_answer(self, field: Any) -> None:
        if not field.data:
            if not self.remove.data:
                raise ValidationError(_("Choose a PDF, PNG or JPEG of at most %(most)d MB.", most=10))
            return
        self.document = read_document(field.data)

    def value(self) -> Document | None:
        return self.document


class VolumesForm(PieceForm):
    """A number per effect and, in per cents, the years in which the effects are expected."""

    effects: list[Effect] = []
    years: list[int] = []

    def value(self) -> Any:
        numbers = {str(effect.id): self[volume_name(effect)].data for effect in self.effects}
        parts = {str(year): self[year_name(year)].data for year in self.years}
        kept = {"numbers": _filled(numbers), "years": _filled(parts)}
        return kept if any(kept.values()) else None

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        given = sum(self[year_name(year)].data or 0 for year in self.years)
        if valid and given not in (0, WHOLE):
            told = _("The percentages per year must add up to 100; they add up to %(sum)d.", sum=given)
            self[year_name(self.years[0])].errors = [told]
            return False
        return valid


def _filled(numbers: Mapping[str, int | None]) -> dict[str, int]:
    return {key: number for key, number in numbers.items() if number}


class BudgetRow(RowForm):
    """What one partner spends on something in one year; a line with nothing in it is left out."""

    needed = ("organisation_id", "year", "amount_minor")
    organisation_id = SelectField(_l("Partner"))
    year = SelectField(_l("Year"))
    what = text(_l("On what"), required=False, longest=120)
    amount_minor = amount(_l("Amount"), required=False)


class BudgetForm(PieceForm):
    lines = FieldList(FormField(BudgetRow), _l("Budget lines"), max_entries=MOST_ROWS)

    def value(self) -> Any:
        return [_line(row) for row in complete(self.lines)] or None


def _line(row: Any) -> dict[str, Any]:
    return {
        "organisation_id": row.organisation_id.data,
        "year": int(row.year.data),
        "what": row.what.data or "",
        "amount_minor": row.amount_minor.data,
    }


def form_of(piece: Piece, consortium: Consortium, lines: list[Line], value: Any, version: int) -> PieceForm:
    """The form of a piece, filled with what is stored."""
    made: PieceForm = FORMS[piece.kind](piece, consortium, lines, value, version)
    return made


def _text_form(piece: Piece, _consortium: Any, _lines: Any, value: Any, version: int) -> PieceForm:
    longest = (piece.item.longest if piece.item else None) or LONGEST
    field = long_text(piece.title, required=False, longest=longest)
    field.kwargs["filters"] = [_ended_by_one, *field.kwargs["filters"]]  # type: ignore[attr-defined]
    return _made({"answer": field}, {"answer": value, "version": version})


def _number_form(piece: Piece, _consortium: Any, _lines: Any, value: Any, version: int) -> PieceForm:
    item = piece.item
    least = item.least if item and item.least is not None else 0
    most = item.most if item and item.most is not None else LARGEST_NUMBER
    field = whole_number(piece.title, least=least, most=most, required=False)
    return _made({"answer": field}, {"answer": value, "version": version})


def _choice_form(piece: Piece, _consortium: Any, _lines: Any, value: Any, version: int) -> PieceForm:
    offered = piece.item.choices if piece.item else []
    choices = [SelectChoice("", "–"), *(SelectChoice(one, one) for one in offered)]
    return _made({"answer": SelectField(piece.title, choices=choices)}, {"answer": value, "version": version})


def _file_form(_piece: Any, _consortium: Any, _lines: Any, _value: Any, version: int) -> PieceForm:
    return FileForm(data={"version": version})


def _volumes_form(_piece: Any, consortium: Consortium, lines: list[Line], value: Any, version: int) -> PieceForm:
    years = list(consortium.call.programme.years)
    fields: dict[str, Any] = {"effects": [line.effect for line in lines], "years": years}
    for line in lines:
        most = LARGEST_VOLUME if line.ceiling is None else line.ceiling
        fields[volume_name(line.effect)] = whole_number(line.effect.name, most=most, required=False)
    for year in years:
        fields[year_name(year)] = whole_number(str(year), most=WHOLE, required=False)
    kept = value or {"numbers": {}, "years": {}}
    data: dict[str, Any] = {"version": version}
    data |= {volume_name(line.effect): kept["numbers"].get(str(line.effect.id)) for line in lines}
    data |= {year_name(year): kept["years"].get(str(year)) for year in years}
    return _made(fields, data, VolumesForm)


def _budget_form(_piece: Any, consortium: Consortium, _lines: Any, value: Any, version: int) -> PieceForm:
    form = BudgetForm(data={"version": version})
    lay_rows(form.lines, value or ())
    partners = [(str(p.organisation_id), p.organisation.name) for p in consortium.taking_part]
    for entry in form.lines.entries:
        entry.form.organisation_id.choices = _offered(partners)
        entry.form.year.choices = _offered([(str(year), str(year)) for year in consortium.call.programme.years])
    count_in(form.lines, consortium.call.programme.currency)
    return form


def _offered(pairs: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", "–"), *(SelectChoice(key, name) for key, name in pairs)]


def _discount_form(piece: Piece, _consortium: Any, _lines: Any, value: Any, version: int) -> PieceForm:
    return _made({"answer": PercentField(piece.title, empty=None)}, {"answer": value, "version": version})


FORMS: dict[str, Callable[..., PieceForm]] = {
    ItemKind.TEXT: _text_form,
    ItemKind.NUMBER: _number_form,
    ItemKind.CHOICE: _choice_form,
    ItemKind.FILE: _file_form,
    ItemKind.VOLUMES: _volumes_form,
    ItemKind.BUDGET: _budget_form,
    DISCOUNT: _discount_form,
}


def _made(fields: dict[str, Any], data: dict[str, Any], base: type[PieceForm] = PieceForm) -> PieceForm:
    form: PieceForm = type("FormOfPiece", (base,), fields)(data=data)
    return form


def volume_name(effect: Effect) -> str:
    return f"volume-{effect.code}"


def year_name(year: int) -> str:
    return f"year-{year}"


class ConfirmPlanForm(Form):
    """`read`: what the plan stood on when this page was loaded."""

    read = HiddenField(validators=[DataRequired()])


class WithdrawForm(ConfirmForm):
    """The passphrase, or the word that it is lost; then the text is lost too."""

    passphrase = PassphraseField(_l("Passphrase"), required=False)
    lost = BooleanField(_l("We have lost the passphrase"))
    erased = BooleanField(_l("Erase the whole text of the plan: we start anew"))

    def validate_passphrase(self, field: PassphraseField) -> None:
        if not field.data and not self.lost.data:
            raise ValidationError(_("Give the passphrase, or say that it is lost."))

    def validate_lost(self, field: BooleanField) -> None:
        if field.data and self.passphrase.data:
            raise ValidationError(_("The passphrase is given, so it is not lost. Untick this or empty the passphrase."))

    def validate_erased(self, field: BooleanField) -> None:
        if self.lost.data and not field.data and not self.passphrase.data:
            raise ValidationError(_("Without the passphrase the text cannot come back. Tick this to erase it."))
        if field.data and not self.lost.data:
            raise ValidationError(_("The text is erased only when the passphrase is lost."))
