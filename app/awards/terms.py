"""The terms that begin with the award decision, for those who may read it."""

from collections.abc import Iterable
from typing import Any

from app.access.actions import Action
from app.access.guard import may
from app.awards.standstill import counted_from
from app.calls.legal import Key, Term, TermKind, adds_terms, is_subsidy, standstill_label, term_counted
from app.calls.models import Call
from app.evaluation.models import Evaluation


@adds_terms
def standstill_terms(call: Call, user: Any) -> Iterable[Term]:
    """The standstill, and with it the time to object, from the day after the sending that counts."""
    evaluation = Evaluation.of(call)
    sent_on = counted_from(evaluation)
    if sent_on is None:
        return
    if user is not None and not may(Action.AWARD_READ, evaluation, user):
        return
    found = call.rule(Key.STANDSTILL)
    binding, days = call.binding(found), call.standstill_days
    if not is_subsidy(call):
        yield term_counted(TermKind.STANDSTILL, found, sent_on, binding, days=days)
    label = standstill_label(call) if is_subsidy(call) else None
    yield term_counted(TermKind.OBJECTIONS, found, sent_on, binding, days=days, label=label)
