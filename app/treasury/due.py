"""What the worker does when its time has come: remind of capital that was called and of statements that are late."""

from app.core.errors import NotNow
from app.treasury.reminder_operations import due_reminders, remind


def run_due() -> int:
    """How many reminders went out; two workers at once send each once."""
    sent = 0
    for late in due_reminders():
        try:
            remind(late)
        except NotNow:
            continue
        sent += 1
    return sent
