"""The table that decides is public, in words: code alone says nothing to a council member."""

from app.access.actions import Action
from tests.browser import soup


def test_every_act_has_words_beside_its_code(app, browse):
    shown = soup(browse().get_ok("/permissions")).select_one("main table")
    text = shown.text
    for action in Action:
        assert str(action.label) != str(action), f"{action} has no words"
        assert str(action.label) in text and str(action) in text
