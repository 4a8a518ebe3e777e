"""The pages of price tables are in several files; they share this."""

from typing import Any

from flask import Blueprint, url_for

from app.core.web import done
from app.pricing.models import PriceTable

bp = Blueprint("pricing", __name__)


def back(table: PriceTable, message: str | None = None) -> Any:
    return done(url_for("pricing.show", id=table.id), message)
