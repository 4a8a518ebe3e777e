"""One living bond with every party and something in each state: the demonstration itself, built once per run.

`world` is the portal on that database, in a transaction that is rolled back after the test.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.browser import Browser
from tests.conftest import SETTINGS, SQLITE, rolled_back

SECRET = "only for tests"


def portal_on(path: Path, **overrides: Any) -> Flask:
    """The demonstration portal on a database file."""
    from app import create_app

    environ = {"DEMO": "1", "SECRET_KEY": SECRET, "INSTANCE": str(path.parent), "DATABASE_URL": f"sqlite:///{path}"}
    app = create_app(SETTINGS | overrides, environ=environ)
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session")
def world_file(
    laid_out: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Path:
    """Built by the first worker that needs it; the others wait and share the file."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "world.sqlite"
    with open(f"{shared}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            shutil.copy(laid_out("sqlite").removeprefix(SQLITE), shared.with_suffix(".building"))
            build(shared.with_suffix(".building"))
            shared.with_suffix(".building").rename(shared)
    return shared


def build(path: Path) -> None:
    """Load the demonstration into tables without a row."""
    from app.demonstration import load
    from app.extensions import db

    app = portal_on(path)
    with app.app_context():
        load.demonstration()
        lay_what_is_rare()
        lay_the_end()
        db.session.remove()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def lay_what_is_rare() -> None:
    """What no demonstration shows: somebody who judges bears a name that stands in a plan; a namesake, so dismissed;
    and service providers that are named without a tender: one is asked, one has accepted."""
    from app.core import clock
    from app.direct.models import DirectAward, NamedProvider
    from app.direct.states import NamedState
    from app.evaluation.conflict_models import ConflictFinding
    from app.evaluation.models import OpenedProposal
    from app.evaluation.states import Detected
    from app.extensions import db

    plan, official = db.session.scalars(select(OpenedProposal)).first(), person("hengelo")
    assert plan is not None
    finding = ConflictFinding(
        evaluation_id=plan.evaluation_id,
        user_id=official.id,
        consortium_id=plan.consortium_id,
        kind=Detected.NAMED_PERSON,
        dismissed_at=clock.now(),
        dismissed_by_id=person("government").id,
        reason="A namesake.",
    )
    db.session.add(finding)
    asked, accepted = person("rival").organisations[0], person("partner").organisations[0]
    before = clock.now() - timedelta(days=1_000)  # the oldest: the bond near its end has one that was answered
    award = DirectAward(
        programme=plan.call.programme, name="Samen thuis", reason="Zij alleen.", lead=asked, created_at=before
    )
    award.named = [
        NamedProvider(organisation=asked),
        NamedProvider(organisation=accepted, state=NamedState.ACCEPTED, contribution="Woonplekken."),
    ]
    db.session.add(award)
    db.session.commit()


def lay_the_end() -> None:
    """What a bond in delivery does not have yet: a default, a call of the guarantee, VAT paid on and a close, each of
    them rejected by a second person, so that no sum changes."""
    from app.core import clock
    from app.extensions import db
    from app.treasury.closing import Closing
    from app.treasury.default import InvestorDefault
    from app.treasury.guarantee import GuaranteeCall
    from app.treasury.models import CapitalCallPart
    from app.treasury.remittance import Remittance, RemittancePart
    from app.treasury.states import ClosingState, DefaultState, GuaranteeState, PaymentState, RemittanceKind

    as_made = text("capital_call_part.rowid")  # of one moment: the order in which SQLite got them
    part = db.session.scalars(select(CapitalCallPart).order_by(CapitalCallPart.created_at, as_made)).first()
    assert part is not None
    of = {"programme_id": part.capital_call.programme_id, "rejected_because": "Too early."}
    today, paid = clock.today(), RemittancePart(position=1, receiver="Belastingdienst", amount_minor=100)
    tranche = part.commitment.tranche_id
    db.session.add_all(
        [
            InvestorDefault(
                part=part, organisation_id=part.organisation_id, reason="Late.", state=DefaultState.REJECTED, **of
            ),
            GuaranteeCall(
                tranche_id=tranche,
                guarantor="Fonds",
                amount_minor=100,
                due_on=today,
                reference="G1",
                state=GuaranteeState.REJECTED,
                **of,
            ),
            Remittance(kind=RemittanceKind.VAT, amount_minor=100, state=PaymentState.REJECTED, parts=[paid], **of),
            Closing(key_deleted_by=today, files_deleted_by=today, lessons="None.", state=ClosingState.REJECTED, **of),
        ]
    )
    db.session.commit()


@pytest.fixture(scope="session")
def world_app(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    own = tmp_path_factory.mktemp("world") / "world.sqlite"
    shutil.copy(world_file, own)
    shutil.copytree(world_file.parent / "evidence", own.parent / "evidence")
    return portal_on(own)


@pytest.fixture
def world(world_app: Flask) -> Iterator[Flask]:
    yield from rolled_back(world_app)


def person(name: str) -> Any:
    """A person of the demonstration, by the first part of the address."""
    from app.extensions import db
    from app.people.models import User

    return db.session.scalars(select(User).where(User.email == f"{name}@demo.example")).one()
