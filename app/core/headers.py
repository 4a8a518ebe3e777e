"""What the browser is told about every answer."""

import secrets

from flask import Flask, Response, current_app, g, request


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
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def init_app(app: Flask) -> None:
    """Before the CSRF check: a refused form still renders a page that needs the nonce."""
    app.before_request(_set_nonce)
    app.after_request(_harden)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
