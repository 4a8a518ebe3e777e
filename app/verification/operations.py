"""Lock a docket, draw from it, declare independence, judge its claims, conclude. Sign-off is in `signing`.

Sets of claims are changed by one statement each, so that a docket of 50,000 is no other work than one of fifty.
"""

import secrets
import uuid

from flask_babel import gettext as _
from sqlalchemy import delete, func, or_, select, update

from app.access.actions import Action
from app.access.record import record
from app.agreements.verification_models import agreed_rules
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.intake.models import Participant
from app.intake.operations import own_organisation
from app.intake.recusals import Recusal
from app.notifications.models import Notification
from app.outcomes.models import Claim
from app.outcomes.required import lacking
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.independence import former_tie_of
from app.programmes.models import Part, Programme
from app.verification import listing, notices
from app.verification.appeal_models import Appeal
from app.verification.by_rule import change_rows, in_sample
from app.verification.models import Declaration, Docket, DocketItem
from app.verification.reopening_models import ReopeningProposal
from app.verification.sampling import draw, is_within
from app.verification.signing import count_decided, decided_measurements
from app.verification.standing import UNDECIDED, has_declared, lacking_of, states_of
from app.verification.states import FLOW, DocketState, Finding

FAULTY = (ClaimState.REJECTED, ClaimState.WITHDRAWN)  # taken back after the draw: it would hide a fault
AT_ONCE = 1_000  # rows per statement where they are named one by one


@operation
def lock_docket(programme: Programme, *, actor: User, once: uuid.UUID) -> Docket:
    """Put every claim that waits on a list that never changes again, before anybody can know the seed.

    `NotNow` where the agreement knows no batches, or while one is not signed off; refused when nothing waits.
    """
    existing = db.session.get(Docket, once)
    if existing is not None:
        return existing
    rules = agreed_rules(programme.id)
    if rules is None:
        raise NotNow(_("The agreement says nothing about batches: claims are judged as they come."))
    current = db.session.scalar(listing.open_dockets().where(Docket.programme_id == programme.id).limit(1))
    if current is not None:
        raise NotNow(_("A batch is being verified: sign it off before you lock the next."))
    number = select(func.coalesce(func.max(Docket.number), 0) + 1).where(Docket.programme_id == programme.id)
    docket = Docket(
        id=once,
        programme=programme,
        number=db.session.scalar(number),
        organisation=own_organisation(programme, Part.ASSESSOR, actor),
        locked_by_id=actor.id,
        sampling=rules.sampling,
        least=rules.least,
        share_bp=rules.share_bp,
        tolerance_bp=rules.tolerance_bp,
        assessors=rules.assessors,
        reads_by_rule=rules.sampling,
        list_digest="",
    )
    db.session.add(docket)
    db.session.flush()
    if not listing.fill(docket):
        raise Refused(_("No claim waits for the assessor."))
    listing.measure(docket)
    record(Action.DOCKET_LOCK, docket, actor, number=docket.number, list=docket.list_digest)
    notices.tell_locked(docket)
    if not docket.sampling:
        _judge_all(docket, Finding.OPEN)
        docket.state = DocketState.CHECKING
    return docket


def _judge_all(docket: Docket, *findings: Finding) -> None:
    """Every claim of the effects with such a finding is judged."""
    effects = [one.effect_id for one in docket.strata if one.finding in findings]
    chosen = (DocketItem.docket_id == docket.id) & DocketItem.effect_id.in_(effects)
    change_rows(update(DocketItem).where(chosen).values(to_judge=True))


@operation
def draw_sample(docket: Docket, *, actor: User) -> None:
    """Draw the seed and, by it, the sample of each effect; both are published with the fingerprint of the list."""
    FLOW.advance(docket, Action.DOCKET_DRAW)
    docket.seed, docket.drawn_at = secrets.token_hex(32), clock.now()
    _judge_all_small(docket)
    for stratum in docket.strata:
        if stratum.is_sampled:
            chosen = draw(docket.seed, listing.ids_of(docket.id, stratum.effect_id), stratum.drawn)
            for at in range(0, len(chosen), AT_ONCE):
                some = [uuid.UUID(hex) for hex in chosen[at : at + AT_ONCE]]
                drawn = (DocketItem.docket_id == docket.id) & DocketItem.claim_id.in_(some)
                change_rows(update(DocketItem).where(drawn).values(is_drawn=True, to_judge=True))
    added = (DocketItem.docket_id == docket.id) & DocketItem.is_added
    change_rows(update(DocketItem).where(added).values(to_judge=True))
    record(Action.DOCKET_DRAW, docket, actor, seed=docket.seed, list=docket.list_digest)
    notices.tell_drawn(docket)


def _judge_all_small(docket: Docket) -> None:
    """Of an effect with no more claims than a sample holds, every claim is judged."""
    small = [one.effect_id for one in docket.strata if not one.is_sampled]
    chosen = (DocketItem.docket_id == docket.id) & DocketItem.effect_id.in_(small)
    change_rows(update(DocketItem).where(chosen).values(is_drawn=True, to_judge=True))


