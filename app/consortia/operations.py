"""The only code that changes consortia."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.calls.asked import Lot
from app.calls.models import Call
from app.calls.operations import add_follower
from app.calls.states import FLOW as CALL_FLOW
from app.consortia import lot_notices, notices, vault
from app.consortia.models import Consortium, Partner
from app.consortia.parts import Declared, declared, empty_part, part_of, slot_name, work_of, write_part
from app.consortia.states import FLOW, ConsortiumState, InvitationState, PartnerState, taken
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes.models import Part, Party


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
    role: str = "",
    skills: Iterable[str] = (),
    municipalities: Iterable[str] = (),
    lot: Lot | None = None,
    elsewhere: str = "",
) -> Consortium:
    """`lead` starts a consortium for `call`, or for one `lot` of it, with its own part. It need not be vetted yet.

    Refused when the actor does not work for `lead`, or when `lead` takes part in another consortium of the call and
    that is not allowed, or not declared (`elsewhere`).
    """
    existing = db.session.get(Consortium, once)
    if existing is not None:
        return existing  # the second half of a double click
    CALL_FLOW.advance(call, Action.CONSORTIUM_FORM)
    if lead.kind != OrganisationKind.PROVIDER or lead.id not in actor.organisation_ids:
        raise Refused(_("Choose a service provider that you work for."), "lead")
    _refuse_other_side(call, lead, "lead")
    if (lot is None) == bool(call.lots) or (lot is not None and lot.call_id != call.id):
        raise Refused(_("Choose the lot that you bid for."), "lot")
    others = _refuse_second(call, lot, lead, elsewhere, "lead")
    consortium = Consortium(id=once, call=call, lot=lot, name=name, lead=lead)
    partner = Partner(organisation=lead, state=PartnerState.ACCEPTED, answered_at=clock.now())
    consortium.partners = [partner]
    db.session.add(consortium)
    record(Action.CONSORTIUM_FORM, consortium, actor, on_behalf_of=call)
    part: Any = empty_part() | work_of(role, contribution, life_domains, skills, municipalities)
    write_part(consortium, partner, part, actor=actor)
    _declare_elsewhere([partner, *others], elsewhere, actor)
    _follow(call, lead)
    return consortium


def _refuse_other_side(call: Call, organisation: Organisation, field: str | None = None) -> None:
    """One part in a bond (domain, section 2): an investor, for one, does not bid for the work."""
    other = select(Party.part).where(
        Party.programme_id == call.programme_id, Party.organisation_id == organisation.id, Party.part != Part.PROVIDER
    )
    if db.session.scalar(other) is not None:
        raise Refused(_("%(name)s has another part in this bond, so it cannot bid.", name=organisation.name), field)


def _refuse_second(
    call: Call, lot: Lot | None, organisation: Organisation, elsewhere: str, field: str | None = None
) -> list[Partner]:
    """Its places in other consortia of the same call (of the same lot: each lot is awarded by itself).

    Refused where the call does not allow a second one, or where the organisation does not declare it openly.
    """
    found = select(Partner).join(Consortium).where(
        Consortium.call_id == call.id,
        Consortium.lot_id == (lot.id if lot is not None else None),
        Partner.organisation_id == organisation.id,
        Partner.state == PartnerState.ACCEPTED,
    )  # fmt: skip
    others = list(db.session.scalars(found).unique())
    if others and not call.allows_two_consortia:
        raise Refused(taken(organisation, lot), field)
    if others and not elsewhere:
        raise Refused(
            _("%(name)s takes part in another consortium for this call. That is allowed when it is declared: say how "
              "the two plans are kept apart.", name=organisation.name),
            "elsewhere",
        )  # fmt: skip
    return others


def _declare_elsewhere(places: list[Partner], elsewhere: str, actor: User) -> None:
    """Each consortium of an organisation hears that there is another one, and never which, nor who is in it."""
    if len(places) < 2:
        return
    for partner in places:
        if partner.consortium.state == ConsortiumState.FORMING:
            part = part_of(partner.consortium, partner.organisation_id)
            part["elsewhere"] = elsewhere
            write_part(partner.consortium, partner, part, actor=actor)
        notices.tell_elsewhere(partner.consortium, partner)


def _follow(call: Call, organisation: Organisation) -> None:
    """Who joins is told what all tenderers are told."""
    for user in organisation.people():
        add_follower(call, user)


@operation
def invite_partner(
    consortium: Consortium, organisation: Organisation, *, actor: User, instead_of: Partner | None = None
) -> Partner:
    """Ask a provider on the portal to join; one that declined or left may be asked again.

    `instead_of` is a partner whom it would replace: that one is told, and released at the moment the other accepts.
    Whether it already takes part in a rival consortium is not told here: that is for nobody but itself to know.
    """
    FLOW.advance(consortium, Action.CONSORTIUM_INVITE)
    if instead_of is not None:
        _refuse_to_replace(consortium, instead_of)
    if organisation.kind != OrganisationKind.PROVIDER:
        raise Refused(_("Only service providers join a consortium."), "organisation")
    _refuse_other_side(consortium.call, organisation, "organisation")
    partner = consortium.partner_of(organisation.id)
    if partner is not None and partner.state == PartnerState.INVITED:
        return partner  # the second half of a double click
    if partner is not None and partner.state == PartnerState.ACCEPTED:
        raise Refused(_("%(name)s already takes part.", name=organisation.name), "organisation")
    replaced = instead_of.organisation_id if instead_of is not None else None
    record(Action.CONSORTIUM_INVITE, consortium, actor, organisation=organisation.id, instead_of=replaced)
    partner = ask(consortium, organisation)
    partner.instead_of_id = instead_of.id if instead_of is not None else None
    notices.tell_invited(consortium, organisation)
    if instead_of is not None:
        notices.tell_may_be_replaced(consortium, instead_of)
    return partner


def _refuse_to_replace(consortium: Consortium, partner: Partner) -> None:
    if partner.consortium_id != consortium.id or partner.state != PartnerState.ACCEPTED:
        raise Refused(_("Choose a partner that takes part."), "instead_of")
    if partner.organisation_id == consortium.lead_id:
        raise Refused(_("The lead partner is not replaced: it hands over the lead."), "instead_of")


def ask(consortium: Consortium, organisation: Organisation) -> Partner:
    """Inside an operation: the place of an organisation that is asked, again or for the first time."""
    partner = consortium.partner_of(organisation.id)
    if partner is None:
        partner = Partner(organisation=organisation)
        consortium.partners.append(partner)
    partner.state, partner.answered_at, partner.instead_of_id = PartnerState.INVITED, None, None
    return partner


@operation
def withdraw_invitation(consortium: Consortium, partner: Partner, *, actor: User) -> None:
    """The lead takes an unanswered invitation back; the organisation that was asked hears it."""
    FLOW.advance(consortium, Action.CONSORTIUM_WITHDRAW_INVITATION)
    if partner.state == PartnerState.WITHDRAWN:
        return  # the second half of a double click
    if partner.consortium_id != consortium.id or partner.state != PartnerState.INVITED:
        raise NotNow(_("This invitation was answered already."))
    record(Action.CONSORTIUM_WITHDRAW_INVITATION, consortium, actor, organisation=partner.organisation_id)
    partner.state, partner.answered_at = PartnerState.WITHDRAWN, clock.now()
    notices.tell_withdrawn(consortium, partner)


@operation
def accept_invitation(
    consortium: Consortium,
    contribution: str,
    life_domains: Iterable[str] = (),
    *,
    actor: User,
    role: str = "",
    skills: Iterable[str] = (),
    municipalities: Iterable[str] = (),
    declarations: dict[str, Declared] | None = None,
    elsewhere: str = "",
) -> Partner:
    """The actor's organisation joins with its own part of the work, and its declarations where it gives them at once.

    Refused while it takes part in another consortium of the call and that is not allowed, or not declared
    (`elsewhere`). Whom it replaces is released at this moment.
    """
    FLOW.advance(consortium, Action.CONSORTIUM_ACCEPT)
    partner = own_place(consortium, actor, PartnerState.INVITED)
    _refuse_other_side(consortium.call, partner.organisation)
    others = _refuse_second(consortium.call, consortium.lot, partner.organisation, elsewhere)
    replaced = _whom_it_replaces(consortium, partner)
    record(
        Action.CONSORTIUM_ACCEPT,
        consortium,
        actor,
        organisation=partner.organisation_id,
        instead_of=replaced.organisation_id if replaced is not None else None,
    )
    partner.state, partner.answered_at = PartnerState.ACCEPTED, clock.now()
    part: Any = empty_part() | work_of(role, contribution, life_domains, skills, municipalities)
    part |= declared(declarations, actor) if declarations is not None else {}
    write_part(consortium, partner, part, actor=actor)
    _declare_elsewhere([partner, *others], elsewhere, actor)
    _follow(consortium.call, partner.organisation)
    notices.tell_accepted(consortium, partner)
    if replaced is not None:
        notices.tell_replaced(consortium, replaced, partner)
        step_out(consortium, replaced, PartnerState.RELEASED, actor=actor)
    return partner


def _whom_it_replaces(consortium: Consortium, partner: Partner) -> Partner | None:
    """Nobody, when that partner left meanwhile or has the lead by now."""
    found = [p for p in consortium.taking_part if p.id == partner.instead_of_id]
    return next((p for p in found if p.organisation_id != consortium.lead_id), None)


@operation
def decline_invitation(consortium: Consortium, *, actor: User) -> None:
    """The actor's organisation does not join; the lead hears it."""
    FLOW.advance(consortium, Action.CONSORTIUM_DECLINE)
    partner = own_place(consortium, actor, PartnerState.INVITED)
    record(Action.CONSORTIUM_DECLINE, consortium, actor, organisation=partner.organisation_id)
    partner.state, partner.answered_at = PartnerState.DECLINED, clock.now()
    notices.tell_declined(consortium, partner)


