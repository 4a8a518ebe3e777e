"""What the maximums per period leave open, in sentences. Pure.

Source: replay/1, `caps.periods` and `overshoot`: a settlement dated outside all periods has no such maximum, and
nothing that an earlier one postponed is paid on it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from app.core.format import day
from app.pricing.models import Overshoot, PriceTable
from app.programmes.models import Programme

if TYPE_CHECKING:
    from app.pricing.operations import TableFacts

ONE = timedelta(days=1)


def left_open(table: "PriceTable | TableFacts", programme: Programme) -> list[str]:
    """The days from the bond's first to its last settlement that no period covers, and what is owed on them.

    Empty where periods cover them all, and where a table that loses what is cut has none.
    """
    carries = table.overshoot == Overshoot.CARRIED
    spans = sorted((date.fromisoformat(cap["from"]), date.fromisoformat(cap["to"])) for cap in table.period_caps)
    if not spans:
        nothing = _("There is no maximum per period, so nothing is cut off and nothing is owed later.")
        return [nothing] if carries else []
    return list(_gaps(spans, programme, carries))


def _gaps(spans: list[tuple[date, date]], programme: Programme, carries: bool) -> Iterator[str]:
    covered = (programme.starts_on or spans[0][0]) - ONE
    for first, last in spans:
        if first > covered + ONE:
            words = {"first": day(covered + ONE), "last": day(first - ONE)}
            if carries and covered >= spans[0][0]:
                yield _(
                    "From %(first)s to %(last)s there is no maximum per period; what is owed then waits for the next "
                    "period.",
                    **words,
                )
            else:
                yield _("From %(first)s to %(last)s there is no maximum per period.", **words)
        covered = max(covered, last)
    if programme.tail_until is None or covered >= programme.tail_until:
        return
    if carries:
        yield _("After %(day)s there is no maximum per period; what is still owed then lapses.", day=day(covered))
    else:
        yield _("After %(day)s there is no maximum per period.", day=day(covered))
