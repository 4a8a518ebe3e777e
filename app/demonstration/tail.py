"""A small bond near its end: what is left to do is what a bond's last months ask.

Made without a tender. Its first investors did not come together; the second round was cut pro rata. Effects accrue no
more; one municipality is late with the last settlement; an investor owes a capital call for weeks; costs were paid
from what came in; a province makes up for a part of the capital that does not come back.
"""

import uuid
from datetime import timedelta

from sqlalchemy import select

from app.agreements import operations as agreements
from app.agreements.models import Agreement
from app.agreements.running_costs import CostLine
from app.capital import operations as capital
from app.capital.allotment import AllotmentRule
from app.capital.models import TrancheTerms
from app.capital.operations import RoundFacts, TrancheFacts
from app.demonstration import content, deliver, gates, money
from app.demonstration.cast import Cast
from app.demonstration.prepare import TERM_SHEET
from app.demonstration.timeline import Timeline
from app.direct import operations as direct
from app.extensions import db
from app.intake import operations as intake
from app.intake.models import AgeBand, LegalBasis, Participant
from app.intake.operations import IntakeFacts
from app.intake.scales import Scale
from app.outcomes.models import Claim
from app.pricing import operations as pricing
from app.pricing.models import Effect
from app.pricing.operations import EffectFacts, TableFacts
from app.programmes import operations as programmes
from app.programmes.models import Part, Programme
from app.programmes.operations import ProgrammeFacts
from app.programmes.states import Route
from app.settlement import operations as settlement
from app.treasury import operations as treasury
from app.treasury.due import run_due
from app.verification import judging, signing

AGO = 210  # days since it started
ENDS, TAIL = 120, 150  # days after the start
SIZES = {"enschede": 9, "hengelo": 5}
SOLD = ("home-start", "home-3m", "school-back")
# Per effect: whose, by number, and how many days after each one's start.
REACHED = (("home-start", range(0, 8), 20), ("school-back", range(3, 9), 70), ("home-3m", range(0, 5), 118))
CAPS = TableFacts(note=content.TABLE_NOTE, cap_contract_minor=1_700_000, vat_bp=2_100, illustrative=True)
SIGNING = ("government", "hengelo", "investor", "investor2", "rival", "intermediary", "assessor", "assessor2")
TEXT = (
    "Partijen werken samen aan een eigen woonplek voor veertien jongeren. De gemeenten betalen per bewezen effect en "
    "voor eigen inwoners; investeerders krijgen alleen terug uit wat de gemeenten betalen."
)
WHY_NO_TENDER = "De opdracht blijft onder de drempel voor sociale diensten (illustratief)."
WHY_OVER = "De nazorg loopt door na het laatste jaar van de begroting (illustratief)."
WHY_THEM = "Zij begeleiden deze jongeren al en hebben de woningen (illustratief)."


def bond_near_its_end(cast: Cast, when: Timeline) -> None:
    """The operations that the pages call, day by day; what is left is for whoever signs in."""
    own = Timeline(when.today - timedelta(days=AGO), when.today)
    bond = _prepare(cast, own)
    _raise_capital(bond, cast, own)
    agreement = _agree(bond, cast, own)
    money.name_account(bond, -60, cast, own)
    money.call_capital(bond, 2_000_000, -40, "Voorbereiding en begeleiding", cast, own)
    people = _take_in(bond, cast, own)
    _pay(bond, 1_800_000, "Begeleiding", 30, cast, own)
    _prove(bond, agreement, people, cast, own)
    _call_again(bond, cast, own)
    _settle(bond, cast, own)
    _pay(bond, 900_000, "Begeleiding en nazorg", 180, cast, own)
    _remind((186, 200), own)