@operation
def leave_consortium(consortium: Consortium, *, actor: User) -> None:
    """The actor's organisation steps out before the plan is handed in. The lead hands over the lead first."""
    FLOW.advance(consortium, Action.CONSORTIUM_LEAVE)
    partner = own_place(consortium, actor, PartnerState.ACCEPTED)
    if partner.organisation_id == consortium.lead_id:
        raise NotNow(_("The lead partner hands over the lead before it leaves."))
    record(Action.CONSORTIUM_LEAVE, consortium, actor, organisation=partner.organisation_id)
    notices.tell_left(consortium, partner)
    step_out(consortium, partner, PartnerState.LEFT, actor=actor)


def step_out(consortium: Consortium, partner: Partner, state: PartnerState, *, actor: User) -> None:
    """Inside an operation: a partner no longer takes part. Its part of the plan is gone; nothing of it stays open."""
    partner.state, partner.answered_at = state, clock.now()
    vault.write(consortium, slot_name(partner.organisation_id), None, actor=actor)
    if consortium.lead_offered_to_id == partner.organisation_id:
        consortium.lead_offered_to_id = None
    for other in consortium.invited:
        if other.instead_of_id == partner.id:
            other.instead_of_id = None  # its place is free now


@operation
def release_partner(consortium: Consortium, partner: Partner, reason: str, *, actor: User) -> None:
    """The lead goes on without a partner that has accepted, before the plan is handed in. Everybody hears why."""
    FLOW.advance(consortium, Action.CONSORTIUM_RELEASE)
    if partner.state == PartnerState.RELEASED:
        return  # the second half of a double click
    if partner.consortium_id != consortium.id or partner.state != PartnerState.ACCEPTED:
        raise NotNow(_("This organisation does not take part."))
    if partner.organisation_id == consortium.lead_id:
        raise NotNow(_("The lead partner hands over the lead before it leaves."))
    record(Action.CONSORTIUM_RELEASE, consortium, actor, organisation=partner.organisation_id)
    notices.tell_released(consortium, partner, reason)
    step_out(consortium, partner, PartnerState.RELEASED, actor=actor)


