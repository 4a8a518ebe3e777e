"""Which claims are drawn, and what they show. Pure, so that anybody makes a draw again with nothing but SHA-256.

A claim's place in the draw is the SHA-256 of "<seed>:<id of the claim>" (hexadecimal, in lower case); of each effect
those with the lowest are drawn. Source: the domain, section 7: strata per effect, a published random seed, a size of
max(30, 10 %), the error rate per stratum; within tolerance the claims that were not drawn are accepted as claimed.
"""

import hashlib
import heapq
from collections.abc import Iterable
from math import sqrt

OUTSIDE = " by-rule"  # behind the fingerprint of a claim that is read whatever is drawn
Z = 1.959964  # both sides of a normal distribution outside 95 %


def sample_size(size: int, least: int, share_bp: int) -> int:
    """max(`least`, `share_bp` basis points of `size`, rounded up), and never more than there are."""
    return min(size, max(least, -(-size * share_bp // 10_000)))


def place(seed: str, claim: str) -> str:
    return hashlib.sha256(f"{seed}:{claim}".encode()).hexdigest()


def draw(seed: str, claims: Iterable[str], number: int) -> list[str]:
    """The `number` claims (ids, 32 hexadecimal digits) that come first, in the order of the draw."""
    return heapq.nsmallest(number, claims, key=lambda claim: place(seed, claim))


def stratum_digest(entries: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the lines "<id of the claim> <fingerprint of what is claimed>" of one effect, sorted by id."""
    lines = hashlib.sha256()
    for claim, content in entries:
        lines.update(f"{claim} {content}\n".encode())
    return lines.hexdigest()


def list_digest(strata: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the lines "<code of the effect> <fingerprint of its claims>", sorted by code."""
    return hashlib.sha256("".join(f"{code} {digest}\n" for code, digest in sorted(strata)).encode()).hexdigest()


def is_within(faults: int, drawn: int, tolerance_bp: int) -> bool:
    """Whether the share of faults in the sample is at most the tolerance (basis points)."""
    return faults * 10_000 <= tolerance_bp * drawn


def wilson(faults: int, drawn: int) -> tuple[float, float]:
    """The 95 % interval of the share of faults (Wilson, 1927), from 0 to 1; nothing drawn tells nothing."""
    if not drawn:
        return 0.0, 1.0
    share, weight = faults / drawn, Z * Z / drawn
    middle, half = share + weight / 2, Z * sqrt(share * (1 - share) / drawn + weight / drawn / 4)
    low, high = (middle - half) / (1 + weight), (middle + half) / (1 + weight)
    return (0.0 if faults == 0 else max(low, 0.0)), (1.0 if faults == drawn else min(high, 1.0))
