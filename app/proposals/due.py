"""What the worker does for plans that were handed in."""

from app.core.operation import forget_deleted


def run_due() -> int:
    """What handing in destroyed is folded out of the database's log, also when somebody was reading at that moment."""
    forget_deleted()
    return 0
