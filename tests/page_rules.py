"""What every page must be: valid HTML, named, labelled, free of anything our content security policy would block."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from xml.etree.ElementTree import Element

import html5lib

LEFTOVERS = re.compile(r"\{\{|\{%|%\(\w+\)[sd]|&lt;[\w.]+ object at 0x")
IDENTIFIERS = re.compile(r"""\sid\s*=\s*["']([^"']*)["']""")
TEXT = re.compile(r">[^<]*[^<\s][^<]*<")
CHANGING = re.compile(r"""(value|content|nonce|datetime)=("[^"]+"|'[^']+')|[0-9a-f-]{32,36}|(?<!<h)(?<!</h)\d+""")
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage")
DATA_SCRIPTS = {"application/json", "application/ld+json"}

_known_good: set[bytes] = set()


def check_page(html: str, where: str) -> None:
    """Raise AssertionError, naming `where` and every reason, unless this whole page is as it must be."""
    _check(html, where, whole=True)


def check_part(html: str, where: str) -> None:
    """The same for a piece that htmx puts into a page."""
    _check(html, where, whole=False)


def _check(html: str, where: str, whole: bool) -> None:
    problems = [*_duplicate_ids(html), *_leftovers(html)]
    skeleton = _skeleton(html, whole)
    if skeleton not in _known_good:  # parsing strictly is slow; a page of the same shape has been through it
        problems += _parsed_problems(html, whole)
        if not problems:
            _known_good.add(skeleton)
    if problems:
        raise AssertionError(f"{where}:\n  " + "\n  ".join(problems))


def _skeleton(html: str, whole: bool) -> bytes:
    shape = CHANGING.sub("~", TEXT.sub(">~<", html))
    return blake2b(f"{whole}{shape}".encode(), digest_size=16).digest()


def _duplicate_ids(html: str) -> Iterator[str]:
    for name, count in Counter(IDENTIFIERS.findall(html)).items():
        if count > 1:
            yield f'id="{name}" occurs {count} times'


def _leftovers(html: str) -> Iterator[str]:
    if found := LEFTOVERS.search(html):
        around = html[max(0, found.start() - 40) : found.end() + 40]
        yield f"something was never filled in: {around!r}"


def _parsed_problems(html: str, whole: bool) -> Iterator[str]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(html) if whole else parser.parseFragment(html)
    lines = html.splitlines() or [""]
    for (line, _column), code, details in parser.errors:
        text = lines[min(line, len(lines)) - 1].strip()[:100]
        yield f"line {line} is not valid HTML: {code} {details or ''} near {text!r}"
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    if whole:
        yield from _page_is_named(tree, elements)
        yield from _headings(elements)
        yield from _references(elements)
    yield from _policy(elements)
    yield from _labels(tree, elements)
    yield from _forms(elements)
    yield from _alternatives(elements)


def _page_is_named(tree: Element, elements: list[Element]) -> Iterator[str]:
    if not tree.get("lang"):
        yield "<html> has no lang"
    titles = tree.findall("head/title")
    if len(titles) != 1 or not _text(titles[0]):
        yield "<title> is missing or empty"
    first = [element for element in elements if element.tag == "h1"]
    if len(first) != 1:
        yield f"{len(first)} <h1>, there must be one"
    elif not _text(first[0]):
        yield "<h1> is empty"
    if len([element for element in elements if element.tag == "main"]) != 1:
        yield "there must be one <main>"


def _headings(elements: list[Element]) -> Iterator[str]:
    above = 1
    for element in elements:
        if level := HEADINGS.get(element.tag):
            if level > above + 1:
                yield f"<h{level}> {_text(element)!r} follows <h{above}>: a level is skipped"
            above = level


def _references(elements: list[Element]) -> Iterator[str]:
    ids = {element.get("id") for element in elements}
    for element in elements:
        named = {name: value for name in REFERENCES if (value := element.get(name))}
        if element.tag == "label" and element.get("for"):
            named["for"] = element.get("for", "")
        for attribute, value in named.items():
            for target in value.split():
                if target not in ids:
                    yield f'{attribute}="{target}" names nothing on the page'


def _policy(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        tag = element.tag.rpartition("}")[2]
        if tag == "style":
            yield "inline <style> is blocked"
        if tag == "script" and not (element.get("src") or element.get("nonce") or element.get("type") in DATA_SCRIPTS):
            yield "inline <script> without nonce is blocked"
        for attribute, value in element.items():
            if attribute == "style" or attribute.startswith("on"):
                yield f'<{tag} {attribute}="{value}"> is blocked'
            if attribute != "value" and value.strip().lower().startswith("javascript:"):  # typed text leads nowhere
                yield f'<{tag} {attribute}="{value}"> is blocked'


def _labels(tree: Element, elements: list[Element]) -> Iterator[str]:
    labelled = {element.get("for") for element in elements if element.tag == "label" and _text(element)}
    wrapped = {id(inner) for label in tree.iter("label") if _text(label) for inner in label.iter()}
    for element in elements:
        if element.tag not in ("input", "select", "textarea") or element.get("type", "text") in NEEDS_NO_LABEL:
            continue
        named = element.get("aria-label") or element.get("aria-labelledby")
        if not (named or id(element) in wrapped or (element.get("id") and element.get("id") in labelled)):
            yield f"<{element.tag} name={element.get('name')!r}> has no label"


def _forms(elements: list[Element]) -> Iterator[str]:
    for form in elements:
        if form.tag != "form" or form.get("method", "get").lower() != "post":
            continue
        inputs = list(form.iter("input"))
        if not any(field.get("name") == "csrf_token" and field.get("value") for field in inputs):
            yield f"the form to {form.get('action', '(this page)')} has no csrf_token"
        if any(field.get("type") == "file" for field in inputs) and form.get("enctype") != "multipart/form-data":
            yield f"the form to {form.get('action', '(this page)')} takes a file but is not multipart/form-data"


def _alternatives(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        if element.tag == "img" and element.get("alt") is None:
            yield f"<img src={element.get('src')!r}> has no alt"
        if element.tag in ("a", "button") and not _named(element):
            yield f"<{element.tag} href={element.get('href')!r}> has no text"


def _named(element: Element) -> bool:
    inner = (child.get("alt") or child.get("aria-label") for child in element.iter())
    return bool(_text(element) or element.get("aria-labelledby") or any(inner))


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
