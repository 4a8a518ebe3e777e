"""What is kept in the repository is the project, and nothing of the machine it was written on."""

import re
import subprocess

from tests.house.source import ROOT

GENERATED = re.compile(r"\.(mo|pot|pyc|sqlite)$|^(instance|artefacts|\.venv)(/|$)")


def test_nothing_generated_and_no_link_is_kept() -> None:
    if not (ROOT / ".git").exists():
        return  # an archive holds only what was kept
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    entries = [line.split("\t") for line in listed.splitlines()]
    assert entries
    assert not [path for _, path in entries if GENERATED.search(path)]
    assert not [path for about, path in entries if about.startswith("120000")], "a symbolic link is kept"


def test_requirements_name_no_host_and_pin_everything() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("-")], name
        pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pinned
        assert all("==" in line and line.endswith("\\") for line in pinned), name
