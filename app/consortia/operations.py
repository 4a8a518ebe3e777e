"""The only code that changes consortia."""

import uuid
from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import exists, select

from app.access.actions import Action
from app.access.record import record
from app.calls.models import Call
from app.calls.operations import add_follower
from app.calls.states import FLOW as CALL_FLOW
from app.consortia import notices
from app.consortia.models import Consortium, Partner
from app.consortia.states import FLOW, PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes.models import LifeDomain


@operation
def form_consortium(
    call: Call,
    lead: Organisation,
    name: str,
    contribution: str,
    life_domains: Iterable[str] = (),
    *,
    actor: User,
    once: uuid.UUID,
) -> Consortium:
    """`lead` starts a consortium for `call`, with its own part of the work. It need not be vetted yet.

    Refused when the actor does not work for `lead`, or when `lead` takes part in another consortium of the call.
    """
    existing = db.session.get(Consortium, once)
    if existing is not None:
        return existing  # the second half of a double click
    CALL_FLOW.advance(call, Action.CONSORTIUM_FORM)
    if lead.kind != OrganisationKind.PROVIDER or lead.id not in actor.organisation_ids:
        raise Refused(_("Choose a service provider that you work for."), "lead")
    _refuse_second(call, lead, "lead")
    consortium = Consortium(id=once, call=call, name=name, lead=lead)
    consortium.partners = [_take_part(Partner(organisation=lead), contribution, life_domains)]
    db.session.add(consortium)
    record(Action.CONSORTIUM_FORM, consortium, actor, on_behalf_of=call)
    _follow(call, lead)
    return consortium


def _refuse_second(call: Call, organisation: Organisation, field: str | None = None) -> None:
    """One organisation takes part in at most one consortium of the same call."""
    found = select(exists().where(
        Partner.consortium_id == Consortium.id,
        Consortium.call_id == call.id,
        Partner.organisation_id == organisation.id,
        Partner.state == PartnerState.ACCEPTED,
    ))  # fmt: skip
    if db.session.scalar(found):
        raise Refused(_("%(name)s already takes part in a consortium for this call.", name=organisation.name), field)


def _take_part(partner: Partner, contribution: str, life_domains: Iterable[str]) -> Partner:
    partner.state, partner.answered_at = PartnerState.ACCEPTED, clock.now()
    partner.contribution, partner.life_domains = contribution, _ordered(life_domains)
    return partner


def _ordered(life_domains: Iterable[str]) -> list[str]:
    return [domain.value for domain in LifeDomain if domain in set(life_domains)]


def _follow(call: Call, organisation: Organisation) -> None:
    """Who joins is told what all tenderers are told."""
    for user in organisation.people():
        add_follower(call, user)


@operation
def invite_partner(consortium: Consortium, organisation: Organisation, *, actor: User) -> Partner:
    """Ask a provider on the portal to join; one that declined or left may be asked again.

    Whether it already takes part in a rival consortium is not told here: that is for nobody but itself to know.
    """
    FLOW.advance(consortium, Action.CONSORTIUM_INVITE)
    if organisation.kind != OrganisationKind.PROVIDER:
        raise Refused(_("Only service providers join a consortium."), "organisation")
    partner = consortium.partner_of(organisation.id)
    if partner is not None and partner.state == PartnerState.INVITED:
        return partner  # the second half of a double click
    if partner is not None and partner.state == PartnerState.ACCEPTED:
        raise Refused(_("%(name)s already takes part.", name=organisation.name), "organisation")
    if partner is None:
        partner = Partner(organisation=organisation)
        consortium.partners.append(partner)
    partner.state, partner.answered_at = PartnerState.INVITED, None
    record(Action.CONSORTIUM_INVITE, consortium, actor, organisation=organisation.id)
    notices.tell_invited(consortium, organisation)
    return partner


@operation
def accept_invitation(
    consortium: Consortium, contribution: str, life_domains: Iterable[str] = (), *, actor: User
) -> Partner:
    """The actor's organisation joins with its own part of the work; it may do so in one consortium of the call only."""
    FLOW.advance(consortium, Action.CONSORTIUM_ACCEPT)
    partner = _own(consortium, actor, PartnerState.INVITED)
    _refuse_second(consortium.call, partner.organisation)
    record(Action.CONSORTIUM_ACCEPT, consortium, actor, organisation=partner.organisation_id)
    _take_part(partner, contribution, life_domains)
    _follow(consortium.call, partner.organisation)
    notices.tell_accepted(consortium, partner)
    return partner


@operation
def decline_invitation(consortium: Consortium, *, actor: User) -> None:
    """The actor's organisation does not join; the lead hears it."""
    FLOW.advance(consortium, Action.CONSORTIUM_DECLINE)
    partner = _own(consortium, actor, PartnerState.INVITED)
    record(Action.CONSORTIUM_DECLINE, consortium, actor, organisation=partner.organisation_id)
    partner.state, partner.answered_at = PartnerState.DECLINED, clock.now()
    notices.tell_declined(consortium, partner)


@operation
def edit_part(
    consortium: Consortium, contribution: str, life_domains: Iterable[str] = (), *, actor: User, version: int | None
) -> None:
    """The actor's organisation says anew what it will do. A plan that stands on the earlier part is confirmed again."""
    FLOW.advance(consortium, Action.CONSORTIUM_EDIT_PART)
    partner = _own(consortium, actor, PartnerState.ACCEPTED)
    partner.expect_version(version)
    record(Action.CONSORTIUM_EDIT_PART, consortium, actor, organisation=partner.organisation_id)
    partner.contribution, partner.life_domains = contribution, _ordered(life_domains)
    notices.tell_part_changed(consortium, partner)


@operation
def leave_consortium(consortium: Consortium, *, actor: User) -> None:
    """The actor's organisation steps out before the plan is handed in. The lead cannot: it speaks for the others."""
    FLOW.advance(consortium, Action.CONSORTIUM_LEAVE)
    partner = _own(consortium, actor, PartnerState.ACCEPTED)
    if partner.organisation_id == consortium.lead_id:
        raise NotNow(_("The lead partner cannot leave."))
    record(Action.CONSORTIUM_LEAVE, consortium, actor, organisation=partner.organisation_id)
    notices.tell_left(consortium, partner)
    partner.state, partner.answered_at = PartnerState.LEFT, clock.now()


def _own(consortium: Consortium, actor: User, state: PartnerState) -> Partner:
    """The place of the actor's organisation in the consortium. Raises `NotYours` when it has none."""
    for partner in consortium.partners:
        if partner.organisation_id in actor.organisation_ids and partner.state == state:
            return partner
    raise NotYours(_("Your part in this bond does not allow this."))
