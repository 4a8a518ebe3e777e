"""What a claim requires and that does not stand: while it lacks that, it cannot be approved, accepted or signed for.

An effect is paid only when what it requires is proven by the same day (replay/1, step 2). It may have been claimed in
good order and lose its ground afterwards: what it requires is rejected, taken back or reopened. Then it waits; when
that stands again, after an appeal, it goes on.

In a chain (C requires B, and B requires A) an undecided B that lost A does not stand, and C waits with it. Once B is
signed off it is on record, and replay/1 says that what is on record meets a requirement, paid or not: then C can be
approved, and `broken_links` names the A that was lost to who judges.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Text, and_, cast, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Claim, claims_of
from app.outcomes.states import COUNTING, DECIDED, OPEN, ClaimState
from app.pricing.models import Effect, PriceTable

LINKS = 3  # of a chain that one statement over many bonds follows
ON_RECORD = (ClaimState.SIGNED_OFF, ClaimState.SETTLED)


@dataclass(frozen=True, slots=True)
class Missing:
    """`name` of the effect that is required, and the claim of it that no longer counts, where there was one. `by`: the
    effect between them in the chain that requires it; None: it is required by the claim itself."""

    name: str
    gone: Claim | None
    by: str | None = None


def missing_of(claim: Claim) -> Missing | None:
    """What an undecided or approved claim requires and that does not stand; None: nothing, or it is decided."""
    if claim.state not in OPEN or not claim.effect.requires:
        return None
    return missing_among(claim, claims_of(claim.participant))


def missing_among(claim: Claim, claims: Sequence[Claim], passed: frozenset[str] = frozenset()) -> Missing | None:
    """`claims`: those of the same person; `passed`: the codes on the way here, so that no chain is without end."""
    for code in claim.effect.requires:
        known = [one for one in claims if one.effect.code == code and one.achieved_on <= claim.achieved_on]
        counting = [one for one in known if one.state in COUNTING and code not in passed]
        if not counting:
            return Missing(_name_of(code, claim.effect), known[-1] if known else None)
        further = [missing_among(one, claims, passed | {code}) if one.state in OPEN else None for one in counting]
        if all(further):
            first: Missing = further[0]  # type: ignore[assignment]
            return replace(first, by=first.by or _name_of(code, claim.effect))
    return None


def _name_of(code: str, effect: Effect) -> str:
    return next((one.name for one in effect.table.effects if one.code == code), code)


def why_not_approved(claim: Claim) -> str | None:
    """Why this claim cannot be approved now, with the number of what it lacks; None when it can, for this rule."""
    missing = missing_of(claim)
    if missing is None:
        return None
    if missing.gone is None:
        said = _("Rule “requires”: “%(name)s” is not claimed. This claim waits until it is.", name=missing.name)
    else:
        values = {"name": missing.name, "number": missing.gone.number, "state": missing.gone.state.label}
        said = _(
            "Rule “requires”: “%(name)s”, claim %(number)s, does not stand (%(state)s). This claim waits until it "
            "does.",
            **values,
        )
    by = _("“%(name)s”, which this claim requires, requires it.", name=missing.by) if missing.by else ""
    return f"{said} {by}".strip()


def codes_before(effect: Effect) -> set[str]:
    """The codes of everything that must come before, directly or by way of others."""
    known = {other.code: other for other in effect.table.effects} if effect.requires else {}
    found: set[str] = set()
    ahead = list(effect.requires)
    while ahead:
        code = ahead.pop()
        if code not in found and code in known:
            found.add(code)
            ahead += known[code].requires
    return found - {effect.code}


def broken_links(claim: Claim) -> list[Claim]:
    """Of an undecided claim that lacks nothing itself: what came earlier in its chain and stands no more, the oldest
    first. Whoever judges reads which."""
    if claim.state not in OPEN or not claim.effect.requires or missing_of(claim) is not None:
        return []
    earlier = [one for one in claims_of(claim.participant) if one.achieved_on <= claim.achieved_on]
    standing = {one.effect.code for one in earlier if one.state in COUNTING}
    last = {one.effect.code: one for one in earlier if one.effect.code in codes_before(claim.effect) - standing}
    return sorted(last.values(), key=lambda one: (one.achieved_on, one.id))


def said_broken(claim: Claim) -> list[str]:
    return [
        _(
            "“%(name)s”, claim %(number)s, comes before this effect in its chain and does not stand any more "
            "(%(state)s). What this claim requires itself was signed off, so it can be approved: look twice.",
            name=one.effect.name,
            number=one.number,
            state=one.state.label,
        )
        for one in broken_links(claim)
    ]


def waiting_for(gone: Claim) -> list[Claim]:
    """The claims in no batch yet that wait since `gone` no longer counts."""
    claims = claims_of(gone.participant)
    return [
        one
        for one in claims
        if one.state in OPEN and gone.effect.code in codes_before(one.effect) and missing_among(one, claims) is not None
    ]


def lacking(programme_id: uuid.UUID) -> Any:
    """The same in SQL, over Claim: it requires an effect that does not stand."""
    found = select(Effect.table_id, Effect.id, Effect.code, Effect.requires).join(PriceTable)
    tables: dict[uuid.UUID, dict[str, tuple[uuid.UUID, list[str]]]] = defaultdict(dict)
    for table, id, code, requires in db.session.execute(found.where(PriceTable.programme_id == programme_id)):
        tables[table][code] = (id, requires or [])
    ids: dict[str, list[uuid.UUID]] = defaultdict(list)
    for code, (id, _requires) in ((code, one) for table in tables.values() for code, one in table.items()):
        ids[code].append(id)
    held = [
        and_(Claim.effect_id == id, ~_stands([ids[one] for one in way]))
        for table in tables.values()
        for code, (id, requires) in table.items()
        for way in _ways(code, {code: of for code, (_id, of) in table.items()}, (code,))
    ]
    return or_(false(), *held)


def on_next_list(programme_id: uuid.UUID) -> list[Any]:
    """What holds of the claims that the next sign-off takes: of what is proven, all that lacks nothing it requires."""
    whole = or_(Claim.state == ClaimState.REJECTED, ~lacking(programme_id))
    return [Claim.programme_id == programme_id, Claim.batch_id.is_(None), Claim.state.in_(DECIDED), whole]


def _ways(code: str, requires: dict[str, list[str]], passed: tuple[str, ...]) -> Iterator[list[str]]:
    """From an effect to each beginning of its chain: the codes on the way, the nearest first."""
    for needed in requires.get(code, []):
        further = [] if needed in passed else list(_ways(needed, requires, (*passed, needed)))
        yield from ([needed, *way] for way in further or [[]])


def _stands(way: list[list[uuid.UUID]]) -> Any:
    """One on the way is on record and each nearer one counts by its day, or all of them count. Side by side and not
    within one another: SQLite takes only so many levels."""
    return or_(*(_counts(way[: number + 1], is_last=number + 1 == len(way)) for number in range(len(way))))


def _counts(way: list[list[uuid.UUID]], *, is_last: bool) -> Any:
    links = [aliased(Claim) for _one in way]
    found = _chained(links, is_last=is_last)
    for link, ids in zip(links, way, strict=True):
        found = found.where(link.effect_id.in_(ids))
    return found.correlate(Claim).exists()


def _chained(links: list[Any], *, is_last: bool) -> Any:
    """Claims of one person, each reached by the day of the nearer one: open but for the last, which is on record, or
    counts where nothing comes before it."""
    found = select(links[0].id).select_from(links[0])
    for nearer, link in pairwise(links):
        found = found.join(link, link.participant_id == nearer.participant_id)
        found = found.where(link.achieved_on <= nearer.achieved_on, nearer.state.in_(OPEN))
    found = found.where(links[-1].state.in_(COUNTING if is_last else ON_RECORD))
    return found.where(links[0].participant_id == Claim.participant_id, links[0].achieved_on <= Claim.achieved_on)


def held_back() -> Any:
    """The same in SQL over Claim joined with Effect, in whatever bonds: where one statement looks at many."""
    return or_(*(_held(number) for number in range(1, LINKS + 1)))


def _held(number: int) -> Any:
    """By the effect that is so many links before it."""
    way = [aliased(Effect) for _link in range(number)]
    found = select(way[0].id).select_from(way[0]).where(_requires(Effect, way[0]))
    for nearer, further in pairwise(way):
        found = found.join(further, _requires(nearer, further))
    stands = [_of_codes(way[: at + 1], is_last=at + 1 == number) for at in range(number)]
    return found.where(*(~one.correlate(Claim, *way).exists() for one in stands)).correlate(Claim, Effect).exists()


def _requires(effect: Any, needed: Any) -> Any:
    """A list of codes is kept as text; whoever takes a code that stands in it out of it changes it."""
    listed = cast(effect.requires, Text)
    names = func.replace(listed, literal('"') + needed.code + '"', "") != listed
    return and_(needed.table_id == effect.table_id, names)


def _of_codes(way: list[Any], *, is_last: bool) -> Any:
    links, kinds = [aliased(Claim) for _one in way], [aliased(Effect) for _one in way]
    found = _chained(links, is_last=is_last)
    for link, kind, needed in zip(links, kinds, way, strict=True):
        found = found.join(kind, kind.id == link.effect_id).where(kind.code == needed.code)
    return found


def left_out(programme_id: uuid.UUID) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Per effect and municipality, how many approved claims no sign-off takes as long as they wait."""
    keys = (Claim.effect_id, Participant.payer_id)
    found = select(*keys, func.count()).join(Participant, Participant.id == Claim.participant_id)
    found = found.where(Claim.programme_id == programme_id, Claim.state == ClaimState.VERIFIED)
    found = found.where(Claim.batch_id.is_(None), lacking(programme_id)).group_by(*keys)
    return Counter({(effect, payer): number for effect, payer, number in db.session.execute(found)})
