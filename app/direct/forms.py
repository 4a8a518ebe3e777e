from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from app.core.forms import Form, checks, choice, long_text, text


class NameForm(Form):
    name = text(_l("Name of the consortium"))
    lead = choice(_l("Lead partner"))
    partners = checks(_l("Other partners"))
    reason = long_text(_l("Why these service providers"), longest=10_000)

    def validate_partners(self, field: Any) -> None:
        if self.lead.data and self.lead.data in (field.data or []):
            raise ValidationError(_("The lead partner takes part already: leave it out here."))


class AcceptForm(Form):
    contribution = long_text(_l("What your organisation will do"), longest=2_000)
