from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.core.forms import Form, checks, choice, long_text, text
from app.programmes.models import LifeDomain


class PartForm(Form):
    contribution = long_text(_l("Your part of the work"), longest=5_000)
    life_domains = checks(_l("Life domains that you cover"), LifeDomain)


class ConsortiumForm(PartForm):
    name = text(_l("Name of the consortium"))
    lead = choice(_l("Lead partner"))


class InviteForm(Form):
    organisation = RadioField(_l("Service provider"), validators=[InputRequired(_l("Choose one."))])
