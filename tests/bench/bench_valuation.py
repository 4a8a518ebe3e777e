"""How fast a million facts settle, against a plain SQL sum of the same rows: `python -m tests.bench.bench_valuation`.

Prints facts per second, the ratio to SQLite's GROUP BY in the same run (aim: at most 12 in every variant), and memory
per fact, which may not grow with their number. Machines drift: read the ratio, not the seconds.
"""

import gc
import random
import sqlite3
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from app.pricing.terms import Caps, Effect, Fact, Payer, PayerRule, Period, Terms
from app.pricing.valuation import value

EFFECTS, PAYERS, PEOPLE_PER_FACT = 100, 50, 0.1
AIM = 12


def terms(caps: Caps, rule: PayerRule = "residence") -> Terms:
    effects = tuple(
        Effect(f"effect-{n}", "per_person", price=10_000 + 137 * n, deadweight=0, max_per_person=1)
        for n in range(EFFECTS)
    )
    return Terms(effects, tuple(Payer(f"payer-{n}") for n in range(PAYERS)), rule, caps)


def limited(caps: Caps, count: int) -> Terms:
    """Every effect with a maximum count and amount, every payer with a ceiling: about half of all is paid."""
    whole = terms(caps)
    each = count // EFFECTS // 2
    effects = tuple(replace(effect, max_count=each, max_amount=each * effect.price) for effect in whole.effects)
    ceiling = count * 17_000 // PAYERS // 2
    return replace(whole, effects=effects, payers=tuple(replace(payer, ceiling=ceiling) for payer in whole.payers))


def yearly(count: int) -> tuple[Period, ...]:
    """Four budget years, each with room for half of what is proven in it."""
    return tuple(Period(date(year, 1, 1), date(year, 12, 31), count * 17_000 // 8) for year in range(2022, 2026))


def variants(count: int) -> list[tuple[str, Terms]]:
    person, contract = 100_000, count * 10_000
    binding = Caps(per_person=person, contract=contract)
    carried = Caps(periods=yearly(count), overshoot="carried")
    return [
        ("no caps", terms(Caps())),
        ("caps that do not bind", terms(Caps(per_person=10**9, contract=10**15))),
        ("latest first", terms(binding)),
        ("pro rata", terms(replace(binding, reduce="pro_rata"))),
        ("every limit, latest first", limited(binding, count)),
        ("every limit, pro rata", limited(replace(binding, reduce="pro_rata"), count)),
        ("split by weight, latest first", terms(binding, "weight")),
        ("split by weight, pro rata", terms(replace(binding, reduce="pro_rata"), "weight")),
        ("years carried, latest first", terms(carried)),
        ("years carried, pro rata", terms(replace(carried, reduce="pro_rata"))),
    ]


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
    value(terms(Caps(per_person=100_000, contract=len(rows) * 10_000, reduce="pro_rata")), rows, days)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / len(rows)


def main(count: int = 1_000_000) -> int:
    days = half_years()
    rows = facts(count)
    for part in (4, 2, 1):
        some = rows[::part]
        print(f"{len(some):>9,} facts: {bytes_per_fact(some, days):.0f} bytes of working memory per fact")
    plain = sql_sum(rows)
    print(f"SQL GROUP BY: {plain:.2f} s")
    most = 0.0
    for name, promised in variants(count):
        took = seconds(lambda promised=promised: value(promised, rows, days))  # type: ignore[misc]
        print(f"{name:<32}{count / took:>12,.0f} facts/s {took / plain:6.1f} x SQL", flush=True)
        most = max(most, took / plain)
    some = rows[::10]
    took = seconds(lambda: value(terms(Caps()), some, days, lines=True))
    print(f"{'every line explained':<32}{len(some) / took:>12,.0f} facts/s {10 * took / plain:6.1f} x SQL")
    return int(most > AIM)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
