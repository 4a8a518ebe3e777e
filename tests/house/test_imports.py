"""Packages stand in the order of the bond, and each imports only what stands below it (README, map of the house)."""

import ast
import os

import pytest
from importlinter.cli import lint_imports

from tests.house.source import ROOT, modules, place

# What happens may be asked for by a page, a command or the demonstration alike, so it must not know who asks.
NOT_WEB = {"states", "models", "operations", "queries", "notices"}
WEB_NAMES = {"request", "session", "g", "redirect", "abort", "flash", "make_response", "current_user", "login_user"}
WEB_MODULES = ("wtforms", "flask_wtf", "app.core.forms", "app.core.web")


def test_contracts(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    broken = lint_imports(config_filename=os.fspath(ROOT / "pyproject.toml"), no_cache=True)
    assert not broken, capsys.readouterr().out


def test_acts_and_facts_know_no_http() -> None:
    found = []
    for path, tree in modules():
        if path.rpartition("/")[2].removesuffix(".py") not in NOT_WEB or path.startswith("app/core/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {alias.name for alias in node.names}
                if node.module.startswith(WEB_MODULES) or (node.module.startswith("flask") and names & WEB_NAMES):
                    found.append(f"{place(path, node)} imports {', '.join(names)} from {node.module}")
            if isinstance(node, ast.Import):
                found += [f"{place(path, node)} imports {a.name}" for a in node.names if a.name.startswith(WEB_MODULES)]
    assert not found, "\n".join(found)
