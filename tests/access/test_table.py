"""The printed table against a copy that people read. After a change that is meant:
`flask show-permissions > tests/access/permissions.txt`, then read the difference line by line."""

from pathlib import Path

from app.access.actions import Action
from app.access.cli import lines, show_permissions
from app.access.four_eyes import FOUR_EYES
from app.access.permissions import PERMISSIONS

GOLDEN = Path(__file__).with_name("permissions.txt")


def test_the_table_is_as_agreed(app):
    printed = app.test_cli_runner().invoke(show_permissions)
    assert printed.exit_code == 0
    assert printed.output.splitlines() == GOLDEN.read_text().splitlines()


def test_it_prints_every_act_pair_and_flow(app):
    text = "\n".join(lines())
    assert all(str(action) in text for action in Action)
    assert "# Four eyes" in text and "# When: programmes.FLOW" in text and "draft -> in_review" in text


def test_every_act_is_somebodys_or_says_so(app):
    assert set(PERMISSIONS) == set(Action)
    assert set(FOUR_EYES) <= set(Action)
