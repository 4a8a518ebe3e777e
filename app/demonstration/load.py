"""Load the demonstration into an empty database."""

from sqlalchemy import exists, select

from app.extensions import db
from app.people.models import User


def is_empty() -> bool:
    return not db.session.scalar(select(exists().where(User.id.is_not(None))))


def demonstration() -> None:
    """Build the bonds, actor by actor."""
