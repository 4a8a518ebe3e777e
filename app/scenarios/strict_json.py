"""JSON as the format wants it: UTF-8, no key twice, no NaN or Infinity, no number that is a float in disguise."""

import json
import re

MOST_DIGITS = 18
MOST_DEEP = 100


class Refused(Exception):
    """A file that breaks rules. `faults`: one line each, naming the place."""

    def __init__(self, faults: list[str]):
        super().__init__("\n".join(faults))
        self.faults = faults


class Inexact(str):
    """A number with a point or an exponent, as it stood in the file: allowed in notes, nowhere else."""


class Huge(str):
    """A whole number longer than any amount."""


class Object(dict):
    """A JSON object that remembers which keys stood in it twice."""

    twice: tuple[str, ...] = ()


def parse(content: bytes) -> object:
    """The JSON value in `content`. Raises `Refused` when it is no such value at all."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused([f"file: byte {error.start} is not UTF-8"]) from None
    try:
        tree = json.loads(
            text, object_pairs_hook=_object, parse_float=Inexact, parse_int=_whole, parse_constant=_not_a_number
        )
    except json.JSONDecodeError as error:
        raise Refused([f"file: no JSON: {error.msg} on line {error.lineno}, column {error.colno}"]) from None
    except RecursionError:
        raise Refused(["file: nested too deep"]) from None
    faults = [f"{place}: key used twice" for place in _twice(tree)]
    if faults:
        raise Refused(faults)
    return tree


def shown(text: str) -> str:
    """Text from the file as it may stand in a message: on one line, and not too long."""
    short = text if len(text) <= 60 else text[:60] + "…"
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda found: ascii(found.group())[1:-1], short)


def _object(pairs: list[tuple[str, object]]) -> Object:
    found = Object(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        found.twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return found


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= MOST_DIGITS else Huge(digits)


def _not_a_number(word: str) -> object:
    raise Refused([f"file: {word} is not a number of JSON"])


def _twice(tree: object) -> list[str]:
    """Places of the keys used twice; walks without recursion, and not deeper than any message could print."""
    places: list[str] = []
    waiting: list[tuple[str, object, int]] = [("", tree, 0)]
    while waiting:
        place, node, depth = waiting.pop()
        if depth > MOST_DEEP:
            raise Refused(["file: nested too deep"])
        below: list[tuple[str, object]] = []
        if isinstance(node, Object):
            places += [_below(place, key) for key in node.twice]
            below = [(_below(place, key), child) for key, child in node.items() if isinstance(child, (dict, list))]
        elif isinstance(node, list):
            below = [(f"{place}[{n}]", child) for n, child in enumerate(node) if isinstance(child, (dict, list))]
        waiting += [(where, child, depth + 1) for where, child in below]
    return sorted(places)


def _below(place: str, key: str) -> str:
    return f"{place}.{shown(key)}" if place else shown(key)
