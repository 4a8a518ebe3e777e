"""The part of replay/1 about investors' money."""

from dataclasses import dataclass

from app.capital.day_count import YEAR
from app.capital.terms import Capital, Flow, Guarantee, Investor, Repayment, Tranche
from app.scenarios.fields import Fields, Ids

HIGHEST_RATE = 100


@dataclass(slots=True)
class CapitalPart:
    """The money side; `receipts` is None when each statement's payment is what comes in."""

    capital: Capital
    receipts: list[Flow] | None


def read_capital(top: Fields) -> CapitalPart | None:
    fields = top.object("capital")
    if fields is None:
        return None
    ids, people = Ids("tranche"), Ids("investor")
    tranches = _tranches(fields, ids)
    investors: list[Investor] = []
    for one in fields.objects("investors", some="investor"):
        investor = people.add(one)
        tranche = _tranche_id(one, ids)
        committed = one.money("committed")
        one.end()
        if investor is not None and tranche is not None:
            investors.append(Investor(investor, tranche, committed or 0))
    capital = Capital(
        tranches=tuple(tranches),
        investors=tuple(investors),
        drawdowns=tuple(_flows(fields, "drawdowns", ids, needed=True)),
        costs=tuple(_flows(fields, "costs")),
        repayments=tuple(_repayments(fields, ids, tranches)),
        guarantee=_guarantee(fields, ids),
        excess=fields.choice("excess", ("payer", "provider"), needed=False) or "payer",  # type: ignore[arg-type]
    )
    receipts = _flows(fields, "receipts") if fields.has("receipts") else None
    fields.end()
    return CapitalPart(capital, receipts)


def _tranches(fields: Fields, ids: Ids) -> list[Tranche]:
    tranches: list[Tranche] = []
    for one in fields.objects("tranches", some="tranche"):
        tranche = ids.add(one)
        rank = one.number("rank", least=1)
        if rank is not None and rank.denominator != 1:
            one.fault("rank", "must be a whole number")
        terms = one.object("terms")
        kind, keys = None, dict[str, object]()
        if terms is None:
            if not one.has("terms"):
                one.fault("terms", "is missing")
        else:
            kind = terms.choice("type", ("return", "loan", "grant"))
            if kind == "loan":
                keys["rate"] = terms.number("rate", most=HIGHEST_RATE) or 0
                keys["day_count"] = terms.choice("day_count", tuple(YEAR)) or "ACT/365F"
            if kind is not None:
                terms.end(f" for the type {kind}")
        if one.has("irr_cap") and kind in ("loan", "grant"):
            one.allow("irr_cap")
            one.fault("irr_cap", "is only for the type return")
        elif one.is_null("irr_cap"):
            one.allow("irr_cap")
        else:
            keys["irr_cap"] = one.number("irr_cap", needed=False, most=HIGHEST_RATE)
        one.end()
        if tranche is not None and kind is not None:
            tranches.append(Tranche(tranche, rank or 1, kind, **keys))  # type: ignore[arg-type]
    ids.end(fields, "tranches")
    ids.complete = ids.complete and bool(ids.known)
    return tranches


def _tranche_id(fields: Fields, ids: Ids, needed: bool = True) -> str | None:
    return ids.check(fields, "tranche", fields.text("tranche", needed))


def _flows(fields: Fields, key: str, ids: Ids | None = None, needed: bool = False) -> list[Flow]:
    flows: list[Flow] = []
    for one in fields.objects(key, needed):
        on, amount = one.day("on"), one.money("amount")
        tranche = None if ids is None else _tranche_id(one, ids, needed=False)
        one.end()
        if on is not None:
            flows.append(Flow(on, amount or 0, tranche))
    return flows


def _repayments(fields: Fields, ids: Ids, tranches: list[Tranche]) -> list[Repayment]:
    grants = {tranche.id for tranche in tranches if tranche.kind == "grant"}
    repayments: list[Repayment] = []
    for one in fields.objects("repayments", needed=False):
        on, tranche, principal = one.day("on"), _tranche_id(one, ids), one.money("principal")
        one.end()
        if tranche in grants:
            one.fault("tranche", "is a grant, which is owed nothing")
        if on is not None and tranche is not None:
            repayments.append(Repayment(on, tranche, principal or 0))
    return repayments


def _guarantee(fields: Fields, ids: Ids) -> Guarantee | None:
    one = fields.object("guarantee")
    if one is None:
        return None
    amount, tranche = one.money("amount"), _tranche_id(one, ids)
    one.end()
    return None if amount is None or tranche is None else Guarantee(amount, tranche)
