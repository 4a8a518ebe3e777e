"""Two million claims of 200,000 people in one bond against 700 of seventy: `python -m tests.bench.bench_outcomes`.

    [--on sqlite|postgres] [--people 200000] [--waiting 50000] [--rounds 7] [--shared]

For each page of assessor, provider, municipality and investor the statements and the time, in both bonds, and the
ratio (aim: the same statements, at most twice the time); then a batch of 50,000 is locked, drawn, concluded and signed
in one go. `first`: of the large bond, before anything of it is kept in memory. `--shared`: a partner took one of seven
people in, and only what the two providers read is asked.
"""

import argparse
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask

from app.core import clock
from app.extensions import db
from app.outcomes.models import Batch, Claim
from app.outcomes.publishing import effects_now
from app.outcomes.states import ClaimState
from app.verification.models import Docket, DocketItem
from app.verification.operations import conclude_docket, declare_independence, draw_sample, lock_docket
from app.verification.queries import next_of
from app.verification.signing import sign_off
from tests.bench.__main__ import database
from tests.bench.effects_world import LATER, NOON, SMALL, Size, lay, partner_of
from tests.browser import Browser
from tests.conftest import SETTINGS, browser_of
from tests.factories.outcomes import Delivery
from tests.statements import counted


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.bench_outcomes")
    asked.add_argument("--on", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--people", type=int, default=200_000)
    asked.add_argument("--waiting", type=int, default=50_000)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--shared", action="store_true")
    chosen = asked.parse_args()
    with database(chosen.on) as url:
        app = build(url)
        with app.app_context(), clock.at(NOON + LATER):
            bench(app, Size(chosen.people, chosen.waiting), chosen.rounds, chosen.shared)


def build(url: str) -> Flask:
    """With the settings of the tests: only there the clock can be moved."""
    from flask_migrate import upgrade

    from app import create_app

    app = create_app(SETTINGS, environ={"SECRET_KEY": "only for the bench", "DATABASE_URL": url})
    app.test_client_class = Browser
    with app.app_context():
        upgrade()
    for chatty in ("alembic", "app"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    return app


def bench(app: Flask, size: Size, rounds: int, shared: bool = False) -> None:
    small = lay(SMALL, shared=shared)
    started = time.perf_counter()
    large = lay(size, shared=shared)
    print(f"{size.people:,} people, {size.claims:,} claims laid in {time.perf_counter() - started:.0f} s", flush=True)
    if shared:
        timed("publish the figures", True, lambda: effects_now(large.programme, True))
        compare(app, shared_pages_of(small), shared_pages_of(large), rounds)
        return
    for bond in (small, large):
        open_docket(bond, says=bond is large)
    compare(app, pages_of(small), pages_of(large), rounds)
    sign(large)


def open_docket(bond: Delivery, *, says: bool) -> Docket:
    """What waits is locked and drawn from."""
    actor = bond.assessor
    docket = timed("lock the list", says, lambda: lock_docket(bond.programme, actor=actor, once=uuid.uuid4()))
    timed("draw the sample", says, lambda: draw_sample(docket, actor=actor))
    declare_independence(docket, [], actor=actor)
    return docket


def timed(name: str, says: bool, act: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    done = act()
    if says:
        print(f"{name:<34}{time.perf_counter() - started:8.1f} s")
    return done


def pages_of(bond: Delivery) -> list[tuple[str, Any, str]]:
    """(name, who asks, address)."""
    home = f"/programmes/{bond.programme.id}"
    batch = db.session.scalars(db.select(Batch.id).filter_by(programme_id=bond.programme.id).limit(1)).one()
    claim = next_of(bond.programme, bond.assessor)
    return [
        ("work list by risk, assessor", bond.assessor, f"{home}/work-list"),
        ("one claim to judge", bond.assessor, f"/claims/{claim}/judge"),
        ("claims that wait, assessor", bond.assessor, f"{home}/claims"),
        ("all claims, provider", bond.provider, f"{home}/claims?state=all"),
        ("registered claims, provider", bond.provider, f"{home}/claims?state=registered"),
        ("claims of residents, municipality", bond.neighbour, f"{home}/claims?state=all"),
        ("a search that finds nothing", bond.provider, f"{home}/claims?state=all&q=zzzz"),
        ("caseload", bond.provider, f"{home}/caseload"),
        ("caseload: can be claimed now", bond.provider, f"{home}/caseload?show=now"),
        ("participants, provider", bond.provider, f"{home}/participants"),
        ("a batch, assessor", bond.assessor, f"/batches/{batch}"),
        ("a batch, provider", bond.provider, f"/batches/{batch}"),
        ("a batch, municipality", bond.neighbour, f"/batches/{batch}"),
        ("delivery, assessor", bond.assessor, f"{home}/delivery"),
        ("delivery, municipality", bond.neighbour, f"{home}/delivery"),
        ("delivery, investor", bond.investor, f"{home}/delivery"),
        ("results, investor", bond.investor, f"{home}/results"),
        ("home of the assessor", bond.assessor, "/home"),
        ("home of the provider", bond.provider, "/home"),
    ]


def shared_pages_of(bond: Delivery) -> list[tuple[str, Any, str]]:
    """The same of two providers in one bond, of whom each reads its own people and claims."""
    home = f"/programmes/{bond.programme.id}"
    batch = db.session.scalars(db.select(Batch.id).filter_by(programme_id=bond.programme.id).limit(1)).one()
    pages = {
        "all claims": f"{home}/claims?state=all",
        "registered claims": f"{home}/claims?state=registered",
        "claims that wait": f"{home}/claims?state=submitted",
        "caseload": f"{home}/caseload",
        "can be claimed now": f"{home}/caseload?show=now",
        "participants": f"{home}/participants",
        "a batch": f"/batches/{batch}",
        "delivery": f"{home}/delivery",
        "results": f"{home}/results",
        "home": "/home",
    }
    people = {"lead": bond.provider, "partner": partner_of(bond)}
    return [(f"{name}, {who}", person, path) for name, path in pages.items() for who, person in people.items()]


def compare(app: Flask, small: list[Any], large: list[Any], rounds: int) -> None:
    print(f"{'page':<36}{'statements':>12}{'first ms':>10}{'small ms':>10}{'large ms':>10}{'ratio':>7}")
    for (name, *of_small), (_name, *of_large) in zip(small, large, strict=True):
        asks = [ask_for(app, *of) for of in (of_small, of_large)]
        first = [milliseconds(ask) for ask in asks][1]
        statements = [statements_of(ask) for ask in asks]
        best = [float("inf")] * 2
        for _ in range(rounds):
            for number, ask in enumerate(asks):
                best[number] = min(best[number], milliseconds(ask))
        ratio = best[1] / best[0]
        verdict = "ok" if statements[0] == statements[1] and ratio <= 2 else "OVER"
        shown = f"{statements[0]}/{statements[1]}"
        print(
            f"{name:<36}{shown:>12}{first:>10.1f}{best[0]:>10.1f}{best[1]:>10.1f}{ratio:>7.2f}  {verdict}", flush=True
        )


def milliseconds(ask: Callable[[], Any]) -> float:
    """On SQLite of processor time, which other work on the machine hardly moves; a server of databases has its own."""
    now = time.process_time if db.engine.dialect.name == "sqlite" else time.perf_counter
    started = now()
    ask()
    return (now() - started) * 1000


def ask_for(app: Flask, reader: Any, path: str) -> Callable[[], Any]:
    browser = browser_of(app, reader)
    return lambda: browser.get_ok(path)


def statements_of(ask: Callable[[], Any]) -> int:
    with counted() as statements:
        ask()
    return len(statements)


def sign(bond: Delivery) -> None:
    """The sample is found proven, what was not drawn follows, and all of it is signed."""
    db.session.rollback()  # the pages wrote by connections of their own
    docket = db.session.scalars(db.select(Docket).filter_by(programme_id=bond.programme.id)).unique().one()
    drawn = db.select(DocketItem.claim_id).where(DocketItem.docket_id == docket.id, DocketItem.to_judge)
    proven = db.update(Claim).where(Claim.id.in_(drawn)).values(state=ClaimState.VERIFIED)
    db.session.execute(proven, execution_options={"synchronize_session": False})
    db.session.commit()
    timed("conclude the batch", True, lambda: conclude_docket(docket, actor=bond.assessor))
    made = timed("sign the batch", True, lambda: sign_off(bond.programme, "All was read.", actor=bond.assessor))
    print(f"{made.verified_count:,} claims signed")


if __name__ == "__main__":
    main()
