"""Statements, bytes and processor time per request: every page in turn, many rounds, the median.

Machines drift by a third within minutes; the pages of one round share one moment, so that their ratio holds.
"""

import gc
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.pages import Page
from tests.statements import counted


@dataclass(frozen=True, slots=True)
class Measured:
    page: Page
    statements: int
    size: int  # bytes of the answer
    milliseconds: float  # of this process's processor time; the database server's own is not in it


def measure(pages: Sequence[Page], rounds: int) -> dict[str, Measured]:
    """By name of the page. A page that does not answer as it should stops the bench."""
    counts, sizes = {}, {}
    for page in pages:
        page.ask()  # compiles templates and statements
        with counted() as statements:
            answer = page.ask()
        if answer.status_code != page.status:
            raise RuntimeError(f"{page.name} answered {answer.status}")
        counts[page.name], sizes[page.name] = len(statements), len(answer.data)
    times: dict[str, list[float]] = {page.name: [] for page in pages}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for page in pages:
            start = time.process_time_ns()
            page.ask()
            times[page.name].append((time.process_time_ns() - start) / 1e6)
    gc.unfreeze()
    return {
        page.name: Measured(page, counts[page.name], sizes[page.name], statistics.median(times[page.name]))
        for page in pages
    }
