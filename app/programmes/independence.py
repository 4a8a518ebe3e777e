"""Who may assess a bond: nobody who is, or in this bond ever was, provider, investor or intermediary, nor a partner of
one, nor a person of theirs. Source: the domain, section 2: never belong to, or be paid by, a provider or investor.
"""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import Uuid, column, literal, select, table, union

from app.access.actions import Action
from app.audit.models import AuditEntry, AuditFacts
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.programmes.models import Part, Party, Programme

JUDGED = (Part.PROVIDER, Part.INVESTOR, Part.INTERMEDIARY)

# Consortia and capital stand above programmes and are not imported; their tables are read by name.
_call = table("call", column("id", Uuid), column("programme_id", Uuid))
_consortium = table("consortium", column("id", Uuid), column("call_id", Uuid))
_partner = table("consortium_partner", column("consortium_id", Uuid), column("organisation_id", Uuid), column("state"))
_commitment = table("commitment", column("programme_id", Uuid), column("organisation_id", Uuid))
_agreement = table("agreement", column("id", Uuid), column("programme_id", Uuid))
_signed = table("agreement_party", column("agreement_id", Uuid), column("organisation_id", Uuid), column("part"))
TOOK_PART = ("accepted", "left", "released")  # an invitation that was only sent ties nobody


def tie_of(programme: Programme, organisation: Organisation) -> Organisation | None:
    """The organisation through which `organisation` has, or had, to do with what is judged: itself, or one with which
    it has a person in common; None when it is independent."""
    judged = judged_in(programme)
    if organisation.id in judged:
        return organisation
    people = select(Membership.user_id).where(Membership.organisation_id == organisation.id)
    shared = select(Organisation).join(Membership).where(Membership.user_id.in_(people), Organisation.id.in_(judged))
    return db.session.scalars(shared.order_by(Organisation.name).limit(1)).first()


def former_tie_of(programme: Programme, person: User) -> Organisation | None:
    """The organisation of those judged for which `person` works, or worked until it was taken out of it."""
    judged = judged_in(programme)
    now = judged & set(person.organisation_ids)
    left = now or _left_by(person, judged)
    found = select(Organisation).where(Organisation.id.in_(left)).order_by(Organisation.name)
    return db.session.scalars(found.limit(1)).first()


def judged_in(programme: Programme) -> set[uuid.UUID]:
    """Ids of all that are or were provider, investor or intermediary of this bond, or a partner of one."""
    bound: Any = literal(programme.id, Uuid)
    parties = select(Party.organisation_id).where(Party.programme_id == programme.id, Party.part.in_(JUDGED))
    partners = (
        select(_partner.c.organisation_id)
        .join(_consortium, _consortium.c.id == _partner.c.consortium_id)
        .join(_call, _call.c.id == _consortium.c.call_id)
        .where(_call.c.programme_id == bound, _partner.c.state.in_(TOOK_PART))
    )
    investors = select(_commitment.c.organisation_id).where(_commitment.c.programme_id == bound)
    signed = (
        select(_signed.c.organisation_id)
        .join(_agreement, _agreement.c.id == _signed.c.agreement_id)
        .where(_agreement.c.programme_id == bound, _signed.c.part.in_([part.value for part in JUDGED]))
    )
    found = set(db.session.scalars(union(parties, partners, investors, signed)))
    return found | set(db.session.scalars(select(Organisation.id).where(Organisation.name.in_(_removed(programme)))))


def _removed(programme: Programme) -> list[str]:
    """Names of organisations whose part was taken back."""
    acts = select(AuditFacts.body).join(AuditEntry, AuditFacts.seq == AuditEntry.seq)
    acts = acts.where(AuditEntry.action == str(Action.PROGRAMME_REMOVE_PARTY), AuditEntry.subject_id == programme.id)
    parts = {str(part) for part in JUDGED}
    return [body["organisation"] for body in db.session.scalars(acts) if body.get("part") in parts]


def _left_by(person: User, organisations: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The trail tells who was taken out of an organisation."""
    acts = select(AuditEntry.subject_id, AuditFacts.body).join(AuditFacts, AuditFacts.seq == AuditEntry.seq)
    acts = acts.where(AuditEntry.action == str(Action.MEMBER_REMOVE), AuditEntry.subject_id.in_(organisations))
    return {row.subject_id for row in db.session.execute(acts) if row.body.get("member") == str(person.id)}
