"""Ask every book whether it is right: the rules of each package, found by their place and name."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator

from flask import current_app

Invariant = Callable[[], Iterable[str]]


def invariants() -> Iterator[tuple[str, Invariant]]:
    """Every public function of every package's `invariants.py`, by package and name."""
    for found in pkgutil.iter_modules([current_app.root_path], "app."):
        if not found.ispkg or importlib.util.find_spec(f"{found.name}.invariants") is None:
            continue
        module = importlib.import_module(f"{found.name}.invariants")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{found.name.removeprefix('app.')}.{name}", function


def faults() -> list[str]:
    """A line per fault of all books; none when an accountant would find nothing to ask."""
    return [f"{name}: {line}" for name, check in invariants() for line in check()]
