"""A what-if in a real browser: with JavaScript only its own part is put in anew; without it the page loads whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.demonstration.people import PASSWORD
from app.extensions import db
from app.programmes.models import Programme
from tests.e2e.portal import Portal
from tests.world import portal_on


@pytest.fixture(scope="module")
def portal_app(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    own = tmp_path_factory.mktemp("what-if") / "world.sqlite"
    shutil.copy(world_file, own)
    return lambda url: portal_on(own, BASE_URL=url)


@pytest.fixture
def path(portal: Portal) -> str:
    with portal.app.app_context():
        first = db.session.scalars(select(Programme).order_by(Programme.created_at)).unique().first()
        assert first is not None
        return f"/programmes/{first.id}/what-if"


@pytest.mark.e2e
@pytest.mark.parametrize("javascript", [True, False])
def test_change_an_answer_and_work_it_out(new_page: Callable[..., Page], path: str, javascript: bool) -> None:
    page = new_page(javascript=javascript)
    page.goto("/login")
    page.locator("[name=email]").fill("investor@demo.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.goto("/language/en")
    page.goto(path)
    figures = page.locator(".figures").first
    before = figures.inner_text()
    footer = page.locator("footer").element_handle()
    page.get_by_label("Low, Werk, 13 weken behouden").fill("5")
    page.get_by_role("button", name="Work it out").click()
    expect(figures).not_to_have_text(before)
    assert "l_work-13w=5" in page.url and "seed=" in page.url
    expect(page.get_by_label("Low, Werk, 13 weken behouden")).to_have_value("5")
    if javascript:
        assert footer is not None and footer.is_visible(), "the page around it was loaded anew"
    page.get_by_label("Low, Werk, 13 weken behouden").fill("120")
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.get_by_text("Give a percentage from 0 to 100.").last).to_be_visible()
