"""The search of Python for what refers to itself in a circle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_resting() -> Iterator[None]:
    """Where nothing refers back to itself: looking for it took half of the time of a million lines, and more with every
    object that is kept."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
