"""What is going on today: the second half-year, a bond whose call is open, and one that looks for investors."""

import uuid
from dataclasses import replace
from datetime import timedelta

from app.agreements.models import Agreement
from app.board import operations as board
from app.board.models import Wish
from app.board.operations import Wanted
from app.calls import asked_operations as asked
from app.calls import criteria_operations, question_operations
from app.calls import operations as calls
from app.calls.asked import ItemKind
from app.calls.asked_operations import ItemFacts, LotFacts
from app.calls.criteria import CriterionFacts, ScoringFacts
from app.calls.models import Call, CriterionKind, TieRule
from app.calls.operations import CallFacts
from app.capital import interest_operations as interest
from app.capital import operations as capital
from app.capital.allotment import AllotmentRule
from app.capital.models import Round, TrancheTerms
from app.capital.operations import RoundFacts, TrancheFacts
from app.consortia import operations as consortia
from app.consortia.coverage import municipalities_of
from app.core import clock
from app.demonstration import content, deliver, gates, money
from app.demonstration.cast import Cast
from app.demonstration.tender import OPENERS, make_opening_keys, say_where_to_turn
from app.demonstration.timeline import Timeline
from app.intake.models import Participant
from app.pricing import operations as pricing
from app.pricing.operations import TableFacts
from app.profiles import operations as profiles
from app.profiles.operations import ProfileFacts
from app.programmes import operations as programmes
from app.programmes.models import Part, Programme
from app.programmes.operations import ProgrammeFacts
from app.treasury import assignment_operations as assignments
from app.treasury import operations as treasury
from app.treasury.models import CapitalCall
from app.verification import judging

TERM_SHEET = (
    "Inleg in euro's in één tranche, opgevraagd naar behoefte. Uitbetaald wordt alleen uit wat de gemeenten voor "
    "bewezen effecten betalen; zonder bewezen effecten gaat de inleg verloren. Dit is geen openbaar aanbod: alleen "
    "uitgenodigde organisaties zeggen toe."
)


