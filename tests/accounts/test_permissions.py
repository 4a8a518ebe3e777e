"""The table that decides is public, in words: code alone says nothing to a council member."""

import re

import pytest

from app.access.actions import Action
from tests.browser import soup


def test_every_act_has_words_beside_its_code(app, browse):
    shown = soup(browse().get_ok("/permissions")).select_one("main table")
    text = shown.text
    for action in Action:
        assert str(action.label) != str(action), f"{action} has no words"
        assert str(action.label) in text and str(action) in text


@pytest.mark.parametrize("language", ["en", "nl", "nl_BE"])
def test_each_act_and_hat_is_said_in_words_with_its_key_beside_it(browse, language):
    """For a civil servant: no row, also not of the four eyes, is read by a key of the programme."""
    browser = browse()
    browser.get(f"/language/{language}")
    for table in soup(browser.get_ok("/permissions")).select("main table"):
        for cell in table.select("tbody tr > *"):
            keys = [key.extract().text for key in cell.select("code")]
            words = " ".join(cell.text.split())
            assert words and not re.search(r"[a-z]\.[a-z]|_", words), (keys, words)
