"""From the first idea to a published call: programme, prices, investors."""

import hashlib
import uuid
from datetime import timedelta

from app.capital import interest_operations as interest
from app.capital import operations as capital
from app.capital.models import Round, TrancheTerms
from app.capital.operations import RoundFacts, TrancheFacts
from app.core.document import Document
from app.core.pdf import Document as Sheet
from app.core.pdf import Section, pdf_of
from app.demonstration import content, gates
from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.pricing import operations as pricing
from app.pricing.models import PriceTable, table_in_force
from app.pricing.operations import EffectFacts, TableFacts
from app.programmes import operations as programmes
from app.programmes.models import Part, Programme
from app.programmes.operations import ProgrammeFacts
from app.scenarios import operations as scenarios
from app.unit_costs import operations as unit_costs

TERM_SHEET = (
    "Inleg in euro's, opgevraagd naar behoefte. Uitbetaald wordt alleen uit wat de gemeenten voor bewezen effecten "
    "betalen; zonder bewezen effecten gaat de inleg verloren. Eerst de senior inleg, daarna het eerste-verliesdeel. "
    "Dit is geen openbaar aanbod: alleen uitgenodigde organisaties zeggen toe."
)


def term_sheet_file(when: Timeline) -> Document:
    """The term sheet as a PDF, the same bytes for the same day."""
    told = Sheet(
        title="Term sheet SIB (demonstratie)",
        author="Stichting SIB (demonstratie)",
        foot="Demonstratie. Geen openbaar aanbod en geen handelsplatform.",
        sections=[Section(paragraphs=[TERM_SHEET])],
    )
    content = pdf_of(told, "nl", when.moment(-246))
    return Document("term-sheet.pdf", "application/pdf", hashlib.sha256(content).hexdigest(), content)


def fill_register(cast: Cast) -> None:
    """Published figures in pounds, with source and licence, and an illustrative one in euros that a table can use.

    No effect of the demonstration is linked to any of them.
    """
    for facts in content.UNIT_COSTS:
        actor, city = cast.user("government"), cast.organisation("enschede")
        unit_costs.add_unit_cost(city, facts, actor=actor, once=uuid.uuid4())


def draft_programme(caps: TableFacts, cast: Cast, when: Timeline) -> Programme:
    """Enschede and Hengelo: 45 and 25 of seventy young adults, as published; the reservations are illustrative.

    They reserve per year what the calendar of payments may ask under `caps`.
    """
    official = cast.user("government")
    facts = ProgrammeFacts(
        title="SIB Jongvolwassenen Enschede en Hengelo",
        problem=content.PROBLEM,
        entry_conditions=content.ENTRY_CONDITIONS,
        cohort_size=70,
        age_from=16,
        age_to=23,
        jurisdiction="NL",
        starts_on=when.start,
        ends_on=when.start + timedelta(days=3 * 365),
        tail_until=when.start + timedelta(days=4 * 365),
        council_decision="Raadsbesluit (demonstratie)",
        council_decided_on=when.day(-290),
        dpia_reference="DPIA (demonstratie)",
        dpia_on=when.day(-285),
        illustrative=True,
    )
    with when.at(-280):
        programme = programmes.draft_programme(cast.organisation("enschede"), facts, actor=official, once=uuid.uuid4())
    budgets = gates.reserve(facts, content.SIZES, content.EFFECTS, caps)
    with when.at(-279):
        for city, size in content.SIZES.items():
            programmes.set_share(programme, cast.organisation(city), size, budgets[city], actor=cast.user("government"))
    with when.at(-278):
        for name, part in (("desk", Part.INTERMEDIARY), ("assessors", Part.ASSESSOR), ("audit", Part.AUDITOR)):
            programmes.add_party(programme, cast.organisation(name), part, actor=cast.user("government"))
        programmes.submit_programme(programme, actor=cast.user("government"))
    with when.at(-272):
        programmes.approve_programme(programme, actor=cast.user("official2"))
    return programme


def publish_prices(
    programme: Programme, effects: list[EffectFacts], facts: TableFacts, cast: Cast, when: Timeline, offset: int
) -> PriceTable:
    """Drafted by one official, some definitions read by two people, approved by another official, published."""
    with when.at(offset):
        table = pricing.draft_table(programme, facts, actor=cast.user("government"), once=uuid.uuid4())
        for effect in effects:
            pricing.add_effect(table, effect, actor=cast.user("government"), once=uuid.uuid4())
        gates.have_read(table, cast)
    with when.at(offset + 2):
        gates.let_pass(table, "government", cast)
        pricing.submit_table(table, actor=cast.user("government"))
    with when.at(offset + 5):
        pricing.approve_table(table, actor=cast.user("official2"))
        pricing.publish_table(table, actor=cast.user("government"))
    return table


def raise_capital(programme: Programme, cast: Cast, when: Timeline) -> Round:
    """The consortium of lenders stands before the call opens, as in the news item."""
    facts = RoundFacts(
        target_minor=60_000_000,
        minimum_minor=50_000_000,
        maximum_minor=60_000_000,
        ticket_least_minor=2_500_000,
        ticket_step_minor=500_000,
        opens_on=when.day(-240),
        closes_on=when.day(-215),
        term_sheet=TERM_SHEET,
        sheet=term_sheet_file(when),
        tranches=(
            TrancheFacts("Senior", 1, TrancheTerms.RETURN, irr_cap_bp=400),
            TrancheFacts("Eerste verlies", 2, TrancheTerms.RETURN, irr_cap_bp=900),
        ),
    )
    with when.at(-245):
        round = capital.draft_round(programme, facts, actor=cast.user("intermediary"), once=uuid.uuid4())
        for name in ("fund", "bank"):
            capital.invite_investor(round, cast.organisation(name), actor=cast.user("intermediary"))
        capital.open_round(round, actor=cast.user("intermediary"))
    senior, first_loss = round.tranches
    with when.at(-242):
        interest.state_interest(
            round,
            cast.organisation("bank"),
            40_000_000,
            "Onder voorbehoud van het besluit van onze kredietcommissie.",
            when.day(-230),
            actor=cast.user("investor2"),
            once=uuid.uuid4(),
        )
    for offset, tranche, organisation, person, amount in (
        (-235, senior, "bank", "investor2", 40_000_000),
        (-230, first_loss, "fund", "investor", 20_000_000),
    ):
        with when.at(offset):
            capital.commit(
                round, tranche, cast.organisation(organisation), amount, actor=cast.user(person), once=uuid.uuid4()
            )
    with when.at(-225):
        capital.close_round(round, actor=cast.user("intermediary"))
    return round


def save_scenario(programme: Programme, cast: Cast, when: Timeline) -> None:
    """Before the call the leading municipality asked what it would pay if work came late and to few."""
    answers = {"l_work-13w": "10", "e_work-13w": "20", "m_work-13w": "12", "m_work-26w": "18"}
    official = cast.user("government")
    with when.at(-222):
        table = db.session.scalars(table_in_force(programme.id)).unique().one()
        scenarios.save_scenario(
            programme, table, "Werk komt laat", answers, 20261122, actor=official, once=uuid.uuid4()
        )