@operation
def offer_lead(consortium: Consortium, partner: Partner | None, *, actor: User) -> None:
    """The lead asks a partner to lead from now on; nothing changes until it does. None takes the offer back."""
    FLOW.advance(consortium, Action.CONSORTIUM_OFFER_LEAD)
    if partner is not None and (partner.consortium_id != consortium.id or partner.state != PartnerState.ACCEPTED):
        raise Refused(_("Choose a partner that takes part."), "partner")
    offered = partner.organisation_id if partner is not None else None
    if offered == consortium.lead_id:
        raise Refused(_("This organisation has the lead already."), "partner")
    if offered == consortium.lead_offered_to_id:
        return  # the second half of a double click
    record(Action.CONSORTIUM_OFFER_LEAD, consortium, actor, organisation=offered)
    consortium.lead_offered_to_id = offered
    if partner is not None:
        notices.tell_lead_offered(consortium, partner)


@operation
def take_lead(consortium: Consortium, *, actor: User) -> None:
    """The organisation to which the lead was offered speaks for the others from now on, and hands in the plan."""
    FLOW.advance(consortium, Action.CONSORTIUM_TAKE_LEAD)
    own = consortium.partner_of(consortium.lead_offered_to_id)  # type: ignore[arg-type]
    if own is None or own.organisation_id not in actor.organisation_ids:
        raise NotYours(_("Your part in this bond does not allow this."))
    record(Action.CONSORTIUM_TAKE_LEAD, consortium, actor, before=consortium.lead_id)
    before, consortium.lead_offered_to_id = consortium.lead, None
    consortium.lead = own.organisation
    notices.tell_lead_taken(consortium, before)


