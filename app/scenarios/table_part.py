"""The part of replay/1 that a government publishes: payers, effects and caps."""

from collections.abc import Callable

from app.pricing.rounding import Number
from app.pricing.terms import Band, Caps, Effect, Payer, Period, Step, Tier
from app.scenarios.fields import Fields, Ids

KINDS = ("per_person", "per_unit", "steps", "bands", "difference", "share", "fee")
PAYER_RULES = ("single", "weight", "residence")

PricesOf = Callable[[Fields], dict[str, int]]


def read_payers(top: Fields) -> tuple[tuple[Payer, ...], str, Ids]:
    payers: list[Payer] = []
    weighed: list[tuple[Fields, bool]] = []
    ids = Ids("payer")
    rule = top.choice("payer_rule", PAYER_RULES, needed=False)
    for fields in top.objects("payers", some="payer"):
        payer_id = ids.add(fields)
        fields.text("name")
        ceiling = fields.money("ceiling", needed=False)
        weighed.append((fields, fields.has("weight")))
        weight = fields.number("weight", needed=False)
        if weight == 0:
            fields.fault("weight", "must be above zero")
        fields.end()
        payers.append(Payer(payer_id or f"payers[{len(payers)}]", ceiling, weight or 1))
    if len(payers) > 1 and not top.has("payer_rule"):
        top.fault("payer_rule", "is missing; it is needed with more than one payer")
    if rule == "single" and len(payers) > 1:
        top.fault("payer_rule", "single is for one payer")
    if rule == "weight":
        for fields, has_weight in weighed:
            if not has_weight:
                fields.fault("weight", "is missing; the payer rule is weight")
    return tuple(payers), rule or "single", ids.end(top, "payers")


def read_effects(top: Fields, payer_ids: Ids, rule: str) -> tuple[tuple[Effect, ...], Ids]:
    def prices_of(fields: Fields) -> dict[str, int]:
        """Our extension: who pays another price than the others."""
        if fields.has("prices") and rule != "residence":
            fields.fault("prices", "is only for the payer rule residence, where each fact has one payer")
        return fields.amounts_by("prices", payer_ids)

    effects: list[Effect] = []
    places: dict[str, Fields] = {}
    ids = Ids("effect")
    for fields in top.objects("effects"):
        effect_id = ids.add(fields)
        fields.text("name")
        kind = fields.choice("kind", KINDS)
        if kind is None:
            continue
        keys = _READERS[kind](fields, prices_of)
        if kind == "fee" and fields.has("deadweight"):
            fields.allow("deadweight")
            fields.fault("deadweight", "a fee is never reduced by deadweight")
        else:
            keys["deadweight"] = fields.fraction("deadweight") or 0
        keys["max_amount"] = fields.money("max_amount", needed=False)
        keys["max_count"] = fields.number("max_count", needed=False)
        fields.end(f" for the kind {kind}")
        if effect_id is not None:
            places[effect_id] = fields
            effects.append(Effect(id=effect_id, kind=kind, **keys))  # type: ignore[arg-type]
    _check_between(effects, places, ids.end(top, "effects"))
    return tuple(effects), ids


def _check_between(effects: list[Effect], places: dict[str, Fields], ids: Ids) -> None:
    """Rules that look at more than one effect."""
    group_deadweight: dict[str, Number] = {}
    for effect in effects:
        for number, needed in enumerate(effect.requires):
            ids.check(places[effect.id], f"requires[{number}]", needed)
        if effect.best_of is not None:
            agreed = group_deadweight.setdefault(effect.best_of, effect.deadweight)
            if agreed != effect.deadweight:
                places[effect.id].fault("deadweight", "must be the same for every effect of a best_of group")


def _per_person(fields: Fields, prices_of: PricesOf) -> dict:
    keys: dict = {"best_of": fields.text("best_of", needed=False), "requires": _requires(fields)}
    if fields.has("tiers"):
        keys["tiers"] = _tiers(fields, prices_of)
        for key, fault in (
            ("price", "stands instead of tiers, not beside them"),
            ("prices", "stand inside each tier, not beside them"),
        ):
            if fields.has(key):
                fields.allow(key)
                fields.fault(key, fault)
        if keys["best_of"] is not None:
            fields.fault("tiers", "are not allowed with best_of")
    else:
        keys |= _priced(fields, prices_of)
    if fields.is_null("max_per_person"):
        fields.allow("max_per_person")
        keys["max_per_person"] = None
    elif fields.has("max_per_person"):
        most = fields.number("max_per_person", least=1)
        if most is not None and most.denominator != 1:
            fields.fault("max_per_person", "must be a whole number, or null for unlimited")
        keys["max_per_person"] = most
    if keys["best_of"] is not None and keys.get("max_per_person", 1) != 1:
        fields.fault("best_of", "is not allowed with a max_per_person other than 1")
    return keys


