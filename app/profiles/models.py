import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Root
from app.people.models import Organisation
from app.programmes.models import LifeDomain


class Profile(Root):
    """What a service provider says of itself. `life_domains` are values of `LifeDomain`, `municipality_ids` ids of
    municipalities on the portal; `capacity` is how many people it can support at once."""

    __tablename__ = "profile"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), unique=True)
    about: Mapped[str]
    life_domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    municipality_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    elsewhere: Mapped[str] = mapped_column(default="")
    capacity: Mapped[int | None]
    quality_marks: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Profile of %(organisation)s", organisation=self.organisation.name)

    @property
    def domains(self) -> list[LifeDomain]:
        return [domain for domain in LifeDomain if domain in self.life_domains]

    @classmethod
    def visible_to(cls, user: Any) -> Select["Profile"]:
        """Everybody who is signed in; the table of rights says so."""
        return select(cls)

    def roles_of(self, user: Any) -> set[Role]:
        return {Role.MEMBER} if self.organisation_id in user.organisation_ids else set()
