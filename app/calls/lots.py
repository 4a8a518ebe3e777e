"""What becomes of those who bid for a lot when a rectification changes the lots. Consortia stand above calls, so they
say it themselves."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.calls.models import Call


@dataclass(frozen=True, slots=True)
class LotsChange:
    """Lots by id with their names: those that are `gone`, and those that are for other people than before. `divides`:
    the call was undivided and is no more; `leaves`: lots are left to choose from."""

    gone: Mapping[uuid.UUID, str]
    changed: Mapping[uuid.UUID, str]
    divides: bool
    leaves: bool

    def __bool__(self) -> bool:
        return bool(self.gone or self.changed or self.divides)


Follows = Callable[[Call, LotsChange], None]
_FOLLOWING: list[Follows] = []


def follows_lots(function: Follows) -> Follows:
    """Decorator for packages above: told within the rectification, before a lot that is gone is deleted."""
    _FOLLOWING.append(function)
    return function


def tell_of_lots(call: Call, change: LotsChange) -> None:
    for function in _FOLLOWING if change else ():
        function(call, change)
