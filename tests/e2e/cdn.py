"""The only foreign host of the portal, htmx's CDN, played on this machine; no other name leads anywhere.

Not by intercepting requests: a browser that is intercepted keeps no copy of style sheets and fonts, and every page
would ask for all of them again.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HTMX_URL = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.10/dist/htmx.min.js"
HTMX_SHA384 = "H5SrcfygHmAuTDZphMHqBJLc3FhssKjG7w/CeCpFReSfwBWDTKpkzPP8c+cLsK+V"
HOST = urlsplit(HTMX_URL).netloc


@contextmanager
def cdn(folder: Path) -> Iterator[list[str]]:
    """While it runs, a Chromium started with these arguments finds htmx at its address, and no other host by name."""
    key = ec.generate_private_key(ec.SECP256R1())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate_of(key, folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Htmx)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rules = f"MAP {HOST}:443 127.0.0.1:{server.server_port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    try:
        yield [f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={_pin_of(key)}"]
    finally:
        server.shutdown()
        server.server_close()


def _certificate_of(key: ec.EllipticCurvePrivateKey, folder: Path) -> Path:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False
    )
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "cdn.pem"
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(pem))
    return path


def _pin_of(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(public).digest()).decode()


class _Htmx(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == urlsplit(HTMX_URL).path
        body = htmx() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Requests are no test output."""


def htmx() -> bytes:
    """The bytes that stand at the CDN's address, from an installed package, held against the same hash."""
    import django_htmx

    body = (Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js").read_bytes()
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    assert digest == HTMX_SHA384, "the installed htmx is not the one that the portal pins"
    return body
