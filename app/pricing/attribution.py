"""Gates D5 to D11: would it have happened anyway, can it be gamed or paid twice, and may its data be used?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from app.core.format import basis_points, day, percent, percentage_points
from app.pricing.gate import Case, Fault, Finding
from app.pricing.models import PERSONAL, Counterfactual, Effect, EffectKind
from app.pricing.power import smallest_difference_bp, wilson


def _compared(case: Case) -> list[Effect]:
    """A fixed fee is no effect, so there is nothing to compare it with."""
    return [effect for effect in case.effects if effect.kind != EffectKind.FEE]


def baseline_of(effect: Effect) -> Decimal | None:
    """The rate without the support, as a fraction of 1."""
    if not effect.baseline_n or effect.baseline_count is None:
        return None
    return Decimal(effect.baseline_count) / effect.baseline_n


def measured_before(case: Case) -> Iterator[Finding]:
    """D5: the baseline, with its 95 % confidence interval."""
    for effect in _compared(case):
        rate, evidence = baseline_of(effect), _("No baseline.")
        if rate is not None and effect.baseline_n and effect.baseline_count is not None:
            low, high = wilson(effect.baseline_count, effect.baseline_n)
            evidence = _(
                "%(count)d of %(n)d people: %(rate)s (95%% interval %(low)s to %(high)s); %(period)s; %(source)s.",
                count=effect.baseline_count,
                n=effect.baseline_n,
                rate=percent(rate, 1),
                low=percent(low, 1),
                high=percent(high, 1),
                period=effect.baseline_period or "–",
                source=effect.baseline_source.rstrip(". ") if effect.baseline_source else "–",
            )
        parts = [
            ("baseline_n", rate is not None, _("of how many people, and how many of them reached it")),
            ("baseline_period", bool(effect.baseline_period), _("the period")),
            ("baseline_source", bool(effect.baseline_source), _("the source")),
        ]
        message = _("%(effect)s: complete the baseline: %(part)s.")
        faults = [
            Fault(message % {"effect": effect.name, "part": part}, effect, field)
            for field, there, part in parts
            if not there
        ]
        yield Finding(evidence, effect, tuple(faults))


def compared(case: Case) -> Iterator[Finding]:
    """D6: a counterfactual; none, or a fixed one, only with a published deadweight."""
    for effect in _compared(case):
        chosen, deadweight = effect.counterfactual, effect.deadweight_bp or 0
        faults: tuple[Fault, ...] = ()
        if chosen is None:
            message = _("%(effect)s: choose what it is compared with.", effect=effect.name)
            faults = (Fault(message, effect, "counterfactual"),)
        elif chosen in (Counterfactual.NONE, Counterfactual.FIXED) and not deadweight:
            message = _("%(effect)s: say which part would have happened anyway.", effect=effect.name)
            faults = (Fault(message, effect, "deadweight_bp"),)
        evidence = _(
            "%(chosen)s; taken off for what would have happened anyway: %(deadweight)s.",
            chosen=chosen.label if chosen else _("Not chosen"),
            deadweight=basis_points(deadweight),
        )
        yield Finding(evidence, effect, faults)


def large_enough(case: Case) -> Iterator[Finding]:
    """D7: the expected difference shows in a cohort of this size, or each effect is paid with a discount instead."""
    size = case.programme.cohort_size or 0
    for effect in _compared(case):
        rate = baseline_of(effect)
        detectable = smallest_difference_bp(size, rate) if rate is not None else None
        discounted = effect.kind in PERSONAL and bool(effect.deadweight_bp)
        expected = effect.difference_bp
        shown = expected is not None and detectable is not None and expected >= detectable
        faults: tuple[Fault, ...] = ()
        if not shown and not discounted:
            message = _show(effect, rate is not None, detectable)
            faults = (Fault(message, effect, "difference_bp" if rate is not None else "baseline_n"),)
        evidence = _(
            "Two groups of %(size)d, baseline %(rate)s: smallest difference %(least)s; expected %(expected)s; discount "
            "%(discount)s.",
            size=size,
            rate=percent(rate, 1),
            least=percentage_points(detectable, up=True),
            expected=percentage_points(expected),
            discount=basis_points(effect.deadweight_bp or 0),
        )
        yield Finding(evidence, effect, faults)


def _show(effect: Effect, is_measured: bool, least_bp: int | None) -> str:
    """What is to be mended: a number that can be typed, or what must be known before there is one."""
    words = {"effect": effect.name}
    if not is_measured:
        return _("%(effect)s: first fill in the baseline; then the smallest difference can be computed.", **words)
    if least_bp is None:
        return _(
            "%(effect)s: no difference shows in a cohort of this size. Pay each effect with a discount for what would "
            "have happened anyway, or support more people.",
            **words,
        )
    return _(
        "%(effect)s: give an expected difference of at least %(least)s, or pay each effect with a discount for "
        "what would have happened anyway.",
        least=percentage_points(least_bp, up=True),
        **words,
    )


def hard_to_game(case: Case) -> Iterator[Finding]:
    """D8: the easiest way to reach it without meaning it, and what stands against that."""
    parts = (("gaming", _("how it could be gamed")), ("countermeasure", _("what is done against it")))
    yield from _texts(case, parts)


def seen_by_people(case: Case) -> Iterator[Finding]:
    """D9: an indicator beside it that is reported and never paid, and whose view it gives."""
    for effect in case.effects:
        faults = list(_missing(effect, (("companion", _("an unpaid indicator beside it")),)))
        if effect.companion_view is None:
            message = _("%(effect)s: fill in %(part)s.", effect=effect.name, part=_("whose view it gives"))
            faults.append(Fault(message, effect, "companion_view"))
        view = effect.companion_view.label if effect.companion_view else "–"
        yield Finding(f"{effect.companion or '–'} ({view})", effect, tuple(faults))


def paid_once(case: Case) -> Iterator[Finding]:
    """D10: neither another row nor a subsidy pays for the same; rows that might are looked for."""
    needs = {effect.code: effect.requires for effect in case.effects}
    alike = [_alike(case.effects, number, needs) for number in range(len(case.effects))]
    for number, effect in enumerate(case.effects):
        faults = list(_missing(effect, (("double_payment", _("why nothing else pays for it")),)))
        # one fault per group of equals, at its last effect
        if alike[number] and not any({*alike[number], number} <= {*later} for later in alike[number + 1 :]):
            others = ", ".join(case.effects[place].name for place in alike[number])
            words = {"effect": effect.name, "other": others}
            message = _("%(effect)s says the same as %(other)s: one event would be paid twice.", **words)
            faults.append(Fault(message, effect, "definition"))
        caution = ""
        for other in case.effects[:number]:
            if effect.best_of and effect.best_of == other.best_of:
                continue
            words = {"effect": effect.name, "other": other.name}
            chained = other.code in reached(effect.requires, needs) or effect.code in reached(other.requires, needs)
            same = effect.definition and _said(effect) == _said(other)
            if not chained and not same and _bare(effect) == _bare(other):
                caution = _("%(effect)s differs from %(other)s only in a number; neither requires the other.", **words)
        yield Finding(effect.double_payment or "–", effect, tuple(faults), caution)


def _alike(effects: Sequence[Effect], number: int, needs: Mapping[str, Sequence[str]]) -> list[int]:
    """The places of the earlier effects that describe the same event as this one, and of which both can be paid."""
    effect = effects[number]
    found = []
    for place, other in enumerate(effects[:number]):
        chained = other.code in reached(effect.requires, needs) or effect.code in reached(other.requires, needs)
        one_of = effect.best_of and effect.best_of == other.best_of
        if effect.definition and not one_of and not chained and _said(effect) == _said(other):
            found.append(place)
    return found


def _said(effect: Effect) -> tuple[str, ...]:
    """All that tells one event from another, without layout."""
    texts = (effect.who, effect.definition, effect.sustained, effect.unit, effect.achieved_when)
    return tuple(" ".join((text or "").casefold().split()).rstrip(".") for text in texts)


def _bare(effect: Effect) -> str:
    return re.sub(r"\d+([.,]\d+)?", "#", " ".join((effect.definition or "").casefold().split()))


def allowed_by_law(case: Case) -> Iterator[Finding]:
    """D11: the ground on which the data may be used (GDPR art. 6), and the impact assessment (GDPR art. 35)."""
    programme = case.programme
    yield Finding(
        f"DPIA: {programme.dpia_reference or '–'}, {day(programme.dpia_on)}",
        None,
        ()
        if programme.dpia_reference and programme.dpia_on
        else (Fault(_("Give the reference and the date of the DPIA of the programme."), None, "", "programme"),),
    )
    yield from _texts(case, (("legal_basis", _("the legal basis of the data")),))


def _texts(case: Case, parts: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    for effect in case.effects:
        said = "; ".join((getattr(effect, field) or "–").rstrip(". ") for field, _label in parts)
        yield Finding(said, effect, tuple(_missing(effect, parts)))


def _missing(effect: Effect, parts: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    for field, label in parts:
        if not getattr(effect, field):
            yield Fault(_("%(effect)s: fill in %(part)s.", effect=effect.name, part=label), effect, field)


def reached(codes: Sequence[str], needs: Mapping[str, Sequence[str]]) -> set[str]:
    """All that must come before, directly or by way of others."""
    found: set[str] = set()
    open_codes = list(codes or ())
    while open_codes:
        code = open_codes.pop()
        if code not in found:
            found.add(code)
            open_codes.extend(needs.get(code) or ())
    return found
