"""State, trail and notices stand or fall together: one module ends transactions, and only acts change rows."""

import ast

from tests.house.source import dotted, modules, place

ENDS = {"commit", "rollback", "begin"}
MAY_END = {
    "app/core/operation.py": ENDS,
    "app/errors.py": {"rollback"},  # after a fault nothing half-done may stay in the session
    "app/accounts/sign_in.py": {
        "commit",
        "rollback",
    },  # the sign-in library keeps its own facts, and commits some of them never
}
ACTS = {"operations.commit", "capital.commit"}  # an investor commits capital: the word of the domain
CHANGES = {"add", "add_all", "delete", "merge", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"}
MAY_NOT_CHANGE = {"states", "models", "notices", "queries", "forms", "routes", "cli"}


def test_only_an_operation_ends_a_transaction() -> None:
    found = [
        f"{place(path, call)} calls {dotted(call.func)}()"
        for path, call in method_calls()
        if call.func.attr in ENDS - MAY_END.get(path, set()) and dotted(call.func) not in ACTS
    ]
    assert not found, "\n".join(found)


def test_only_operations_change_rows() -> None:
    found = [
        f"{place(path, call)} calls {dotted(call.func)}()"
        for path, call in method_calls()
        if path.rpartition("/")[2].removesuffix(".py") in MAY_NOT_CHANGE
        and call.func.attr in CHANGES
        and dotted(call.func.value).endswith("session")
    ]
    assert not found, "\n".join(found)


def method_calls():
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path, node
