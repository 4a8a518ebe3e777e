import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, FieldList, FormField, SelectField
from wtforms import Form as LinesForm
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import DateTimeLocalInput

from app.calls.operations import CallFacts, CriterionFacts
from app.core import clock
from app.core.forms import Form, choice, long_text, text, whole_number
from app.core.national_id import no_national_id

CRITERIA, OPENERS, SCORERS = 6, 5, 6  # lines on the form; empty ones are ignored


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


class CriterionForm(LinesForm):
    name = text(_l("Criterion"), required=False)
    weight = whole_number(_l("Weight"), least=1, most=100, required=False)
    description = text(_l("What is judged"), required=False, longest=1_000)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if (self.name.data or self.description.data) and self.weight.data is None and not self.weight.errors:
            self.weight.errors = [_("Give this criterion a weight.")]
        if (self.weight.data is not None or self.description.data) and not self.name.data:
            self.name.errors = [_("Give this criterion a name.")]
        return good and not self.errors


class CallForm(Form):
    title = text(_l("Title"))
    description = long_text(_l("What is asked"), longest=20_000)
    requirements = long_text(_l("Requirements for tenderers"), required=False, longest=20_000)
    questions_until = moment(_l("Questions until"))
    deadline = moment(_l("Deadline for plans"))
    answers_days = whole_number(_l("Last answers, in days before the deadline"), least=0, most=60)
    standstill_days = whole_number(_l("Standstill in calendar days"), least=1, most=90)
    criteria = FieldList(FormField(CriterionForm), _l("Award criteria"), min_entries=CRITERIA, max_entries=CRITERIA)
    openers = FieldList(
        choice(_l("Official"), required=False), _l("Who opens the plans"), min_entries=OPENERS, max_entries=OPENERS
    )
    scorers = FieldList(
        choice(_l("Person"), required=False), _l("Who scores the plans"), min_entries=SCORERS, max_entries=SCORERS
    )

    def offer(self, openers: list[Any], scorers: list[Any]) -> None:
        """The people who may be named, as choices."""
        for seats, people in ((self.openers, openers), (self.scorers, scorers)):
            for seat in seats:
                seat.choices = people

    def facts(self) -> CallFacts:
        lines = [line.form for line in self.criteria if line.form.name.data]
        return CallFacts(
            title=self.title.data or "",
            description=self.description.data or "",
            requirements=self.requirements.data or "",
            questions_until=self.questions_until.data,  # type: ignore[arg-type]
            deadline=self.deadline.data,  # type: ignore[arg-type]
            standstill_days=self.standstill_days.data,
            criteria=tuple(CriterionFacts(f.name.data, f.weight.data, f.description.data or "") for f in lines),
            openers=_named(self.openers),
            scorers=_named(self.scorers),
            answers_days=self.answers_days.data,
        )


def _named(seats: FieldList) -> tuple[uuid.UUID, ...]:
    return tuple(uuid.UUID(seat.data) for seat in seats if isinstance(seat, SelectField) and seat.data)


class CancelForm(Form):
    reason = long_text(_l("Why the call is cancelled"), longest=5_000, validators=[no_national_id])


class AskForm(Form):
    text = long_text(_l("Your question"), longest=5_000, validators=[no_national_id])


class AnswerForm(Form):
    answer = long_text(_l("Answer"), longest=10_000, validators=[no_national_id])
