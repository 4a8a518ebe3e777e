"""The rules of the agreement's price table, checked when a claim is registered; each refusal names its rule.

Pure: rows in, `Refused` on the field out. Source: the domain, sections 3, 4 (D4) and 9, and the order of operations of
`replay/1` (`requires`, `max_per_person`): what is refused here would be worth nothing at settlement.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.outcomes.models import Claim, Participant
from app.outcomes.states import COUNTING
from app.pricing.models import Effect, EffectKind, EvidenceType
from app.programmes.models import MunicipalityShare, Programme


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What is claimed. `quantity` counts units (1 for an effect per person); `evidence_digest` is the SHA-256 (64 hex
    digits) of the document, which stays with the provider; `evidence_issuer` a class, such as "secondary school"."""

    effect: Effect
    achieved_on: date
    evidence_type: EvidenceType
    evidence_issuer: str
    evidence_on: date
    evidence_digest: str
    quantity: int = 1
    note: str = ""


def check_gates(programme: Programme, in_force: bool) -> None:
    """Intake opens when the agreement is in force and the DPIA is on record (domain, section 9)."""
    if not in_force:
        raise NotNow(_("Intake opens when the agreement is in force."))
    if not programme.dpia_reference or programme.dpia_on is None:
        raise NotNow(_("Intake opens when the reference and date of the DPIA are filled in on the programme."))


def check_start(programme: Programme, started_on: date) -> None:
    if started_on > clock.today():
        raise Refused(_("The start cannot lie in the future."), "started_on")
    if not programme.starts_on <= started_on <= programme.ends_on:
        period = {"start": day(programme.starts_on), "end": day(programme.ends_on)}
        raise Refused(_("Participants start between %(start)s and %(end)s.", **period), "started_on")


def check_room(share: MunicipalityShare | None, taken: int) -> None:
    """A municipality pays for its agreed part of the cohort and no more."""
    if share is None:
        raise Refused(_("This municipality has no part of the cohort."), "municipality")
    if taken >= share.cohort_size:
        raise Refused(_("All %(size)d places of this municipality are taken.", size=share.cohort_size), "municipality")


def check_claim(participant: Participant, facts: ClaimFacts, earlier: Iterable[Claim]) -> None:
    """Raise `Refused` on the first rule that the claim breaks. `earlier`: all claims of the participant."""
    counting = [claim for claim in earlier if claim.state in COUNTING]
    _check_achieved(participant, facts)
    _check_quantity(facts)
    _check_number(facts, counting)
    _check_required(facts, counting)
    _check_evidence(facts)


def _check_achieved(participant: Participant, facts: ClaimFacts) -> None:
    programme = participant.programme
    if facts.achieved_on > clock.today():
        raise Refused(_("Rule “achievement date”: an effect cannot be achieved in the future."), "achieved_on")
    if facts.achieved_on < participant.started_on:
        start = day(participant.started_on)
        raise Refused(
            _("Rule “achievement date”: the participant only started on %(start)s.", start=start), "achieved_on"
        )
    if facts.achieved_on > programme.tail_until:
        last = day(programme.tail_until)
        raise Refused(_("Rule “tail”: effects of this bond accrue until %(last)s.", last=last), "achieved_on")


def _check_quantity(facts: ClaimFacts) -> None:
    if facts.quantity < 1:
        raise Refused(_("Rule “quantity”: at least 1."), "quantity")
    if facts.effect.kind != EffectKind.PER_UNIT and facts.quantity != 1:
        raise Refused(_("Rule “quantity”: this effect counts once per claim."), "quantity")


def _check_number(facts: ClaimFacts, counting: list[Claim]) -> None:
    most = facts.effect.max_per_person
    if most is None or facts.effect.kind == EffectKind.PER_UNIT:
        return
    before = sum(claim.effect_id == facts.effect.id for claim in counting)
    if before >= most == 1:
        raise Refused(_("Rule “once only”: this effect is claimed already for this participant."), "effect")
    if before >= most:
        raise Refused(_("Rule “maximum per person”: %(most)d times, all claimed already.", most=most), "effect")


def _check_required(facts: ClaimFacts, counting: list[Claim]) -> None:
    for needed in facts.effect.requires:
        if not any(claim.effect.code == needed and claim.achieved_on <= facts.achieved_on for claim in counting):
            name = next((effect.name for effect in facts.effect.table.effects if effect.code == needed), needed)
            raise Refused(
                _("Rule “requires”: claim “%(name)s” first, achieved on this day or earlier.", name=name), "effect"
            )


def _check_evidence(facts: ClaimFacts) -> None:
    effect = facts.effect
    if facts.evidence_type != effect.evidence_type:
        kind = effect.evidence_type.label
        raise Refused(_("Rule “evidence type”: this effect is proven by: %(kind)s.", kind=kind), "evidence_type")
    if facts.evidence_on > clock.today():
        raise Refused(_("Rule “evidence date”: evidence cannot be dated in the future."), "evidence_on")
    last = facts.achieved_on + timedelta(days=effect.evidence_days)
    if not facts.achieved_on <= facts.evidence_on <= last:
        window = {"first": day(facts.achieved_on), "last": day(last)}
        raise Refused(_("Rule “evidence window”: dated from %(first)s to %(last)s.", **window), "evidence_on")
    if len(facts.evidence_digest) != 64 or set(facts.evidence_digest) - set("0123456789abcdef"):
        raise Refused(_("Give the SHA-256 of the document: 64 digits and letters a to f."), "evidence_digest")
