from datetime import date

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Row, append_only


@append_only
class BooksCheck(Row):
    """One night's check of all books: how many `rules` were asked, and per rule that did not hold its number of faults.
    No amount, name or bond: whoever is signed in may read it."""

    __tablename__ = "books_check"

    day: Mapped[date] = mapped_column(unique=True)
    rules: Mapped[int]
    failed: Mapped[dict[str, int]] = mapped_column(JSON)
