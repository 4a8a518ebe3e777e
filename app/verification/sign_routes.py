"""Pages of the signature: sign off, how far a large list is, and what was signed."""

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.guard import requires
from app.core import progress
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.intake import reading
from app.intake.figures import sees_rows, sees_some_rows
from app.outcomes import measurement_queries
from app.outcomes import queries as outcomes
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.required import left_out
from app.outcomes.states import ClaimState
from app.people.models import User
from app.people.password import expect_password
from app.programmes.models import Programme
from app.verification import counter_signing, queries, signing
from app.verification.blueprint import bp
from app.verification.broken_chains import broken_to_sign
from app.verification.deciders import who_invites
from app.verification.forms import SignOffForm
from app.verification.last_free import count_left_alone
from app.verification.method import method_of
from app.verification.setting_aside import told_set_aside
from app.verification.standing import expect_declared_to_sign
from app.verification.statement_models import PreparedSignature
from app.verification.statement_queries import statements_of, was_reopened
from app.verification.upheld import decided_elsewhere, said_upheld, upheld_in, upheld_of, who_also_signs
from app.verification.words import said_not_here, said_parts, said_unseen, said_why_hidden


@bp.route("/programmes/<uuid:id>/sign-off", methods=["GET", "POST"])
@requires(Action.BATCH_SIGN_OFF, Programme)
def sign_off(programme: Programme) -> Any:
    form, first = SignOffForm(), signing.is_counter_signed(programme)
    not_signer = signing.why_not_signer(programme, current_user)
    if not_signer is None:
        expect_declared_to_sign(programme, current_user)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            return _sign(programme, form, first)
    measurements = signing.decided_measurements(programme)
    digest = signing.digest_of(signing.decided_claims(programme), measurements)
    under_way = signing.docket_under_way(programme)
    form.digest.data, form.digest.raw_data = digest, None
    waiting = counter_signing.waiting_signature(programme) if first else None
    return page(
        "verification/sign_off.html",
        form=form,
        programme=programme,
        figures=outcomes.batch_figures(programme, None, current_user),
        measurements=measurements,
        counts=signing.count_decided(programme),
        unseen=said_unseen(signing.count_unseen(programme)),
        **told_upheld(programme, current_user),
        is_same=waiting is None or waiting.digest == digest,
        under_way=under_way,
        asked=queries.asked_in(under_way) if under_way is not None else None,
        is_first=first,
        left_out=left_out(programme.id).total(),
        set_aside=told_set_aside(queries.open_docket(programme)),
        broken=broken_to_sign(programme),
        waiting=waiting,
        not_signer=not_signer,
        signers=signing.signers_of(programme) if first or not_signer else [],
        inviting=who_invites(programme),
        left_alone=count_left_alone(programme, current_user) if waiting is None and not_signer is None else 0,
    )


def told_upheld(programme: Programme, *signers: Any) -> dict[str, Any]:
    """For a page that asks for a signature: what of the list stands by an appeal, and whose own decision that was."""
    waiting = [one.id for one in signing.decided_measurements(programme)]
    found = upheld_of(signing.unsigned(programme), [Measurement.id.in_(waiting)])
    return {"upheld": said_upheld(found), "also_signs": who_also_signs(found, signers)}


def _sign(programme: Programme, form: SignOffForm, first: bool) -> Any:
    """A large list beside this request, a small one in it."""
    act = counter_signing.prepare_signature if first else signing.sign_off
    words = {"digest": form.digest.data, "once": form.once.data, "method": form.method.data}
    total = sum(signing.count_decided(programme).values())
    if total >= progress.LARGE:
        bond, person, statement = programme.id, current_user.id, form.statement.data
        progress.start(
            form.once.data,
            total,
            lambda tell: act(
                db.session.get_one(Programme, bond),
                statement,
                actor=db.session.get_one(User, person),
                tell=tell,
                **words,
            ),
        )
        return redirect(url_for("verification.follow_signing", id=programme.id, other=form.once.data), 303)
    made = act(programme, form.statement.data, actor=current_user, **words)
    return _signed(made)


def _signed(made: Batch | PreparedSignature) -> Any:
    if isinstance(made, Batch):
        return done(url_for("verification.batch", id=made.id), _("You signed. The parties are told."))
    told = _("You signed first. A colleague is asked for the counter-signature.")
    return done(url_for("verification.sign_off", id=made.programme_id), told)


@bp.get("/programmes/<uuid:id>/sign-off/<uuid:other>")
@requires(Action.BATCH_SIGN_OFF, Programme)
def follow_signing(programme: Programme, other: Any) -> Any:
    found = progress.how_far(other)  # before the look for what it ends with, which may be there a moment later
    made = db.session.get(Batch, other) or db.session.get(PreparedSignature, other)
    if made is not None and made.programme_id == programme.id:
        return _signed(made)
    return progress.follow("verification/follow_signing.html", found, programme=programme, key=other)


@bp.get("/batches/<uuid:id>")
@requires(Action.BATCH_READ, Batch)
def batch(batch: Batch) -> Any:
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isdecimal() and len(typed) < 7 else 1

    def url(number: int) -> str:
        return url_for("verification.batch", id=batch.id, page=number)

    listed, sees_all = None, sees_rows(batch.programme_id, current_user)
    if sees_all or sees_some_rows(batch.programme_id, current_user):
        listed = outcomes.batch_list(batch, current_user, number, url)
        reading.note_list_reading(batch.programme, len(listed.rows), actor=current_user)
    docket, measured = queries.docket_of(batch), measurement_queries.in_batch(batch, current_user)
    pair, upheld = counter_signing.signature_under(batch), upheld_in(batch, current_user)
    return page(
        "verification/batch.html",
        batch=batch,
        programme=batch.programme,
        figures=outcomes.batch_figures(batch.programme, batch.id, current_user),
        listed=listed,
        why_hidden=said_why_hidden(batch.programme, batch.id, current_user),
        words=batch.statement if sees_all else said_not_here(),
        method=method_of(batch, docket, pair.counter_signed_by if pair else None, exact=sees_all),
        measurements=measured,
        parts=_parts(batch, measured) if sees_all and measured else "",
        unseen=_unseen(batch) if sees_all else "",
        docket=docket,
        strata=queries.strata_of(docket, current_user) if docket is not None else [],
        pair=pair,
        upheld=said_upheld(upheld),
        upheld_ids={one.proof_id for one in upheld},
        also_signs=who_also_signs(upheld, (batch.signed_by, pair.counter_signed_by if pair else None)),
        decided_elsewhere=decided_elsewhere(batch.organisation),
        statements=statements_of(batch, current_user),
        reopened=was_reopened(batch),
    )


def _parts(batch: Batch, measured: list[Measurement]) -> str:
    """Of what the total is the sum, for who reads all figures."""
    proven = sum(one.state != ClaimState.REJECTED for one in measured)
    return said_parts(batch.verified_count - proven, proven)


def _unseen(batch: Batch) -> str:
    """How many of the verified claims nobody judged; a number that the edition of a municipality does not tell."""
    found = select(func.count()).where(Claim.batch_id == batch.id, Claim.accepted_unseen)
    return said_unseen(db.session.scalar(found.where(Claim.state != ClaimState.REJECTED)))