def second_half_year(
    bond: Programme, people: list[Participant], agreement: Agreement, cast: Cast, when: Timeline
) -> CapitalCall:
    """Some claims decided, some waiting, one asked about; the cohort measured; money called, and costs waiting for a
    second person. Answers the capital call that investors are asked for."""
    days = (when.today - when.start).days
    claims = deliver.claim_effects(deliver.SECOND_HALF_YEAR, people, agreement, when.day(days - 4), cast, when)
    if claims:
        deliver.lock_batch(bond, days - 3, cast, when)
    with when.at(days - 3, 14):
        for claim in claims[: len(claims) // 2]:
            judging.judge_claim(claim, judging.PROVEN, actor=cast.user("assessor2"))
        if len(claims) % 2 == 0 or len(claims) > 2:
            judging.ask_provider(claims[-1], "Welke periode dekt het bewijsstuk?", actor=cast.user("assessor"))
    deliver.measure_cohort(bond, agreement, days - 3, cast, when)
    asked = money.ask_for_capital(bond, 15_000_000, days - 6, "Tweede half jaar", cast, when)
    with when.at(days - 2):
        treasury.prepare_cost(
            bond,
            cast.organisation("bridge"),
            6_500_000,
            "Begeleiding, tweede half jaar",
            actor=cast.user("treasurer"),
            once=uuid.uuid4(),
        )
        table = pricing.draft_table(
            bond,
            TableFacts(
                note="Voorstel: herijking na het eerste half jaar.",
                cap_per_person_minor=1_500_000,
                cap_contract_minor=90_000_000,
                illustrative=True,
            ),
            actor=cast.user("government"),
            once=uuid.uuid4(),
        )
        gates.let_pass(table, "government", cast)
        pricing.submit_table(table, actor=cast.user("government"))
    return asked


def second_bond(cast: Cast, when: Timeline) -> None:
    """Hengelo leads; its call is open, one consortium forms, one question waits for an answer."""
    days = (when.today - when.start).days
    bond = _prepared("Thuis in Twente", {"hengelo": 16, "enschede": 8}, ("hengelo", "scorer2"), days - 80, cast, when)
    _open_round(bond, 24_000_000, "intermediary", days - 60, cast, when)
    facts = CallFacts(
        title="Oproep Thuis in Twente",
        description="Gezocht: organisaties die samen zorgen dat dakloze jongeren een woonplek krijgen en houden.",
        requirements="Eén plan per combinatie; afspraken met ten minste één woningcorporatie.",
        questions_until=clock.local(when.today + timedelta(days=15), 17),
        deadline=clock.local(when.today + timedelta(days=30), 12),
        standstill_days=20,
        criteria=tuple(CriterionFacts(name, weight, words) for name, words, weight in content.CRITERIA),
        openers=tuple(cast.users[name] for name in OPENERS),
        scorers=tuple(cast.users[name] for name in ("scorer1", "scorer2", "scorer3")),
    )
    with when.at(days - 20):
        call = calls.draft_call(bond, facts, actor=cast.user("hengelo"), once=uuid.uuid4())
        say_where_to_turn(call, "Inkoop Hengelo", "inkoop@hengelo.example", cast.user("hengelo"))
        make_opening_keys(call, cast)
        calls.publish_call(call, actor=cast.user("hengelo"))
    with when.at(days - 12):
        consortium = consortia.form_consortium(
            call,
            cast.organisation("rival"),
            "Een dak en verder",
            "Begeleiding naar een eigen woonplek.",
            ("home", "income"),
            actor=cast.user("rival"),
            once=uuid.uuid4(),
            role="Penvoerder",
            skills=("outreach", "mentoring", "debt_help"),
            municipalities=[str(place.id) for place in municipalities_of(call)],
        )
        consortia.invite_partner(consortium, cast.organisation("home"), actor=cast.user("rival"))
        consortia.form_consortium(
            call,
            cast.organisation("bridge"),
            "Brug naar huis",
            "Begeleiding en werk.",
            ("work", "home"),
            actor=cast.user("provider"),
            once=uuid.uuid4(),
            role="Penvoerder",
            skills=("mentoring", "job_coaching", "evidence"),
            municipalities=[str(place.id) for place in municipalities_of(call)],
        )
    with when.at(days - 9):
        _look_for_partners(call, cast)
    with when.at(days - 3):
        question_operations.ask_question(
            call,
            "Telt een kamer in begeleid wonen mee als eigen woonplek?",
            actor=cast.user("provider"),
            once=uuid.uuid4(),
        )


def _look_for_partners(call: Call, cast: Cast) -> None:
    """Two organisations say what they do; one asks a part on the board, and is answered there."""
    about = {
        "bridge": ("Begeleiding naar werk en uit de schulden, met een vaste jobcoach.", ("work", "income")),
        "home": ("Woonplekken met begeleiding voor jongeren van 16 tot 27 jaar.", ("home", "care")),
    }
    for name, (words, domains) in about.items():
        actor = cast.user({"bridge": "provider", "home": "partner"}[name])
        facts = ProfileFacts(about=words, life_domains=domains, capacity=40)
        profiles.write_profile(cast.organisation(name), facts, actor=actor)
    need = Wanted(Wish.NEED, "Wij zoeken een partner met woonplekken in Hengelo.", ("home",))
    entry = board.post_entry(call, cast.organisation("bridge"), need, actor=cast.user("provider"), once=uuid.uuid4())
    board.contact_entry(entry, "Wij hebben er acht vrij.", actor=cast.user("partner"), once=uuid.uuid4())


def third_bond(cast: Cast, when: Timeline) -> None:
    """Enschede prepares a bond that still looks for investors and drafts its call meanwhile; a colleague's draft waits
    for approval."""
    days = (when.today - when.start).days
    bond = _prepared("Aan het werk in Enschede", {"enschede": 40}, ("government", "official2"), days - 40, cast, when)
    _draft_call(bond, days - 22, cast, when)
    _open_round(bond, 30_000_000, "intermediary", days - 10, cast, when, stands=False)
    with when.at(days - 1):
        draft = _draft("Zorg dichtbij", {"enschede": 30}, "official2", cast, when)
        programmes.submit_programme(draft, actor=cast.user("official2"))


def _draft_call(bond: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """Two lots, a plan of its own, a discount; nobody is named yet who opens and scores."""
    actor, enschede = cast.user("government"), (cast.organisation("enschede").id,)
    facts = CallFacts(
        title="Oproep Aan het werk in Enschede",
        description="Gezocht: organisaties die samen veertig jongeren naar werk begeleiden en daar houden.",
        requirements="Eén plan per combinatie en per perceel.",
        questions_until=clock.local(when.today + timedelta(days=40), 17),
        deadline=clock.local(when.today + timedelta(days=60), 12),
        standstill_days=20,
    )
    scoring = ScoringFacts(
        criteria=(
            CriterionFacts("Aanpak", 50, "Hoe de combinatie jongeren vindt, plaatst en begeleidt.", minimum=6),
            CriterionFacts("Werkgevers", 30, "Welke werkgevers meedoen, en waaruit dat blijkt."),
            CriterionFacts("Korting", 20, "Korting op de hele prijzentabel.", CriterionKind.DISCOUNT),
        ),
        scale=(0, 2, 4, 6, 8, 10),
        minimum_total=550,
        tie_rule=TieRule.LOT,
    )
    items = (
        ItemFacts(ItemKind.NUMBER, "Werkgevers die meedoen", "Met een getekende toezegging.", least=3, most=500),
        ItemFacts(ItemKind.CHOICE, "Start", "Wanneer de eerste jongere begint.", choices=("1 maart", "1 juni")),
        ItemFacts(ItemKind.FILE, "Toezeggingen van werkgevers", required=False),
        ItemFacts(ItemKind.BUDGET, "Begroting", "Per partner en jaar; opent tegelijk met de korting."),
    )
    with when.at(offset):
        call = calls.draft_call(bond, facts, actor=actor, once=uuid.uuid4())
        criteria_operations.edit_criteria(call, scoring, actor=actor)
        for item in items:
            asked.add_item(call, item, actor=actor, once=uuid.uuid4())
        for name, size in (("Jongeren zonder startkwalificatie", 25), ("Jongeren met een diploma", 15)):
            asked.add_lot(call, LotFacts(name, "", size, enschede), actor=actor, once=uuid.uuid4())


def _draft(title: str, cities: dict[str, int], official: str, cast: Cast, when: Timeline) -> Programme:
    """`cities`: how many participants live where, the leading one first."""
    starts = when.today + timedelta(days=120)
    facts = ProgrammeFacts(
        title=title,
        problem=content.PROBLEM,
        entry_conditions="Jongeren van 18 tot en met 27 jaar uit Twente.",
        cohort_size=sum(cities.values()),
        age_from=18,
        age_to=27,
        jurisdiction="NL",
        starts_on=starts,
        ends_on=starts + timedelta(days=2 * 365),
        tail_until=starts + timedelta(days=3 * 365),
        council_decision="Raadsbesluit (demonstratie)",
        council_decided_on=clock.today() - timedelta(days=10),
        dpia_reference="DPIA (demonstratie)",
        dpia_on=clock.today() - timedelta(days=8),
        illustrative=True,
    )
    actor = cast.user(official)
    lead = cast.organisation(next(iter(cities)))
    programme = programmes.draft_programme(lead, facts, actor=actor, once=uuid.uuid4())
    effects = gates.for_small_cohort(content.EFFECTS[:7], facts.cohort_size)
    budgets = gates.reserve(facts, cities, effects, _caps(facts.cohort_size))
    for city, size in cities.items():
        programmes.set_share(programme, cast.organisation(city), size, budgets[city], actor=cast.user(official))
    for name, part in (("desk", Part.INTERMEDIARY), ("assessors", Part.ASSESSOR), ("audit", Part.AUDITOR)):
        programmes.add_party(programme, cast.organisation(name), part, actor=cast.user(official))
    return programme


def _caps(cohort: int) -> TableFacts:
    """At most 10,000 euros for each participant, over all of them."""
    return TableFacts(note=content.TABLE_NOTE, cap_contract_minor=cohort * 1_000_000, illustrative=True)


def _prepared(
    title: str, cities: dict[str, int], officials: tuple[str, str], offset: int, cast: Cast, when: Timeline
) -> Programme:
    """A programme with published prices: those of the first bond for home, school and work."""
    first, second = officials
    with when.at(offset):
        programme = _draft(title, cities, first, cast, when)
        programmes.submit_programme(programme, actor=cast.user(first))
    with when.at(offset + 2):
        programmes.approve_programme(programme, actor=cast.user(second))
    cohort = sum(cities.values())
    with when.at(offset + 5):
        table = pricing.draft_table(programme, _caps(cohort), actor=cast.user(first), once=uuid.uuid4())
        for effect in gates.for_small_cohort(content.EFFECTS[:7], cohort):
            pricing.add_effect(table, effect, actor=cast.user(first), once=uuid.uuid4())
        gates.let_pass(table, first, cast, "De definities zijn die van de eerste bond, waar twee mensen ze lazen.")
        pricing.submit_table(table, actor=cast.user(first))
    with when.at(offset + 8):
        pricing.approve_table(table, actor=cast.user(second))
        pricing.publish_table(table, actor=cast.user(first))
    return programme


def _open_round(
    bond: Programme, target_minor: int, actor: str, offset: int, cast: Cast, when: Timeline, stands: bool = True
) -> None:
    facts = RoundFacts(
        target_minor=target_minor,
        minimum_minor=target_minor // 2,
        closes_on=when.day(offset + 25),
        term_sheet=TERM_SHEET,
        tranches=(TrancheFacts("Inleg", 1, TrancheTerms.RETURN, irr_cap_bp=500),),
    )
    if not stands:
        facts = _cut_alike(facts)
    with when.at(offset):
        round = capital.draft_round(bond, facts, actor=cast.user(actor), once=uuid.uuid4())
        for name in ("fund", "bank"):
            capital.invite_investor(round, cast.organisation(name), actor=cast.user(actor))
        capital.open_round(round, actor=cast.user(actor))
    if stands:
        with when.at(offset + 10):
            capital.commit(
                round,
                round.tranches[0],
                cast.organisation("bank"),
                target_minor,
                actor=cast.user("investor2"),
                once=uuid.uuid4(),
            )
            capital.close_round(round, actor=cast.user(actor))
        return
    with when.at(offset + 4):
        interest.state_interest(
            round,
            cast.organisation("fund"),
            target_minor // 4,
            "Onder voorbehoud van het besluit van ons bestuur.",
            when.day(offset + 20),
            actor=cast.user("investor"),
            once=uuid.uuid4(),
        )


def _cut_alike(facts: RoundFacts) -> RoundFacts:
    """More may be offered than the round takes, and a province makes up for a tenth of what is lost."""
    (tranche,) = facts.tranches
    guaranteed = replace(tranche, guarantee_minor=facts.target_minor // 10, guarantor="Provincie (demonstratie)")
    return replace(
        facts,
        maximum_minor=facts.target_minor * 6 // 5,
        allotment=AllotmentRule.PRO_RATA,
        ticket_least_minor=1_000_000,
        tranches=(guaranteed,),
    )


def pass_on_a_part(round: Round, cast: Cast, when: Timeline) -> None:
    """The bank wants less of what was not called yet; the fund accepts, and the intermediary is yet to decide."""
    days = (when.today - when.start).days
    held = next(one for one in round.commitments if one.organisation == cast.organisation("bank"))
    with when.at(days - 2, 11):
        made = assignments.propose_assignment(
            held,
            cast.organisation("fund"),
            5_000_000,
            "Wij brengen ons belang in deze regio terug.",
            actor=cast.user("investor2"),
            once=uuid.uuid4(),
        )
    with when.at(days - 1, 11):
        digest = assignments.digest_to_join(made)
        assignments.accept_assignment(made, digest, actor=cast.user("investor"))
