"""Pages of the second signature under a statement."""

import uuid
from typing import Any

from flask import redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core import progress
from app.core.forms import ConfirmForm
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.outcomes import queries as outcomes
from app.people.models import User
from app.people.password import expect_password
from app.verification import counter_signing, queries, signing
from app.verification.blueprint import bp
from app.verification.broken_chains import broken_to_sign
from app.verification.deciders import who_invites
from app.verification.last_free import count_left_alone
from app.verification.setting_aside import told_set_aside
from app.verification.sign_routes import told_upheld
from app.verification.standing import expect_declared_to_sign
from app.verification.statement_forms import CounterSignForm
from app.verification.statement_models import PreparedSignature
from app.verification.words import said_signed_for

bp.app_template_global("waiting_for_second")(counter_signing.waiting_signature)
bp.app_template_global("signed_events")(counter_signing.signed_events)


@bp.route("/signatures/<uuid:id>/counter-sign", methods=["GET", "POST"])
@requires(Action.BATCH_COUNTER_SIGN, PreparedSignature)
def counter_sign(prepared: PreparedSignature) -> Any:
    form, programme = CounterSignForm(), prepared.programme
    signing.expect_signer(programme, current_user)
    expect_declared_to_sign(programme, current_user)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            return _sign(prepared, form.once.data)
    return page(
        "verification/counter_sign.html",
        form=form,
        prepared=prepared,
        programme=programme,
        figures=outcomes.batch_figures(programme, None, current_user),
        is_same=not prepared.is_waiting or counter_signing.is_same_list(prepared),
        signed_for=said_signed_for(prepared),
        set_aside=told_set_aside(queries.open_docket(programme)) if prepared.is_waiting else [],
        broken=broken_to_sign(programme) if prepared.is_waiting else [],
        measurements=signing.decided_measurements(programme),
        **told_upheld(programme, prepared.signed_by, current_user),
        left_alone=count_left_alone(programme, current_user, prepared.signed_by) if prepared.is_waiting else 0,
        inviting=who_invites(programme),
    )


def _sign(prepared: PreparedSignature, once: uuid.UUID) -> Any:
    """A large list beside this request, a small one in it."""
    total = sum(signing.count_decided(prepared.programme).values())
    if total >= progress.LARGE:
        first, person, bond = prepared.id, current_user.id, prepared.programme_id
        progress.start(
            once,
            total,
            lambda tell: counter_signing.counter_sign(
                db.session.get_one(PreparedSignature, first),
                actor=db.session.get_one(User, person),
                once=once,
                tell=tell,
            ),
        )
        return redirect(url_for("verification.follow_signing", id=bond, other=once), 303)
    batch = counter_signing.counter_sign(prepared, actor=current_user, once=once)
    return done(url_for("verification.batch", id=batch.id), _("You counter-signed. The parties are told."))


@bp.route("/signatures/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.BATCH_WITHDRAW, PreparedSignature)
def withdraw_signature(prepared: PreparedSignature) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: counter_signing.withdraw_signature(prepared, actor=current_user),
        url_for("verification.sign_off", id=prepared.programme_id),
        _("The signature is withdrawn. The list can be signed anew."),
        "verification/withdraw_signature.html",
        prepared=prepared,
        programme=prepared.programme,
    )
