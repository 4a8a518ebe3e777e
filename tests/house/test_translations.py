"""Every text is said in Dutch; Flemish says only what differs; nothing is fuzzy, and no placeholder gets lost."""

import re
import subprocess
import sys

import polib
import pytest

from tests.house.source import ROOT

FOLDER = ROOT / "app" / "translations"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """All texts of code and templates, collected anew."""
    made = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "--mapping-file", "pyproject.toml"]
    command += ["--ignore-dirs", ".venv", "--keywords", "lazy_gettext", "--keywords", "_l", "-o", str(made), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    return {entry.msgid for entry in polib.pofile(str(made))}


def catalogue(locale: str) -> dict[str, polib.POEntry]:
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    return {entry.msgid: entry for entry in polib.pofile(str(path)) if not entry.obsolete}


def words(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_everything_is_said_in_dutch(texts: set[str]) -> None:
    dutch = catalogue("nl")
    silent = [text for text in sorted(texts) if text not in dutch or not all(words(dutch[text]))]
    assert not silent, "untranslated (make messages): " + "\n".join(silent)


def test_catalogues_hold_nothing_else(texts: set[str]) -> None:
    for locale in ("nl", "nl_BE"):
        assert set(catalogue(locale)) == texts, f"{locale}: run make messages"


@pytest.mark.parametrize("locale", ["nl", "nl_BE"])
def test_nothing_is_fuzzy_or_loses_a_placeholder(locale: str) -> None:
    for entry in catalogue(locale).values():
        assert not entry.fuzzy, entry.msgid
        for said in filter(None, words(entry)):
            wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
            assert set(PLACEHOLDER.findall(said)) <= wanted, f"{entry.msgid!r}: {said!r}"
            assert entry.msgid_plural or set(PLACEHOLDER.findall(said)) == wanted, f"{entry.msgid!r}: {said!r}"


def test_flemish_says_only_what_differs() -> None:
    dutch = catalogue("nl")
    flemish = {m: e for m, e in catalogue("nl_BE").items() if not e.msgid_plural}
    same = [m for m, e in flemish.items() if any(words(e)) and words(e) == words(dutch[m])]
    assert not same, same


def test_flemish_says_every_plural_itself() -> None:
    """The compiler puts the English words where a plural has none, so it cannot fall back to the Dutch."""
    silent = [m for m, e in catalogue("nl_BE").items() if e.msgid_plural and not all(words(e))]
    assert not silent, silent


@pytest.mark.parametrize("locale", ["nl", "nl_BE"])
def test_an_overridden_gate_never_reads_as_one_that_was_passed(locale: str) -> None:
    """In Flanders "gepasseerd" is what a gate is that one came through."""
    said = [text for entry in catalogue(locale).values() for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert not [text for text in said if "passeer" in text.lower()]


@pytest.mark.parametrize("locale", ["nl", "nl_BE"])
def test_one_word_for_a_consortium(locale: str) -> None:
    """“Combinatie” (glossary): two words for one thing read as two things."""
    said = [PLACEHOLDER.sub("", text) for entry in catalogue(locale).values() for text in words(entry)]
    both = [text for text in said if "consorti" in text.casefold()]
    assert not both, both


@pytest.mark.parametrize(("locale", "word"), [("nl", "beoordelaar"), ("nl_BE", "beoordelaar"), ("nl_BE", "toetser")])
def test_the_assessor_of_effects_is_told_apart_from_who_scores_plans(locale: str, word: str) -> None:
    """Glossary: “toetser” in Dutch, “evaluator” in Flemish, “beoordelaar” for the scorer. Flemish falls back to the
    Dutch, so what is read there counts."""
    dutch = catalogue("nl")
    read = {id: " ".join(filter(None, words(entry))) for id, entry in catalogue(locale).items()}
    mixed = [id for id, said in read.items() if "assessor" in id.casefold()
             and word in PLACEHOLDER.sub("", said or " ".join(words(dutch[id]))).casefold()]  # fmt: skip
    assert not mixed, mixed


@pytest.mark.parametrize("locale", ["nl", "nl_BE"])
def test_a_bond_is_never_a_union(locale: str) -> None:
    """In Dutch a bond is an association: the thing is called SIB, or in full social impact bond."""
    said = [PLACEHOLDER.sub("", text) for entry in catalogue(locale).values() for text in words(entry)]
    bare = [text for text in said if re.search(r"(?<!impact )\bbond(s|en)?\b", text, re.IGNORECASE)]
    assert not bare, bare
