"""A bond whose call has two lots, one per municipality, each won by another consortium with another discount."""

from dataclasses import dataclass
from datetime import timedelta

from flask_security import hash_password

from app.awards.operations import finalise_award
from app.calls.asked import Lot
from app.calls.models import Criterion
from app.core import clock
from app.evaluation.proof_operations import check_proof, hand_in_proof, proofs_of
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import EffectKind, PriceTable
from app.pricing.states import TableState
from app.programmes.models import BudgetYear, MunicipalityShare, Part, Programme
from tests.factories.agreements import PASSWORD, make_round
from tests.factories.evaluation import PAPER, Tender, freeze, lay_discounts, make_tender, send, with_discount
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_party, make_programme


@dataclass
class Lots:
    programme: Programme
    tender: Tender
    enschede: Organisation
    hengelo: Organisation
    official: User
    neighbour: User
    intermediary: User
    colleague: User
    assessor: User
    auditor: User
    investor: User

    def signers(self) -> list[User]:
        bidders = [user for bidder in self.tender.bidders for user in (bidder.lead, bidder.partner)]
        return [self.official, self.neighbour, self.investor, *bidders, self.intermediary, self.assessor]


def make_lots_bond(*, overlap: bool = False, discount: bool = True, measured: bool = False) -> Lots:
    """Enschede 45 and Hengelo 25 places, each a lot of its own; with `overlap` both lots are for both.

    Each lot has one plan, handed in; nothing is opened yet. `discount`: whether the call asks for one; `measured`: the
    table pays for something of a whole city too.
    """
    enschede, hengelo = make_organisation(name="Enschede"), make_organisation(name="Hengelo")
    programme = make_programme(enschede)
    programme.shares[0].cohort_size = 45
    share = MunicipalityShare(programme=programme, organisation=hengelo, cohort_size=25)
    share.budget = [BudgetYear(year=2026, reserved_minor=50_000_000)]
    db.session.add(share)
    db.session.commit()
    make_party(programme, Part.GOVERNMENT, hengelo)
    parts = (Part.INTERMEDIARY, Part.ASSESSOR, Part.AUDITOR, Part.INVESTOR)
    intermediary, assessor, auditor, investor = (make_user(make_party(programme, part)) for part in parts)
    make_round(programme, [(investor, 60_000_000)])
    criteria: list[Criterion] | None = with_discount() if discount else None
    table = _measured(programme) if measured else make_table(programme)
    lots = _lots(enschede, hengelo, overlap)
    tender = make_tender(2, programme=programme, table=table, lots=lots, criteria=criteria)
    for bidder, lot in zip(tender.bidders, tender.call.lots, strict=True):
        bidder.consortium.lot = lot
    bond = Lots(
        programme=programme,
        tender=tender,
        enschede=enschede,
        hengelo=hengelo,
        official=tender.official,
        neighbour=make_user(hengelo),
        intermediary=intermediary,
        colleague=make_user(intermediary.organisations[0]),
        assessor=assessor,
        auditor=auditor,
        investor=investor,
    )
    stored = hash_password(PASSWORD)
    for user in bond.signers():
        user.password = stored
    db.session.commit()
    return bond


def _measured(programme: Programme) -> PriceTable:
    table = make_table(programme, state=TableState.DRAFT)
    steps = [{"at": "0.5", "amount_minor": 1_000_000}]
    make_effect(table, "coupon", name="Coupon", kind=EffectKind.STEPS, scale=steps, price_minor=0)
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    db.session.commit()
    return table


def _lots(enschede: Organisation, hengelo: Organisation, overlap: bool) -> list[Lot]:
    both = [str(enschede.id), str(hengelo.id)]
    return [
        Lot(position=1, name="West", cohort_size=45, organisation_ids=both if overlap else both[:1]),
        Lot(position=2, name="East", cohort_size=25, organisation_ids=both if overlap else both[1:]),
    ]


def decide_lots(bond: Lots, *discounts: int, points: tuple[tuple[int, int], ...] = ((9, 8), (6, 5))) -> None:
    """Scored, the discounts opened, the letters sent."""
    freeze(bond.tender, *points)
    if discounts:
        lay_discounts(bond.tender, *discounts)
    send(bond.tender)


def award_lots(bond: Lots, *discounts: int, points: tuple[tuple[int, int], ...] = ((9, 8), (6, 5))) -> None:
    """Every winner gave its proof, the standstill has passed, the award is final."""
    decide_lots(bond, *discounts, points=points)
    evaluation, tender = bond.tender.evaluation, bond.tender
    due = tender.call.deadline.astimezone(clock.LOCAL).date()
    for bidder in tender.bidders:
        for proof in proofs_of(tender.opened_of(bidder)):
            hand_in_proof(proof, due, PAPER, actor=bidder.lead)
            check_proof(proof, True, "", actor=tender.openers[0])
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
        finalise_award(evaluation, actor=tender.official)
