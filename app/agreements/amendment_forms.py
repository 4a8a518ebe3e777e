import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice

from app.agreements.amending import Change, rules_in
from app.agreements.amendment_states import LeaveCause
from app.agreements.authority_models import How, SignedKind
from app.agreements.ending_models import LONGEST_NOTICE, EndingRules, WhoConsents, ending_of
from app.agreements.forms import CostsForm, VerificationForm, plan_field
from app.agreements.intake_clause import IntakeClause, clause_of, fees_of, months_of
from app.agreements.models import BY_LAW_DAYS, MOST_DAYS, Agreement
from app.agreements.providing import consortia_of
from app.agreements.running_costs import CostLine, delivering, lines_in, passed
from app.core import clock
from app.core.forms import (
    ConfirmForm,
    Form,
    checks,
    choice,
    choices_of,
    day,
    long_text,
    password_again,
    text,
    whole_number,
)
from app.core.national_id import no_national_id
from app.people.models import Organisation
from app.pricing.fields import PercentField
from app.programmes.told_codes import no_code

TOLD = [no_national_id, no_code]  # every party reads it


class EndingForm(Form):
    """What a draft, or an amendment, says about changing parties and about the end."""

    notice_days = whole_number(_l("Notice before the end, in calendar days"), most=LONGEST_NOTICE)
    mending_days = whole_number(_l("Term to mend what was promised, in calendar days"), most=LONGEST_NOTICE)
    consents = choice(_l("Who signs when a party is replaced"), WhoConsents)

    def ending(self) -> EndingRules:
        return EndingRules(self.notice_days.data, self.mending_days.data, WhoConsents(self.consents.data))


def ending_data(rules: EndingRules) -> dict[str, Any]:
    return rules.as_terms()


class AmendForm(EndingForm):
    """What the agreement is to say from now on; `form_of_amendment` adds volumes, verification and intake."""

    reason = long_text(_l("Why this is proposed"), longest=5_000, validators=TOLD)
    text = long_text(_l("Text of the agreement"), longest=100_000, validators=[no_code])
    payment_days = whole_number(_l("Municipalities pay an invoice within, in calendar days"), least=1, most=MOST_DAYS)
    files_kept_days = whole_number(
        _l("Days that documents of evidence are kept"), least=365, most=3_650, required=False
    )

    ends_on = day(_l("Participants start until"))
    tail_until = day(_l("Effects accrue until"))

    def change(self, agreement: Agreement) -> Change:
        bond, clause = agreement.programme, clause_of(agreement)
        return Change(
            text=self.text.data,
            payment_days=self.payment_days.data,
            files_kept_days=self.files_kept_days.data,
            ending=self.ending(),
            volumes={
                one["id"]: {code: self[name].data or 0 for code, _label, name in volume_fields(one, agreement)}
                for one in consortia_of(agreement.terms)
            },
            verification=self.rules() if isinstance(self, VerificationForm) else None,
            intake=self._intake(agreement, clause) if clause is not None else None,
            ends_on=self.ends_on.data if self.ends_on.data != bond.ends_on else None,
            tail_until=self.tail_until.data if self.tail_until.data != bond.tail_until else None,
            costs=self._costs(agreement),
        )

    def _costs(self, agreement: Agreement) -> list[CostLine] | None:
        """What was laid down for years that have passed is not in the form, and stays."""
        return passed(lines_in(agreement.terms)) + self.lines() if isinstance(self, CostsForm) else None

    def _intake(self, agreement: Agreement, clause: IntakeClause) -> IntakeClause:
        months = months_to_come(agreement)
        plan = {
            payer: {month: number for month, number in planned.items() if month not in months}
            | {month: self[plan_field(payer, month)].data for month in months}
            for payer, planned in clause.plan.items()
        }
        plan = {payer: {month: number for month, number in months.items() if number} for payer, months in plan.items()}
        return IntakeClause(plan, self.missing.data or 0, self.fee.data or "")


def months_to_come(agreement: Agreement) -> list[str]:
    """Of the intake plan; a month that has passed keeps its plan."""
    this_month = clock.today().strftime("%Y-%m")
    return [month for month in months_of(agreement.programme) if month >= this_month]


