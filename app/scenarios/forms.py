"""The answers of a what-if. They stand in the address, so that a link shares them; what is left out has a default."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import TextInput

from app.core.flow import Labelled
from app.core.format import day as day_words
from app.core.forms import Form, amount, amount_typed, choice, day, text, whole_number
from app.pricing.models import PriceTable
from app.pricing.plausible import half_yearly_groups
from app.pricing.terms import Effect
from app.programmes.models import Programme
from app.scenarios.assumptions import CASES, PEOPLE, Assumptions, Guess, months_after
from app.scenarios.expected import expected_months, expected_rates
from app.scenarios.outlook import capital_of
from app.scenarios.queries import Setting, short, tranches_of
from app.scenarios.seed import SEEDS, new_seed

MOST_PEOPLE, MOST_MONTHS, MOST_UNITS = 10_000, 240, 100_000
MOST_INTAKES, MOST_CALLS = 60, 20
CASE_WORDS = {"low": _l("Low"), "expected": _l("Expected"), "high": _l("High")}


class Rhythm(Labelled):
    HALF_YEAR = "half_year", _l("every half-year")
    QUARTER = "quarter", _l("every quarter")
    MONTH = "month", _l("every month")

    @property
    def months(self) -> int:
        return {Rhythm.HALF_YEAR: 6, Rhythm.QUARTER: 3}.get(self, 1)


class RateField(Field):
    """A percentage from 0 to 100 with at most two decimals; `data` is basis points (int)."""

    widget = TextInput()
    data: int | None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].removesuffix("%").strip() if valuelist else ""
        self.data = None
        if re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,2})?", typed):
            points = int(Decimal(typed.replace(",", ".")).scaleb(2))
            if points <= 10_000:
                self.data = points
                return
        raise ValueError(_("Give a percentage from 0 to 100."))


class SpreadField(Field):
    """How many start each time, such as "10 20 40"; `data` is those numbers, none for an even spread."""

    widget = TextInput()
    data: tuple[int, ...]

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = (valuelist[0] if valuelist else "").replace(",", " ").replace(";", " ").split()
        self.data = ()
        if not all(re.fullmatch(r"[0-9]{1,5}", part) for part in typed[: MOST_INTAKES + 1]):
            raise ValueError(_("Give whole numbers with a space between them, such as 10 20 40."))
        self.data = tuple(int(part) for part in typed[: MOST_INTAKES + 1])


class SaveForm(Form):
    title = text(_l("Name of the scenario"), longest=120)


class WhatIfForm(Form):
    """What does not depend on the bond; `form_of` adds a field per municipality, effect and tranche."""

    table = choice(_l("Price table"))
    first_intake = day(_l("First participants start on"))
    rhythm = choice(_l("Then new ones start"), Rhythm)
    intakes = whole_number(_l("Number of times that participants start"), least=1, most=MOST_INTAKES)
    spread = SpreadField(_l("How many start each time"))
    calls = whole_number(_l("Capital is called in this many half-yearly parts"), least=1, most=MOST_CALLS)
    seed = whole_number(_l("Seed of the draws"), least=0, most=SEEDS - 1)

    setting: Setting

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            self._explain_day()
            return False
        self._check_people()
        self._check_spread()
        self._check_days()
        for effect in self.effects:
            self._check_effect(effect)
        return not self.errors

    def _explain_day(self) -> None:
        """A year such as 2999 exists; what is wrong with it is that the bond does not last so long."""
        with suppress(ValueError):
            if self.first_intake.data is None and date.fromisoformat(self.first_intake.raw_data[0].strip()):
                self.first_intake.errors = [_outside(self.setting.programme)]

    def _check_people(self) -> None:
        fields = [self[name_of("cohort", one.organisation_id)] for one in self.setting.shares]
        if fields and sum(field.data for field in fields) > MOST_PEOPLE:
            _refuse(fields[0], _("At most %(most)d participants in all.", most=MOST_PEOPLE))
        if fields and not any(field.data for field in fields):
            _refuse(fields[0], _("Give at least one participant."))

    def _check_spread(self) -> None:
        """The numbers are a division: of a municipality with half the participants, half as many start."""
        numbers, times = self.spread.data, self.intakes.data
        if numbers and len(numbers) != times:
            _refuse(self.spread, _("Give as many numbers as times that participants start: %(times)d.", times=times))
        elif numbers and not any(numbers):
            _refuse(self.spread, _("Give at least one participant."))

    def _check_days(self) -> None:
        programme = self.setting.programme
        if not programme.starts_on <= self.first_intake.data <= programme.tail_until:
            _refuse(self.first_intake, _outside(programme))
        elif months_after(self.first_intake.data, (self.intakes.data - 1) * self.spacing) > programme.tail_until:
            _refuse(self.intakes, _("The last ones would start after the bond has ended."))
        if months_after(programme.starts_on, (self.calls.data - 1) * 6) > programme.tail_until:
            _refuse(self.calls, _("The last part would be called after the bond has ended."))

    def _check_effect(self, effect: Effect) -> None:
        low, expected, high = (self[name_of(case, effect.id)] for case in CASES)
        if not low.data <= expected.data:
            _refuse(expected, _("This is below the low rate."))
        if not expected.data <= high.data:
            _refuse(high, _("This is below the expected rate."))
        for needed in effect.requires:
            if self[name_of("months", effect.id)].data < self[name_of("months", needed)].data:
                name = self.setting.effect_name(needed)
                reason = _("This is before %(effect)s, which it requires.", effect=name)
                _refuse(self[name_of("months", effect.id)], reason)

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.setting.terms.effects if self.setting.terms else ()

    @property
    def spacing(self) -> int:
        return Rhythm(self.rhythm.data).months

    def assumptions(self) -> Assumptions:
        """What was typed, as the engine takes it. Only after `validate`."""
        setting, terms = self.setting, self.setting.terms
        assert terms is not None
        people = {str(one.organisation_id): self[name_of("cohort", one.organisation_id)].data for one in setting.shares}
        amounts = {str(one.id): self[name_of("capital", one.id)].data or 0 for one in setting.tranches}
        days = tuple(months_after(setting.programme.starts_on, 6 * number) for number in range(self.calls.data))
        return Assumptions(
            terms=terms,
            cohort=tuple(people.get(payer.id, 0) for payer in terms.payers),
            intakes=tuple(months_after(self.first_intake.data, n * self.spacing) for n in range(self.intakes.data)),
            guesses={effect.id: self._guess(effect) for effect in terms.effects},
            settle_on=setting.programme.settlement_days,
            capital=capital_of(tranches_of(setting), amounts, setting.own, days, terms.step),
            weights=self.spread.data,
        )

    def _guess(self, effect: Effect) -> Guess:
        low, expected, high = (self[name_of(case, effect.id)].data for case in CASES)
        units, months = self[name_of("units", effect.id)].data, self[name_of("months", effect.id)].data
        return Guess((low, expected, high), units, months)

    def address(self) -> dict[str, str]:
        """The answers as they stand in the address of the page, the table and the seed included."""
        return {name: str(field.raw_data[0]) for name, field in self._fields.items() if name not in HIDDEN}


def _outside(programme: Programme) -> str:
    first, last = day_words(programme.starts_on), day_words(programme.tail_until)
    return _("Give a day of this bond: from %(first)s to %(last)s.", first=first, last=last)


HIDDEN = {"once", "version", "owner"}


def _refuse(field: Any, reason: str) -> None:
    field.errors = [*field.errors, reason]


def name_of(what: str, of: Any) -> str:
    """A field: `cohort_1a2b3c4d`; `l_work-13w` for the low rate, for an address has to stay short."""
    return f"{what}_{short(of)}" if what in ("cohort", "capital") else f"{what[0]}_{of}"


def form_of(setting: Setting, typed: Mapping[str, str]) -> WhatIfForm:
    """The form of this bond and table, filled in with what was typed and with defaults for the rest."""
    kind = type("WhatIfFormOfBond", (WhatIfForm,), {"setting": setting, **_fields(setting)})
    filled = {name: typed.get(name, default) for name, default in _defaults(setting).items()}
    form: WhatIfForm = kind(formdata=MultiDict(filled), meta={"csrf": False})
    form.table.choices = [SelectChoice(str(one.id), _table_label(setting, one)) for one in setting.tables]
    return form


def _table_label(setting: Setting, table: PriceTable) -> str:
    if table.id == setting.agreed:
        return _("%(table)s, in the agreement", table=table.title)
    return _("%(table)s, %(state)s", table=table.title, state=table.state.label)


def _fields(setting: Setting) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for share in setting.shares:
        label = _("Participants in %(name)s", name=share.organisation.name)
        fields[name_of("cohort", share.organisation_id)] = whole_number(label, most=MOST_PEOPLE)
    for effect in setting.terms.effects if setting.terms else ():
        name = setting.effect_name(effect.id)
        for case in CASES:
            fields[name_of(case, effect.id)] = RateField(_("%(case)s, %(effect)s", case=CASE_WORDS[case], effect=name))
        fields[name_of("units", effect.id)] = whole_number(_("Units, %(effect)s", effect=name), most=MOST_UNITS)
        fields[name_of("months", effect.id)] = whole_number(_("Months, %(effect)s", effect=name), most=MOST_MONTHS)
    for tranche in setting.tranches:
        label = _("Capital in %(tranche)s", tranche=tranche.name)
        fields[name_of("capital", tranche.id)] = amount(
            label, required=False, least=0, currency=setting.programme.currency
        )
    return fields


def _defaults(setting: Setting) -> dict[str, str]:
    """Text as if it had been typed, in the order of the page."""
    programme = setting.programme
    groups = half_yearly_groups(programme)
    answers = {"table": str(setting.table.id) if setting.table else ""}
    for share in setting.shares:
        answers[name_of("cohort", share.organisation_id)] = str(share.cohort_size)
    answers |= {"first_intake": groups[0].isoformat(), "rhythm": Rhythm.HALF_YEAR.value}
    answers |= {"intakes": str(min(len(groups), MOST_INTAKES)), "spread": ""}
    rates, months = expected_rates(setting), expected_months(setting, MOST_MONTHS)
    for effect in setting.terms.effects if setting.terms else ():
        answers |= {name_of(case, effect.id): str(rates[effect.id][case]) for case in CASES}
        answers[name_of("units", effect.id)] = str(_usual_units(effect))
        answers[name_of("months", effect.id)] = str(months[effect.id])
    for tranche in setting.tranches:
        minor = setting.capital[str(tranche.id)]
        answers[name_of("capital", tranche.id)] = amount_typed(minor, programme.currency)
    return answers | {"calls": "1", "seed": str(new_seed())}


def _usual_units(effect: Effect) -> int:
    """One per participant; for a measured effect the top of its scale, as far as the table tells."""
    if effect.kind in PEOPLE:
        return 1
    ends = [step.at for step in effect.steps] + [band.end for band in effect.bands]
    return max(1, min(MOST_UNITS, -(-max(ends, default=1) // 1)))