def _prepare(cast: Cast, own: Timeline) -> Programme:
    """Enschede leads; 14 young people, the prices of the first bond for home and school, VAT in them."""
    facts = ProgrammeFacts(
        title="Op eigen benen in Twente",
        problem=content.PROBLEM,
        entry_conditions="Jongeren van 18 tot en met 27 jaar uit Enschede of Hengelo zonder eigen woonplek.",
        cohort_size=sum(SIZES.values()),
        age_from=18,
        age_to=27,
        jurisdiction="NL",
        starts_on=own.start,
        ends_on=own.day(ENDS),
        tail_until=own.day(TAIL),
        council_decision="Raadsbesluit (demonstratie)",
        council_decided_on=own.day(-124),
        dpia_reference="DPIA (demonstratie)",
        dpia_on=own.day(-123),
        illustrative=True,
        route=Route.NO_TENDER,
        route_reason=WHY_NO_TENDER,
    )
    official, second = cast.user("government"), cast.user("official2")
    with own.at(-122):
        made = programmes.draft_programme(cast.organisation("enschede"), facts, actor=official, once=uuid.uuid4())
        effects = _effects()
        budgets = gates.reserve(facts, SIZES, effects, CAPS)
        for city, size in SIZES.items():
            programmes.set_share(made, cast.organisation(city), size, budgets[city], actor=official)
        for name, part in (("desk", Part.INTERMEDIARY), ("assessors", Part.ASSESSOR), ("audit", Part.AUDITOR)):
            programmes.add_party(made, cast.organisation(name), part, actor=official)
        programmes.submit_programme(made, actor=official)
    with own.at(-120):
        programmes.approve_programme(made, actor=second)
    with own.at(-119):
        table = pricing.draft_table(made, CAPS, actor=official, once=uuid.uuid4())
        for effect in effects:
            pricing.add_effect(table, effect, actor=official, once=uuid.uuid4())
        gates.let_pass(table, "government", cast, "De definities zijn die van de eerste bond.")
        pricing.submit_table(table, actor=official)
    with own.at(-117):
        pricing.approve_table(table, actor=second)
        pricing.publish_table(table, actor=official)
    return made


def _effects() -> list[EffectFacts]:
    return gates.for_small_cohort([one for one in content.EFFECTS if one.code in SOLD], sum(SIZES.values()))


def _raise_capital(bond: Programme, cast: Cast, own: Timeline) -> None:
    """The first round fails, and who committed is released; of the second more is promised than it takes."""
    _round(bond, -116, (("investor", "fund", 0, 1_000_000),), cast, own)
    promised = (("investor2", "bank", 0, 3_000_000), ("investor", "fund", 1, 1_500_000))
    _round(bond, -107, promised, cast, own)


def _round(
    bond: Programme, offset: int, promised: tuple[tuple[str, str, int, int], ...], cast: Cast, own: Timeline
) -> None:
    """Open for a week. `promised`: person, organisation, which tranche, minor units."""
    desk = cast.user("intermediary")
    facts = RoundFacts(
        target_minor=3_000_000,
        minimum_minor=2_500_000,
        maximum_minor=3_600_000,
        ticket_least_minor=500_000,
        allotment=AllotmentRule.PRO_RATA,
        opens_on=own.day(offset),
        closes_on=own.day(offset + 7),
        term_sheet=TERM_SHEET,
        recycles=True,
        excess_to_providers_bp=2_500,
        tranches=(
            TrancheFacts(
                "Senior",
                1,
                TrancheTerms.RETURN,
                irr_cap_bp=400,
                guarantee_minor=1_000_000,
                guarantor="Provincie (demonstratie)",
            ),
            TrancheFacts("Eerste verlies", 2, TrancheTerms.RETURN, irr_cap_bp=900),
        ),
    )
    with own.at(offset):
        made = capital.draft_round(bond, facts, actor=desk, once=uuid.uuid4())
        for name in ("fund", "bank"):
            if cast.organisation(name) not in bond.organisations(Part.INVESTOR):
                capital.invite_investor(made, cast.organisation(name), actor=desk)
        capital.open_round(made, actor=desk)
    for number, (person, organisation, tranche, minor) in enumerate(promised):
        with own.at(offset + 2 + number):
            capital.commit(
                made,
                made.tranches[tranche],
                cast.organisation(organisation),
                minor,
                actor=cast.user(person),
                once=uuid.uuid4(),
            )
    with own.at(offset + 8):
        capital.close_round(made, actor=desk)


def _agree(bond: Programme, cast: Cast, own: Timeline) -> Agreement:
    """One provider is named and accepts; every party signs."""
    rival = cast.organisation("rival")
    with own.at(-97):
        named = direct.name_providers(
            bond, "Kansrijk wonen", WHY_THEM, rival, [], actor=cast.user("government"), once=uuid.uuid4()
        )
        direct.accept_naming(named, "Woonplekken met een vaste begeleider.", actor=cast.user("rival"))
    with own.at(-94):
        volumes = {"home-start": 10, "home-3m": 8, "school-back": 8}
        costs, desk = _costs(bond, rival.id, own), cast.user("intermediary")
        made = agreements.draft_agreement(
            bond, TEXT, volumes, costs=costs, actor=desk, once=uuid.uuid4(), payment_days=30
        )
        agreements.offer_agreement(made, actor=desk)
    for number, name in enumerate(SIGNING):
        with own.at(-92, 9 + number):
            person = cast.user(name)
            agreements.sign_agreement(made, person.organisations[0], made.digest, actor=person)
    return made


