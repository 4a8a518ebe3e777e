import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from flask_security import UserMixin
from sqlalchemy import ForeignKey, Select, UniqueConstraint, func, select, text
from sqlalchemy import Index as SqlIndex
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, words
from app.extensions import db


class OrganisationKind(Labelled):
    MUNICIPALITY = "municipality", _l("municipality")
    PROVIDER = "provider", _l("service provider")
    INVESTOR = "investor", _l("investor")
    INTERMEDIARY = "intermediary", _l("intermediary")
    ASSESSOR = "assessor", _l("independent assessor")
    AUDITOR = "auditor", _l("audit office or council")
    PORTAL = "portal", _l("keeper of the portal")


class Organisation(Root):
    """A party that can have a part in a bond. `vetted_at` is empty until a government has checked who it is."""

    __tablename__ = "organisation"

    name: Mapped[str]
    kind: Mapped[OrganisationKind] = words(OrganisationKind)
    country: Mapped[str] = mapped_column(default="NL")  # NL or BE
    locality: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")  # with the number, or a post-office box
    postal_code: Mapped[str] = mapped_column(default="")
    registration_number: Mapped[str] = mapped_column(default="")  # KvK (8 digits) or KBO/BCE (10 digits)
    vat_number: Mapped[str] = mapped_column(default="")  # with its country, such as NL123456789B01 or BE0123456789
    vetted_at: Mapped[Instant | None]
    vetted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")

    @property
    def title(self) -> str:
        return self.name

    @property
    def postal_address(self) -> str:
        """Where a letter on paper reaches it, on one line; empty while a part of it is lacking."""
        parts = (self.street, self.postal_code, self.locality)
        return f"{self.street}, {self.postal_code} {self.locality}" if all(parts) else ""

    @classmethod
    def visible_to(cls, user: Any) -> Select["Organisation"]:
        """Names of organisations are no secret: they stand on published calls and awards."""
        return select(cls)

    def people(self) -> list["User"]:
        """Everyone who is a member and may still sign in, by name."""
        return list(db.session.scalars(self._members()))

    def case_owners(self) -> list["User"]:
        """Those of them who follow residents of this municipality."""
        return list(db.session.scalars(self._members().where(Membership.is_case_owner)))

    def _members(self) -> Select["User"]:
        found = select(User).join(Membership).where(Membership.organisation_id == self.id, User.active)
        return found.order_by(User.name)


class User(UserMixin, Root):  # type: ignore[misc]
    """A person. The columns that the sign-in library needs keep its names."""

    __tablename__ = "user"
    __table_args__ = (SqlIndex("uq_user_email_lower", func.lower(text("email")), unique=True),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)  # type: ignore[assignment]
    name: Mapped[str]
    email: Mapped[str]
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True, default=lambda: uuid.uuid4().hex)
    confirmed_at: Mapped[Instant | None]
    locale: Mapped[str] = mapped_column(default="nl")
    is_admin: Mapped[bool] = mapped_column(default=False)  # keeps accounts; no part in any bond
    last_login_at: Mapped[Instant | None]  # type: ignore[assignment]
    current_login_at: Mapped[Instant | None]  # type: ignore[assignment]
    last_login_ip: Mapped[str | None]
    current_login_ip: Mapped[str | None]
    login_count: Mapped[int] = mapped_column(default=0)

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", foreign_keys="Membership.user_id")

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]
        return []  # global roles do not exist here: rights follow from the part in a bond

    @property
    def title(self) -> str:
        return self.name

    @property
    def organisation_ids(self) -> frozenset[uuid.UUID]:
        return frozenset(membership.organisation_id for membership in self.memberships)

    @property
    def organisations(self) -> list[Organisation]:
        return [membership.organisation for membership in self.memberships]

    @property
    def resident_ids(self) -> frozenset[uuid.UUID]:
        """The municipalities whose residents this person follows as a case owner: rows about them may be read."""
        return frozenset(membership.organisation_id for membership in self.memberships if membership.is_case_owner)

    def kinds(self, vetted: bool = False) -> frozenset[OrganisationKind]:
        """Kinds of the organisations this person belongs to; with `vetted`, only of those a government has vetted."""
        return frozenset(o.kind for o in self.organisations if o.vetted_at is not None or not vetted)

    @classmethod
    def visible_to(cls, user: Any) -> Select["User"]:
        """Yourself; an administrator sees all accounts."""
        if getattr(user, "is_admin", False):
            return select(cls)
        return select(cls).where(cls.id == getattr(user, "id", None))


class Anonymous(AnonymousUserMixin):
    """Somebody who has not signed in: the public."""

    id = None
    name = ""
    is_admin = False
    organisation_ids: frozenset[uuid.UUID] = frozenset()
    resident_ids: frozenset[uuid.UUID] = frozenset()
    organisations: list[Organisation] = []
    memberships: list["Membership"] = []

    def kinds(self, vetted: bool = False) -> frozenset[OrganisationKind]:
        return frozenset()


class Membership(Row):
    """A person belongs to an organisation. A manager invites and removes colleagues.

    A case owner works for a municipality and reads rows about its residents, which other colleagues do not. Source: the
    domain, section 9; GDPR, article 5(1)(b) and (c).
    """

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    is_manager: Mapped[bool] = mapped_column(default=False)
    is_case_owner: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(back_populates="memberships", lazy="joined")
