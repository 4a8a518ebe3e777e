"""The rules of the agreement's price table, checked when a claim is registered; each refusal names its rule.

Pure: rows in, `Refused` on the field out. Source: the domain, sections 3, 4 (D4) and 9, and the order of operations of
`replay/1` (`requires`, `max_per_person`): what is refused here would be worth nothing at settlement.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import Refused, refuse_with
from app.core.format import day
from app.intake.models import Participant
from app.outcomes import clocks
from app.outcomes.clock_models import ClockRun, clock_runs_of
from app.outcomes.issuers import IssuerClass, check_issuer
from app.outcomes.models import Claim
from app.outcomes.required import missing_among
from app.outcomes.same_document import NO_FILE, named
from app.outcomes.states import COUNTING, OPEN
from app.pricing.models import PERSONAL, Effect, EffectKind, EvidenceType


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What is claimed. `quantity` counts units (1 for an effect per person); `evidence_digest` is the SHA-256 (64 hex
    digits) of the document, which stays with the provider; `evidence_issuer` a value of `IssuerClass`;
    `same_document_because` says why that document, which stands under another claim already, proves this one too;
    `other_issuer` that an unusual issuer is right."""

    effect: Effect
    achieved_on: date
    evidence_type: EvidenceType
    evidence_issuer: str
    evidence_on: date
    evidence_digest: str
    quantity: int = 1
    note: str = ""
    same_document_because: str = ""
    other_issuer: bool = False


def check_claim(
    participant: Participant, known: dict[str, Any], earlier: Iterable[Claim], *, in_file: bool = False
) -> None:
    """Raise `Refused` with every rule that the claim breaks. `earlier`: all claims of the participant.

    `known` holds the fields of `ClaimFacts`, and `rows` where a file is read: the rows of the claims that only it would
    make. A rule is passed over when a fact that it reads is missing, or was refused already; `in_file`: but for those
    that say of the evidence what is so whatever else is wrong, since there each further round costs a file.
    """
    counting = [claim for claim in earlier if claim.state in COUNTING]
    check_all(RULES, participant, counting, known, BY_ITSELF if in_file else ())


def check_nobody(known: dict[str, Any]) -> None:
    """The rules that a claim breaks for whomever it is made."""
    check_all(OF_NOBODY, None, [], known)


def check_once(claim: Claim, counting: list[Claim]) -> None:
    """The same effect as `claim` is not claimed already by one that counts, as often as the table pays it."""
    known = {"effect": claim.effect, "achieved_on": claim.achieved_on}
    check_all(((_number, NUMBER),), claim.participant, counting, known)


def check_all(
    rules: "Rules", about: Any, counting: list[Any], known: dict[str, Any], by_itself: Sequence[Any] = ()
) -> None:
    """Raise `Refused` with all that `known` breaks; `about` and `counting` are handed to each rule. `by_itself`: the
    rules that are told also where another fact that they read was refused."""
    broken: dict[str | None, Refused] = {}
    known = {"rows": NO_FILE} | known
    for rule, reads in rules:
        is_told = rule in by_itself or not any(name in broken for name in reads)
        if is_told and all(known.get(name) is not None for name in reads):
            try:
                rule(about, counting, *(known[name] for name in reads))
            except Refused as refused:
                broken |= {one.field: one for one in (refused, *refused.also)}
    refuse_with(list(broken.values()))


def _kind(_about: Any, _counting: list[Claim], effect: Effect) -> None:
    if effect.kind not in PERSONAL:
        raise Refused(_("Rule “kind”: this effect is measured for the cohort and not per participant."), "effect")


def _achieved_past(_about: Any, _counting: list[Claim], achieved_on: date) -> None:
    if achieved_on > clock.today():
        raise Refused(_("Rule “achievement date”: an effect cannot be achieved in the future."), "achieved_on")


def _achieved(participant: Participant, _counting: list[Claim], achieved_on: date) -> None:
    programme = participant.programme
    if achieved_on < participant.started_on:
        start = day(participant.started_on)
        raise Refused(
            _("Rule “achievement date”: the participant only started on %(start)s.", start=start), "achieved_on"
        )
    if achieved_on > programme.tail_until:
        last = day(programme.tail_until)
        raise Refused(_("Rule “tail”: effects of this bond accrue until %(last)s.", last=last), "achieved_on")


