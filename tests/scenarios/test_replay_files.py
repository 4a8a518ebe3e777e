"""Files as they come from the world: encodings, line ends, sizes and places that cannot be read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.scenarios.cli import replay
from tests.scenarios.build import run, simple

TEXT = json.dumps(simple(), indent=1)
PAID = '"paid": "100.00"'


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff".encode() + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        b"\n\t " + TEXT.encode() + b" \n",
    ],
    ids=["byte order mark", "CRLF", "CR", "white space"],
)
def test_the_same_file_however_an_editor_saved_it(content, tmp_path):
    result = run(tmp_path, content, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert PAID in result.stdout


@pytest.mark.parametrize(
    ("encoding", "line"),
    [("utf-16", "file: byte 0 is not UTF-8"), ("utf-32-be", "file: no JSON: "), ("utf-16-be", "file: no JSON: ")],
)
def test_another_encoding_is_refused(encoding, line, tmp_path):
    result = run(tmp_path, TEXT.encode(encoding))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (TEXT.encode() + b"\n{}", "file: no JSON: Extra data"),
        (TEXT.encode()[:-3], "file: no JSON: "),
        (TEXT.replace('"Simple"', '"Sim\x00ple"').encode(), "file: no JSON: Invalid control character"),
        (b"\x00" * 1000, "file: no JSON: "),
        (b'{"notes": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "file: nested too deep"),
        (b'{"expected": ' + b"[" * 500 + b"]" * 500 + b"}", "file: nested too deep"),
        (b'{"a": 1, "a": 1, "b": {"c": 0, "c": 0}}', "a: key used twice\nb.c: key used twice"),
    ],
    ids=["two files in one", "cut short", "a zero byte", "zeros", "deep notes", "deep expectations", "keys twice"],
)
def test_what_is_damaged_is_refused(content, line, tmp_path):
    result = run(tmp_path, content)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(line)


@pytest.mark.parametrize("size", [100_000_000])
def test_a_hundred_megabytes_are_read_or_refused_but_never_a_traceback(size, tmp_path):
    # one text of that size in the notes: the file is right, only long; one as title: refused in a short line
    note = run(tmp_path, TEXT.replace('"title": "Simple"', f'"title": "Simple", "notes": "{"a" * size}"').encode())
    assert (note.exit_code, note.stderr) == (0, "")
    title = run(tmp_path, TEXT.replace("Simple", "a" * size).encode())
    assert (title.exit_code, title.stderr) == (2, "title: must be one line of at most 500 characters\n")


def test_standard_input_is_read_like_a_file():
    for path in ("-", "/dev/stdin"):
        done = subprocess.run(
            [sys.executable, "-c", "from app.scenarios.cli import replay; replay()", path, "--json"],
            input=TEXT.encode(),
            capture_output=True,
            cwd=Path(__file__).parents[2],
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert PAID in done.stdout.decode()


@pytest.mark.parametrize("name", ["none.json", ".", "bond.json/below", "a" * 300, "locked.json"])
def test_a_path_that_cannot_be_read_is_refused_in_one_line(name, tmp_path):
    (tmp_path / "bond.json").write_text(TEXT)
    locked = tmp_path / "locked.json"
    locked.write_text(TEXT)
    locked.chmod(0)
    if name == "locked.json" and os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    result = CliRunner().invoke(replay, [f"{tmp_path}/{name}"])
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    assert result.stderr.startswith("file: cannot be read: ")
    assert result.stderr.count("\n") == 1
