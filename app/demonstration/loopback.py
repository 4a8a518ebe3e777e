"""A demonstration with known passwords answers nobody but this machine."""

import ipaddress

from flask import Flask, abort, request


def init_app(app: Flask) -> None:
    if app.config["DEMO"]:
        app.before_request(refuse_strangers)


def refuse_strangers() -> None:
    """Both ends must be loopback: who asks, and the name by which the portal was asked."""
    host = request.host.rsplit(":", 1)[0].strip("[]")
    if not (_is_loopback(request.remote_addr or "") and (host == "localhost" or _is_loopback(host))):
        abort(403)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
