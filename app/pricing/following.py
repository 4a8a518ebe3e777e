"""Who follows the prices of a bond: told of each new version. Anybody who is signed in may."""

from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.models import TableSubscription
from app.programmes.models import Programme


@operation
def subscribe(programme: Programme, *, actor: User) -> None:
    """Be told of each version that is published. The trail keeps no name: following may betray a tenderer."""
    if add_subscriber(programme, actor):
        record(Action.TABLE_SUBSCRIBE, programme, actor, nameless=True, follows=True)


@operation
def unsubscribe(programme: Programme, *, actor: User) -> None:
    following = _subscription(programme, actor)
    if following is not None:
        db.session.delete(following)
        record(Action.TABLE_SUBSCRIBE, programme, actor, nameless=True, follows=False)


def add_subscriber(programme: Programme, user: User) -> bool:
    """Inside an operation, also of later packages: `user` follows from now on; False when it already did."""
    if _subscription(programme, user) is not None:
        return False
    db.session.add(TableSubscription(programme_id=programme.id, user_id=user.id))
    db.session.flush()
    return True


def _subscription(programme: Programme, user: User) -> TableSubscription | None:
    return db.session.scalar(select(TableSubscription).filter_by(programme_id=programme.id, user_id=user.id))
