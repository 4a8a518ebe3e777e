"""Ask every book whether it is right: the rules of each package, found by their place and name. A rule that takes a
`bond` can be asked of one bond alone."""

import importlib
import importlib.util
import inspect
import pkgutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import current_app

Invariant = Callable[..., Iterable[str]]


def invariants() -> Iterator[tuple[str, Invariant]]:
    """Every public function of every package's `invariants.py`, by package and name."""
    for found in pkgutil.iter_modules([current_app.root_path], "app."):
        if not found.ispkg or importlib.util.find_spec(f"{found.name}.invariants") is None:
            continue
        module = importlib.import_module(f"{found.name}.invariants")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{found.name.removeprefix('app.')}.{name}", function


def invariants_of_bonds() -> list[tuple[str, Invariant]]:
    """Those that can be asked of one bond: what its books, its desk and its bank say."""
    return [(name, check) for name, check in invariants() if "bond" in inspect.signature(check).parameters]


def faults_of(bond: uuid.UUID) -> list[str]:
    """The same of one bond, as its page of the books asks it."""
    return [f"{name}: {line}" for name, check in invariants_of_bonds() for line in check(bond=bond)]


def of_bond(found: Any, column: Any, bond: uuid.UUID | None) -> Any:
    """Of one bond alone, or of all."""
    return found if bond is None else found.where(column == bond)


def faults() -> list[str]:
    """A line per fault of all books; none when an accountant would find nothing to ask."""
    return [f"{name}: {line}" for name, check in invariants() for line in check()]
