"""At least ten different files, written beside the definition as it is now."""

import re
import uuid

import pytest
from flask_babel import force_locale

from app.audit.models import AuditEntry
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.pricing.definability import definition_of
from app.pricing.gate_operations import draft_reader_test
from app.readers.models import ReaderTest, digest_of
from app.readers.states import ReaderTestState
from app.readers.suggestions import suggest_files
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_table


def url(effect) -> str:
    return f"/effects/{effect.id}/reader-test"


def test_the_portal_suggests_ten_files_and_keeps_what_is_sent(effect, official, browse):
    page = soup(browse(official).get_ok(url(effect)))
    filled = [area.text.strip() for area in page.select("textarea") if area.text.strip()]
    assert len(set(filled)) == 10
    for letter, number in zip("ABC", (14, 12, 11), strict=True):  # clearly over, exactly, one short
        assert next(text for text in filled if text.startswith(f"{letter}.")).count(f" {number} ") == 1
    answer = browse(official).post_form(url(effect))
    test = db.session.scalars(db.select(ReaderTest).where(ReaderTest.state == ReaderTestState.DRAFT)).one()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/reader-tests/{test.id}")
    assert [file.text for file in test.files] == filled
    assert test.digest == digest_of(definition_of(effect))
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["reader_test.draft"]


def test_nine_files_are_too_few(effect, official, browse, texts):
    sent = {f"files-{n}": text for n, text in enumerate(texts[:9])} | {f"files-{n}": "" for n in range(9, 12)}
    answer = browse(official).post_form(url(effect), sent)
    assert answer.status_code == 422
    assert "Write at least 10 files." in answer.text
    assert "File 9" in answer.text  # nothing typed is lost


def test_the_same_file_twice_is_no_second_file(effect, official, texts):
    with pytest.raises(Refused, match="say the same"):
        draft_reader_test(effect, [*texts[:9], " file 1"], actor=official, once=uuid.uuid4())


def test_a_double_click_is_one_test(effect, official, texts):
    once = uuid.uuid4()
    one = draft_reader_test(effect, texts, actor=official, once=once)
    assert draft_reader_test(effect, texts, actor=official, once=once) is one


def test_a_published_definition_is_not_tested_any_more(programme, official, browse, texts):
    published = make_table(programme).effects[0]
    assert browse(official).get(url(published)).status_code == 409
    with pytest.raises(NotNow):
        draft_reader_test(published, texts, actor=official, once=uuid.uuid4())


def test_the_language_of_the_writer_does_not_change_the_digest(effect, app):
    with force_locale("en"):
        english = definition_of(effect)
    with force_locale("nl"):
        dutch = definition_of(effect)
    assert digest_of(english) == digest_of(dutch)


def test_a_page_says_the_evidence_in_the_language_of_its_reader(drafted, official, browse):
    """Only the code of the kind of evidence is frozen."""
    for locale, words in (("en", "employment contract or payslip"), ("nl", "arbeidsovereenkomst of loonstrook")):
        official.locale = locale
        db.session.commit()
        facts = soup(browse(official).get_ok(f"/reader-tests/{drafted.id}")).select_one("main dl").text
        assert words in facts.lower()


@pytest.mark.parametrize(("jurisdiction", "words"), [("NL", "loonstrook"), ("BE", "loonbrief")])
def test_the_suggested_files_are_in_the_language_of_the_bond_whoever_writes(
    effect, programme, official, browse, jurisdiction, words
):
    programme.jurisdiction, official.locale = jurisdiction, "en"
    db.session.commit()
    filled = [area.text.strip() for area in soup(browse(official).get_ok(url(effect))).select("textarea")]
    assert words in filled[0] and "Daarop staat" in filled[0]
    assert not any("It shows" in text or "payslip" in text for text in filled)


def test_a_definition_without_a_number_still_brings_ten_files_that_read_well(effect, app):
    """No dashes where something is missing, and no "not quite where the definition asks all that is asked"."""
    bare = definition_of(effect) | {"definition": "Has a diploma.", "sustained": "", "who": "", "resets": ""}
    files = suggest_files(bare, effect.evidence_type.label, "NL")
    assert len(set(files)) == 10
    assert not any("–" in text or "()" in text or ": ." in text for text in files)


def test_what_lasts_one_day_and_starts_nothing_again_is_not_put_in_a_sentence(effect, app):
    """Not "in all: on the day itself", nor "this happened on the way: nothing"."""
    said = definition_of(effect) | {"sustained": "op de dag zelf", "resets": "Niets: het wordt eenmaal vastgesteld."}
    files = " ".join(suggest_files(said, effect.evidence_type.label, "NL"))
    assert "op de dag zelf" not in files and "Niets" not in files


def test_an_auditor_does_not_write_files(effect, second, browse):
    assert browse(second).get(url(effect)).status_code == 404  # a draft is for the governments
    assert browse(make_user()).get(url(effect)).status_code == 404


ANSWERS = r"(achiev|behaald|bereikt|proven|bewezen|aangetoond|voldoe|meets|exactly|precies|missing|ontbreekt|short\b"
ANSWERS += (
    r"|limit|grens|definiti|the evidence|only|alleen|slechts|te laat|too late|last day|laatste dag|reached|in full)"
)


@pytest.mark.parametrize("definition", ["Works at least 12 hours a week, for 13 weeks.", "Has a diploma."])
@pytest.mark.parametrize("resets", ["dismissal", ""])
@pytest.mark.parametrize("jurisdiction", ["NL", "BE", "??"])
def test_no_file_gives_its_own_answer(effect, app, definition, resets, jurisdiction):
    """Gate D2 measures whether two readers apply the definition alike; a file that says "achieved" or "one part is
    missing" measures only whether they can read."""
    said = definition_of(effect) | {"definition": definition, "resets": resets}
    files = suggest_files(said, "payslip", jurisdiction)
    assert len(set(files)) == 10
    for text in files:
        assert not re.search(ANSWERS, text.replace(definition.rstrip("."), ""), re.IGNORECASE), text


def test_the_dates_of_the_files_lie_on_both_sides_of_what_the_definition_allows(effect, app):
    """Sixty days after 3 March 2025 is 2 May: G is dated that day, F the day after it; H is taken in too late."""
    said = definition_of(effect) | {"evidence_days": 60}
    files = {text[0]: text for text in suggest_files(said, "payslip", "NL")}
    assert "2 mei 2025" in files["G"] and "3 mei 2025" in files["F"] and "4 maart 2025" in files["H"]
