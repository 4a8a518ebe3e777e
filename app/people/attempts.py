"""How often somebody may try: counts per key in a window, in memory or in a shared store (`RATELIMIT_STORAGE_URI`).

The library `limits`, asked directly: a failed sign-in counts, a good one does not, and which it was is known
only after the library's own view has answered.
"""

import math

from flask import Flask, current_app
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.core import clock

EXTENSION = "attempts"


def init_app(app: Flask) -> None:
    store = storage_from_string(app.config.get("RATELIMIT_STORAGE_URI", "memory://"))
    app.extensions[EXTENSION] = FixedWindowRateLimiter(store)


def too_many(limit: str, *key: object) -> bool:
    """Is `limit` ("10 per 15 minutes") used up for this key?"""
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return False
    return not current_app.extensions[EXTENSION].test(parse(limit), *(str(part) for part in key))


def seconds_to_wait(limit: str, *key: object) -> int:
    """Until the window of this key ends."""
    ends, _left = current_app.extensions[EXTENSION].get_window_stats(parse(limit), *(str(part) for part in key))
    return max(1, math.ceil(ends - clock.now().timestamp()))


def count(limit: str, *key: object) -> None:
    current_app.extensions[EXTENSION].hit(parse(limit), *(str(part) for part in key))
