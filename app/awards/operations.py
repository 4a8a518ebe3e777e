"""The only code that changes awards: reasons, letters and their review, the decision, the final award."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.awards import notices
from app.awards.letter import Content, digest_of, draft_letter, sent_letter
from app.awards.missing import lacks_of
from app.awards.models import Letter, LetterReading, Suspension
from app.awards.standstill import FROM_LAST_SENDING, standstill_of
from app.awards.states import LETTER_FLOW, LetterState
from app.calls.states import CallState
from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import Changed, NotNow, Refused
from app.core.operation import operation
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.proof_operations import ask_proofs, proofs_lacking
from app.evaluation.screening_queries import open_prices
from app.evaluation.states import FLOW
from app.extensions import db
from app.languages import LOCALES
from app.people.models import User
from app.programmes.operations import reach_phase
from app.programmes.states import Phase


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above every letter: the authority's reference of the decision, and the court with its seat."""

    reference: str
    court: str


Advantages = Mapping[uuid.UUID, Mapping[str, str]]  # of the winner: words by plan and criterion id


@operation
def write_reasons(
    evaluation: Evaluation,
    reasons: Mapping[uuid.UUID, str],
    *,
    actor: User,
    advantages: Advantages | None = None,
    heading: Heading | None = None,
    version: int | None = None,
) -> None:
    """Keep the reasons of some bidders, and per criterion what the winner does better (art. 2.130 Aw); with many plans
    nobody writes all in one go. Letters that were reviewed with other words are void."""
    evaluation.expect_version(version)
    FLOW.advance(evaluation, Action.AWARD_REASON)
    if heading is not None:
        evaluation.reference, evaluation.court = heading.reference, heading.court
    for opened in evaluation.opened:
        opened.reasons = reasons.get(opened.id, opened.reasons)
        opened.advantages = dict((advantages or {}).get(opened.id, opened.advantages))
    for letter in letters_in_hand(evaluation):
        db.session.delete(letter)
    flag_modified(evaluation, "state")  # two people who write at once hear of each other
    record(Action.AWARD_REASON, evaluation, actor, plans=sorted(str(key) for key in reasons))


def letters_in_hand(evaluation: Evaluation) -> list[Letter]:
    """Letters that were reviewed and not sent."""
    found = select(Letter).where(Letter.evaluation_id == evaluation.id, Letter.state == LetterState.REVIEWED)
    return list(db.session.scalars(found.order_by(Letter.id)).unique())


def drafts(evaluation: Evaluation) -> dict[uuid.UUID, Content]:
    """What each bidder would be told now, by opened plan. The letters are numbered by name, which tells no place."""
    winners = evaluation.winners()
    by_name = sorted(evaluation.opened, key=lambda one: (one.consortium.name, one.id))
    numbers = {one.id: number for number, one in enumerate(by_name, start=1)}
    return {
        one.id: draft_letter(evaluation, one, winner_of(winners, one), numbers[one.id]) for one in evaluation.opened
    }


def winner_of(winners: Sequence[OpenedProposal], opened: OpenedProposal) -> OpenedProposal | None:
    """The winner of the lot of this plan, if any has a place; of the call where it is undivided."""
    return next((one for one in winners if one.consortium.lot_id == opened.consortium.lot_id), None)


@operation
def review_letters(evaluation: Evaluation, digest: str, *, actor: User) -> list[Letter]:
    """Another official than the one who wrote the reasons has read every letter; `digest` is that of what was read.

    Refused while something is missing (art. 2.130 Aw), `Changed` when the letters say something else by now.
    """
    FLOW.advance(evaluation, Action.AWARD_REVIEW)
    expect_prices_judged(evaluation)
    lacks = lacks_of(evaluation)
    if lacks:
        raise Refused(_("The letters are not complete. %(missing)s", missing=" ".join(lacks)))
    contents = drafts(evaluation)
    if digest != digest_of_all(contents):
        raise Changed(evaluation.version)
    for letter in letters_in_hand(evaluation):
        db.session.delete(letter)
    db.session.flush()
    last = select(func.max(Letter.number)).where(Letter.evaluation_id == evaluation.id)
    number = 1 + (db.session.scalar(last) or 0)
    made = [
        Letter(
            evaluation=evaluation,
            opened_id=key,
            number=number,
            locale=LOCALES[evaluation.call.programme.jurisdiction],
            content=content,
            digest=digest_of(content),
            reviewed_at=clock.now(),
            reviewed_by_id=actor.id,
        )
        for key, content in contents.items()
    ]
    db.session.add_all(made)
    record(Action.AWARD_REVIEW, evaluation, actor, letters={str(one.opened_id): one.digest for one in made})
    notices.tell_reviewed(evaluation)
    return made


def expect_prices_judged(evaluation: Evaluation) -> None:
    """Ask first: no plan is passed over or chosen with a price that looks abnormally low and was not explained."""
    if open_prices(evaluation):
        raise NotNow(_("A price that looks abnormally low was not asked about and judged."))


