"""A passphrase is made by the portal, read aloud and typed back; a slip is seen before anything is tried with it."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from app.sealing import passphrase

LETTERS = st.text(passphrase.ALPHABET, min_size=19, max_size=19)


def whole(letters: str) -> str:
    return passphrase.in_blocks(letters + passphrase._check(letters))


def test_it_is_out_of_reach_of_guessing():
    assert passphrase.BITS >= 80
    made = {passphrase.make() for _ in range(200)}
    assert len(made) == 200
    assert all(len(one) == 24 and passphrase.is_well_formed(one) for one in made)
    assert not set("ILOU") & set("".join(made))


def test_every_character_of_the_alphabet_comes_up():
    assert set("".join(passphrase.make() for _ in range(300))) == {*passphrase.ALPHABET, "-"}


@given(LETTERS, st.integers(0, 19), st.sampled_from(passphrase.ALPHABET))
def test_one_mistyped_character_is_always_seen(letters, place, typed):
    good = whole(letters).replace("-", "")
    bad = good[:place] + typed + good[place + 1 :]
    assert passphrase.is_well_formed(bad) == (bad == good)


@given(LETTERS)
def test_two_exchanged_characters_are_always_seen(letters):
    good = whole(letters).replace("-", "")
    for one, other in combinations(range(20), 2):
        bad = list(good)
        bad[one], bad[other] = bad[other], bad[one]
        assert passphrase.is_well_formed("".join(bad)) == (good[one] == good[other])


@given(LETTERS)
def test_however_it_is_read_and_typed(letters):
    good = whole(letters)
    typed = good.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert passphrase.normal(typed) == good
    assert passphrase.normal(good.replace("-", "\u2013").replace("1", "i")) == good
    assert passphrase.is_well_formed(typed)


def test_too_short_too_long_and_strange_signs():
    good = passphrase.make()
    for bad in ("", good[:-1], good + "A", good[:-1] + "U", "*" * 20):
        assert not passphrase.is_well_formed(bad)
