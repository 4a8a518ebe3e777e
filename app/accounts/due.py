"""What the worker does for accounts."""

from app.accounts import kept


def run_due() -> int:
    return kept.purge()
