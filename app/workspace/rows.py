"""The one shape of everything that waits, and the questions about rights that all stages ask."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)

from app.access.actions import Action as A
from app.access.four_eyes import FOUR_EYES
from app.accounts.signing_authority import SignedKind, SigningAuthority
from app.audit.models import AuditEntry
from app.core.models import Moment
from app.people.models import Membership
from app.programmes.models import Part, Party, Programme

ME: Any = bindparam("me")
NOW = bindparam("now", type_=Moment())
TODAY: Any = bindparam("today")
LONG_AGO: Any = bindparam("long_ago")  # a day of which bank and books should know all by now
THEN = bindparam("then", type_=Moment())  # the end of that day

ORGANISATIONS = select(Membership.organisation_id).where(Membership.user_id == ME)


def row(kind: str, key: Any, about: Any, count: Any = None, until: Any = None, due: Any = None) -> Select[Any]:
    """(what waits, id of the thing in the address, bond or organisation, how many, until when, what is to be paid, in
    which currency, at prices that were made up or not, by which day)."""
    return select(
        literal(str(kind), Text).label("kind"),
        key.label("key"),
        about.label("about"),
        (count if count is not None else literal(1)).label("count"),
        type_coerce(until if until is not None else cast(null(), Moment()), Moment()).label("until"),
        (cast(null(), BigInteger) if due is None else cast(due[0], BigInteger)).label("amount_minor"),
        (cast(null(), Text) if due is None else due[1]).label("currency"),
        (false() if due is None else due[3]).label("illustrative"),
        type_coerce(cast(null(), Date) if due is None or due[2] is None else due[2], Date).label("due_on"),
    )


def bond(kind: str, key: Any, count: Any = None, until: Any = None, due: Any = None) -> Select[Any]:
    """A row about a thing of a bond; the caller joins the thing to Programme. `due`: amount in minor units, and day."""
    return row(
        kind, key, Programme.title, count, until, due and (due[0], Programme.currency, due[1], Programme.illustrative)
    )


def mine_as(part: Part, lead: bool = False) -> Any:
    """Programme.id of the bonds in which one of my organisations has this part."""
    found = select(Party.programme_id).where(Party.organisation_id.in_(ORGANISATIONS), Party.part == part)
    return found.where(Party.is_lead) if lead else found


def other_eyes(action: A, key: Any) -> Any:
    """Four eyes: I did not take the step before this one."""
    paired = [str(earlier) for earlier in FOUR_EYES[action]]
    return ~exists().where(AuditEntry.subject_id == key, AuditEntry.actor_id == ME, AuditEntry.action.in_(paired))


def mandated(organisation: Any, kind: SignedKind) -> Any:
    """I may sign this kind for the organisation: it recorded me, or nobody (`signing_authority.expect_mandate`)."""
    recorded = exists().where(
        SigningAuthority.organisation_id == organisation, cast(SigningAuthority.kinds, Text).contains(f'"{kind.value}"')
    )
    mine = recorded.where(
        SigningAuthority.user_id == ME,
        SigningAuthority.revoked_at.is_(None),
        SigningAuthority.from_on <= TODAY,
        or_(SigningAuthority.until_on.is_(None), SigningAuthority.until_on >= TODAY),
    )
    return or_(~recorded, mine)


def counted(statement: Select[Any], *keys: Any) -> Select[Any]:
    return statement.group_by(*keys).having(func.count() > 0)
