"""Every persona x route x method in one living world, against a golden copy that people read.

A line is a route; a column a person; a cell what that person gets: 2 page, 3 done or elsewhere, 4 typed wrong (422),
s to the sign-in page, - not yours (403), . does not exist (404), n not now (409), u unavailable (503), x anything else.
Each request is rolled back. Run with `GOLDEN=write` to write the copy anew, then read the difference line by line.
"""

import os
import uuid
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.demonstration.people import SIGN_INS
from app.extensions import db
from tests.conftest import browser_of, rolled_back
from tests.world import person

GOLDEN = Path(__file__).with_name("matrix.txt")
TWINS = {"assessor3", "scorer2", "scorer3"}  # same organisation and part as somebody else
PERSONAS = ["anyone", *(name for address, _ in SIGN_INS if (name := address.split("@")[0]) not in TWINS)]
# Asked for the oldest and the newest row.
TWICE = {"Amendment", "Call", "Consortium", "Proposal", "Claim", "PriceTable", "Round"}
LETTERS = {200: "2", 302: "3", 303: "3", 304: "2", 400: "4", 403: "-", 404: ".", 409: "n", 422: "4", 503: "u"}
NOT_ASKED = ("static", "security.")


def addresses(app):
    """(endpoint, method, address) for each route, with a row of the world for each `<uuid:id>`."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if rule.endpoint.startswith(NOT_ASKED):
            continue
        for number, values in enumerate(examples(app, rule)):
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
            name = rule.endpoint + (f" #{number + 1}" if number else "")
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield name, method, address


def examples(app, rule):
    if not rule.arguments:
        return [{}]
    model = getattr(app.view_functions[rule.endpoint], "declared_model", None)
    others = {name: example_of(name) for name in rule.arguments - {"id"}}
    if "id" not in rule.arguments:
        return [others]
    if model is None:
        return [{"id": uuid.UUID(int=0), **others}]
    as_made = text("rowid")  # of one moment: the order in which SQLite got them
    rows = db.session.scalars(select(model.id).order_by(model.created_at, as_made)).all()
    assert rows, f"the demonstration has no {model.__name__}"
    ends = {rows[0]: 1, rows[-1]: 1} if model.__name__ in TWICE else [rows[0]]
    return [{"id": row, **others} for row in ends]


def example_of(name):
    nobody = uuid.UUID(int=0)
    known = {"code": "en", "key": "approach", "once": nobody, "other": nobody, "token": "no-such-token", "user": nobody}
    return (known | {"book": "journal", "format": "csv"}).get(name, "x")


@pytest.fixture
def matrix(world_app):
    with world_app.app_context():
        asked = list(addresses(world_app))
        db.session.remove()
    lines = []
    for name, method, address in asked:
        cells = "".join(cell(world_app, persona, method, address) for persona in PERSONAS)
        lines.append(f"{name:38} {method:5} {cells}")
    return "\n".join([legend(), *lines]) + "\n"


def cell(app, persona, method, address):
    for _ in rolled_back(app):
        user = None if persona == "anyone" else person(persona)
        client = browser_of(app, user, FlaskClient)  # what the pages hold is checked elsewhere
        data = {"csrf_token": token(client)} if method == "POST" else None
        answer = client.open(address, method=method, data=data)
        if answer.status_code in (302, 303) and "/login" in answer.headers["Location"]:
            return "s"
        return LETTERS.get(answer.status_code, "x")


def token(client):
    """A valid CSRF token for this session, so that the answer tells about rights and nothing else."""
    from flask import session
    from flask_wtf.csrf import generate_csrf

    with client.application.test_request_context():
        with client.session_transaction() as kept:
            session.update(kept)
        made = generate_csrf()
        with client.session_transaction() as kept:
            kept["csrf_token"] = session["csrf_token"]
        return made


def legend():
    width = max(map(len, PERSONAS))
    return "\n".join(
        " " * 45 + "".join((" " * (width - len(name)) + name)[row] for name in PERSONAS) for row in range(width)
    )


def test_matrix_equals_the_golden_copy(matrix):
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(matrix)
    assert matrix == GOLDEN.read_text()


def rows_of(text):
    for line in text.splitlines():
        name, method, cells = line[:38].strip(), line[39:44].strip(), line[45:]
        if method in ("GET", "POST") and name:
            yield name, method, dict(zip(PERSONAS, cells, strict=True))


def test_no_fault_anywhere():
    assert "x" not in {letter for _, _, cells in rows_of(GOLDEN.read_text()) for letter in cells.values()}


def test_a_sealed_plan_is_for_its_consortium_alone():
    """Domain, section 2: rivals, officials, administrators, auditors never see one before it is opened."""
    outside = set(PERSONAS) - {"provider", "partner", "rival", "anyone"}
    for name, method, cells in rows_of(GOLDEN.read_text()):
        if name.startswith(("proposals.show", "consortia.show")):
            assert {cells[persona] for persona in outside} <= {".", "-"}, (name, method, cells)
            assert cells["anyone"] == "s"


def test_a_person_is_seen_by_provider_assessor_and_own_municipality_only():
    """Domain, section 9."""
    outside = {"investor", "investor2", "intermediary", "treasurer", "auditor", "admin", "rival"}
    for name, method, cells in rows_of(GOLDEN.read_text()):
        if name.startswith(("intake.participant", "outcomes.show_claim")) and not name.startswith(
            "intake.participants"
        ):
            assert {cells[persona] for persona in outside} <= {".", "-"}, (name, method, cells)


def test_nobody_signed_out_changes_anything():
    reading = ("reports.check_file", "verification.check_statement")
    allowed = ("accounts.register", "accounts.accept", "pricing.follow_by_mail", "workspace.speak", *reading)
    for name, method, cells in rows_of(GOLDEN.read_text()):
        if method == "POST" and not name.startswith(allowed):
            assert cells["anyone"] in {"s", ".", "-"}, (name, cells)
