"""Forms of the caseload: clocks, claims that are submitted together, files that are imported."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from app.core.contact import ABOUT_PERSON
from app.core.forms import Form, choice, day, long_text
from app.intake.models import Participant
from app.pricing.files.upload import LARGEST
from app.pricing.import_forms import ConfirmImportForm


class StartClockForm(Form):
    chain = choice(_l("Which clock"))
    started_on = day(_l("Started on"))


class StopClockForm(Form):
    chain = choice(_l("Which clock"))
    stopped_on = day(_l("Stopped on"))
    reason = long_text(_l("What happened"), longest=500, validators=ABOUT_PERSON)


class CorrectForm(Form):
    informed_on = day(_l("Told what is kept, on"))
    started_on = day(_l("Started on"))
    exited_on = day(_l("Left on"))
    reason = long_text(_l("How you know"), longest=500, validators=ABOUT_PERSON)

    def pauses(self) -> list[tuple[date, date | None]]:
        """From and until of each pause, in their order; no until where the pause has no end of its own."""
        ends = [self[f"until_{number}"].data if f"until_{number}" in self else None for number in self.numbers]
        return [(self[f"from_{number}"].data, end) for number, end in zip(self.numbers, ends, strict=True)]

    @property
    def numbers(self) -> list[int]:
        return [number for number in range(1, len(list(self)) + 1) if f"from_{number}" in self]


def form_of_days(participant: Participant) -> CorrectForm:
    """A field per day that stands: that of telling where it was noted, of each pause from and until, of who left the
    exit."""
    kept = ("informed_on", "started_on", "exited_on", "version")
    fields, stands = {}, {name: getattr(participant, name) for name in kept}
    for number, pause in enumerate(participant.pauses, 1):
        fields[f"from_{number}"] = day(_l("Pause %(number)d: from", number=number))
        stands[f"from_{number}"] = pause.from_on
        if pause.until_on is not None:
            fields[f"until_{number}"] = day(_l("Pause %(number)d: goes on from", number=number))
            stands[f"until_{number}"] = pause.until_on
    form: CorrectForm = type("CorrectFormOfDays", (CorrectForm,), fields)(data=stands)
    for name in ("informed_on", "exited_on"):
        if getattr(participant, name) is None:
            delattr(form, name)
    return form


class ReturnForm(Form):
    reason = long_text(_l("How you know"), longest=500, validators=ABOUT_PERSON)


class AskedPeriod(Form):
    """From which day to which claims were achieved, as it stands in the address."""

    class Meta:
        csrf = False

    first = day(_l("Achieved from"))
    last = day(_l("Up to and including"))

    def validate_last(self, field: Any) -> None:
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("This lies before the first day of the period."))


class PeriodForm(Form):
    """`seen`: the digest of the claims on the page, so that what is submitted is what was read."""

    seen = HiddenField()


class ImportAgainForm(ConfirmImportForm):
    """Where rows, or the file itself, look like what is registered already."""

    is_new = BooleanField(
        _l("These are other people than those who are registered already: I looked in the key, code by code")
    )


class ImportForm(Form):
    """The file, which is only checked."""

    file = FileField(_l("The file (.xlsx or .csv)"))

    def validate_file(self, field: FileField) -> None:
        if not field.data:
            raise ValidationError(_("Choose a file."))

    def content(self) -> bytes:
        """At most one byte more than is read, so that a larger file is known as such."""
        return self.file.data.stream.read(LARGEST + 1)
