from typing import Any

from sqlalchemy import Select, func, or_, select

from app.people.models import Membership, Organisation, User


def organisations(wanted: str) -> Select[*tuple[Any, ...]]:
    """Organisations that are to be vetted first, then by name; `verified` counts people with a verified address."""
    verified = (
        select(func.count(User.confirmed_at))
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == Organisation.id)
        .scalar_subquery()
    )
    found = select(
        Organisation.id,
        Organisation.name,
        Organisation.kind,
        Organisation.locality,
        Organisation.vetted_at,
        verified.label("verified"),
    )
    if wanted:
        found = found.where(_has(wanted, Organisation.name, Organisation.locality, Organisation.registration_number))
    return found.order_by(Organisation.vetted_at.is_not(None), func.lower(Organisation.name), Organisation.id)


def people(wanted: str) -> Select[*tuple[Any, ...]]:
    """Every account, by name."""
    found = select(User.id, User.name, User.email, User.active, User.confirmed_at, User.current_login_at, User.is_admin)
    if wanted:
        found = found.where(_has(wanted, User.name, User.email))
    return found.order_by(func.lower(User.name), User.id)


def _has(wanted: str, *columns: Any) -> Any:
    return or_(*(column.icontains(wanted, autoescape=True) for column in columns))


def members(organisation: Organisation) -> Select[*tuple[Any, ...]]:
    found = select(User.id, User.name, User.email, User.active, User.confirmed_at, Membership.is_manager)
    found = found.add_columns(Membership.is_case_owner)
    found = found.join(Membership, Membership.user_id == User.id).where(Membership.organisation_id == organisation.id)
    return found.order_by(func.lower(User.name), User.id)
