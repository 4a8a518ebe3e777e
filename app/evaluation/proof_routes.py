"""Pages on which the winner hands in its proof and an official checks it."""

import io
from typing import Any

from flask import abort, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import choices_of
from app.core.web import carry_out, done, page, refusals_on
from app.evaluation import proof_operations
from app.evaluation.blueprint import bp, home
from app.evaluation.models import Evaluation
from app.evaluation.proof_models import Proof
from app.evaluation.rules import basis_of
from app.evaluation.screening_forms import CheckForm, ExcludeForm, HandInForm, Judgement


@bp.get("/evaluations/<uuid:id>/proofs")
@requires(Action.PROOF_READ, Evaluation)
def proofs(evaluation: Evaluation) -> Any:
    """What each winner owes, has handed in, and what was accepted; to a bidder only what is its own."""
    found = proof_operations.proofs_for(evaluation, current_user)
    if not found:
        abort(404)
    return page("evaluation/proofs.html", evaluation=evaluation, proofs=found, basis_of=basis_of)


@bp.route("/proofs/<uuid:id>/hand-in", methods=["GET", "POST"])
@requires(Action.PROOF_HAND_IN, Proof)
def hand_in_proof(proof: Proof) -> Any:
    form = HandInForm()
    if form.validate_on_submit() and form.kept is not None:
        with refusals_on(form):
            proof_operations.hand_in_proof(proof, form.issued_on.data, form.kept, actor=current_user)
            return done(_proofs(proof), _("The document is handed in."))
    return page("evaluation/hand_in_proof.html", form=form, proof=proof, basis_of=basis_of)


@bp.route("/proofs/<uuid:id>/check", methods=["GET", "POST"])
@requires(Action.PROOF_CHECK, Proof)
def check_proof(proof: Proof) -> Any:
    form = CheckForm()

    def check() -> None:
        is_accepted = form.outcome.data == Judgement.ACCEPT
        proof_operations.check_proof(proof, is_accepted, form.remark.data or "", actor=current_user)

    return carry_out(
        form,
        check,
        _proofs(proof),
        _("The check is kept."),
        "evaluation/check_proof.html",
        proof=proof,
        basis_of=basis_of,
    )


@bp.route("/evaluations/<uuid:id>/exclude-winner", methods=["GET", "POST"])
@requires(Action.WINNER_EXCLUDE, Evaluation)
def exclude_winner(evaluation: Evaluation) -> Any:
    form, winners = ExcludeForm(), evaluation.winners()
    form.winner.choices = choices_of((one.id, one.consortium.name) for one in winners)
    if form.validate_on_submit():
        winner = next(one for one in winners if str(one.id) == form.winner.data)
        with refusals_on(form):
            proof_operations.exclude_winner(winner, form.reasons.data, actor=current_user)
            return done(home(evaluation.call), _("The award decision is withdrawn; the others are ranked anew."))
    return page("evaluation/exclude_winner.html", form=form, evaluation=evaluation)


@bp.get("/proofs/<uuid:id>/document")
@requires(Action.PROOF_READ, Proof)
def proof_document(proof: Proof) -> Any:
    if proof.document is None:
        abort(404)
    return send_file(io.BytesIO(proof.document), proof.media_type, True, proof.filename)


def _proofs(proof: Proof) -> str:
    return url_for("evaluation.proofs", id=proof.evaluation.id)
