"""A what-if as a file of the format replay/1: `flask replay FILE --check` gives the totals of the page."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

from flask_babel import gettext as _

from app.capital.terms import Capital, Tranche
from app.capital.waterfall import Outcome
from app.core.errors import NotNow
from app.pricing.rounding import Number
from app.pricing.terms import Caps, Effect, Fact, Payer, Terms, Tier
from app.scenarios.figures import WhatIf
from app.scenarios.result import amount_text, number_text

Name = Callable[[str], str]
# What the format can say of each; anything else that is set refuses the export.
KNOWN = {
    Terms: "effects payers payer_rule caps step vat_rate",
    Payer: "id ceiling weight",
    Caps: "per_person contract periods reduce overshoot",
    Tier: "up_to price max_amount prices",
    Effect: "id kind price prices deadweight max_amount max_count max_per_person requires best_of tiers after "
    "retroactive steps between bands threshold pooled_threshold share share_after until",
}


def replay_file(what_if: WhatIf, case: str, title: str) -> dict[str, Any]:
    """One of CASES with what is expected of it. Raises `NotNow` where the table has a rule that the format lacks."""
    return _Assumed(what_if, case).file(title)


class Writer:
    """Terms in the words of the format. `digits` of the currency; names by the id of a payer or an effect."""

    def __init__(self, terms: Terms, digits: int, payer_name: Name, effect_name: Name):
        self.terms, self.digits = terms, digits
        self.payer_name, self.effect_name = payer_name, effect_name
        tiers = [tier for effect in terms.effects for tier in effect.tiers]
        for one in (terms, terms.caps, *terms.payers, *terms.effects, *tiers):
            _refuse_unknown(one)

    def promised(self) -> dict[str, Any]:
        """All that decides what a fact is worth."""
        terms = self.terms
        written: dict[str, Any] = {
            "rounding": self.money(terms.step),
            "payers": [self._payer(payer) for payer in terms.payers],
            "payer_rule": terms.payer_rule,
            "effects": [self._effect(effect) for effect in terms.effects],
            "caps": self._caps(),
        }
        return written if terms.vat_rate is None else {**written, "vat_rate": number_text(terms.vat_rate)}

    def money(self, amount: Number) -> str:
        return amount_text(amount, self.digits)

    def _payer(self, payer: Payer) -> dict[str, Any]:
        written: dict[str, Any] = {"id": payer.id, "name": self.payer_name(payer.id)}
        if payer.ceiling is not None:
            written["ceiling"] = self.money(payer.ceiling)
        if self.terms.payer_rule == "weight":
            written["weight"] = number_text(payer.weight)
        return written

    def _effect(self, effect: Effect) -> dict[str, Any]:
        written: dict[str, Any] = {"id": effect.id, "name": self.effect_name(effect.id)}
        written |= {"kind": effect.kind, **getattr(self, f"_{effect.kind}")(effect)}
        if effect.kind != "fee":
            written["deadweight"] = number_text(effect.deadweight)
        if effect.max_amount is not None:
            written["max_amount"] = self.money(effect.max_amount)
        if effect.max_count is not None:
            written["max_count"] = number_text(effect.max_count)
        return written

    def _priced(self, of: Effect | Tier) -> dict[str, Any]:
        prices = {payer: self.money(price) for payer, price in of.prices.items()}
        return {"price": self.money(of.price), **({"prices": prices} if prices else {})}

    def _per_person(self, effect: Effect) -> dict[str, Any]:
        written: dict[str, Any] = self._priced(effect)
        if effect.tiers:
            written = {"tiers": [self._tier(tier) for tier in effect.tiers]}
        if effect.requires:
            written["requires"] = list(effect.requires)
        if effect.best_of is not None:
            return {**written, "best_of": effect.best_of}
        return {**written, "max_per_person": effect.max_per_person}

    def _tier(self, tier: Any) -> dict[str, Any]:
        written: dict[str, Any] = {
            "up_to": None if tier.up_to is None else number_text(tier.up_to),
            **self._priced(tier),
        }
        return written if tier.max_amount is None else {**written, "max_amount": self.money(tier.max_amount)}

    def _per_unit(self, effect: Effect) -> dict[str, Any]:
        written: dict[str, Any] = {**self._priced(effect), "unit": "unit"}
        if effect.after:
            written |= {"after": number_text(effect.after), "retroactive": effect.retroactive}
        return written

    def _steps(self, effect: Effect) -> dict[str, Any]:
        steps = [{"at": number_text(step.at), "amount": self.money(step.amount)} for step in effect.steps]
        return {"steps": steps, "between": effect.between}

    def _bands(self, effect: Effect) -> dict[str, Any]:
        bands = [
            {"from": number_text(band.start), "to": number_text(band.end), "per_point": self.money(band.per_point)}
            for band in effect.bands
        ]
        return {"bands": bands, **given(threshold=effect.threshold)}

    def _difference(self, effect: Effect) -> dict[str, Any]:
        limits = given(threshold=effect.threshold, pooled_threshold=effect.pooled_threshold)
        return {**self._priced(effect), **limits}

    def _share(self, effect: Effect) -> dict[str, Any]:
        written = given(share=effect.share, share_after=effect.share_after)
        return written if effect.until is None else {**written, "until": self.money(effect.until)}

    def _fee(self, effect: Effect) -> dict[str, Any]:
        return self._priced(effect)

    def _caps(self) -> dict[str, Any]:
        caps = self.terms.caps
        written: dict[str, Any] = {"reduce": caps.reduce, "overshoot": caps.overshoot}
        if caps.per_person is not None:
            written["per_person"] = self.money(caps.per_person)
        if caps.contract is not None:
            written["contract"] = self.money(caps.contract)
        if caps.periods:
            written["periods"] = [
                {"from": one.start.isoformat(), "to": one.end.isoformat(), "amount": self.money(one.amount)}
                for one in caps.periods
            ]
        return written


class _Assumed(Writer):
    def __init__(self, what_if: WhatIf, case: str):
        setting = what_if.setting
        digits = len(str(setting.minor_per_major)) - 1
        super().__init__(what_if.assumptions.terms, digits, setting.payer_name, setting.effect_name)
        self.what_if, self.outlook = what_if, what_if.cases[case]

    def file(self, title: str) -> dict[str, Any]:
        setting = self.what_if.setting
        written: dict[str, Any] = {
            "format": "replay/1",
            "title": title,
            "currency": setting.programme.currency,
            "notes": "Assumptions, no forecast." + (" Illustrative prices." if setting.illustrative else ""),
            **self.promised(),
            "facts": [self._fact(fact) for fact in self.outlook.facts],
            "settle_on": [day.isoformat() for day in self.what_if.assumptions.settle_on],
        }
        capital = self.what_if.assumptions.capital
        if capital is not None:
            written["capital"] = self._capital(capital)
        return {**written, "expected": self._expected()}

    def _fact(self, fact: Fact) -> dict[str, Any]:
        written: dict[str, Any] = {"effect": fact.effect, "on": fact.on.isoformat()}
        if fact.payer is not None:
            written["payer"] = fact.payer
        if fact.participant is not None:
            return {**written, "participant": fact.participant, "quantity": number_text(fact.quantity)}
        if fact.avoided is not None:
            return {**written, "avoided": self.money(fact.avoided)}
        if fact.control is not None:
            cohort = f"cohort of {fact.payer or 'all'}"
            return {**written, "cohort": cohort, **given(treatment=fact.treatment, control=fact.control)}
        return {**written, **given(value=fact.value)}

    def _capital(self, capital: Capital) -> dict[str, Any]:
        investors = [
            {"id": one.id, "tranche": one.tranche, "committed": self.money(one.committed)} for one in capital.investors
        ]
        drawdowns = [
            {"on": flow.on.isoformat(), "amount": self.money(flow.amount), "tranche": flow.tranche}
            for flow in capital.drawdowns
        ]
        costs = [{"on": flow.on.isoformat(), "amount": self.money(flow.amount)} for flow in capital.costs]
        tranches = [tranche_row(tranche) for tranche in capital.tranches]
        return {"tranches": tranches, "investors": investors, "drawdowns": drawdowns, "costs": costs}

    def _expected(self) -> dict[str, Any]:
        valuation, outcome = self.outlook.valuation, self.outlook.outcome
        expected: dict[str, Any] = {
            "total": {"paid": self.money(valuation.paid), "net_of_vat": self.money(valuation.net)},
            "statements": [
                {
                    "on": statement.on.isoformat(),
                    "paid": self.money(statement.paid),
                    "payers": [{"id": id, "amount": self.money(paid)} for id, paid in statement.payers.items()],
                }
                for statement in valuation.statements
            ],
        }
        return expected if outcome is None else {**expected, **self._expected_money(outcome)}

    def _expected_money(self, outcome: Outcome) -> dict[str, Any]:
        tranches = [
            {
                "id": one.id,
                "paid_in": self.money(one.paid_in),
                "distributed": self.money(one.distributed),
                "multiple": one.multiple,
                "xirr": one.xirr,
            }
            for one in outcome.tranches
        ]
        return {"tranches": tranches, "excess": {"amount": self.money(outcome.excess)}}


def tranche_row(tranche: Tranche) -> dict[str, Any]:
    terms: dict[str, Any] = {"type": tranche.kind}
    if tranche.kind == "loan":
        terms |= {"rate": number_text(tranche.rate), "day_count": tranche.day_count}
    written: dict[str, Any] = {"id": tranche.id, "rank": number_text(tranche.rank), "terms": terms}
    return written if tranche.kind != "return" else {**written, **given(irr_cap=tranche.irr_cap)}


def given(**numbers: Number | None) -> dict[str, str]:
    return {name: number_text(number) for name, number in numbers.items() if number is not None}


def _refuse_unknown(one: Any) -> None:
    for field in fields(one):
        if field.name in KNOWN[type(one)].split():
            continue
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if getattr(one, field.name) != default:
            raise NotNow(_("The file format has no words for this rule of the table: %(rule)s.", rule=field.name))
