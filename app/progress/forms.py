from flask_babel import lazy_gettext as _l

from app.core.forms import ConfirmForm, Form, amount, choice, day, long_text, text
from app.core.national_id import no_national_id
from app.programmes.told_codes import no_code

NO_ID = [no_national_id, no_code]


class MilestoneForm(Form):
    name = text(_l("What must be reached"), longest=200, validators=NO_ID)
    owner = choice(_l("Who answers for it"))
    due_on = day(_l("At the latest on"))


class MeetForm(Form):
    met_on = day(_l("Met on"))
    note = long_text(_l("What shows it"), longest=1_000, validators=NO_ID)


class ReasonForm(ConfirmForm):
    reason = long_text(_l("Reason"), longest=1_000, validators=NO_ID)


class ActionForm(Form):
    what = long_text(_l("What is to be done"), longest=1_000, validators=NO_ID)
    owner = choice(_l("Who does it"))
    due_on = day(_l("At the latest on"))
    about = choice(_l("The warning that it answers"), required=False)


class FinishForm(Form):
    done_on = day(_l("Done on"))
    note = long_text(_l("What was done"), longest=1_000, validators=NO_ID)


class LineForm(Form):
    kind = choice(_l("Kind of money"))
    on = day(_l("Month"))
    amount = amount(_l("Amount"))
    description = text(_l("For"), longest=200, validators=NO_ID)
