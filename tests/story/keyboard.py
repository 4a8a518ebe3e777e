"""Chromium as a person without a mouse: Tab, Shift, Enter, Space, arrows and letters (WCAG 2.1.1, 2.4.7, 2.4.11).

Whatever takes the focus must be seen to have it and must stand in view.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from playwright.sync_api import Page

from tests.story.chromium import ChromiumPerson

HERE = """() => {
    const here = document.activeElement, style = getComputedStyle(here), room = document.documentElement;
    const box = here.getClientRects()[0] || here.getBoundingClientRect();
    const x = (Math.max(box.left, 0) + Math.min(box.right, room.clientWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, room.clientHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    const form = [...document.querySelectorAll('main form')].indexOf(here.form || null);
    return {
        tag: here.tagName, kind: here.type || '', name: here.name || '', value: here.value || '',
        href: here.getAttribute('href') || '', words: here.textContent.trim().slice(0, 80), form,
        checked: here.checked === true, inside: document.querySelector('main').contains(here),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inView: top !== null && (here.contains(top) || top.contains(here) && top.tagName === 'LABEL'),
    };
}"""
# How many stops ahead the next of these is: a link, a field with one of these names, or else a button of this form.
AHEAD = """({href, form, names}) => {
    const main = document.querySelector('main'), own = [...document.querySelectorAll('main form')][form];
    const all = [...main.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
    const stops = all.filter(stop => stop.checkVisibility() && stop.type !== 'hidden' && (stop.type !== 'radio'
        || stop === all.find(other => other.name === stop.name && other.checked)
        || stop === all.find(other => other.name === stop.name) && !all.some(
            other => other.name === stop.name && other.checked)));
    const after = stops.filter(
        stop => document.activeElement.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING);
    return 1 + after.findIndex(stop => href ? stop.getAttribute('href') === href
        : stop.form === own && (names.length ? names.includes(stop.name) : stop.type === 'submit'));
}"""
OPTION_AT = "value => [...document.activeElement.options].findIndex(option => option.value === value)"
ASKS_FOCUS = "() => Boolean(document.querySelector('main [autofocus]'))"
MOMENTS = 100  # of 50 ms
STEPS = 60  # from field to field; more would be a maze
ORDERS = (("%m%d%Y", "%I%M%p"), ("%d%m%Y", "%H%M"))  # of a date field, after the language of the browser itself
TYPED = 60  # what is longer is pasted, to spare time

Here = dict[str, Any]


class KeyboardPerson(ChromiumPerson):
    """Links and forms by keyboard; an address that a person knows is typed as before."""

    def __init__(self, name: str, page: Page) -> None:
        super().__init__(name, page)
        page.on("filechooser", lambda _chooser: None)  # none ever opens on the screen

    def go(self, address: str) -> None:
        self._walk(lambda here: here["href"] == address, {"href": address})
        self._press_enter()

    def fill(self, data: dict[str, Any] | None = None, *, button: str | None = None, expect: int = 200) -> None:
        """One walk through the form, from top to bottom."""
        form = self._place_of_form(list(data or {}))
        left = {name: self.choose(name, wanted) for name, wanted in (data or {}).items()}
        while left:
            here = self._walk(lambda here: here["name"] in left, {"form": form, "names": list(left)})
            self._set_here(here, left)
        self._walk(
            lambda here: here["kind"] == "submit" and (button or here["words"]) == here["words"],
            {"form": form, "names": []},
        )
        self._press_enter(expect)

    def _press_enter(self, expect: int = 200) -> None:
        with self.page.expect_navigation() as led_to:
            self.page.keyboard.press("Enter")
        self._arrive(led_to.value, expect)

    def _walk(self, wanted: Callable[[Here], bool], towards: dict[str, Any]) -> Here:
        """Tab on until the wanted thing has the focus; nothing may be beyond reach, hidden or unseen."""
        if not self._is_inside():
            self._skip_to_content()
        for _step in range(STEPS):
            for _press in range(max(1, self.page.evaluate(AHEAD, towards))):
                self.page.keyboard.press("Tab")
            here = self.page.evaluate(HERE)
            assert here["inside"], f"{self}: Tab led out of the content, to {here}, before all was done"
            assert here["outlined"], f"{self}: nobody sees that {here} has the focus"
            assert here["inView"], f"{self}: {here} has the focus out of view"
            if towards.get("form", here["form"]) == here["form"] and wanted(here):
                return here
        raise AssertionError(f"{self}: not come to {towards} by Tab")

    def _is_inside(self) -> bool:
        """What asks for the focus (the list of faults) gets it a moment after the page is there."""
        for _moment in range(MOMENTS):
            if self.page.evaluate(HERE)["inside"]:
                return True
            if not self.page.evaluate(ASKS_FOCUS):
                return False
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{self}: what asks for the focus does not get it")

    def _skip_to_content(self) -> None:
        self.page.keyboard.press("Tab")
        here = self.page.evaluate(HERE)
        assert here["href"] == "#main", f"{self}: the first thing is {here}, not the link to the content"
        self.page.keyboard.press("Enter")

    def _set_here(self, here: Here, left: dict[str, Any]) -> None:
        """Set the field that has the focus; what is done leaves `left`."""
        name, kind = here["name"], here["kind"]
        value = left[name]
        if kind in ("checkbox", "radio"):
            if self._tick(here, value):
                del left[name]
            return
        del left[name]
        if kind == "select-one":
            self._select(str(value))
        elif kind == "file":
            with self.page.expect_file_chooser() as chooser:
                self.page.keyboard.press("Space")
            chooser.value.set_files({"name": "document.pdf", "mimeType": "application/pdf", "buffer": value})
        else:
            self._type(kind, str(value))

    def _tick(self, here: Here, value: Any) -> bool:
        """Answers whether all that was asked for under this name is ticked."""
        keys = self.page.keyboard
        if here["kind"] == "radio":
            while self.page.evaluate(HERE)["value"] != value:
                keys.press("ArrowDown")
            keys.press("Space")
        elif isinstance(value, bool):
            if here["checked"] != value:
                keys.press("Space")
        elif here["value"] in value:
            if not here["checked"]:
                keys.press("Space")
            if isinstance(value, list):
                value.remove(here["value"])
                return not value
        else:
            return False
        return True

    def _select(self, value: str) -> None:
        at = self.page.evaluate(OPTION_AT, value)
        self.page.keyboard.press("Home")
        for _press in range(at):
            self.page.keyboard.press("ArrowDown")
        self._holds(value)

    def _type(self, kind: str, text: str) -> None:
        keys = self.page.keyboard
        if kind in ("date", "datetime-local"):
            if not any(self._type_moment(datetime.fromisoformat(text), kind, *order) == text for order in ORDERS):
                raise AssertionError(f"{self}: {text} cannot be typed")
        else:
            keys.press("Control+A")
            keys.press("Delete")
            (keys.type if len(text) <= TYPED else keys.insert_text)(text)
        self._holds(text)

    def _type_moment(self, moment: datetime, kind: str, day: str, time: str) -> str:
        keys = self.page.keyboard
        for _part in range(6):
            keys.press("ArrowLeft")
        keys.type(moment.strftime(day))
        if kind == "datetime-local":
            keys.press("ArrowRight")
            keys.type(moment.strftime(time)[:5])
        return self.page.evaluate("document.activeElement.value")

    def _holds(self, wanted: str) -> None:
        held = self.page.evaluate("document.activeElement.value")
        assert held == wanted, f"{self}: the field holds {held!r}, not {wanted!r}"
