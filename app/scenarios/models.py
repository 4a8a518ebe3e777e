import uuid
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Row
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import PriceTable
from app.programmes.models import Part, Programme, programmes_of


class Scenario(Row):
    """A what-if that an organisation kept: the answers as they were typed, and the seed of its draws.

    It is listed for the organisation that saved it. Who gets its address and may ask "what if" in the same bond may
    read it too, with only those price tables that this reader may see.
    """

    __tablename__ = "scenario"

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    saved_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    title: Mapped[str]
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(BigInteger)

    programme: Mapped[Programme] = relationship(lazy="joined")
    table: Mapped[PriceTable] = relationship()
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    saved_by: Mapped[User] = relationship()

    @classmethod
    def visible_to(cls, user: Any) -> Select["Scenario"]:
        return select(cls).where(
            cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT, Part.INTERMEDIARY, Part.INVESTOR))
        )

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles

    def address(self) -> dict[str, str]:
        """What stands in the address of the what-if page to open it."""
        return {**self.inputs, "table": str(self.table_id), "seed": str(self.seed)}


def kept_by(user: Any, programme: Programme) -> list[Scenario]:
    """What the reader's own organisations saved of this bond, the newest first."""
    found = select(Scenario).where(Scenario.programme_id == programme.id)
    found = found.where(Scenario.organisation_id.in_(user.organisation_ids))
    return list(db.session.scalars(found.order_by(Scenario.created_at.desc(), Scenario.id)))
