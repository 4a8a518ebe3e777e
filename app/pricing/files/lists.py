"""Lists in one cell: codes, tiers, steps, bands, a price per payer. Entries are parted by a semicolon."""

import re
import uuid
from typing import Any

from flask_babel import gettext as _

from app.pricing.files.cells import LONGEST_LIST, Bond, Cell, CellFault, major, minor_in, number_in, plain
from app.pricing.rules import decimal_in

DECIMAL = r"-?[0-9]+(?:[.,][0-9]+)?"
BAND = re.compile(rf"({DECIMAL})\s*(?:-|–|\.\.)\s*({DECIMAL})")
# Names in JSON files, those of replay/1; the amounts are decimal strings there.
NAMES = {
    "price_minor": "price",
    "max_amount_minor": "max_amount",
    "amount_minor": "amount",
    "per_point_minor": "per_point",
}
TIER = re.compile(r"([0-9]{1,9})\s*[-–]\s*([0-9]{0,9})")


class ListCell(Cell):
    """`name: amount; name: amount`. A sub-class says what stands before the colon."""

    def __init__(self) -> None:
        super().__init__([])

    def _text(self, value: list[Any], bond: Bond) -> str:
        return "; ".join(self._entry(value, number, bond) for number in range(len(value)))

    def _read(self, typed: str, bond: Bond) -> Any:
        found: list[Any] = []
        for entry in entries_of(typed):
            name, colon, paid = entry.rpartition(":")
            if not colon or not name.strip() or not paid.strip():
                raise CellFault(_("“%(entry)s” is not written as: %(how)s", entry=entry[:80], how=self.how()))
            found.append(self._read_entry(name.strip(), paid.strip(), found, bond))
        return found

    def _entry(self, value: list[Any], number: int, bond: Bond) -> str:
        raise NotImplementedError

    def _read_entry(self, name: str, paid: str, before: list[Any], bond: Bond) -> Any:
        raise NotImplementedError

    def _not_so(self, entry: str) -> CellFault:
        return CellFault(_("“%(entry)s” is not written as: %(how)s", entry=entry[:80], how=self.how()))


def entries_of(typed: str) -> list[str]:
    entries = [entry.strip() for entry in re.split(r"[;\n]", typed) if entry.strip()]
    if len(entries) > LONGEST_LIST:
        raise CellFault(_("At most %(max)d entries.", max=LONGEST_LIST))
    return entries


class Codes(Cell):
    def __init__(self) -> None:
        super().__init__([])

    def how(self) -> str:
        return _("Codes of other effects, parted by a semicolon, such as work-13w; home.")

    def _text(self, value: list[str], bond: Bond) -> str:
        return "; ".join(value)

    def _read(self, typed: str, bond: Bond) -> list[str]:
        return list(dict.fromkeys(code for entry in entries_of(typed) for code in re.split(r"[,\s]+", entry) if code))


class Tiers(ListCell):
    """Marginal tiers by running count; "max" is what one tier pays together at the most."""

    def how(self) -> str:
        return "1-400: 220.00; 401-: 198.00 max 50000.00"

    def json(self, value: list[dict[str, Any]], bond: Bond) -> list[dict[str, Any]]:
        return [{NAMES.get(key, key): _in_json(key, said, bond) for key, said in tier.items()} for tier in value]

    def _entry(self, value: list[dict[str, Any]], number: int, bond: Bond) -> str:
        tier = value[number]
        start = (value[number - 1]["up_to"] or 0) + 1 if number else 1
        end = "" if tier["up_to"] is None else tier["up_to"]
        most = tier.get("max_amount_minor")
        limit = "" if most is None else f" max {major(most, bond)}"
        return f"{start}-{end}: {major(tier['price_minor'], bond)}{limit}"

    def _read_entry(self, name: str, paid: str, before: list[Any], bond: Bond) -> dict[str, Any]:
        found = TIER.fullmatch(name)
        if found is None:
            raise self._not_so(f"{name}: {paid}")
        start, end = int(found[1]), int(found[2]) if found[2] else None
        expected = (before[-1]["up_to"] or 0) + 1 if before else 1
        if start != expected:
            message = _("This tier begins at %(start)d and must begin at %(expected)d.", start=start, expected=expected)
            raise CellFault(message)
        price, _max, most = paid.lower().partition("max")
        tier: dict[str, Any] = {"up_to": end, "price_minor": minor_in(price.strip(), bond)}
        return tier | ({"max_amount_minor": minor_in(most.strip(), bond)} if _max else {})


