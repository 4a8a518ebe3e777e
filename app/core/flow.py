"""When a step may be taken: one `Flow` per noun, a table that tests print and check."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from app.core.errors import NotNow


class Labelled(StrEnum):
    """A closed list of words: what is stored, what people read, and the tone of its status mark."""

    label: Any
    tone: str

    def __new__(cls, value: str, label: Any = None, tone: str = "neutral") -> "Labelled":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label if label is not None else value
        member.tone = tone
        return member


@dataclass(frozen=True, slots=True)
class Step:
    sources: frozenset[str]
    target: str | None
    unless: Callable[[Any], object | None] | None


def step(*sources: str, to: str | None = None, unless: Callable[[Any], object | None] | None = None) -> Step:
    """A step allowed in `sources`, leading `to` a state (none: the state stays).

    `unless` is asked about the subject and answers the reason why the step is not for now, or None.
    """
    return Step(frozenset(sources), to, unless)


class Flow:
    """The steps of one noun, by action. An action that is no step of the flow may be done at any time."""

    def __init__(self, steps: Mapping[Any, Step]) -> None:
        self.steps = dict(steps)

    def hold(self, *actions: Any, while_: Callable[[Any], object | None]) -> None:
        """A package that stands above this noun adds when these steps are not for now; at most one does."""
        for action in actions:
            if self.steps[action].unless is not None:
                raise ValueError(f"{action} is held already")
            self.steps[action] = replace(self.steps[action], unless=while_)

    def why_not(self, action: Any, subject: Any) -> object | None:
        """The reason why `action` is not for now, or None when it is."""
        found = self.steps.get(action)
        if found is None:
            return None
        if subject.state not in found.sources:
            state = getattr(subject.state, "label", subject.state)
            return _("This is not possible now: the status is “%(state)s”.", state=state)
        return found.unless(subject) if found.unless else None

    def allows(self, action: Any, subject: Any) -> bool:
        return self.why_not(action, subject) is None

    def advance(self, subject: Any, action: Any) -> None:
        """Take the step, or raise `NotNow` with the reason."""
        reason = self.why_not(action, subject)
        if reason is not None:
            raise NotNow(reason)
        target = self.steps[action].target
        if target is not None:
            subject.state = target

    def rows(self) -> Iterable[tuple[str, str, str]]:
        """The table, for printing: action, from, to."""
        for action, found in self.steps.items():
            yield str(action), ", ".join(sorted(found.sources)), found.target or "-"
