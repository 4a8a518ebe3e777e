"""A bond in delivery whose investors' consortium stands; money is moved by the operations themselves."""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.access.actions import Action
from app.access.record import record
from app.agreements.terms import digest_of
from app.capital.models import Commitment, Round, Tranche, TrancheTerms
from app.capital.states import RoundState
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.ledger.models import AccountKind
from app.ledger.posting import account, owed_by_municipality, post
from app.people.models import Organisation, User
from app.settlement.groups import keep_groups
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.states import SettlementState, StatementState
from app.settlement.sums import keep_sums
from app.treasury import operations as treasury
from app.treasury.models import CapitalCall, CostPayment
from app.treasury.operations import CallFacts
from tests.factories.capital import make_commitment, make_investor
from tests.factories.keeping import at_once, keep
from tests.factories.outcomes import Delivery, make_claim, make_delivery, make_participant


@dataclass
class Funded(Delivery):
    """`investor` holds the first commitment (senior), `second` the other (first loss); `intermediary` prepares and
    `colleague` approves."""

    round: Round = None  # type: ignore[assignment]
    second: User = None  # type: ignore[assignment]
    commitments: list[Commitment] = field(default_factory=list)

    @property
    def provider_organisation(self) -> Organisation:
        return self.provider.organisations[0]


SENIOR = {"name": "Senior", "rank": 1, "terms": TrancheTerms.RETURN, "irr_cap_bp": 500}
FIRST_LOSS = {"name": "First loss", "rank": 2, "terms": TrancheTerms.RETURN}


@at_once
def make_funded(
    amounts: tuple[int, int] = (40_000_000, 20_000_000), tranches: tuple[Any, ...] = (SENIOR, FIRST_LOSS), **facts: Any
) -> Funded:
    """400,000.00 in the first tranche, 200,000.00 in the last."""
    made = make_delivery(**facts)
    round = made.agreement.round
    round.target_minor, round.minimum_minor, round.maximum_minor = sum(amounts), 1, sum(amounts)
    round.tranches = [Tranche(**terms) for terms in tranches]
    round.state, round.stands_at = RoundState.STANDING, clock.now()
    made.agreement.terms = {"table": {"id": str(made.agreement.table_id)}}
    made.agreement.digest = digest_of(made.agreement.text, made.agreement.terms)
    keep()
    bond = Funded(**vars(made), round=round, second=make_investor(round))
    people = (bond.investor, bond.second)
    held = (round.tranches[0], round.tranches[-1])
    bond.commitments = [make_commitment(round, *one) for one in zip(people, amounts, held, strict=True)]
    return bond


def call(bond: Funded, amount_minor: int, **facts: Any) -> CapitalCall:
    """A capital call that was approved."""
    asked = CallFacts(amount_minor, facts.pop("purpose", "Start"), clock.today() + timedelta(days=14), **facts)
    made = treasury.prepare_capital_call(bond.programme, asked, actor=bond.intermediary, once=uuid.uuid4())
    treasury.approve_capital_call(made, actor=bond.colleague)
    return made


def fund(bond: Funded, amount_minor: int, **facts: Any) -> CapitalCall:
    """Called and paid in by every investor today."""
    made = call(bond, amount_minor, **facts)
    for part in made.parts:
        treasury.receive_capital(part, clock.today(), actor=bond.intermediary)
    return made


def pay_cost(bond: Funded, amount_minor: int) -> CostPayment:
    """Prepared and approved."""
    made = treasury.prepare_cost(
        bond.programme, bond.provider_organisation, amount_minor, "Coaching", actor=bond.intermediary, once=uuid.uuid4()
    )
    treasury.approve_cost(made, actor=bond.colleague)
    return made


@operation
def _owe(statement: Statement, official: User) -> None:
    statement.state, statement.approved_at, statement.approved_by_id = StatementState.APPROVED, clock.now(), official.id
    owed_by_municipality(statement, entered_by=official)
    record(Action.CAPITAL_CALL_PREPARE, statement, official, on_behalf_of=_desk(statement))


@operation
def hold_vat(bond: Funded, statement: Statement, vat_minor: int) -> None:
    """So much of what the statement asks is VAT."""
    programme = bond.programme
    statement.vat_minor = vat_minor
    income = account(programme.id, AccountKind.OUTCOME_INCOME, statement.payer_id)
    post(income, account(programme.id, AccountKind.VAT), vat_minor, statement, entered_by=bond.official)
    record(Action.COST_PREPARE, statement, bond.intermediary, on_behalf_of=programme)


class _desk:
    """Stands in for the settlement's own right to record, which is not tested here."""

    def __init__(self, statement: Statement) -> None:
        self.programme_id = statement.programme_id

    def roles_of(self, user: Any) -> set[Any]:
        from app.access.roles import Role

        return {Role.INTERMEDIARY}


def owe(bond: Funded, *amounts: int, claims: int = 1, vat_percent: int = 0) -> list[Statement]:
    """A settlement whose municipalities (Enschede, then Hengelo) approved; each with `claims` lines for its amount, in
    which is VAT of `vat_percent`."""
    number = db.session.query(Settlement).filter_by(programme_id=bond.programme.id).count() + 1
    settlement = Settlement(
        programme=bond.programme,
        agreement=bond.agreement,
        number=number,
        period_from=date(2026, 1, 1),
        period_to=date(2026, 6, 30),
        gross_minor=sum(amounts),
        paid_minor=sum(amounts),
        digest="0" * 64,
        state=SettlementState.APPROVED,
        prepared_by_id=bond.intermediary.id,
        checked_by_id=bond.colleague.id,
    )
    db.session.add(settlement)
    payers = [(bond.enschede, bond.official), (bond.hengelo, bond.neighbour)]
    made = []
    for (payer, official), amount in zip(payers, amounts, strict=False):
        statement = Statement(
            settlement=settlement,
            programme_id=bond.programme.id,
            payer=payer,
            amount_minor=amount,
            vat_minor=amount * vat_percent // (100 + vat_percent),
            reference=f"S{number}-{payer.name[:3].upper()}-{uuid.uuid4().hex[:6]}",
        )
        db.session.add(statement)
        db.session.commit()
        _lay_lines(bond, settlement, payer, amount, claims)
        _owe(statement, official)
        made.append(statement)
    keep_sums(settlement.id)
    keep_groups(settlement.id)
    db.session.commit()
    return made


def _lay_lines(bond: Funded, settlement: Settlement, payer: Organisation, amount_minor: int, claims: int) -> None:
    for n in range(claims):
        claim = make_claim(bond, make_participant(bond, payer))
        part = amount_minor // claims if n else amount_minor - amount_minor // claims * (claims - 1)
        line = SettlementLine(
            settlement=settlement,
            claim=claim,
            payer=payer,
            provider_id=claim.participant.provider_id,
            position=db.session.query(SettlementLine).filter_by(settlement_id=settlement.id).count() + 1,
            gross_minor=part,
            paid_minor=part,
            steps=[],
        )
        db.session.add(line)
        db.session.commit()
