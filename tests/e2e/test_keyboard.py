"""The frame of the pages with nothing but Tab, Enter and letters; where one is, can be seen (WCAG 2.1.1, 2.4.7).

What the pages ask is done by keyboard in `test_journey_by_keyboard`, the whole life of a bond without JavaScript.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.demonstration.people import PASSWORD
from tests.story.person import fits
from tests.world import portal_on

QUESTION = "Mag een partner zich later aansluiten?"
HERE = """() => {
    const here = document.activeElement;
    const row = (here.closest('li') || here).textContent;
    return {tag: here.tagName, name: here.name || '', href: here.getAttribute('href') || '', row};
}"""
VISIBLE = """() => {
    const here = document.activeElement, style = getComputedStyle(here);
    const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return here.matches(':focus-visible') && (outline || style.boxShadow !== 'none');
}"""
PRESSES = 120  # more would be a maze


@pytest.fixture(scope="module")
def portal_app(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    own = tmp_path_factory.mktemp("keyboard") / "world.sqlite"
    shutil.copy(world_file, own)
    return lambda url: portal_on(own, BASE_URL=url)


def test_sign_in_and_ask_a_question(page_js: Page) -> None:
    page = page_js
    sign_in(page, "rival")
    go(page, "/calls/")
    go(page, "/calls/*")
    go(page, "/calls/*/ask")
    tab_to(page, lambda here: here["name"] == "text")
    page.keyboard.type(QUESTION)
    tab_to(page, lambda here: here["tag"] == "BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions")
    expect(page.locator("main")).to_contain_text(QUESTION)


def test_sign_out(page: Page) -> None:
    sign_in(page, "rival")
    tab_to(page, lambda here: here["tag"] == "SUMMARY")
    page.keyboard.press("Enter")
    tab_to(page, lambda here: here["tag"] == "BUTTON")
    follow(page)
    assert urlsplit(page.url).path == "/"
    page.goto("/home")
    assert urlsplit(page.url).path == "/login"


def test_the_skip_link_leads_to_the_content(page: Page) -> None:
    page.goto("/calls/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate(VISIBLE)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def sign_in(page: Page, name: str) -> None:
    page.goto("/login")
    tab_to(page, lambda here: here["name"] == "email")
    page.keyboard.type(f"{name}@demo.example")
    tab_to(page, lambda here: here["name"] == "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/home")


def go(page: Page, pattern: str) -> None:
    tab_to(page, lambda here: fits(pattern, here["href"]))
    follow(page)


def follow(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, wanted: Callable[[dict[str, str]], bool]) -> None:
    for _press in range(PRESSES):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here["tag"] != "BODY":
            assert page.evaluate(VISIBLE), f"{page.url}: nobody sees that {here} has the focus"
        if wanted(here):
            return
    raise AssertionError(f"{page.url}: not reached with {PRESSES} presses of Tab")
