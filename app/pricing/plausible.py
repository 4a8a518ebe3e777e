"""What could be proven, as facts for the engine: everything by everybody, or what is expected.

Intake is spread evenly over the programme's period, and an effect follows `months_after` intake at the earliest, never
before what it requires. Pure; days are days of the calendar, units and counts are whole numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.core.money import share
from app.pricing.models import PERSONAL, Effect, EffectKind, PriceTable
from app.pricing.rounding import Number
from app.pricing.terms import Fact
from app.programmes.models import MunicipalityShare, Programme

DAYS_OF_UNIT = {"day": 1, "dag": 1, "week": 7, "month": 30, "maand": 30, "year": 365, "jaar": 365}
LAST_MONTHS = 1_200


@dataclass(frozen=True, slots=True)
class Person:
    """Nobody: a place in the cohort, with the payer it lives with and the day of its intake."""

    id: str
    payer: str
    starts: date


def everything(table: PriceTable, shares: Sequence[MunicipalityShare], *, late: bool = False) -> list[Fact]:
    """Each participant reaches every effect as often as the table pays for, as soon as it can.

    Or as `late` as it can: the last who still can on the last day of the tail, whoever came before as much sooner.
    """
    return [fact for effect in table.effects for fact in _facts(effect, table, shares, everybody=True, late=late)]


def expectation(table: PriceTable, shares: Sequence[MunicipalityShare]) -> list[Fact]:
    """`expected_count` of each effect, split over the municipalities by largest remainder, spread over the intake."""
    return [fact for effect in table.effects for fact in _facts(effect, table, shares, everybody=False)]


def fees(table: PriceTable, shares: Sequence[MunicipalityShare]) -> list[Fact]:
    """What is paid when nobody reaches anything."""
    found = [effect for effect in table.effects if effect.kind == EffectKind.FEE]
    return [fact for effect in found for fact in _facts(effect, table, shares, everybody=True)]


def _facts(
    effect: Effect, table: PriceTable, shares: Sequence[MunicipalityShare], *, everybody: bool, late: bool = False
) -> Iterator[Fact]:
    programme, months = table.programme, _months(effect, {e.code: e for e in table.effects})
    if effect.kind not in PERSONAL:
        yield from _cohort_facts(effect, programme, shares, months, everybody)
        return
    sizes = [municipality.cohort_size for municipality in shares]
    counts = share(effect.expected_count or 0, sizes) if sum(sizes) else []
    for number, municipality in enumerate(shares):
        people = people_of(programme, municipality)
        if everybody:
            later_days = _slack(people, programme, months) if late else 0
            for person in people:
                yield from _most(effect, person, programme, months, later_days)
        elif people:
            start = _start(effect, table.effects, len(people))
            yield from _some(effect, people[start:] + people[:start], counts[number], programme, months)


def most_times(effect: Effect, programme: Programme) -> int | None:
    """How often a cohort of this size can reach an effect per person; None where nothing limits it."""
    if effect.kind != EffectKind.PER_PERSON or effect.max_per_person is None or programme.cohort_size is None:
        return None
    return programme.cohort_size * effect.max_per_person


def expects_too_many(effect: Effect, programme: Programme) -> bool:
    """Whether more is expected of the effect than the participants of this bond can reach."""
    most = most_times(effect, programme)
    return most is not None and (effect.expected_count or 0) > most


def people_of(programme: Programme, municipality: MunicipalityShare) -> list[Person]:
    """The cohort of one municipality, in an order of which every beginning is spread over the intake."""
    size, payer = municipality.cohort_size, str(municipality.organisation_id)
    days = (programme.ends_on - programme.starts_on).days
    bits = max(1, (size - 1).bit_length())
    order = sorted(range(size), key=lambda place: int(f"{place:0{bits}b}"[::-1], 2))
    return [
        Person(f"{payer}/{place}", payer, programme.starts_on + timedelta(days=days * (2 * place + 1) // (2 * size)))
        for place in order
    ]


def half_yearly_groups(programme: Programme) -> list[date]:
    """The even intake of this module as half-yearly groups, each on the day that lies in the middle of its half-year.

    From it a what-if starts, so that it and the gates C1, C5 and C6 look at one intake.
    """
    after = programme.ends_on + timedelta(days=1)
    months = (after.year - programme.starts_on.year) * 12 + after.month - programme.starts_on.month
    first = add_months(programme.starts_on, max(0, min(months, 6)) // 2)
    return [add_months(first, 6 * number) for number in range(max(1, (months + 2) // 6))]


def _slack(people: Sequence[Person], programme: Programme, months: int) -> int:
    """How many days later than at the earliest the effect can come to everybody who can still reach it."""
    days = [(programme.tail_until - add_months(person.starts, months)).days for person in people]
    return min((day for day in days if day >= 0), default=0)


def _most(effect: Effect, person: Person, programme: Programme, months: int, later_days: int) -> Iterator[Fact]:
    on, last = add_months(person.starts, months) + timedelta(days=later_days), programme.tail_until
    if on > last:
        return
    if effect.kind == EffectKind.PER_PERSON:
        units = effect.max_per_person or effect.max_count or 1
        yield Fact(effect.code, on, participant=person.id, payer=person.payer, quantity=units)
        return
    before = 0
    for end in programme.settlement_days:  # units run on: each settlement has those that are full by then
        units = ((end - on).days + 1) // days_of(effect.unit)
        if units > before:
            yield Fact(effect.code, end, participant=person.id, payer=person.payer, quantity=units - before)
            before = units


def _some(effect: Effect, people: Sequence[Person], count: int, programme: Programme, months: int) -> Iterator[Fact]:
    """The first people of the order, so that whoever reaches the later step of a chain reached the earlier one."""
    each, more = divmod(count, len(people))
    for place, person in enumerate(people):
        units = each + (place < more)
        on = min(add_months(person.starts, months), programme.tail_until)
        if units:
            yield Fact(effect.code, on, participant=person.id, payer=person.payer, quantity=units)


def _cohort_facts(
    effect: Effect, programme: Programme, shares: Sequence[MunicipalityShare], months: int, everybody: bool
) -> Iterator[Fact]:
    """What is counted or measured for the cohort as a whole: one fact, for the municipality with the largest part."""
    if not shares:
        return
    payer = str(max(shares, key=lambda municipality: municipality.cohort_size).organisation_id)
    on = min(add_months(programme.starts_on, months), programme.tail_until)
    most, expected = effect.max_count or programme.cohort_size, effect.expected_count or 0
    count = most if everybody else expected
    if effect.kind == EffectKind.FEE:
        units = (effect.max_count or effect.expected_count or 1) if everybody else (effect.expected_count or 1)
        yield Fact(effect.code, on, payer=payer, quantity=units)
    elif effect.kind == EffectKind.DIFFERENCE:
        yield Fact(effect.code, programme.tail_until, payer=payer, treatment=0, control=count)
    elif effect.kind == EffectKind.SHARE:
        avoided = (effect.saving_minor or 0) * count
        yield Fact(effect.code, programme.tail_until, payer=payer, avoided=avoided)
    else:
        best: Number = max((Fraction(line.get("at") or line["to"]) for line in effect.scale), default=Fraction(0))
        yield Fact(effect.code, programme.tail_until, payer=payer, value=best if everybody else expected)


def _start(effect: Effect, effects: Sequence[Effect], size: int) -> int:
    """Where in the order an effect begins: that of the first of its chain, and each chain elsewhere."""
    by_code, first = {other.code: other for other in effects}, effect
    for _step in effects:
        first = next((by_code[code] for code in first.requires or () if code in by_code), first)
    return list(effects).index(first) * size // len(effects)


def _months(effect: Effect, by_code: Mapping[str, Effect], depth: int = 0) -> int:
    """How many months after intake at the earliest, its requirements counted."""
    needed = [by_code[code] for code in effect.requires or () if code in by_code and by_code[code] is not effect]
    if depth > len(by_code):  # a circle, which a check of its own reports
        return effect.months_after or 0
    return max([effect.months_after or 0, *(_months(other, by_code, depth + 1) for other in needed)])


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + min(months, LAST_MONTHS), 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=start.day - 1), after - timedelta(days=1))


def days_of(unit: str) -> int:
    """How many days one unit lasts; a day where the word tells nothing, so that the most is not too low."""
    said = (unit or "").casefold()
    for word, days in DAYS_OF_UNIT.items():
        if any(part.startswith(word) for part in said.replace("-", " ").split()):
            return days
    return 1
