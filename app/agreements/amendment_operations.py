"""The only code that makes amendments: propose, sign, refuse, withdraw. The last signature puts one in force."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.agreements import amendment_notices as notices
from app.agreements import terms as agreement_terms
from app.agreements.amending import Change, amended, is_same, with_mark
from app.agreements.amendment_models import AgreementVersion, Amendment, Consent, versions_of
from app.agreements.amendment_states import FLOW, AmendmentKind, AmendmentState
from app.agreements.authority_notices import tell_second
from app.agreements.departures import come_and_go
from app.agreements.ending import end_on
from app.agreements.intake_clause import check_clause, clause_of
from app.agreements.models import MOST_DAYS, Agreement
from app.agreements.period import check_period, lengthen
from app.agreements.providing import consortia_of
from app.agreements.running_costs import check_costs
from app.agreements.signing import expect_mandate, kind_of, set_signature
from app.agreements.states import FLOW as AGREEMENT_FLOW
from app.agreements.termination_states import Ground
from app.agreements.verification_models import LEAST, SHARE_BP
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import Part
from app.programmes.told_codes import refuse_code


@operation
def propose_amendment(
    agreement: Agreement, change: Change, reason: str, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Amendment:
    """Lay before every party what the agreement is to say from now on.

    Refused when nothing changes, for a term the law forbids, below the norm of verification, or for a plan that alters
    a month, or running costs that alter a year, that has passed: what was agreed for the past stays. `NotNow` while
    another amendment waits for signatures.
    """
    existing = db.session.get(Amendment, once)
    if existing is not None:
        return existing
    agreement.expect_version(version)
    AGREEMENT_FLOW.advance(agreement, Action.AMENDMENT_PROPOSE)
    refuse_national_id(reason=reason)
    refuse_code(reason=reason, text=change.text)
    _check_change(agreement, change)
    terms = amended(agreement.terms, change)
    text = agreement.text if change.text.splitlines() == agreement.text.splitlines() else change.text
    if text == agreement.text and is_same(agreement.terms, terms):
        raise Refused(_("Nothing changes: alter the text or one of the terms."))
    return lay_before(agreement, AmendmentKind.TERMS, text, terms, reason, actor=actor, once=once)


def _check_change(agreement: Agreement, change: Change) -> None:
    if not 1 <= change.payment_days <= MOST_DAYS:
        raise Refused(
            _("A public authority pays within %(most)d calendar days at the most.", most=MOST_DAYS), "payment_days"
        )
    said = change.verification
    if said is None and agreement.terms.get("verification"):
        raise Refused(_("The agreement says how effects are verified; that can change, but not be left out."))
    if said is not None and said.least < LEAST:
        raise Refused(_("A sample holds at least %(least)d claims.", least=LEAST), "least")
    if said is not None and not SHARE_BP <= said.share_bp <= 10_000:
        raise Refused(_("A sample holds at least a tenth of the claims."), "share")
    counted = {effect.code for effect in agreement.table.effects if effect.is_counted}
    if set(change.volumes) != {one["id"] for one in consortia_of(agreement.terms)} or any(
        not set(volumes) <= counted or min(volumes.values(), default=0) < 0 for volumes in change.volumes.values()
    ):
        raise Refused(_("A volume is given for an effect that is not in the price table of this bond."))
    _check_intake(agreement, change)
    if change.costs is not None:
        check_costs(agreement, change.costs)
    check_period(agreement, change)


def _check_intake(agreement: Agreement, change: Change) -> None:
    before = clause_of(agreement)
    if change.intake is None or before is None:
        if (change.intake is None) != (before is None):
            raise Refused(_("The agreement has no intake plan that could be changed, or one that cannot be left out."))
        return
    if change.intake == before:
        return
    check_clause(agreement.programme, agreement.table, change.intake)
    this_month = clock.today().strftime("%Y-%m")
    for payer, months in change.intake.plan.items():
        for month in {*months, *before.plan.get(payer, {})}:
            if month < this_month and months.get(month, 0) != before.planned(payer, month):
                raise Refused(_("%(month)s has passed: what was agreed for it stays.", month=month))


def lay_before(
    agreement: Agreement,
    kind: AmendmentKind,
    text: str,
    terms: dict[str, Any],
    reason: str,
    *,
    actor: User,
    once: uuid.UUID,
    asked: Iterable[tuple[Organisation, Part]] | None = None,
    last_day: date | None = None,
    **party: Any,
) -> Amendment:
    """Store the amendment with a place to sign for everybody `asked` (none: every party that stays) and tell them."""
    everybody = [(one.organisation, one.part) for one in agreement.standing if one.left_on is None]
    number = len(agreement.amendments) + 1
    marked = with_mark(terms, number, kind, agreement.digest, last_day=last_day)
    amendment = Amendment(
        id=once,
        agreement=agreement,
        programme_id=agreement.programme_id,
        number=number,
        kind=kind,
        reason=reason,
        text=text,
        terms=marked,
        digest=agreement_terms.digest_of(text, marked),
        replaces=agreement.digest,
        last_day=last_day,
        proposed_by=actor,
        **party,
    )
    db.session.add(amendment)
    amendment.consents = [Consent(organisation=one, part=part) for one, part in (everybody if asked is None else asked)]
    facts: dict[str, Any] = {"number": number, "kind": kind, "digest": amendment.digest, "replaces": amendment.replaces}
    record(Action.AMENDMENT_PROPOSE, amendment, actor, on_behalf_of=agreement, **facts)
    notices.tell_proposed(amendment)
    return amendment


@operation
def consent_to_amendment(amendment: Amendment, organisation: Organisation, digest: str, *, actor: User) -> bool:
    """`actor` signs for `organisation`; the caller has asked for the password again.

    Answers False while a second signatory of the organisation has to sign with the first. `Changed` when the digest is
    not that of the amendment; `NotYours` without a signing authority where the organisation has recorded who signs.
    """
    FLOW.advance(amendment, Action.AMENDMENT_CONSENT)
    consent = next((one for one in amendment.consents if one.organisation_id == organisation.id), None)
    if consent is None or organisation.id not in actor.organisation_ids:
        raise NotYours(_("You do not sign for this organisation."))
    if consent.signed_at is not None:
        raise NotNow(_("%(name)s has signed already.", name=organisation.name))
    if digest != amendment.digest or amendment.replaces != amendment.agreement.digest:
        raise Changed(amendment.version)
    record(Action.AMENDMENT_CONSENT, amendment, actor, organisation=organisation.name, digest=digest)
    if not set_signature(consent, digest, actor):
        tell_second(consent, actor, Action.AMENDMENT_CONSENT, amendment, "agreements.consent")
        return False
    if all(one.signed_at is not None for one in amendment.consents):
        _come_into_force(amendment, actor)
    else:
        notices.tell_consented(amendment, consent)
    return True


def _come_into_force(amendment: Amendment, actor: User) -> None:
    """What the agreement said is kept for ever; from this moment on it says what was signed."""
    agreement = amendment.agreement
    number = len(versions_of(agreement)) + 1
    kept = AgreementVersion(agreement_id=agreement.id, amendment_id=amendment.id, number=number)
    kept.text, kept.terms, kept.digest = agreement.text, agreement.terms, agreement.digest
    db.session.add(kept)
    lengthen(agreement, agreement.terms, amendment.terms)
    agreement.text, agreement.terms, agreement.digest = amendment.text, amendment.terms, amendment.digest
    amendment.state, amendment.in_force_at = AmendmentState.IN_FORCE, clock.now()
    if amendment.leaving is not None:
        come_and_go(amendment)
    if amendment.kind == AmendmentKind.END and amendment.last_day is not None:
        end_on(agreement, Ground.AGREED, amendment.reason, amendment.last_day, actor, amendment=amendment)
    db.session.flush()
    notices.tell_in_force(amendment)


@operation
def refuse_amendment(amendment: Amendment, organisation: Organisation, reason: str, *, actor: User) -> None:
    """One party that refuses ends it: an amendment needs everybody who is asked."""
    FLOW.advance(amendment, Action.AMENDMENT_REFUSE)
    refuse_national_id(reason=reason)
    refuse_code(reason=reason)
    consent = next((one for one in amendment.consents if one.organisation_id == organisation.id), None)
    if consent is None or organisation.id not in actor.organisation_ids:
        raise NotYours(_("You do not sign for this organisation."))
    expect_mandate(organisation, kind_of(consent), actor)
    amendment.refused_by, amendment.refused_because = organisation, reason
    record(Action.AMENDMENT_REFUSE, amendment, actor, organisation=organisation.name, reason=reason)
    notices.tell_refused(amendment)


@operation
def withdraw_amendment(amendment: Amendment, *, actor: User) -> None:
    """Whoever proposed it takes it back while not everybody has signed."""
    FLOW.advance(amendment, Action.AMENDMENT_WITHDRAW)
    record(Action.AMENDMENT_WITHDRAW, amendment, actor, number=amendment.number)
    notices.tell_withdrawn(amendment)
