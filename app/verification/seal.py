"""The portal's seal under a document: it proves that the portal issued the file and that no byte of it changed since.

A portal seal is no person's signature: nobody's consent stands in it. The file is sealed as ETSI EN 319 142-1 lays down
(PAdES, level B-B), certified so that any later change shows (ISO 32000-2, 12.8.2.2, no changes allowed). The private
key lives in a file of its own, which neither database nor back-up of it holds.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import current_app

from app.core import clock

YEARS = 10
FIELD = "Seal"
NO_OTHER_USE = (
    *("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
    *("encipher_only", "decipher_only"),
)


class NoSeal(RuntimeError):
    """The portal has no key or no certificate to seal with; its keeper makes them (`flask make-seal`)."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where the key is, and the certificate that is published (`pem`; `fingerprint`: SHA-256 of its DER)."""

    key: Path
    certificate: Path
    pem: str
    fingerprint: str


def current_seal() -> Seal:
    """The seal of this portal. A demonstration and tests make one at first use; elsewhere `NoSeal` when there is
    none."""
    key, certificate = Path(current_app.config["SEAL_KEY_FILE"]), Path(current_app.config["SEAL_CERTIFICATE"])
    if not (key.exists() and certificate.exists()):
        if not (current_app.config["DEMO"] or current_app.testing or current_app.debug):
            raise NoSeal
        make_seal(key, certificate)
    pem = certificate.read_text()
    found = x509.load_pem_x509_certificate(pem.encode())
    return Seal(key, certificate, pem, found.fingerprint(hashes.SHA256()).hex())


def make_seal(key: Path, certificate: Path) -> None:
    """A new key (P-256), readable by its owner alone, and a certificate that the portal signs itself, for `YEARS`.

    `FileExistsError` where one of them is there: no key is ever overwritten.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    certified = certify(private)
    for path in (key, certificate):
        path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(key, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write_new(certificate, certified.public_bytes(Encoding.PEM), 0o644)


def certify(private: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bewezen"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Portal seal of {current_app.config['BASE_URL']}"[:64]),
        ]
    )
    usage = dict.fromkeys(NO_OTHER_USE, False)
    begins = clock.now() - timedelta(days=1)  # clocks differ
    return (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(private, hashes.SHA256())
    )


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
        file.write(content)


def seal_pdf(document: bytes, seal: Seal, code: str) -> bytes:
    """`document` (PDF) under the seal; `code` is named as the reason."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # heavy, and needed nowhere else
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

    now = clock.now()

    class AtOurTime(signers.PdfSigner):
        def init_signing_session(self, *args: Any, **options: Any) -> Any:
            session = super().init_signing_session(*args, **options)
            session.system_time = now
            return session

    how = signers.PdfSignatureMetadata(
        field_name=FIELD,
        name="Bewezen",
        reason=f"Portal seal, not a legal signature of the assessor. Code {code}",
        location=current_app.config["BASE_URL"],
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signer = signers.SimpleSigner.load(str(seal.key), str(seal.certificate))
    if signer is None:
        raise NoSeal
    sealed = beside(AtOurTime(how, signer).sign_pdf, IncrementalPdfFileWriter(BytesIO(document)))
    return bytes(sealed.getvalue())


def is_sealed(document: bytes, pem: str) -> bool:
    """Does the seal on a PDF, checked with this published certificate and nothing else, cover it whole and unchanged?

    For files that come from the portal itself; what a stranger uploads is compared by its digest, never parsed.
    """
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    [certificate] = load_certs_from_pemder_data(pem.encode())
    seals = PdfFileReader(BytesIO(document)).embedded_signatures
    if len(seals) != 1:
        return False
    told = ValidationContext(trust_roots=[certificate], allow_fetching=False, moment=seals[0].self_reported_timestamp)
    return bool(beside(validate_pdf_signature, seals[0], told).bottom_line)


def beside(work: Callable[..., Any], *given: Any) -> Any:
    """In a thread of its own: the library runs a loop, which a thread that runs one already refuses."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *given).result()
