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


def test_the_day_of_a_moment_is_the_day_where_the_parties_are() -> None:
    """`moment.date()` is the day in UTC: between midnight and one or two o'clock of the parties that is yesterday."""
    found = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "date":
                found.append(f"{place(path, node)}: {dotted(node.func)}(), not clock.day_of")
    allowed = ("app/core/clock.py", "app/outcomes/sheets.py")  # a cell of a spreadsheet is no moment
    assert not [one for one in found if not one.startswith(allowed)], "\n".join(found)
    assert any(one.startswith("app/outcomes/sheets.py") for one in found), "the shape is seen where it is"
