"""Chromium as a person, with or without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response

from tests.story.person import Control, Person, one_line

LINKS = """links => links.map(link => [link.getAttribute('href'),
    (link.closest('tr, li, section') || link).textContent])"""
CONTROLS = """fields => fields.flatMap(field => field.tagName === 'SELECT'
    ? [...field.options].map(option => ['select', option.value, option.textContent])
    : [[field.type, field.value, field.labels.length ? field.labels[0].textContent : '']])"""
# The forms of the main part that have all these fields; without a field to go by, those that send something.
FORMS = """(forms, names) => forms.flatMap((form, at) => (form.method === 'post' || names.length)
    && names.every(name => form.elements.namedItem(name)) ? [at] : [])"""


class ChromiumPerson(Person):
    """`arrived` is told of every page that this person comes to: (page, path)."""

    def __init__(self, name: str, page: Page, arrived: Callable[[Page], None] = lambda page: None) -> None:
        super().__init__(name)
        self.page, self.arrived = page, arrived

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def open(self, path: str) -> None:
        self._arrive(self.page.goto(path))

    def _arrive(self, response: Response | None, expect: int = 200) -> None:
        assert response is not None
        assert response.status == expect, f"{self}: {response.status}: {self.read()[:2000]}"
        self.arrived(self.page)

    def status_of(self, path: str) -> int:
        """Asked with this person's cookies, without leaving the page."""
        return self.page.request.get(path).status

    def links(self) -> list[tuple[str, str]]:
        found = self.page.locator("main a[href]").evaluate_all(LINKS)
        return [(address, one_line(words)) for address, words in found]

    def controls(self, name: str) -> list[Control]:
        found = self.page.locator(f'main [name="{name}"]').evaluate_all(CONTROLS)
        return [Control(kind, value, one_line(label)) for kind, value, label in found]

    def fields(self, start: str) -> list[str]:
        names = self.page.locator(f'main [name^="{start}"]').evaluate_all("fields => fields.map(field => field.name)")
        return list(dict.fromkeys(names))

    def fill(self, data: dict[str, Any] | None = None, *, button: str | None = None, expect: int = 200) -> None:
        form = self.page.locator("main form").nth(self._place_of_form(list(data or {})))
        for name, wanted in (data or {}).items():
            self._set(form.locator(f'[name="{name}"]'), self.choose(name, wanted))
        buttons = form.get_by_role("button", name=button) if button else form.locator('button:not([type="button"])')
        # Both: on a slow machine the answer is there before the page is, and the next step would interrupt it.
        with self.page.expect_navigation(), self.page.expect_response(self._is_page) as answer:
            buttons.first.click()
        self.page.wait_for_load_state()
        self._arrive(answer.value, expect)

    def _place_of_form(self, names: list[str]) -> int:
        fitting = self.page.locator("main form").evaluate_all(FORMS, names)
        assert len(fitting) == 1, f"{self}: {len(fitting)} forms have {names}"
        return fitting[0]

    def _is_page(self, response: Response) -> bool:
        return response.request.is_navigation_request() and not 300 <= response.status < 400

    def _set(self, field: Locator, value: Any) -> None:
        kind = field.first.evaluate("field => field.type")
        if kind == "select-one":
            field.select_option(str(value))
        elif kind == "checkbox" and isinstance(value, bool):
            field.set_checked(value)
        elif kind in ("checkbox", "radio"):
            for one in value if isinstance(value, list) else [value]:
                field.and_(self.page.locator(f'[value="{one}"]')).check()
        elif kind == "file":
            field.set_input_files({"name": "document.pdf", "mimeType": "application/pdf", "buffer": value})
        else:
            field.fill(str(value))

    def read(self) -> str:
        return one_line(" ".join(self.page.locator("main").all_inner_texts()))
