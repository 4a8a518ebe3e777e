"""A new version of the prices by keyboard, JavaScript off: from the draft to the day it is in force, and a what-if.

Every step walks the page by Tab (`tests.story.keyboard`): whatever takes the focus is seen to have it and in view.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from app.demonstration import content
from app.extensions import db
from app.pricing.files.upload import column_letters
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.readers.agreement import LEAST_FILES
from tests.e2e.portal import Portal
from tests.story.keyboard import KeyboardPerson
from tests.story.person import Person
from tests.story.prepare import typed
from tests.world import portal_on

NAME, CODE = "Acht weken vrijwilligerswerk", "work-volunteer"
REASONS = {
    "D2": "De overige definities worden in het eerste kwartaal door twee mensen gelezen.",
    "C1": "De raad besluit in december over de reservering voor het laatste jaar.",
}
YES = (1, 2, 7, 10)


@pytest.fixture(scope="module")
def portal_app(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    own = tmp_path_factory.mktemp("price-keyboard") / "world.sqlite"
    shutil.copy(world_file, own)
    return lambda url: portal_on(own, BASE_URL=url)


@pytest.fixture
def bond(portal: Portal) -> Iterator[str]:
    """The bond whose investors are being found, as it stands in an address."""
    with portal.app.app_context():
        found = select(Programme).where(Programme.phase == Phase.INVESTORS)
        yield f"/programmes/{db.session.scalars(found).unique().one().id}"


@pytest.fixture
def enter(new_page: Callable[..., Page]) -> Callable[[str], KeyboardPerson]:
    def person(name: str) -> KeyboardPerson:
        entered = KeyboardPerson(name, new_page(javascript=False))
        entered.sign_in()
        return entered

    return person


def test_a_new_version_and_what_it_would_bring(enter: Callable[[str], KeyboardPerson], bond: str) -> None:
    official = enter("government")
    table = draft(official, bond)
    add_an_effect(official, table)
    change_lines(official, table)
    import_a_file(official, table)
    remove_an_effect(official, table)
    have_it_read(official, enter("hengelo"), enter("auditor"), table)
    override_and_submit(official, table)
    publish(official, enter("official2"), table)
    look_ahead(enter("investor"), bond)


def draft(official: Person, bond: str) -> str:
    official.open(bond)
    official.follow("/programmes/*/prices", "/programmes/*/prices/draft")
    official.fill({"note": "Vrijwilligerswerk telt mee.", "start": "in_force"})
    return official.is_at("/prices/*")


def add_an_effect(official: Person, table: str) -> None:
    """First how it is counted, then the whole form; a definition without a measure is told, and nothing is lost."""
    official.follow("/prices/*/effects/add")
    official.go("?kind=per_unit")
    official.go("?kind=per_person")
    effect = next(effect for effect in content.EFFECTS if effect.code == "work-13w")
    answers = typed(effect) | {
        "name": NAME,
        "code": CODE,
        "sustained": "8 weken",
        "counterfactual": "fixed",
        "deadweight_bp": "10",
        "difference_bp": "",
        "definition": "8 weken lang ten minste 8 uur per week vrijwilligerswerk, met een getekend contract.",
    }
    official.fill(answers | {"price_minor": "veel"}, expect=422)
    assert [field.value for field in official.controls("price_minor")] == ["veel"]
    assert [field.value for field in official.controls("name")] == [NAME]
    official.fill({"price_minor": "500,00"}, button="Effect opslaan")
    official.is_at(table)
    official.sees(NAME, "500,00")


def change_lines(official: Person, table: str) -> None:
    official.follow("/prices/*/lines")
    cell = next(name for name in official.fields("lines-") if name.endswith("price_minor") and _row(official, name))
    official.fill({cell: "min"}, expect=422)
    official.fill({cell: "550,00"})
    official.is_at(table)
    official.sees("550,00")


def _row(official: Person, name: str) -> bool:
    """Is this the line of the effect that was added?"""
    (code,) = official.controls(name.replace("price_minor", "code"))
    return code.value == CODE


def import_a_file(official: KeyboardPerson, table: str) -> None:
    """What the portal wrote itself, with one price changed; first with a fault, told at its cell."""
    rows = list(csv.reader(io.StringIO(official.page.request.get(f"{table}.csv").text().removeprefix("\ufeff"))))
    price = rows[0].index("price")
    (row,) = [row for row in rows if row[0] == CODE]
    official.follow("/prices/*/import")
    row[price] = "duur"
    official.fill({"file": _as_csv(rows)}, expect=422)
    official.sees(f"{column_letters(price)}{rows.index(row) + 1}")
    row[price] = "575.00"
    official.fill({"file": _as_csv(rows)})
    official.sees(CODE, "550,00", "575,00")
    official.fill()
    official.is_at(table)
    official.sees("575,00")


def _as_csv(rows: list[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def remove_an_effect(official: Person, table: str) -> None:
    official.follow("/effects/*/remove", beside="Werk, 26 weken behouden")
    official.fill()
    official.is_at(table)


def have_it_read(official: Person, first: Person, second: Person, table: str) -> None:
    """Two people, blind to each other; the page of the gates has the outcome."""
    official.follow("/prices/*/gates")
    official.follow("/effects/*/reader-test", beside=NAME)
    official.fill({"files-0": "Acht weken van negen uur in het buurthuis, contract getekend."})
    test = official.is_at("/reader-tests/*")
    official.follow("/reader-tests/*/invite")
    official.fill({"first": "hengelo@demo.example", "second": "auditor@demo.example"})
    for reader in (first, second):
        reader.wakes_to("/reader-tests/*/judge")
        reader.fill({f"file_{n}": "yes" if n in YES else "no" for n in range(1, LEAST_FILES + 1)})
        reader.is_at(test)
    official.open(f"{table}/gates")
    official.follow("/reader-tests/*", beside=NAME)
    official.is_at(test)
    official.sees("1,00")


def override_and_submit(official: Person, table: str) -> None:
    """A word is no reason; what the year 2029 may cost (C1) is let pass beside what was not read yet (D2)."""
    for gate, reason in REASONS.items():
        official.open(f"{table}/gates")
        official.follow("/prices/*/override")
        official.fill({"gate": gate, "reason": "Daarom"}, expect=422)
        official.fill({"gate": gate, "reason": reason})
        official.is_at("/prices/*/gates")
        official.sees(reason)
    official.open(table)
    official.follow("/prices/*/submit")
    official.fill()
    official.is_refused(f"{table}/approve", 403)


def publish(official: Person, second: Person, table: str) -> None:
    second.open("/home")
    second.go(table)
    second.sees(*REASONS.values())
    second.follow("/prices/*/approve")
    second.fill()
    official.open(table)
    official.follow("/prices/*/publish")
    official.fill()
    official.is_refused(f"{table}/edit", 409)
    second.open(table)
    second.sees("575,00")


def look_ahead(investor: KeyboardPerson, bond: str) -> None:
    """A wrong answer is told on its field; the right ones stand in the address; the scenario is kept by name."""
    investor.open(bond)
    investor.follow("/programmes/*/what-if")
    answer = "e_work-13w"
    investor.fill({answer: "120"}, expect=422)
    investor.fill({"seed": "7", "l_work-13w": "5", answer: "10", "h_work-13w": "15"})
    assert f"{answer}=10" in urlsplit(investor.page.url).query
    investor.fill({"title": "Weinig werk"})
    investor.is_at("/scenarios/*")
    investor.sees("Weinig werk")
