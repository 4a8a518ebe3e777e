"""Two people at one form: what one of them left as it stood takes what the other saved, so that nothing old returns."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import HiddenField

from app.pricing.lines import said_in


class StoodField(HiddenField):
    """What each answer was when the page was made, as digests by field; empty when that is not known."""

    def _value(self) -> str:
        return json.dumps(self.data or {})

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        try:
            found = json.loads(valuelist[0])
        except (IndexError, ValueError, RecursionError):
            found = {}
        self.data = {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def stood(values: Mapping[str, Any]) -> dict[str, str]:
    """A digest per answer."""
    return {name: _digest(value) for name, value in values.items()}


def stood_in(row: Any) -> dict[str, str]:
    """The same of all that an effect says."""
    return stood(said_in(row))


def typed_since(before: Mapping[str, str], values: Mapping[str, Any]) -> set[str]:
    """The answers that are no longer what they were; all of them when that is not known."""
    return {name for name, value in values.items() if before.get(name) != _digest(value)}


def take_over(form: Any, row: Any, names: Iterable[str]) -> set[str]:
    """Lay what is stored where nothing was typed since the page was made; gives the names of what was typed.

    What cannot be read was typed too: nobody's answer vanishes.
    """
    there = [name for name in names if name in form]
    typed = typed_since(form.stood.data or {}, {name: form[name].data for name in there})
    typed |= {name for name in there if form[name].process_errors}
    for name in set(there) - typed:
        form[name].process_data(getattr(row, name))
        form[name].raw_data = None
    return typed


def _digest(value: Any) -> str:
    text = json.dumps(_plain(value), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """Without what a browser or a form adds: line ends, the order of ticks, empty parts of a row."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        parts = [_plain(part) for part in value]
        return sorted(parts) if all(isinstance(part, str) for part in parts) else parts
    if isinstance(value, str):
        return "\n".join(str(value).splitlines()).strip()
    return value
