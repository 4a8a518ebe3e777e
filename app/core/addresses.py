"""Addresses of pages, built once per endpoint: the router takes its rules apart for each, a list asks for a hundred."""

import uuid
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request, url_for

ANY_ID = uuid.UUID("0be7e2e7-0000-4000-8000-000000000000")  # stands in an address where the id of a row comes


def address(endpoint: str, /, **values: Any) -> str:
    """`url_for`, quick for what lists and the shell ask: a page without values, a static file, a thing by its uuid."""
    if len(values) > 1 or endpoint.startswith(".") or not has_request_context():
        return url_for(endpoint, **values)
    root = request.script_root
    if not values:
        return _page(root, endpoint)
    (name, value), *_ = values.items()
    if type(value) is uuid.UUID:
        return _thing(root, endpoint, name).replace(str(ANY_ID), str(value))
    if endpoint == "static" or endpoint == "workspace.speak":
        return _page(root, endpoint, (name, value))
    return url_for(endpoint, **values)


@lru_cache(512)
def _page(_root: str, endpoint: str, *values: tuple[str, str]) -> str:
    return url_for(endpoint, **dict(values))  # type: ignore[arg-type]


@lru_cache(512)
def _thing(_root: str, endpoint: str, name: str) -> str:
    values: dict[str, Any] = {name: ANY_ID}
    return url_for(endpoint, **values)


def init_app(app: Flask) -> None:
    app.jinja_env.globals["url_for"] = address
