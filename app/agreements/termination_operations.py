"""The only code that ends an agreement before its time."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.agreements import termination_notices as notices
from app.agreements.amendment_models import Amendment
from app.agreements.amendment_operations import lay_before
from app.agreements.amendment_states import AmendmentKind
from app.agreements.authority_models import SignedKind
from app.agreements.ending import check_last_day, take_effect
from app.agreements.ending_models import ending_of
from app.agreements.models import Agreement
from app.agreements.signing import expect_mandate
from app.agreements.states import FLOW as AGREEMENT_FLOW
from app.agreements.termination_models import Termination
from app.agreements.termination_states import FLOW, Ground
from app.core import clock
from app.core.errors import Refused
from app.core.format import day
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.told_codes import refuse_code

AGAINST = (Ground.BREACH, Ground.INSOLVENCY)


@dataclass(frozen=True, slots=True)
class EndFacts:
    """`last_day`: the last on which an effect counts. `against`: the party that failed or is insolvent."""

    ground: Ground
    reason: str
    last_day: date
    against: Organisation | None = None


def least_days(agreement: Agreement, ground: Ground) -> int:
    """Calendar days from the day on which the end is given to the last day, as the agreement says."""
    rules = ending_of(agreement.terms)
    return {Ground.NOTICE: rules.notice_days, Ground.BREACH: rules.mending_days}.get(ground, 0)


@operation
def propose_end(
    agreement: Agreement, reason: str, last_day: date, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Amendment:
    """Lay before every party that the agreement ends with `last_day`: when all have signed it does."""
    existing = db.session.get(Amendment, once)
    if existing is not None:
        return existing
    _expect_open(agreement, reason, last_day, version)
    AGREEMENT_FLOW.advance(agreement, Action.AMENDMENT_PROPOSE)
    whole = (AmendmentKind.END, agreement.text, agreement.terms, reason)
    return lay_before(agreement, *whole, actor=actor, once=once, last_day=last_day)


def _expect_open(agreement: Agreement, reason: str, last_day: date, version: int | None) -> None:
    agreement.expect_version(version)
    AGREEMENT_FLOW.advance(agreement, Action.TERMINATION_DECLARE)
    refuse_national_id(reason=reason)
    refuse_code(reason=reason)
    check_last_day(agreement, last_day)


@operation
def declare_end(
    agreement: Agreement, facts: EndFacts, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Termination:
    """Declare that the agreement ends on a ground that needs no signature of the others; a second person confirms it.

    Refused before the notice days (or the days to mend) of the agreement have run, for a day that has passed or on
    which the bond is over anyway, for a failing party that is none of the agreement, and for a party on another ground.
    """
    existing = db.session.get(Termination, once)
    if existing is not None:
        return existing
    if facts.ground == Ground.AGREED:
        raise Refused(_("An end by agreement is signed by every party."), "ground")
    _expect_open(agreement, facts.reason, facts.last_day, version)
    _check_notice(agreement, facts.ground, facts.last_day)
    check_against(agreement, facts)
    termination = Termination(
        id=once,
        agreement=agreement,
        programme_id=agreement.programme_id,
        ground=facts.ground,
        reason=facts.reason,
        against=facts.against,
        last_day=facts.last_day,
        ended_on=agreement.programme.ends_on,
        accrued_until=agreement.programme.tail_until,
        declared_by=actor,
    )
    db.session.add(termination)
    told: dict[str, Any] = {"ground": facts.ground, "last_day": facts.last_day, "reason": facts.reason}
    record(Action.TERMINATION_DECLARE, termination, actor, on_behalf_of=agreement, **told)
    notices.tell_declared(termination)
    return termination


def _check_notice(agreement: Agreement, ground: Ground, last_day: date) -> None:
    days = least_days(agreement, ground)
    first = clock.today() + timedelta(days=days)
    if last_day < first:
        words = {"days": days, "first": day(first)}
        raise Refused(
            _("The agreement gives %(days)d calendar days: the last day is %(first)s or later.", **words), "last_day"
        )


def check_against(agreement: Agreement, facts: EndFacts) -> None:
    """A party is named on the grounds that are about one, and only on those."""
    if facts.ground not in AGAINST:
        if facts.against is not None:
            raise Refused(
                _("On this ground it ends for all alike: name no party, or choose the ground that fits."),
                "against",
            )
        return
    if facts.against is None or facts.against.id not in {one.organisation_id for one in agreement.standing}:
        raise Refused(_("Name the party of the agreement that failed or is insolvent."), "against")


@operation
def confirm_end(termination: Termination, *, actor: User) -> None:
    """A second person, an official of the leading municipality, gives the notice: it runs from today.

    The caller has asked for the password again. Refused when the days of the agreement no longer fit before the last
    day: declare it anew. From now on every party knows what follows.
    """
    FLOW.advance(termination, Action.TERMINATION_CONFIRM)
    agreement = termination.agreement
    expect_mandate(agreement.programme.lead, SignedKind.END, actor)
    check_last_day(agreement, termination.last_day)
    _check_notice(agreement, termination.ground, termination.last_day)
    termination.confirmed_by = actor
    take_effect(termination)
    record(Action.TERMINATION_CONFIRM, termination, actor, ground=termination.ground, last_day=termination.last_day)
    notices.tell_given(termination)


@operation
def withdraw_end(termination: Termination, *, actor: User) -> None:
    """Take the declaration back before it is given."""
    FLOW.advance(termination, Action.TERMINATION_WITHDRAW)
    record(Action.TERMINATION_WITHDRAW, termination, actor)
    notices.tell_withdrawn(termination)
