from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from app.accounts.forms import email
from app.calls.asked import Lot
from app.consortia.coverage import EffectShares
from app.consortia.models import Partner
from app.consortia.parts import WHOLE, Declared, OwnPart, Share, Statement
from app.consortia.skills import Skill
from app.core.forms import Form, checks, choice, choices_of, long_text, text, whole_number
from app.people.models import Organisation
from app.pricing.models import Effect
from app.programmes.models import LifeDomain


class PartForm(Form):
    """`offer` gives the choices that differ per call."""

    role = text(_l("Your role in the consortium"), longest=120)
    contribution = long_text(_l("Your part of the work"), longest=5_000)
    life_domains = checks(_l("Life domains that you cover"), LifeDomain)
    municipalities = checks(_l("Municipalities where you work"))
    skills = checks(_l("Skills that you bring"), Skill)
    elsewhere = long_text(_l("Another consortium for this call"), required=False, longest=2_000)

    def offer(self, places: list[Organisation], *, may_be_elsewhere: bool) -> None:
        self.municipalities.choices = [SelectChoice(str(place.id), place.name) for place in places]
        if not may_be_elsewhere:
            del self.elsewhere

    def work(self) -> dict[str, Any]:
        """The keyword arguments of the operations."""
        said = {name: self[name].data or () for name in ("life_domains", "municipalities", "skills")}
        said |= {name: self[name].data or "" for name in ("role", "contribution")}
        if "elsewhere" in self:
            said["elsewhere"] = self.elsewhere.data or ""
        return said


class DeclareForm(Form):
    """One answer per statement, in words where there is something to report."""

    def declarations(self) -> dict[str, Declared]:
        return {
            statement.value: Declared(
                clear=self[statement.value].data == "clear", words=self[f"{statement.value}_words"].data or ""
            )
            for statement in Statement
        }

    @staticmethod
    def said(part: OwnPart) -> dict[str, str]:
        """What was declared before, as the form shows it."""
        found: dict[str, str] = {}
        for key, answer in part["declarations"].items():
            found |= {key: "clear" if answer["clear"] else "report", f"{key}_words": answer["words"]}
        return found


for _statement in Statement:
    setattr(
        DeclareForm,
        _statement.value,
        RadioField(
            _statement.label,
            choices=[
                SelectChoice("clear", _l("This is so")),
                SelectChoice("report", _l("There is something to report")),
            ],
            validators=[InputRequired(_l("Choose one."))],
        ),
    )
    setattr(
        DeclareForm, f"{_statement.value}_words", long_text(_l("What is to be reported"), required=False, longest=2_000)
    )


class AcceptForm(PartForm, DeclareForm):
    """Whoever joins says what it does and declares what each bidder declares."""


class ConsortiumForm(PartForm):
    name = text(_l("Name of the consortium"))
    lead = choice(_l("Lead partner"))
    lot = choice(_l("Lot"))

    def offer_lots(self, lots: list[Lot]) -> None:
        self.lot.choices = choices_of((lot.id, lot.name) for lot in lots)
        if not lots:
            del self.lot


class EditForm(Form):
    name = text(_l("Name of the consortium"))
    lot = choice(_l("Lot"))


class SharesForm(Form):
    """Two percentages per effect; `shares_form` makes the fields. `all_work` and `all_money` fill what stays empty."""

    effects: list[Effect] = []
    all_work = whole_number(_l("Work, for every effect that you leave empty"), most=WHOLE, required=False)
    all_money = whole_number(_l("Money, for every effect that you leave empty"), most=WHOLE, required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """A form that was sent empty is a slip, not a part of nothing."""
        valid = super().validate(extra_validators)
        if valid and all(field.data is None for field in self._percentages()):
            self.all_work.errors = [_("Fill in at least one share. An organisation with no share at all gives 0 here.")]
            return False
        return valid

    def _percentages(self) -> list[Any]:
        named = [f"{what}-{effect.code}" for effect in self.effects for what in ("work", "money")]
        return [self.all_work, self.all_money, *(self[name] for name in named)]

    def shares(self) -> dict[str, Share]:
        return {
            str(effect.id): Share(
                work=self._said(f"work-{effect.code}", self.all_work.data),
                money=self._said(f"money-{effect.code}", self.all_money.data),
            )
            for effect in self.effects
        }

    def _said(self, name: str, otherwise: int | None) -> int:
        typed = self[name].data
        return (otherwise or 0) if typed is None else typed


def shares_form(rows: list[EffectShares], part: OwnPart, version: int) -> SharesForm:
    """The form for the effects of a call, holding what was said last."""
    effects = [row.effect for row in rows]
    fields: dict[str, Any] = {"effects": effects}
    data: dict[str, Any] = {"version": version}
    for effect in effects:
        for what, label in (("work", _("Work")), ("money", _("Money"))):
            named = f"{effect.name}, {label}"
            fields[f"{what}-{effect.code}"] = whole_number(named, most=WHOLE, required=False)
        said = part["shares"].get(str(effect.id))
        if said is not None:
            data |= {f"work-{effect.code}": said["work"], f"money-{effect.code}": said["money"]}
    return type("SharesFormOfCall", (SharesForm,), fields)(data=data)  # type: ignore[no-any-return]


class InviteForm(Form):
    organisation = RadioField(_l("Service provider"), validators=[InputRequired(_l("Choose one."))])
    instead_of = SelectField(_l("In the place of"), validators=[Optional()])

    def offer_places(self, partners: list[Partner]) -> None:
        """The partners that may be replaced."""
        self.instead_of.choices = [
            SelectChoice("", _l("nobody: one more partner")),
            *(SelectChoice(str(partner.id), partner.organisation.name) for partner in partners),
        ]
        if not partners:
            del self.instead_of


class InviteByMailForm(Form):
    name = text(_l("Name of the organisation"))
    address = email(_l("E-mail address"))


class ClaimForm(Form):
    organisation = choice(_l("Organisation"))


class ReleaseForm(Form):
    reason = long_text(_l("Reason, for all partners"), longest=1_000)


class LeadForm(Form):
    partner = choice(_l("Partner that leads from now on"), required=False)
