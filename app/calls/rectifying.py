"""The one way to change what a published call says: the guards of the database open for as long as this lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update

from app.calls.models import Call
from app.core.operation import in_operation
from app.extensions import db


@contextmanager
def rectifying(call: Call) -> Iterator[None]:
    """Inside an operation: `with rectifying(call):` around every change of what `call` says or asks.

    What is changed is written within; afterwards the call stands again. A draft may be changed without it.
    """
    if not in_operation():
        raise RuntimeError("a rectification is an operation")
    _open(call, True)
    yield  # an error ends the whole transaction, and with it the opening
    db.session.flush()
    _open(call, False)


def _open(call: Call, open: bool) -> None:
    """Without a new `version`: nobody edited anything by this."""
    db.session.execute(update(Call).where(Call.id == call.id).values(rectifying=open))
