"""The fields that only prices need: percentages in basis points, exact decimals, rows that may stay blank."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import flask_babel
from flask_babel import gettext as _
from wtforms import Field, FieldList
from wtforms import Form as PlainForm
from wtforms.widgets import TextInput

from app.core.forms import MoneyField
from app.pricing.rules import decimal_in, fraction_in

BLANKS = 3  # rows that are always free; one more save gives more
MOST_ROWS = 60


class PercentField(Field):
    """A percentage with at most two decimals as people type it ("12,5"); `data` is basis points (int).

    `empty` is what an empty answer means; with `whole` a hundred per cent is allowed too.
    """

    widget = TextInput()
    data: int | None

    def __init__(
        self, label: Any = None, validators: Any = None, empty: int | None = 0, whole: bool = False, **options: Any
    ) -> None:
        super().__init__(label, validators, **options)
        self.empty, self.most = empty, 10_000 if whole else 9_999

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        typed = f"{Decimal(self.data).scaleb(-2):.2f}".rstrip("0").rstrip(".")
        return typed.replace(".", ",") if str(flask_babel.get_locale()).startswith("nl") else typed

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].replace("%", "").strip() if valuelist else ""
        if not typed:
            self.data = self.empty
            return
        found = re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,2})?", typed)
        self.data = int(Decimal(typed.replace(",", ".")).scaleb(2)) if found else None
        if self.data is None or self.data > self.most:
            self.data = None
            if self.most == 10_000:
                raise ValueError(_("Give a percentage from 0 to 100."))
            raise ValueError(_("Give a percentage from 0 to 99.99."))


class DecimalField(Field):
    """An exact decimal as people type it ("0,1"); `data` is text with a point, as it is stored.

    With `as_percent` it is typed and shown as a percentage ("7,5"), and stored as a fraction ("0.075").
    """

    widget = TextInput()
    as_percent = False

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        typed = self.data or ""
        if self.as_percent and typed:
            typed = f"{Decimal(typed).scaleb(2).normalize():f}"
        return typed.replace(".", ",") if str(flask_babel.get_locale()).startswith("nl") else typed

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            self.data = ""
            return
        if self.as_percent:
            self.data = fraction_in(typed) or ""
            if not self.data:
                raise ValueError(_("Give a percentage from 0 to 100, such as 7.5%."))
            return
        value = decimal_in(typed)
        if value is None:
            self.data = ""
            raise ValueError(_("Give a number, such as 0.1."))
        self.data = f"{value:f}"


class RowForm(PlainForm):
    """One row; a row with nothing in it is left out. `needed`: what a row must have once anything is filled in."""

    needed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  # says which row it is and is no answer

    @property
    def is_blank(self) -> bool:
        return not any(str((f.raw_data or [""])[0]).strip() for f in self if f.name and not self._is_hidden(f))

    def _is_hidden(self, field: Field) -> bool:
        return field.short_name in self.hidden

    @property
    def is_complete(self) -> bool:
        return not self.is_blank and all(self[name].data not in (None, "") for name in self.needed)

    def validate(self, extra_validators: Any = None) -> bool:
        if self.is_blank:
            return True
        valid = super().validate(extra_validators)
        for name in self.needed:
            field = self[name]
            if field.data in (None, "") and not field.errors:
                field.errors = [_("Fill this in.")]
                valid = False
        return valid


def lay_rows(rows: FieldList, stored: Iterable[Mapping[str, Any]]) -> None:
    """Show what is stored and some blank rows after it; what was typed stays as it is."""
    if len(rows.entries):
        return
    for values in stored:
        rows.append_entry(dict(values))
    for _blank in range(BLANKS):
        if len(rows.entries) < MOST_ROWS:
            rows.append_entry()


def complete(rows: FieldList) -> list[Any]:
    """The forms of the rows that say all they must."""
    return [entry.form for entry in rows.entries if entry.form.is_complete]


def count_in(rows: FieldList, currency: str) -> None:
    """Amounts in the rows are in this currency."""
    for entry in rows.entries:
        for field in entry.form:
            if isinstance(field, MoneyField):
                field.currency = currency


def chosen(kind: Any, typed: Any) -> Any:
    """The word of `kind` that was chosen, None when it is none of them."""
    return kind(typed) if typed in set(kind) else None
