"""The only code that registers claims; the steps after it are in `proving`. What is typed about a person never reaches
the trail."""

import uuid
from collections.abc import Mapping
from dataclasses import fields

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core.contact import refuse_who
from app.core.document import Document
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evidence.operations import keep_file
from app.extensions import db
from app.intake.models import Participant
from app.intake.rules import agreement_of
from app.outcomes import rules
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import Claim, claims_of
from app.outcomes.rules import ClaimFacts
from app.outcomes.same_document import NO_FILE, expect_said
from app.people.models import User


@operation
def register_claim(
    participant: Participant,
    facts: ClaimFacts,
    *,
    actor: User,
    once: uuid.UUID,
    document: Document | None = None,
    rows: Mapping[uuid.UUID, int] = NO_FILE,
) -> Claim:
    """Claim one effect of the agreement's table for one participant; `document` is kept with it. `rows`: the other
    claims of the same file.

    Refused, with the rule named, when the table does not allow it, when its document stands under another claim and
    nothing says why (`same_document`), or when a national number stands in a text.
    """
    existing = db.session.get(Claim, once)
    if existing is not None:
        return existing
    agreement = agreement_of(participant.programme)
    if agreement is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    if facts.effect.table_id != agreement.table_id:
        raise Refused(_("Choose an effect of the table in the agreement."), "effect")
    known = {f.name: getattr(facts, f.name) for f in fields(facts)} | {"rows": rows}
    rules.check_claim(participant, known, claims_of(participant))
    because = expect_said(facts.evidence_digest, facts.same_document_because, actor, rows)
    refuse_who(evidence_issuer=facts.evidence_issuer, note=facts.note, same_document_because=because or "")
    claim = Claim(
        id=once,
        programme=participant.programme,
        participant=participant,
        effect=facts.effect,
        achieved_on=facts.achieved_on,
        quantity=facts.quantity,
        evidence_type=facts.evidence_type,
        evidence_issuer=facts.evidence_issuer,
        evidence_on=facts.evidence_on,
        evidence_digest=facts.evidence_digest,
        note=facts.note,
        same_document_because=because,
        registered_by_id=actor.id,
    )
    db.session.add(claim)
    db.session.flush()
    record(Action.CLAIM_REGISTER, claim, actor, effect=facts.effect.code, evidence=facts.evidence_digest)
    lay_milestones(participant)
    if document is not None:
        keep_file(claim, document, actor=actor, once=uuid.uuid4())
    return claim
