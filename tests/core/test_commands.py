"""Every command that the README gives is there: who runs the portal has nothing else to go by."""

import re

from tests.house.source import ROOT

NAMED = re.compile(r"flask (?:--app wsgi )?([a-z]+(?:-[a-z]+)*)")


def test_every_command_that_the_readme_names_is_there(app):
    named = set(NAMED.findall((ROOT / "README.md").read_text()))
    assert {"db", "worker", "create-admin", "check-books"} <= named
    assert named <= set(app.cli.commands), named - set(app.cli.commands)


def test_the_database_is_migrated_by_command(app, capfd):
    """`flask db` is of a library that is loaded only for it; a worker never migrates."""
    runner = app.test_cli_runner()
    helped = runner.invoke(args=["db", "--help"])
    assert helped.exit_code == 0 and "upgrade" in helped.output and "downgrade" in helped.output
    heads = runner.invoke(args=["db", "heads"])
    newest = max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert heads.exit_code == 0 and f"{newest} (head)" in heads.output + capfd.readouterr().out
    assert runner.invoke(args=["db", "no-such"]).exit_code == 2
