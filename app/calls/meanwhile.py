"""Two officials at one draft: what is stored now, where it differs from what the second one typed."""

from typing import Any

from flask_babel import gettext as _

from app.calls.criteria import CriterionFacts, scoring_of, shown_scale
from app.calls.criteria_forms import CommitteeForm, CriteriaForm
from app.calls.models import Call, CriterionKind, Duty
from app.core.format import in_hundredths

Stored = list[tuple[Any, str]]  # (what it is called on the form, how it stands)


def stored_criteria(call: Call, form: CriteriaForm) -> Stored:
    stands, typed = scoring_of(call), form.facts()
    lines = {one.id: one for one in typed.criteria}
    found: Stored = [(one.name, _said(one)) for one in stands.criteria if lines.get(one.id) != one]
    gone = [one.name for one in typed.criteria if one.id is not None and one.id not in {c.id for c in stands.criteria}]
    found += [(name, _("taken away")) for name in gone]
    if stands.scale != typed.scale:
        found.append((form.scale.label.text, shown_scale(list(stands.scale))))
    if stands.minimum_total != typed.minimum_total:
        least = _("none") if stands.minimum_total is None else in_hundredths(stands.minimum_total)
        found.append((form.minimum_total.label.text, least))
    if stands.tie_rule != typed.tie_rule:
        found.append((form.tie_rule.label.text, str(stands.tie_rule.label)))
    if stands.allows_two_consortia != typed.allows_two_consortia:
        found.append((form.allows_two_consortia.label.text, _("yes") if stands.allows_two_consortia else _("no")))
    return found


def _said(criterion: CriterionFacts) -> str:
    said = [f"{_('Weight')}: {criterion.weight}"]
    if criterion.minimum is not None:
        said.append(f"{_('Minimum points')}: {criterion.minimum}")
    if criterion.kind == CriterionKind.DISCOUNT:
        said.append(str(criterion.kind.label))
    return " · ".join([*said, criterion.description] if criterion.description else said)


def stored_committee(call: Call, form: CommitteeForm) -> Stored:
    found: Stored = []
    for seats, duty in ((form.openers, Duty.OPENER), (form.scorers, Duty.SCORER)):
        members = call.on_committee(duty)
        if {member.user_id for member in members} != set(form.named(seats)):
            names = ", ".join(sorted(member.user.name for member in members))
            found.append((seats.label.text, names or _("nobody yet")))
    return found
