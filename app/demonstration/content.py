"""What the demonstration bond says. Facts of the bond are public; every euro is illustrative.

The rows for home, school and work follow the structure of the price table that the Fair Chance Fund published; those
for debts, care, safety and family are ours. The texts are Dutch, as the two cities would have written them.
"""

from dataclasses import replace

from app.demonstration.evidence import EVIDENCE
from app.pricing.models import CompanionView, EffectKind, Lasts
from app.pricing.models import EvidenceType as Evidence
from app.pricing.operations import EffectFacts
from app.programmes.models import LifeDomain as Domain
from app.unit_costs.models import Bearer, SavingClass
from app.unit_costs.operations import FigureFacts

PROBLEM = (
    "Jongvolwassenen met oplopende schulden, schooluitval, een onveilige thuissituatie, delicten of een zorgvraag "
    "raken bij problemen op meerdere leefgebieden tegelijk in een neerwaartse spiraal. De gemeenten betalen alleen "
    "voor effecten die bewezen zijn."
)
ENTRY_CONDITIONS = (
    "Inwoner van Enschede of Hengelo, ongeveer 16 tot en met 23 jaar, problemen op ten minste twee leefgebieden: werk, "
    "onderwijs, inkomen, zorg, veiligheid, gezinssituatie of wonen."
)
TABLE_NOTE = (
    "Opbouw naar de gepubliceerde tabel van het Fair Chance Fund (wonen, onderwijs, werk); de overige rijen zijn van "
    "deze demonstratie. Alle bedragen zijn illustratief: de prijzen van de echte bond zijn nooit gepubliceerd."
)
MISSING = "missing-place"  # the fee for a place that a municipality did not fill
WHO = "deelnemer die bij instroom aan de voorwaarden voldeed"


def _effect(code: str, domain: Domain, price: int, name: str, definition: str, proof: Evidence) -> EffectFacts:
    return EffectFacts(
        code=code,
        name=name,
        life_domain=domain,
        definition=definition,
        price_minor=price * 100,
        evidence_type=proof,
        who=WHO,
        unit="persoon",
        sustained="op de dag zelf",
        **({"saving_class": SavingClass.AVOIDED} | EVIDENCE[code]),
    )


EFFECTS = [
    _effect(
        "home-start",
        Domain.HOME,
        600,
        "Eigen woonplek betrokken",
        "Huurcontract op eigen naam, ingegaan en ingeschreven in de BRP.",
        Evidence.LANDLORD,
    ),
    replace(
        _effect(
            "home-3m",
            Domain.HOME,
            1_600,
            "Woonplek 3 maanden behouden",
            "3 maanden onafgebroken ingeschreven op het adres; vertrek zet de klok terug.",
            Evidence.LANDLORD,
        ),
        requires=["home-start"],
        sustained="3 maanden",
        lasts=3,
        lasts_unit=Lasts.MONTHS,
    ),
    replace(
        _effect(
            "home-6m",
            Domain.HOME,
            1_600,
            "Woonplek 6 maanden behouden",
            "6 maanden onafgebroken ingeschreven op het adres; vertrek zet de klok terug.",
            Evidence.LANDLORD,
        ),
        requires=["home-3m"],
        sustained="6 maanden",
        lasts=6,
        lasts_unit=Lasts.MONTHS,
    ),
    replace(
        _effect(
            "school-back",
            Domain.EDUCATION,
            900,
            "Terug op school",
            "Ingeschreven en 8 weken lang ten minste 80 % aanwezig.",
            Evidence.SCHOOL,
        ),
        sustained="8 weken",
        lasts=8,
        lasts_unit=Lasts.WEEKS,
    ),
    _effect(
        "school-mbo2",
        Domain.EDUCATION,
        4_200,
        "Startkwalificatie behaald",
        "Diploma havo, vwo of mbo-2, in het diplomaregister.",
        Evidence.REGISTRY,
    ),
    replace(
        _effect(
            "work-13w",
            Domain.WORK,
            4_800,
            "Werk, 13 weken behouden",
            "13 weken in dienst voor ten minste 24 uur per week.",
            Evidence.EMPLOYER,
        ),
        sustained="13 weken",
        lasts=13,
        lasts_unit=Lasts.WEEKS,
    ),
    replace(
        _effect(
            "work-26w",
            Domain.WORK,
            3_800,
            "Werk, 26 weken behouden",
            "26 weken in dienst voor ten minste 24 uur per week.",
            Evidence.EMPLOYER,
        ),
        requires=["work-13w"],
        sustained="26 weken",
        lasts=26,
        lasts_unit=Lasts.WEEKS,
        deadweight_bp=1_000,
    ),
    _effect(
        "debt-plan",
        Domain.INCOME,
        1_500,
        "Schuldregeling met alle schuldeisers",
        "Regeling getekend door 100 % van de bekende schuldeisers.",
        Evidence.CREDITOR,
    ),
    replace(
        _effect(
            "care-stable",
            Domain.CARE,
            1_200,
            "6 maanden geen crisisopname",
            "0 crisisopnamen in 6 maanden na ten minste 1 opname in het jaar ervoor.",
            Evidence.CARE,
        ),
        sustained="6 maanden",
        lasts=6,
        lasts_unit=Lasts.MONTHS,
    ),
    replace(
        _effect(
            "safe-12m",
            Domain.SAFETY,
            2_000,
            "12 maanden geen nieuw politiecontact als verdachte",
            "0 registraties als verdachte in 12 maanden na ten minste 1 in het jaar ervoor.",
            Evidence.JUSTICE,
        ),
        sustained="12 maanden",
        lasts=12,
        lasts_unit=Lasts.MONTHS,
    ),
    replace(
        _effect(
            "family-end",
            Domain.FAMILY,
            1_700,
            "Ondertoezichtstelling beëindigd",
            "Beschikking van de kinderrechter: maatregel beëindigd, 0 nieuwe meldingen in 3 maanden.",
            Evidence.JUSTICE,
        ),
        sustained="3 maanden",
        lasts=3,
        lasts_unit=Lasts.MONTHS,
    ),
    replace(
        _effect(
            "cohort-insured",
            Domain.CARE,
            0,
            "Aandeel van de groep zonder achterstand bij de zorgverzekeraar",
            "Ten minste 40 % van de deelnemers stond op de peildatum niet geregistreerd als wanbetaler.",
            Evidence.REGISTRY,
        ),
        kind=EffectKind.STEPS,
        scale=[
            {"at": "0.40", "amount_minor": 400_000},
            {"at": "0.50", "amount_minor": 800_000},
            {"at": "0.60", "amount_minor": 1_200_000},
        ],
        unit="",
        max_per_person=None,
        sustained="op de peildatum",
    ),
    EffectFacts(
        code=MISSING,
        name="Ontbrekende deelnemer",
        life_domain=Domain.CARE,
        kind=EffectKind.FEE,
        definition="1 plaats die een gemeente minder vulde dan gegarandeerd, geteld tot en met een hele maand.",
        price_minor=50_000,
        unit="plaats",
        sustained="tot en met de laatste hele maand",
        who="gemeente die minder inwoners aanmeldt dan afgesproken",
        max_per_person=None,
        evidence_type=Evidence.REGISTRY,
        evidence_holder="De portal: aanmeldingen tegen het instroomplan",
        achieved_when="De laatste dag van een hele maand.",
        resets="Niets: wat later alsnog instroomt, gaat van de volgende telling af.",
        gaming="Aanmeldingen afwijzen om de vergoeding te krijgen.",
        countermeasure="Alleen wie niet past telt niet mee; de toetser leest de afgewezen aanmeldingen.",
        companion="Hoe de begeleider de aanmeldingen vindt passen",
        companion_view=CompanionView.CARE_WORKER,
        double_payment="Geen andere rij; voor instroom is geen subsidie (illustratief).",
        legal_basis="AVG art. 6 lid 1 onder e; alleen aantallen",
        expected_count=0,
    ),
]


