"""Every command that the README gives is there: who runs the portal has nothing else to go by."""

import os
import re
import subprocess
import sys

import pytest

from tests.house.source import ROOT

NAMED = re.compile(r"flask (?:--app wsgi )?([a-z]+(?:-[a-z]+)*)")


def test_every_command_that_the_readme_names_is_there(app):
    named = set(NAMED.findall((ROOT / "README.md").read_text()))
    assert {"db", "worker", "create-admin", "check-books"} <= named
    assert named <= set(app.cli.commands), named - set(app.cli.commands)


@pytest.mark.parametrize(("asked", "told", "code"), [("heads", "(head)", 0), ("--help", "downgrade", 0), ("no", "", 2)])
def test_the_database_is_migrated_by_command(tmp_path, asked, told, code):
    """As it is typed: `flask db` is of a library that is loaded only for it."""
    env = os.environ | {"SECRET_KEY": "only for the test", "INSTANCE": str(tmp_path)}
    typed = [sys.executable, "-m", "flask", "--app", "wsgi", "db", asked]
    done = subprocess.run(typed, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == code and told in done.stdout, done.stderr
