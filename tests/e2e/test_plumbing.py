"""The browser tests themselves: what they must catch is caught."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, request
from playwright.sync_api import Page, expect

from tests.e2e.cdn import HTMX_SHA384, HTMX_URL
from tests.e2e.looks import ARTEFACTS, axe, fits, look_at, shoot
from tests.e2e.portal import Watch

PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bond</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css">
<meta name="htmx-config" content='{{"includeIndicatorStyles":false,"allowEval":false}}'>
<script src="{HTMX_URL}" integrity="sha384-{HTMX_SHA384}" crossorigin="anonymous" defer></script>
</head><body><main><h1>Bond</h1>%s</main></body></html>"""
STYLE = """html {background: #fff; color: #111} a {color: #00f}
@media (prefers-color-scheme: dark) {html {background: #111; color: #fff} a {color: #9cf} .pale {color: #222}}"""
BODIES = {
    "good": '<p id="said">before</p><a href="/good?now=1" hx-get="/part" hx-target="#said">Ask</a>',
    "foreign": '<img src="https://example.org/tracker.png" alt="">',
    "inline": '<p style="color: red">x</p>',
    "missing": '<img src="/nothing.png" alt="">',
    "script": '<script src="/faulty.js"></script>',
    "unlabelled": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input name="q">',
    "pale": '<p class="pale">Not to be read in the dark</p>',
    "wide": f"<p>{'x' * 200}</p>",
}


def make_app(url: str) -> Flask:
    app = Flask(__name__)
    policy = "default-src 'self'; img-src 'self' data: https:; script-src 'self' https://cdn.jsdelivr.net"

    @app.get("/<name>")
    def page(name: str):
        status = 422 if request.args.get("refuse") else 200
        return PAGE % BODIES[name], status, {"Content-Security-Policy": policy}

    app.add_url_rule("/style.css", "style", lambda: (STYLE, 200, {"Content-Type": "text/css"}))
    app.add_url_rule("/part", "part", lambda: "after")
    app.add_url_rule("/faulty.js", "faulty", lambda: ("boom()", 200, {"Content-Type": "text/javascript"}))
    app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
    app.add_url_rule("/nothing.png", "nothing", lambda: ("", 404))
    return app


@pytest.fixture(scope="module")
def portal_app() -> Callable[[str], Flask]:
    return make_app


def test_htmx_is_answered_and_passes_its_integrity_hash(page_js: Page) -> None:
    page_js.goto("/good")
    page_js.get_by_text("Ask").click()
    expect(page_js.locator("#said")).to_have_text("after")
    assert page_js.evaluate("htmx.version") == "2.0.10"


def test_without_javascript_the_link_is_a_link(page_nojs: Page) -> None:
    page_nojs.goto("/good")
    page_nojs.get_by_text("Ask").click()
    assert page_nojs.url.endswith("/good?now=1")
    expect(page_nojs.locator("#said")).to_have_text("before")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("foreign", "https://example.org/tracker.png"),
        ("inline", "Content Security Policy"),
        ("missing", "answered 404"),
        ("script", "boom is not defined"),
    ],
)
def test_silent_faults_are_noticed(page_js: Page, watch: Watch, name: str, problem: str) -> None:
    page_js.goto(f"/{name}")
    page_js.wait_for_load_state("networkidle")
    with pytest.raises(AssertionError, match=problem):
        watch.assert_quiet()


def test_a_refused_form_is_no_fault(page: Page, watch: Watch) -> None:
    page.goto("/good?refuse=1")
    watch.assert_quiet()


def test_a_good_page_is_looked_at_from_all_sides(page: Page) -> None:
    page.goto("/good")
    look_at(page, "plumbing")
    names = {path.stem for path in ARTEFACTS.glob("plumbing-*-*.png")}
    assert names >= {f"plumbing-{width}-{scheme}" for width in (320, 1280) for scheme in ("light", "dark")}
    assert page.viewport_size == {"width": 1280, "height": 900}


def test_axe_speaks_plainly(page: Page) -> None:
    page.goto("/unlabelled")
    with pytest.raises(AssertionError, match=r"image-alt(.|\n)*label"):
        axe(page)


def test_a_page_that_cannot_be_read_in_the_dark_is_noticed(page: Page) -> None:
    page.goto("/pale")
    axe(page)
    with pytest.raises(AssertionError, match="color-contrast"):
        look_at(page, "plumbing-pale")


def test_a_page_that_is_too_wide_is_noticed(new_page: Callable[..., Page]) -> None:
    page = new_page(width=320)
    page.goto("/wide")
    with pytest.raises(AssertionError, match="in a window of 320 px"):
        fits(page)
    assert shoot(page, "plumbing-wide").stat().st_size > 0
