"""Where two signatures make effects count, the lines that explain a settlement name both people."""

import uuid
from datetime import date

from app.extensions import db
from app.outcomes.states import ClaimState
from app.verification.counter_signing import counter_sign, prepare_signature
from tests.factories.outcomes import make_claim, make_signed_off
from tests.factories.settlement import make_settlement
from tests.factories.verification import make_colleague, make_sampled


def test_the_line_names_who_signed_and_who_counter_signed(app, browse):
    """The provider of the participant follows each cent to the people who signed for it."""
    bond = make_sampled(sampling=False, counter_signed=True)
    second = make_colleague(bond)
    second.name = "Anneke Tweede"
    make_claim(bond, state=ClaimState.VERIFIED)
    db.session.commit()
    prepared = prepare_signature(bond.programme, "Read.", actor=bond.assessor, once=uuid.uuid4())
    batch = counter_sign(prepared, actor=second, once=uuid.uuid4())
    alone = make_signed_off(bond)
    settlement = make_settlement(bond, max(date(2026, 6, 30), alone.achieved_on), checked=True)
    page = browse(bond.provider).get_ok(f"/settlements/{settlement.id}").text
    assert f"{bond.assessor.name} and Anneke Tweede" in page
    assert page.count("Anneke Tweede") == 1, "not on the line that one person signed"
    assert f"/batches/{batch.id}" in page or str(batch.id) in page
