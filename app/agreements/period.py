"""How long a bond runs: an amendment may lengthen it, within the money that was reserved for it.

Shorter is an end before its time (`ending`). Longer counts for intake, effects, milestones and settlements alike: all
of them go by the days of the bond. Prices and ceilings stay, so what is paid in all does not grow (Directive
2014/24/EU, art. 72, 1 (e) and 4: a change that is not substantial).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.agreements.amending import PERIOD, Change
from app.agreements.models import Agreement
from app.agreements.termination_states import TerminationState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.programmes.models import Programme


def latest_day(programme: Programme) -> date:
    """The last day of the last budget year for which every municipality reserved money (domain, section 4, C1)."""
    reserved = [max((year for year, minor in one.reserved.items() if minor), default=0) for one in programme.shares]
    year = max(programme.tail_until.year, min(reserved, default=0))
    return date(year, 12, 31)


def check_period(agreement: Agreement, change: Change) -> None:
    """Refused for an earlier day, without money reserved, or behind the maximums per period of the price table;
    `NotNow` when the bond is over or ends."""
    programme = agreement.programme
    ends_on = change.ends_on or programme.ends_on
    tail_until = change.tail_until or programme.tail_until
    if (ends_on, tail_until) == (programme.ends_on, programme.tail_until):
        return
    expect_running(agreement)
    faults = list(_faults(agreement, ends_on, tail_until))
    if faults:
        raise Refused(faults[0].message, faults[0].field, faults[1:])


def expect_running(agreement: Agreement) -> None:
    if any(one.state == TerminationState.GIVEN for one in agreement.terminations):
        raise NotNow(_("The end of the agreement is confirmed already."))
    if agreement.programme.tail_until <= clock.today():
        raise NotNow(_("The bond is over: effects accrued until %(day)s.", day=day(agreement.programme.tail_until)))


def _faults(agreement: Agreement, ends_on: date, tail_until: date) -> Iterator[Refused]:
    programme = agreement.programme
    for name, on in (("ends_on", ends_on), ("tail_until", tail_until)):
        if on < getattr(programme, name):
            yield Refused(_("Only a later day: to stop earlier, end the agreement."), name)
    if ends_on > tail_until:
        yield Refused(_("Effects accrue at least until the end of the programme."), "tail_until")
    if tail_until > (last := latest_day(programme)):
        message = _("Not every municipality has reserved money after %(day)s; reservations are not amended here.")
        yield Refused(message % {"day": day(last)}, "tail_until")
    caps = [date.fromisoformat(str(cap["to"])) for cap in agreement.table.period_caps or ()]
    if caps and max(caps) >= programme.tail_until and tail_until > max(caps):
        until = day(max(caps))
        message = _("The maximums per period of the price table run until %(day)s: after it there would be none.")
        yield Refused(message % {"day": until}, "tail_until")


def lengthen(agreement: Agreement, before: dict[str, Any], after: dict[str, Any]) -> None:
    """The amendment is in force: the bond runs until the days that were signed."""
    old, new = before.get("programme") or {}, after.get("programme") or {}
    changed = [name for name in PERIOD if old.get(name) != new.get(name)]
    if changed:
        expect_running(agreement)
    for name in changed:
        setattr(agreement.programme, name, date.fromisoformat(new[name]))
