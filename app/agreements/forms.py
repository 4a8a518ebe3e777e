import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from app.agreements.intake_clause import IntakeClause, even_plan, fees_of, months_of
from app.agreements.models import BY_LAW_DAYS, MOST_DAYS, Agreement
from app.agreements.running_costs import CostLine
from app.agreements.verification_models import APPEAL_DAYS, LEAST, SHARE_BP, VerificationRules
from app.core.flow import Labelled
from app.core.forms import Form, choice, long_text, password_again, text, whole_number
from app.core.national_id import no_national_id
from app.people.models import Organisation
from app.pricing.fields import MOST_ROWS, PercentField, complete, count_in, lay_rows
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.proposals.forms import BudgetRow


class DraftForm(Form):
    payment_days = whole_number(
        _l("Municipalities pay an invoice within, in calendar days"), least=1, most=MOST_DAYS, default=BY_LAW_DAYS
    )
    text = long_text(_l("Text of the agreement"), longest=100_000)
    files_kept_days = whole_number(
        _l("Days that documents of evidence are kept"), least=365, most=3_650, required=False
    )

    def volumes(self, effects: Iterable[Effect]) -> dict[str, int]:
        """By the code of the effect."""
        return {one.code: self[f"volume_{one.id.hex}"].data or 0 for one in effects if one.is_counted}


class CostRow(BudgetRow):
    organisation_id = SelectField(_l("Service provider"))
    milestone = text(_l("Only once this is reached"), required=False, longest=160, validators=[no_national_id])


class CostsForm(Form):
    """The budget of running costs, where no plan holds one."""

    costs = FieldList(FormField(CostRow), _l("Running costs that may be paid"), max_entries=MOST_ROWS)

    def lay_costs(
        self,
        stored: Iterable[Mapping[str, Any]],
        providers: Iterable[Organisation],
        programme: Programme,
        since: int = 0,  # the first year that may still be changed
    ) -> None:
        lay_rows(self.costs, stored)
        names = [SelectChoice(str(one.id), one.name) for one in providers]
        years = [SelectChoice(str(year), str(year)) for year in programme.years if year >= since]
        for entry in self.costs.entries:
            entry.form.organisation_id.choices = [SelectChoice("", "–"), *names]
            entry.form.year.choices = [SelectChoice("", "–"), *years]
        count_in(self.costs, programme.currency)

    def lines(self) -> list[CostLine]:
        return [_cost_line(row) for row in complete(self.costs)]


def _cost_line(row: Any) -> CostLine:
    said = row.what.data or "", row.amount_minor.data, row.milestone.data or ""
    return CostLine(uuid.UUID(row.organisation_id.data), int(row.year.data), *said)


class DirectDraftForm(CostsForm, DraftForm):
    """For a bond without a plan to take volumes and budget from; `form_of_direct` adds a number per effect."""


def form_of_direct(effects: Iterable[Effect]) -> type[DirectDraftForm]:
    volumes = {f"volume_{one.id.hex}": whole_number(one.name, required=False) for one in effects if one.is_counted}
    return type("DraftFormOfVolumes", (DirectDraftForm,), volumes)


class IntakeForm(Form):
    """`form_of_plan` adds a number per municipality and month."""

    tolerance = PercentField(_l("May be missing without compensation"), whole=True)
    effect = choice(_l("Compensation per missing place"), required=False)

    def clause(self, agreement: Agreement) -> IntakeClause:
        months = months_of(agreement.programme)
        plan = {
            share.organisation_id: {month: self[plan_field(share.organisation_id, month)].data for month in months}
            for share in agreement.programme.shares
        }
        return IntakeClause(plan, self.tolerance.data or 0, self.effect.data or "")


def plan_field(payer: uuid.UUID, month: str) -> str:
    return f"plan_{payer.hex}_{month.replace('-', '_')}"


def form_of_plan(agreement: Agreement, clause: IntakeClause | None) -> IntakeForm:
    """Filled with the clause of the draft; without one, with an even spread."""
    plan = clause.plan if clause is not None else even_plan(agreement.programme)
    fields: dict[str, Any] = {}
    known: dict[str, Any] = {"version": agreement.version}
    for share in agreement.programme.shares:
        planned = plan.get(share.organisation_id, {})
        for month in months_of(agreement.programme):
            name = plan_field(share.organisation_id, month)
            fields[name] = whole_number(month, least=0, most=share.cohort_size)
            known[name] = planned.get(month, 0)
    known |= {"tolerance": clause.tolerance_bp, "effect": clause.effect} if clause is not None else {"tolerance": 0}
    form: IntakeForm = type("IntakeFormOfPlan", (IntakeForm,), fields)(data=known)
    fees = [SelectChoice(effect.code, effect.name) for effect in fees_of(agreement.table)]
    form.effect.choices = [SelectChoice("", _l("no compensation")), *fees]
    return form


class SignForm(Form):
    digest = HiddenField()
    organisation = choice(_l("You sign for"))
    password = password_again()


class Checking(Labelled):
    FULL = "full", _l("every claim is judged")
    SAMPLE = "sample", _l("a sample per effect is judged, and the rest only when it shows too many faults")


class Assessors(Labelled):
    ONE = "1", _l("one")
    TWO = "2", _l("two, each without seeing the other; a third decides when they differ")


class VerificationForm(Form):
    """Shares in whole per cent; the terms hold basis points."""

    checking = choice(_l("What is judged"), Checking)
    least = whole_number(_l("At least so many claims of each effect"), least=LEAST, most=100_000, default=LEAST)
    share = whole_number(_l("And at least this share (per cent)"), least=SHARE_BP // 100, most=100, default=10)
    tolerance = whole_number(_l("Faults that are tolerated in the sample (per cent)"), least=0, most=20, default=5)
    assessors = choice(_l("Assessors that judge each claim"), Assessors)
    counter_signed = BooleanField(_l("A second person of the assessor signs every statement as well"))
    appeal_days = whole_number(_l("Days to appeal after a sign-off"), least=7, most=365, default=APPEAL_DAYS)

    def rules(self) -> VerificationRules:
        return VerificationRules(
            sampling=self.checking.data == Checking.SAMPLE,
            least=self.least.data,
            share_bp=self.share.data * 100,
            tolerance_bp=self.tolerance.data * 100,
            assessors=int(self.assessors.data),
            counter_signed=self.counter_signed.data,
            appeal_days=self.appeal_days.data,
        )

    @staticmethod
    def of(rules: VerificationRules | None) -> dict[str, object]:
        """What stands in the form when the page is opened."""
        if rules is None:
            return {}
        return {
            "checking": Checking.SAMPLE if rules.sampling else Checking.FULL,
            "least": rules.least,
            "share": rules.share_bp // 100,
            "tolerance": rules.tolerance_bp // 100,
            "assessors": str(rules.assessors),
            "counter_signed": rules.counter_signed,
            "appeal_days": rules.appeal_days,
        }