@operation
def declare_independence(docket: Docket, codes: list[str], *, actor: User) -> None:
    """`actor` declares for this docket; the cases of the participants with these `codes` go to colleagues at once.

    Not yours when the trail knows that the person works or worked for one of those judged in this bond.
    """
    FLOW.advance(docket, Action.DOCKET_DECLARE)
    tie = former_tie_of(docket.programme, actor)
    if tie is not None:
        raise NotYours(_("You work or worked for %(name)s, which is judged in this bond.", name=tie.name))
    found = select(Participant).where(Participant.programme_id == docket.programme_id, Participant.code.in_(codes))
    people = list(db.session.scalars(found).unique())
    unknown = sorted(set(codes) - {person.code for person in people})
    if unknown:
        raise Refused(_("No participant of this bond has this code: %(code)s.", code=unknown[0]), "codes")
    if not has_declared(docket, actor):
        db.session.add(Declaration(docket_id=docket.id, user_id=actor.id))
    record(Action.DOCKET_DECLARE, docket, actor, number=docket.number)
    for person in people:
        _leave(person, actor)
    if people:
        notices.tell_recused(docket.programme, actor)


def _leave(person: Participant, actor: User) -> None:
    known = select(Recusal.id).where(Recusal.participant_id == person.id, Recusal.user_id == actor.id)
    if db.session.scalar(known) is None:
        db.session.add(Recusal(participant_id=person.id, user_id=actor.id))
        db.session.flush()
        _forget_notices(person, actor)


def _forget_notices(person: Participant, actor: User) -> None:
    """What `actor` was told of this case is gone from the inbox, and no mail about it goes out any more."""
    claims = select(Claim.id).where(Claim.participant_id == person.id)
    appeals = select(Appeal.id).where(Appeal.claim_id.in_(claims))
    proposals = select(ReopeningProposal.id).where(ReopeningProposal.claim_id.in_(claims))
    about = or_(*(Notification.subject_id.in_(found) for found in (claims, appeals, proposals)))
    change_rows(delete(Notification).where(Notification.user_id == actor.id, about))


@operation
def recuse_claim(claim: Claim, *, actor: User) -> None:
    """`actor` has a conflict of interest about this person: the case goes to colleagues, and closes at once."""
    record(Action.CLAIM_RECUSE, claim, actor)
    _leave(claim.participant, actor)
    notices.tell_recused(claim.programme, actor)


@operation
def conclude_docket(docket: Docket, *, actor: User) -> None:
    """Say what the samples show, of each effect whose drawn claims are all decided.

    Within tolerance the claims that were not drawn are accepted as claimed; above it every claim of the effect is
    judged. Money is never extrapolated: each claim keeps its own effect. A claim that lacks an effect that it requires
    is not proven here: it counts as a fault, and waits outside the docket. What is read by rule has to be decided too,
    and is no part of the sample (`by_rule`). Where all was taken
    back or set aside nothing is left to sign, and the docket closes. `NotNow` while no effect is that far.
    """
    FLOW.advance(docket, Action.DOCKET_CONCLUDE)
    states, lack, sampled = states_of(docket), lacking_of(docket), in_sample(docket)
    of_sample, lack_of_sample = states_of(docket, sampled), lacking_of(docket, sampled)
    concluded: dict[str, str] = {}
    for stratum in docket.strata:
        found = states[stratum.effect_id]
        undecided = sum(found[state] for state in UNDECIDED) - lack[stratum.effect_id]
        if stratum.finding != Finding.OPEN or undecided:
            continue
        drawn = of_sample[stratum.effect_id]
        stratum.faults = sum(drawn[state] for state in FAULTY) + lack_of_sample[stratum.effect_id]
        if not stratum.is_sampled:
            stratum.finding = Finding.WHOLE
        elif is_within(stratum.faults, stratum.drawn, docket.tolerance_bp):
            stratum.finding = Finding.WITHIN
            _accept(docket, stratum.effect_id, actor)
        else:
            stratum.finding = Finding.ABOVE
            _judge_all(docket, Finding.ABOVE)
        concluded[stratum.effect.code] = stratum.finding.value
    db.session.flush()
    now = states_of(docket)
    left = sum(now[one.effect_id][state] for one in docket.strata for state in UNDECIDED) - lacking_of(docket).total()
    if not concluded and left:
        raise NotNow(_("Nothing can be concluded yet. Claims still to be decided: %(number)d.", number=left))
    if not left:
        docket.state = DocketState.READY if _has_to_sign(docket.programme) else DocketState.CLOSED
    record(Action.DOCKET_CONCLUDE, docket, actor, number=docket.number, findings=concluded)
    notices.tell_concluded(docket)


def _has_to_sign(programme: Programme) -> bool:
    return any(count_decided(programme).values()) or bool(decided_measurements(programme))


def _accept(docket: Docket, effect_id: uuid.UUID, actor: User) -> None:
    """The claims that were not drawn, as claimed; one that was taken back, asked about or lacks an
    effect that it requires is left out."""
    unseen = select(DocketItem.claim_id).where(
        DocketItem.docket_id == docket.id, DocketItem.effect_id == effect_id, ~DocketItem.to_judge
    )
    change_rows(
        update(Claim)
        .where(Claim.id.in_(unseen), Claim.state == ClaimState.SUBMITTED, ~lacking(docket.programme_id))
        .values(
            state=ClaimState.VERIFIED,
            accepted_unseen=True,
            decided_by_id=actor.id,
            decided_at=clock.now(),
            version=Claim.version + 1,
        )
    )
    db.session.expire_all()
