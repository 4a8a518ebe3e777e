"""A real Chromium before the real portal. A test fails on any foreign request, script error or blocked content.

A test module says which portal it wants by overriding `portal_app`, a function from the portal's address to the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from app.demonstration.cast import invite_everybody
from tests.e2e import browser_path
from tests.e2e.cdn import HTMX_URL, cdn
from tests.e2e.looks import HEIGHT, shoot
from tests.e2e.portal import Portal, Watch, serve

SECONDS_TO_WAIT = 120


@pytest.fixture(scope="module")
def portal_app() -> Callable[[str], Flask]:
    raise NotImplementedError("override portal_app: a function from the portal's address to a Flask app")


@pytest.fixture(scope="module")
def empty_portal(
    app_on: Callable[[str], Flask], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Flask]:
    """A portal in which nothing was done yet; everybody is invited."""

    def make(url: str) -> Flask:
        app = app_on(f"sqlite:///{tmp_path_factory.mktemp('empty')}/empty.sqlite")
        app.config["BASE_URL"] = url
        with app.app_context():
            invite_everybody()
        return app

    return make


@pytest.fixture(scope="module")
def portal(portal_app: Callable[[str], Flask]) -> Iterator[Portal]:
    with serve(portal_app) as running:
        yield running


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with cdn(tmp_path_factory.mktemp("cdn")) as names, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path.install(), args=names)
        yield chromium
        chromium.close()


@pytest.fixture
def watch(portal: Portal) -> Iterator[Watch]:
    kept = Watch(htmx_url=portal.app.config.get("HTMX_URL", HTMX_URL))
    yield kept
    kept.assert_quiet()


@pytest.fixture
def new_page(
    browser: Browser, portal: Portal, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens a window of its own (own cookies) for each person in a story: `new_page(javascript=False, width=320)`."""
    contexts = []

    def new(javascript: bool = True, width: int = 1280, scheme: str = "light", locale: str = "en-GB") -> Page:
        context = browser.new_context(
            base_url=portal.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": HEIGHT},
            color_scheme=scheme,
            locale=locale,
            timezone_id="Europe/Amsterdam",
            reduced_motion="reduce",
        )
        context.set_default_timeout(SECONDS_TO_WAIT * 1000)
        watch.keep_on(context)
        contexts.append(context)
        return context.new_page()

    yield new
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            for page in context.pages:
                shoot(page, f"failed-{request.node.name}-{number}")
        context.close()


@pytest.fixture
def page_js(new_page: Callable[..., Page]) -> Page:
    return new_page(javascript=True)


@pytest.fixture
def page_nojs(new_page: Callable[..., Page]) -> Page:
    return new_page(javascript=False)


@pytest.fixture(params=[True, False], ids=["js", "nojs"])
def page(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """The test runs twice: everything must work without JavaScript too."""
    return new_page(javascript=request.param)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
