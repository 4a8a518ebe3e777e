"""What the portal itself knows about a judge and the bidders: same organisation, former partner, named person."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select

from app.access.actions import Action
from app.audit.models import AuditEntry, AuditFacts
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.evaluation.conflict_models import ConflictFinding
from app.evaluation.models import Evaluation, OpenedProposal, consortia_of
from app.evaluation.states import Detected
from app.extensions import db
from app.people.models import User


def found_about(evaluation: Evaluation, person: User) -> list[tuple[Detected, Consortium]]:
    """Every tie between `person` and a bidder that stands in the books, the gravest first."""
    found = [(Detected.SAME_ORGANISATION, one) for one in _same_organisation(evaluation, person)]
    found += [(Detected.FORMER_MEMBER, one) for one in _former_member(evaluation, person)]
    found += [(Detected.FORMER_PARTNER, one) for one in _former_partner(evaluation, person)]
    found += [(Detected.NAMED_PERSON, one) for one in _named(evaluation, person)]
    return found


def keep(evaluation: Evaluation, person: User, found: Iterable[tuple[Detected, Consortium]]) -> list[ConflictFinding]:
    """Lay down what was not found before; it closes the plans to the person."""
    known = {(one.user_id, one.consortium_id, one.kind) for one in evaluation.findings}
    made = [
        ConflictFinding(user=person, consortium=consortium, kind=kind)
        for kind, consortium in found
        if (person.id, consortium.id, kind) not in known
    ]
    evaluation.findings.extend(made)
    db.session.flush()
    return made


def named_in(text: str, person: User) -> bool:
    """Does the whole name of `person` stand in `text`? A name of one word alone says too little."""
    words = person.name.split()
    if len(words) < 2:
        return False
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)"
    return re.search(pattern, text, re.IGNORECASE) is not None


def _same_organisation(evaluation: Evaluation, person: User) -> list[Consortium]:
    found = select(Consortium).where(Consortium.id.in_(consortia_of(person)), Consortium.id.in_(_bidding(evaluation)))
    return list(db.session.scalars(found.order_by(Consortium.name)).unique())


def _former_member(evaluation: Evaluation, person: User) -> list[Consortium]:
    """The trail tells who was taken out of an organisation."""
    partners = select(Partner).where(
        Partner.consortium_id.in_(_bidding(evaluation)), Partner.state == PartnerState.ACCEPTED
    )
    organisations = partners.with_only_columns(Partner.organisation_id)
    removed = (
        select(AuditEntry.subject_id, AuditFacts.body)
        .join(AuditFacts, AuditFacts.seq == AuditEntry.seq)
        .where(AuditEntry.action == str(Action.MEMBER_REMOVE), AuditEntry.subject_id.in_(organisations))
    )
    left = {row.subject_id for row in db.session.execute(removed) if row.body.get("member") == str(person.id)}
    if not left:
        return []
    return [one.consortium for one in db.session.scalars(partners.where(Partner.organisation_id.in_(left)))]


def _former_partner(evaluation: Evaluation, person: User) -> list[Consortium]:
    """The person's organisation left a bidder, or was in a consortium for this call that is no bidder."""
    found = select(Consortium).join(Partner).where(Consortium.call_id == evaluation.call_id)
    found = found.where(Partner.organisation_id.in_(person.organisation_ids))
    left = Partner.state == PartnerState.LEFT
    elsewhere = (Partner.state == PartnerState.ACCEPTED) & Consortium.id.not_in(_bidding(evaluation))
    return list(db.session.scalars(found.where(left | elsewhere).order_by(Consortium.name)).unique())


def _named(evaluation: Evaluation, person: User) -> list[Consortium]:
    found = select(OpenedProposal.consortium_id, OpenedProposal.content)
    plans = db.session.execute(
        found.where(OpenedProposal.evaluation_id == evaluation.id).execution_options(yield_per=50)
    )
    named = [plan.consortium_id for plan in plans if any(named_in(text, person) for text in texts_of(plan.content))]
    return list(db.session.scalars(select(Consortium).where(Consortium.id.in_(named)))) if named else []


def texts_of(content: Any) -> Iterator[str]:
    """Every text in a plan, however deep it lies."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, inner in content.items():
            if key != "files":  # bytes in base64
                yield from texts_of(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from texts_of(inner)


def _bidding(evaluation: Evaluation) -> Any:
    return select(OpenedProposal.consortium_id).where(OpenedProposal.evaluation_id == evaluation.id)
