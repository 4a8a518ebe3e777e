"""The second signature under a commitment, where an organisation recorded that two sign together."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.accounts.signing_authority import SignedKind, expect_mandate
from app.capital import notices
from app.capital.models import Commitment
from app.capital.operations import check_ticket, turn_interest
from app.capital.signing import digest_of
from app.capital.states import COMMITMENT_FLOW
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.models import table_in_force


@operation
def co_sign_commitment(commitment: Commitment, *, actor: User, version: int | None = None) -> None:
    """From now on the commitment binds and counts; the caller has asked for the password again.

    `NotYours` for who may not sign, or signed first. Not now when the terms are others than those that the first
    signatory read; refused when less than the amount is left by now.
    """
    commitment.expect_version(version)
    COMMITMENT_FLOW.advance(commitment, Action.COMMITMENT_CO_SIGN)
    expect_mandate(commitment.organisation, SignedKind.COMMITMENT, actor)
    round = commitment.round
    if commitment.signed_digest != digest_of(round, db.session.scalar(table_in_force(round.programme_id))):
        raise NotNow(_("The terms changed since the first signature. Withdraw this commitment and make it anew."))
    check_ticket(round, commitment.amount_minor, round.maximum_minor if round.is_cut_alike() else round.left_minor())
    commitment.co_signed_by_id, commitment.co_signed_at = actor.id, clock.now()
    turn_interest(round, commitment.organisation)
    record(
        Action.COMMITMENT_CO_SIGN, commitment, actor, amount=commitment.amount_minor, digest=commitment.signed_digest
    )
    notices.tell_co_signed(commitment)
