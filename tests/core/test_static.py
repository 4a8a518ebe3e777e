"""A file of the look is fetched once: its address changes with its contents, so that nobody sees an old one."""

import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.browser import soup


def test_a_style_sheet_is_kept_for_a_year_under_the_address_of_its_contents(app, browse):
    sheets = [link["href"] for link in soup(browse().get_ok("/")).select("link[rel=stylesheet]")]
    assert sheets
    for address in sheets:
        answer = browse().get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        version = parse_qs(urlsplit(address).query)["v"]
        assert version == [hashlib.sha256(answer.data).hexdigest()[:12]]


def test_without_its_version_a_file_is_asked_for_again(app, browse):
    assert "immutable" not in browse().get("/static/css/base.css").headers.get("Cache-Control", "")


def test_the_font_is_loaded_once(app, browse):
    """The style sheet names it without a version, so the page must too."""
    (font,) = (link["href"] for link in soup(browse().get_ok("/")).select("link[rel=preload]"))
    sheets = [path.read_text() for path in Path(app.static_folder, "css").glob("*.css")]
    assert any(f"../fonts/{font.rpartition('/')[2]}" in sheet for sheet in sheets)
    assert "max-age=2592000" in browse().get(font).headers["Cache-Control"]


def test_a_page_is_never_kept(app, browse):
    assert browse().get_ok("/").headers["Cache-Control"] == "private, no-store"
