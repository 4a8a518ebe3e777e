"""Flemish says its own word where it has one, else the Dutch one, else English."""

from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import force_locale, gettext

from app.core.forms import Form
from app.languages import Languages

WORDS = {"nl": {"participant": "deelnemer", "council": "gemeenteraad"}, "nl_BE": {"council": "raad"}}


@pytest.fixture
def speaking(tmp_path):
    for locale, words in WORDS.items():
        catalog = Catalog(locale)
        for english, local in words.items():
            catalog.add(english, local)
        written = BytesIO()
        write_mo(written, catalog)
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.mo").write_bytes(written.getvalue())
    app = Flask("speaking")
    Languages().init_app(app, default_locale="en", default_translation_directories=str(tmp_path))
    with app.app_context():
        yield


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("nl_BE", ["deelnemer", "raad", "sampling"]),
        ("nl", ["deelnemer", "gemeenteraad", "sampling"]),
        ("en", ["participant", "council", "sampling"]),
    ],
)
def test_each_language_says_what_it_knows(speaking, locale, said):
    with force_locale(locale):
        assert [gettext(word) for word in ("participant", "council", "sampling")] == said


def test_the_dutch_stay_dutch_after_the_flemish(speaking):
    for locale, council in (("nl_BE", "raad"), ("nl", "gemeenteraad"), ("nl_BE", "raad")):
        with force_locale(locale):
            assert gettext("council") == council


@pytest.mark.parametrize(("language", "said"), [("en", "Not a valid integer value."), ("nl", "Ongeldig getal.")])
def test_the_words_of_the_form_library_follow_the_reader(app, language, said):
    """Both in one process: what was read for one reader is not said to the next. Flemish has the Dutch ones."""
    with app.test_request_context(), force_locale(language):
        assert Form(meta={"csrf": False}).meta.get_translations(None).gettext("Not a valid integer value.") == said


def test_flemish_forms_speak_dutch(app):
    with app.test_request_context(), force_locale("nl_BE"):
        words = Form(meta={"csrf": False}).meta.get_translations(None)
        assert words.gettext("This field is required.") == "Dit veld is vereist."
