"""What a page looks like and whether everyone can use it: screenshots, axe, and nothing that sticks out sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
WIDTHS = (320, 1280)
SCHEMES = ("light", "dark")
HEIGHT = 900
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # what a second scheme can change
RULES = (WCAG, COLOURS)  # of the first scheme and of the second
AXE_RUN = "options => axe.run(options).then(found => found.violations)"


def look_at(page: Page, name: str) -> None:
    """Judge the page narrow and wide, light and dark, keep a screenshot of each, and leave it as it was."""
    before = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        fits(page)
        for scheme, rules in zip(SCHEMES, RULES, strict=True):
            page.emulate_media(color_scheme=scheme)
            axe(page, rules)
            shoot(page, f"{name}-{width}-{scheme}")
    page.emulate_media(color_scheme=None)
    if before:
        page.set_viewport_size(before)


def faults_of(page: Page, widths: Iterable[int] = WIDTHS, schemes: Iterable[str] = SCHEMES) -> list[str]:
    """What is wrong with the loaded page at these widths, in these schemes; the window is left as it was."""
    before, found = page.viewport_size, []
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found += _faults(fits, page)
        for scheme, rules in zip(schemes, RULES, strict=False):
            page.emulate_media(color_scheme=scheme)
            found += _faults(axe, page, rules)
    page.emulate_media(color_scheme=None)
    if before:
        page.set_viewport_size(before)
    return found


def _faults(judge: Callable[..., None], page: Page, *rules: Any) -> list[str]:
    try:
        judge(page, *rules)
    except AssertionError as fault:
        return [str(fault)]
    return []


def axe(page: Page, rules: Any = WCAG) -> None:
    """WCAG 2.2 AA, as far as a machine can tell."""
    with _scriptable(page) as running:
        if not running.evaluate("'axe' in window"):
            running.evaluate(Axe().axe_script)
        violations = running.evaluate(AXE_RUN, {"resultTypes": ["violations"], "runOnly": rules})
    lines = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(f"{node['target'][0]}  {node['html'][:120]}" for node in violation["nodes"][:5])
        for violation in violations
    ]
    width = (page.viewport_size or {}).get("width")
    scheme = "dark" if _is_dark(page) else "light"
    assert not lines, f"axe on {page.url} at {width} px, {scheme}:\n  " + "\n  ".join(lines)


def _is_dark(page: Page) -> bool:
    return page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


@contextmanager
def _scriptable(page: Page) -> Iterator[Page]:
    """Axe is a script: a page in a window without scripts is shown to it in a twin, its own scripts blocked."""
    if not page.evaluate("matchMedia('(scripting: none)').matches"):
        yield page
        return
    assert page.context.browser is not None
    scheme = "dark" if _is_dark(page) else "light"
    with page.context.browser.new_context(viewport=page.viewport_size, color_scheme=scheme) as context:
        html = page.content()
        context.route("**/*", lambda route: route.abort() if _is_script(route) else route.continue_())
        context.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        twin = context.new_page()
        twin.goto(page.url)
        yield twin


def _is_script(route: Route) -> bool:
    return route.request.resource_type == "script"


def fits(page: Page) -> None:
    """No page scrolls sideways (WCAG 1.4.10); wide tables may, inside a box of their own."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"{page.url} is {wide} px wide in a window of {room} px"


def shoot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in artefacts/."""
    ARTEFACTS.mkdir(exist_ok=True)
    path = ARTEFACTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path
