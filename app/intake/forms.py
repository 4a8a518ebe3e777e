from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from app.core.contact import ABOUT_PERSON
from app.core.forms import Form, choice, choices_of, day, long_text, text, whole_number
from app.intake.models import AgeBand, DeclineReason, ExitReason, LegalBasis
from app.intake.rules import ages_of
from app.intake.scales import Scale, ScaleWords
from app.pricing.models import CompanionView
from app.programmes.models import LifeDomain, Programme


def worded(label: Any, words: Any) -> SelectField:
    """A choice from words of which none is chosen beforehand: a slip must not become a fact about a person."""
    field = choice(label, words)
    field.kwargs["choices"].insert(0, SelectChoice("", _l("Choose…")))
    return field


def version_read(form: Form) -> int:
    """Which copy the page showed. Where it says none it is none of ours: 0, which no row has, so `Changed`."""
    return form.version.data or 0


class OpenForm(Form):
    """The DPIA is left out where the bond has it already."""

    dpia_reference = text(_l("DPIA reference"), longest=120)
    dpia_on = day(_l("DPIA date"))
    legal_basis = worded(_l("Legal basis"), LegalBasis)
    scale = worded(_l("Scale of the baseline"), Scale)
    key_keeper = choice(_l("Who keeps the key of codes and names"))


class ReferForm(Form):
    """No name, no address, no number: the portal makes the code."""

    municipality = choice(_l("Municipality where the person lives"))
    age_band = worded(_l("Age"), AgeBand)


def offer_ages(form: Form, programme: Programme) -> None:
    """Those of the cohort, and no others."""
    ages = ages_of(programme)
    form.age_band.choices = [SelectChoice("", _("Choose…")), *(SelectChoice(one.value, one.label) for one in ages)]


class DeclineForm(Form):
    reason = worded(_l("Reason"), DeclineReason)


class StartForm(Form):
    """Of somebody who was referred: the municipality is known."""

    age_band = worded(_l("Age"), AgeBand)
    lot = choice(_l("Lot"), required=False)
    started_on = day(_l("Started on"))
    informed_on = day(_l("Told what is kept, on"))
    late_reason = long_text(_l("Reason of late registration"), required=False, longest=500, validators=ABOUT_PERSON)


class ParticipantForm(StartForm):
    """The same of somebody whom the provider found itself."""

    municipality = choice(_l("Municipality where the person lives"))


class PauseForm(Form):
    from_on = day(_l("Paused from"))


class ResumeForm(Form):
    until_on = day(_l("Goes on from"))


class ExitForm(Form):
    exited_on = day(_l("Left on"))
    reason = worded(_l("Reason"), ExitReason)


class MoveForm(Form):
    municipality = choice(_l("Municipality at intake"))
    reason = long_text(_l("How you know"), longest=2_000, validators=ABOUT_PERSON)


class BaselineForm(Form):
    """`form_of_scale` adds a choice per life domain."""

    observed_on = day(_l("Taken on"))

    def scores(self) -> dict[LifeDomain, int]:
        return {domain: int(self[domain.value].data) for domain in LifeDomain}


class CorrectBaselineForm(BaselineForm):
    reason = long_text(_l("How you know"), longest=500, validators=ABOUT_PERSON)


def form_of_scale(scale: ScaleWords, kind: type[BaselineForm] = BaselineForm, **options: Any) -> BaselineForm:
    levels = [(str(level), said) for level, said in scale.levels]
    fields = {domain.value: choice(domain.label) for domain in LifeDomain}
    form: BaselineForm = type(f"{kind.__name__}OfScale", (kind,), fields)(**options)
    for domain in LifeDomain:
        form[domain.value].choices = choices_of(levels)
    return form


class AttestForm(Form):
    """`digest` is that of the codes on the page: what is attested is what was compared."""

    digest = HiddenField()


class CheckForm(Form):
    doubles = whole_number(_l("Codes of somebody who has another code too"), least=0, most=100_000)
    findings = long_text(_l("What you found"), required=False, longest=5_000, validators=ABOUT_PERSON)


class AskForm(Form):
    effect = choice(_l("Indicator"))
    view = worded(_l("Whose view"), CompanionView)


SCORES = [
    SelectChoice("1", _l("1: very bad")),
    SelectChoice("2", _l("2: bad")),
    SelectChoice("3", _l("3: not bad, not good")),
    SelectChoice("4", _l("4: good")),
    SelectChoice("5", _l("5: very good")),
    SelectChoice("0", _l("I cannot tell")),
]


class GiveForm(Form):
    score = RadioField(_l("Your view"), choices=SCORES, validators=[DataRequired(_l("Choose one."))])
    remark = long_text(_l("In your own words"), required=False, longest=1_000, validators=ABOUT_PERSON)


def informed_label(basis: LegalBasis) -> str:
    return _("Consent given on") if basis == LegalBasis.CONSENT else _("Told what is kept, on")
