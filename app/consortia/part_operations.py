"""What an organisation says of its own part of the plan. All of it lies in the vault; the trail holds that it did."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.consortia import notices
from app.consortia.models import Consortium
from app.consortia.operations import own_place
from app.consortia.parts import WHOLE, Declared, OwnPart, Share, declared, part_of, work_of, write_part
from app.consortia.states import FLOW, PartnerState
from app.core.errors import Refused
from app.core.operation import operation
from app.people.models import User


@operation
def edit_part(
    consortium: Consortium,
    contribution: str,
    life_domains: Iterable[str] = (),
    *,
    actor: User,
    version: int | None,
    role: str = "",
    skills: Iterable[str] = (),
    municipalities: Iterable[str] = (),
    elsewhere: str | None = None,
) -> None:
    """The actor's organisation says anew what it will do. A plan that stands on the earlier part is confirmed again.

    `version` is that of its slot in the vault.
    """
    work = work_of(role, contribution, life_domains, skills, municipalities)
    if elsewhere is not None:
        work["elsewhere"] = elsewhere
    _change(consortium, Action.CONSORTIUM_EDIT_PART, work, actor, version)


@operation
def share(consortium: Consortium, shares: Mapping[str, Share], *, actor: User, version: int | None) -> None:
    """The actor's organisation says which part of the work for each effect (by id) it does, and which part of the money
    it asks, in whole per cents. Together the partners come to 100 before the plan is handed in, and not before that:
    they are still talking."""
    known = {str(effect.id) for effect in consortium.call.table.effects}
    if not set(shares) <= known:
        raise Refused(_("A share is given for an effect that is not in the price table of this call."))
    if any(not 0 <= number <= WHOLE for one in shares.values() for number in (one["work"], one["money"])):
        raise Refused(_("A share is a whole number from 0 to 100."))
    kept = {key: Share(work=one["work"], money=one["money"]) for key, one in shares.items()}
    _change(consortium, Action.CONSORTIUM_SHARE, {"shares": kept}, actor, version)


@operation
def declare(consortium: Consortium, declarations: dict[str, Declared], *, actor: User, version: int | None) -> None:
    """The actor declares for the own organisation, by name and dated: grounds for exclusion, taxes, requirements."""
    _change(consortium, Action.CONSORTIUM_DECLARE, declared(declarations, actor), actor, version)


def _change(consortium: Consortium, action: Action, said: dict[str, Any], actor: User, version: int | None) -> None:
    FLOW.advance(consortium, action)
    partner = own_place(consortium, actor, PartnerState.ACCEPTED)
    before = part_of(consortium, partner.organisation_id)
    after: OwnPart = {**before, **said}  # type: ignore[typeddict-item]
    if after == before:
        return  # what was confirmed stays confirmed
    write_part(consortium, partner, after, actor=actor, version=version)
    record(action, consortium, actor, organisation=partner.organisation_id)
    notices.tell_part_changed(consortium, partner)
