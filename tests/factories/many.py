"""A call that a thousand consortia answer, laid with a few statements."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.calls.key_models import Purpose, current_key
from app.calls.models import Call, Duty
from app.calls.states import CallState
from app.consortia.models import Consortium, Partner
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.evaluation.conflict_models import ConflictDeclaration
from app.evaluation.models import Consensus, Evaluation, OpenedProposal, Score
from app.evaluation.states import Admission, EvaluationState
from app.extensions import db
from app.notifications.models import MailState, Notification
from app.people.models import Organisation, OrganisationKind, User
from app.proposals.content import make_content
from app.proposals.envelope import Sealed, seal
from app.proposals.models import Proposal
from app.proposals.states import ProposalState

PARAGRAPH = "Coaches of the neighbourhood meet every young adult within a week and stay. "
SECTIONS = dict.fromkeys(("approach", "team", "planning", "risks"), PARAGRAPH * 8)
WORDS = "Every participant has one coach, and the plan says who steps in when that coach falls ill."


def make_consortia(
    call: Call, count: int, state: ConsortiumState = ConsortiumState.SUBMITTED, lead: Organisation | None = None
) -> list[uuid.UUID]:
    """Ids of `count` consortia, each of a partner and a lead of its own, or led by `lead`."""
    leads = [_provider(f"Lead {n:04}") for n in range(0 if lead else count)]
    partners = [_provider(f"Partner {n:04}") for n in range(max(1, count // 20))]
    consortia: list[dict[str, Any]] = [
        _row(call_id=call.id, name=f"Consortium {n:04}", lead_id=lead.id if lead else leads[n]["id"], state=state)
        for n in range(count)
    ]
    parts = [
        _row(
            consortium_id=consortium["id"],
            organisation_id=organisation,
            life_domains=["work"],
            role="Coach",
            skills=["mentoring"],
            municipalities=[],
            state=PartnerState.ACCEPTED,
        )
        for n, consortium in enumerate(consortia)
        for organisation in (consortium["lead_id"], partners[n % len(partners)]["id"])
    ]
    _lay(Organisation, leads + partners)
    _lay(Consortium, consortia)
    _lay(Partner, parts)
    db.session.commit()
    return [consortium["id"] for consortium in consortia]


def make_proposals(call: Call, count: int) -> list[uuid.UUID]:
    """Ids of `count` plans, sealed and handed in before the deadline."""
    content = make_content(SECTIONS, {effect.id: 40 for effect in call.table.effects})
    handed_in = min(clock.now(), call.deadline) - timedelta(hours=2)
    to = current_key(call, Purpose.PLAN)
    plans = []
    for n, consortium in enumerate(make_consortia(call, count)):
        key = uuid.uuid4()
        sealed = seal(content, to, key) if to else Sealed(b"", "0" * 64)
        plans.append(
            _row(
                id=key,
                call_id=call.id,
                consortium_id=consortium,
                plan=sealed.envelope,
                discount=b"",
                own_key=b"",
                own_copy=b"",
                digest=sealed.digest,
                discount_digest="",
                generation=1,
                state=ProposalState.SUBMITTED,
                submitted_at=handed_in + timedelta(seconds=n),
            )
        )
    _lay(Proposal, plans)
    db.session.commit()
    return [plan["id"] for plan in plans]


def make_opened(call: Call, count: int) -> Evaluation:
    """`count` plans of a call whose deadline has passed: opened, scored by every scorer, agreed upon and ranked."""
    make_proposals(call, count)
    content = dict(make_content(SECTIONS, {effect.id: 40 for effect in call.table.effects}))
    now = clock.now()
    evaluation = Evaluation(call=call, programme_id=call.programme_id, state=EvaluationState.FROZEN)
    evaluation.agreed_at = evaluation.frozen_at = evaluation.ranked_at = now
    call.state = CallState.CLOSED
    db.session.add(evaluation)
    db.session.flush()
    found = select(Proposal.id, Proposal.consortium_id, Proposal.digest).filter_by(call_id=call.id)
    opened = [
        _row(
            evaluation_id=evaluation.id,
            proposal_id=proposal.id,
            consortium_id=proposal.consortium_id,
            content=content,
            digest=proposal.digest,
            total_hundredths=100 * _points(n, count),
            rank=1 + next(m for m in range(count) if _points(m, count) == _points(n, count)),
            reasons=WORDS,
            admission=Admission.ADMITTED,
        )
        for n, proposal in enumerate(db.session.execute(found.order_by(Proposal.submitted_at)))
    ]
    db.session.execute(update(Proposal).where(Proposal.call_id == call.id).values(state=ProposalState.OPENED))
    _lay(OpenedProposal, opened)
    _score(call, evaluation, [plan["id"] for plan in opened])
    db.session.commit()
    return evaluation


def _score(call: Call, evaluation: Evaluation, plans: list[uuid.UUID]) -> None:
    scorers = [member.user_id for member in call.on_committee(Duty.SCORER)]
    criteria = [criterion.id for criterion in call.criteria]
    judges = {member.user_id for member in call.committee}
    _lay(ConflictDeclaration, [_row(evaluation_id=evaluation.id, user_id=u, has_conflict=False) for u in judges])
    _lay(
        Score,
        [
            _row(opened_id=plan, criterion_id=c, scorer_id=u, points=7, motivation=WORDS, locked_at=clock.now())
            for plan in plans
            for c in criteria
            for u in scorers
        ],
    )
    _lay(
        Consensus,
        [
            _row(opened_id=plan, criterion_id=c, points=_points(n, len(plans)), motivation=WORDS)
            for n, plan in enumerate(plans)
            for c in criteria
        ],
    )


def _points(n: int, count: int) -> int:
    return 10 - n * 11 // count


def make_notices(user: User, count: int) -> None:
    """What months of use leave in an inbox; every fifth is unread."""
    notices = [
        _row(
            user_id=user.id,
            address=user.email,
            action="call.publish",
            title=f"A call was rectified ({n})",
            body=WORDS,
            path="/calls/",
            locale="en",
            read_at=clock.now() if n % 5 else None,
            mail_state=MailState.SENT,
            created_at=clock.now() - timedelta(hours=n),
        )
        for n in range(count)
    ]
    _lay(Notification, notices)
    db.session.commit()


def _provider(name: str) -> dict[str, Any]:
    return _row(name=name, kind=OrganisationKind.PROVIDER, vetted_at=clock.now())


def _row(**facts: Any) -> dict[str, Any]:
    return {"id": uuid.uuid4()} | facts


def _lay(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)
