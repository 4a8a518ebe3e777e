"""What a consortium covers together and where nobody does: life domains x municipalities, skills, shares of effects."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from app.calls.models import Call
from app.consortia.models import Consortium, Partner
from app.consortia.parts import WHOLE, OwnPart, shares_of
from app.consortia.skills import Skill
from app.extensions import db
from app.people.models import Organisation
from app.pricing.models import Effect
from app.programmes.models import LifeDomain


def municipalities_of(call: Call, lot_id: uuid.UUID | None = None) -> list[Organisation]:
    """Where the young adults of this call, or of one lot of it, live; by name."""
    lot = next((lot for lot in call.lots if lot.id == lot_id), None)
    wanted = [uuid.UUID(key) for key in lot.organisation_ids] if lot is not None else []
    wanted = wanted or [share.organisation_id for share in call.programme.shares]
    found = select(Organisation).where(Organisation.id.in_(wanted)).order_by(Organisation.name)
    return list(db.session.scalars(found))


@dataclass(frozen=True, slots=True)
class Coverage:
    """`places`: the municipalities. `domains`: per life domain the partners in each of them, in the same order.
    `skills`: who brings each. An empty list is a gap."""

    places: list[Organisation]
    domains: list[tuple[LifeDomain, list[list[Partner]]]]
    skills: list[tuple[Skill, list[Partner]]]

    @property
    def missing_domains(self) -> list[tuple[LifeDomain, list[Organisation]]]:
        """Per life domain the municipalities where nobody works on it."""
        found = [
            (domain, [place for place, partners in zip(self.places, cells, strict=True) if not partners])
            for domain, cells in self.domains
        ]
        return [(domain, places) for domain, places in found if places]

    @property
    def missing_skills(self) -> list[Skill]:
        return [skill for skill, partners in self.skills if not partners]


def coverage_of(consortium: Consortium) -> Coverage:
    places = municipalities_of(consortium.call, consortium.lot_id)
    partners = consortium.taking_part

    def at_work(domain: LifeDomain, place: Organisation) -> list[Partner]:
        return [p for p in partners if domain in p.life_domains and str(place.id) in p.municipalities]

    return Coverage(
        places,
        [(domain, [at_work(domain, place) for place in places]) for domain in LifeDomain],
        [(skill, [p for p in partners if skill in p.skills]) for skill in Skill],
    )


@dataclass(frozen=True, slots=True)
class EffectShares:
    """Who does which part of the work for an effect, and gets which part of its money; per cents."""

    effect: Effect
    by_partner: list[tuple[Partner, int, int]]
    work: int
    money: int

    @property
    def adds_up(self) -> bool:
        return self.work == self.money == WHOLE


def shares_per_effect(consortium: Consortium, parts: dict[str, OwnPart]) -> list[EffectShares]:
    found = []
    for effect in consortium.call.table.effects:
        given = [
            (partner, share["work"], share["money"])
            for partner in consortium.taking_part
            if (part := parts.get(str(partner.organisation_id)))
            and (share := part["shares"].get(str(effect.id))) is not None
            and any(share.values())
        ]
        found.append(EffectShares(effect, given, *shares_of(parts, effect)))
    return found