@operation
def edit_consortium(
    consortium: Consortium, name: str, *, actor: User, version: int | None, lot: Lot | None = None
) -> None:
    """The lead gives it another name, or another lot: as long as nobody else has joined, and after a rectification
    changed the lot that it was for."""
    FLOW.advance(consortium, Action.CONSORTIUM_EDIT)
    consortium.expect_version(version)
    if lot is not None and lot.id != consortium.lot_id:
        _move(consortium, lot)
    consortium.name = name
    record(Action.CONSORTIUM_EDIT, consortium, actor)


def _move(consortium: Consortium, lot: Lot) -> None:
    if lot.call_id != consortium.call_id:
        raise Refused(_("Choose the lot that you bid for."), "lot")
    if not consortium.may_choose_lot:
        raise Refused(_("Others joined for this lot. Form another consortium for the other lot."), "lot")
    _refuse_second(consortium.call, lot, consortium.lead, "", "lot")
    consortium.lot, consortium.lot_fate = lot, None
    if len(consortium.taking_part) > 1:
        lot_notices.tell_lot_chosen(consortium)


@operation
def dissolve_consortium(consortium: Consortium, *, actor: User) -> None:
    """A lead that nobody joined ends its consortium; whoever was asked hears it."""
    if consortium.state == ConsortiumState.DISSOLVED:
        return  # the second half of a double click
    FLOW.advance(consortium, Action.CONSORTIUM_DISSOLVE)
    record(Action.CONSORTIUM_DISSOLVE, consortium, actor)
    for partner in consortium.invited:
        partner.state, partner.answered_at = PartnerState.WITHDRAWN, clock.now()
        notices.tell_withdrawn(consortium, partner)
    for invitation in consortium.mailed:
        if invitation.state == InvitationState.SENT:
            invitation.state, invitation.answered_at = InvitationState.WITHDRAWN, clock.now()
            notices.mail_withdrawal(invitation, actor.locale)
    for partner in consortium.taking_part:
        partner.state, partner.answered_at = PartnerState.LEFT, clock.now()
    vault.destroy(consortium)


def own_place(consortium: Consortium, actor: User, state: PartnerState) -> Partner:
    """The place of the actor's organisation in the consortium. Raises `NotYours` when it has none."""
    for partner in consortium.partners:
        if partner.organisation_id in actor.organisation_ids and partner.state == state:
            return partner
    raise NotYours(_("Your part in this bond does not allow this."))


@operation
def lapse_consortium(consortium: Consortium, *, actor: None = None) -> None:
    """The deadline passed and no plan was handed in: its people are told once. An extension makes it void."""
    FLOW.advance(consortium, Action.CONSORTIUM_LAPSE)
    if told_of_deadline(consortium):
        raise NotNow(_("This was done already."))
    record(Action.CONSORTIUM_LAPSE, consortium, actor)
    consortium.lapsed_at = clock.now()
    notices.tell_lapsed(consortium)


def told_of_deadline(consortium: Consortium) -> bool:
    return consortium.lapsed_at is not None and consortium.lapsed_at >= consortium.call.deadline
