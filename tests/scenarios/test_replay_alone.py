"""`flask replay` is for whoever checks a settlement, on a machine that has nothing of the portal's (replay/1: exit 0
computed, 1 differs, 2 refused). Every other command still needs the portal's secret, and says so in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.build import simple

ROOT = Path(__file__).resolve().parents[2]
JOB = {"effect": "job", "on": "2024-03-01", "count": 1}


def flask(tmp_path: Path, *words: str, **environ: str) -> subprocess.CompletedProcess:
    """With an environment that says nothing of a portal."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env=kept | {"INSTANCE": str(tmp_path / "instance"), "PYTHONDONTWRITEBYTECODE": "1"} | environ,
        capture_output=True,
        text=True,
        timeout=1_800,
    )


def test_replay_needs_no_secret_and_leaves_nothing_behind(tmp_path):
    file = tmp_path / "bond.json"
    file.write_text(json.dumps(simple(JOB)))
    done = flask(tmp_path, "replay", str(file), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["format"] == "replay-result/1"
    assert not (tmp_path / "instance").exists()


def test_a_file_that_breaks_a_rule_still_gives_2_and_a_line(tmp_path):
    file = tmp_path / "bond.json"
    file.write_text("{}")
    done = flask(tmp_path, "replay", str(file))
    assert done.returncode == 2 and done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("check-books",), ("worker", "--once", "replay")])
def test_every_other_command_refuses_without_a_secret_in_one_line(tmp_path, words):
    """The word replay further on does not open the door."""
    done = flask(tmp_path, *words)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: SECRET_KEY is not set.")


def test_a_server_refuses_to_start_without_a_secret(tmp_path):
    """No command line of flask: gunicorn imports the module, whatever its own words are."""
    load = "import sys; sys.argv = ['gunicorn', 'replay']; import wsgi"
    environ = {"PATH": os.environ["PATH"], "INSTANCE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", load], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=1_800
    )
    assert done.returncode == 1 and "MissingSetting: SECRET_KEY is not set" in done.stderr
