"""Why each rule binds in a call, and reminders of its terms."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.calls import legal, notices
from app.calls.legal import Binding, Rule, Term
from app.calls.models import Call
from app.calls.states import FLOW
from app.calls.term_models import Reminder
from app.core.errors import Refused
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import User


@operation
def bind_rules(call: Call, chosen: Mapping[str, str], *, actor: User, version: int | None = None) -> None:
    """Say in a draft why each rule binds (rule key -> binding); a rule that is left out binds as the law says.

    Refused for a rule that does not exist for this call, and for a statute that the call would make weaker.
    """
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EDIT)
    rules: dict[str, Rule] = {found.key: found for found in call.rules()}
    for key, said in chosen.items():
        if key not in rules:
            raise Refused(_("This rule does not exist for this call."))
        if Binding(said) not in legal.may_choose(rules[key]):
            raise Refused(_("This rule binds by statute: the call cannot choose."), key)
    call.bindings = {key: str(said) for key, said in chosen.items() if said != rules[key].binding}
    record(Action.CALL_EDIT, call, actor, bindings=call.bindings)


@housekeeping
def remind(call: Call, term: Term, days: int, people: Iterable[User]) -> int:
    """Tell these people that `term` ends in `days`; how many had not been told. Once per person and end of a term.

    No act of a party, so not in the trail: an entry would tell when somebody began to follow.
    """
    told = select(Reminder.user_id).filter_by(call_id=call.id, term=term.kind, days_before=days, ends_at=term.ends_at)
    already = set(db.session.scalars(told))
    fresh = {person.id: person for person in people if person.id not in already}
    for user_id in fresh:
        db.session.add(
            Reminder(call_id=call.id, user_id=user_id, term=term.kind, days_before=days, ends_at=term.ends_at)
        )
    db.session.flush()
    if fresh:
        notices.tell_reminder(call, list(fresh.values()), term)
    return len(fresh)
