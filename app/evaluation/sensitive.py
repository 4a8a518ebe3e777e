"""What the page of the sensitivity shows, per lot."""

from dataclasses import dataclass

from app.evaluation import sensitivity
from app.evaluation.consensus_operations import by_lot, discounts_of, drawn_of, scored_plans
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.rules import quality_of, rules_of

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A move in words: whose score, on what, from and to, and who would then be first."""

    plan: str
    criterion: str
    before: int
    after: int
    first: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    """One lot, or the undivided call: who is first, how many scores were moved, and which moves change it."""

    name: str
    first: list[str]
    scores: int
    moves: list[Shown]
    count: int


def groups_of(evaluation: Evaluation) -> list[Group]:
    lots = {lot.id: lot.name for lot in evaluation.call.lots}
    return [_group(evaluation, lots.get(key, ""), plans) for key, plans in by_lot(scored_plans(evaluation)).items()]


def _group(evaluation: Evaluation, name: str, plans: list[OpenedProposal]) -> Group:
    agreed, call = evaluation.points(), evaluation.call
    quality = {opened.id: agreed[opened.id] for opened in plans}
    rules, drawn = rules_of(call), drawn_of(evaluation)
    moves = sensitivity.decisive(quality, rules, call.scale, discounts_of(plans), drawn)
    names = {opened.id: opened.consortium.name for opened in plans}
    criteria = {criterion.id: criterion.name for criterion in call.criteria}
    shown = [
        Shown(names[m.plan], criteria[m.criterion], m.before, m.after, sorted(names[plan] for plan in m.first))
        for m in moves[:MOST_SHOWN]
    ]
    first = sorted(opened.consortium.name for opened in plans if opened.rank == 1)
    return Group(name, first, len(plans) * len(quality_of(call)), shown, len(moves))
