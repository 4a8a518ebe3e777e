"""How fast a million facts settle, against a plain SQL sum of the same rows: `python -m tests.bench.bench_valuation`.

Prints facts per second, the ratio to SQLite's GROUP BY in the same run (aim: at most 12), and memory per fact, which
may not grow with their number. Machines drift: read the ratio, not the seconds.
"""

import gc
import random
import sqlite3
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta

from app.pricing.terms import Caps, Effect, Fact, Payer, Terms
from app.pricing.valuation import value

EFFECTS, PAYERS, PEOPLE_PER_FACT = 100, 50, 0.1
AIM = 12


def terms(caps: Caps) -> Terms:
    effects = tuple(
        Effect(f"effect-{n}", "per_person", price=10_000 + 137 * n, deadweight=0, max_per_person=1)
        for n in range(EFFECTS)
    )
    return Terms(effects, tuple(Payer(f"payer-{n}") for n in range(PAYERS)), "residence", caps)


def facts(count: int) -> list[Fact]:
    """Person facts in random order of people, effects and days, as a registry would hand them over, oldest first."""
    seeded = random.Random(20261122)
    people = max(1, int(count * PEOPLE_PER_FACT))
    first = date(2022, 1, 1)
    days = sorted(seeded.randrange(1460) for _ in range(count))
    effects = [f"effect-{n}" for n in range(EFFECTS)]
    payers = [f"payer-{n}" for n in range(PAYERS)]
    made = []
    for key, day in enumerate(days):
        person = seeded.randrange(people)
        made.append(
            Fact(
                effects[seeded.randrange(EFFECTS)],
                first + timedelta(days=day),
                f"person-{person}",
                payers[person % PAYERS],
                key=key,
            )
        )
    return made


def half_years() -> list[date]:
    return [date(year, month, day) for year in range(2022, 2026) for month, day in ((6, 30), (12, 31))]


def seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def sql_sum(rows: list[Fact]) -> float:
    """The plain sum: amounts per effect and payer, of the same rows, by SQLite in memory."""
    book = sqlite3.connect(":memory:")
    book.execute("create table fact (participant text, effect text, payer text, settled text, amount integer)")
    book.executemany(
        "insert into fact values (?, ?, ?, ?, ?)",
        ((fact.participant, fact.effect, fact.payer, fact.on.isoformat(), 10_000) for fact in rows),
    )
    query = "select effect, payer, sum(amount) from fact group by effect, payer"
    return seconds(lambda: book.execute(query).fetchall())


def bytes_per_fact(rows: list[Fact], days: list[date]) -> float:
    """The most memory a settlement holds at one moment besides the facts themselves."""
    gc.collect()
    tracemalloc.start()
    value(terms(Caps()), rows, days)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / len(rows)


def main(count: int = 1_000_000) -> int:
    days = half_years()
    rows = facts(count)
    few, more = bytes_per_fact(rows[:: 20 * 4], days), bytes_per_fact(rows[::20], days)
    print(f"{few:.0f} bytes of working memory per fact; with four times the facts {more:.0f}")
    plain = sql_sum(rows)
    print(f"SQL GROUP BY: {plain:.2f} s")
    ratio = 0.0
    for name, caps in (
        ("no caps", Caps()),
        ("caps that do not bind", Caps(per_person=10**9, contract=10**15)),
        ("caps that bind", Caps(per_person=100_000, contract=10**10)),
        ("caps that bind, pro rata", Caps(per_person=100_000, contract=10**10, reduce="pro_rata")),
    ):
        took = seconds(lambda caps=caps: value(terms(caps), rows, days))  # type: ignore[misc]
        print(f"{name:<26}{count / took:>12,.0f} facts/s {took / plain:6.1f} x SQL")
        ratio = ratio or took / plain
    some = rows[::10]
    took = seconds(lambda: value(terms(Caps()), some, days, lines=True))
    print(f"{'every line explained':<26}{len(some) / took:>12,.0f} facts/s")
    return int(ratio > AIM)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
