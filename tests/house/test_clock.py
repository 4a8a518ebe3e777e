"""One place asks the time, so that a demonstration can live through months and a test through a deadline."""

import ast

from tests.house.source import dotted, modules, place

ASKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "func.now",
    "func.current_timestamp",
}


def test_only_the_clock_asks_the_time() -> None:
    found = []
    for path, tree in modules():
        if path == "app/core/clock.py":
            continue
        for node in ast.walk(tree):
            # Also without a call: `default=datetime.utcnow` asks later.
            if isinstance(node, ast.Attribute) and ".".join(dotted(node).split(".")[-2:]) in ASKS:
                found.append(f"{place(path, node)} asks {dotted(node)}, not the clock")
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                found += [f"{place(path, node)} imports time.{a.name}" for a in node.names if f"time.{a.name}" in ASKS]
    assert not found, "\n".join(found)
