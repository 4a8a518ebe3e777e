"""A code that is read out over the telephone: what came in by mailbox or password alone is not enough."""

import base64
import hashlib
import hmac

from flask import current_app


def spoken_code(about: str) -> str:
    """Eight letters and digits, as "ABCD-EFGH". It belongs to what `about` says, such as one account number, and is
    kept nowhere: it follows from a key outside the database."""
    key = current_app.config["SEALING_KEY"].encode()
    letters = base64.b32encode(hmac.new(key, about.encode(), hashlib.sha256).digest()).decode()[:8]
    return f"{letters[:4]}-{letters[4:]}"


def sounds_as(heard: str, code: str) -> bool:
    """Is what somebody heard the code? Signs, spaces and capitals do not matter."""
    return hmac.compare_digest(_bare(heard), _bare(code))


def _bare(code: str) -> bytes:
    return "".join(sign for sign in code.upper() if sign.isalnum()).encode()