class Scale(ListCell):
    """Steps of a measured value, or bands in which each point is paid."""

    def how(self) -> str:
        return _("steps: 0.5: 100.00; 0.6: 200.00 – or bands: 0-10: 1.00; 10-20: 2.00")

    def json(self, value: list[dict[str, Any]], bond: Bond) -> list[dict[str, Any]]:
        return [{NAMES.get(key, key): _in_json(key, said, bond) for key, said in row.items()} for row in value]

    def _entry(self, value: list[dict[str, Any]], number: int, bond: Bond) -> str:
        row = value[number]
        if "at" in row:
            return f"{_plain(row['at'])}: {major(row['amount_minor'], bond)}"
        return f"{_plain(row['from'])}-{_plain(row['to'])}: {major(row['per_point_minor'], bond)}"

    def _read_entry(self, name: str, paid: str, before: list[Any], bond: Bond) -> dict[str, Any]:
        band = BAND.fullmatch(name)
        if band is None and not re.fullmatch(DECIMAL, name):
            raise self._not_so(f"{name}: {paid}")
        amount = minor_in(paid, bond)
        if band is None:
            row: dict[str, Any] = {"at": number_in(name), "amount_minor": amount}
        else:
            row = {"from": number_in(band[1]), "to": number_in(band[2]), "per_point_minor": amount}
        if before and before[0].keys() != row.keys():
            raise CellFault(_("Steps and bands do not go together."))
        return row


def _in_json(key: str, said: Any, bond: Bond) -> Any:
    return str(major(said, bond)) if key in NAMES and said is not None else said


def _plain(typed: Any) -> str:
    found = decimal_in(str(typed))
    return str(typed) if found is None else plain(found)


class PayerPrices(ListCell):
    """What a municipality of the bond pays instead of the price, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.empty = {}

    def how(self) -> str:
        return _("Enschede: 2500.00; Hengelo: 2400.00 – each a municipality of this bond")

    def json(self, value: dict[str, int], bond: Bond) -> list[dict[str, str | None]]:
        return [
            {"payer": key, "name": bond.payers.get(key), "price": str(major(price, bond))}
            for key, price in value.items()
        ]

    def _text(self, value: Any, bond: Bond) -> str:
        """In a fixed order, so that what means the same reads the same."""
        return "; ".join(sorted(f"{_name_of(key, bond)}: {major(price, bond)}" for key, price in value.items()))

    def _read(self, typed: str, bond: Bond) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, price in super()._read(typed, bond):
            if key in found:
                raise CellFault(_("A municipality stands here twice."))
            found[key] = price
        return found

    def _read_entry(self, name: str, paid: str, before: list[Any], bond: Bond) -> tuple[str, int]:
        wanted = name.casefold()
        keys = [key for key, known in bond.payers.items() if wanted in (key, known.casefold())]
        if len(keys) != 1:
            message = _("“%(name)s” is not a municipality of this bond: %(known)s.", name=name[:80], known=_known(bond))
            raise CellFault(message)
        return keys[0], minor_in(paid, bond)


def _name_of(key: str, bond: Bond) -> str:
    name = bond.payers.get(key, key)
    alone = sum(known.casefold() == name.casefold() for known in bond.payers.values()) == 1
    return name if alone and not re.search(r"[;\n]", name) and name == " ".join(name.split()) else key


def _known(bond: Bond) -> str:
    return "; ".join(sorted(bond.payers.values())) or "–"


class Entry(Cell):
    """The id of a figure in the register of unit costs."""

    def __init__(self) -> None:
        super().__init__(None)

    def how(self) -> str:
        return _("The id of a figure in the register of unit costs.")

    def json(self, value: uuid.UUID | None, bond: Bond) -> str | None:
        return None if value is None else str(value)

    def _text(self, value: uuid.UUID, bond: Bond) -> str:
        return str(value)

    def _read(self, typed: str, bond: Bond) -> uuid.UUID:
        try:
            return uuid.UUID(typed)
        except ValueError:
            raise CellFault(_("Give the id of a figure in the register, or leave this empty.")) from None
