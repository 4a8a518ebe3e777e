"""The parts of a plan in words, from what was written or sealed and not from what the portal knows besides."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.consortia.models import Consortium
from app.consortia.parts import OwnPart, Statement, empty_part
from app.consortia.skills import Skill
from app.core.flow import Labelled
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import LifeDomain


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One organisation's part. `shares`: the name of an effect, per cents of its work and of its money."""

    name: str
    part: OwnPart
    facts: list[tuple[str, str]]
    shares: list[tuple[str, int, int]]
    statements: list[Statement]


def shown_parts(consortium: Consortium, parts: Mapping[str, Any]) -> list[ShownPart]:
    """`parts` as `parts_of` gives them, or as `content["parts"]` of a plan that was opened; in the order of joining."""
    places = _names({key for said in parts.values() for key in said.get("municipalities", ())})
    found = []
    for partner in consortium.taking_part:
        said = parts.get(str(partner.organisation_id))
        if said is not None:
            part: OwnPart = {**empty_part(), **said}  # type: ignore[typeddict-item]
            shares = [
                (effect.name, share["work"], share["money"])
                for effect in consortium.call.table.effects
                if (share := part["shares"].get(str(effect.id))) is not None and any(share.values())
            ]
            facts = _facts(part, places)
            found.append(ShownPart(partner.organisation.name, part, facts, shares, list(Statement)))
    return found


def _names(keys: set[str]) -> dict[str, str]:
    """Of the municipalities that the parts name; no statement where they name none."""
    if not keys:
        return {}
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_([uuid.UUID(key) for key in keys]))
    return {str(key): name for key, name in db.session.execute(found)}


def _facts(part: OwnPart, places: Mapping[str, str]) -> list[tuple[str, str]]:
    said = [
        (_("Role"), part["role"]),
        (_("Life domains"), _labels(LifeDomain, part["life_domains"])),
        (_("Municipalities"), ", ".join(sorted(places[key] for key in part["municipalities"] if key in places))),
        (_("Skills"), _labels(Skill, part["skills"])),
    ]
    return [(label, words) for label, words in said if words]


def _labels(kind: type[Labelled], values: Iterable[str]) -> str:
    return ", ".join(str(word.label) for word in kind if word in set(values))
