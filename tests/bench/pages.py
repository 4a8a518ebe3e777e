"""The pages that are measured, what each is compared with, and the aim."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from tests.bench import bare
from tests.bench.world import World
from tests.browser import Form
from tests.factories.many import PARAGRAPH

LAYOUT, LIST, INSERT = "layout", "list (F)", "insert"
FIRST_PIECE = "approach"  # by its key among what a call asks


@dataclass(frozen=True, slots=True)
class Aim:
    """Bounds for one page, as `make bench` prints them; none: only looked at."""

    ratio: float | None = None
    statements: int | None = None
    kilobytes: int | None = None
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`ask` makes one request and returns the answer; `against` is the bare page that does equal work."""

    name: str
    ask: Callable[[], Any]
    against: str
    aim: Aim
    status: int = 200


def of_portal(app: Flask, world: World) -> list[Page]:
    public, official = app.test_client(), _signed_in(app, world, "government")
    lead, newcomer = _signed_in(app, world, "provider"), _signed_in(app, world, "newcomer")
    homes = [
        Page(f"home of the {role}", _get(_signed_in(app, world, role), "/home"), LIST, Aim(ratio=2.5, statements=8))
        for role in world.people
        if role != "newcomer"
    ]
    listed = Aim(ratio=2.5, statements=8, kilobytes=100)
    return [
        Page("public landing", _get(public, "/"), LAYOUT, Aim(ratio=4, statements=8)),
        Page("sign-in page", _get(public, "/login"), LAYOUT, Aim(statements=3, milliseconds=3)),
        *homes,
        Page("list of 50 calls, public", _get(public, "/calls/"), LIST, listed),
        Page("list of 50 opened plans", _get(official, f"/calls/{world.opened_call}/evaluation"), LIST, listed),
        Page("opening record", _get(official, f"/evaluations/{world.evaluation}/opening"), LIST, listed),
        Page("scores side by side", _get(official, f"/evaluations/{world.evaluation}/scores"), LIST, Aim()),
        Page("one proposal", _get(lead, f"/proposals/{world.proposal}"), LIST, Aim(ratio=2, statements=10)),
        Page("save the first piece", _write_first(newcomer, world.forming), INSERT, Aim(ratio=4), status=303),
    ]


def of_bare(app: Flask) -> list[Page]:
    client = app.test_client()
    bare.sign_in(client)
    token = client.get("/insert").text.partition('value="')[2].partition('"')[0]
    data = {"answer": PARAGRAPH * 8, "csrf_token": token}
    return [
        Page(LAYOUT, _get(app.test_client(), "/layout"), "", Aim()),
        Page(LIST, _get(client, "/list"), "", Aim()),
        Page(INSERT, lambda: client.post("/insert", data=data), "", Aim(), status=303),
    ]


def _get(client: Any, url: str) -> Callable[[], Any]:
    return lambda: client.get(url)


def _write_first(client: Any, forming: list[uuid.UUID]) -> Callable[[], Any]:
    """Every request saves the first piece of the plan of another consortium, which makes the plan."""
    left = iter(forming)

    def address() -> str:
        return f"/consortia/{next(left)}/proposal/{FIRST_PIECE}"

    url = address()
    data = Form(client.get(url), {}, url).filled({"answer": PARAGRAPH * 8}, forged=False)
    session = client.get_cookie("session").value

    def write() -> Any:
        client.set_cookie("session", session)  # as after the next page, which says what was done and forgets it
        return client.post(address(), data=data)

    return write


def _signed_in(app: Flask, world: World, role: str) -> Any:
    client = app.test_client()
    key = world.people[role]
    with client.session_transaction() as session:
        session.update({"_user_id": key, "_fresh": True, "fs_cc": "set", "fs_paa": time.time(), "identity.id": key})
    return client
