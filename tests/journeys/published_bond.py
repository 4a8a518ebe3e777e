"""A published bond, made as the portal makes one: every step from the programme to the signatures by its operation.

What a replay/1 file does not say (people, texts, days before the first fact) is made up here and moves no cent. Only
organisations and their people are laid directly, and the currency, which nobody can choose on a page.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from app.agreements.models import Agreement
from app.agreements.operations import draft_agreement, offer_agreement, set_verification, sign_agreement
from app.agreements.verification_models import VerificationRules
from app.capital.day_count import DayCount
from app.capital.models import Round, TrancheTerms
from app.capital.operations import (
    RoundFacts,
    TrancheFacts,
    close_round,
    commit,
    draft_round,
    invite_investor,
    open_round,
)
from app.capital.terms import Investor, Tranche
from app.core import clock
from app.direct.operations import accept_naming, name_providers
from app.extensions import db
from app.intake.models import LegalBasis
from app.intake.operations import IntakeFacts, open_intake
from app.intake.scales import Scale
from app.people.models import Organisation, OrganisationKind, User
from app.pricing import operations as pricing
from app.pricing.gate_operations import override_gate
from app.pricing.gate_queries import judge_gates
from app.pricing.models import CompanionView, Counterfactual, EffectKind, EvidenceType, PriceTable, Reduce
from app.pricing.operations import EffectFacts, TableFacts
from app.pricing.terms import Effect
from app.programmes import operations as programmes
from app.programmes.models import LifeDomain, Part, Programme
from app.programmes.operations import ProgrammeFacts
from app.programmes.states import Route
from app.scenarios.replay import Replay
from app.unit_costs.models import Bearer, SavingClass
from tests.factories.people import make_organisation, make_user

RESERVED = 10_000_000_000  # no ceiling of a payer binds in a published case
BEFORE = timedelta(days=90)  # the bond is made in the three months before its first fact
WHY = "A published bond is reproduced; its prices stand as they were published."
OUTCOMES_ONLY = Tranche("all", 1, "return"), Investor("all", "all", 10_000_000)  # for a case without a money side


@dataclass
class Published:
    """The living bond and whoever acts in it; `investors` by the id that the file gives them."""

    replay: Replay
    programme: Programme = field(init=False)
    table: PriceTable = field(init=False)
    round: Round = field(init=False)
    agreement: Agreement = field(init=False)
    city: Organisation = field(init=False)
    official: User = field(init=False)
    second_official: User = field(init=False)
    intermediary: User = field(init=False)
    colleague: User = field(init=False)
    assessor: User = field(init=False)
    provider: User = field(init=False)
    investors: dict[str, User] = field(default_factory=dict)

    @property
    def money(self) -> tuple[tuple[Tranche, ...], tuple[Investor, ...]]:
        """What the investors brought; where the file tells nothing of it, one who takes whatever comes in."""
        if self.replay.money is None:
            return OUTCOMES_ONLY[:1], OUTCOMES_ONLY[1:]
        return self.replay.money.capital.tranches, self.replay.money.capital.investors

    def days(self) -> list[date]:
        money = self.replay.money
        flows = () if money is None else (*money.capital.drawdowns, *money.capital.costs, *(money.receipts or ()))
        moves = [flow.on for flow in flows]
        return sorted([*(fact.on for fact in self.replay.facts), *self.replay.settle_on, *moves])

    @property
    def starts_on(self) -> date:
        return self.days()[0] - timedelta(days=1)

    def cohort(self) -> int:
        """Room for as many people as any effect counts."""
        return max([100, *(int(fact.quantity) for fact in self.replay.facts if self.kind_of(fact) == "per_person")])

    def is_sampled(self) -> bool:
        """Of totals nobody knows the persons: a sample of them is judged, as the agreement says."""
        return any(self.is_total(fact) for fact in self.replay.facts) and len(self.replay.facts) < 10

    def is_total(self, fact: Any) -> bool:
        return fact.participant is None and self.kind_of(fact) == "per_person"

    def kind_of(self, fact: Any) -> str:
        return self.replay.terms.effect_by_id()[fact.effect].kind


def at(on: date, hour: int = 12) -> Any:
    return clock.at(clock.local(on, hour))


def code_of(effect_id: str) -> str:
    return effect_id.replace("_", "-")


def make_published(replay: Replay) -> Published:
    """From the idea to the last signature and the opened intake, in the months before the first fact."""
    bond = Published(replay)
    with at(bond.starts_on - BEFORE):
        _gather(bond)
        _found(bond)
        _price(bond)
        _raise_capital(bond)
        _agree(bond)
    with at(bond.starts_on):
        facts = IntakeFacts(Scale.FIVE_STEPS, LegalBasis.PUBLIC_TASK, bond.provider.organisations[0])
        open_intake(bond.programme, facts, actor=bond.official, once=uuid.uuid4())
    return bond


def _gather(bond: Published) -> None:
    bond.city = make_organisation(name=bond.replay.payer_names[bond.replay.terms.payers[0].id])
    bond.official, bond.second_official = make_user(bond.city), make_user(bond.city)
    kinds = OrganisationKind
    desk = make_organisation(kinds.INTERMEDIARY)
    bond.intermediary, bond.colleague = make_user(desk), make_user(desk)
    bond.assessor = make_user(make_organisation(kinds.ASSESSOR))
    bond.provider = make_user(make_organisation(kinds.PROVIDER))
    for investor in bond.money[1]:
        bond.investors[investor.id] = make_user(make_organisation(kinds.INVESTOR, f"Investor {investor.id}"))


def _found(bond: Published) -> None:
    last = bond.days()[-1]
    facts = ProgrammeFacts(
        title=bond.replay.title,
        problem="As published.",
        entry_conditions="As published.",
        cohort_size=bond.cohort(),
        age_from=16,
        age_to=99,
        jurisdiction="NL",
        starts_on=bond.starts_on,
        ends_on=last,
        tail_until=last,
        council_decision="17",
        council_decided_on=clock.today(),
        dpia_reference="DPIA 17",
        dpia_on=clock.today(),
        route=Route.NO_TENDER,
        route_reason="The providers of the published bond are known.",
    )
    official = bond.official
    bond.programme = programmes.draft_programme(bond.city, facts, actor=official, once=uuid.uuid4())
    bond.programme.currency = bond.replay.currency
    db.session.commit()
    programmes.set_share(bond.programme, bond.city, bond.cohort(), {last.year: RESERVED}, actor=official)
    for person, part in ((bond.intermediary, Part.INTERMEDIARY), (bond.assessor, Part.ASSESSOR)):
        programmes.add_party(bond.programme, person.organisations[0], part, actor=official)
    programmes.submit_programme(bond.programme, actor=official)
    programmes.approve_programme(bond.programme, actor=bond.second_official)


def _price(bond: Published) -> None:
    terms, actor = bond.replay.terms, bond.official
    facts = TableFacts(
        cap_per_person_minor=terms.caps.per_person,
        cap_contract_minor=terms.caps.contract,
        reduce=Reduce(terms.caps.reduce),
        step_minor=terms.step,
        vat_bp=None if terms.vat_rate is None else basis_points(terms.vat_rate),
    )
    bond.table = pricing.draft_table(bond.programme, facts, actor=actor, once=uuid.uuid4(), empty=True)
    for effect in terms.effects or (Effect("income", "fee", price=100),):  # a bond of which only its income is known
        name = bond.replay.effect_names.get(effect.id, "Income")
        pricing.add_effect(bond.table, _effect_facts(effect, name), actor=actor, once=uuid.uuid4())
    for gate in judge_gates(bond.table):  # the sources say little about evidence and baselines: openly let pass
        if gate.open_faults and gate.may_be_overridden:
            override_gate(bond.table, gate.code, "", WHY, actor=actor, once=uuid.uuid4())
    pricing.submit_table(bond.table, actor=actor)
    pricing.approve_table(bond.table, actor=bond.second_official)
    pricing.publish_table(bond.table, actor=bond.second_official)


def basis_points(fraction: Any) -> int:
    exact = Fraction(fraction) * 10_000
    assert exact.denominator == 1
    return int(exact)


def _effect_facts(effect: Effect, name: str) -> EffectFacts:
    """The row of the file, and about its evidence what a bond must say."""
    kind = EffectKind(effect.kind)
    scale: list[dict[str, Any]] = [{"at": str(float(one.at)), "amount_minor": one.amount} for one in effect.steps]
    tiers = [
        {"up_to": t.up_to and int(t.up_to), "price_minor": t.price, "max_amount_minor": t.max_amount}
        for t in effect.tiers
    ]
    return EffectFacts(
        code=code_of(effect.id),
        name=name,
        kind=kind,
        price_minor=0 if tiers or scale else effect.price,
        tiers=tiers,
        scale=scale,
        between=effect.between,
        threshold=_decimal(effect.threshold),
        pooled_threshold=_decimal(effect.pooled_threshold),
        max_per_person=effect.max_per_person if kind == EffectKind.PER_PERSON else None,
        life_domain=LifeDomain.WORK,
        who="A participant of the bond",
        definition=f"{name}, as it was published.",
        achieved_when="On the day of the document.",
        resets="Nothing.",
        evidence_type=EvidenceType.REGISTRY,
        evidence_holder="The keeper of the registry",
        counterfactual=Counterfactual.MATCHED,
        companion="How the participant rates it, reported and never paid",
        companion_view=CompanionView.PARTICIPANT,
        gaming="None known.",
        countermeasure="A sample.",
        double_payment="None.",
        legal_basis="GDPR article 6(1)(e)",
        saving_bearer=Bearer.MUNICIPALITY,
        saving_class=SavingClass.AVOIDED,
    )


def _decimal(number: Any) -> str:
    return "" if not number else str(float(number))


def _raise_capital(bond: Published) -> None:
    tranches, investors = bond.money
    target = sum(investor.committed for investor in investors)
    facts = RoundFacts(target, target, bond.starts_on, "As published.", tuple(_tranche(one) for one in tranches))
    actor = bond.intermediary
    bond.round = draft_round(bond.programme, facts, actor=actor, once=uuid.uuid4())
    for person in bond.investors.values():
        invite_investor(bond.round, person.organisations[0], actor=actor)
    open_round(bond.round, actor=actor)
    rows = {tranche.name: tranche for tranche in bond.round.tranches}
    for one in investors:
        person = bond.investors[one.id]
        place = rows[one.tranche], person.organisations[0], one.committed
        commit(bond.round, *place, actor=person, once=uuid.uuid4())
    close_round(bond.round, actor=actor)


def _tranche(tranche: Tranche) -> TrancheFacts:
    terms = TrancheTerms(tranche.kind)
    return TrancheFacts(
        name=tranche.id,
        rank=int(tranche.rank),
        terms=terms,
        rate_bp=basis_points(tranche.rate) if terms == TrancheTerms.LOAN else None,
        irr_cap_bp=None if tranche.irr_cap is None else basis_points(tranche.irr_cap),
        day_count=DayCount(tranche.day_count),
    )


def _agree(bond: Published) -> None:
    house = bond.provider.organisations[0]
    award = name_providers(bond.programme, "They", WHY, house, [], actor=bond.official, once=uuid.uuid4())
    accept_naming(award, "The work.", actor=bond.provider)
    volumes = {effect.code: 1 for effect in bond.table.effects if effect.is_counted}
    bond.agreement = draft_agreement(bond.programme, "As published.", volumes, actor=bond.official, once=uuid.uuid4())
    if bond.is_sampled():
        set_verification(bond.agreement, VerificationRules(sampling=True), actor=bond.official)
    offer_agreement(bond.agreement, actor=bond.intermediary)
    signers = [bond.official, *bond.investors.values(), bond.provider, bond.intermediary, bond.assessor]
    for person in signers:
        sign_agreement(bond.agreement, person.organisations[0], bond.agreement.digest, actor=person)
