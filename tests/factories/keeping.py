"""What is laid directly is no act of anybody: a whole world is kept in one transaction, since each costs time."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from app.extensions import db

P = ParamSpec("P")
R = TypeVar("R")
_inside = 0


def at_once(factory: Callable[P, R]) -> Callable[P, R]:
    """All that this factory and those that it asks lay is kept at its end."""

    @functools.wraps(factory)
    def laid(*args: P.args, **kwargs: P.kwargs) -> R:
        with _one():
            made = factory(*args, **kwargs)
        keep()
        return made

    return laid


@contextmanager
def _one() -> Iterator[None]:
    global _inside
    _inside += 1
    try:
        yield
    finally:
        _inside -= 1


def keep() -> None:
    """At the end of a factory: of the outermost one this ends the transaction."""
    if _inside:
        db.session.flush()
    else:
        db.session.commit()
