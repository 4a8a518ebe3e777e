"""From locked scores to places: agree, meet, freeze, rank, draw lots."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls.models import LEAST_SCORERS
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.evaluation import consensus_notices, ranking
from app.evaluation.consensus_models import Meeting, TieDraw
from app.evaluation.models import Consensus, Evaluation, OpenedProposal
from app.evaluation.operations import Mark, Marks, expect_admitted, expect_on_scale
from app.evaluation.places import all_plans, are_discounts_open, by_lot, places_of, scored_plans, tied_plans
from app.evaluation.rules import quality_of, rules_of
from app.evaluation.states import FLOW, EvaluationState
from app.extensions import db
from app.people.models import User


@operation
def set_consensus(opened: OpenedProposal, marks: Marks, *, actor: User, version: int | None = None) -> None:
    """What the committee agrees on one plan; a criterion without points and motivation is not agreed yet.

    Refused when one of the two is missing: every bidder hears why (arts. 2.130 and 2.131 Aw).
    """
    opened.expect_version(version)
    evaluation = opened.evaluation
    FLOW.advance(evaluation, Action.CONSENSUS_SET)
    expect_admitted(opened)
    agreed = {one.criterion_id: one for one in opened.consensus}
    for criterion in quality_of(evaluation.call):
        mark, one = marks.get(criterion.id, Mark(None, "")), agreed.get(criterion.id)
        if (mark.points is None) != (not mark.motivation):
            missing = "points" if mark.points is None else "motivation"
            raise Refused(_("Give both points and a motivation."), f"{missing}_{criterion.id.hex}")
        expect_on_scale(mark, criterion, evaluation.call)
        if mark.points is None:
            if one is not None:
                opened.consensus.remove(one)
                db.session.delete(one)
            continue
        if one is None:
            opened.consensus.append(Consensus(criterion=criterion, points=mark.points, motivation=mark.motivation))
        else:
            one.points, one.motivation = mark.points, mark.motivation
    flag_modified(opened, "total_hundredths")  # the version counts every change of what is agreed
    db.session.flush()
    record(Action.CONSENSUS_SET, opened, actor, points={str(key): value for key, value in opened.points().items()})
    note_agreement(evaluation)


def note_agreement(evaluation: Evaluation) -> None:
    """Is every criterion of quality agreed for every admitted plan? The lead officials are told when it comes so
    far."""
    wanted = len(quality_of(evaluation.call))
    points = evaluation.points()
    is_complete = bool(points) and all(len(own) == wanted for own in points.values())
    if is_complete and evaluation.agreed_at is None:
        evaluation.agreed_at = clock.now()
        consensus_notices.tell_agreed(evaluation)
    elif not is_complete:
        evaluation.agreed_at = None


@operation
def record_meeting(
    evaluation: Evaluation, held_on: date, present: Sequence[User], summary: str, private_notes: str, *, actor: User
) -> Meeting:
    """Keep the record of a consensus meeting: when, who was there, what was said. Its summary goes into the award
    record.

    Refused for a day that is still to come or before the opening, and with fewer than three scorers present.
    """
    FLOW.advance(evaluation, Action.MEETING_RECORD)
    if held_on > clock.today():
        raise Refused(_("The meeting has not been held yet."), "held_on")
    if held_on < clock.day_of(evaluation.created_at):
        raise Refused(_("The plans were not open then."), "held_on")
    if len(present) < LEAST_SCORERS:
        raise Refused(_("At least three scorers without a conflict of interest were present."), "present")
    meeting = Meeting(
        held_on=held_on,
        present_ids=sorted(str(person.id) for person in present),
        summary=summary,
        private_notes=private_notes,
        recorded_by=actor,
    )
    evaluation.meetings.append(meeting)
    record(Action.MEETING_RECORD, evaluation, actor, held_on=held_on, present=meeting.present_ids)
    return meeting


@operation
def freeze_quality(evaluation: Evaluation, *, actor: User) -> None:
    """The agreed points of quality can no longer change. Where the call allows a discount it can be opened only now;
    where it does not, the places follow at once.

    `NotNow` while a plan lacks an agreed score, or without the record of a meeting of at least three scorers who are
    free of conflicts still and agreed after the last award decision was withdrawn.
    """
    FLOW.advance(evaluation, Action.QUALITY_FREEZE)
    if len(evaluation.active_scorers()) < LEAST_SCORERS:
        raise NotNow(_("Fewer than three scorers without a conflict of interest remain. Name another one."))
    if standing_meeting(evaluation) is None:
        raise NotNow(_("The record of a consensus meeting of at least three scorers is missing."))
    evaluation.frozen_at = clock.now()
    for draw in evaluation.draws:
        draw.void = True
    points = {str(plan): {str(key): value for key, value in own.items()} for plan, own in evaluation.points().items()}
    record(Action.QUALITY_FREEZE, evaluation, actor, points=points)
    rank_plans(evaluation)
    consensus_notices.tell_frozen(evaluation)


def standing_meeting(evaluation: Evaluation) -> Meeting | None:
    """The last record that counts: nobody present has a conflict of interest, and nothing was withdrawn afterwards."""
    free = {str(scorer.id) for scorer in evaluation.active_scorers()}
    withdrawn = evaluation.withdrawn_at
    for meeting in reversed(evaluation.meetings):
        if set(meeting.present_ids) <= free and (withdrawn is None or meeting.created_at >= withdrawn):
            return meeting
    return None


def rank_plans(evaluation: Evaluation) -> None:
    """Give every admitted plan its total and place, per lot; nothing while discounts are still sealed.

    Called when quality is frozen, when the discounts were opened, when a low price was judged, when a lot was drawn.
    """
    db.session.flush()
    plans = scored_plans(evaluation)
    evaluation.ranked_at, evaluation.is_tied = None, False
    for opened in all_plans(evaluation):
        opened.rank = opened.total_hundredths = opened.shortfall = opened.discount_points = None
    if not are_discounts_open(evaluation, plans):
        return
    rules = rules_of(evaluation.call)
    for group in by_lot(plans).values():
        places = places_of(evaluation, group)
        evaluation.is_tied = evaluation.is_tied or ranking.shares_first(places)
        for opened in group:
            place = places[opened.id]
            opened.total_hundredths, opened.rank, opened.shortfall = place.total_hundredths, place.rank, place.shortfall
            opened.discount_points = place.points.get(rules.discount)
    evaluation.ranked_at = clock.now()
    db.session.flush()
    consensus_notices.tell_ranked(evaluation)


@operation
def draw_tie(evaluation: Evaluation, words: str, *, actor: User) -> TieDraw:
    """An official who opens plans gives words for the lot; with those of a second official it is drawn.

    The seed is the SHA-256 of both words and of the digests of the tied plans; plans come in the order of the SHA-256
    of seed and plan. Neither official knows the words of the other, so neither can choose who comes first.
    """
    FLOW.advance(evaluation, Action.TIE_DRAW)
    waiting = next((draw for draw in evaluation.draws if draw.drawn_at is None and not draw.void), None)
    if waiting is None:
        digest = hashlib.sha256(words.encode()).hexdigest()
        draw = TieDraw(first_by=actor, first_words=words, first_digest=digest)
        evaluation.draws.append(draw)
        record(Action.TIE_DRAW, evaluation, actor, words_digest=digest)
        consensus_notices.tell_first_words(evaluation, actor)
        return draw
    if waiting.first_by_id == actor.id:
        raise NotYours(_("A second person must do this: you took the step before it."))
    tied = tied_plans(evaluation)
    waiting.second_by, waiting.second_words, waiting.drawn_at = actor, words, clock.now()
    waiting.seed = seed_of(waiting.first_words, words, [opened.digest for opened in tied])
    waiting.order = [str(plan) for plan in drawn_order(waiting.seed, [opened.id for opened in tied])]
    record(Action.TIE_DRAW, evaluation, actor, seed=waiting.seed, order=waiting.order)
    rank_plans(evaluation)
    consensus_notices.tell_drawn(evaluation)
    return waiting


def seed_of(first: str, second: str, digests: Sequence[str]) -> str:
    """SHA-256 (hex) over the lines: first words, second words, the digests in order of the alphabet."""
    return hashlib.sha256("\n".join([first, second, *sorted(digests)]).encode()).hexdigest()


def drawn_order(seed: str, plans: Sequence[Any]) -> list[Any]:
    """The plans by the SHA-256 (hex) of the seed followed by the id of the plan."""
    return sorted(plans, key=lambda plan: hashlib.sha256(f"{seed}{plan}".encode()).hexdigest())


def unfreeze(evaluation: Evaluation) -> None:
    """Back to consensus after a decision was taken back: places fall, agreed points stand until they are changed."""
    evaluation.state = EvaluationState.CONSENSUS
    evaluation.frozen_at, evaluation.ranked_at, evaluation.is_tied = None, None, False
    for opened in all_plans(evaluation):
        opened.rank = opened.total_hundredths = opened.shortfall = opened.discount_points = None
