"""Who may sign for an organisation, and on which proof; asked wherever an organisation is bound."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role, roles_towards
from app.core import clock
from app.core.errors import NotYours
from app.core.flow import Labelled
from app.core.models import Instant, Root, words
from app.extensions import db
from app.people.models import Organisation, User


class SignedKind(Labelled):
    """Kinds of agreement, since a mandate for one is not a mandate for another."""

    AGREEMENT = "agreement", _l("agreements")
    AMENDMENT = "amendment", _l("amendments and changes of parties")
    END = "end", _l("the end of an agreement")
    COMMITMENT = "commitment", _l("commitments to a round, and taking one over")


class How(Labelled):
    ALONE = "alone", _l("alone")
    JOINTLY = "jointly", _l("together with a second signatory")


class SigningAuthority(Root):
    """`user` may sign these `kinds` for the organisation from `from_on` to `until_on` (none: until it is revoked).

    `proof` says where it stands: a mandate register, an extract of the trade register, a decision. `replaced_by`: the
    newer record of the same person that took its place, for the kinds that it names.
    """

    __tablename__ = "signing_authority"
    __table_args__ = (CheckConstraint("until_on >= from_on", name="period"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    how: Mapped[How] = words(How)
    proof: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    recorded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    revoked_at: Mapped[Instant | None]
    replaced_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signing_authority.id"))

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined")
    recorded_by: Mapped[User] = relationship(foreign_keys=[recorded_by_id])
    replaced_by: Mapped["SigningAuthority | None"] = relationship(
        remote_side="SigningAuthority.id", back_populates="replaces"
    )
    replaces: Mapped[list["SigningAuthority"]] = relationship(
        back_populates="replaced_by", lazy="selectin", order_by="SigningAuthority.created_at"
    )

    @property
    def title(self) -> str:
        return self.user.name

    @property
    def is_valid(self) -> bool:
        today = clock.today()
        begun = self.from_on <= today and (self.until_on is None or today <= self.until_on)
        return begun and self.revoked_at is None

    @property
    def labels(self) -> list[Any]:
        return [SignedKind(kind).label for kind in self.kinds]

    @classmethod
    def visible_to(cls, user: Any) -> Select["SigningAuthority"]:
        return select(cls).where(cls.organisation_id.in_(user.organisation_ids))

    def roles_of(self, user: Any) -> set[Role]:
        return roles_towards(self.organisation, user)


def authorities_of(organisation_id: uuid.UUID, kind: SignedKind | None = None) -> list[SigningAuthority]:
    """All that were ever recorded, the newest first."""
    found = select(SigningAuthority).where(SigningAuthority.organisation_id == organisation_id)
    rows = db.session.scalars(found.order_by(SigningAuthority.created_at.desc())).all()
    return [row for row in rows if kind is None or kind.value in row.kinds]


def without_second(organisation_id: uuid.UUID) -> list[SignedKind]:
    """Kinds for which one person is to sign together with another, and no other is recorded: nobody can sign them."""
    valid = [one for one in authorities_of(organisation_id) if one.is_valid]
    found = []
    for kind in SignedKind:
        ways = {(one.user_id, one.how) for one in valid if kind.value in one.kinds}
        if len({user for user, _how in ways}) == 1 and {how for _user, how in ways} == {How.JOINTLY}:
            found.append(kind)
    return found


def expect_mandate(organisation: Organisation, kind: SignedKind, actor: User) -> SigningAuthority | None:
    """The authority under which `actor` signs, one to sign alone before one to sign with another; None where the
    organisation recorded nobody. `NotYours` where it recorded others."""
    recorded = authorities_of(organisation.id, kind)
    if not recorded:
        return None
    own = [one for one in recorded if one.user_id == actor.id and one.is_valid]
    if not own:
        words = {"name": organisation.name, "kind": kind.label}
        raise NotYours(_("%(name)s has recorded who signs %(kind)s for it, and you are not among them today.", **words))
    return next((one for one in own if one.how == How.ALONE), own[0])
