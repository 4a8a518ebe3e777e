"""The pages of amendments: propose, read side by side, sign, refuse, withdraw; and the replacement of a party."""

import uuid
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import reader, requires
from app.agreements import amendment_operations as operations
from app.agreements import amendment_queries as queries
from app.agreements.amendment_forms import (
    ConsentForm,
    RefuseForm,
    ReplaceForm,
    form_of_amendment,
    months_to_come,
    one_of,
    volume_fields,
)
from app.agreements.amendment_models import Amendment
from app.agreements.amendment_states import AmendmentState, LeaveCause
from app.agreements.blueprint import bp
from app.agreements.differences import differences, side_by_side
from app.agreements.forms import plan_field
from app.agreements.intake_clause import clause_of
from app.agreements.models import Agreement
from app.agreements.period import latest_day
from app.agreements.providing import consortia_of
from app.agreements.replacing import LeavingFacts, propose_replacement, replaceable
from app.agreements.signing import expect_to_sign, first_of_two, kind_of, why_not_sign
from app.core.forms import ConfirmForm, choices_of
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.people.password import expect_password


@bp.route("/agreements/<uuid:id>/amend", methods=["GET", "POST"])
@requires(Action.AMENDMENT_PROPOSE, Agreement)
def amend(agreement: Agreement) -> Any:
    form = form_of_amendment(agreement)
    if form.validate_on_submit():
        with refusals_on(form):
            change = form.change(agreement)
            who = {"actor": current_user, "once": form.once.data, "version": form.version.data}
            amendment = operations.propose_amendment(agreement, change, form.reason.data, **who)
            return done(url_for("agreements.amendment", id=amendment.id), _("Every party is asked to sign."))
    return page(
        "agreements/amend.html",
        form=form,
        agreement=agreement,
        volumes=[
            (one["name"], [name for _c, _n, name in volume_fields(one, agreement)])
            for one in consortia_of(agreement.terms)
        ],
        latest=latest_day(agreement.programme),
        clause=clause_of(agreement),
        payers=agreement.terms["payers"],
        months=months_to_come(agreement),
        plan_field=lambda payer, month: plan_field(uuid.UUID(payer), month),
    )


@bp.route("/agreements/<uuid:id>/replace", methods=["GET", "POST"])
@requires(Action.AMENDMENT_PROPOSE, Agreement)
def replace(agreement: Agreement) -> Any:
    form = ReplaceForm(data={"version": agreement.version})
    going = replaceable(agreement)
    form.leaving.choices = choices_of(
        (one.organisation_id, f"{one.organisation.name} ({one.part.label})") for one in going
    )
    found = queries.successors(agreement)
    form.successor.choices = [
        SelectChoice("", _("Choose…")),
        *(
            SelectChoice(str(one.id), one.name, optgroup=str(part.label).capitalize())
            for part, organisations in found
            for one in organisations
        ),
    ]
    if form.validate_on_submit():
        with refusals_on(form):
            facts = LeavingFacts(
                leaving=db.session.get_one(Organisation, uuid.UUID(form.leaving.data)),
                successor=db.session.get_one(Organisation, uuid.UUID(form.successor.data)),
                cause=LeaveCause(form.cause.data),
                last_day=form.last_day.data,
                reason=form.reason.data,
            )
            who = {"actor": current_user, "once": form.once.data, "version": form.version.data}
            amendment = propose_replacement(agreement, facts, **who)
            return done(url_for("agreements.amendment", id=amendment.id), _("The parties are asked to sign."))
    without = [part.label for part, organisations in found if not organisations]
    return page("agreements/replace.html", form=form, agreement=agreement, without=without)


@bp.get("/amendments/<uuid:id>")
@requires(Action.AMENDMENT_READ, Amendment)
def amendment(amendment: Amendment) -> Any:
    before = queries.before_of(amendment)
    signs = queries.may_sign_for(amendment, current_user)
    return page(
        "agreements/amendment.html",
        amendment=amendment,
        terms=amendment.terms,
        changes=differences(before.terms, amendment.terms),
        paragraphs=side_by_side(before.text, amendment.text),
        signs=signs,
        unmandated=why_not_sign(signs, kind_of(amendment.consents[0]), reader())
        or first_of_two(amendment.consents, reader()),
        signatures=queries.signatures_by_place(amendment.consents),
    )


@bp.route("/amendments/<uuid:id>/consent", methods=["GET", "POST"])
@requires(Action.AMENDMENT_CONSENT, Amendment)
def consent(amendment: Amendment) -> Any:
    expect_to_sign(amendment.consents, current_user)
    form = ConsentForm(data={"digest": amendment.digest})
    organisations = queries.may_sign_for(amendment, current_user)
    one_of(form, organisations)

    def act() -> bool:
        expect_password(current_user, form.password.data)
        chosen = queries.chosen(form, organisations)
        return operations.consent_to_amendment(amendment, chosen, form.digest.data, actor=current_user)

    then, told = url_for("agreements.amendment", id=amendment.id), partial(_said, amendment)
    shown = {"amendment": amendment, "organisations": organisations}
    return carry_out(form, act, then, told, "agreements/consent.html", **shown)


def _said(amendment: Amendment, bound: bool) -> str:
    if amendment.state == AmendmentState.IN_FORCE:
        return _("Everybody has signed: the amendment is in force.")
    if bound:
        return _("Your signature is set.")
    return _("Your signature is set. A second signatory of your organisation signs with you.")


@bp.route("/amendments/<uuid:id>/refuse", methods=["GET", "POST"])
@requires(Action.AMENDMENT_REFUSE, Amendment)
def refuse_amendment(amendment: Amendment) -> Any:
    form = RefuseForm()
    organisations = queries.may_sign_for(amendment, current_user)
    one_of(form, organisations)

    def act() -> None:
        chosen = queries.chosen(form, organisations)
        operations.refuse_amendment(amendment, chosen, form.reason.data, actor=current_user)

    then, told = url_for("agreements.amendment", id=amendment.id), _("The amendment is refused.")
    return carry_out(form, act, then, told, "agreements/refuse_amendment.html", amendment=amendment)


@bp.route("/amendments/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.AMENDMENT_WITHDRAW, Amendment)
def withdraw_amendment(amendment: Amendment) -> Any:
    def act() -> None:
        operations.withdraw_amendment(amendment, actor=current_user)

    then, told = url_for("agreements.show", id=amendment.agreement_id), _("The amendment is withdrawn.")
    return carry_out(ConfirmForm(), act, then, told, "agreements/withdraw_amendment.html", amendment=amendment)
