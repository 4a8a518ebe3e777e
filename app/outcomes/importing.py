"""Import participants or claims from a file: every row by the operation that its page calls, or nothing at all.

The dry run is the import itself, rolled back: what it says is what the rules said, in the order of the file.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.core.errors import NotNow, Refused, refuse_with, refused_by
from app.core.operation import operation
from app.extensions import db
from app.intake.lots import lot_named
from app.intake.models import Participant, Referral
from app.intake.notices import tell_registered_together
from app.intake.operations import own_organisation, register_participant
from app.intake.rules import (
    agreement_of,
    check_age,
    check_agreement,
    check_gates,
    check_informed,
    check_late,
    check_start,
)
from app.intake.states import ReferralState
from app.outcomes.import_models import ImportedFile
from app.outcomes.imported import id_of_row
from app.outcomes.imported_before import import_of_same, keep_import, registered_before
from app.outcomes.notices import tell_imported
from app.outcomes.operations import register_claim
from app.outcomes.payer_names import payers_by_name, unknown_payer
from app.outcomes.rules import ClaimFacts
from app.outcomes.sheets import CLAIMS, Fault, Line, participants_of, read_lines
from app.outcomes.unmade import Unmade
from app.people.models import Organisation, User
from app.pricing.files.cells import key_of
from app.pricing.files.upload import is_windows
from app.pricing.models import PERSONAL, Effect
from app.programmes.models import Part, Programme
from app.programmes.pseudonym import as_typed, is_mistyped


@dataclass(slots=True)
class Outcome:
    """What an import makes, or would make: (number of the row, what the page says of it), or everything wrong."""

    sha256: str
    as_windows: bool = False  # read as Windows-1252, which the page says
    made: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    earlier: ImportedFile | None = None  # the import of this very file before

    @property
    def repeated(self) -> list[int]:
        """The rows that say what is registered already."""
        return [number for number, made in self.made if made.get("is_known")]

    @property
    def alike(self) -> list[tuple[int, int]]:
        """(row, the earlier row of this file that says the very same): two people can share these facts."""
        return [(number, made["same_as"]) for number, made in self.made if made.get("same_as")]

    @property
    def asks(self) -> bool:
        """Whether nothing is imported before somebody says that it is not all registered already."""
        return bool(self.repeated or self.earlier)


class _RolledBack(Exception):
    """The end of a dry run, and of an import with a fault: nothing of it stays."""


def import_participants(
    programme: Programme, content: bytes, *, dry: bool, actor: User, once: uuid.UUID, is_new: bool = False
) -> Outcome:
    """`dry`: only say what it would do. The portal makes the codes; `made` says which row got which. `is_new`: whoever
    holds the key says that these are others than those who are registered already; without it nothing of a file is
    imported that was imported before, or that holds such a row (`Outcome.asks`)."""
    check_gates(programme)
    payers = payers_by_name(programme)
    lines, faults = read_lines(content, participants_of(programme))
    referrals = _referrals(programme, actor, lines)
    told: Counter[Organisation] = Counter()
    overdue: Counter[Organisation] = Counter()
    provider = own_organisation(programme, Part.PROVIDER, actor)
    sha256 = hashlib.sha256(content).hexdigest()
    days = {line.values["started_on"] for line in lines if line.values.get("started_on")}
    is_known = registered_before(programme, provider, once, days)
    seen: dict[str, int] = {}

    def make(line: Line, id: uuid.UUID) -> dict[str, Any]:
        values, same_as = dict(line.values), _same_row(line, seen)
        code, named, lot = values.pop("referral"), key_of(values.pop("municipality")), values.pop("lot")
        referral = referrals.get(as_typed(code)) if code else None
        municipality = _payer_of(programme, payers, code, named, referral)
        if lot:
            values["lot_id"] = lot_named(check_agreement(programme), provider, lot)
        was_there = db.session.get(Participant, id) is not None  # the same file, sent again
        try:
            made = register_participant(
                programme, municipality, referral=referral, actor=actor, once=id, tell=False, **values
            )
        except NotNow as late:  # of the referral: that the intake is open was asked before
            first = " " + _("Note first, on its own page, that this referral fits.") if _waits(referral) else ""
            raise Refused(f"{late.message}{first}", "referral") from None
        told[municipality] += not was_there
        overdue[municipality] += not was_there and made.days_to_register > 0
        said = {"age_band": made.age_band, "started_on": made.started_on}
        said |= {"id": made.id, "code": made.code, "municipality": municipality.name}
        return said | {"is_known": is_known(made), "same_as": same_as}

    def tell() -> None:
        for municipality, count in told.items():
            if count:
                tell_registered_together(programme, municipality, count, overdue[municipality])
        if told.total():
            keep_import(programme, provider, sha256, once, actor)
            tell_imported(programme, actor, once)

    def broken(line: Line) -> list[Refused]:
        return _wrong_with_person(line, programme, payers, referrals)

    def before() -> ImportedFile | None:
        return import_of_same(programme, provider, sha256, once)

    return run(content, lines, faults, make, dry, once, tell, broken, before, is_new)


def _payer_of(
    programme: Programme, payers: dict[str, Organisation], code: str, named: str, referral: Referral | None
) -> Organisation:
    """Who pays for the person of a row: named in it, or who referred."""
    if code and referral is None:
        raise Refused(_("No referral of this bond has this code."), "referral")
    if not code and not named:
        raise Refused(_("Fill this in, or the code of the referral."), "municipality")
    municipality = referral.payer if referral and not named else payers.get(named)
    if municipality is None:
        raise Refused(unknown_payer(programme), "municipality")
    if referral is not None and municipality != referral.payer:
        raise Refused(_("Another municipality referred this person."), "municipality")
    return municipality


def _same_row(line: Line, seen: dict[str, int]) -> int | None:
    """The number of an earlier row of the file that says the same in every cell."""
    first = seen.setdefault(repr(sorted((name, str(value)) for name, value in line.values.items())), line.number)
    return first if first != line.number else None


def _wrong_with_person(
    line: Line, programme: Programme, payers: dict[str, Organisation], referrals: dict[str, Referral]
) -> list[Refused]:
    values, found = line.values, []
    code, named = as_typed(values.get("referral") or ""), key_of(values.get("municipality") or "")
    if code and code not in referrals:
        found.append(Refused(_("No referral of this bond has this code."), "referral"))
    if named and named not in payers:
        found.append(Refused(unknown_payer(programme), "municipality"))
    age, start, told = (values.get(name) for name in ("age_band", "started_on", "informed_on"))
    if age:
        found += refused_by(check_age, programme, age)
    if start:
        found += refused_by(check_start, programme, start)
        found += refused_by(check_late, start, values.get("late_reason"))
    if start and told:
        found += refused_by(check_informed, check_gates(programme), told, start)
    return found


def _waits(referral: Referral | None) -> bool:
    return referral is not None and referral.state == ReferralState.REFERRED


def _referrals(programme: Programme, actor: User, lines: list[Line]) -> dict[str, Referral]:
    codes = {as_typed(line.values["referral"]) for line in lines if line.values.get("referral")}
    found = Referral.visible_to(actor).where(Referral.programme_id == programme.id, Referral.code.in_(codes))
    return {referral.code: referral for referral in db.session.scalars(found).unique()}


def import_claims(programme: Programme, content: bytes, *, dry: bool, actor: User, once: uuid.UUID) -> Outcome:
    """The same for claims, oldest achievement first, so that a chain may stand in one file in any order."""
    agreement = agreement_of(programme)
    if agreement is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    effects: dict[str, Effect] = {}
    for effect in agreement.table.effects:
        if effect.kind in PERSONAL:
            effects |= {key_of(effect.code): effect, key_of(effect.name): effect}
    lines, faults = read_lines(content, CLAIMS)
    people = _people(programme, actor, lines)
    rows: dict[uuid.UUID, int] = {}
    unmade = Unmade(actor, rows)
    seen: dict[str, int] = {}

    def make(line: Line, id: uuid.UUID) -> dict[str, Any]:
        person, known = read(line)
        if person is None or known["effect"] is None or unmade.bears_on(person, known) or _same_row(line, seen):
            refuse_with(broken(line))
        else:
            known["evidence_type"] = known["evidence_type"] or known["effect"].evidence_type
            register_claim(person, ClaimFacts(**known), actor=actor, once=id, rows=rows)
            rows[id] = line.number
        days = {"achieved_on": known["achieved_on"], "evidence_on": known["evidence_on"]}
        return days | {"code": as_typed(line.values["participant"]), "effect": known["effect"].name}

    def read(line: Line) -> tuple[Participant | None, dict[str, Any]]:
        known = dict(line.values)
        known["effect"] = effects.get(key_of(known.get("effect") or ""))
        if known.get("evidence_digest"):
            known["evidence_digest"] = known["evidence_digest"].replace(" ", "").lower()
        return people.get(as_typed(known.pop("participant", None) or "")), known

    def broken(line: Line) -> list[Refused]:
        if same_as := _same_row(line, seen):
            told = _("This row says the same as row %(row)d in every cell.", row=same_as)
            return [Refused(told, "participant")]
        (person, known), found = read(line), []
        if line.values.get("participant") and person is None:
            found.append(Refused(_why_nobody(line.values["participant"]), "participant"))
        if line.values.get("effect") and known["effect"] is None:
            found.append(Refused(_("No effect of the agreement is called this."), "effect"))
        found += unmade.wrong_with(person, known, line.number)
        unmade.keep(person, known, line.number)
        return found

    lines.sort(key=lambda line: (str(line.values.get("achieved_on", "")), line.number))
    return run(content, lines, faults, make, dry, once, broken=broken)


def _why_nobody(code: str) -> str:
    if is_mistyped(code):
        return _("This code holds a typing mistake: its check character does not fit.")
    return _("No participant of this bond has this code.")


def _people(programme: Programme, actor: User, lines: list[Line]) -> dict[str, Participant]:
    codes = {as_typed(line.values["participant"]) for line in lines if line.values.get("participant")}
    found = Participant.visible_to(actor).where(Participant.programme_id == programme.id, Participant.code.in_(codes))
    return {person.code: person for person in db.session.scalars(found).unique()}


def run(
    content: bytes,
    lines: list[Line],
    faults: list[Fault],
    make: Callable[[Line, uuid.UUID], Any],
    dry: bool,
    once: uuid.UUID,
    tell: Callable[[], None] = lambda: None,
    broken: Callable[[Line], list[Refused]] = lambda _line: [],
    before: Callable[[], ImportedFile | None] = lambda: None,
    is_new: bool = False,
) -> Outcome:
    """`broken`: the rules that a row breaks by the cells that could be read; `before`: an import of the same file."""
    outcome = Outcome(hashlib.sha256(content).hexdigest(), is_windows(content), faults=faults)
    if faults:
        return outcome
    with suppress(_RolledBack):
        _make_all(outcome, lines, make, dry, once, tell, broken, before, is_new)
    outcome.faults = [fault for line in sorted(lines, key=lambda line: line.number) for fault in line.faults]
    outcome.made = [] if outcome.faults else sorted(outcome.made, key=lambda one: one[0])
    return outcome


@operation
def _make_all(
    outcome: Outcome,
    lines: list[Line],
    make: Callable[[Line, uuid.UUID], Any],
    dry: bool,
    once: uuid.UUID,
    tell: Callable[[], None],
    broken: Callable[[Line], list[Refused]],
    before: Callable[[], ImportedFile | None],
    is_new: bool,
) -> None:
    outcome.earlier = before()
    for line in lines:
        if line.faults:  # all that is wrong is said at once
            line.also(broken(line))
            continue
        try:
            with db.session.begin_nested():
                made = make(line, id_of_row(once, line.number))
            outcome.made.append((line.number, made))
        except Refused as refused:
            for one in (refused, *refused.also):
                line.fault(one.field, one.message)
            line.also(broken(line))
    if dry or any(line.faults for line in lines) or (outcome.asks and not is_new):
        raise _RolledBack
    tell()