def volume_fields(consortium: Mapping[str, Any], agreement: Agreement) -> list[tuple[str, str, str]]:
    """(code, name of the effect, name of the field) for each effect that is counted."""
    own = uuid.UUID(consortium["id"]).hex
    return [
        (effect.code, effect.name, f"volume_{own}_{effect.id.hex}")
        for effect in agreement.table.effects
        if effect.is_counted
    ]


def form_of_amendment(agreement: Agreement) -> AmendForm:
    """Filled with what the agreement says now."""
    terms = agreement.terms
    fields: dict[str, Any] = {}
    known: dict[str, Any] = {"version": agreement.version, "text": agreement.text}
    known |= {"ends_on": agreement.programme.ends_on, "tail_until": agreement.programme.tail_until}
    known |= ending_data(ending_of(terms))
    known["payment_days"] = (terms.get("payment") or {}).get("days", BY_LAW_DAYS)
    known["files_kept_days"] = (terms.get("evidence") or {}).get("kept_days")
    for one in consortia_of(terms):
        for code, label, name in volume_fields(one, agreement):
            fields[name] = whole_number(label, required=False)
            known[name] = one["volumes"].get(code, 0)
    verification = rules_in(terms)
    bases: tuple[type[Form], ...] = (AmendForm,)
    if verification is not None:
        bases, known = (*bases, VerificationForm), known | VerificationForm.of(verification)
    if agreement.evaluation is None:
        bases = (*bases, CostsForm)
    clause = clause_of(agreement)
    if clause is not None:
        fields |= {"missing": PercentField(_l("May be missing without compensation"), whole=True)}
        fields |= {"fee": choice(_l("Compensation per missing place"), required=False)}
        known |= {"missing": clause.tolerance_bp, "fee": clause.effect}
        for payer in clause.plan:
            for month in months_to_come(agreement):
                fields[plan_field(payer, month)] = whole_number(month, most=agreement.programme.cohort_size)
                known[plan_field(payer, month)] = clause.planned(payer, month)
    form: AmendForm = type("AmendFormOfAgreement", bases, fields)(data=known)
    if isinstance(form, CostsForm):
        lines = [line for line in lines_in(terms) if line not in passed(lines_in(terms))]
        stored = [line.stored() for line in lines]
        form.lay_costs(stored, delivering(agreement), agreement.programme, since=clock.today().year)
    if clause is not None:
        offered = [SelectChoice(effect.code, effect.name) for effect in fees_of(agreement.table)]
        form.fee.choices = [SelectChoice("", _l("no compensation")), *offered]
    return form


class ReplaceForm(Form):
    leaving = choice(_l("Who leaves"))
    cause = choice(_l("Why"), LeaveCause)
    successor = choice(_l("Who takes over"))
    last_day = day(_l("Last day of the party that leaves"))
    reason = long_text(_l("Explanation"), longest=5_000, validators=TOLD)


class ConsentForm(Form):
    digest = HiddenField()
    organisation = choice(_l("You sign for"))
    password = password_again()


class RefuseForm(ConfirmForm):
    organisation = choice(_l("You refuse for"))
    reason = long_text(_l("Why you refuse"), longest=2_000, validators=TOLD)


class EndForm(Form):
    ground = choice(_l("Ground"))
    against = choice(_l("Party that failed or is insolvent"), required=False)
    last_day = day(_l("Last day"))
    reason = long_text(_l("Explanation"), longest=5_000, validators=TOLD)


class GiveEndForm(Form):
    password = password_again()


class AuthorityForm(Form):
    person = choice(_l("Who signs"))
    kinds = checks(_l("What this person signs"), SignedKind)
    how = choice(_l("How"), How)
    proof = text(_l("Where it stands"), longest=300, validators=[no_national_id])
    from_on = day(_l("From"))
    until_on = day(_l("Until"), required=False)
    password = password_again()


def one_of(form: Any, organisations: list[Organisation]) -> None:
    """Ask for whom a person acts only where there is a choice."""
    form.organisation.choices = choices_of((one.id, one.name) for one in organisations)
    if len(organisations) == 1:
        del form.organisation
