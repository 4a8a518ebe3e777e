"""Passwords that are long and yet among the first that anybody tries (NIST SP 800-63B, 3.1.1.2)."""

import re
import unicodedata
from collections.abc import Iterable

EVERYDAY = (
    "password", "passwort", "passphrase", "wachtwoord", "wachtzin", "welkom", "welcome", "geheim", "secret",
    "letmein", "iloveyou", "admin", "qwerty", "azerty", "zomer", "winter", "lente", "herfst", "summer", "spring",
    "autumn", "hallo", "hello", "gemeente", "inloggen", "login", "test",
)  # fmt: skip
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm")
SIGNS = str.maketrans("@4301!5$7", "aaeoiisst")
YEAR = re.compile(r"(?:19|20)\d\d")
LEAST_LEFT, SERIES, LEAST_WORD = 6, 4, 4


def is_guessable(typed: str, around: Iterable[str] = ()) -> bool:
    """Is too little left when repetition, series, years and everyday words are taken out, and the words `around` the
    owner, such as the name of the organisation and its town?"""
    text = _bare(typed)
    words = {word for said in around for word in re.split(r"[^a-z0-9]+", _bare(said)) if len(word) >= LEAST_WORD}
    taken = [*sorted(words, key=len, reverse=True), *EVERYDAY]
    return any(_left(variant, taken) < LEAST_LEFT for variant in (text, text.translate(SIGNS)))


def _bare(text: str) -> str:
    """Small letters without accents."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _left(text: str, taken: Iterable[str]) -> int:
    if _is_repeated(text):
        return 0
    for word in taken:
        text = text.replace(word, " ")
    text = _without_series(YEAR.sub(" ", text))
    return len(set(re.sub(r"[^a-z0-9]", "", text)))


def _is_repeated(text: str) -> bool:
    """One piece, over and over: abcabcabcabc."""
    bare = re.sub(r"\W", "", text)
    return any(bare == (bare[:n] * len(bare))[: len(bare)] for n in range(1, len(bare) // 2 + 1))


def _without_series(text: str) -> str:
    """Without runs of four and more that stand beside each other in the alphabet, in counting or on the keyboard."""
    rows = [row for forward in ROWS for row in (forward, forward[::-1])]
    kept, at = "", 0
    while at < len(text):
        ends = range(len(text), at + SERIES - 1, -1)
        length = next((end - at for end in ends if any(text[at:end] in row for row in rows)), 0)
        kept += "" if length else text[at]
        at += length or 1
    return kept
