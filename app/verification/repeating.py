"""A draw made again: by the portal from its own rows, and from its file by assessor and auditor, who alone read it.

The file holds ids, of which the number of a claim is the beginning, and fingerprints. Of an effect of which every claim
is judged it holds the fingerprint alone: nothing was drawn there, and how many they are may be a small number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.verification import listing
from app.verification.models import Docket
from app.verification.sampling import OUTSIDE, draw, list_digest, sample_size, stratum_digest

FORMAT = "draw/2"  # since some claims are read outside the draw; a file of before holds none of them
READ = ("draw/1", FORMAT)


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """One effect of which a sample was drawn: whether list and draw came out as they were."""

    effect: str
    size: int
    drawn: int
    by_rule: int
    same_list: bool
    same_draw: bool


def made_again(docket: Docket) -> list[MadeAgain]:
    found = []
    for one in docket.strata:
        if one.is_sampled:
            ids = listing.ids_of(docket.id, one.effect_id)
            again = set(draw(docket.seed, ids, sample_size(len(ids), docket.least, docket.share_bp)))
            same_list = stratum_digest(listing.entries(docket.id, one.effect_id)) == one.digest
            same_draw = bool(docket.seed) and again == listing.drawn_of(docket.id, one.effect_id)
            found.append(MadeAgain(one.effect.name, one.size, one.drawn, one.by_rule, same_list, same_draw))
    return found


def is_same_list(docket: Docket) -> bool:
    """Whether the fingerprint of the whole list, made again from its claims, is the one that was published."""
    again = [(one.effect.code, stratum_digest(listing.entries(docket.id, one.effect_id))) for one in docket.strata]
    return list_digest(again) == docket.list_digest


def as_file(docket: Docket) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "batch": docket.number,
        "list": docket.list_digest,
        "seed": docket.seed,
        "least": docket.least,
        "share_bp": docket.share_bp,
        "effects": [
            {"code": one.effect.code, "fingerprint": one.digest}
            | (_drawn_from(docket, one.effect_id) if one.is_sampled else {})
            for one in docket.strata
        ],
    }


def _drawn_from(docket: Docket, effect_id: Any) -> dict[str, Any]:
    return {
        "claims": list(listing.entries(docket.id, effect_id)),
        "drawn": sorted(listing.drawn_of(docket.id, effect_id)),
    }


def faults_of(file: dict[str, Any]) -> Iterator[str]:
    """A line per fault of such a file; nothing when list, size and draw are what they should be."""
    if file.get("format") not in READ:
        yield f"this is no {FORMAT} file"
        return
    if list_digest((one["code"], one["fingerprint"]) for one in file["effects"]) != file["list"]:
        yield "the fingerprint of the list does not fit its effects"
    for one in file["effects"]:
        if "claims" not in one:
            continue
        claims = [(id, content) for id, content in one["claims"]]
        if stratum_digest(sorted(claims)) != one["fingerprint"]:
            yield f"{one['code']}: the fingerprint does not fit the claims"
        drawn_from = [id for id, content in claims if not content.endswith(OUTSIDE)]
        size = sample_size(len(drawn_from), file["least"], file["share_bp"])
        if sorted(draw(file["seed"], drawn_from, size)) != sorted(one["drawn"]):
            yield f"{one['code']}: the seed draws other claims"
