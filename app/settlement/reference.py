"""Payment references a bank checks: RF creditor references (ISO 11649), with two check digits by modulo 97."""

import uuid

LONGEST = 21  # characters after RF and the check digits


def creditor_reference(text: str) -> str:
    """`RF` + check digits + `text` (letters and digits); a mistyped one is refused by any bank."""
    plain = "".join(char for char in text.upper() if char.isascii() and char.isalnum())
    if not 0 < len(plain) <= LONGEST:
        raise ValueError(f"a creditor reference holds 1 to {LONGEST} letters and digits")
    return f"RF{98 - _remainder(plain + 'RF00'):02d}{plain}"


def is_creditor_reference(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    known = plain.isascii() and plain.isalnum() and plain.startswith("RF") and 5 <= len(plain) <= LONGEST + 4
    return known and plain[2:4].isdigit() and _remainder(plain[4:] + plain[:4]) == 1


def _remainder(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97


def reference_of(programme_id: uuid.UUID, number: int, place: int) -> str:
    """For settlement `number` of a bond and its municipality in `place` (from 1): the same bond starts the same."""
    return creditor_reference(f"BW{programme_id.hex[:10]}{number:03d}{place:02d}")


def grouped(reference: str) -> str:
    """A creditor reference in groups of four, as every page, mail and invoice shows it; another one (of a capital call,
    of the guarantee) as it is, for it has dashes of its own. Banks and `bank.matching` read either."""
    if not is_creditor_reference(reference):
        return reference
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))
