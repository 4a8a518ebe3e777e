from app.calls.states import CallState
from app.capital.states import RoundState
from app.extensions import db
from tests.factories.outcomes import make_delivery


def in_delivery():
    """The round behind the agreement stands and its call is awarded, so that nothing but delivery waits."""
    bond = make_delivery()
    bond.agreement.round.state = RoundState.STANDING
    bond.agreement.evaluation.call.state = CallState.AWARDED
    db.session.commit()
    return bond
