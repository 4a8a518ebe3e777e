"""Small files with telling names: a file that outgrows its room is two nouns."""

import ast

from tests.house.source import ROOT, modules, place

LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 60
TABLE = "app/access/actions.py"  # every verb of the portal, one line each: in two files nobody would find them all
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "service", "services", "common", "misc"}


def test_files_are_small() -> None:
    sizes = {path: len((ROOT / path).read_text().splitlines()) for path, _ in modules()}
    assert sizes, "no source was found"
    large = [f"{path} has {lines} lines" for path, lines in sizes.items() if lines > LINES_OF_A_FILE and path != TABLE]
    assert not large, "\n".join(large)


def test_functions_are_small() -> None:
    large = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LINES_OF_A_FUNCTION:
                    large.append(f"{place(path, node)} {node.name} has {lines} lines")
    assert not large, "\n".join(large)


def test_names_say_what_is_inside() -> None:
    vague = [path for path, _ in modules() if SAYS_NOTHING & set(path.removesuffix(".py").split("/"))]
    assert not vague, "\n".join(vague)


def test_every_package_says_what_it_is() -> None:
    silent = [path for path, tree in modules() if path.endswith("__init__.py") and not ast.get_docstring(tree)]
    assert not silent, "\n".join(silent)
