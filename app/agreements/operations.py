"""The only code that changes agreements: draft, offer, sign. It pulls what earlier steps decided."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.agreements import notices, terms
from app.agreements.authority_notices import tell_second
from app.agreements.ending_models import LONGEST_NOTICE, EndingRules, EndingTerms
from app.agreements.intake_clause import check_clause, clause_of, stored
from app.agreements.models import BY_LAW_DAYS, MOST_DAYS, Agreement, AgreementParty
from app.agreements.providing import consortia_at
from app.agreements.running_costs import CostLine, drafted_costs, expect_in_bond
from app.agreements.signing import set_signature
from app.agreements.states import FLOW, AgreementState
from app.agreements.terms import Sources, sources_of
from app.agreements.verification_models import LEAST, SHARE_BP, VerificationRules, VerificationTerms
from app.calls.completeness import unclear_discount
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.operation import operation
from app.direct.states import FLOW as DIRECT_FLOW
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import PERSONAL
from app.programmes.models import Part, Party, Programme
from app.programmes.operations import expect_independent, reach_phase
from app.programmes.states import Phase


@operation
def draft_agreement(
    programme: Programme,
    text: str,
    volumes: Mapping[str, int] | None = None,
    *,
    costs: Sequence[CostLine] = (),
    payment_days: int = BY_LAW_DAYS,
    actor: User,
    once: uuid.UUID,
    version: int | None = None,
    files_kept_days: int | None = None,
) -> Agreement:
    """Write the text of the agreement, or change it while it is a draft; the terms are pulled in, never typed.

    Only a bond without a tender has no plan to pull in: its `volumes` (by effect code) are laid down here, and its
    `costs`, the budget of running costs. Refused when no volume is above zero though the table counts something, for an
    effect that is not in the table, and for costs of who does not deliver or of a year outside the bond.
    `files_kept_days`: how long the portal keeps documents of evidence, the audit window; None: it keeps none.
    `payment_days` (calendar days) from an invoice to the day on which it must be paid; refused above what the law lets
    a public authority agree to.
    """
    if not 1 <= payment_days <= MOST_DAYS:
        raise Refused(
            _("A public authority pays within %(most)d calendar days at the most.", most=MOST_DAYS), "payment_days"
        )
    sources = sources_of(programme)
    promised = _promised(sources, volumes or {})
    lines = list(costs) if sources.direct is not None else []
    expect_in_bond(lines, programme, sources.providers())
    agreement = db.session.scalar(select(Agreement).filter_by(programme_id=programme.id))
    if agreement is None:
        agreement = Agreement(id=once, programme=programme, state=AgreementState.DRAFT)
        db.session.add(agreement)
    else:
        agreement.expect_version(version)
        FLOW.advance(agreement, Action.AGREEMENT_DRAFT)
    agreement.text, agreement.volumes = text, promised
    agreement.costs = [line.stored() for line in lines]
    agreement.payment_days, agreement.files_kept_days = payment_days, files_kept_days
    _take(agreement, sources)
    if sources.direct is not None:
        reach_phase(programme, Phase.AGREEMENT)
    record(Action.AGREEMENT_DRAFT, agreement, actor, table=sources.table.number, on_behalf_of=programme)
    return agreement


def _promised(sources: Sources, volumes: Mapping[str, int]) -> dict[str, int]:
    if sources.direct is None:
        return {}
    counted = {effect.code for effect in sources.table.effects if effect.is_counted}
    if not set(volumes) <= counted or any(number < 0 for number in volumes.values()):
        raise Refused(_("A volume is given for an effect that is not in the price table of this bond."))
    promised = {code: number for code, number in volumes.items() if number}
    if counted and not promised:  # what is measured of a cohort has no number that anybody could promise
        raise Refused(_("Lay down what is to be reached: at least one effect has a number above zero."))
    return promised


def _take(agreement: Agreement, sources: Sources) -> None:
    agreement.evaluation, agreement.direct_award = sources.evaluation, sources.direct
    agreement.table, agreement.round = sources.table, sources.round


@operation
def set_verification(agreement: Agreement, rules: VerificationRules, *, actor: User) -> None:
    """Write in a draft how effects are verified. Refused below the norm of max(30, 10 %) (domain, section 7)."""
    FLOW.advance(agreement, Action.AGREEMENT_VERIFICATION)
    if rules.least < LEAST:
        raise Refused(_("A sample holds at least %(least)d claims.", least=LEAST), "least")
    if not SHARE_BP <= rules.share_bp <= 10_000:
        raise Refused(_("A sample holds at least a tenth of the claims."), "share")
    kept = db.session.scalar(select(VerificationTerms).filter_by(agreement_id=agreement.id))
    if kept is None:
        kept = VerificationTerms(agreement_id=agreement.id)
        db.session.add(kept)
    for name, value in asdict(rules).items():
        setattr(kept, name, value)
    record(Action.AGREEMENT_VERIFICATION, agreement, actor, **asdict(rules))


@operation
def set_ending(agreement: Agreement, rules: EndingRules, *, actor: User) -> None:
    """Write in a draft how parties are replaced and how it ends before its time; days are calendar days."""
    FLOW.advance(agreement, Action.AGREEMENT_ENDING)
    if not 0 <= rules.notice_days <= LONGEST_NOTICE or not 0 <= rules.mending_days <= LONGEST_NOTICE:
        raise Refused(_("Give at most %(most)d calendar days.", most=LONGEST_NOTICE), "notice_days")
    kept = db.session.scalar(select(EndingTerms).filter_by(agreement_id=agreement.id))
    if kept is None:
        kept = EndingTerms(agreement_id=agreement.id)
        db.session.add(kept)
    for name, value in asdict(rules).items():
        setattr(kept, name, value)
    record(Action.AGREEMENT_ENDING, agreement, actor, **rules.as_terms())


@operation
def offer_agreement(agreement: Agreement, *, actor: User, version: int | None = None) -> None:
    """Freeze the terms, compute the digest and ask every party to sign.

    Refused while a party is missing, or when one organisation would sign in two parts: an assessor that is also a
    provider proves nothing (domain, section 2); and when two consortia with different discounts would reach what is
    measured of one municipality, since nobody could say whose discount comes off. `NotNow` when volumes were laid down
    for a price table that another one has replaced.
    """
    agreement.expect_version(version)
    FLOW.advance(agreement, Action.AGREEMENT_OFFER)
    sources = sources_of(agreement.programme)
    if sources.direct is not None and agreement.table_id != sources.table.id:
        raise NotNow(_("Another price table is in force by now. Lay down the volumes anew."))
    expect_in_bond(drafted_costs(agreement), agreement.programme, sources.providers())
    _take(agreement, sources)
    clause = clause_of(agreement)
    if clause is not None:
        check_clause(agreement.programme, sources.table, clause)
    made = terms.terms_now(agreement, sources)
    agreement.terms = made | {"intake": stored(clause) if clause is not None else None}
    _expect_payable(agreement)
    if sources.direct is not None:
        DIRECT_FLOW.advance(sources.direct, Action.AGREEMENT_OFFER)
    agreement.digest = terms.digest_of(agreement.text, agreement.terms)
    for organisation, part in _parties(agreement.programme, sources):
        agreement.parties.append(AgreementParty(organisation=organisation, part=part))
    record(Action.AGREEMENT_OFFER, agreement, actor, digest=agreement.digest, table=sources.table.number)
    notices.tell_offered(agreement)


def _expect_payable(agreement: Agreement) -> None:
    """Settlement pays what is measured of a municipality with one discount."""
    if any(effect.kind not in PERSONAL for effect in agreement.table.effects):
        for payer in agreement.terms["payers"]:
            if len({one["discount_bp"] for one in consortia_at(agreement.terms, payer["organisation"]["id"])}) > 1:
                raise Refused(unclear_discount(payer["organisation"]["name"]))


def _parties(programme: Programme, sources: Sources) -> list[tuple[Organisation, Part]]:
    found: dict[uuid.UUID, tuple[Organisation, Part]] = {}
    standing = {party.organisation_id: party.part for party in programme.parties}
    groups = {
        Part.GOVERNMENT: programme.organisations(Part.GOVERNMENT),
        Part.INVESTOR: [one.organisation for one in terms.allotted(sources.round)],
        Part.PROVIDER: sources.providers(),
        Part.INTERMEDIARY: programme.organisations(Part.INTERMEDIARY),
        Part.ASSESSOR: programme.organisations(Part.ASSESSOR),
    }
    for part, organisations in groups.items():
        if not organisations:
            raise Refused(_("This bond has no party yet that is: %(part)s.", part=part.label))
        for organisation in organisations:
            other = found.get(organisation.id, (organisation, part))[1]
            if {other, standing.get(organisation.id, part)} != {part}:
                raise Refused(_("%(name)s would have two parts in this bond.", name=organisation.name))
            found[organisation.id] = (organisation, part)
    for assessor in groups[Part.ASSESSOR]:
        expect_independent(programme, assessor)  # the consortium became known after the assessor was named
    return list(found.values())


@operation
def sign_agreement(agreement: Agreement, organisation: Organisation, digest: str, *, actor: User) -> bool:
    """`actor` signs for `organisation` what has this `digest`. The last signature puts the agreement in force.

    The caller has asked for the password again. `Changed` when the digest is not the one that is offered. Where two
    people of an organisation sign together, the first of them does not bind it yet: the answer is False. `NotYours`
    without a signing authority where the organisation has recorded who signs for it.
    """
    FLOW.advance(agreement, Action.AGREEMENT_SIGN)
    party = next((one for one in agreement.parties if one.organisation_id == organisation.id), None)
    if party is None or organisation.id not in actor.organisation_ids:
        raise NotYours(_("You do not sign for this organisation."))
    if party.signed_at is not None:
        raise NotNow(_("%(name)s has signed already.", name=organisation.name))
    if digest != agreement.digest:
        raise Changed(agreement.version)
    record(Action.AGREEMENT_SIGN, agreement, actor, organisation=organisation.name, digest=digest)
    if not set_signature(party, digest, actor):
        tell_second(party, actor, Action.AGREEMENT_SIGN, agreement, "agreements.sign")
        return False
    if all(one.signed_at is not None for one in agreement.parties):
        _come_into_force(agreement)
    else:
        notices.tell_signed(agreement, party)
    return True


def _come_into_force(agreement: Agreement) -> None:
    agreement.state, agreement.in_force_at = AgreementState.IN_FORCE, clock.now()
    standing = {party.organisation_id for party in agreement.programme.parties}
    for party in agreement.parties:
        if party.part == Part.PROVIDER and party.organisation_id not in standing:
            agreement.programme.parties.append(Party(organisation=party.organisation, part=Part.PROVIDER))
    reach_phase(agreement.programme, Phase.DELIVERY)
    db.session.flush()
    notices.tell_in_force(agreement)
