"""What must always hold of agreements; each function yields a line per fault."""

from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import select

from app.agreements.amending import PERIOD
from app.agreements.amendment_models import Amendment, versions_of
from app.agreements.amendment_states import AmendmentState
from app.agreements.models import Agreement
from app.agreements.states import AgreementState
from app.agreements.termination_states import TerminationState
from app.agreements.terms import digest_of
from app.extensions import db


def agreements_say_what_was_signed() -> Iterator[str]:
    """Text and terms still have the digest that was signed last, and every signature is over what was signed then."""
    offered = select(Agreement).where(Agreement.state != AgreementState.DRAFT)
    for agreement in db.session.scalars(offered).unique():
        if digest_of(agreement.text, agreement.terms) != agreement.digest:
            yield f"agreement {agreement.id}: its text or terms are not what was offered"
        if str(agreement.table_id) != agreement.terms["table"]["id"]:
            yield f"agreement {agreement.id}: its price table is not the one in its terms"
        signed = {agreement.digest, *(version.digest for version in versions_of(agreement))}
        for party in agreement.parties:
            if party.signed_at is not None and party.digest not in signed:
                yield f"agreement {agreement.id}: {party.organisation_id} signed something else"


def bonds_run_as_was_signed() -> Iterator[str]:
    """The days of a bond are those of its terms, or earlier where the agreement ended."""
    in_force = select(Agreement).where(Agreement.state == AgreementState.IN_FORCE)
    for agreement in db.session.scalars(in_force).unique():
        said, bond = agreement.terms.get("programme") or {}, agreement.programme
        if any(one.state == TerminationState.GIVEN for one in agreement.terminations):
            continue
        for name in PERIOD:
            if said.get(name, str(getattr(bond, name))) != str(getattr(bond, name)):
                yield f"agreement {agreement.id}: {name} of its bond is not what was signed"


def amendments_form_a_chain() -> Iterator[str]:
    """Each version has its digest and is what an amendment replaced; what is in force now is what was signed last, by
    everybody who was asked."""
    for agreement in db.session.scalars(select(Agreement).join(Amendment)).unique():
        versions = versions_of(agreement)
        for version in versions:
            if digest_of(version.text, version.terms) != version.digest:
                yield f"agreement {agreement.id}: version {version.number} is not what was signed"
        in_force = [one for one in agreement.amendments if one.state == AmendmentState.IN_FORCE]
        digests = [*(one.digest for one in versions), agreement.digest]
        if list(pairwise(digests)) != [(one.replaces, one.digest) for one in in_force]:
            yield f"agreement {agreement.id}: its amendments do not lead from one version to the next"
        for one in in_force:
            if any(consent.signed_at is None or consent.digest != one.digest for consent in one.consents):
                yield f"amendment {one.id}: in force, and not signed by everybody who was asked"
