"""Steps 1 and 2: the programme and its prices, drafted by one and approved by another; the investors stand."""

from app.demonstration import content
from app.demonstration.people import PASSWORD
from app.pricing.operations import EffectFacts
from tests.story.stage import WHEN, Stage

TITLE = "SIB Jongvolwassenen Enschede en Hengelo"
EFFECTS = [effect for effect in content.EFFECTS if effect.code in ("home-start", "home-3m", "work-13w", "debt-plan")]
YEARS = range(2025, 2029)
REASON = "Twee mensen lezen de definities in het eerste half jaar."


def draft_programme(stage: Stage) -> None:
    official = stage["government"]
    with stage.at(-280):
        official.open("/home")
        official.open("/programmes/")
        official.follow("/programmes/draft")
        official.fill(
            {
                "lead": "Gemeente Enschede",
                "title": TITLE,
                "problem": content.PROBLEM,
                "entry_conditions": content.ENTRY_CONDITIONS,
                "cohort_size": 70,
                "age_from": 16,
                "age_to": 23,
                "jurisdiction": "NL",
                "starts_on": "2025-01-01",
                "ends_on": "2027-12-31",
                "tail_until": "2028-12-31",
                "council_decision": "Raadsbesluit 24-118",
                "council_decided_on": "2024-03-12",
                "dpia_reference": "DPIA 24-7",
                "dpia_on": "2024-03-18",
                "illustrative": True,
            }
        )
        stage.places["bond"] = official.is_at("/programmes/*")
        official.sees(TITLE)
        official.follow("/programmes/*/shares")
        for city, size, each in (("Gemeente Enschede", 45, "145000"), ("Gemeente Hengelo", 25, "80.000,00")):
            years = {f"year_{year}": each for year in YEARS}
            official.fill({"municipality": city, "cohort_size": size} | years)
        official.open(stage.places["bond"])
        official.sees("900.000")  # reserved by both, over four years
        official.follow("/programmes/*/parties")
        for name, part in (
            ("Beheerstichting Effect Oost", "intermediary"),
            ("Instituut voor Effecttoetsing", "assessor"),
            ("Rekenkamercommissie Twente", "auditor"),
        ):
            official.fill({"organisation": name, "part": part})
        official.open(stage.places["bond"])
        official.follow("/programmes/*/submit")
        official.fill()
    stage["rival"].is_refused(stage.places["bond"], 404)  # not public before it is approved
    official.is_refused(f"{stage.places['bond']}/approve", 403)  # nobody approves their own draft


def approve_programme(stage: Stage) -> None:
    second = stage["official2"]
    with stage.at(-272):
        second.wakes_to("/programmes/*")
        second.follow("/programmes/*/approve")
        second.fill()
        second.is_at("/programmes/*")
    stage["rival"].open(stage.places["bond"])
    stage["rival"].sees(TITLE)


def publish_prices(stage: Stage) -> None:
    official, second = stage["government"], stage["official2"]
    with stage.at(-265):
        official.open(stage.places["bond"])
        official.follow("/programmes/*/prices", "/programmes/*/prices/draft")
        official.fill(
            {"note": content.TABLE_NOTE, "cap_per_person_minor": "15.000,00", "cap_contract_minor": "900.000,00"}
        )
        stage.places["table"] = official.is_at("/prices/*")
        for effect in EFFECTS:
            official.follow("/prices/*/effects/add")
            official.fill(typed(effect))
        official.sees("4.800,00", "1.600,00")
        official.follow("/prices/*/gates", "/prices/*/override")
        official.fill({"gate": "D2", "reason": REASON})
        official.is_at("/prices/*/gates")
        official.open(stage.places["table"])
        official.sees(REASON)
        official.follow("/prices/*/submit")
        official.fill()
    official.is_refused(f"{stage.places['table']}/approve", 403)
    stage["provider"].is_refused(stage.places["table"], 404)
    with stage.at(-260):
        second.wakes_to("/prices/*")
        second.follow("/prices/*/approve")
        second.fill()
        official.open(stage.places["table"])
        official.follow("/prices/*/publish")
        official.fill()
    official.is_refused(f"{stage.places['table']}/edit", 409)  # published is published
    stage["provider"].open(stage.places["table"])
    stage["provider"].sees("4.800,00")


def typed(effect: EffectFacts) -> dict[str, object]:
    """An effect as an official types it."""
    return {
        "name": effect.name,
        "code": effect.code,
        "life_domain": effect.life_domain.value,
        "who": effect.who,
        "definition": effect.definition,
        "sustained": effect.sustained,
        "unit": effect.unit,
        "price_minor": f"{effect.price_minor // 100},00",
        "achieved_when": effect.achieved_when,
        "resets": effect.resets,
        "evidence_type": effect.evidence_type.value,
        "evidence_holder": effect.evidence_holder,
        "companion": effect.companion,
        "companion_view": effect.companion_view.value if effect.companion_view else "",
        "baseline_n": effect.baseline_n,
        "baseline_count": effect.baseline_count,
        "baseline_period": effect.baseline_period,
        "baseline_source": effect.baseline_source,
        "counterfactual": effect.counterfactual.value if effect.counterfactual else "",
        "difference_bp": (effect.difference_bp or 0) // 100,
        "gaming": effect.gaming,
        "countermeasure": effect.countermeasure,
        "double_payment": effect.double_payment,
        "legal_basis": effect.legal_basis,
        "expected_count": effect.expected_count,
        "months_after": effect.months_after,
        "saving_class": effect.saving_class.value if effect.saving_class else "",
    } | ({"requires": effect.requires} if effect.requires else {})


def raise_capital(stage: Stage) -> None:
    desk = stage["intermediary"]
    with stage.at(-245):
        desk.open(stage.places["bond"])
        desk.follow("/programmes/*/round", "/programmes/*/round/draft")
        desk.fill(
            {
                "target": "600.000,00",
                "minimum": "500.000,00",
                "closes_on": WHEN.day(-215).isoformat(),
                "term_sheet": "Alleen uitgenodigde organisaties. Zonder bewezen effecten gaat de inleg verloren.",
                "tranches-0-name": "Senior",
                "tranches-0-rank": 1,
                "tranches-0-terms": "return",
                "tranches-0-irr_cap_bp": "4",
                "tranches-1-name": "Eerste verlies",
                "tranches-1-rank": 2,
                "tranches-1-terms": "return",
                "tranches-1-irr_cap_bp": "9",
            }
        )
        stage.places["round"] = desk.is_at("/rounds/*")
        for name in ("Twents Fonds voor Kansen", "Oosterbank Maatschappelijk"):
            desk.follow("/rounds/*/invite")
            desk.fill({"organisation": name})
        desk.follow("/rounds/*/open")
        desk.fill()
    stage["rival"].is_refused(stage.places["round"], 404)
    commit(stage, "investor2", "Senior", "400.000,00", -235)
    commit(stage, "investor", "Eerste verlies", "200.000,00", -230)
    with stage.at(-225):
        desk.open(stage.places["round"])
        desk.sees("600.000")
        desk.follow("/rounds/*/close")
        desk.fill()
        desk.is_at("/rounds/*")


def commit(stage: Stage, name: str, tranche: str, amount: str, offset: int) -> None:
    """First the figures, then the promise."""
    investor = stage[name]
    with stage.at(offset):
        investor.wakes_to("/rounds/*")
        investor.follow("/rounds/*/commit")
        investor.fill({"tranche": tranche, "amount": amount})
        investor.is_at("/rounds/*/commit")
        investor.fill({"bound": True, "password": PASSWORD})
        investor.is_at("/rounds/*")
        investor.sees(amount)
