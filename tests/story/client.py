"""The test client as a person: no JavaScript, each page checked by `tests.page_rules`."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from tests.browser import soup
from tests.conftest import browser_of
from tests.story.person import Control, Person, one_line


class ClientPerson(Person):
    def __init__(self, name: str, app: Flask) -> None:
        super().__init__(name)
        self.browser = browser_of(app)
        self.page: TestResponse | None = None

    @property
    def path(self) -> str:
        return self.page.request.path if self.page is not None else "nowhere"

    def open(self, path: str) -> None:
        self._arrive(self.browser.get(path))

    def _arrive(self, response: TestResponse, expect: int = 200) -> None:
        while response.status_code in (302, 303):
            parts = urlsplit(response.headers["Location"])
            response = self.browser.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        self.page = response
        assert response.status_code == expect, f"{self}: {response.status}: {self.read()[:2000]}"

    def status_of(self, path: str) -> int:
        return self.browser.get(path).status_code

    def links(self) -> list[tuple[str, str]]:
        found = []
        for link in soup(self.page).select("main a[href]"):
            row = link.find_parent(["tr", "li", "section"]) or link
            found.append((str(link["href"]), one_line(row.text)))
        return found

    def controls(self, name: str) -> list[Control]:
        page, found = soup(self.page), []
        for tag in page.select(f'main [name="{name}"]'):
            if tag.name == "select":
                options = tag.find_all("option")
                found += [Control("select", str(o.get("value", o.text)), one_line(o.text)) for o in options]
                continue
            label = page.select_one(f'label[for="{tag.get("id")}"]')
            kind = str(tag.get("type", "text"))
            value = tag.text.strip() if tag.name == "textarea" else str(tag.get("value") or "")
            words = one_line(label.text) if label else ""
            found.append(Control(kind if kind in ("radio", "checkbox", "file") else "text", value, words))
        return found

    def fields(self, start: str) -> list[str]:
        return list(dict.fromkeys(str(tag["name"]) for tag in soup(self.page).select(f'main [name^="{start}"]')))

    def fill(self, data: dict[str, Any] | None = None, *, button: str | None = None, expect: int = 200) -> None:
        typed = {name: self.choose(name, wanted) for name, wanted in (data or {}).items()}
        for name, value in typed.items():
            if isinstance(value, bytes):
                typed[name] = (io.BytesIO(value), "document.pdf")
        assert self.page is not None
        self._arrive(self.browser.submit(self.page, typed, button=button), expect)

    def read(self) -> str:
        main = soup(self.page).select_one("main") if self.page is not None else None
        return one_line(main.get_text(" ")) if main else (self.page.text if self.page is not None else "")
