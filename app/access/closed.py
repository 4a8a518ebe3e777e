"""Nothing happens in a closed bond: the third question, after who and when, asked of every act in one place."""

from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.extensions import Model, db

# What may still be done in a closed bond: whatever only reads, and what the law asks for afterwards.
AFTER_CLOSE: frozenset[Action] = frozenset(one for one in Action if one.value.endswith((".read", ".list"))) | {
    Action.DOCKET_ENTRIES,
    Action.DOCKET_WORK,
    Action.CONSORTIUM_COVER,
    Action.AWARD_RECORD,
    Action.CALL_CHECK,
    Action.CALL_EXPORT,
    Action.BOOKS_ASK,
    Action.LEDGER_EXPORT,
    Action.PAYMENT_BATCH_DOWNLOAD,
    Action.SCENARIO_EXPLORE,
    Action.EVIDENCE_DELETE,
    Action.FIGURES_PUBLISH,  # what it came to
    Action.WARNING_END,  # what was warned of is over with the bond
}

CLOSED = "closed"  # `programmes.states.Phase.CLOSED`; bonds stand above this package
# How a thing that does not name its bond itself leads to it.
PARENTS = ("settlement", "agreement", "participant", "claim", "round", "call", "docket", "docket_item", "batch",
           "evaluation", "consortium", "opened", "table", "effect", "statement", "capital_call", "award")  # fmt: skip


def why_closed(action: Action, subject: Any) -> str | None:
    """The reason when `action` would still do something in a bond that is closed."""
    if subject is None or action in AFTER_CLOSE:
        return None
    bond = bond_of(subject)
    if bond is not None and bond.phase == CLOSED:
        return _("This bond is closed: nothing happens in it any more.")
    return None


def bond_of(subject: Any) -> Any | None:
    """The bond that a thing belongs to; None for what belongs to none, such as a person or a unit cost."""
    bonds = _bonds()
    for _step in range(len(PARENTS)):
        if isinstance(subject, bonds):
            return subject
        if getattr(subject, "programme", None) is not None:
            return subject.programme
        if getattr(subject, "programme_id", None) is not None:
            return db.session.get(bonds, subject.programme_id)
        subject = next((getattr(subject, name) for name in PARENTS if getattr(subject, name, None) is not None), None)
        if subject is None:
            return None
    return None


def _bonds() -> Any:
    return next(mapper.class_ for mapper in Model.registry.mappers if mapper.class_.__name__ == "Programme")
