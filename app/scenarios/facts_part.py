"""The part of replay/1 that says what was proven: participants, dates of statements, facts."""

from dataclasses import dataclass
from datetime import date

from app.pricing.terms import Effect, Fact, Terms
from app.scenarios.fields import Fields, Ids, Reading, read_day

COUNTED = ("per_person", "per_unit", "fee")


@dataclass(slots=True)
class People:
    """The participants of the file and their payers; `ids` is None when the file has no such list."""

    ids: Ids | None
    payers: dict[str, str | None]


def read_participants(top: Fields, payers: Ids) -> People:
    people = People(Ids("participant") if top.has("participants") else None, {})
    for fields in top.objects("participants", needed=False):
        participant = people.ids.add(fields) if people.ids else None
        payer = fields.text("payer", needed=False)
        payers.check(fields, "payer", payer)
        fields.end()
        if participant is not None:
            people.payers[participant] = payer
    if people.ids:
        people.ids.end(top, "participants")
    return people


def read_settle_on(top: Fields, reading: Reading, facts: list[Fact]) -> list[date]:
    """Sorted dates of the statements; by default one, on the last fact's date."""
    if not top.has("settle_on"):
        if not facts and top.is_list("facts") and not top.items("facts"):
            top.fault("settle_on", "is missing; it is needed where there is no fact")
        return [max(fact.on for fact in facts)] if facts else []
    days: list[date] = []
    known_good = True
    for number, raw in enumerate(top.items("settle_on", some="date")):
        day = read_day(reading, raw, f"settle_on[{number}]")
        if day is None:
            known_good = False
        elif day in days:
            top.fault(f"settle_on[{number}]", "this date stands twice")
        else:
            days.append(day)
    for fact in facts if known_good and days else ():
        if fact.on > max(days):
            top.fault(f"facts[{fact.key}].on", "is after the last statement")
    return sorted(days)


def read_facts(top: Fields, terms: Terms, people: People, payers: Ids, effect_ids: Ids) -> list[Fact]:
    effects = terms.effect_by_id()
    facts: list[Fact] = []
    nobody_pays = False
    for number, fields in enumerate(top.objects("facts")):
        effect_id, on = effect_ids.check(fields, "effect", fields.text("effect")), fields.day("on")
        effect = effects.get(effect_id or "")
        if effect is None:
            continue
        payer = payers.check(fields, "payer", fields.text("payer", needed=False))
        fact = Fact(effect.id, on or date.min, payer=payer, key=number)
        if effect.kind in COUNTED:
            _read_count(fields, fact, effect, terms, people)
        else:
            _read_measure(fields, fact, effect)
        fields.end(f" for a fact of the kind {effect.kind}")
        if terms.payer_rule == "residence" and payers.complete and fact.payer is None and not fields.has("payer"):
            if fact.participant is not None and people.ids is None:
                nobody_pays = True
            elif fact.participant in people.payers or effect.kind not in COUNTED or fields.has("count"):
                fields.fault("payer", "is missing; the payer rule is residence")
        if on is not None:
            facts.append(fact)
    if nobody_pays:
        top.fault("participants", "is missing; facts name people and the payer rule is residence")
    return facts


def _read_count(fields: Fields, fact: Fact, effect: Effect, terms: Terms, people: People) -> None:
    if fields.has("count") and not fields.has("participant"):
        fact.quantity = fields.number("count") or 0
        reason = _cannot_be_counted(effect, terms)
        if effect.kind == "per_person" and effect.max_per_person == 1 and fact.quantity % 1:
            fields.fault("count", "must be whole: with max_per_person 1 it counts people")
        if reason:
            fields.fault("count", f"{reason} cannot be computed from totals; name the participants")
        return
    if fields.has("count"):
        fields.allow("count")
        fields.fault("count", "stands instead of a participant, not beside one")
    elif not fields.has("participant"):
        fields.fault("participant", "is missing; a fact of this kind names a participant or has a count")
    fact.participant = fields.text("participant", needed=False)
    if fields.has("quantity"):
        fact.quantity = fields.number("quantity") or 0
    if fact.participant is None:
        return
    if people.ids is not None:
        people.ids.check(fields, "participant", fact.participant)
    fact.payer = fact.payer or people.payers.get(fact.participant)


def _cannot_be_counted(effect: Effect, terms: Terms) -> str | None:
    if effect.requires:
        return "requires"
    if effect.best_of is not None:
        return "best_of"
    if effect.after:
        return "after"
    if effect.kind == "per_person" and effect.max_per_person is not None and effect.max_per_person > 1:
        return "max_per_person above 1"
    if terms.caps.per_person is not None:
        return "caps.per_person"
    return None


def _read_measure(fields: Fields, fact: Fact, effect: Effect) -> None:
    if effect.kind in ("steps", "bands"):
        fact.value = fields.number("value", least=None)
    elif effect.kind == "share":
        fact.avoided = fields.money("avoided")
    else:
        fields.name("cohort")
        fact.treatment = fields.number("treatment")
        fact.control = fields.number("control")
        if fact.control == 0:
            fields.fault("control", "must be above zero")
