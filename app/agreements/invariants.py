"""What must always hold of agreements; each function yields a line per fault."""

from collections.abc import Iterator

from sqlalchemy import select

from app.agreements.models import Agreement
from app.agreements.states import AgreementState
from app.agreements.terms import digest_of
from app.extensions import db


def agreements_say_what_was_signed() -> Iterator[str]:
    """Text and terms still have the digest that was offered, and every signature is over that digest."""
    offered = select(Agreement).where(Agreement.state != AgreementState.DRAFT)
    for agreement in db.session.scalars(offered).unique():
        if digest_of(agreement.text, agreement.terms) != agreement.digest:
            yield f"agreement {agreement.id}: its text or terms are not what was offered"
        if str(agreement.table_id) != agreement.terms["table"]["id"]:
            yield f"agreement {agreement.id}: its price table is not the one in its terms"
        for party in agreement.parties:
            if party.signed_at is not None and party.digest != agreement.digest:
                yield f"agreement {agreement.id}: {party.organisation_id} signed something else"
