import uuid
from datetime import date, datetime
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, reader, requires
from app.agreements import (
    amendment_routes,
    authority_routes,
    intake_clause,
    operations,
    queries,
    termination_routes,
)
from app.agreements.amendment_queries import signatures_by_place
from app.agreements.authority_models import SignedKind
from app.agreements.blueprint import bp
from app.agreements.ending_models import ending_of
from app.agreements.forms import (
    DirectDraftForm,
    DraftForm,
    SignForm,
    VerificationForm,
    form_of_direct,
    form_of_plan,
    plan_field,
)
from app.agreements.intake_clause import clause_now, clause_of, months_of
from app.agreements.models import Agreement
from app.agreements.signing import expect_to_sign, first_of_two, why_not_sign
from app.agreements.states import FLOW, AgreementState
from app.agreements.termination_states import TerminationState
from app.agreements.terms import Sources, sources_of
from app.agreements.verification_models import drafted_rules
from app.capital.models import TrancheTerms
from app.core import clock, format
from app.core.errors import NotNow, NotYours
from app.core.forms import ConfirmForm, choices_of
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.people.password import expect_password
from app.pricing.models import Effect, EvidenceType
from app.programmes.forms import Jurisdiction
from app.programmes.models import LifeDomain, Programme

__all__ = ["amendment_routes", "authority_routes", "bp", "termination_routes"]


@bp.app_template_filter("iso_day")
def iso_day(stored: str | None) -> str:
    """A day or moment as the frozen terms hold it, set for reading."""
    if stored is None:
        return format.day(None)
    return format.day(datetime.fromisoformat(stored) if "T" in stored else date.fromisoformat(stored))


@bp.get("/programmes/<uuid:id>/agreement")
@requires(Action.PROGRAMME_READ, Programme)
def index(programme: Programme) -> Any:
    """To the agreement of a bond; the organisations of the consortium sign before they are parties of the bond."""
    found = Agreement.visible_to(current_user).where(Agreement.programme_id == programme.id)
    agreement = db.session.scalars(found).unique().one_or_none()
    if agreement is not None:
        return redirect(url_for("agreements.show", id=agreement.id), 303)
    if not may(Action.AGREEMENT_READ, programme, current_user):
        raise NotYours(_("Your part in this bond does not allow this."))
    return page("agreements/index.html", programme=programme, draft=queries.can_draft(programme, current_user))


@bp.route("/programmes/<uuid:id>/agreement/draft", methods=["GET", "POST"])
@requires(Action.AGREEMENT_DRAFT, Programme)
def draft(programme: Programme) -> Any:
    found = db.session.scalar(db.select(Agreement).filter_by(programme_id=programme.id))
    if found is not None and request.method != "POST":
        _not_after(Action.AGREEMENT_DRAFT, found)
    sources = sources_of(programme)
    effects = _to_promise(sources)
    form = _draft_form(programme, sources, effects, found)
    if form.validate_on_submit():
        with refusals_on(form):
            agreement = operations.draft_agreement(
                programme,
                form.text.data,
                form.volumes(effects),
                costs=form.lines() if isinstance(form, DirectDraftForm) else (),
                payment_days=form.payment_days.data,
                actor=current_user,
                once=form.once.data,
                version=form.version.data,
                files_kept_days=form.files_kept_days.data,
            )
            return done(url_for("agreements.show", id=agreement.id), _("The agreement is saved as a draft."))
    return page("agreements/draft.html", form=form, programme=programme, agreement=found, effects=effects)


def _to_promise(sources: Sources) -> list[Effect]:
    """The effects whose volumes are laid down in the agreement; none where a plan holds them."""
    return [one for one in sources.table.effects if one.is_counted] if sources.direct is not None else []


def _draft_form(programme: Programme, sources: Sources, effects: list[Effect], found: Agreement | None) -> DraftForm:
    """Only without a tender volumes and running costs are typed; a plan holds them otherwise."""
    if sources.direct is None:
        return DraftForm(obj=found)
    stored = found.volumes if found is not None else {}
    first = {f"volume_{one.id.hex}": stored.get(one.code) for one in effects}
    facts = {name: getattr(found, name) for name in ("text", "payment_days", "files_kept_days", "version") if found}
    form = form_of_direct(effects)(data=facts | first)
    form.lay_costs(found.costs or () if found is not None else (), sources.providers(), programme)
    return form


