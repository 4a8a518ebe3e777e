"""The pages of an end before its time: declare it, give it, take it back; and what a draft says about it."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.agreements import termination_operations as operations
from app.agreements.amendment_forms import EndForm, EndingForm, GiveEndForm, ending_data
from app.agreements.blueprint import bp
from app.agreements.ending_models import EndingRules, drafted_ending, ending_of
from app.agreements.models import Agreement
from app.agreements.operations import set_ending
from app.agreements.termination_models import Termination
from app.agreements.termination_notices import what_follows
from app.agreements.termination_operations import EndFacts
from app.agreements.termination_states import Ground
from app.core.forms import ConfirmForm, choices_of
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.people.password import expect_password


@bp.route("/agreements/<uuid:id>/ending", methods=["GET", "POST"])
@requires(Action.AGREEMENT_ENDING, Agreement)
def ending(agreement: Agreement) -> Any:
    form = EndingForm(data=ending_data(drafted_ending(agreement.id) or EndingRules()))

    def act() -> None:
        set_ending(agreement, form.ending(), actor=current_user)

    then, told = url_for("agreements.show", id=agreement.id), _("The draft says how it ends before its time.")
    return carry_out(form, act, then, told, "agreements/ending.html", agreement=agreement)


@bp.route("/agreements/<uuid:id>/end", methods=["GET", "POST"])
@requires(Action.TERMINATION_DECLARE, Agreement)
def end(agreement: Agreement) -> Any:
    form = EndForm(data={"version": agreement.version})
    form.ground.choices = choices_of((one.value, one.label) for one in Ground)
    form.against.choices += [(str(one.organisation_id), one.organisation.name) for one in agreement.standing]
    if form.validate_on_submit():
        with refusals_on(form):
            against = uuid.UUID(form.against.data) if form.against.data else None
            facts = EndFacts(
                ground=Ground(form.ground.data),
                reason=form.reason.data,
                last_day=form.last_day.data,
                against=db.session.get_one(Organisation, against) if against else None,
            )
            who = {"actor": current_user, "once": form.once.data, "version": form.version.data}
            operations.check_against(agreement, facts)
            if facts.ground == Ground.AGREED:
                amendment = operations.propose_end(agreement, facts.reason, facts.last_day, **who)
                return done(url_for("agreements.amendment", id=amendment.id), _("Every party is asked to sign."))
            made = operations.declare_end(agreement, facts, **who)
            return done(url_for("agreements.termination", id=made.id), _("A second person is asked to confirm."))
    return page("agreements/end.html", form=form, agreement=agreement, rules=ending_of(agreement.terms))


@bp.get("/terminations/<uuid:id>")
@requires(Action.TERMINATION_READ, Termination)
def termination(termination: Termination) -> Any:
    return page("agreements/termination.html", termination=termination, follows=what_follows(termination))


@bp.route("/terminations/<uuid:id>/give", methods=["GET", "POST"])
@requires(Action.TERMINATION_CONFIRM, Termination)
def give_end(termination: Termination) -> Any:
    form = GiveEndForm()

    def act() -> None:
        expect_password(current_user, form.password.data)
        operations.confirm_end(termination, actor=current_user)

    then = url_for("agreements.termination", id=termination.id)
    told = _("The end is confirmed. Every party has been told.")
    shown = {"termination": termination, "follows": what_follows(termination)}
    return carry_out(form, act, then, told, "agreements/give_end.html", **shown)


@bp.route("/terminations/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.TERMINATION_WITHDRAW, Termination)
def withdraw_end(termination: Termination) -> Any:
    def act() -> None:
        operations.withdraw_end(termination, actor=current_user)

    then, told = url_for("agreements.show", id=termination.agreement_id), _("The declaration is taken back.")
    return carry_out(ConfirmForm(), act, then, told, "agreements/withdraw_end.html", termination=termination)
