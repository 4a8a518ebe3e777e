"""A plan written by two people in a real browser: saved while they type, and by the button without JavaScript."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from app.consortia import vault
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.demonstration.people import PASSWORD
from app.extensions import db
from tests.e2e.portal import Portal
from tests.world import portal_on

pytestmark = pytest.mark.e2e
TEXT = "Forty-two mentors, one for every two young adults."


@pytest.fixture(scope="module")
def portal_app(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    own = tmp_path_factory.mktemp("draft") / "world.sqlite"
    shutil.copy(world_file, own)
    return lambda url: portal_on(own, BASE_URL=url)


@pytest.fixture
def consortium(portal: Portal) -> Iterator[Consortium]:
    """A consortium of `rival` and `partner` that has written nothing yet."""
    with portal.app.app_context():
        one = db.session.scalars(select(Consortium).where(Consortium.name == "Een dak en verder")).unique().one()
        db.session.execute(update(Partner).where(Partner.consortium_id == one.id).values(state=PartnerState.ACCEPTED))
        db.session.commit()
        yield one


def sign_in(page: Page, name: str, path: str) -> None:
    page.goto("/login")
    page.locator("[name=email]").fill(f"{name}@demo.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.goto("/language/en")
    page.goto(path)


def stored(consortium: Consortium, key: str) -> object:
    db.session.rollback()
    db.session.expire_all()
    return vault.read(consortium, f"answer:{key}")


def test_what_is_typed_is_saved_by_itself_and_pressing_at_once_is_no_conflict(
    page_js: Page, consortium: Consortium
) -> None:
    sign_in(page_js, "rival", f"/consortia/{consortium.id}/proposal/approach")
    page_js.locator("#answer").press_sequentially(TEXT)
    expect(page_js.locator("#saved")).to_contain_text("Saved by")
    assert stored(consortium, "approach") == TEXT
    expect(page_js.locator("#answer")).to_have_value(TEXT)
    page_js.locator("#answer").press_sequentially(" And a coach.")
    page_js.wait_for_timeout(1_400)  # the browser is about to save when the button is pressed
    page_js.get_by_role("button", name="Save", exact=True).click()
    expect(page_js.get_by_role("heading", name="Write the plan")).to_be_visible()
    assert stored(consortium, "approach") == TEXT + " And a coach."
    expect(page_js.get_by_text("is saved.")).to_be_visible()


def test_the_second_of_two_sees_the_first_and_loses_nothing(
    new_page: Callable[..., Page], consortium: Consortium
) -> None:
    path = f"/consortia/{consortium.id}/proposal/team"
    one, other = new_page(), new_page()
    sign_in(one, "rival", path)
    sign_in(other, "partner", path)
    one.locator("#answer").fill("Twelve coaches.")
    expect(one.locator("#saved")).to_contain_text("Saved by")
    other.locator("#answer").fill("Six coaches.")
    expect(other.locator("#saved")).to_contain_text("Twelve coaches.")
    expect(other.locator("#saved")).to_contain_text("Not saved")
    expect(other.locator("#answer")).to_have_value("Six coaches.")
    assert stored(consortium, "team") == "Twelve coaches."
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".errors")).to_be_focused()
    expect(other.get_by_text("Twelve coaches.")).to_be_visible()
    expect(other.locator("#answer")).to_have_value("Six coaches.")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("heading", name="Write the plan")).to_be_visible()
    assert stored(consortium, "team") == "Six coaches."


def test_without_javascript_the_button_saves_and_a_link_says_who_writes(
    new_page: Callable[..., Page], consortium: Consortium
) -> None:
    path = f"/consortia/{consortium.id}/proposal/risks"
    one, other = new_page(javascript=False), new_page(javascript=False)
    sign_in(one, "rival", path)
    one.get_by_role("button", name="Tell the others that I am writing this").click()
    expect(one.get_by_text("The others see that you are writing this piece.")).to_be_visible()
    sign_in(other, "partner", path)
    expect(other.get_by_text("is writing this piece at this moment")).to_be_visible()
    one.locator("#answer").fill("Few referrals.")
    one.get_by_role("button", name="Save", exact=True).click()
    expect(one.get_by_role("heading", name="Write the plan")).to_be_visible()
    assert stored(consortium, "risks") == "Few referrals."