def _requires(fields: Fields) -> tuple[str, ...]:
    found = []
    for number, needed in enumerate(fields.items("requires", needed=False)):
        if isinstance(needed, str):
            found.append(str(needed))
        else:
            fields.fault(f"requires[{number}]", "must be the id of an effect")
    return tuple(found)


def _priced(fields: Fields, prices_of: PricesOf) -> dict:
    return {"price": fields.money("price") or 0, "prices": prices_of(fields)}


def _tiers(fields: Fields, prices_of: PricesOf) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    listed = list(fields.objects("tiers", some="tier"))
    reached: Number = 0
    for tier in listed:
        up_to = None
        if tier is listed[-1]:
            tier.allow("up_to")
            if not tier.is_null("up_to"):
                tier.fault("up_to", "must be null in the last tier")
        else:
            up_to = tier.number("up_to")
            if up_to is not None and up_to <= reached:
                tier.fault("up_to", "must rise from tier to tier")
            reached = up_to if up_to is not None else reached
        price, most = tier.money("price"), tier.money("max_amount", needed=False)
        tiers.append(Tier(up_to, price or 0, most, prices_of(tier)))
        tier.end()
    return tuple(tiers)


def _per_unit(fields: Fields, prices_of: PricesOf) -> dict:
    fields.text("unit")
    return {
        **_priced(fields, prices_of),
        "after": fields.number("after", needed=False) or 0,
        "retroactive": fields.flag("retroactive"),
    }


def _steps(fields: Fields, _: PricesOf) -> dict:
    steps: list[Step] = []
    before: Number | None = None
    for step in fields.objects("steps", some="step"):
        at = step.number("at", least=None)
        if at is not None and before is not None and at <= before:
            step.fault("at", "must rise from step to step")
        before = at if at is not None else before
        steps.append(Step(at or 0, step.money("amount") or 0))
        step.end()
    return {"steps": tuple(steps), "between": fields.choice("between", ("step", "linear"), needed=False) or "step"}


def _bands(fields: Fields, _: PricesOf) -> dict:
    bands: list[Band] = []
    reached: Number | None = None
    for band in fields.objects("bands", some="band"):
        start, end = band.number("from", least=None), band.number("to", least=None)
        if start is not None and reached is not None and start != reached:
            band.fault("from", "must be the end of the band before")
        if start is not None and end is not None and end <= start:
            band.fault("to", "must be above from")
        reached = end if end is not None else reached
        bands.append(Band(start or 0, end or 0, band.money("per_point") or 0))
        band.end()
    return {"bands": tuple(bands), "threshold": fields.number("threshold", needed=False, least=None)}


def _difference(fields: Fields, prices_of: PricesOf) -> dict:
    return {
        **_priced(fields, prices_of),
        "threshold": fields.fraction("threshold"),
        "pooled_threshold": fields.fraction("pooled_threshold"),
    }


def _share(fields: Fields, _: PricesOf) -> dict:
    keys = {
        "share": fields.fraction("share", needed=True) or 0,
        "share_after": fields.fraction("share_after"),
        "until": fields.money("until", needed=False),
    }
    for one, other in (("share_after", "until"), ("until", "share_after")):
        if fields.has(one) and not fields.has(other):
            fields.fault(other, f"is missing; it comes together with {one}")
    return keys


_READERS = {
    "per_person": _per_person,
    "per_unit": _per_unit,
    "steps": _steps,
    "bands": _bands,
    "difference": _difference,
    "share": _share,
    "fee": _priced,
}


def read_caps(top: Fields) -> Caps:
    fields = top.object("caps")
    if fields is None:
        return Caps()
    periods: list[Period] = []
    for period in fields.objects("periods", needed=False):
        start, end, amount = period.day("from"), period.day("to"), period.money("amount")
        period.end()
        if start is None or end is None:
            continue
        if end < start:
            period.fault("to", "is before from")
        elif any(start <= other.end and other.start <= end for other in periods):
            period.fault("from", "overlaps another period")
        periods.append(Period(start, end, amount or 0))
    reduce = fields.choice("reduce", ("latest_first", "pro_rata"), needed=False) or "latest_first"
    overshoot = fields.choice("overshoot", ("lost", "carried"), needed=False) or "lost"
    per_person = fields.money("per_person", needed=False)
    contract = fields.money("contract", needed=False)
    fields.end()
    return Caps(per_person, contract, tuple(periods), reduce, overshoot)  # type: ignore[arg-type]
