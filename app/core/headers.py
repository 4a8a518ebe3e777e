"""What the browser is told about every answer."""

import hashlib
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request

A_YEAR, A_MONTH = 365 * 86_400, 30 * 86_400


def csp_nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def _set_nonce() -> None:
    csp_nonce()


def _harden(response: Response) -> Response:
    htmx = current_app.config["HTMX_URL"]
    scripts = f"'self' 'nonce-{csp_nonce()}'" + (f" {htmx}" if htmx.startswith("https://") else "")
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config["BASE_URL"].startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        _let_keep(response)
    else:
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _let_keep(response: Response) -> None:
    """A file whose address names its contents never changes; a font is what its name says for a month."""
    if request.path.endswith(".woff2"):
        response.headers["Cache-Control"] = f"public, max-age={A_MONTH}"
    elif "v" in request.args and response.status_code in (200, 304):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"


def name_versions(app: Flask) -> None:
    """Put `?v=` (of the contents) in the address of every static file but fonts, which the style sheets name too."""
    versions: dict[str, str] = {}

    @app.url_defaults
    def _version(endpoint: str, values: dict[str, Any]) -> None:
        name = values.get("filename", "")
        if endpoint != "static" or "v" in values or name.endswith(".woff2"):
            return
        if name not in versions:
            file = Path(app.static_folder or "", name)
            versions[name] = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""
        if versions[name]:
            values["v"] = versions[name]


def init_app(app: Flask) -> None:
    """Before the CSRF check: a refused form still renders a page that needs the nonce."""
    app.before_request(_set_nonce)
    app.after_request(_harden)
    name_versions(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
