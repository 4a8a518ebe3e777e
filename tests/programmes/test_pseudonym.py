"""A participant is known by a random code only (domain, section 9), which can be read over the telephone."""

import itertools

from app.programmes.pseudonym import ALPHABET, as_typed, is_code, new_code


def test_no_two_characters_look_alike():
    for alike in ("0OQ", "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set(alike) & set(ALPHABET)) <= 1


def test_codes_are_valid_and_differ():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(is_code(code) for code in codes)


def test_one_wrong_character_shows():
    code = new_code().replace("-", "")
    for place, char in itertools.product(range(len(code)), ALPHABET):
        wrong = code[:place] + char + code[place + 1 :]
        assert is_code(wrong) == (wrong == code)


def test_two_swapped_characters_show():
    for _ in range(50):
        code = new_code().replace("-", "")
        for place in range(len(code) - 1):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert is_code(swapped) == (swapped == code)


def test_what_was_heard_is_found():
    code = new_code()
    assert as_typed(f" {code.lower().replace('-', ' ')} ") == code
    assert as_typed("home") == "HOME"
