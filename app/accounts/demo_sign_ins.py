"""Who can be played in the demonstration; with `DEMO=1` only."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.people.models import User

DEMO_DOMAIN = "@demo.example"


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    email: str
    name: str
    parts: str


def listed() -> list[DemoSignIn]:
    """Everybody of the demonstration with organisation and what it is; nobody anywhere else."""
    if not current_app.config["DEMO"]:
        return []
    found = select(User).where(User.email.endswith(DEMO_DOMAIN, autoescape=True), User.active)
    found = found.order_by(User.created_at).options(joinedload(User.memberships))
    return [
        DemoSignIn(user.email, user.name, "; ".join(f"{o.name}, {o.kind.label}" for o in user.organisations))
        for user in db.session.scalars(found).unique()
    ]
