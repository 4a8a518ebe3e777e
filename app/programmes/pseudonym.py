"""Codes for participants, made by the portal and tied to nothing: the key stays with the provider.

`K7P-4WXC`: six random characters and a check character, from an alphabet without look-alikes (0 O Q, 1 I L, 2 Z, 5 S,
8 B, U V: at most one of each), so that a code can be read aloud over the telephone. The alphabet has 23 characters, a
prime: one wrong character or two swapped ones always show.
"""

import secrets

ALPHABET = "23456789CDEFHJKMNPRTWXY"
RANDOM = 6


def new_code() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return written(drawn + check_character(drawn))


def check_character(drawn: str) -> str:
    """The character that makes the sum of value x place (1 to 7) divisible by 23."""
    rest = sum(place * ALPHABET.index(char) for place, char in enumerate(drawn, 1)) % len(ALPHABET)
    value = next(v for v in range(len(ALPHABET)) if (rest + (RANDOM + 1) * v) % len(ALPHABET) == 0)
    return ALPHABET[value]


def written(code: str) -> str:
    return f"{code[:3]}-{code[3:]}"


def as_typed(text: str) -> str:
    """What somebody typed or heard, in the way codes are written; for searching."""
    plain = "".join(char for char in text.upper() if char.isalnum())
    return written(plain) if len(plain) == RANDOM + 1 else text.strip().upper()


def is_mistyped(text: str) -> bool:
    """As long as a code and none: a character is wrong, or two are swapped. Nobody can have it."""
    return sum(char.isalnum() for char in text) == RANDOM + 1 and not is_code(text)


def is_code(text: str) -> bool:
    plain = "".join(char for char in text.upper() if char.isalnum())
    return len(plain) == RANDOM + 1 and set(plain) <= set(ALPHABET) and check_character(plain[:RANDOM]) == plain[RANDOM]
