"""What the worker does for accounts."""

from app.accounts import answered, kept


def run_due() -> int:
    return kept.purge() + answered.purge()
