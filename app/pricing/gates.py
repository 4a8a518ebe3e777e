"""Which promises may be published at all: every gate of a price table with its verdict, in the order of the page.

Pure: a table, the municipalities' shares, the finished reader tests and the overrides in; a verdict per gate out.
Source: the gates D1-D11 and C1-C6 of the domain's section 4, and what the engine needs (effects exist, requirements
form no circle).
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping

from flask_babel import gettext as _

from app.pricing import attribution, cashability, definability, grade
from app.pricing.attribution import reached
from app.pricing.files.replay import unheld
from app.pricing.gate import Case, Fault, Finding, Gate
from app.pricing.gate_words import WORDS
from app.pricing.models import GateOverride, PriceTable
from app.programmes.models import MunicipalityShare
from app.readers.queries import Tested

GRADE = "grade"
FIELDS = {"prices": "payer_prices", "best_of": "best_of"}  # of an effect, by their keys in replay/1
JUDGES: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "D1": definability.defined,
    "D2": definability.read_by_two,
    "D3": definability.held_by_others,
    "D4": definability.dated,
    "D5": attribution.measured_before,
    "D6": attribution.compared,
    "D7": attribution.large_enough,
    "D8": attribution.hard_to_game,
    "D9": attribution.seen_by_people,
    "D10": attribution.paid_once,
    "D11": attribution.allowed_by_law,
    "C1": cashability.covered,
    "C2": cashability.called_rightly,
    "C3": cashability.not_refilled,
    "C4": cashability.saver_pays,
    "C5": cashability.planned,
    "C6": cashability.stressed,
}


def gates_of(
    table: PriceTable,
    shares: Iterable[MunicipalityShare],
    tests: Mapping[str, Tested] | None = None,
    overrides: Iterable[GateOverride] = (),
    lapsed: Mapping[uuid.UUID, frozenset[str]] | None = None,
) -> list[Gate]:
    """First what no official can wave through, then D1 to D11 and C1 to C6."""
    case = Case(table, list(shares), tests or {}, list(overrides), lapsed or {})
    empty = () if case.effects else (Fault(_("The table has no effect yet.")),)
    found = [
        Gate(
            "",
            *WORDS[""],
            [Finding("", None, empty), *_chained(case), *_held(table)],
            may_be_overridden=False,
        ),
        Gate(GRADE, *WORDS[GRADE], list(grade.graded(case)), may_be_overridden=False, is_tested=bool(case.effects)),
    ]
    for code, judge in JUDGES.items():
        made = [override for override in case.overrides if override.gate == code]
        findings = list(judge(case))
        found.append(Gate(code, *WORDS[code], findings, made, is_tested=bool(case.effects), lapsed=case.lapsed))
    return found


def faults_of(
    table: PriceTable,
    shares: Iterable[MunicipalityShare],
    tests: Mapping[str, Tested] | None = None,
    overrides: Iterable[GateOverride] = (),
) -> list[tuple[Gate, Fault]]:
    """What keeps the table from being submitted and published."""
    gates = gates_of(table, shares, tests, overrides)
    return [(gate, fault) for gate in gates for fault in gate.open_faults]


def _chained(case: Case) -> Iterator[Finding]:
    """What an effect requires is in the table, and nothing requires itself."""
    needs = {effect.code: effect.requires or [] for effect in case.effects}
    for effect in case.effects:
        for code in needs[effect.code]:
            if code not in needs:
                words = {"effect": effect.name, "code": code}
                message = _("%(effect)s requires “%(code)s”, which is not in this table.", **words)
                yield Finding(", ".join(needs[effect.code]), effect, (Fault(message, effect, "requires"),))
    for effect in case.effects:
        if effect.code in reached(needs[effect.code], needs):
            message = _("%(effect)s requires itself, by way of the others: it can never be paid.", effect=effect.name)
            yield Finding(", ".join(needs[effect.code]), effect, (Fault(message, effect, "requires"),))


def _held(table: PriceTable) -> Iterator[Finding]:
    """`replay/1` can hold the table: whoever checks a settlement does it with that file."""
    for rule in unheld(table):
        if rule.effect is not None and rule.field != "requires":  # payers are judged by C1, requirements above
            message = f"{rule.effect.name}: {rule.message}"
            yield Finding("", rule.effect, (Fault(message, rule.effect, FIELDS[rule.field]),))
