"""At least ten different files, written beside the definition as it is now."""

import uuid

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.pricing.definability import definition_of
from app.pricing.gate_operations import draft_reader_test
from app.readers.models import ReaderTest, digest_of
from app.readers.states import ReaderTestState
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_table


def url(effect) -> str:
    return f"/effects/{effect.id}/reader-test"


def test_the_portal_suggests_ten_files_and_keeps_what_is_sent(effect, official, browse):
    page = soup(browse(official).get_ok(url(effect)))
    filled = [area.text.strip() for area in page.select("textarea") if area.text.strip()]
    assert len(set(filled)) == 10
    assert any("11 where the definition asks 12" in text for text in filled)  # one short
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
    from flask_babel import force_locale

    with force_locale("en"):
        english = definition_of(effect)
    with force_locale("nl"):
        dutch = definition_of(effect)
    assert digest_of(english) == digest_of(dutch)


def test_an_auditor_does_not_write_files(effect, second, browse):
    assert browse(second).get(url(effect)).status_code == 404  # a draft is for the governments
    assert browse(make_user()).get(url(effect)).status_code == 404
