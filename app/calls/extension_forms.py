from typing import Any

from flask_babel import lazy_gettext as _l

from app.calls.extension_operations import OutageFacts
from app.calls.forms import moment
from app.core.forms import ConfirmForm, Form, long_text
from app.core.national_id import no_national_id


class OutageForm(Form):
    began_at = moment(_l("The portal could not be reached from"))
    ended_at = moment(_l("Until"))
    cause = long_text(_l("What went wrong"), longest=2_000, validators=[no_national_id])
    deadline = moment(_l("New deadline"))

    def facts(self) -> OutageFacts:
        typed: Any = (self.began_at.data, self.ended_at.data, self.cause.data, self.deadline.data)
        return OutageFacts(*typed)


class RefuseForm(ConfirmForm):
    reason = long_text(_l("Why the deadline stays as it is"), longest=2_000, validators=[no_national_id])
