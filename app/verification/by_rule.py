"""Claims that are read whatever is drawn: those of a person of whom an effect was falsified, and those that were set
aside from an earlier batch with a question about them.

A known risk is examined whole, and the random sample speaks for the rest (ISA 530, A9 and appendix 1: a stratum that is
examined whole; its findings are projected on nothing else). So they stand outside the draw, are pinned by the
fingerprint of the list before anybody knows the seed, and enter no share of faults. Who turns out so after the lock
stays in the draw, which can be made again, and is read as well.
"""

import uuid
from collections import Counter
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import aliased

from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.verification.models import Docket, DocketItem
from app.verification.risk import falsified_people
from app.verification.states import UNSIGNED, DocketState, Finding

READ = or_(DocketItem.by_rule, and_(DocketItem.is_added, ~DocketItem.is_drawn))


def risky_in(docket: Docket, effect_id: uuid.UUID) -> int:
    """How many claims of an effect on the list are of such a person."""
    return db.session.scalar(select(func.count()).where(*_risky(docket, effect_id))) or 0


def mark(docket: Docket, effect_id: uuid.UUID) -> None:
    """They are read, outside the draw; before the list gets its fingerprint."""
    change_rows(update(DocketItem).where(*_risky(docket, effect_id)).values(by_rule=True, to_judge=True))


def _risky(docket: Docket, effect_id: uuid.UUID) -> list[Any]:
    theirs = select(Claim.id).where(Claim.participant_id.in_(falsified_people(docket.programme_id)))
    earlier = aliased(DocketItem)
    aside = select(earlier.claim_id).where(earlier.is_set_aside, earlier.effect_id == effect_id)
    risky = or_(DocketItem.claim_id.in_(theirs), DocketItem.claim_id.in_(aside))
    return [DocketItem.docket_id == docket.id, DocketItem.effect_id == effect_id, risky]


def read_later(participant: Participant) -> None:
    """An effect of this person turned out to be falsified: what of it stands unread in an open docket that draws is
    read too. What was accepted as claimed waits again, and its effect with it."""
    theirs = select(Claim.id).where(Claim.participant_id == participant.id)
    found = select(Docket).where(
        Docket.programme_id == participant.programme_id, Docket.state.in_(UNSIGNED), Docket.sampling
    )
    for docket in db.session.scalars(found).unique():
        unread = [DocketItem.docket_id == docket.id, DocketItem.claim_id.in_(theirs), ~DocketItem.to_judge]
        of_effects = set(db.session.scalars(select(DocketItem.effect_id).where(*unread)))
        again = [Claim.id.in_(select(DocketItem.claim_id).where(*unread)), Claim.state == ClaimState.VERIFIED]
        values = {"state": ClaimState.SUBMITTED, "accepted_unseen": False, "version": Claim.version + 1}
        change_rows(update(Claim).where(*again).values(values | {"decided_by_id": None, "decided_at": None}))
        change_rows(update(DocketItem).where(*unread).values(is_added=True, to_judge=docket.seed != ""))
        for stratum in docket.strata:
            if stratum.effect_id in of_effects and stratum.finding == Finding.WITHIN:
                stratum.finding, docket.state = Finding.OPEN, DocketState.CHECKING
    db.session.flush()
    db.session.expire_all()


def read_by_rule(docket: Docket) -> Counter[uuid.UUID]:
    """Per effect of which a sample was drawn, how many claims were or are read for this rule alone."""
    drawn_from = [one.effect_id for one in docket.strata if one.is_sampled]
    found = select(DocketItem.effect_id, func.count()).where(DocketItem.docket_id == docket.id, READ)
    found = found.where(DocketItem.effect_id.in_(drawn_from)).group_by(DocketItem.effect_id)
    return Counter(dict(iter(db.session.execute(found))))  # type: ignore[arg-type]


def in_sample(docket: Docket) -> Any:
    """Of the claims that are judged those of which the share of faults is taken: the drawn ones, and all of an effect
    from which nothing is drawn."""
    whole = [one.effect_id for one in docket.strata if not one.is_sampled]
    return or_(DocketItem.is_drawn, DocketItem.effect_id.in_(whole))


def change_rows(statement: Any) -> None:
    """A whole set by one statement; who needs what the session holds of it reads it anew."""
    db.session.flush()
    db.session.execute(statement, execution_options={"synchronize_session": False})
