"""Results of cohorts from a file: every row by the operation that the page calls, or nothing at all."""

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.errors import NotNow, Refused, refused_by
from app.intake.rules import agreement_of
from app.outcomes import importing
from app.outcomes.basis import FIELDS as BASIS
from app.outcomes.basis import Basis
from app.outcomes.importing import Outcome
from app.outcomes.issuers import IssuerClass
from app.outcomes.measurement_rules import MeasurementFacts, check_measurement
from app.outcomes.measuring import measurements_of, register_measurement, room_of
from app.outcomes.payer_names import payers_by_name, unknown_payer
from app.outcomes.sheets import OTHER_ISSUER, Column, Day, Figure, Issuer, Line, Plain, read_lines
from app.people.models import User
from app.pricing.files.cells import Amount, Number, Text, Whole, Word, key_of, yes_or_no
from app.pricing.models import PERSONAL, Counterfactual, EvidenceType
from app.programmes.models import Programme

# When a column is needed: `measurement_rules.MEASURED_BY` and `basis`, in words.
BY_VALUE = _l("for steps and bands of a measured value")
BY_DIFFERENCE = _l("for events avoided against a comparison group")
AVOIDED = _l("for a share of the cost avoided")
MEASURED = _l("for every result that is measured, and not for a fee")
WITH_A_GROUP = _l("where there is a comparison group")
SHARE_OF_GROUP = _l("for a share, where there is a comparison group")
SECOND = _l("for a second result in one period")
NO_COUNT = _l("for a share that no whole number of people gives")

MEASUREMENTS = (
    Column("effect", _l("Effect"), Plain(120, needed=True), "cohort-insured"),
    Column("payer", _l("Municipality that pays"), Plain(120, needed=True), "Enschede"),
    Column("achieved_on", _l("Measured on"), Day(None, needed=True), "2026-06-30"),
    Column("value", _l("Measured value"), Figure(""), "0.52", BY_VALUE),
    Column("cohort", _l("Cohort"), Plain(60), "", BY_DIFFERENCE),
    Column("treatment", _l("Events in the cohort"), Figure(""), "", BY_DIFFERENCE),
    Column("control", _l("Events in the comparison group"), Figure(""), "", BY_DIFFERENCE),
    Column("avoided_minor", _l("Cost avoided"), Amount(None), "", AVOIDED, "cost_avoided"),
    Column("quantity", _l("Number of fees"), Whole(None, least=1, most=10_000), "", _l("for a fixed fee")),
    Column("source", _l("Source of the figures"), Plain(200), "Register of insured people, 2026-Q2", MEASURED),
    Column("method", _l("Compared by"), Word(Counterfactual), "matched", MEASURED),
    Column("people", _l("People in the cohort"), Whole(None, least=1, most=1_000_000), "45", MEASURED),
    Column("compared", _l("People in the comparison group"), Whole(None, least=1, most=1_000_000), "90", WITH_A_GROUP),
    Column("compared_value", _l("The same share in the comparison group"), Figure(""), "0.40", SHARE_OF_GROUP),
    Column("low", _l("95 % interval, low end"), Number(""), "0.41", MEASURED),
    Column("high", _l("95 % interval, high end"), Number(""), "0.63", MEASURED),
    Column("evidence_type", _l("Evidence"), Word(EvidenceType), "registry"),
    Column("evidence_issuer", _l("Issued by"), Issuer(IssuerClass, needed=True), "statistical office"),
    Column("evidence_on", _l("Evidence dated"), Day(None, needed=True), "2026-07-03"),
    Column("evidence_digest", _l("SHA-256 of the document"), Text(64, needed=True), "ab" * 32),
    Column("note", _l("Note for the assessor"), Plain(2_000, lines=True), ""),
    Column("another_cohort", _l("Another cohort"), yes_or_no(), "", SECOND),
    Column("is_estimate", _l("This is an estimate or an adjusted share"), yes_or_no(), "", NO_COUNT),
    OTHER_ISSUER,
)


def import_measurements(programme: Programme, content: bytes, *, dry: bool, actor: User, once: uuid.UUID) -> Outcome:
    """`dry`: only say what it would do, by the same rules."""
    agreement = agreement_of(programme)
    if agreement is None:
        raise NotNow(_("Effects can be measured when the agreement is in force."))
    measured = [effect for effect in agreement.table.effects if effect.kind not in PERSONAL]
    effects = {key_of(name): effect for effect in measured for name in (effect.code, effect.name)}
    payers = payers_by_name(programme)
    lines, faults = read_lines(content, MEASUREMENTS)

    def make(line: Line, id: uuid.UUID) -> dict[str, Any]:
        values = dict(line.values)
        effect, payer = effects.get(key_of(values.pop("effect"))), payers.get(key_of(values.pop("payer")))
        if effect is None:
            raise Refused(_("No effect of the agreement that is measured is called this."), "effect")
        if payer is None:
            raise Refused(unknown_payer(programme), "payer")
        basis = Basis(**{name: values.pop(name) for name in BASIS})
        values["evidence_type"] = values["evidence_type"] or effect.evidence_type
        values["evidence_digest"] = values["evidence_digest"].replace(" ", "").lower()
        facts = MeasurementFacts(effect=effect, payer=payer, basis=basis, **values)
        made = register_measurement(programme, facts, actor=actor, once=id)
        return {"effect": effect.name, "payer": payer.name, "achieved_on": made.achieved_on}

    def broken(line: Line) -> list[Refused]:
        """What can be judged by the cells that were read, so that a wrong one hides no other."""
        values, found = line.values, []
        effect, payer = effects.get(key_of(values.get("effect") or "")), payers.get(key_of(values.get("payer") or ""))
        if values.get("effect") and effect is None:
            found.append(Refused(_("No effect of the agreement that is measured is called this."), "effect"))
        if values.get("payer") and payer is None:
            found.append(Refused(unknown_payer(programme), "payer"))
        basis = {name: values[name] for name in BASIS if name in values}
        known = values | {"effect": effect, "payer": payer, "basis": basis}
        if effect is not None and "evidence_type" in values:
            known["evidence_type"] = values["evidence_type"] or effect.evidence_type
        if values.get("evidence_digest"):
            known["evidence_digest"] = values["evidence_digest"].replace(" ", "").lower()
        return found + refused_by(check_measurement, programme, known, earlier, room)

    earlier, room = measurements_of(programme), room_of(programme, actor)
    return importing.run(content, lines, faults, make, dry, once, broken=broken)
