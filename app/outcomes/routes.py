import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.access.actions import Action
from app.access.guard import may, requires
from app.agreements.models import Agreement
from app.agreements.verification_models import agreed_rules
from app.core.errors import NotNow
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.evidence.terms import file_terms
from app.extensions import db
from app.intake import reading
from app.intake.figures import intake, published_to
from app.intake.models import Participant
from app.intake.rules import agreement_of, why_no_intake
from app.outcomes import caseload_routes as caseload_routes
from app.outcomes import file_routes as file_routes  # these pages hang on the same blueprint
from app.outcomes import import_routes as import_routes
from app.outcomes import measurement_routes as measurement_routes
from app.outcomes import operations, proving, queries, rules
from app.outcomes import shortfall_routes as shortfall_routes
from app.outcomes.answering import answer_until, why_answer_is_awaited
from app.outcomes.blueprint import bp
from app.outcomes.forms import AnswerForm, ClaimForm
from app.outcomes.history import history_of
from app.outcomes.issuers import is_odd_issuer, issuer_words
from app.outcomes.models import Claim, ClaimMessage, claims_of
from app.outcomes.required import said_broken, why_not_approved
from app.outcomes.same_document import expect_said
from app.outcomes.settled import settled
from app.outcomes.states import ClaimState
from app.pricing.models import PERSONAL, Effect
from app.programmes.models import Programme

bp.app_template_filter("issuer")(issuer_words)
bp.app_template_global("is_odd_issuer")(is_odd_issuer)
bp.app_template_global("answer_until")(answer_until)
bp.app_template_global("why_answer_is_awaited")(why_answer_is_awaited)
bp.app_template_global("why_not_approved")(why_not_approved)
bp.app_template_global("said_broken")(said_broken)


@bp.get("/programmes/<uuid:id>/delivery")
@requires(Action.DELIVERY_READ, Programme)
def index(programme: Programme) -> Any:
    agreement = agreement_of(programme)
    whole, own = queries.effect_counts(programme, agreement.table, current_user) if agreement else ([], [])
    return page(
        "outcomes/index.html",
        programme=programme,
        agreement=agreement,
        published=published_to(programme.id, current_user),
        intake=intake(programme, current_user),
        whole=whole,
        own=own,
        stages=_stages(),
        batches=queries.batches(programme),
        waiting=_to_sign(programme) if _signs(programme) else 0,
        measured=_is_measured(agreement),
        no_intake=why_no_intake(programme),
    )


def _is_measured(agreement: Agreement | None) -> bool:
    """Whether an effect of the agreement is established for a cohort, or a fee."""
    return agreement is not None and any(effect.kind not in PERSONAL for effect in agreement.table.effects)


def _stages() -> dict[str, str]:
    return {
        "submitted": _("With the assessor"),
        "verified": _("Verified"),
        "rejected": _("Rejected"),
        "signed_off": _("Signed off"),
        "reopened": _("Reopened"),
    }


def _signs(programme: Programme) -> bool:
    return may(Action.BATCH_SIGN_OFF, programme, current_user)


def _to_sign(programme: Programme) -> int:
    return queries.decided_unsigned(programme)


def _page_number() -> int:
    typed = request.args.get("page", "1")
    return int(typed) if typed.isdecimal() and len(typed) < 7 else 1


@bp.route("/participants/<uuid:id>/claim", methods=["GET", "POST"])
@requires(Action.CLAIM_REGISTER, Participant)
def claim(participant: Participant) -> Any:
    agreement = agreement_of(participant.programme)
    if agreement is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    form = ClaimForm()
    form.keeps = file_terms(agreement) is not None
    personal = [effect for effect in agreement.table.effects if effect.kind in PERSONAL]
    form.effect.choices = choices_of((effect.id, effect.name) for effect in personal)
    if not form.is_submitted():
        form.prefill(request.args.get("effect"), request.args.get("on"))
    if form.validate_on_submit():
        effect = db.session.get_one(Effect, uuid.UUID(form.effect.data))
        with refusals_on(form):
            made = operations.register_claim(
                participant, form.facts(effect), actor=current_user, once=form.once.data, document=form.chosen
            )
            told = _("The effect is claimed. Submit it when the evidence is complete.")
            return done(url_for("outcomes.show_claim", id=made.id), told)
    elif form.is_submitted():  # all that is wrong is said at once
        with refusals_on(form):
            rules.check_claim(participant, form.known(personal), claims_of(participant))
        with refusals_on(form):
            expect_said(form.evidence_digest.data or "", form.same_document_because.data or "", current_user)
    return page("outcomes/claim.html", form=form, participant=participant, effects=personal)


