"""What the gates ask of each effect of the demonstration. All numbers and sources are illustrative."""

from typing import Any

from app.pricing.models import CompanionView as View
from app.pricing.models import Counterfactual
from app.unit_costs.models import Bearer, SavingClass

SOURCE = "Illustratief: dossiers van beide gemeenten, gemaakt voor deze demonstratie"
LAW = "AVG art. 6 lid 1 onder e; "
REGISTERED = "Uitschrijving of verhuizing zonder nieuw adres binnen 14 dagen zet de klok terug."
PAID_ONCE = "Geen andere rij; de gemeenten geven hiervoor geen subsidie (illustratief)."
REASON = (
    "Voor drie effecten is de lezerstest gedaan. De andere definities volgen dezelfde opbouw en worden in het eerste "
    "half jaar gelezen; tot die tijd toetst het instituut elk dossier met twee mensen."
)


def _of(
    proof: tuple[str, str, str],
    numbers: tuple[int, int, int, int],
    game: tuple[str, str],
    companion: tuple[str, View],
    law: str,
) -> dict[str, Any]:
    """`proof`: holder, day of achievement, clock. `numbers`: how many of 200 comparable young people reached it without
    support, the expected difference in basis points, how many are expected, months after intake."""
    return {
        "evidence_holder": proof[0],
        "achieved_when": proof[1],
        "resets": proof[2],
        "baseline_n": 200,
        "baseline_count": numbers[0],
        "baseline_period": "24 maanden, illustratief",
        "baseline_source": SOURCE,
        "counterfactual": Counterfactual.MATCHED,
        "difference_bp": numbers[1],
        "gaming": game[0],
        "countermeasure": game[1],
        "companion": companion[0],
        "companion_view": companion[1],
        "double_payment": PAID_ONCE,
        "legal_basis": LAW + law,
        "expected_count": numbers[2],
        "months_after": numbers[3],
    }


