"""A round and commitments to it, laid directly."""

from datetime import timedelta
from typing import Any

from flask_security import hash_password

from app.capital.models import Commitment, Round, Tranche, TrancheTerms
from app.capital.states import CommitmentState, RoundState
from app.core import clock
from app.extensions import db
from app.people.models import User
from app.programmes.models import Part, Programme
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme

PASSWORD = "correct horse battery staple"


def make_round(programme: Programme | None = None, *, state: RoundState = RoundState.OPEN, **facts: Any) -> Round:
    """Target 600,000.00, minimum 400,000.00, one return tranche unless `tranches` are given."""
    programme = programme or make_programme()
    defaults: dict[str, Any] = {
        "target_minor": 60_000_000,
        "minimum_minor": 40_000_000,
        "closes_on": clock.today() + timedelta(days=30),
        "term_sheet": "Capital for the work; paid back from proven effects only.",
        "tranches": [Tranche(name="Consortium", rank=1, terms=TrancheTerms.RETURN)],
    }
    round = Round(programme=programme, state=state, **(defaults | facts))
    if state == RoundState.STANDING:
        round.stands_at = clock.now()
    db.session.add(round)
    db.session.commit()
    return round


def make_investor(round: Round, name: str = "") -> User:
    """A person of an organisation that was invited to the round, who signs with `PASSWORD`."""
    organisation = make_party(round.programme, Part.INVESTOR)
    if name:
        organisation.name = name
    return make_user(organisation, password=hash_password(PASSWORD))


def make_commitment(round: Round, investor: User, amount_minor: int, tranche: Tranche | None = None) -> Commitment:
    """Committed; allotted where the round stands."""
    stands = round.state == RoundState.STANDING
    commitment = Commitment(
        round=round,
        programme_id=round.programme_id,
        tranche=tranche or round.tranches[0],
        organisation=investor.organisations[0],
        amount_minor=amount_minor,
        allotted_minor=amount_minor if stands else 0,
        state=CommitmentState.ALLOTTED if stands else CommitmentState.COMMITTED,
        committed_by_id=investor.id,
    )
    db.session.add(commitment)
    db.session.commit()
    return commitment
