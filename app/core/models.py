"""What every table has: a uuid, the moment it came to be, and names for its constraints."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, TypeDecorator
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core import clock
from app.core.errors import Changed
from app.extensions import Model


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, also on SQLite, which forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class MinorUnits(TypeDecorator[int]):
    """Money: 64 bits wide, since 32 end at 21 million euros; a sum stays an int, where PostgreSQL answers a Decimal."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


Amount = Annotated[int, mapped_column(MinorUnits)]
Instant = Annotated[datetime, mapped_column(Moment)]


class Row(Model):
    """A row with an id of its own that never tells how many there are."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    created_at: Mapped[Instant] = mapped_column(default=clock.now)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


class Root(Row):
    """A row that people edit: `version` makes the second of two people hear that it changed meanwhile."""

    __abstract__ = True

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def expect_version(self, version: int | None) -> None:
        """Raise `Changed` when the person worked from an older copy (`version` of the form)."""
        if version is not None and version != self.version:
            raise Changed(self.version)


def words(kind: type[StrEnum], **options: Any) -> Any:
    """A column that holds one of the words of `kind`, as text on both databases."""
    stored = Enum(kind, native_enum=False, length=30, values_callable=lambda k: [m.value for m in k])
    return mapped_column(stored, **options)


def append_only(model: type[Model]) -> type[Model]:
    """Class decorator: the database itself refuses to change or delete a row by triggers that its migration makes."""
    model.metadata.tables[model.__tablename__].info["append_only"] = True
    return model
