"""A test client that behaves as a browser without JavaScript, and that checks every page it loads.

Set `app.test_client_class = Browser`. Then: `get_ok(url)`, `post_form(url, data)`, `submit(page, data)` to fill in the
form of a page that is already there (after a 422, say), `follow(response)`, `click(page, "text of a link")`.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.page_rules import check_page, check_part

CONTROLS = ("input", "select", "textarea")
BUTTONS = {"submit", "button", "reset", "image"}


class Browser(FlaskClient):
    """Every HTML answer, errors included, must be a good page; redirects and files are left alone."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():  # a request has a context of its own, also when the test holds one
            response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400 and response.data:
            request = response.request
            where = f"{request.method} {request.full_path.rstrip('?')} ({response.status_code})"
            is_part = request.headers.get("HX-Request") and response.text.lstrip()[:9].lower() != "<!doctype"
            (check_part if is_part else check_page)(response.text, where)
        return response

    def get_ok(self, url: str, **kwargs: Any) -> TestResponse:
        """The page at this address, which must be there for this person."""
        response = self.get(url, **kwargs)
        assert response.status_code == 200, _unexpected(response, "200")
        return response

    def post_form(self, url: str, data: dict[str, Any] | None = None, **choices: Any) -> TestResponse:
        """Open the page, fill in its form and send it; the answer is returned as it is, a redirect not followed."""
        return self.submit(self.get_ok(url), data, **choices)

    def submit(
        self,
        page: TestResponse,
        data: dict[str, Any] | None = None,
        *,
        action: str | None = None,
        button: str | None = None,
        forged: bool = False,
    ) -> TestResponse:
        """Fill in the form of a loaded page and send it.

        `action` is the address (or the id) of the form, needed where a page holds several; `button` is the text, the
        name or the value of the button to press. `forged` also sends fields and options that the page does not offer,
        as an attacker may.
        """
        form = Form(page, data or {}, action)
        values = form.filled(data or {}, forged)
        target, method = form.press(button, values)
        if method != "post":
            return self.get(target, query_string=values)
        multipart = "multipart/form-data" if form.tag.get("enctype") == "multipart/form-data" else None
        return self.post(target, data=values, content_type=multipart, headers={"Referer": page.request.url})

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where a successful form leads (303 See Other), to a page that must be there."""
        assert response.status_code in (302, 303), _unexpected(response, "a redirect")
        return self.get_ok(_here(response.headers["Location"]))

    def click(self, page: TestResponse, text: str) -> TestResponse:
        """Follow the one link with this text."""
        found = {link["href"] for link in soup(page).select("a[href]") if _words(link) == text}
        assert len(found) == 1, f"{page.request.path}: {len(found)} links say {text!r}"
        return self.get_ok(_here(urljoin(page.request.url, str(found.pop()))))


class Form:
    """One form as a person finds it on a page."""

    def __init__(self, page: TestResponse, data: dict[str, Any], action: str | None = None) -> None:
        self.page = page
        self.url = page.request.url
        self.soup = soup(page)
        self.tag = self._find(data, action)

    def _find(self, data: dict[str, Any], action: str | None) -> Tag:
        forms = self.soup.select("form")
        if action is not None:
            path = urlsplit(action).path
            forms = [tag for tag in forms if tag.get("id") == action or self._target(tag).partition("?")[0] == path]
        else:
            forms = [tag for tag in self.soup.select("main form") if self._method(tag) == "post"]
            if len(forms) > 1:
                fitting = [tag for tag in forms if data and set(data) <= {c["name"] for c in self._controls(tag)}]
                forms = fitting if len(fitting) == 1 else forms
        if len(forms) != 1:
            offered = ", ".join(self._target(tag) for tag in forms or self.soup.select("form")) or "none"
            raise AssertionError(f"{self.page.request.path}: {len(forms)} forms fit, name one by its action: {offered}")
        return forms[0]

    def _target(self, tag: Tag) -> str:
        return _here(urljoin(self.url, str(tag.get("action") or "")))

    def _method(self, tag: Tag) -> str:
        return str(tag.get("method") or "get").lower()

    def _controls(self, tag: Tag) -> list[Tag]:
        """What would be sent: named, not disabled, also where `form=` ties it in from elsewhere on the page."""
        outside = self.soup.select(f'[form="{tag["id"]}"]') if tag.get("id") else []
        inside = [control for control in tag.find_all(CONTROLS) if not control.has_attr("form")]
        return [
            control
            for control in [*inside, *(control for control in outside if control.name in CONTROLS)]
            if control.get("name")
            and not control.has_attr("disabled")
            and not control.find_parent("fieldset", disabled=True)
            and control.get("type") not in BUTTONS
        ]

    def filled(self, data: dict[str, Any], forged: bool) -> dict[str, list[Any]]:
        """Every field of the form with what stands in it, changed as `data` says."""
        groups: dict[str, list[Tag]] = {}
        for control in self._controls(self.tag):
            groups.setdefault(str(control["name"]), []).append(control)
        unknown = set(data) - set(groups)
        if unknown and not forged:
            raise AssertionError(f"{self.page.request.path}: no field {sorted(unknown)} among {sorted(groups)}")
        values = {name: [value for control in group for value in _current(control)] for name, group in groups.items()}
        for name, wanted in data.items():
            chosen = _as_list(wanted, groups.get(name, []))
            if not forged:
                self._may_choose(name, groups[name], chosen)
            values[name] = chosen
        return {name: [_sent(value) for value in chosen] for name, chosen in values.items() if chosen}

    def _may_choose(self, name: str, group: list[Tag], chosen: list[Any]) -> None:
        first = group[0]
        assert not first.has_attr("readonly"), f"{self.page.request.path}: {name} is read-only"
        if first.name == "select":
            offered = [_option(option) for option in first.find_all("option") if not option.has_attr("disabled")]
        elif first.get("type") in ("checkbox", "radio"):
            offered = [str(control.get("value", "on")) for control in group]
        else:
            return
        wrong = [value for value in chosen if value not in offered]
        assert not wrong, f"{self.page.request.path}: {name} does not offer {wrong}, only {offered}"

    def press(self, wanted: str | None, values: dict[str, list[Any]]) -> tuple[str, str]:
        """Address and method after pressing the wanted button, else the first, which is what Enter does."""
        own = f', [form="{self.tag["id"]}"]' if self.tag.get("id") else ""
        candidates = [*self.tag.find_all(["button", "input"]), *(self.soup.select(own[2:]) if own else [])]
        buttons = [tag for tag in candidates if _is_submit(tag)]
        if wanted is not None:
            buttons = [tag for tag in buttons if wanted in (_words(tag), tag.get("name"), tag.get("value"))]
            assert buttons, f"{self.page.request.path}: the form has no button {wanted!r}"
        assert buttons, f"{self.page.request.path}: the form has no button, it cannot be sent without JavaScript"
        pressed = buttons[0]
        assert not pressed.has_attr("disabled"), f"{self.page.request.path}: the button {_words(pressed)!r} is disabled"
        if pressed.get("name"):
            values.setdefault(str(pressed["name"]), []).append(str(pressed.get("value", "")))
        target = pressed.get("formaction") or self.tag.get("action") or ""
        return _here(urljoin(self.url, str(target))), str(pressed.get("formmethod") or self._method(self.tag)).lower()


def soup(page: TestResponse) -> BeautifulSoup:
    """The page to look into with CSS selectors: `soup(page).select_one("main h1").text`."""
    return BeautifulSoup(page.text, "html.parser")


def _current(control: Tag) -> list[str]:
    if control.name == "textarea":
        return [control.text.removeprefix("\n")]
    if control.name == "select":
        options = [option for option in control.find_all("option") if not option.has_attr("disabled")]
        selected = [_option(option) for option in options if option.has_attr("selected")]
        if control.has_attr("multiple"):
            return selected
        return selected[-1:] or [_option(option) for option in options[:1]]
    if control.get("type") in ("checkbox", "radio"):
        return [str(control.get("value", "on"))] if control.has_attr("checked") else []
    return [] if control.get("type") == "file" else [str(control.get("value", ""))]


def _as_list(wanted: Any, group: list[Tag]) -> list[Any]:
    """True ticks a checkbox, False clears it; a list ticks several; a tuple is a file (stream, name)."""
    if wanted is True:
        return [str(group[0].get("value", "on"))] if group else ["on"]
    if wanted is False or wanted is None:
        return []
    if isinstance(wanted, list):
        return [str(value) if isinstance(value, int) else value for value in wanted]
    return [wanted if isinstance(wanted, (str, tuple)) or hasattr(wanted, "read") else str(wanted)]


def _sent(value: Any) -> Any:
    """A browser ends the lines of a text with CR LF."""
    return re.sub(r"\r\n|\r|\n", "\r\n", value) if isinstance(value, str) else value


def _is_submit(tag: Tag) -> bool:
    default = "submit" if tag.name == "button" else "text"
    return str(tag.get("type", default)) in ("submit", "image")


def _option(option: Tag) -> str:
    return str(option.get("value", option.text.strip()))


def _words(tag: Tag) -> str:
    return " ".join(tag.text.split()) or str(tag.get("value", "")) or str(tag.get("aria-label", ""))


def _here(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _unexpected(response: TestResponse, wanted: str) -> str:
    answer = f"{response.request.method} {response.request.path} answered {response.status}, not {wanted}"
    if response.mimetype != "text/html":
        return answer
    if location := response.headers.get("Location"):
        return f"{answer} (to {location})"
    told = [_words(tag) for tag in soup(response).select("main h1, main [role=alert], main .error")]
    return "; ".join([answer, *told])
