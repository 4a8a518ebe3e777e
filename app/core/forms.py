"""The form base and the fields that every form is made of. Shape only: rules of the domain live in operations."""

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import flask_babel
from babel.numbers import NumberFormatError, parse_decimal
from flask import current_app, g, has_request_context
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from wtforms import DateField as WTDateField
from wtforms import (
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from app.core.money import DIGITS
from app.languages import Worded

LARGEST_MINOR = 10**13  # a hundred billion: larger is a slip of the keys


class VersionField(HiddenField):
    """The `version` of the row that the person was reading; empty when there is none yet."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text.isdecimal() and len(text) < 10 else None


class OnceField(HiddenField):
    """A uuid made with the form: it becomes the id of the row, so that a double click is one act."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        try:
            self.data = uuid.UUID(valuelist[0])
        except (IndexError, ValueError):
            self.data = uuid.uuid4()


class OwnerField(HiddenField):
    """A signed note of who opened this form and where, so that it can be kept when the session ends meanwhile."""

    def _value(self) -> str:
        keeper = current_app.extensions.get("kept forms")
        return keeper.owner_of(self.form_of) if keeper is not None and has_request_context() else ""


class Form(Worded, FlaskForm):
    """Every form: `once` against double clicks, `version` against lost updates, and the status it answers with.

    `is_over`: what it asks for cannot be done any more, however often it is sent.
    `was_kept`: it was filled in before the session ended, and here it is again (accounts.kept).
    """

    once = OnceField(default=uuid.uuid4)
    version = VersionField()
    owner = OwnerField()
    refused_with: int | None = None
    is_over = False
    was_kept = False

    def __init__(self, formdata: Any = _Auto, **options: Any) -> None:
        kept = _kept_for_this_page() if formdata is _Auto else None
        super().__init__(formdata=formdata if kept is None else kept, **options)
        self.owner.form_of = self
        self.was_kept = kept is not None

    @property
    def status(self) -> int:
        if self.refused_with is not None:
            return self.refused_with
        return 422 if self.errors else 200


def _kept_for_this_page() -> Any | None:
    keeper = current_app.extensions.get("kept forms")
    return keeper.for_this_page() if keeper is not None else None


class ConfirmForm(Form):
    """A decision about a thing, with at most its reason: it holds for the thing as the person saw it.

    That thing is `obj`, else the one that the address names (access.guard). `data` says that the view looks after it.
    """

    def __init__(self, formdata: Any = _Auto, **options: Any) -> None:
        super().__init__(formdata=formdata, **options)
        self.seen = None if "data" in options else options.get("obj") or (g.get("subject") if g else None)
        if self.version.raw_data is None and self.version.data is None:
            self.version.process_data(getattr(self.seen, "version", None))

    def validate(self, extra_validators: Any = None) -> bool:
        """Nothing is decided (409) when the thing changed after the page was opened: it is shown and asked again."""
        version, read = getattr(self.seen, "version", None), self.version.data
        if None in (version, read) or version == read or not self._is_for_now():
            return bool(super().validate(extra_validators))
        self.form_errors.append(_("This changed since you opened the page. Look at it again before you decide."))
        self.refused_with = 409
        self.version.process_data(version)
        self.version.raw_data = None
        return False

    def _is_for_now(self) -> bool:
        """What can no longer be done has a better reason than that it changed: the operation tells it."""
        flow = getattr(self.seen, "FLOW", None)
        return flow is None or "action" not in g or flow.why_not(g.action, self.seen) is None


def password_again() -> PasswordField:
    """For what nobody may do at a screen that its owner left; the view asks `people.password.expect_password`."""
    return PasswordField(_l("Your password, again"), validators=[InputRequired(_l("Fill this in."))])


class PasswordForm(ConfirmForm):
    """The decision itself, and the password again."""

    password = password_again()


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def no_nul(form: FlaskForm, field: Field) -> None:
    """Control characters can be neither stored (NUL) nor shown; the page shows the rest of what was typed."""
    if isinstance(field.data, str) and CONTROL.search(field.data):
        field.data = CONTROL.sub("\ufffd", field.data)
        raise ValidationError(_("This contains a character that cannot be stored."))


def _strip(text: str | None) -> str | None:
    return text.strip() if isinstance(text, str) else text


def _checks(required: bool, longest: int) -> list[Any]:
    need = DataRequired(_l("Fill this in.")) if required else Optional()
    length = Length(max=longest, message=_l("At most %(max)d characters."))
    return [need, no_nul, length]


def text(label: Any, *, required: bool = True, longest: int = 200, **options: Any) -> StringField:
    """One line of text."""
    checks = _checks(required, longest) + list(options.pop("validators", []))
    return StringField(label, validators=checks, filters=[_strip], **options)


def long_text(label: Any, *, required: bool = True, longest: int = 5_000, **options: Any) -> TextAreaField:
    """Several lines of text."""
    checks = _checks(required, longest) + list(options.pop("validators", []))
    return TextAreaField(label, validators=checks, filters=[_strip], **options)


def whole_number(label: Any, *, least: int = 0, most: int = 1_000_000, required: bool = True, **options: Any) -> Any:
    need = InputRequired(_l("Fill this in.")) if required else Optional()
    between = NumberRange(least, most, _l("Give a whole number from %(min)s to %(max)s."))
    return PlainIntegerField(label, validators=[need, between], **options)


class PlainIntegerField(IntegerField):
    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation  # it said already what is wrong

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None  # emptied on purpose, not what stood there before
            return
        typed = valuelist[0].strip()
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", typed):  # one that is far too large is told what it may be
            self.data = None
            raise ValueError(_("Give a whole number."))
        self.data = int(typed)


def choice(label: Any, words: Iterable[Any] = (), *, required: bool = True, **options: Any) -> SelectField:
    """A choice from `Labelled` words; fill `field.choices` with `choices_of(rows)` for rows."""
    choices = [SelectChoice(str(word.value), word.label) for word in words]
    if not required:
        choices.insert(0, SelectChoice("", "–"))
    checks = [DataRequired(_l("Choose one."))] if required else [Optional()]
    return SelectField(label, choices=choices, validators=checks, **options)


def checks(label: Any, words: Iterable[Any] = (), **options: Any) -> SelectMultipleField:
    """Several of `Labelled` words, each with a box to tick; fill `field.choices` for rows."""
    choices = [SelectChoice(str(word.value), word.label) for word in words]
    boxes: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
    return ChecksField(label, choices=choices, **boxes, **options)


class ChecksField(SelectMultipleField):
    def pre_validate(self, form: Any) -> None:
        """Something that was never offered: said without repeating it, since it may be an id."""
        if not {str(choice) for choice in self.data or ()} <= {str(one.value) for one in self.iter_choices()}:
            raise ValidationError(_("Choose from the list."))


def choices_of(rows: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """(id, name) pairs as choices, with an empty first one that asks to choose."""
    return [SelectChoice("", _("Choose…")), *(SelectChoice(str(key), name) for key, name in rows)]


class DateField(WTDateField):
    """A day (native date input); years outside 1900-2200 are slips of the keys."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            day = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            day = None
        self.data = None
        if day is None:
            raise ValueError(_("Give a date that exists, such as 2026-06-30."))
        if not 1900 <= day.year <= 2200:
            raise ValueError(_("Check the year: it lies between 1900 and 2200."))
        self.data = day


def day(label: Any, *, required: bool = True, **options: Any) -> DateField:
    need = InputRequired(_l("Fill this in.")) if required else Optional()
    return DateField(label, validators=[need], **options)


def amount_typed(minor: int, currency: str) -> str:
    """`125000` -> "1250.00" or, for a Dutch reader, "1250,00": as it would be typed in a field."""
    digits = DIGITS[currency]
    typed = f"{Decimal(minor).scaleb(-digits):.{digits}f}"
    return typed.replace(".", ",") if str(flask_babel.get_locale()).startswith("nl") else typed


class MoneyField(Field):
    """An amount in major units as people type it ("1.234,50", "1234.50"); `data` is minor units (int)."""

    widget = TextInput()
    data: Any

    def __init__(self, label: Any = None, validators: Any = None, currency: str = "EUR", **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.currency = currency

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return amount_typed(self.data, self.currency)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        self.data = self._minor(re.sub(r"[\s\u00a0€]", "", valuelist[0]))

    def _minor(self, typed: str) -> int:
        # A separator before one or two last digits can only be the decimal one, in any language. One before three is
        # thousands to one reader and decimals to another, whatever language the page is in.
        if re.fullmatch(r"-?[0-9]{1,3}[.,][0-9]{3}", typed):
            whole = re.sub(r"[.,]", "", typed)
            cents = amount_typed(int(whole) * 10 ** DIGITS[self.currency], self.currency)
            raise ValueError(_("This can be read in two ways. Write %(whole)s or %(cents)s.", whole=whole, cents=cents))
        try:
            if re.fullmatch(r"-?[0-9]+([.,][0-9]{1,2})?", typed):
                major = Decimal(typed.replace(",", "."))
            elif not re.fullmatch(r"-?[0-9][0-9.,]*", typed):  # parse_decimal takes "Infinity", "1e9", other digits
                raise InvalidOperation
            else:
                major = parse_decimal(typed, locale=flask_babel.get_locale(), strict=True)
        except (NumberFormatError, InvalidOperation):
            raise ValueError(_("Give an amount, such as 1,250.00.")) from None
        minor = major.scaleb(DIGITS[self.currency])
        if minor != minor.to_integral_value():
            raise ValueError(_("Give an amount in whole cents."))
        return int(minor)


def amount(
    label: Any, *, required: bool = True, least: int = 1, most: int = LARGEST_MINOR, **options: Any
) -> MoneyField:
    """Money in minor units, from `least` to `most`."""

    def between(form: FlaskForm, field: Field) -> None:
        if field.data is not None and field.data < least:
            raise ValidationError(_("The amount must be above zero.") if least > 0 else _("The amount is too low."))
        if field.data is not None and field.data > most:
            raise ValidationError(_("The amount is too high."))

    need = InputRequired(_l("Fill this in.")) if required else Optional()
    return MoneyField(label, validators=[need, between], **options)
