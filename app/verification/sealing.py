"""A batch becomes a statement: its editions are made, sealed and kept, in the act that signs."""

import hashlib
import re
import secrets

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.errors import NotNow
from app.core.pdf import pdf_of
from app.extensions import db
from app.languages import LOCALES
from app.outcomes.models import Batch
from app.people.models import Organisation, User
from app.verification.seal import NoSeal, Seal, current_seal, seal_pdf
from app.verification.statement import Verified, document_of, payers_of, verified_in
from app.verification.statement_models import SealCertificate, SealedStatement
from app.verification.statement_states import Edition

# Crockford's 32 signs, without those that are read for another; 16 of them are 80 random bits.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
CODE = re.compile("-".join([f"[{SIGNS}]{{4}}"] * 4))


def seal_batch(batch: Batch, second: User | None = None) -> None:
    """Lay down every edition of the statement, in the language of the administration; `second` counter-signed.

    `NotNow` where the portal has nothing to seal with: then nothing is signed.
    """
    try:
        seal = current_seal()
    except NoSeal as lacking:
        raise NotNow(
            _("The portal has no seal yet, so nothing can be signed. The keeper of the portal makes it.")
        ) from lacking
    certificate, verified = _published(seal), verified_in(batch, second)
    for edition, payer in [(Edition.FULL, None), (Edition.PLAIN, None), *_own(verified)]:
        db.session.add(_sealed(verified, edition, payer, seal, certificate))
    db.session.flush()


def _own(verified: Verified) -> list[tuple[Edition, Organisation | None]]:
    return [(Edition.OWN, payer) for payer in payers_of(verified)]


def _published(seal: Seal) -> SealCertificate:
    found = db.session.scalar(select(SealCertificate).filter_by(fingerprint=seal.fingerprint))
    if found is None:
        found = SealCertificate(fingerprint=seal.fingerprint, pem=seal.pem)
        db.session.add(found)
    return found


def _sealed(
    verified: Verified, edition: Edition, payer: Organisation | None, seal: Seal, certificate: SealCertificate
) -> SealedStatement:
    batch, code = verified.batch, new_code()
    locale = LOCALES[batch.programme.jurisdiction]
    with force_locale(locale):
        document = pdf_of(document_of(verified, edition, payer, code), locale, batch.created_at)
    content = seal_pdf(document, seal, code)
    return SealedStatement(
        batch=batch,
        edition=edition,
        payer=payer,
        certificate=certificate,
        code=code,
        digest=hashlib.sha256(content).hexdigest(),
        signed_by_name=batch.signed_by.name,
        counter_signed_by_name=verified.second.name if verified.second is not None else None,
        content=content,
    )


def new_code() -> str:
    signs = [secrets.choice(SIGNS) for _sign in range(16)]
    return "-".join("".join(signs[at : at + 4]) for at in range(0, 16, 4))


def code_typed(typed: str) -> str | None:
    """A code as somebody reads it off paper; None where it can be none."""
    plain = re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(READ_AS)
    code = "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))
    return code if CODE.fullmatch(code) else None
