"""An agreement in force that was really signed, and amendments of it."""

import uuid
from dataclasses import replace
from typing import Any

from app.agreements.amending import Change, rules_in
from app.agreements.amendment_models import Amendment
from app.agreements.amendment_operations import consent_to_amendment, propose_amendment
from app.agreements.ending_models import ending_of
from app.agreements.intake_clause import clause_of
from app.agreements.models import Agreement
from app.agreements.operations import offer_agreement
from app.agreements.providing import consortia_of
from app.people.models import User
from tests.factories.agreements import Bond, draft, make_bond, sign_all

TEXT = "The parties agree to pay for effects.\nDisputes go to the court of Overijssel."


def make_signed() -> tuple[Bond, Agreement]:
    bond = make_bond()
    agreement = draft(bond, TEXT)
    offer_agreement(agreement, actor=bond.official)
    sign_all(bond, agreement)
    return bond, agreement


def unchanged(agreement: Agreement) -> Change:
    terms = agreement.terms
    return Change(
        text=agreement.text,
        payment_days=terms["payment"]["days"],
        files_kept_days=terms["evidence"]["kept_days"],
        ending=ending_of(terms),
        volumes={one["id"]: dict(one["volumes"]) for one in consortia_of(terms)},
        verification=rules_in(terms),
        intake=clause_of(agreement),
    )


def propose(bond: Bond, agreement: Agreement, **changed: Any) -> Amendment:
    change = replace(unchanged(agreement), **(changed or {"payment_days": 45}))
    return propose_amendment(agreement, change, "Practice taught us this.", actor=bond.official, once=uuid.uuid4())


def consent_all(amendment: Amendment, users: list[User], but: int = 0) -> None:
    """Everybody who is asked signs, in the order of the users, except the last `but`."""
    asked = {one.organisation_id: one.organisation for one in amendment.consents}
    places = [(asked[one], user) for user in users for one in user.organisation_ids if one in asked]
    for organisation, user in places[: len(places) - but]:
        consent_to_amendment(amendment, organisation, amendment.digest, actor=user)


def signers(bond: Bond) -> list[User]:
    return [user for _organisation, user in bond.signers()]