def digest_of_all(contents: Mapping[uuid.UUID, Content]) -> str:
    """One digest over all letters: what the reviewer read is what is kept."""
    return digest_of({str(key): content for key, content in contents.items()})


@operation
def decide_award(evaluation: Evaluation, *, actor: User, version: int | None = None) -> None:
    """Send every bidder its letter at the same moment; from then the standstill counts (art. 2.127 Aw; Belgium: art. 11
    of the Act of 17 June 2013).

    `NotNow` before another official has reviewed the letters, or when they would say something else by now.
    """
    evaluation.expect_version(version)
    FLOW.advance(evaluation, Action.AWARD_DECIDE)
    expect_prices_judged(evaluation)
    letters = letters_in_hand(evaluation)
    if not letters:
        raise NotNow(_("Another official reviews the letters first."))
    if {one.opened_id: one.digest for one in letters} != {k: digest_of(v) for k, v in drafts(evaluation).items()}:
        raise NotNow(_("The letters say something else than what was reviewed. They are reviewed again."))
    call = evaluation.call
    evaluation.decided_at, evaluation.withdrawn_at = clock.now(), None
    evaluation.standstill_until = clock.term_end(clock.today(), call.standstill_days, call.programme.jurisdiction)
    earlier_ones = select(Letter).where(Letter.evaluation_id == evaluation.id, Letter.state == LetterState.SENT)
    for earlier in db.session.scalars(earlier_ones).unique():
        earlier.state = LetterState.OVERTAKEN
    counted = standstill_of(evaluation)
    for letter in letters:
        assert counted is not None  # decided just now
        letter.content = sent_letter(letter.content, letter.locale, counted)
        letter.digest = digest_of(letter.content)
        letter.state, letter.sent_at = LetterState.SENT, evaluation.decided_at
    record(
        Action.AWARD_DECIDE,
        evaluation,
        actor,
        ranking={str(one.consortium_id): [one.rank, one.total_hundredths] for one in evaluation.opened},
        standstill_until=evaluation.standstill_until,
        letters={str(one.opened_id): one.digest for one in letters},
    )
    notices.tell_decided(evaluation, letters)
    ask_proofs(evaluation)


@operation
def resend_letter(letter: Letter, *, actor: User) -> None:
    """Send one letter again, word for word, for instance when a mail came back. In Belgium the standstill then counts
    from this sending for everybody, who are all told; in the Netherlands it stays."""
    LETTER_FLOW.advance(letter, Action.LETTER_RESEND)
    evaluation, call = letter.evaluation, letter.evaluation.call
    letter.last_sent_at = clock.now()
    if call.programme.jurisdiction in FROM_LAST_SENDING:
        evaluation.standstill_until = clock.term_end(clock.today(), call.standstill_days, call.programme.jurisdiction)
    record(Action.LETTER_RESEND, letter, actor, digest=letter.digest, standstill_until=evaluation.standstill_until)
    notices.tell_resent(letter)
    if call.programme.jurisdiction in FROM_LAST_SENDING:
        notices.tell_standstill_moved(evaluation)


@operation
def read_letter(letter: Letter, *, actor: User) -> None:
    """Somebody of the bidder opened the letter; kept once per person as proof that it arrived."""
    own = [one.organisation_id for one in letter.opened.consortium.taking_part]
    organisation = next((key for key in own if key in actor.organisation_ids), None)
    if organisation is None or any(one.user_id == actor.id for one in letter.readings):
        return
    letter.readings.append(LetterReading(user_id=actor.id, organisation_id=organisation))
    record(Action.LETTER_READ, letter, actor, organisation=organisation)


@operation
def finalise_award(evaluation: Evaluation, *, actor: User) -> None:
    """The standstill has passed, no objection is open and nothing suspends it: the award is final, and public."""
    FLOW.advance(evaluation, Action.AWARD_FINALISE)
    if suspensions_of(evaluation):
        raise NotNow(_("The award is suspended."))
    if proofs_lacking(evaluation):
        raise NotNow(_("The proof of the winner is not complete."))
    winners, call = evaluation.winners(), evaluation.call
    handed_in = select(Consortium).filter_by(call_id=call.id, state=ConsortiumState.SUBMITTED)
    for consortium in db.session.scalars(handed_in):
        consortium.state = ConsortiumState.NOT_AWARDED
    for winner in winners:
        winner.consortium.state = ConsortiumState.AWARDED
    evaluation.finalised_at = clock.now()
    call.state = CallState.AWARDED
    reach_phase(call.programme, Phase.AGREEMENT)
    record(Action.AWARD_FINALISE, evaluation, actor, winners=[str(one.consortium_id) for one in winners])
    notices.tell_final(evaluation)


def suspensions_of(evaluation: Evaluation) -> list[Suspension]:
    """What the award waits for outside the portal."""
    found = select(Suspension).where(Suspension.evaluation_id == evaluation.id, Suspension.lifted_at.is_(None))
    return list(db.session.scalars(found))
