"""Where encrypted files lie: a directory (`EVIDENCE_DIR`) that no web server serves, under random names.

Portals on several machines share it as a network disk. It is never named by anything that a person typed.
"""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from app.core import clock

NAME = re.compile(r"[0-9a-f]{64}")
STRAY_AFTER = 3600  # seconds: the act that stored it has long ended, well or not


def put(content: bytes) -> str:
    """Store it whole or not at all; the name under which it lies."""
    name = secrets.token_hex(32)
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    return name


def get(name: str) -> bytes:
    """Raises `FileNotFoundError`."""
    return _path(name).read_bytes()


def holds(name: str) -> bool:
    return _path(name).is_file()


def old_names() -> Iterator[str]:
    """Everything that lies there for an hour or longer, halves of files included."""
    for path in _root().glob("??/*"):
        if clock.now().timestamp() - path.stat().st_mtime > STRAY_AFTER:
            yield path.name


def discard(name: str) -> None:
    """Remove what `old_names` named."""
    if NAME.fullmatch(name.removesuffix(".part")):
        (_root() / name[:2] / name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise ValueError("not a name of the store")
    return _root() / name[:2] / name


def _root() -> Path:
    return Path(current_app.config["EVIDENCE_DIR"])