@bp.get("/agreements/<uuid:id>")
@requires(Action.AGREEMENT_READ, Agreement)
def show(agreement: Agreement) -> Any:
    terms = queries.terms_of(agreement)
    signs = queries.may_sign_for(agreement, current_user)
    return page(
        "agreements/show.html",
        agreement=agreement,
        terms=terms,
        clause=clause_now(agreement),
        ended=any(one.state == TerminationState.GIVEN for one in agreement.terminations),
        effects=queries.effect_lines(terms),
        providers=queries.provider_lines(terms),
        investors=queries.investor_lines(agreement, terms, current_user),
        life_domains={word.value: word.label for word in LifeDomain},
        evidence={word.value: word.label for word in EvidenceType},
        jurisdictions={word.value: word.label for word in Jurisdiction},
        tranche_terms={word.value: word.label for word in TrancheTerms},
        signs=signs,
        unmandated=why_not_sign(signs, SignedKind.AGREEMENT, reader()) or first_of_two(agreement.parties, reader()),
        signatures=signatures_by_place(agreement.parties),
        ending=ending_of(terms),
        today=clock.today(),
    )


@bp.route("/agreements/<uuid:id>/intake-plan", methods=["GET", "POST"])
@requires(Action.AGREEMENT_PLAN_INTAKE, Agreement)
def plan_intake(agreement: Agreement) -> Any:
    form = form_of_plan(agreement, clause_of(agreement))

    def act() -> None:
        clause = form.clause(agreement)
        intake_clause.plan_intake(agreement, clause, actor=current_user, version=form.version.data)

    then, told = url_for("agreements.show", id=agreement.id), _("The intake plan is saved.")
    shown = {"agreement": agreement, "months": months_of(agreement.programme), "plan_field": plan_field}
    return carry_out(form, act, then, told, "agreements/plan_intake.html", **shown)


@bp.route("/agreements/<uuid:id>/verification", methods=["GET", "POST"])
@requires(Action.AGREEMENT_VERIFICATION, Agreement)
def verification(agreement: Agreement) -> Any:
    form = VerificationForm(data=VerificationForm.of(drafted_rules(agreement.programme_id)))

    def act() -> None:
        operations.set_verification(agreement, form.rules(), actor=current_user)

    then, told = url_for("agreements.show", id=agreement.id), _("The draft says how effects are verified.")
    return carry_out(form, act, then, told, "agreements/verification.html", agreement=agreement)


@bp.route("/agreements/<uuid:id>/offer", methods=["GET", "POST"])
@requires(Action.AGREEMENT_OFFER, Agreement)
def offer(agreement: Agreement) -> Any:
    form = ConfirmForm(obj=agreement)

    def act() -> None:
        operations.offer_agreement(agreement, actor=current_user, version=form.version.data)

    then, told = url_for("agreements.show", id=agreement.id), _("Every party is asked to sign.")
    return carry_out(form, act, then, told, "agreements/offer.html", agreement=agreement)


@bp.route("/agreements/<uuid:id>/sign", methods=["GET", "POST"])
@requires(Action.AGREEMENT_SIGN, Agreement)
def sign(agreement: Agreement) -> Any:
    expect_to_sign(agreement.parties, current_user)
    form = SignForm(data={"digest": agreement.digest})
    organisations = queries.may_sign_for(agreement, current_user)
    form.organisation.choices = choices_of((one.id, one.name) for one in organisations)
    if len(organisations) == 1:
        del form.organisation
    if form.validate_on_submit():
        chosen = organisations[0]
        if len(organisations) > 1:
            chosen = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            bound = operations.sign_agreement(agreement, chosen, form.digest.data, actor=current_user)
            told = _("Your signature is set. A second signatory of your organisation signs with you.")
            if agreement.state == AgreementState.IN_FORCE:
                told = _("Every party has signed: the agreement is in force.")
            elif bound:
                told = _("Your signature is set.")
            return done(url_for("agreements.show", id=agreement.id), told)
    return page("agreements/sign.html", form=form, agreement=agreement, organisations=organisations)


def _not_after(action: Action, agreement: Agreement) -> None:
    """A page about a step that has passed answers 409, also where the address names the bond."""
    reason = FLOW.why_not(action, agreement)
    if reason is not None:
        raise NotNow(reason)
