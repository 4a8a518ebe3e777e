"""Gates C1 to C6: is the money there in every year, and is a saving called what it is?"""

import re
from collections.abc import Iterator

from flask_babel import gettext as _

from app.core.format import basis_points, day, money, number
from app.pricing.budget import Stress, stress_of
from app.pricing.gate import Case, Fault, Finding
from app.pricing.models import Effect, EffectKind, Overshoot
from app.pricing.periods import left_open
from app.pricing.plausible import most_times
from app.unit_costs.models import Bearer, SavingClass

FULL_BP = 9_500  # from this occupancy on, a place that becomes free is filled at once
# Words that promise the council its money back.
EARNS_BACK = re.compile(
    r"\b(terugverdien\w*|verdient zich terug|betaalt zichzelf terug|pays? (?:for itself|back)|earns? itself back"
    r"|cashable)\b",
    re.IGNORECASE,
)


def covered(case: Case) -> Iterator[Finding]:
    """C1: reserved money covers what can be asked in every budget year, the tail included, by a council decision."""
    programme, currency = case.programme, case.programme.currency
    decision = f"{programme.council_decision or '–'}, {day(programme.council_decided_on)}"
    missing = _("Give the number and the date of the council decision on the programme.")
    decided = programme.council_decision and programme.council_decided_on
    yield Finding(
        _("Council decision: %(decision)s.", decision=decision),
        None,
        () if decided else (Fault(missing, None, "", "programme"),),
    )
    open_days = " ".join(left_open(case.table, programme))
    yield Finding(_maximum(case), None, tuple(_within_reservations(case)), open_days)
    for payer in case.calendar:
        words = {"payer": payer.name}
        evidence = _(
            "%(payer)s: reserved %(reserved)s, at most asked %(worst)s.",
            reserved=money(sum(payer.reserved.values()), currency),
            worst=money(payer.worst_total, currency),
            **words,
        )
        faults = []
        for year, gap in payer.short("worst"):
            message = _(
                "%(payer)s reserved %(reserved)s for %(year)s, but the highest of three courses asks %(worst)s: "
                "%(short)s is missing.",
                year=str(year),
                reserved=money(payer.reserved[year], currency),
                worst=money(payer.worst[year], currency),
                short=money(gap, currency),
                **words,
            )
            faults.append(Fault(message, None, "", "shares"))
        yield Finding(evidence, None, tuple(faults))


def _maximum(case: Case) -> str:
    return _(
        "Contract maximum %(ceiling)s; reserved over all years %(reserved)s.",
        ceiling=money(case.table.cap_contract_minor, case.programme.currency),
        reserved=money(sum(share.ceiling_minor for share in case.shares), case.programme.currency),
    )


def _within_reservations(case: Case) -> Iterator[Fault]:
    reserved = sum(share.ceiling_minor for share in case.shares)
    ceiling, currency = case.table.cap_contract_minor, case.programme.currency
    if ceiling is None:
        message = _(
            "Give the table a maximum for the contract. Without one nobody can say whether the reservations of "
            "%(reserved)s suffice.",
            reserved=money(reserved, currency),
        )
        yield Fault(message, None, "cap_contract_minor")
    elif ceiling > reserved:
        message = _(
            "The contract maximum is %(ceiling)s, but the municipalities reserved %(reserved)s: %(short)s is missing.",
            ceiling=money(ceiling, currency),
            reserved=money(reserved, currency),
            short=money(ceiling - reserved, currency),
        )
        yield Fault(message, None, "cap_contract_minor")


def called_rightly(case: Case) -> Iterator[Finding]:
    """C2: only a cashable amount may be called a return in money (terugverdieneffect)."""
    totals = dict.fromkeys(SavingClass, 0)
    for effect in case.effects:
        if effect.saving_minor and effect.saving_class:
            totals[effect.saving_class] += effect.saving_minor * (effect.expected_count or 0)
    currency = case.programme.currency
    said = "; ".join(f"{kind.label}: {money(total, currency)}" for kind, total in totals.items())
    note = EARNS_BACK.search(case.table.note or "")
    faults: tuple[Fault, ...] = ()
    if note and not totals[SavingClass.CASHABLE]:
        message = _("The note says “%(word)s”, but no saving of this table is cashable.", word=note.group())
        faults = (Fault(message, None, "note"),)
    back = money(totals[SavingClass.CASHABLE], currency)
    yield Finding(_("Return in money (cashable alone): %(back)s. %(all)s.", back=back, all=said), None, faults)
    for effect in case.effects:
        texts = " ".join(filter(None, (effect.name, effect.definition, effect.saving_source, effect.saving_note)))
        found = EARNS_BACK.search(texts)
        kind = effect.saving_class.label if effect.saving_class else _("no saving stated")
        if found and effect.saving_class != SavingClass.CASHABLE:
            words = {"effect": effect.name, "word": found.group(), "kind": kind}
            message = _("%(effect)s: “%(word)s” is said of what is no cashable saving (%(kind)s).", **words)
            yield Finding(kind, effect, (Fault(message, effect, "saving_note"),))
        elif effect.saving_minor:
            yield Finding(f"{kind}: {money(effect.saving_minor, currency)}", effect)


