"""A code that was heard or typed wrong is told apart from one that nobody has: its check character does not fit, and by
one wrong character or two swapped ones it never does (`pseudonym`)."""

import pytest

from app.programmes.pseudonym import ALPHABET, is_mistyped, new_code
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_delivery, make_lasting, make_participant

SAID = "This code holds a typing mistake"


def wrong(code):
    """The check character is another one."""
    return code[:-1] + ALPHABET[(ALPHABET.index(code[-1]) + 1) % len(ALPHABET)]


@pytest.mark.parametrize("path", ["participants", "caseload"])
def test_the_search_of_participants_says_that_the_check_character_does_not_fit(app, browse, path):
    bond = make_delivery()
    code, other = make_participant(bond).code, new_code()
    browser, at = browse(bond.provider), f"/programmes/{bond.programme.id}/{path}?q="
    assert code in browser.get_ok(at + code.lower()).text
    for typed in (wrong(code), wrong(code).replace("-", " ").lower(), code[:-1] + "0"):
        page = browser.get_ok(at + typed).text
        assert SAID in page and "check character does not fit" in page, typed
    for typed in (other, code + "4", code[:5]):  # nobody's, too long, too short: no word about the check character
        assert SAID not in browser.get_ok(at + typed).text, typed


def test_so_do_the_searches_of_referrals_and_of_claims(app, browse):
    """Claims are searched by a word too: only what is written as a code is a mistyped one."""
    bond = make_lasting()
    code = make_referral(bond).code
    home = f"/programmes/{bond.programme.id}"
    for user, path in ((bond.official, "referrals?q="), (bond.provider, "claims?state=all&q=")):
        browser = browse(user)
        assert SAID in browser.get_ok(f"{home}/{path}{wrong(code)}").text
        assert SAID not in browser.get_ok(f"{home}/{path}{new_code()}").text
    assert SAID not in browse(bond.provider).get_ok(f"{home}/claims?state=all&q={wrong(code).replace('-', '')}").text


def test_only_what_is_as_long_as_a_code_is_a_mistyped_one():
    code = new_code()
    assert is_mistyped(wrong(code)) and is_mistyped(code[1] + code[0] + code[2:]) == (code[0] != code[1])
    assert not any(map(is_mistyped, (code, code.lower().replace("-", ""), "", code[:6], code + "4")))
