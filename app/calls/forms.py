from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import DateTimeLocalInput

from app.calls.free_days import LABELS, FreeDay, FreeDayChoice, free_days
from app.calls.models import Call
from app.calls.operations import CallFacts
from app.core import clock
from app.core.forms import ConfirmForm, Form, choice, long_text, text, whole_number
from app.core.national_id import no_national_id


class MomentField(Field):
    """Day and time where the parties are; `data` is a moment in UTC.

    A time that the clock skips in spring is refused; one that comes twice in autumn is the first of the two.
    """

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        try:
            read = datetime.fromisoformat(typed)
        except ValueError:
            read = None
        if read is None or read.tzinfo is not None or not 1900 <= read.year <= 2200:
            raise ValueError(_("Give a day and a time, such as 2026-06-30 12:00."))
        moment = read.replace(tzinfo=clock.LOCAL).astimezone(UTC)
        if moment.astimezone(clock.LOCAL).replace(tzinfo=None) != read:
            raise ValueError(_("This time does not exist: the clock goes forward that night."))
        self.data = moment


def moment(label: Any, *, required: bool = True, **options: Any) -> MomentField:
    return MomentField(label, validators=[InputRequired(_l("Fill this in.")) if required else Optional()], **options)


class TermsForm(Form):
    """A form that sets terms: one that ends on no working day is named, and the official says what it shall be."""

    free_day = choice(_l("When a term ends on a weekend or holiday"), FreeDayChoice, required=False)
    free_days: Sequence[FreeDay] = ()
    jurisdiction = ""
    standing: Mapping[str, datetime | None] = {}

    def mind_free_days(self, jurisdiction: str, **standing: datetime) -> None:
        """`standing` was set before: it is named, and not asked about again."""
        self.jurisdiction = jurisdiction
        self.standing = {name: moment.replace(second=0, microsecond=0) for name, moment in standing.items()}
        self.free_days = free_days(self._moments(), jurisdiction)

    def _moments(self) -> dict[str, datetime | None]:
        return {name: self[name].data for name in LABELS if not self[name].errors}

    def validate(self, *args: Any, **options: Any) -> bool:
        good = super().validate(*args, **options)
        self.free_days = free_days(self._moments(), self.jurisdiction)
        new = [one for one in self.free_days if one.moment != self.standing.get(one.name)]
        if new and not self.free_day.data:
            self.free_day.errors = [_("Choose: keep the day, or take the next working day.")]
            return False
        if good and self.free_day.data == FreeDayChoice.MOVE:
            for one in self.free_days:
                self[one.name].data = one.moved_to
        return good


class PublishForm(ConfirmForm):
    """What a draft holds is kept unless the official takes the next working day."""

    free_day = choice(_l("Terms that end on a weekend or holiday"), FreeDayChoice, default=FreeDayChoice.KEEP.value)

    def mind(self, call: Call) -> Sequence[FreeDay]:
        found = free_days({name: getattr(call, name) for name in LABELS}, call.programme.jurisdiction)
        if not found:
            del self.free_day
        return found

    @property
    def moves(self) -> bool:
        return "free_day" in self and self.free_day.data == FreeDayChoice.MOVE


class CallForm(TermsForm):
    """What the call says; its other rooms have forms of their own."""

    title = text(_l("Title"))
    description = long_text(_l("What is asked"), longest=20_000)
    requirements = long_text(_l("Requirements for tenderers"), required=False, longest=20_000)
    questions_until = moment(_l("Questions until"))
    deadline = moment(_l("Deadline for plans"))
    answers_days = whole_number(_l("Last answers, in days before the deadline"), least=0, most=60)
    standstill_days = whole_number(_l("Standstill in calendar days"), least=1, most=90)

    def facts(self) -> CallFacts:
        return CallFacts(
            title=self.title.data or "",
            description=self.description.data or "",
            requirements=self.requirements.data or "",
            questions_until=self.questions_until.data,  # type: ignore[arg-type]
            deadline=self.deadline.data,  # type: ignore[arg-type]
            standstill_days=self.standstill_days.data,
            answers_days=self.answers_days.data,
        )


class CancelForm(Form):
    reason = long_text(_l("Why the call is cancelled"), longest=5_000, validators=[no_national_id])
