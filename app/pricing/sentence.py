"""What one effect promises, in a sentence of its kind, built from its terms. Pure."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from app.core.format import money, number
from app.core.units import unit
from app.pricing.models import Effect, EffectKind
from app.pricing.shown import Setting, basis_points, decimal, fraction


def sentence_of(effect: Effect, setting: Setting) -> str:
    """Such as "€220.00 per participant, once. At most €9,000.00 in the whole bond."."""
    said = [_OF_KIND[effect.kind](effect, setting), *_limits(effect, setting)]
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in said)


def _amount(effect: Effect, setting: Setting) -> str:
    if effect.payer_prices:
        return _("A price for each municipality, else %(amount)s", amount=money(effect.price_minor, setting.currency))
    return money(effect.price_minor, setting.currency)


def _per_person(effect: Effect, setting: Setting) -> str:
    if effect.tiers and effect.max_per_person == 1:
        return _("A price by the running count, see the tiers; once per participant")
    if effect.tiers:
        return _("A price by the running count, see the tiers")
    amount = _amount(effect, setting)
    if effect.max_per_person == 1:
        return _("%(amount)s per participant, once", amount=amount)
    if effect.max_per_person:
        return _("%(amount)s, at most %(number)d times per participant", amount=amount, number=effect.max_per_person)
    return _("%(amount)s each time", amount=amount)


def _per_unit(effect: Effect, setting: Setting) -> str:
    sentence = _("%(amount)s per %(unit)s", amount=_amount(effect, setting), unit=unit(effect.unit) or "–")
    if not effect.after_units:
        return sentence
    passed = number(effect.after_units)
    if effect.retroactive:
        return _(
            "%(sentence)s, once a participant has %(number)s of them; the first ones are then paid too",
            sentence=sentence,
            number=passed,
        )
    return _("%(sentence)s, after the first %(number)s of a participant", sentence=sentence, number=passed)


def _steps(effect: Effect, setting: Setting) -> str:
    if effect.between == "linear":
        return _("An amount by the measured value, rising evenly between the steps; nothing below the first step")
    return _("The amount of the highest step that the measured value reaches; nothing below the first step")


def _bands(effect: Effect, setting: Setting) -> str:
    sentence = _("An amount for each point of the measured value, band by band")
    if not effect.threshold:
        return sentence
    return _(
        "%(sentence)s; nothing below %(value)s, and from there every point counts",
        sentence=sentence,
        value=decimal(effect.threshold),
    )


def _difference(effect: Effect, setting: Setting) -> str:
    said = _("%(amount)s per event fewer than in the comparison group", amount=_amount(effect, setting))
    if effect.threshold:
        said = _(
            "%(sentence)s, when the reduction is at least %(value)s",
            sentence=said,
            value=fraction(effect.threshold),
        )
    if effect.pooled_threshold:
        said += ". " + _(
            "At the end all cohorts count together: from a reduction of %(value)s on, those that missed it pay too",
            value=fraction(effect.pooled_threshold),
        )
    return said


def _share(effect: Effect, setting: Setting) -> str:
    said = _("%(share)s of the cost that is avoided", share=basis_points(effect.share_bp))
    if effect.until_minor is None or effect.share_after_bp is None:
        return said
    return _(
        "%(sentence)s, until %(total)s is reached; %(share)s after that",
        sentence=said,
        total=money(effect.until_minor, setting.currency),
        share=basis_points(effect.share_after_bp),
    )


def _fee(effect: Effect, setting: Setting) -> str:
    return _("A fixed fee of %(amount)s each time", amount=_amount(effect, setting))


def _limits(effect: Effect, setting: Setting) -> list[str]:
    said: list[str] = []
    if effect.deadweight_bp:
        said.append(
            _("%(share)s is taken off: that would have happened anyway.", share=basis_points(effect.deadweight_bp))
        )
    if effect.requires:
        names = ", ".join(setting.effects.get(code, code) for code in effect.requires)
        said.append(_("Only after: %(effects)s.", effects=names))
    if effect.best_of:
        said.append(_("Of the group “%(group)s” only the dearest is paid per participant.", group=effect.best_of))
    if effect.max_count is not None:
        said.append(_("At most %(number)s in the whole bond.", number=number(effect.max_count)))
    if effect.max_amount_minor is not None:
        said.append(_("At most %(amount)s in the whole bond.", amount=money(effect.max_amount_minor, setting.currency)))
    return said


_OF_KIND: dict[EffectKind, Callable[[Any, Setting], str]] = {
    EffectKind.PER_PERSON: _per_person,
    EffectKind.PER_UNIT: _per_unit,
    EffectKind.STEPS: _steps,
    EffectKind.BANDS: _bands,
    EffectKind.DIFFERENCE: _difference,
    EffectKind.SHARE: _share,
    EffectKind.FEE: _fee,
}
