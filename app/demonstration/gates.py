"""How the demonstration passes its gates: money reserved by the calendar, three definitions read by two people, and
one override by a named official."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from app.core import clock
from app.demonstration.cast import Cast
from app.demonstration.evidence import REASON
from app.pricing.budget import calendar_of
from app.pricing.definability import definition_of
from app.pricing.gate_operations import draft_reader_test, override_gate
from app.pricing.models import Counterfactual, Effect, PriceTable
from app.pricing.operations import EffectFacts, TableFacts
from app.programmes.models import BudgetYear, MunicipalityShare, Programme
from app.programmes.operations import ProgrammeFacts
from app.readers.models import ReaderTest
from app.readers.operations import invite_readers, judge_files
from app.readers.suggestions import suggest_files

THOUSAND_EUROS = 100_000  # minor units
READ = ("home-start", "school-back", "work-13w")
# Which of the ten suggested files prove the effect; on one file the second reader of the last test says otherwise.
PROVES = {1, 2, 7, 10}
DOUBTED = {4}


def reserve(
    programme: ProgrammeFacts, sizes: Mapping[str, int], effects: Sequence[EffectFacts], facts: TableFacts
) -> dict[str, dict[int, int]]:
    """Per municipality and year the most that may be asked (gate C1), in whole thousands. Stores nothing."""
    plan = Programme(**{name: getattr(programme, name) for name in ("starts_on", "ends_on", "tail_until")})
    plan.cohort_size, plan.currency = programme.cohort_size, "EUR"
    keys = {city: uuid.uuid4() for city in sizes}
    most = facts.cap_contract_minor or 0
    shares = [
        MunicipalityShare(
            organisation_id=keys[city], cohort_size=size, budget=[BudgetYear(year=0, reserved_minor=most)]
        )
        for city, size in sizes.items()
    ]
    table = PriceTable(programme=plan, **asdict(facts))
    table.effects = [Effect(position=place, **asdict(effect)) for place, effect in enumerate(effects, 1)]
    return {
        city: {year: _rounded(payer.worst[year]) for year in plan.years}
        for city, payer in zip(sizes, calendar_of(table, shares), strict=True)
    }


def _rounded(minor: int) -> int:
    return -(-minor // THOUSAND_EUROS) * THOUSAND_EUROS


def for_small_cohort(effects: Sequence[EffectFacts], cohort: int) -> list[EffectFacts]:
    """A small cohort shows no difference, so each effect is paid with a discount instead (gate D7)."""
    return [
        replace(
            effect,
            counterfactual=Counterfactual.FIXED,
            difference_bp=None,
            deadweight_bp=effect.deadweight_bp or 1_000,
            expected_count=(effect.expected_count or 0) * cohort // 70,
        )
        for effect in effects
    ]


def have_read(table: PriceTable, cast: Cast) -> None:
    """Hengelo and the audit office read the files of three effects, a day after they were asked."""
    tests = []
    for effect in [effect for effect in table.effects if effect.code in READ]:
        texts = suggest_files(definition_of(effect), effect.evidence_type.label, table.programme.jurisdiction)
        test = draft_reader_test(effect, texts, actor=cast.user("government"), once=uuid.uuid4())
        readers = (cast.user("hengelo").email, cast.user("auditor").email)
        invite_readers(test, *readers, actor=cast.user("government"))
        tests.append(test)
    with clock.at(clock.now() + timedelta(days=1)):
        for test in tests:
            judge_files(test, _answers(test, PROVES), actor=cast.user("hengelo"))
            says_otherwise = DOUBTED if test is tests[-1] else set()
            judge_files(test, _answers(test, PROVES | says_otherwise), actor=cast.user("auditor"))


def _answers(test: ReaderTest, proving: set[int]) -> dict[uuid.UUID, bool]:
    return {file.id: file.position in proving for file in test.files}


def let_pass(table: PriceTable, official: str, cast: Cast, reason: str = REASON) -> None:
    """A named official takes upon itself that not every definition was read by two people yet (gate D2)."""
    override_gate(table, "D2", "", reason, actor=cast.user(official), once=uuid.uuid4())