def not_refilled(case: Case) -> Iterator[Finding]:
    """C3: where the place is filled again at once, a saving frees capacity and no budget."""
    for effect in case.effects:
        if not effect.saving_minor:
            continue
        full = (effect.saving_occupancy_bp or 0) >= FULL_BP
        evidence = _(
            "%(kind)s; occupancy %(occupancy)s; waiting list: %(list)s.",
            kind=effect.saving_class.label if effect.saving_class else "–",
            occupancy=basis_points(effect.saving_occupancy_bp),
            list=_("yes") if effect.saving_waiting_list else _("no"),
        )
        faults: tuple[Fault, ...] = ()
        if (full or effect.saving_waiting_list) and effect.saving_class != SavingClass.CAPACITY:
            message = _("%(effect)s: the place is filled again at once, so this saving is capacity-freeing.")
            faults = (Fault(message % {"effect": effect.name}, effect, "saving_class"),)
        yield Finding(evidence, effect, faults)


def saver_pays(case: Case) -> Iterator[Finding]:
    """C4: where another than the payer saves, a co-payment or a note says so."""
    for effect in case.effects:
        if not effect.saving_minor:
            continue
        bearer = effect.saving_bearer
        faults: tuple[Fault, ...] = ()
        if bearer is None:
            message = _("%(effect)s: say in whose budget the saving falls.", effect=effect.name)
            faults = (Fault(message, effect, "saving_bearer"),)
        elif bearer != Bearer.MUNICIPALITY and not effect.saving_note:
            message = _("%(effect)s: another saves than who pays. Note a co-payment, or that there is none.")
            faults = (Fault(message % {"effect": effect.name}, effect, "saving_note"),)
        saved = bearer.label if bearer else "–"
        yield Finding(f"{saved}. {effect.saving_note or ''}".strip(), effect, faults)


def planned(case: Case) -> Iterator[Finding]:
    """C5: how many are expected and when, so that each year's payments can stand beside its reservation."""
    for effect in case.effects:
        counted = effect.expected_count is not None or effect.kind == EffectKind.FEE
        evidence = _(
            "%(count)s expected, %(months)d months after intake.",
            count="–" if effect.expected_count is None else effect.expected_count,
            months=effect.months_after or 0,
        )
        message = _("%(effect)s: say how many are expected.", effect=effect.name)
        faults = [] if counted else [Fault(message, effect, "expected_count")]
        faults += _beyond_the_cohort(case, effect)
        yield Finding(evidence, effect, tuple(faults), _often(case, effect))
    for payer in case.calendar:
        faults = []
        for year, gap in payer.short("expected"):
            message = _("%(payer)s expects to pay %(short)s more in %(year)s than it reserved.")
            words = {"payer": payer.name, "short": money(gap, case.programme.currency), "year": year}
            faults.append(Fault(message % words, None, "", "shares"))
        expected = money(sum(payer.expected.values()), case.programme.currency)
        yield Finding(_("%(payer)s: expected %(amount)s.", payer=payer.name, amount=expected), None, tuple(faults))


def _beyond_the_cohort(case: Case, effect: Effect) -> Iterator[Fault]:
    most, expected = most_times(effect, case.programme), effect.expected_count or 0
    if most is not None and expected > most:
        message = _(
            "%(effect)s: %(count)s are expected, but %(people)s participants can reach it %(most)s times at the most.",
            effect=effect.name,
            count=number(expected),
            people=number(case.programme.cohort_size),
            most=number(most),
        )
        yield Fault(message, effect, "expected_count")


def _often(case: Case, effect: Effect) -> str:
    """Without a maximum per participant a high number may be right: a person weighs it."""
    people, expected = case.programme.cohort_size or 0, effect.expected_count or 0
    if effect.kind != EffectKind.PER_PERSON or effect.max_per_person is not None or expected <= people:
        return ""
    return _("More are expected than there are participants (%(people)s).", people=number(people))


def stressed(case: Case) -> Iterator[Finding]:
    """C6: what is paid at 0 %, as expected, at 100 % and at the ceiling; what is expected must fit below it."""
    if not case.shares or not case.programme.starts_on:
        missing = _("Say which municipalities pay, each for how many of the cohort.")
        yield Finding("–", None, (Fault(missing, None, "", "shares"),))
        return
    currency = case.programme.currency
    none, expected, everybody, ceiling = stress_of(case.table, case.shares)
    evidence = _(
        "0 %%: %(none)s; expected: %(expected)s; 100 %%: %(all)s; ceiling: %(ceiling)s.",
        none=money(none.total, currency),
        expected=money(expected.total, currency),
        all=money(everybody.total, currency),
        ceiling=money(ceiling.total, currency),
    )
    faults = []
    if expected.cut:
        message = _("What is expected does not fit below the maximums: %(cut)s would not be paid.")
        field = "period_caps" if expected.by_periods else "cap_contract_minor"
        faults.append(Fault(message % {"cut": money(expected.cut, currency)}, None, field))
    said = [_("At 100 %% the maximums take off %(cut)s.", cut=money(everybody.cut, currency))] if everybody.cut else []
    if case.table.period_caps:
        evidence += " " + _by_periods(_("As expected"), expected, case)
        said.append(_by_periods(_("When everybody succeeds"), everybody, case))
    yield Finding(evidence, None, tuple(faults), " ".join(said) if everybody.cut or everybody.late else "")


def _by_periods(course: str, stress: Stress, case: Case) -> str:
    """What the maximums per period take off or postpone in one course."""
    words = {"course": course, "cut": money(stress.by_periods, case.programme.currency)}
    if case.table.overshoot == Overshoot.LOST:
        return _("%(course)s the maximums per period take off %(cut)s.", **words)
    return _(
        "%(course)s the maximums per period postpone %(late)s to a later period, where it is paid, and %(cut)s that is "
        "still not paid at the end.",
        late=money(stress.late, case.programme.currency),
        **words,
    )
