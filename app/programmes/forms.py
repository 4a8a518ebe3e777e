from dataclasses import fields

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.core.flow import Labelled
from app.core.forms import Form, choice, day, long_text, text, whole_number
from app.programmes.operations import ProgrammeFacts


class Jurisdiction(Labelled):
    NL = "NL", _l("Netherlands")
    BE = "BE", _l("Belgium")


class ProgrammeForm(Form):
    lead = choice(_l("Leading municipality"))
    title = text(_l("Name of the bond"))
    problem = long_text(_l("Problem"))
    entry_conditions = long_text(_l("Entry conditions"))
    cohort_size = whole_number(_l("Participants"), least=1, most=100_000)
    age_from = whole_number(_l("Age from"), most=120)
    age_to = whole_number(_l("Age to"), most=120)
    jurisdiction = choice(_l("Jurisdiction"), Jurisdiction)
    starts_on = day(_l("Starts on"))
    ends_on = day(_l("Ends on"))
    tail_until = day(_l("Effects accrue until"))
    council_decision = text(_l("Council decision"), required=False)
    council_decided_on = day(_l("Decided on"), required=False)
    dpia_reference = text(_l("DPIA reference"), required=False)
    dpia_on = day(_l("DPIA date"), required=False)
    illustrative = BooleanField(_l("The prices of this bond are illustrative"))

    def facts(self) -> ProgrammeFacts:
        return ProgrammeFacts(**{f.name: self[f.name].data for f in fields(ProgrammeFacts)})


class ReturnForm(Form):
    reason = long_text(_l("What must change"), longest=2_000)