def _quantity(_about: Any, _counting: list[Claim], effect: Effect, quantity: int) -> None:
    if quantity < 1:
        raise Refused(_("Rule “quantity”: at least 1."), "quantity")
    if effect.kind != EffectKind.PER_UNIT and quantity != 1:
        raise Refused(_("Rule “quantity”: this effect counts once per claim."), "quantity")


def _number(
    _participant: Participant, counting: list[Claim], effect: Effect, achieved_on: date, rows: Mapping[uuid.UUID, int]
) -> None:
    most = effect.max_per_person
    same = [claim for claim in counting if claim.effect_id == effect.id]
    if most is not None and effect.kind != EffectKind.PER_UNIT and len(same) >= most:
        if most == 1:
            told = _(
                "Rule “once only”: this effect is claimed already for this participant: %(claim)s.",
                claim=named(same[0], rows),
            )
            raise Refused(told, "effect")
        raise Refused(_("Rule “maximum per person”: %(most)d times, all claimed already.", most=most), "effect")
    of_that_day = next((claim for claim in same if claim.achieved_on == achieved_on), None)
    if of_that_day is not None:
        told = _(
            "Rule “once only”: this effect is claimed already for this participant on this day: %(claim)s.",
            claim=named(of_that_day, rows),
        )
        raise Refused(told, "achieved_on")


def _required(_participant: Participant, counting: list[Claim], effect: Effect, achieved_on: date) -> None:
    for needed in effect.requires:
        name = next((other.name for other in effect.table.effects if other.code == needed), needed)
        found = [claim for claim in counting if claim.effect.code == needed and claim.achieved_on <= achieved_on]
        if not found:
            raise Refused(
                _("Rule “requires”: claim “%(name)s” first, achieved on this day or earlier.", name=name), "effect"
            )
        further = [missing_among(claim, counting) if claim.state in OPEN else None for claim in found]
        if all(further):
            first = further[0].name  # type: ignore[union-attr]
            told = _(
                "Rule “requires”: “%(name)s” is claimed and waits itself, since “%(first)s”, which comes before it, "
                "does not stand. Claim that first.",
                name=name,
                first=first,
            )
            raise Refused(told, "effect")


def _best_of(participant: Participant, counting: list[Claim], effect: Effect) -> None:
    """replay/1, step 4: of a group only the dearest is paid, so a cheaper one beside it is worth nothing."""
    for rival in (claim.effect for claim in counting):
        of_one_group = effect.best_of and rival.best_of == effect.best_of and rival.code != effect.code
        if of_one_group and _price(rival, participant) >= _price(effect, participant):
            told = _(
                "Rule “best of”: only the dearest of its group is paid, and “%(name)s” is claimed.", name=rival.name
            )
            raise Refused(told, "effect")


def _price(effect: Effect, participant: Participant) -> int:
    return effect.payer_prices.get(str(participant.payer_id), effect.price_minor)


def _clock(participant: Participant, counting: list[Claim], effect: Effect, achieved_on: date) -> None:
    if effect.lasts:
        _lasting(effect, achieved_on, when_it_can_run(participant, effect, clock_runs_of(participant), counting))


def when_it_can_run(
    participant: Participant, effect: Effect, noted: Iterable[ClockRun], counting: Iterable[Claim]
) -> list[clocks.Run]:
    """Of the clock that makes `effect`. While nobody noted one and nothing is claimed that starts it, it can have run
    since the participant started, and no longer."""
    since = participant.started_on
    return clocks.runs_of(clocks.chain_of(effect), noted, counting, since) or [clocks.Run(since)]


def earliest_of(claim: Claim, noted: Iterable[ClockRun], others: Iterable[Claim]) -> date | None:
    """The first day on which the effect of `claim` can be reached, where that lies after the day that is claimed."""
    if not claim.effect.lasts:
        return None
    counting = [one for one in others if one.state in COUNTING and one.id != claim.id]
    runs = when_it_can_run(claim.participant, claim.effect, noted, counting)
    first = clocks.reached_on(claim.effect, runs)
    return first if first is not None and first > claim.achieved_on else None


