"""What the worker does when its time has come: ask the books, once a night."""

from app.core.errors import NotNow
from app.reports.books import check_books, due_night


def run_due() -> int:
    """1 when this worker asked them; two at once keep one answer."""
    night = due_night()
    if night is None:
        return 0
    try:
        check_books(night)
    except NotNow:
        return 0
    return 1
