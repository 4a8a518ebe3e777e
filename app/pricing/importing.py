"""Import a file into a draft: all of it, or nothing."""

from dataclasses import asdict

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.files.checking import Plan, check
from app.pricing.models import Effect, PriceTable
from app.pricing.operations import set_facts
from app.pricing.states import FLOW


@operation
def import_effects(table: PriceTable, content: bytes, *, remove_missing: bool, seen: str, actor: User) -> Plan:
    """Add new codes, change the same ones and, with `remove_missing`, remove those that the file has not.

    `seen` is the digest of the plan that was shown: `NotNow` when the draft changed meanwhile, so that nothing is
    imported that nobody saw. `Refused` when the file has a fault. The trail keeps counts and the SHA-256 of the file.
    """
    FLOW.advance(table, Action.TABLE_EDIT)
    plan = check(table, content, remove_missing)
    if plan.faults:
        raise Refused(plan.faults[0].message)
    if plan.does_nothing:
        return plan
    if plan.digest() != seen:
        raise NotNow(_("The draft changed since this file was checked. Look again at what the import would do."))
    for effect in plan.removed:
        table.effects.remove(effect)
    for change in plan.changed:
        for column, _before, _after in change.columns:
            setattr(change.effect, column.field, getattr(change.facts, column.field))
    last = max((effect.position for effect in table.effects), default=0)
    for position, facts in enumerate(plan.added, last + 1):
        db.session.add(Effect(table=table, position=position, **asdict(facts)))
    if plan.settings and plan.table is not None:
        set_facts(table, plan.table)
    record(
        Action.TABLE_EDIT,
        table,
        actor,
        imported=plan.sha256,
        added=len(plan.added),
        changed=len(plan.changed),
        removed=len(plan.removed),
        codes=[change.facts.code for change in plan.changed] + [facts.code for facts in plan.added],
        removed_codes=[effect.code for effect in plan.removed],
        settings=[setting.name for setting, _before, _after in plan.settings],
    )
    return plan
