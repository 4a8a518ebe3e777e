"""The documents of a call: every bidder reads the same file, and its SHA-256 proves it."""

import hashlib
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from app.audit.models import AuditFacts
from app.calls.asked import CallDocument
from app.calls.states import CallState
from app.core import clock
from app.core.document import read_document
from app.demonstration.document import pdf
from app.extensions import db
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user
from tests.statements import counted

PDF = pdf("terms.pdf", "Terms (draft)", "Eén plan").content


@pytest.fixture
def call(app):
    return make_call(state=CallState.DRAFT)


@pytest.fixture
def official(call):
    return make_user(call.programme.lead)


def upload(content=PDF, name="Terms of the call.pdf"):
    return (BytesIO(content), name)


def laid(call, title="Terms", content=PDF):
    file = read_document(FileStorage(BytesIO(content), filename="terms.pdf"))
    facts = {name: getattr(file, name) for name in ("filename", "media_type", "size", "sha256", "content")}
    made = CallDocument(call=call, position=len(call.documents) + 1, title=title, added_at=clock.now(), **facts)
    db.session.add(made)
    db.session.commit()
    return made


def test_an_official_lays_a_file_with_the_call(call, official, browse):
    answer = browse(official).post_form(f"/calls/{call.id}/documents/add", {"title": "Terms", "file": upload()})
    assert answer.status_code == 303
    db.session.expire_all()
    (document,) = call.documents
    digest = hashlib.sha256(PDF).hexdigest()
    assert (document.filename, document.media_type, document.size) == (
        "Terms-of-the-call.pdf",
        "application/pdf",
        len(PDF),
    )
    assert (document.sha256, document.content) == (digest, PDF)
    assert db.session.scalars(db.select(AuditFacts.body)).one()["sha256"] == digest
    page = soup(browse(official).get_ok(f"/calls/{call.id}/documents"))
    assert digest in page.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"file": (BytesIO(b""), "")}, "Choose a PDF, PNG or JPEG"),
        ({"file": (BytesIO(b"<html>"), "terms.pdf")}, "This is not a PDF, PNG or JPEG"),
        ({"file": (BytesIO(b""), "terms.pdf")}, "This document is empty"),
        ({"file": (BytesIO(PDF + b" " * 10_485_760), "terms.pdf")}, "at most 10 MB"),
        ({"title": ""}, "Fill this in"),
        ({"title": "111222333"}, "national number"),
        ({"title": "map"}, "Another document has this title already"),
        ({"title": "Copy", "file": (BytesIO(b"\xff\xd8\xff a map"), "copy.jpg")}, "This file is with the call already"),
    ],
    ids=["none", "html", "empty", "large", "no title", "number", "title", "copy"],
)
def test_a_mistake_is_named_and_nothing_is_kept(call, official, browse, changes, words):
    laid(call, "Map", b"\xff\xd8\xff a map")
    typed = {"title": "Terms", "file": upload()} | changes
    answer = browse(official).post_form(f"/calls/{call.id}/documents/add", typed)
    assert answer.status_code == 422
    assert words in soup(answer).text
    db.session.expire_all()
    assert [document.title for document in call.documents] == ["Map"]


def test_a_draft_keeps_its_documents_within_the_governments(call, official, browse):
    document = laid(call)
    url = f"/documents/{document.id}"
    assert browse(official).get(url).data == PDF
    assert browse(make_user(make_provider())).get(url).status_code == 404
    assert browse().get(url).status_code == 303


def test_anyone_gets_the_file_of_a_published_call_and_can_check_it(call, browse):
    document = laid(call)
    call.state = CallState.PUBLISHED
    db.session.commit()
    answer = browse().get(f"/documents/{document.id}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="terms.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = browse().get_ok(f"/calls/{call.id}")
    assert hashlib.sha256(answer.data).hexdigest() in soup(page).text
    again = browse().get(f"/documents/{document.id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_of_a_call_does_not_load_the_files(call, browse):
    for n in range(12):
        laid(call, f"Document {n}", PDF + b"%d" % n)
    call.state = CallState.PUBLISHED
    db.session.commit()
    browse().get_ok(f"/calls/{call.id}")
    with counted() as statements:
        browse().get_ok(f"/calls/{call.id}")
    assert not any("call_document.content" in statement for statement in statements)
    assert len(statements) <= 13


def test_a_document_gets_another_title_or_another_file(call, official, browse):
    document = laid(call)
    reader = browse(official)
    assert reader.post_form(f"/documents/{document.id}/edit", {"title": "Better terms"}).status_code == 303
    db.session.expire_all()
    assert (document.title, document.content) == ("Better terms", PDF)
    new = b"\x89PNG\r\n\x1a\n picture"
    typed = {"file": (BytesIO(new), "map.png")}
    assert reader.post_form(f"/documents/{document.id}/edit", typed).status_code == 303
    db.session.expire_all()
    assert (document.filename, document.media_type) == ("map.png", "image/png")
    assert (document.sha256, document.content) == (hashlib.sha256(new).hexdigest(), new)


def test_documents_move_and_go(call, official, browse):
    one, two = laid(call, "One").id, laid(call, "Two", PDF + b"2").id
    reader = browse(official)
    page = reader.get_ok(f"/calls/{call.id}/documents")
    assert reader.submit(page, action=f"/documents/{two}/up").status_code == 303
    db.session.expire_all()
    assert [document.title for document in call.documents] == ["Two", "One"]
    assert reader.post_form(f"/documents/{one}/remove").status_code == 303
    db.session.expire_all()
    assert [document.title for document in call.documents] == ["Two"]
    assert reader.get(f"/documents/{one}").status_code == 404


def test_a_withdrawn_document_says_so_and_stays_readable(call, browse):
    document = laid(call)
    document.withdrawn_at = clock.now()
    db.session.commit()
    call.state = CallState.PUBLISHED
    db.session.commit()
    assert "withdrawn" in soup(browse().get_ok(f"/calls/{call.id}")).text
    assert browse().get(f"/documents/{document.id}").data == PDF
