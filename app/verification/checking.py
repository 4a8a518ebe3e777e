"""Is this a statement that the portal sealed? Asked by anybody, of a file or of the code that stands on it.

A file is compared by its digest and searched for our marks as plain bytes; a stranger's file is never parsed, and
nothing of it is kept. Who wants to check a seal without the portal uses the published certificate.
"""

import hashlib
from base64 import b64decode
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.flow import Labelled
from app.extensions import db
from app.verification.sealing import CODE, code_typed
from app.verification.statement_models import SealCertificate, SealedStatement

MOST_CODES = 20  # in one file; ours holds one


class Outcome(Labelled):
    GENUINE = "genuine", _l("genuine"), "good"
    CHANGED = "changed", _l("changed"), "bad"
    UNKNOWN = "unknown", _l("unknown to this portal"), "warn"


@dataclass(frozen=True, slots=True)
class Checked:
    """`statement`: the genuine one, as far as it is known which one was meant. `is_file`: a file was shown."""

    outcome: Outcome
    statement: SealedStatement | None
    is_file: bool


def check_code(typed: str) -> Checked:
    code = code_typed(typed)
    found = db.session.scalar(select(SealedStatement).filter_by(code=code)) if code else None
    return Checked(Outcome.GENUINE if found else Outcome.UNKNOWN, found, False)


def is_of(checked: Checked, typed: str) -> bool:
    """Is the code that somebody typed that of the statement that was found?"""
    return checked.statement is not None and checked.statement.code == code_typed(typed)


def check_file(content: bytes) -> Checked:
    """Genuine: byte for byte as it was sealed. Changed: it bears a code or the certificate of ours and is not so."""
    digest = hashlib.sha256(content).hexdigest()
    found = db.session.scalar(select(SealedStatement).filter_by(digest=digest))
    if found is not None:
        return Checked(Outcome.GENUINE, found, True)
    meant = _named_in(content)
    if meant is not None or _bears_certificate(content):
        return Checked(Outcome.CHANGED, meant, True)
    return Checked(Outcome.UNKNOWN, None, True)


def _named_in(content: bytes) -> SealedStatement | None:
    """The code stands in the metadata of the file, which are not compressed."""
    codes = list(dict.fromkeys(CODE.findall(content.decode("latin-1"))))[:MOST_CODES]
    return db.session.scalars(select(SealedStatement).where(SealedStatement.code.in_(codes)).limit(1)).first()


def _bears_certificate(content: bytes) -> bool:
    """The seal holds the certificate whole, in hexadecimal digits."""
    lower = content.lower()
    pems = db.session.scalars(select(SealCertificate.pem))
    return any(b64decode("".join(pem.strip().splitlines()[1:-1])).hex().encode() in lower for pem in pems)
