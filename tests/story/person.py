"""What a person does with a portal, whatever carries it out: open, follow a link, fill in, read."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.demonstration.people import PASSWORD


@dataclass(frozen=True)
class Control:
    """A field as the page shows it: what it would send, and the words that a person reads beside it."""

    kind: str  # text | select | radio | checkbox | file
    value: str
    label: str


class Person(ABC):
    """One person with a browser of their own, signed in at the sign-in page.

    Links are told apart by where they lead, not by their words: everybody reads in their own language. In a pattern
    `*` stands for one part of an address, an id for instance.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def sign_in(self) -> None:
        self.open("/login")
        self.fill({"email": f"{self.name}@demo.example", "password": PASSWORD})
        assert self.path == "/home", f"{self.name} cannot sign in"

    def follow(self, *patterns: str, beside: str | None = None) -> None:
        """Follow a link of this page to each of these in turn; `beside` are words in the link or in its row."""
        for pattern in patterns:
            found = {address for address, words in self.links() if fits(pattern, address) and (beside or "") in words}
            assert found, f"{self}: no link to {pattern} beside {beside!r} among {sorted(set(self.links()))}"
            assert len(found) == 1, f"{self}: {len(found)} links lead to {pattern}: {sorted(found)}"
            self.go(found.pop())

    def go(self, address: str) -> None:
        """Follow a link of this page."""
        self.open(address)

    def finds(self, pattern: str, beside: str = "") -> list[str]:
        """The addresses that this page links to, in its order."""
        found = (address for address, words in self.links() if fits(pattern, address) and beside in words)
        return list(dict.fromkeys(found))

    def wakes_to(self, pattern: str, beside: str | None = None) -> None:
        """The home page says that this waits; follow it."""
        self.open("/home")
        self.follow(pattern, beside=beside)

    def choose(self, name: str, wanted: Any) -> Any:
        """What a field sends for the words that a person picks."""
        controls = self.controls(name)
        assert controls, f"{self}: no field {name}"
        if controls[0].kind not in ("select", "radio", "checkbox") or isinstance(wanted, bool):
            return wanted
        picked = [self._value(name, one, controls) for one in (wanted if isinstance(wanted, list) else [wanted])]
        return picked if isinstance(wanted, list) else picked[0]

    def _value(self, name: str, wanted: str, controls: Sequence[Control]) -> str:
        found = {c.value for c in controls if wanted == c.value} or {c.value for c in controls if wanted in c.label}
        assert len(found) == 1, f"{self}: {name} offers {[c.label for c in controls]}, not one {wanted!r}"
        return found.pop()

    def sees(self, *texts: str) -> None:
        read = self.read()
        for text in texts:
            assert " ".join(text.split()) in read, f"{self}: {text!r} does not stand in {read[:3000]!r}"

    def does_not_see(self, *texts: str) -> None:
        read = self.read()
        for text in texts:
            assert text not in read, f"{self}: {text!r} stands there"

    def is_at(self, pattern: str) -> str:
        assert fits(pattern, self.path), f"{self}: this is not {pattern}: {self.read()[:2000]!r}"
        return self.path

    def is_refused(self, path: str, status: int) -> None:
        answered = self.status_of(path)
        assert answered == status, f"{self}: {path} answered {answered}, not {status}"

    def __str__(self) -> str:
        return f"{self.name} at {self.path}"

    @property
    @abstractmethod
    def path(self) -> str: ...

    @abstractmethod
    def open(self, path: str) -> None:
        """A page that must be there for this person."""

    @abstractmethod
    def status_of(self, path: str) -> int: ...

    @abstractmethod
    def links(self) -> list[tuple[str, str]]:
        """Address and words of each link in the main part, with the words of its row or list item."""

    @abstractmethod
    def controls(self, name: str) -> list[Control]: ...

    @abstractmethod
    def fields(self, start: str) -> list[str]:
        """The names of the fields that start so, in the order of the page."""

    @abstractmethod
    def fill(self, data: dict[str, Any] | None = None, *, button: str | None = None, expect: int = 200) -> None:
        """Fill in the form of this page, send it and go where it leads; `expect` 422 when it must be refused."""

    @abstractmethod
    def read(self) -> str:
        """The words of the main part, on one line."""


def fits(pattern: str, address: str) -> bool:
    path = urlsplit(address).path
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]+"), path) is not None


def one_line(text: str) -> str:
    return " ".join(text.split())
