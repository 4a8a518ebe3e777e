"""Compare a result with what its file expects."""

from decimal import Decimal, InvalidOperation

from app.scenarios.strict_json import Huge, Inexact, shown

MATCH_BY = {
    "reductions": ("rule", "on"),
    "statements": ("on",),
    "lines": ("fact", "on", "statement", "effect", "participant", "payer"),
}


def differences(expected: object, result: dict[str, object]) -> list[str]:
    """A line per difference; only keys that `expected` gives are compared. Lists match by `id`, or as above.

    A number without quotation marks differs from every amount, whatever its value: replay-result/1 writes decimal
    strings, and a reader of JSON may round what is none.
    """
    if not isinstance(expected, dict):
        return ["expected: nothing to compare with" if expected is None else "expected: must be an object"]
    return _compare(expected, result, "expected", "")


def _compare(expected: object, found: object, place: str, key: str) -> list[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        lines = []
        for name, wanted in expected.items():
            below = f"{place}.{shown(name)}"
            if name in found:
                lines += _compare(wanted, found[name], below, name)
            elif wanted is not None:
                lines.append(f"{below}: the result has no such key")
        return lines
    if isinstance(expected, list) and isinstance(found, list):
        return _compare_lists(expected, found, place, key)
    if isinstance(found, str) and _number(found) is not None and _is_json_number(expected):
        return [f'{place}: must be a decimal string, such as "{shown(found)}", and no JSON number']
    if _same(expected, found):
        return []
    return [f"{place}: expected {_words(expected)}, found {_words(found)}"]


def _compare_lists(expected: list, found: list, place: str, key: str) -> list[str]:
    lines: list[str] = []
    for number, wanted in enumerate(expected):
        below = f"{place}[{number}]"
        if not isinstance(wanted, dict):
            lines.append(f"{below}: must be an object")
            continue
        by = [name for name in MATCH_BY.get(key, ("id",)) if name in wanted]
        matches = [row for row in found if by and all(_same(wanted[name], row.get(name)) for name in by)]
        if not by:
            lines.append(f"{below}: names no {' or '.join(MATCH_BY.get(key, ('id',)))} to match by")
        elif matches:
            lines += _compare(wanted, matches[0], below, "")
        elif key != "reductions" or not _same(wanted.get("amount"), "0"):
            lines.append(f"{below}: the result has no such row")
    return lines


def _same(one: object, other: object) -> bool:
    if isinstance(one, (bool, type(None))) or isinstance(other, (bool, type(None))):
        return one is other
    numbers = _number(one), _number(other)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return type(one) is type(other) and one == other


def _is_json_number(expected: object) -> bool:
    """As it stood in the file: without quotation marks."""
    return isinstance(expected, (int, Inexact, Huge)) and not isinstance(expected, bool)


def _number(found: object) -> Decimal | None:
    if not isinstance(found, (str, int)):
        return None
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _words(found: object) -> str:
    return "null" if found is None else shown(str(found))
