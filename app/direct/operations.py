"""The only code that changes direct awards: the leading municipality names, each provider accepts or declines."""

import uuid
from collections.abc import Collection, Iterable

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotYours, Refused
from app.core.operation import operation
from app.direct import notices
from app.direct.models import STANDING, DirectAward, NamedProvider, direct_award_of
from app.direct.states import FLOW, NamedState
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes.models import Part, Programme
from app.programmes.operations import expect_independence, reach_phase
from app.programmes.states import FLOW as PROGRAMME_FLOW
from app.programmes.states import Phase


@operation
def name_providers(
    programme: Programme,
    name: str,
    reason: str,
    lead: Organisation,
    partners: Iterable[Organisation],
    *,
    actor: User,
    once: uuid.UUID,
    version: int | None = None,
) -> DirectAward:
    """Name the service providers of a bond without a tender, or others than before; who is named anew is asked.

    `reason`: why these; anyone who is no longer named hears it. When others take part than before, or another leads,
    all are asked again. `NotNow` for a bond that is tendered, or once it is agreed. Refused for who is no vetted
    provider, or has another part in the bond.
    """
    PROGRAMME_FLOW.advance(programme, Action.DIRECT_NAME)
    award = db.session.scalars(direct_award_of(programme.id)).unique().one_or_none()
    if award is not None and award.id == once:
        return award  # the second half of a double click
    if award is not None:
        award.expect_version(version)
        FLOW.advance(award, Action.DIRECT_NAME)
    wanted = {one.id: one for one in [lead, *partners]}
    for organisation in wanted.values():
        _expect_may_provide(programme, organisation, "lead" if organisation is lead else "partners")
    anew = award is not None and _changes(award, lead, wanted)
    if award is None:
        award = DirectAward(id=once, programme=programme)
        db.session.add(award)
    award.name, award.reason, award.lead = name, reason, lead
    record(Action.DIRECT_NAME, award, actor, lead=lead.id, named=sorted(map(str, wanted)), on_behalf_of=programme)
    _leave_out(award, wanted)
    for organisation in wanted.values():
        _ask(award, organisation, anew)
    return award


def _expect_may_provide(programme: Programme, organisation: Organisation, field: str) -> None:
    if organisation.kind != OrganisationKind.PROVIDER:
        raise Refused(_("%(name)s is no service provider.", name=organisation.name), field)
    if organisation.vetted_at is None:
        raise Refused(_("%(name)s has not been vetted by a government yet.", name=organisation.name), field)
    if any(party.organisation_id == organisation.id for party in programme.parties):
        raise Refused(_("%(name)s would have two parts in this bond.", name=organisation.name), field)
    expect_independence(programme, organisation, Part.PROVIDER, field)


def _changes(award: DirectAward, lead: Organisation, wanted: Collection[uuid.UUID]) -> bool:
    """Would others take part than those who were asked last, or another lead? Who declined was among them."""
    asked = {one.organisation_id for one in award.named if one.state != NamedState.WITHDRAWN}
    return lead.id != award.lead_id or asked != set(wanted)


def _leave_out(award: DirectAward, wanted: Collection[uuid.UUID]) -> None:
    """Whoever is no longer named hears it; whoever had declined said so itself."""
    for gone in award.named:
        if gone.state == NamedState.WITHDRAWN or gone.organisation_id in wanted:
            continue
        if gone.state in STANDING:
            notices.tell_withdrawn(award, gone)
        gone.state, gone.answered_at = NamedState.WITHDRAWN, clock.now()


def _ask(award: DirectAward, organisation: Organisation, anew: bool) -> None:
    """`anew`: who takes part changed, so what was accepted was another consortium, and everybody is asked."""
    place = award.place_of(organisation.id)
    if place is not None and place.state in STANDING and not anew:
        return
    accepted = place is not None and place.state == NamedState.ACCEPTED
    if place is None:
        place = NamedProvider(organisation=organisation)
        award.named.append(place)
    place.state, place.answered_at, place.answered_by = NamedState.ASKED, None, None
    db.session.flush()
    notices.tell_asked(award, place, again=accepted)


@operation
def accept_naming(award: DirectAward, contribution: str, *, actor: User) -> NamedProvider:
    """The actor's organisation takes part, and says what it will do. With the last answer the agreement can be made."""
    FLOW.advance(award, Action.DIRECT_ACCEPT)
    place = _own_place(award, actor)
    record(Action.DIRECT_ACCEPT, award, actor, organisation=place.organisation_id)
    place.state, place.contribution = NamedState.ACCEPTED, contribution
    place.answered_at, place.answered_by = clock.now(), actor
    if FLOW.why_not(Action.AGREEMENT_DRAFT, award) is None and award.programme.phase == Phase.CALL:
        reach_phase(award.programme, Phase.AGREEMENT)  # the investors stand already
    notices.tell_answered(award, place)
    return place


@operation
def decline_naming(award: DirectAward, *, actor: User) -> None:
    """The actor's organisation does not take part; the leading municipality hears it and names another or none."""
    FLOW.advance(award, Action.DIRECT_DECLINE)
    place = _own_place(award, actor)
    record(Action.DIRECT_DECLINE, award, actor, organisation=place.organisation_id)
    place.state, place.answered_at, place.answered_by = NamedState.DECLINED, clock.now(), actor
    notices.tell_answered(award, place)


def _own_place(award: DirectAward, actor: User) -> NamedProvider:
    place = next((one for one in award.asked if one.organisation_id in actor.organisation_ids), None)
    if place is None:
        raise NotYours(_("Your organisation was not asked."))
    return place