@bp.get("/programmes/<uuid:id>/claims")
@requires(Action.CLAIM_LIST, Programme)
def claims(programme: Programme) -> Any:
    q = request.args.get("q", "").strip()[:60]
    wanted = request.args.get("state", ClaimState.SUBMITTED.value if _signs(programme) else "all")
    state = ClaimState(wanted) if wanted in set(ClaimState) else None

    to_sign = request.args.get("to_sign") == "1"

    def url(number: int | None, state: str = wanted, to_sign: bool = False) -> str:
        only = "1" if to_sign else None
        return url_for("outcomes.claims", id=programme.id, q=q or None, state=state, to_sign=only, page=number)

    def page_url(number: int) -> str:
        return url(number, to_sign=to_sign)

    listed = queries.work_list(programme, current_user, state, q, _page_number(), page_url, to_sign=to_sign)
    reading.note_list_reading(programme, len(listed.rows), actor=current_user)
    states = [(url(None, "all"), _("all"), state is None)]
    states += [(url(None, known.value), known.label, known == state) for known in _states_read(programme)]
    return page(
        "outcomes/claims.html",
        programme=programme,
        listed=listed,
        q=q,
        state=state,
        states=states,
        all_of_state=url(None) if to_sign else None,
        measured=_is_measured(agreement_of(programme)),
    )


def _states_read(programme: Programme) -> list[ClaimState]:
    """The assessor reads no claim before it is handed in."""
    return [one for one in ClaimState if one != ClaimState.REGISTERED or not _signs(programme)]


@bp.get("/claims/<uuid:id>")
@requires(Action.CLAIM_READ, Claim)
def show_claim(claim: Claim) -> Any:
    reading.note_reading(claim.participant, actor=current_user)
    earlier = Claim.visible_to(current_user).where(Claim.participant_id == claim.participant_id, Claim.id != claim.id)
    messages = select(ClaimMessage).where(ClaimMessage.claim_id == claim.id).order_by(ClaimMessage.created_at)
    return page(
        "outcomes/show_claim.html",
        claim=claim,
        programme=claim.programme,
        earlier=db.session.scalars(earlier.order_by(Claim.achieved_on, Claim.id)).unique().all(),
        messages=db.session.scalars(messages).all(),
        keeps_files=file_terms(agreement_of(claim.programme)),
        settled=settled(claim, current_user),
        history=history_of(claim),
        following=queries.next_to_verify(claim.programme, current_user, claim.id) if _signs(claim.programme) else None,
    )


@bp.route("/claims/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.CLAIM_SUBMIT, Claim)
def submit(claim: Claim) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.submit_proof(claim, actor=current_user)
            return done(url_for("outcomes.show_claim", id=claim.id), _("The claim is with the assessor."))
    return page("outcomes/submit.html", form=form, claim=claim)


@bp.route("/claims/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.CLAIM_WITHDRAW, Claim)
def withdraw(claim: Claim) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.withdraw_proof(claim, actor=current_user)
            return done(url_for("outcomes.show_claim", id=claim.id), _("The claim is withdrawn."))
    rules = agreed_rules(claim.programme_id)
    is_fault = claim.submitted_at is not None and rules is not None and rules.sampling
    return page("outcomes/withdraw.html", form=form, claim=claim, is_fault=is_fault)


@bp.route("/claims/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.CLAIM_ANSWER, Claim)
def answer(claim: Claim) -> Any:
    form = AnswerForm()
    asked = select(ClaimMessage).where(ClaimMessage.claim_id == claim.id).order_by(ClaimMessage.created_at.desc())
    if form.validate_on_submit():
        with refusals_on(form):
            proving.answer_proof(claim, form.text.data, actor=current_user)
            return done(url_for("outcomes.show_claim", id=claim.id), _("The answer is with the assessor."))
    return page("outcomes/answer.html", form=form, claim=claim, asked=db.session.scalars(asked.limit(1)).first())