def _costs(bond: Programme, provider: uuid.UUID, own: Timeline) -> list[CostLine]:
    """What the provider may be paid, in the years of the bond (illustrative)."""
    return [
        CostLine(provider, min(own.day(day).year, bond.years[-1]), what, minor, milestone)
        for day, what, minor, milestone in (
            (30, "Begeleiding (illustratief)", 1_850_000, "De eerste jongeren zijn gestart"),
            (180, "Begeleiding en nazorg (illustratief)", 900_000, ""),
        )
    ]


def _take_in(bond: Programme, cast: Cast, own: Timeline) -> list[Participant]:
    """Nine young adults, whom the provider found itself, a day apart."""
    facts = IntakeFacts(Scale.FIVE_STEPS, LegalBasis.PUBLIC_TASK, cast.organisation("rival"))
    with own.at(-20):
        intake.open_intake(bond, facts, actor=cast.user("government"), once=uuid.uuid4())
    people = []
    for number in range(9):
        city = cast.organisation("hengelo" if number % 3 == 2 else "enschede")
        with own.at(1 + number):
            people.append(
                intake.register_participant(
                    bond,
                    city,
                    AgeBand.FROM_18,
                    own.day(1 + number),
                    informed_on=own.day(number),
                    actor=cast.user("rival"),
                    once=uuid.uuid4(),
                )
            )
    return people


def _prove(bond: Programme, agreement: Agreement, people: list[Participant], cast: Cast, own: Timeline) -> None:
    """Claimed, judged by one assessor and signed off; where nothing else is agreed, claims are judged as they come."""
    effects = {one.code: one for one in db.session.scalars(select(Effect).filter_by(table_id=agreement.table_id))}
    for code, numbers, after in REACHED:
        for number in numbers:
            person = people[number]
            day = person.started_on + timedelta(days=after)
            deliver.claim_effect(person, effects[code], day, number, cast, own, who="rival")
    with own.at(TAIL + 1):
        claims = db.session.scalars(select(Claim).filter_by(programme_id=bond.id).order_by(Claim.achieved_on, Claim.id))
        for claim in claims.unique().all():
            judging.judge_claim(claim, judging.PROVEN, actor=cast.user("assessor"))
    words = "Alle claims zijn beoordeeld op het bewijsstuk van de uitgever."
    method = "Elk bewijsstuk is naast de regel van zijn effect gelegd; bij twijfel is de uitgever gebeld."
    with own.at(TAIL + 1, 15):
        signing.sign_off(bond, words, method=method, actor=cast.user("assessor"), once=uuid.uuid4())


def _settle(bond: Programme, cast: Cast, own: Timeline) -> None:
    """The last settlement: both municipalities approve, Enschede pays, Hengelo does not."""
    with own.at(TAIL + 2):
        desk = cast.user("intermediary")
        made = settlement.prepare_settlement(bond, own.day(TAIL), is_final=True, actor=desk, once=uuid.uuid4())
    with own.at(TAIL + 3):
        settlement.check_settlement(made, actor=cast.user("treasurer"))
    of = {statement.payer: statement for statement in made.statements}
    for person, city in (("government", "enschede"), ("hengelo", "hengelo")):
        with own.at(TAIL + 4):
            settlement.approve_statement(of[cast.organisation(city)], actor=cast.user(person))
    with own.at(TAIL + 24):
        treasury.receive_payment(of[cast.organisation("enschede")], actor=desk)


def _call_again(bond: Programme, cast: Cast, own: Timeline) -> None:
    """The bank pays in; the fund was reminded and did not."""
    call = money.ask_for_capital(bond, 600_000, 118, "Nazorg", cast, own)
    for part in call.parts:
        if part.organisation == cast.organisation("bank"):
            with own.at(130):
                treasury.receive_capital(part, own.day(130), actor=cast.user("intermediary"))
    _remind((135, 138, 145), own)


def _remind(days: tuple[int, ...], own: Timeline) -> None:
    """What the worker does."""
    for day in days:
        with own.at(day, 7):
            run_due()


def _pay(bond: Programme, minor: int, words: str, offset: int, cast: Cast, own: Timeline) -> None:
    with own.at(offset):
        rival, treasurer = cast.organisation("rival"), cast.user("treasurer")
        # The reason is kept only where the last cost falls in a year after those of the bond.
        cost = treasury.prepare_cost(bond, rival, minor, words, WHY_OVER, actor=treasurer, once=uuid.uuid4())
    with own.at(offset + 1):
        treasury.approve_cost(cost, actor=cast.user("intermediary"))
