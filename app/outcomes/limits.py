"""What the published prices say of any world: an effect that requires another is not proven more often than that one
allows, and none more often than all who take part can reach it. Whoever looks for hidden numbers knows these too, so
the decision which figures are told reckons with them. Source: the domain, sections 4 and 9."""

import uuid
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import select

from app.extensions import db
from app.pricing.models import Effect, EffectKind

BY_PERSON = (EffectKind.PER_PERSON, EffectKind.PER_UNIT)


class Limit(NamedTuple):
    """Of `effects` no more than `each` for every one of `of` is proven; None: for every person who takes part."""

    effects: frozenset[uuid.UUID]
    each: int
    of: frozenset[uuid.UUID] | None = None


class _Known(NamedTuple):
    """What every version of the prices says of one code."""

    ids: set[uuid.UUID]
    each: int | None
    requires: set[str]


def limits_of(effect_ids: Iterable[uuid.UUID]) -> tuple[Limit, ...]:
    """Of the effects of one bond. Published effects do not change, so neither does this."""
    known: dict[str, _Known] = {}
    wanted = list(effect_ids)
    if not wanted:
        return ()
    columns = Effect.id, Effect.code, Effect.max_per_person, Effect.requires
    found = select(*columns).where(Effect.id.in_(wanted), Effect.kind.in_(BY_PERSON))
    for id, code, each, requires in db.session.execute(found.order_by(Effect.id)):
        before = known.get(code, _Known(set(), each, {*requires}))
        most = None if each is None or before.each is None else max(each, before.each)
        known[code] = _Known({*before.ids, id}, most, before.requires & {*requires})
    return tuple(_limits(known))


def _limits(known: dict[str, _Known]) -> Iterator[Limit]:
    """Without an end per person nothing follows from who takes part; of what is required each has one at least."""
    for one in known.values():
        if one.each is not None:
            yield Limit(frozenset(one.ids), one.each)
            for code in sorted(one.requires & known.keys()):
                yield Limit(frozenset(one.ids), one.each, frozenset(known[code].ids))
