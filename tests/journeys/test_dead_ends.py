"""A link is a promise: whatever a page offers a person, that person can open now.

Every persona of the demonstration follows the links of the pages it is shown; none may answer that it is not there
(404), not theirs (403) or not possible now (409). Who may act is said in words beside a step that is not one's own.
"""

from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, SoupStrainer
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import MapAdapter

from app.demonstration.people import SIGN_INS
from tests.conftest import browser_of
from tests.world import person

STARTS = ("/", "/home", "/programmes/", "/calls/", "/results", "/inbox")
LEFT_OUT = ("/logout", "/language/", "/static/", "/login", "/dev/", "/reset", "/recover")
AT_MOST = 3  # pages of one kind, for bonds in different phases
TWINS = {"assessor3", "scorer2", "scorer3"}  # same organisation and part as somebody else
PERSONAS = ["anyone", *(name for address, _ in SIGN_INS if (name := address.split("@")[0]) not in TWINS)]
BROKEN = {403, 404, 405, 409, 500}


@pytest.mark.parametrize("persona", PERSONAS)
def test_no_link_leads_to_a_dead_end(world: Flask, persona: str) -> None:
    user = None if persona == "anyone" else person(persona)
    client = browser_of(world, user, FlaskClient)  # what the pages hold is checked elsewhere
    dead = list(dead_ends(client, world.url_map.bind("localhost")))
    assert not dead, "\n".join(dead)


def dead_ends(client: FlaskClient, routes: MapAdapter) -> Iterator[str]:
    """A line for each link that does not open, with the page on which it stands."""
    waiting = deque(("the start", url) for url in STARTS)
    seen: set[str] = set(STARTS)
    kinds: Counter[str] = Counter()
    while waiting:
        shown_on, url = waiting.popleft()
        answer = client.get(url, follow_redirects=True)
        if answer.status_code in BROKEN and shown_on != "the start":
            yield f"{url} answers {answer.status_code}, offered on {shown_on}"
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        here = answer.request.path
        for target in links_of(answer.text, here):
            kind = routes.match(urlsplit(target).path, method="GET")[0] if is_ours(routes, target) else "none"
            if target in seen or kinds[kind] >= AT_MOST:
                continue
            seen.add(target)
            kinds[kind] += 1
            waiting.append((here, target))


def is_ours(routes: MapAdapter, target: str) -> bool:
    return routes.test(urlsplit(target).path, method="GET")


def links_of(html: str, here: str) -> Iterator[str]:
    page = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer("a", href=True))
    for link in page.find_all("a"):
        target = urlsplit(urljoin(f"http://localhost{here}", str(link["href"])))
        if target.netloc == "localhost" and not target.path.startswith(LEFT_OUT):
            yield target.path + (f"?{target.query}" if target.query else "")
