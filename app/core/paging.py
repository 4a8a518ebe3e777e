"""Long lists in pages, cut in the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, literal, select

from app.extensions import db


def page_number() -> int:
    """The page that the address asks for; the first where that is none."""
    typed = request.args.get("page", "1")
    return int(typed) if typed.isdecimal() and len(typed) < 7 else 1


# Given how many rows stand before a page, and its size: the same rows from some point on, and how many of them stand
# before the page still.
Seek = Callable[[int, int], tuple[Select[Any], int]]


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of rows: `number` of `pages`, `count` rows in all."""

    rows: Sequence[Any]
    number: int
    pages: int
    count: int
    key: str = "page"  # its own, where a page holds two lists

    def url(self, number: int) -> str:
        """The same list with the same search, at another page."""
        kept = {**(request.view_args or {}), **request.args.to_dict(), self.key: number}
        return url_for(request.endpoint or "", **kept)


def paged(
    statement: Select[*tuple[Any, ...]],
    *,
    size: int = 50,
    entities: bool = False,
    count: int | None = None,
    key: str = "page",
    seek: Seek | None = None,
) -> Paged:
    """Two statements: the count and the rows of the page that the address asks for (`?page=2`, or another `key`).

    With `entities` the rows are the objects of the first column, else tuples of columns. What the columns hold is no
    matter for the count, so `statement` may not be distinct. A caller that knows the `count` saves the first one;
    one that knows where a row stands (`seek`) saves the database all rows before the page.
    """
    if count is None:
        bare = statement.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
        count = db.session.scalar(select(func.count()).select_from(bare.subquery())) or 0
    number, pages = asked_page(count, size, key)
    skip = (number - 1) * size
    if seek is not None:
        statement, skip = seek(skip, size)
    found = db.session.execute(statement.limit(size).offset(skip))
    rows = found.unique().scalars().all() if entities else found.all()
    return Paged(rows, number, pages, count, key)


def cut(rows: Sequence[Any], *, size: int = 50, key: str = "page") -> Paged:
    """The page that the address asks for, of rows that are at hand."""
    number, pages = asked_page(len(rows), size, key)
    return Paged(rows[(number - 1) * size : number * size], number, pages, len(rows), key)


def asked_page(count: int, size: int, key: str = "page") -> tuple[int, int]:
    """(the page that the address asks for, how many there are)."""
    pages = max(1, -(-count // size))
    return min(max(request.args.get(key, 1, type=int), 1), pages), pages
