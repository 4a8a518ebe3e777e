"""A virus scanner, where the portal has one: `CLAMAV_URL` is `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`.

The protocol is that of clamd(8), command INSTREAM: chunks with their length before them, ended by one of no length.
A scanner that does not answer lets nothing pass.
"""

import socket
import struct
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

from app.core.errors import NotNow, Refused

SECONDS = 20
CHUNK = 1 << 16


def refuse_virus(content: bytes) -> None:
    """`Refused` when the scanner finds something, `NotNow` when it does not answer; nothing without a scanner."""
    address = current_app.config["CLAMAV_URL"]
    if not address:
        return
    try:
        answer = _ask(address, content)
    except OSError as silent:
        current_app.logger.warning("the virus scanner at %s does not answer: %s", address, silent)
        raise NotNow(_("The virus scanner does not answer, so no document can be taken in. Try again later.")) from None
    if answer.endswith("FOUND"):
        raise Refused(_("The virus scanner found something in this document. It is not kept."), "document")
    if not answer.endswith("OK"):
        raise NotNow(_("The virus scanner could not read this document. Try again later."))


def _ask(address: str, content: bytes) -> str:
    with _connect(address) as scanner:
        scanner.sendall(b"zINSTREAM\0")
        for at in range(0, len(content), CHUNK):
            chunk = content[at : at + CHUNK]
            scanner.sendall(struct.pack(">I", len(chunk)) + chunk)
        scanner.sendall(struct.pack(">I", 0))
        answer = b""
        while part := scanner.recv(4096):
            answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _connect(address: str) -> socket.socket:
    at = urlsplit(address)
    if at.scheme == "unix":
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(SECONDS)
        scanner.connect(at.path)
        return scanner
    return socket.create_connection((at.hostname or "127.0.0.1", at.port or 3310), SECONDS)
