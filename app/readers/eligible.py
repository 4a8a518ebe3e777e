"""Who may read: nobody who wrote what is read, or gains by how it is read."""

from sqlalchemy import select

from app.access.actions import Action
from app.audit.models import AuditEntry
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.programmes.models import Part, Party, Programme

BIDDERS = (OrganisationKind.PROVIDER, OrganisationKind.INVESTOR)
WROTE_PRICES = (Action.TABLE_DRAFT, Action.TABLE_EDIT)


def reader_by_email(programme: Programme, address: str) -> User | None:
    """An active person of a vetted organisation that neither provides nor invests in this bond."""
    stakes = select(Party.organisation_id).where(
        Party.programme_id == programme.id, Party.part.in_([Part.PROVIDER, Part.INVESTOR])
    )
    interested = select(Membership.user_id).where(Membership.organisation_id.in_(stakes))
    found = select(User).join(Membership, Membership.user_id == User.id)
    found = found.join(Organisation, Organisation.id == Membership.organisation_id)
    found = found.where(User.active, User.confirmed_at.is_not(None), Organisation.vetted_at.is_not(None))
    by_address = found.where(db.func.lower(User.email) == address.strip().lower(), User.id.not_in(interested))
    return db.session.scalars(by_address).unique().first()


def may_bid_later(user: User) -> bool:
    """Whether this person stands with a service provider or an investor.

    Prices are read before the call: who provides or invests would know them sooner than its rivals.
    """
    theirs = select(Membership.id).join(Organisation, Organisation.id == Membership.organisation_id)
    theirs = theirs.where(Membership.user_id == user.id, Organisation.kind.in_(BIDDERS))
    return db.session.scalar(theirs.limit(1)) is not None


def wrote_prices(programme: Programme, user: User) -> bool:
    """Whether this person drafted or changed a price table of the bond, so knows what was meant."""
    found = select(AuditEntry.seq).where(AuditEntry.programme_id == programme.id, AuditEntry.actor_id == user.id)
    return db.session.scalar(found.where(AuditEntry.action.in_(WROTE_PRICES)).limit(1)) is not None
