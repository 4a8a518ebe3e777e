"""What was published is what the engine computes with: prices, deadweight, requirements, caps, a ceiling per payer."""

from datetime import date
from fractions import Fraction

from app.pricing.models import EffectKind
from app.pricing.states import TableState
from app.pricing.terms import Fact
from app.pricing.terms_of import valuation_terms
from app.pricing.valuation import value
from app.programmes.models import BudgetYear, MunicipalityShare
from tests.factories.people import make_organisation
from tests.factories.pricing import make_effect, make_table


def two_payers(programme) -> tuple[MunicipalityShare, MunicipalityShare]:
    first = programme.shares[0]
    second = MunicipalityShare(organisation_id=make_organisation().id, cohort_size=25)
    second.budget = [BudgetYear(year=2026, reserved_minor=150_000), BudgetYear(year=2027, reserved_minor=100_000)]
    return first, second


def test_each_row_becomes_an_effect_of_the_engine(programme):
    table = make_table(programme, state=TableState.DRAFT)
    make_effect(table, "work-26w", requires=["work-13w"], max_per_person=None, deadweight_bp=1)
    make_effect(table, "days-off", kind=EffectKind.PER_UNIT, unit="day", max_per_person=None, deadweight_bp=0)
    terms = valuation_terms(table, programme.shares)
    work, longer, days = terms.effects
    assert (work.id, work.kind, work.price, work.deadweight) == ("work-13w", "per_person", 250_000, Fraction(1, 5))
    assert (longer.requires, longer.max_per_person, longer.deadweight) == (("work-13w",), None, Fraction(1, 10_000))
    assert (days.kind, days.requires) == ("per_unit", ())
    assert (terms.caps.per_person, terms.caps.contract, terms.payer_rule) == (1_000_000, 100_000_000, "residence")


def test_each_municipality_pays_for_its_own_residents_up_to_what_it_reserved(programme):
    table = make_table(programme)
    first, second = two_payers(programme)
    terms = valuation_terms(table, [first, second])
    assert [payer.ceiling for payer in terms.payers] == [150_000_000, 250_000]
    on = date(2026, 6, 30)
    facts = [Fact("work-13w", on, "a", payer=str(first.organisation_id))]
    facts += [Fact("work-13w", on, who, payer=str(second.organisation_id)) for who in ("b", "c")]
    (statement,) = value(terms, facts, [on]).statements
    # 2,500.00 less a fifth is 2,000.00; the second municipality reserved 2,500.00 for two of them
    assert statement.payers == {str(first.organisation_id): 200_000, str(second.organisation_id): 250_000}
    assert statement.reductions["payer.ceiling"] == 150_000
