"""Who has which place: the plans that are scored, per lot, with discounts and lots, by the rules of the call."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import null, select
from sqlalchemy.orm import defer

from app.calls.key_models import Purpose
from app.consortia.models import Consortium
from app.evaluation import ranking
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.rules import rules_of
from app.evaluation.states import Admission
from app.extensions import db


def all_plans(evaluation: Evaluation) -> Sequence[OpenedProposal]:
    found = select(OpenedProposal).where(OpenedProposal.evaluation_id == evaluation.id)
    return db.session.scalars(found.options(defer(OpenedProposal.content))).all()


def scored_plans(evaluation: Evaluation) -> list[OpenedProposal]:
    """The admitted plans, in the order in which they were opened."""
    plans = [opened for opened in all_plans(evaluation) if opened.admission == Admission.ADMITTED]
    return sorted(plans, key=lambda opened: (opened.created_at, opened.id))


def are_discounts_open(evaluation: Evaluation, plans: Sequence[OpenedProposal]) -> bool:
    """Nothing to open where the call allows no discount; done when two officials did, also if no envelope was whole."""
    if not evaluation.call.allows_discount or any(opened.discount is not None for opened in plans):
        return True
    return len(evaluation.consents_to(Purpose.DISCOUNT)) > 1


def by_lot(plans: Sequence[OpenedProposal]) -> dict[Any, list[OpenedProposal]]:
    """The plans of each lot; one group for an undivided call."""
    groups: dict[Any, list[OpenedProposal]] = {}
    for opened in plans:
        groups.setdefault(getattr(opened.consortium, "lot_id", None), []).append(opened)
    return groups


def all_places(evaluation: Evaluation) -> dict[Any, ranking.Place]:
    """The ranking of every lot, for pages: read as columns, since a thousand plans as objects are slow."""
    lot = getattr(Consortium, "lot_id", null())
    found = select(OpenedProposal.id, OpenedProposal.discount, lot.label("lot_id"))
    found = found.join(Consortium, Consortium.id == OpenedProposal.consortium_id)
    found = found.where(OpenedProposal.evaluation_id == evaluation.id, OpenedProposal.admission == Admission.ADMITTED)
    groups: dict[Any, list[Any]] = {}
    for row in db.session.execute(found.order_by(OpenedProposal.created_at, OpenedProposal.id)):
        groups.setdefault(row.lot_id, []).append(row)
    agreed = evaluation.points()
    places: dict[Any, ranking.Place] = {}
    for group in groups.values():
        points = {row.id: agreed[row.id] for row in group}
        places |= ranking.places(points, rules_of(evaluation.call), discounts_of(group), drawn_of(evaluation))
    return places


def places_of(evaluation: Evaluation, group: Sequence[OpenedProposal]) -> dict[Any, ranking.Place]:
    """The ranking of the plans of one lot, with ties and lots."""
    agreed = evaluation.points()
    points = {opened.id: agreed[opened.id] for opened in group}
    return ranking.places(points, rules_of(evaluation.call), discounts_of(group), drawn_of(evaluation))


def discounts_of(group: Sequence[Any]) -> dict[Any, int | None]:
    """Basis points off the table by plan; none where the second seal could not be opened."""
    return {opened.id: None if opened.discount is None else opened.discount["discount_bp"] or 0 for opened in group}


def drawn_of(evaluation: Evaluation) -> Mapping[Any, int]:
    """The place in the lots by plan."""
    found: dict[str, int] = {}
    for draw in evaluation.draws:
        if draw.drawn_at is not None and not draw.void:
            found |= {key: number for number, key in enumerate(draw.order, start=1)}
    return {uuid.UUID(key): number for key, number in found.items()}


def tied_plans(evaluation: Evaluation) -> list[OpenedProposal]:
    """The plans that share a place with another one of their lot."""
    plans = scored_plans(evaluation)
    alike = {plan for group in by_lot(plans).values() for plan in ranking.sharing(places_of(evaluation, group))}
    return [opened for opened in plans if opened.id in alike]
