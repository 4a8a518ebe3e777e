"""A term that is set to end on a Saturday, Sunday or holiday: allowed, but never by oversight (domain, section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.calls.legal import TermKind, moves_by
from app.core import clock
from app.core.flow import Labelled


class FreeDayChoice(Labelled):
    MOVE = "move", _l("take the next working day, at the same time")
    KEEP = "keep", _l("keep the day as it is")


LABELS: dict[str, Any] = {"questions_until": TermKind.QUESTIONS.label, "deadline": TermKind.PLANS.label}


@dataclass(frozen=True, slots=True)
class FreeDay:
    """The term `name` ends at `moment`, on no working day; by the rule `basis` a term would run to `moved_to`."""

    name: str
    moment: datetime
    moved_to: datetime
    basis: str

    @property
    def says(self) -> str:
        return _(
            "%(term)s: %(day)s is no working day. A term that ends on such a day runs to %(moved)s (%(basis)s).",
            term=LABELS[self.name],
            day=_weekday(self.moment),
            moved=_weekday(self.moved_to),
            basis=self.basis,
        )


def free_days(moments: Mapping[str, datetime | None], jurisdiction: str) -> list[FreeDay]:
    """Which of these moments (name of the term -> aware moment) fall on no working day where the parties are."""
    basis, found = moves_by(jurisdiction), []
    for name, moment in moments.items():
        if moment is not None and (moved := next_working_moment(moment, jurisdiction)) != moment:
            found.append(FreeDay(name, moment, moved, basis))
    return found


def next_working_moment(moment: datetime, jurisdiction: str) -> datetime:
    """The same time of day on the first working day from `moment` on."""
    while not clock.is_working_day(clock.day_of(moment), jurisdiction):
        moment = clock.days_before(moment, -1)
    return moment


def _weekday(moment: datetime) -> str:
    return format_date(clock.day_of(moment), "EEEE d MMMM y")
