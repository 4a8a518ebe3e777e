"""A bond with a final award and standing investors: everything an agreement is made of."""

import uuid
from dataclasses import dataclass
from datetime import date

from flask_security import hash_password

from app.agreements.models import Agreement
from app.agreements.operations import draft_agreement, offer_agreement, sign_agreement
from app.capital.models import Commitment, Round, Tranche
from app.capital.states import CommitmentState, RoundState
from app.core import clock
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import MunicipalityShare, Part, Programme
from tests.factories.evaluation import Tender, award, make_tender
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme

PASSWORD = "correct horse battery staple"


@dataclass
class Bond:
    programme: Programme
    tender: Tender
    official: User  # of the leading municipality
    second_payer: User
    intermediary: User
    assessor: User
    auditor: User
    investors: list[User]
    provider: User
    partner: User

    def signers(self) -> list[tuple[Organisation, User]]:
        people = [self.official, self.second_payer, *self.investors, self.provider, self.partner]
        return [(user.organisations[0], user) for user in [*people, self.intermediary, self.assessor]]


def make_bond(*, illustrative: bool = False) -> Bond:
    """Two municipalities, two investors (600,000.00 senior and 200,000.00 first loss), a consortium of two."""
    programme = make_programme(illustrative=illustrative, council_decision="2026-17")
    second = make_party(programme, Part.GOVERNMENT)
    programme.shares[0].cohort_size = 45
    db.session.add(MunicipalityShare(programme=programme, organisation=second, cohort_size=25))
    db.session.commit()
    parts = (Part.INTERMEDIARY, Part.ASSESSOR, Part.AUDITOR, Part.INVESTOR, Part.INVESTOR)
    intermediary, assessor, auditor, first, other = (make_user(make_party(programme, part)) for part in parts)
    make_round(programme, [(first, 60_000_000), (other, 20_000_000)])
    tender = make_tender(bidders=2, programme=programme)
    award(tender)
    bond = Bond(
        programme=programme,
        tender=tender,
        official=tender.official,
        second_payer=make_user(second),
        intermediary=intermediary,
        assessor=assessor,
        auditor=auditor,
        investors=[first, other],
        provider=tender.bidders[0].lead,
        partner=tender.bidders[0].partner,
    )
    stored = hash_password(PASSWORD)
    for _organisation, user in bond.signers():
        user.password = stored
    db.session.commit()
    return bond


def make_round(programme: Programme, investors: list[tuple[User, int]]) -> Round:
    """A round that stands; each investor allotted what it committed, in a tranche of its own."""
    total = sum(amount for _, amount in investors)
    found = Round(
        programme=programme,
        target_minor=total,
        minimum_minor=total,
        closes_on=date(2026, 6, 30),
        term_sheet="Capital first, then return.",
        state=RoundState.STANDING,
        stands_at=clock.now(),
    )
    for rank, (user, amount) in enumerate(investors, start=1):
        tranche = Tranche(round=found, name=f"Tranche {rank}", rank=rank, irr_cap_bp=600)
        found.commitments.append(
            Commitment(
                programme_id=programme.id,
                tranche=tranche,
                organisation=user.organisations[0],
                amount_minor=amount,
                allotted_minor=amount,
                state=CommitmentState.ALLOTTED,
                committed_by=user,
            )
        )
    db.session.add(found)
    db.session.commit()
    return found


def draft(bond: Bond, text: str = "The parties agree to pay for effects.") -> Agreement:
    return draft_agreement(bond.programme, text, actor=bond.official, once=uuid.uuid4())


def offer(bond: Bond) -> Agreement:
    agreement = draft(bond)
    offer_agreement(agreement, actor=bond.official)
    return agreement


def sign_all(bond: Bond, agreement: Agreement, but: int = 0) -> None:
    """Everybody signs, except the last `but`."""
    signers = bond.signers()
    for organisation, user in signers[: len(signers) - but]:
        sign_agreement(agreement, organisation, agreement.digest, actor=user)
