"""Money is an integer of minor units: no float, no float column, no division that makes one."""

import ast
import re

from tests.house.source import dotted, modules, place

FLOATS = {"Float", "Numeric", "Double", "REAL", "DOUBLE_PRECISION"}
MONEY = re.compile(r"(^|_)(amounts?|minor|cents?|price|paid|payable|balance|cap|principal|budget|total_minor)(_|$)")


def test_no_column_rounds() -> None:
    found = [
        f"{place(path, node)} uses {dotted(node)}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, (ast.Name, ast.Attribute)) and dotted(node).rpartition(".")[2] in FLOATS
    ]
    assert not found, "\n".join(found)


def test_models_and_operations_know_no_float() -> None:
    found = [
        f"{place(path, node)} uses float"
        for path, tree in modules()
        if path.endswith(("/models.py", "/operations.py", "/valuation.py", "/waterfall.py", "/money.py"))
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert not found, "\n".join(found)


def test_money_never_becomes_a_float() -> None:
    """`/` makes a float of two integers: shares are made by core.money.share(), whole parts by `//`."""
    found = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                if _money(node.left) or _money(node.right):
                    found.append(f"{place(path, node)} divides {ast.unparse(node)}")
            elif isinstance(node, ast.BinOp):
                if (_money(node.left) and _float(node.right)) or (_float(node.left) and _money(node.right)):
                    found.append(f"{place(path, node)} mixes {ast.unparse(node)}")
            elif isinstance(node, ast.Call) and dotted(node.func) == "float" and any(map(_money, node.args)):
                found.append(f"{place(path, node)} makes {ast.unparse(node)}")
            elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
                name = node.arg if isinstance(node, ast.arg) else dotted(node.target)
                if MONEY.search(name) and "float" in ast.unparse(node.annotation):
                    found.append(f"{place(path, node)} declares {name} as a float")
    assert not found, "\n".join(found)


def _money(node: ast.AST) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and bool(MONEY.search(dotted(node).rpartition(".")[2]))


def _float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)
