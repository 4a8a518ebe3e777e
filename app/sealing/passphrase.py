"""A passphrase that the portal makes: five blocks of four characters, to be written down and read aloud.

Nineteen random characters of five bits (95 bits, more than the 80 that put guessing out of reach) and a check
character. The alphabet is that of Crockford's base 32: no I, L, O and U, so that nothing is misread for 1, 0 or V.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, BLOCK = 20, 4
BITS = 5 * (LENGTH - 1)
SEEN_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
BETWEEN = re.compile(r"[\s\-\u2010-\u2015.,]+")


def make() -> str:
    """A new one, in blocks."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return in_blocks(letters + _check(letters))


def in_blocks(letters: str) -> str:
    return "-".join(letters[i : i + BLOCK] for i in range(0, len(letters), BLOCK))


def normal(typed: str) -> str:
    """What was meant, whatever stands between the blocks and however O, I and L were read; in blocks."""
    return in_blocks(BETWEEN.sub("", typed).upper().translate(SEEN_AS))


def is_well_formed(typed: str) -> bool:
    """Could this be a passphrase at all? One mistyped character, or two that changed places, is always seen."""
    letters = normal(typed).replace("-", "")
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET):
        return False
    return _check(letters[:-1]) == letters[-1]


def _check(letters: str) -> str:
    """The character that makes the weighted sum zero in the field of 32 elements (x^5 + x^2 + 1). Each place has a
    weight of its own, so one wrong character or two exchanged ones never leave the sum as it was."""
    total = 0
    for letter in letters:
        total = (total ^ ALPHABET.index(letter)) << 1
        if total & 0b100000:
            total ^= 0b100101
    return ALPHABET[total]
