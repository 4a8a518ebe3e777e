"""What somebody can do who has no part in a bond yet: a new provider, an official without bonds, the administrator."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.guard import can
from app.calls.models import Call
from app.calls.states import CallState
from app.core import clock
from app.core.addresses import address
from app.core.format import number
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.workspace.rows import NOW


@dataclass(frozen=True, slots=True)
class Suggestion:
    label: str
    says: str
    url: str


_OPEN_CALLS = select(func.count()).where(Call.state == CallState.PUBLISHED, Call.deadline > NOW)
_TO_VET = select(func.count()).where(Organisation.vetted_at.is_(None))


def suggestions_of(user: Any) -> Iterator[Suggestion]:
    """Only what this person may do; each leads to a page that opens."""
    if user.is_admin:
        yield from _for_admin()
    if OrganisationKind.PROVIDER in user.kinds():
        calls = number(db.session.scalar(_OPEN_CALLS, {"now": clock.now()}) or 0)
        says = _("Open now: %(count)s. Follow one, ask, plan.", count=calls)
        yield Suggestion(_("Read the open calls"), says, address("calls.index"))
    if can(Action.PROGRAMME_DRAFT, user=user):
        says = _("Say what problem the bond is to solve, for whom, and in which years.")
        yield Suggestion(_("Draft a programme"), says, address("programmes.draft"))
    yield from _for_everybody(user)


def _for_admin() -> Iterator[Suggestion]:
    waiting = number(db.session.scalar(_TO_VET) or 0)
    says = _("Not vetted yet: %(count)s. An official of a municipality vets them.", count=waiting)
    yield Suggestion(_("See which organisations are to be vetted"), says, address("accounts.organisations"))
    says = _("A municipality, investor, intermediary, assessor or audit office joins the portal here.")
    yield Suggestion(_("Add an organisation"), says, address("accounts.create_organisation"))
    yield Suggestion(_("See who has an account"), _("Block or unblock an account."), address("accounts.people"))


def _for_everybody(user: Any) -> Iterator[Suggestion]:
    for organisation in user.organisations:
        if not user.is_admin:
            says = _("What the portal knows of %(organisation)s, and its people.", organisation=organisation.name)
            url = address("accounts.organisation", id=organisation.id)
            yield Suggestion(_("Complete the profile of your organisation"), says, url)
    says = _("Which bonds there are, how far they are, and what they brought.")
    yield Suggestion(_("Look round the bonds"), says, address("programmes.index"))
