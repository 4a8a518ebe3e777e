"""How a batch was verified, as far as the portal knows it: for every reader, so without a number of claims or people
that the batch is about (domain, section 9)."""

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select, union

from app.agreements.models import agreement_in_force
from app.extensions import db
from app.intake.models import Participant
from app.intake.recusals import Recusal
from app.outcomes.models import Batch, Claim, Measurement
from app.people.models import User
from app.pricing.models import UNPRICED, EvidenceType
from app.programmes.models import Programme
from app.verification.models import Declaration, Docket


def method_of(batch: Batch, docket: Docket | None, second: User | None, *, exact: bool) -> list[tuple[str, str]]:
    """`exact`: for who reads every claim of it, the kinds of evidence that were judged; others read which kinds the
    price table asks for, since that a kind occurs at all may be a small number."""
    kinds = _judged(batch) if exact else _asked(batch.programme)
    judges = _("two, and a third when they differ") if docket is not None and docket.assessors == 2 else _("one")
    asked = _("Kinds of evidence that the price table asks for")
    told = [(_("Kinds of evidence that were judged") if exact else asked, _named(kinds))]
    told.append((_("Assessors that judge each claim"), judges))
    if docket is not None:
        told.append((_("Declared independent for this batch"), _people(_declared(docket))))
    told.append((_("Conflicts of interest"), _conflicts(batch)))
    return [*told, (_("Signatures"), _("two, of different people") if second is not None else _("one"))]


def _judged(batch: Batch) -> set[EvidenceType]:
    of_claims = select(Claim.evidence_type).where(Claim.batch_id == batch.id, ~Claim.accepted_unseen)
    measured = select(Measurement.evidence_type).where(Measurement.batch_id == batch.id)
    return {EvidenceType(kind) for kind in db.session.scalars(union(of_claims, measured))}


def _asked(programme: Programme) -> set[EvidenceType]:
    agreement = db.session.scalar(agreement_in_force(programme.id))
    effects = agreement.table.effects if agreement is not None else []
    return {one.evidence_type for one in effects if one.evidence_type not in UNPRICED}


def _named(kinds: set[EvidenceType]) -> str:
    return "; ".join(str(one.label) for one in EvidenceType if one in kinds) or "–"


def _declared(docket: Docket) -> int:
    return db.session.scalar(select(func.count()).where(Declaration.docket_id == docket.id)) or 0


def _people(number: int) -> str:
    return ngettext("%(num)d person of the assessor", "%(num)d people of the assessor", number)


def _conflicts(batch: Batch) -> str:
    """Whether, never how often: a case that somebody left to colleagues is that of one person."""
    left = (
        select(Recusal.id)
        .join(Participant, Participant.id == Recusal.participant_id)
        .where(Participant.programme_id == batch.programme_id, Recusal.created_at <= batch.created_at)
    )
    if db.session.scalar(left.limit(1)) is None:
        return _("none was declared in this bond")
    return _("declared in this bond: colleagues judged those cases, closed to whoever declared it")