def check_hand_in(claim: Claim, noted: Iterable[ClockRun], others: Iterable[Claim]) -> None:
    """What is handed in still holds, whatever became of other claims and clocks since it was registered: what it
    requires stands, and it lasted long enough. Raises `Refused`, with the rule named."""
    counting = [one for one in others if one.state in COUNTING and one.id != claim.id]
    _required(claim.participant, counting, claim.effect, claim.achieved_on)
    if claim.effect.lasts:
        runs = when_it_can_run(claim.participant, claim.effect, noted, counting)
        _lasting(claim.effect, claim.achieved_on, runs)


def _lasting(effect: Effect, achieved_on: date, runs: Sequence[clocks.Run]) -> None:
    """D4: an effect that lasts is reached when its clock has run for so long, without a stop. Refused with the first
    day on which it can be."""
    if any((due := run.reaches(effect)) is not None and due <= achieved_on for run in runs):
        return
    first = clocks.reached_on(effect, runs)
    stops = [run.stopped_on for run in runs if run.stopped_on is not None and run.reaches(effect) is None]
    if stops:
        said = {"stop": day(max(stops)), "first": day(first) if first else _("after its next start")}
        told = _("Rule “clock reset”: the clock stopped on %(stop)s. First day: %(first)s.", **said)
        raise Refused(told, "achieved_on")
    said = {"start": day(runs[-1].started_on), "first": day(first) if first else "–"}
    raise Refused(_("Rule “duration”: the clock runs from %(start)s. First day: %(first)s.", **said), "achieved_on")


def _evidence_type(_about: Any, _counting: list[Any], effect: Effect, evidence_type: EvidenceType) -> None:
    if evidence_type != effect.evidence_type:
        kind = effect.evidence_type.label
        raise Refused(_("Rule “evidence type”: this effect is proven by: %(kind)s.", kind=kind), "evidence_type")


def _evidence_past(_about: Any, _counting: list[Any], evidence_on: date) -> None:
    if evidence_on > clock.today():
        raise Refused(_("Rule “evidence date”: evidence cannot be dated in the future."), "evidence_on")


def _evidence_window(_about: Any, _counting: list[Any], effect: Effect, achieved_on: date, evidence_on: date) -> None:
    last = achieved_on + timedelta(days=effect.evidence_days)
    if not achieved_on <= evidence_on <= last:
        window = {"first": day(achieved_on), "last": day(last)}
        raise Refused(_("Rule “evidence window”: dated from %(first)s to %(last)s.", **window), "evidence_on")


def _issuer(_about: Any, _counting: list[Any], evidence_issuer: str) -> None:
    if evidence_issuer not in set(IssuerClass):
        raise Refused(_("Rule “issuer”: choose the kind of organisation from the list."), "evidence_issuer")


def _issuer_fits(
    _about: Any, _counting: list[Any], evidence_type: EvidenceType, evidence_issuer: str, other_issuer: bool
) -> None:
    check_issuer(evidence_type, evidence_issuer, other_issuer)


def _digest(_about: Any, _counting: list[Any], evidence_digest: str) -> None:
    if len(evidence_digest) != 64 or set(evidence_digest) - set("0123456789abcdef"):
        raise Refused(_("Give the SHA-256 of the document: 64 digits and letters a to f."), "evidence_digest")


Rules = tuple[tuple[Callable[..., None], tuple[str, ...]], ...]  # each with the facts that it reads
NUMBER = ("effect", "achieved_on", "rows")
EVIDENCE: Rules = (
    (_evidence_type, ("effect", "evidence_type")),
    (_evidence_past, ("evidence_on",)),
    (_evidence_window, ("effect", "achieved_on", "evidence_on")),
    (_digest, ("evidence_digest",)),
    (_issuer, ("evidence_issuer",)),
    (_issuer_fits, ("evidence_type", "evidence_issuer", "other_issuer")),
)
OF_NOBODY: Rules = (
    (_kind, ("effect",)),
    (_achieved_past, ("achieved_on",)),
    (_quantity, ("effect", "quantity")),
    *EVIDENCE,
)
RULES: Rules = (
    (_kind, ("effect",)),
    (_achieved_past, ("achieved_on",)),
    (_achieved, ("achieved_on",)),
    (_quantity, ("effect", "quantity")),
    (_number, NUMBER),
    (_required, ("effect", "achieved_on")),
    (_best_of, ("effect",)),
    (_clock, ("effect", "achieved_on")),
    *EVIDENCE,
)
BY_ITSELF = (_evidence_type, _evidence_window)
