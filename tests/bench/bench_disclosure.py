"""How long the decision takes which figures of a bond may be shown: `.venv/bin/python -m tests.bench.bench_disclosure`.

The demonstration's size (400 claims, two municipalities) and a large bond (1,000 claims, six municipalities, eight
sign-offs, six settlements). Processor time of a decision made afresh; later readers find it kept in memory.
"""

import random
import time
import uuid

from app.outcomes.disclosure import STAGES, Key, told_of

EFFECTS, ROUNDS = 11, 3


def bond(seed: int, claims: int, cities: int, batches: int, settlements: int) -> dict[Key, tuple[int, int]]:
    """Claims spread evenly over the cells of a bond, the worst case: hardly a figure is above four."""
    dice = random.Random(seed)
    ids = [uuid.UUID(int=n) for n in range(1, 200)]
    effects, payers = ids[:EFFECTS], ids[50 : 50 + cities]
    cells: dict[Key, tuple[int, int]] = {}
    for _ in range(claims):
        effect, payer, stage = dice.choice(effects), dice.choice(payers), dice.choice(list(STAGES))
        batch = settlement = None
        paid = False
        if stage in ("rejected", "signed_off"):
            batch, number = ids[100 + dice.randrange(batches)], dice.randrange(settlements + 1)
            if stage == "signed_off" and number < settlements:
                settlement, paid = ids[150 + number], dice.random() < 0.5
        key = Key(effect, payer, stage, batch, settlement, paid)
        count, amount = cells.get(key, (0, 0))
        cells[key] = (count + 1, amount + 1000)
    return cells


def main() -> None:
    for name, size in (("demonstration", (400, 2, 4, 3)), ("large", (1000, 6, 8, 6))):
        for seed in range(ROUNDS):
            cells = bond(seed, *size)
            start = time.process_time()
            told = told_of(cells)
            spent = time.process_time() - start
            found = f"{len(cells):4} cells, {len(told.keys):4} figures shown"
            print(f"{name:14} seed {seed}: {found}, {spent * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