HOME = ("Een adres zonder dat iemand er woont.", "De toetser belt de verhuurder bij een steekproef.")
WORK = ("Een dienstverband op papier bij een bekende.", "De toetser vergelijkt met loonaangiften.")
FEELS_HOME = ("Hoe thuis de deelnemer zich voelt, per half jaar", View.PARTICIPANT)
LIKES_WORK = ("Wat de deelnemer van het werk vindt, per half jaar", View.PARTICIPANT)
NO_CLOCK = "Niets: het wordt op één dag vastgesteld."
JOB_ENDS = "Meer dan 7 dagen zonder dienstverband zet de klok terug."
EVIDENCE: dict[str, dict[str, Any]] = {
    "home-start": _of(
        ("De verhuurder en de BRP", "De dag van inschrijving op het adres.", NO_CLOCK),
        (40, 2_500, 40, 2),
        HOME,
        FEELS_HOME,
        "Wet BRP art. 3.5",
    ),
    "home-3m": _of(
        ("De verhuurder en de BRP", "De dag waarop 3 maanden vol zijn.", REGISTERED),
        (30, 2_300, 34, 5),
        HOME,
        FEELS_HOME,
        "Wet BRP art. 3.5",
    ),
    "home-6m": _of(
        ("De verhuurder en de BRP", "De dag waarop 6 maanden vol zijn.", REGISTERED),
        (20, 2_100, 28, 8),
        HOME,
        FEELS_HOME,
        "Wet BRP art. 3.5",
    ),
    "school-back": _of(
        ("De school", "De laatste schooldag van de achtste week.", "Een week onder de 80 % zet de klok terug."),
        (30, 2_200, 18, 4),
        ("Aanwezig melden wie er niet is.", "De school levert de verzuimregistratie zelf aan."),
        ("Hoe de mentor de schoolgang ziet", View.CARE_WORKER),
        "Leerplichtwet 1969 art. 21a",
    ),
    "school-mbo2": _of(
        ("Het diplomaregister (DUO)", "De dag op het diploma.", NO_CLOCK),
        (20, 2_000, 12, 12),
        ("Een licht certificaat als diploma indienen.", "Alleen wat in het diplomaregister staat telt."),
        ("Of de deelnemer verder wil leren", View.PARTICIPANT),
        "toestemming van de deelnemer voor het uittreksel",
    ),
    "work-13w": _of(
        ("De werkgever", "De laatste dag van week 13.", JOB_ENDS),
        (40, 2_500, 22, 6),
        WORK,
        LIKES_WORK,
        "Wet SUWI art. 62",
    ),
    "work-26w": _of(
        ("De werkgever", "De laatste dag van week 26.", JOB_ENDS),
        (30, 2_300, 16, 9),
        WORK,
        LIKES_WORK,
        "Wet SUWI art. 62",
    ),
    "debt-plan": _of(
        ("De schuldhulpverlening van de gemeente", "De dag van de laatste handtekening.", NO_CLOCK),
        (30, 2_300, 25, 4),
        ("Een schuldeiser weglaten.", "Vergelijking met de registratie van het BKR."),
        ("Hoeveel rust de deelnemer ervaart over geld", View.PARTICIPANT),
        "Wet gemeentelijke schuldhulpverlening art. 8",
    ),
    "care-stable": _of(
        ("De zorginstelling", "De dag waarop 6 maanden vol zijn.", "Een crisisopname zet de klok terug."),
        (40, 2_500, 10, 8),
        (
            "Een opname uitstellen tot na de zes maanden.",
            "De hulpverlener meldt uitgestelde zorg.",
        ),
        ("Hoe de hulpverlener de zorgvraag ziet", View.CARE_WORKER),
        "uitdrukkelijke toestemming, AVG art. 9 lid 2 onder a",
    ),
    "safe-12m": _of(
        (
            "De politie",
            "De dag waarop 12 maanden vol zijn.",
            "Een registratie als verdachte zet terug.",
        ),
        (40, 2_500, 14, 14),
        ("Alleen deelnemers met weinig risico aannemen.", "Instroom volgens de voorwaarden, door de gemeente."),
        ("Hoe de jeugdrechter of reclassering het ziet", View.YOUTH_JUDGE),
        "Wet politiegegevens art. 20",
    ),
    "family-end": _of(
        ("De griffie van de rechtbank", "De dag waarop 3 maanden zonder melding vol zijn.", "Een melding zet terug."),
        (20, 2_000, 6, 10),
        ("Druk zetten om niet te melden.", "Meldingen komen van anderen dan de uitvoerder."),
        ("Hoe de jeugdrechter de thuissituatie ziet", View.YOUTH_JUDGE),
        "toestemming van het gezin",
    ),
    "cohort-insured": _of(
        ("De beheerder van het register van wanbetalers", "De peildatum: de laatste dag van het halfjaar.", NO_CLOCK),
        (60, 2_600, 4, 6),
        ("Alleen deelnemers zonder achterstand aannemen.", "Gemeten over iedereen die begon, ook wie stopte."),
        ("Hoeveel zorg de deelnemer over geld heeft, per half jaar", View.PARTICIPANT),
        "Zorgverzekeringswet art. 18b",
    ),
}
EVIDENCE["safe-12m"] |= {
    "saving_minor": 500_000,
    "saving_class": SavingClass.AVOIDED,
    "saving_source": "Illustratief bedrag van deze demonstratie",
    "saving_bearer": Bearer.JUSTICE,
    "saving_note": "Politie en justitie besparen, de gemeenten betalen; er is geen bijdrage afgesproken.",
}
EVIDENCE["care-stable"] |= {
    "saving_minor": 300_000,
    "saving_class": SavingClass.CAPACITY,
    "saving_source": "Illustratief bedrag van deze demonstratie",
    "saving_bearer": Bearer.INSURER,
    "saving_occupancy_bp": 9_700,
    "saving_waiting_list": True,
    "saving_note": "De zorgverzekeraar draagt de opname; de plek wordt meteen weer gevuld.",
}
