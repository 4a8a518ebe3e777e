"""`make bench`: what each page costs, as a ratio to a bare page that does equal work, on both databases.

    python -m tests.bench [--rounds 60] [--on sqlite] [--proposals 1000] [--only-pages] [--facts 1000000]

Then the engine in each of its variants, as a ratio to a plain SQL sum, and the what-if.

Nothing here fails: times are looked at, statements and bytes are gated in tests/house/test_statements.py.
"""

import argparse
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from tests import postgres
from tests.bench import bare, bench_valuation, bench_what_if, pages, start, world
from tests.bench.measure import Measured, measure

SECRET = "only for the bench"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("--rounds", type=int, default=60)
    asked.add_argument("--on", choices=["sqlite", "postgres"], action="append")
    asked.add_argument("--proposals", type=int, default=1000)
    asked.add_argument("--facts", type=int, default=1_000_000, help="how many facts the engine settles")
    asked.add_argument("--only-pages", action="store_true", help="leave out the engine and the what-if")
    chosen = asked.parse_args()
    for name in chosen.on or ["sqlite", "postgres"]:
        with database(name) as url:
            bench(name, url, chosen.rounds, chosen.proposals)
    if not chosen.only_pages:
        print(f"\n{chosen.facts:,} facts settled, against a plain SQL sum of the same rows")
        bench_valuation.main(chosen.facts)
        print()
        bench_what_if.main()


@contextmanager
def database(name: str) -> Iterator[str]:
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bewezen-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        return
    postgres.begin()
    try:
        yield postgres.database_url()
    finally:
        postgres.end()


def bench(name: str, url: str, rounds: int, proposals: int) -> None:
    environ = {"SECRET_KEY": SECRET, "DATABASE_URL": url, "LANGUAGE": "en"}
    portal = build(environ)
    laid = world.lay(portal, proposals)
    reference = pages.of_bare(bare.create_app(portal.config["SQLALCHEMY_DATABASE_URI"]))
    measured = measure([*reference, *pages.of_portal(portal, laid)], min(rounds, world.FORMING - 3))
    print(f"\n{name}: {proposals} plans in one call, median of {rounds} interleaved rounds")
    show(measured)
    seconds, megabytes = start.cold(dict(os.environ) | environ, ["/", "/login", "/calls/", "/programmes/"])
    print(f"cold start {seconds:.2f} s (aim 2)   one worker {megabytes:.0f} MB (aim 95)")


def build(environ: dict[str, str]) -> Flask:
    from flask_migrate import upgrade

    from app import create_app

    app = create_app(environ=environ)
    with app.app_context():
        upgrade()
    for chatty in ("alembic", "app"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return app


def show(measured: dict[str, Measured]) -> None:
    print(f"{'page':<28}{'statements':>11}{'bytes':>9}{'CPU ms':>8}{'ratio':>7}  {'against':<10}aim")
    for one in measured.values():
        page = one.page
        ratio = one.milliseconds / measured[page.against].milliseconds if page.against else None
        figures = f"{one.statements:>11}{one.size:>9,}{one.milliseconds:>8.2f}"
        compared = f"{ratio:>7.2f}  {page.against:<10}" if ratio else f"{'':>7}  {'':<10}"
        print(f"{page.name:<28}{figures}{compared}{verdict(one, ratio)}")


def verdict(one: Measured, ratio: float | None) -> str:
    aim = one.page.aim
    parts = [
        (f"<= {aim.ratio}x", ratio or 0, aim.ratio),
        (f"<= {aim.statements} statements", one.statements, aim.statements),
        (f"<= {aim.kilobytes} kB", one.size / 1000, aim.kilobytes),
        (f"<= {aim.milliseconds} ms", one.milliseconds, aim.milliseconds),
    ]
    return ", ".join(f"{text} {'ok' if is_ <= bound else 'OVER'}" for text, is_, bound in parts if bound is not None)


if __name__ == "__main__":
    main()