def _published(
    name: str, pounds: int, year: int, domain: Domain, bearer: Bearer, kind: SavingClass, unit: str = "jaar"
) -> FigureFacts:
    return FigureFacts(
        name=name,
        value_minor=pounds * 100,
        currency="GBP",
        unit=unit,
        price_year=year,
        country="GB",
        life_domain=domain,
        bearer=bearer,
        saving_class=kind,
        source=f"GMCA Unit Cost Database v1.4, prijzen van {year}/{(year + 1) % 100:02}",
        licence="CC BY 4.0",
        note="Brits cijfer in ponden, zoals gepubliceerd: niet omgerekend naar euro's, en niet naar de prijzen van nu. "
        "Wiens begroting het is en welk soort besparing, heeft deze demonstratie zelf ingevuld.",
    )


UNIT_COSTS = [
    _published("Jongere (18-24) zonder werk of school", 4_257, 2010, Domain.WORK, Bearer.SOCIETY, SavingClass.AVOIDED),
    _published("Dakloze op straat", 7_900, 2010, Domain.HOME, Bearer.MUNICIPALITY, SavingClass.AVOIDED),
    _published("Kind in de jeugdzorg", 51_080, 2013, Domain.FAMILY, Bearer.MUNICIPALITY, SavingClass.CAPACITY),
    _published(
        "Plaats in een jeugdgevangenis (15-17)", 94_780, 2013, Domain.SAFETY, Bearer.JUSTICE, SavingClass.CAPACITY
    ),
]
# Made up and labelled so, for a figure in pounds cannot stand behind a price in euros.
UNIT_COSTS.append(
    FigureFacts(
        name="Jaar begeleid wonen (voorbeeld)",
        value_minor=30_000_00,
        currency="EUR",
        unit="jaar",
        price_year=2022,
        country="NL",
        life_domain=Domain.HOME,
        bearer=Bearer.MUNICIPALITY,
        saving_class=SavingClass.CAPACITY,
        source="Verzonnen voor deze demonstratie; nergens gemeten",
        licence="CC0 1.0",
        note="Illustratief: laat zien hoe een cijfer in euro's achter een prijs komt te staan.",
        illustrative=True,
    )
)
# Where the seventy young adults live, as published.
SIZES = {"enschede": 45, "hengelo": 25}

CRITERIA = [
    ("Aanpak over de leefgebieden", "Hoe de combinatie problemen op meerdere leefgebieden tegelijk aanpakt.", 40),
    ("Ervaring en team", "Wat de partners aantoonbaar met deze doelgroep hebben bereikt.", 25),
    ("Aannemelijkheid van de effecten", "Of de aantallen per effect passen bij de doelgroep en de nulmeting.", 25),
    ("Leren en borgen", "Wat er na de bond in het gewone beleid terechtkomt.", 10),
]
