"""Rows by the hundred thousand, as fast as the database takes them, its triggers included."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert

from app.extensions import db

AT_ONCE = 10_000


def add_rows(model: Any, rows: Iterable[dict[str, Any]]) -> Iterator[int]:
    """Add rows past the session, in portions; tells after each how many there are by now. What a row does not give has
    the default of the model. PostgreSQL takes a portion by COPY, and its triggers count once for each."""
    table: Table = model.__table__
    left, added = iter(rows), 0
    while portion := list(islice(left, AT_ONCE)):
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            _copy(connection, table, portion)
        else:
            connection.execute(insert(table), portion)
        added += len(portion)
        yield added


def _copy(connection: Connection, table: Table, portion: list[dict[str, Any]]) -> None:
    columns = list(table.columns)
    names = ", ".join(f'"{column.name}"' for column in columns)
    texts = [_text(connection, column) for column in columns]
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in portion:
            copy.write_row([text(row) for text in texts])


def _text(connection: Connection, column: Any) -> Callable[[dict[str, Any]], Any]:
    """What stands in this column of a row: given, or the default of the model."""
    kind, default = column.type.dialect_impl(connection.dialect), column.default
    bind = kind.bind_processor(connection.dialect) or (lambda value: value)

    def text(row: dict[str, Any]) -> Any:
        if column.name in row or default is None:
            return bind(row.get(column.name))
        return bind(default.arg(None) if default.is_callable else default.arg)

    return text
