"""What the pages of an agreement read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.access.actions import Action
from app.access.guard import Answer, can
from app.access.roles import Role
from app.agreements.models import Agreement
from app.agreements.providing import consortia_of
from app.agreements.states import AgreementState
from app.agreements.terms import sources_of, terms_now
from app.core.errors import NotNow
from app.people.models import Organisation
from app.pricing.models import Effect
from app.programmes.models import Programme

READS_AMOUNTS = frozenset({Role.OFFICIAL, Role.LEAD_OFFICIAL, Role.INTERMEDIARY, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class InvestorLine:
    """`allotted_minor` is None where the reader may only know the total."""

    name: str
    tranche: str
    allotted_minor: int | None


@dataclass(frozen=True, slots=True)
class EffectLine:
    """An effect as it was agreed: `price_range` the least and the most that a payer pays for one (minor units), zero
    where `tiers` or a scale say what is paid; `amount_minor` what the `volume` of the plan costs at the most."""

    name: str
    life_domain: str
    price_range: tuple[int, int]
    tiers: Sequence[Any]
    deadweight_bp: int
    volume: int
    amount_minor: int


def can_draft(programme: Programme, user: Any) -> Answer:
    """Who and when together: there must be an award, investors and prices to agree on."""
    answer = can(Action.AGREEMENT_DRAFT, programme, user)
    if answer:
        try:
            sources_of(programme)
        except NotNow as early:
            return Answer(False, early.message)
    return answer


def terms_of(agreement: Agreement) -> dict[str, Any]:
    """The frozen terms; of a draft, what would be frozen now."""
    if agreement.state != AgreementState.DRAFT:
        return agreement.terms
    return terms_now(agreement, sources_of(agreement.programme))


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A consortium in the agreement: who it is, its lot (None: the whole bond), its volumes as (effect, number)."""

    name: str
    lot: dict[str, Any] | None
    lead_id: str
    partners: Sequence[Any]
    volumes: Sequence[tuple[str, int]]
    discount_bp: int
    plan_digest: str


def provider_lines(terms: dict[str, Any]) -> list[ProviderLine]:
    names = {effect["code"]: effect["name"] for effect in terms["table"]["effects"]}
    return [
        ProviderLine(
            name=one["name"],
            lot=one["lot"],
            lead_id=one["lead"]["id"],
            partners=one["partners"],
            volumes=[(names[code], number) for code, number in one["volumes"].items()],
            discount_bp=one["discount_bp"],
            plan_digest=one["plan_digest"],
        )
        for one in consortia_of(terms)
    ]


def effect_lines(terms: dict[str, Any]) -> list[EffectLine]:
    """The prices and the volumes of the plan; where payers pay different prices, the dearest counts."""
    payers = [payer["organisation"]["id"] for payer in terms["payers"]]
    volumes = terms["volumes"]
    return [_effect_line(effect, payers, volumes.get(effect["code"], 0)) for effect in terms["table"]["effects"]]


def _effect_line(effect: dict[str, Any], payers: Sequence[str], volume: int) -> EffectLine:
    price, own, tiers = effect["price_minor"], effect.get("payer_prices") or {}, effect.get("tiers") or []
    prices = [own.get(payer, price) for payer in payers] or [price]
    amount = Effect(price_minor=price, payer_prices=own, tiers=tiers).amount_of(volume)
    return EffectLine(
        name=effect["name"],
        life_domain=effect["life_domain"],
        price_range=(min(prices), max(prices)),
        tiers=tiers,
        deadweight_bp=effect["deadweight_bp"],
        volume=volume,
        amount_minor=amount,
    )


def investor_lines(agreement: Agreement, terms: dict[str, Any], user: Any) -> list[InvestorLine]:
    """Amounts per investor are for the investor itself, the intermediary, the governments and the auditor."""
    reads_all = bool(agreement.roles_of(user) & READS_AMOUNTS)
    own = {str(one) for one in user.organisation_ids}
    return [
        InvestorLine(
            line["organisation"]["name"],
            line["tranche"],
            line["allotted_minor"] if reads_all or line["organisation"]["id"] in own else None,
        )
        for line in terms["round"]["investors"]
    ]


def may_sign_for(agreement: Agreement, user: Any) -> list[Organisation]:
    """The user's organisations that have not signed yet."""
    return [
        party.organisation
        for party in agreement.parties
        if party.signed_at is None and party.organisation_id in user.organisation_ids
    ]
