from typing import Any

from app.core import clock
from app.extensions import db
from app.pricing.definability import definition_of
from app.pricing.models import CompanionView, Counterfactual, Effect, EvidenceType, PriceTable
from app.pricing.states import PUBLIC, TableState
from app.programmes.models import LifeDomain, Programme
from app.readers.models import ReaderTest, digest_of
from app.readers.states import ReaderTestState
from app.unit_costs.models import Bearer, SavingClass
from tests.factories.keeping import at_once, keep
from tests.factories.programmes import make_programme


@at_once
def make_effect(table: PriceTable, code: str = "work-13w", **facts: Any) -> Effect:
    """An effect that passes every gate: employed for thirteen weeks, 2,500.00 each."""
    hours = 12 if code == "work-13w" else 12 + len(table.effects)  # no two rows pay for the same (gate D10)
    defaults = {
        "position": len(table.effects) + 1,
        "name": "Thirteen weeks of work",
        "life_domain": LifeDomain.WORK,
        "who": "A participant without work at intake",
        "definition": f"Has an employment contract of at least {hours} hours a week.",
        "sustained": "13 weeks in a row",
        "price_minor": 250_000,
        "deadweight_bp": 2_000,
        "achieved_when": "The last day of the thirteenth week.",
        "resets": "Nothing: a second contract counts on.",
        "evidence_type": EvidenceType.EMPLOYER,
        "evidence_holder": "The employer",
        "companion": "How the participant rates the work, reported and never paid",
        "companion_view": CompanionView.PARTICIPANT,
        "baseline_n": 120,
        "baseline_count": 24,
        "baseline_period": "2023",
        "baseline_source": "Benefit records of the municipality",
        "counterfactual": Counterfactual.FIXED,
        "gaming": "A contract between friends.",
        "countermeasure": "The assessor asks payroll data of a sample.",
        "double_payment": "No subsidy pays for work in this municipality.",
        "legal_basis": "GDPR article 6(1)(e), Participation Act",
        "expected_count": 10,
        "saving_bearer": Bearer.MUNICIPALITY,
        "saving_minor": 425_700,
        "saving_class": SavingClass.AVOIDED,
        "saving_source": "Unit cost of a year without work or school",
    }
    effect = Effect(table=table, code=code, **(defaults | facts))
    db.session.add(effect)
    db.session.flush()
    db.session.add(make_reader_test(effect))
    keep()
    return effect


def make_reader_test(effect: Effect, counts: tuple[int, int, int, int] = (5, 0, 0, 5)) -> ReaderTest:
    """A finished test of the definition as it is now, in which both readers agreed (gate D2)."""
    definition = definition_of(effect)
    test = ReaderTest(programme=effect.table.programme, effect_code=effect.code, definition=definition)
    test.digest, test.state, test.done_at = digest_of(definition), ReaderTestState.DONE, clock.now()
    test.both_yes, test.first_only, test.second_only, test.both_no = counts
    return test


@at_once
def make_table(
    programme: Programme | None = None, *, state: TableState = TableState.PUBLISHED, effects: int = 1, **facts: Any
) -> PriceTable:
    """A table of `effects` effects. A published one gets its rows first, then its state: the database demands it."""
    programme = programme or make_programme()
    number = db.session.query(PriceTable).filter_by(programme_id=programme.id).count() + 1
    defaults = {"number": number, "cap_contract_minor": 100_000_000, "cap_per_person_minor": 1_000_000}
    table = PriceTable(programme=programme, illustrative=programme.illustrative, **(defaults | facts))
    db.session.add(table)
    keep()
    codes = ["work-13w", *(f"effect-{n}" for n in range(2, effects + 1))][:effects]
    for code in codes:
        make_effect(table, code)
    if state in PUBLIC:
        table.published_at = clock.now()
    table.state = state
    keep()
    return table
