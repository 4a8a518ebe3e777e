"""The life of a published bond: its facts claimed, proven and signed for, its money settled, paid and given back.

Every step is an operation of the portal, on the day of the file. Only where a file tells a total of persons whom nobody
knows are they and their claims laid in one go; their verification by a sample, and all after it, is live.
"""

import uuid
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from app.core import clock
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.intake.operations import register_participant
from app.outcomes.basis import Basis, is_share
from app.outcomes.issuers import ISSUED_BY, IssuerClass
from app.outcomes.measurement_rules import MeasurementFacts
from app.outcomes.measuring import register_measurement
from app.outcomes.models import Claim, Measurement
from app.outcomes.operations import register_claim
from app.outcomes.proving import submit_proof, verify_proof
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import ClaimState
from app.pricing.models import Counterfactual, Effect, EffectKind
from app.programmes.pseudonym import new_code
from app.scenarios.result import amount_text
from app.settlement.models import Settlement, SettlementLine
from app.settlement.operations import approve_statement, check_settlement, prepare_settlement
from app.treasury import operations as treasury
from app.treasury.in_hand import free_minor
from app.treasury.models import DistributionPart
from app.treasury.operations import CallFacts
from app.treasury.queries import holding
from app.verification.judging import PROVEN, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket, declare_independence, draw_sample, lock_docket
from app.verification.signing import sign_off
from tests.journeys.published_bond import Published, at, code_of

NOTICE = timedelta(days=14)
DIGEST = "ab" * 32
# The files tell the result alone; what stands around it is not published and weighs nothing in the money.
NOT_PUBLISHED = Basis("The report", Counterfactual.MATCHED, "-1000000000", "1000000000", people=1, compared=100)


def live(bond: Published) -> None:
    """Day by day: drawdowns, facts, statements and their payment, costs, distributions."""
    money = bond.replay.money
    if money is None:
        _draw(bond, bond.starts_on, bond.money[1][0].committed)
        _pay_cost(bond, bond.starts_on, bond.money[1][0].committed)
    people = _register_people(bond)
    draws, costs, receipts = (Counter[date]() for _ in range(3))
    for flows, of in ((draws, "drawdowns"), (costs, "costs")):
        for flow in getattr(money.capital, of) if money else ():
            flows[flow.on] += flow.amount
    for flow in (money.receipts or ()) if money else ():
        receipts[flow.on] += flow.amount
    for day in sorted({*bond.days()}):
        if draws[day]:
            _draw(bond, day, draws[day])
        for number, fact in enumerate(bond.replay.facts):
            if fact.on == day:
                _prove(bond, fact, people, number)
        if receipts[day]:
            _measure(bond, day, effect="income", quantity=receipts[day] // 100)
        if day in bond.replay.settle_on:
            _settle(bond, day)
        if costs[day]:
            _pay_cost(bond, day, costs[day])
        if day in bond.replay.settle_on:
            _distribute(bond, day)


def _draw(bond: Published, day: date, amount_minor: int) -> None:
    with at(day - NOTICE):
        asked = CallFacts(amount_minor, "As published", day, notice_days=NOTICE.days)
        call = treasury.prepare_capital_call(bond.programme, asked, actor=bond.intermediary, once=uuid.uuid4())
        treasury.approve_capital_call(call, actor=bond.colleague)
    with at(day):
        for part in call.parts:
            treasury.receive_capital(part, day, actor=bond.intermediary)


def _pay_cost(bond: Published, day: date, amount_minor: int) -> None:
    with at(day):
        to = bond.programme, bond.provider.organisations[0], amount_minor, "As published"
        cost = treasury.prepare_cost(*to, actor=bond.intermediary, once=uuid.uuid4())
        treasury.approve_cost(cost, actor=bond.colleague)


# --- Facts -----------------------------------------------------------------------------------------------------------


def _register_people(bond: Published) -> dict[str, Participant]:
    named = dict.fromkeys(fact.participant for fact in bond.replay.facts if fact.participant)
    with at(bond.starts_on):
        here = bond.programme, bond.city, AgeBand.FROM_18, bond.starts_on
        return {name: register_participant(*here, actor=bond.provider, once=uuid.uuid4()) for name in named}


def _prove(bond: Published, fact: Any, people: dict[str, Participant], number: int) -> None:
    if fact.participant:
        with at(fact.on):
            effect = _effect(bond, fact.effect)
            kind = effect.evidence_type
            facts = ClaimFacts(effect, fact.on, kind, ISSUED_BY[kind][0], fact.on, f"{number:064x}")
            claim = register_claim(people[fact.participant], facts, actor=bond.provider, once=uuid.uuid4())
            submit_proof(claim, actor=bond.provider)
    elif bond.is_total(fact):
        _lay_claims(bond, _effect(bond, fact.effect), fact.on, int(fact.quantity))
    else:
        figures = {
            "value": _decimal(fact.value),
            "treatment": _decimal(fact.treatment),
            "control": _decimal(fact.control),
            "cohort": str(number + 1) if fact.control is not None else "",
            "quantity": int(fact.quantity) if bond.kind_of(fact) == "fee" else None,
        }
        _measure(bond, fact.on, effect=code_of(fact.effect), **figures)


def _effect(bond: Published, effect_id: str) -> Effect:
    return next(effect for effect in bond.table.effects if effect.code == code_of(effect_id))


def _decimal(number: Any) -> str:
    return "" if number is None else f"{float(Fraction(number)):.10g}"


def _measure(bond: Published, on: date, *, effect: str, **figures: Any) -> None:
    with at(on):
        row = _effect(bond, effect)
        issuer, basis = IssuerClass.STATISTICS.value, None if row.kind == EffectKind.FEE else NOT_PUBLISHED
        if is_share(row):
            basis = replace(NOT_PUBLISHED, low="0", high="1", compared_value="0.4")
        facts = MeasurementFacts(row, bond.city, on, row.evidence_type, issuer, on, DIGEST, basis=basis, **figures)
        facts = replace(facts, is_estimate=True, other_issuer=True)  # who counted, and whom, was not published
        measured = register_measurement(bond.programme, facts, actor=bond.provider, once=uuid.uuid4())
        submit_proof(measured, actor=bond.provider)
        verify_proof(measured, "Two sources agree.", actor=bond.assessor)


def _lay_claims(bond: Published, effect: Effect, on: date, count: int) -> None:
    """The rows that registering and submitting would have written, of as many persons as the total counts; where there
    is no sample, verified."""
    with at(on):
        taken = select(Claim.participant_id).where(Claim.effect_id == effect.id)
        free = select(Participant.id).where(Participant.programme_id == bond.programme.id, Participant.id.not_in(taken))
        people = list(db.session.scalars(free.limit(count)))
        new = [uuid.uuid4() for _ in range(count - len(people))]
        codes = iter({new_code() for _ in range(2 * len(new) + 9)})
        person = {"programme_id": bond.programme.id, "provider_id": bond.provider.organisations[0].id, "version": 1}
        person |= {"payer_id": bond.city.id, "age_band": AgeBand.FROM_18, "started_on": bond.starts_on}
        person |= {"state": "active", "created_at": clock.now()}
        if new:
            db.session.execute(db.insert(Participant), [person | {"id": id, "code": next(codes)} for id in new])
        claim = {"programme_id": bond.programme.id, "effect_id": effect.id, "achieved_on": on, "quantity": 1}
        claim |= {"evidence_type": effect.evidence_type, "evidence_issuer": "registry", "evidence_on": on, "version": 1}
        claim |= {"registered_by_id": bond.provider.id, "submitted_at": clock.now(), "state": ClaimState.SUBMITTED}
        if not bond.is_sampled():
            judged = {"state": ClaimState.VERIFIED, "decided_by_id": bond.assessor.id, "decided_at": clock.now()}
            claim |= judged
        claims = [claim | {"participant_id": who, "evidence_digest": uuid.uuid4().hex * 2} for who in (*people, *new)]
        db.session.execute(db.insert(Claim), [one | {"id": uuid.uuid4()} for one in claims])
        db.session.commit()


# --- Statements and money --------------------------------------------------------------------------------------------


def _settle(bond: Published, day: date) -> None:
    with at(day):
        _verify(bond)
        sign_off(bond.programme, "Every document was read.", actor=bond.assessor)
        final = day == bond.replay.settle_on[-1]
        made = prepare_settlement(bond.programme, day, is_final=final, actor=bond.intermediary, once=uuid.uuid4())
        check_settlement(made, actor=bond.colleague)
        for statement in made.statements:
            approve_statement(statement, actor=bond.official)
            if statement.outstanding_minor:
                treasury.receive_payment(statement, actor=bond.intermediary)


def _verify(bond: Published) -> None:
    waiting = select(Claim).where(Claim.programme_id == bond.programme.id, Claim.state == ClaimState.SUBMITTED)
    if bond.is_sampled():
        docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
        draw_sample(docket, actor=bond.assessor)
        declare_independence(docket, [], actor=bond.assessor)
        drawn = select(DocketItem.claim_id).where(DocketItem.docket_id == docket.id, DocketItem.to_judge)
        for claim in db.session.scalars(waiting.where(Claim.id.in_(drawn))).unique().all():
            judge_claim(claim, PROVEN, actor=bond.assessor)
        conclude_docket(docket, actor=bond.assessor)
    else:
        for claim in db.session.scalars(waiting).unique().all():
            judge_claim(claim, PROVEN, actor=bond.assessor)


def _distribute(bond: Published, day: date) -> None:
    with at(day, 18):
        if free_minor(bond.programme.id):
            made = treasury.prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
            treasury.approve_distribution(made, actor=bond.colleague)


# --- What came of it, in the words of replay-result/1 ----------------------------------------------------------------


def result_of(bond: Published) -> dict[str, Any]:
    """Read from the rows of the settlements and the distributions, in major units."""
    settled = select(Settlement).where(Settlement.programme_id == bond.programme.id).order_by(Settlement.number)
    made = db.session.scalars(settled).unique().all()
    vat = sum(statement.vat_minor for one in made for statement in one.statements)
    return {
        "effects": _effects(bond),
        "reductions": _reductions(made),
        "statements": [
            {
                "on": one.period_to.isoformat(),
                "gross": text(one.gross_minor),
                "paid": text(one.paid_minor),
                "payers": [
                    {"id": bond.replay.terms.payers[0].id, "amount": text(sum(s.owed_minor for s in one.statements))}
                ],
            }
            for one in made
        ],
        "total": {
            "gross": text(sum(one.gross_minor for one in made)),
            "paid": text(sum(one.paid_minor for one in made)),
            "net_of_vat": text(sum(one.paid_minor for one in made) - vat),
        },
        "investors": [_investor(bond, id) for id in bond.investors],
    }


def text(minor: Any) -> str:
    return amount_text(minor, 2)


def _effects(bond: Published) -> list[dict[str, str]]:
    sums = (
        select(Effect.code, func.sum(SettlementLine.gross_minor), func.sum(SettlementLine.paid_minor))
        .select_from(SettlementLine)
        .outerjoin(Claim, Claim.id == SettlementLine.claim_id)
        .outerjoin(Measurement, Measurement.id == SettlementLine.measurement_id)
        .join(Effect, Effect.id == func.coalesce(Claim.effect_id, Measurement.effect_id))
        .where(Effect.table_id == bond.table.id)
        .group_by(Effect.code)
    )
    found = {code: (gross, paid) for code, gross, paid in db.session.execute(sums)}
    rows = [(effect.id, *found.get(code_of(effect.id), (0, 0))) for effect in bond.replay.terms.effects]
    return [{"id": id, "gross": text(gross), "paid": text(paid)} for id, gross, paid in rows]


def _reductions(made: Any) -> list[dict[str, str]]:
    cut: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for settlement in made:
        for line in settlement.lines:
            for step in line.steps:
                less = Fraction(step["before_minor"]) - Fraction(step["after_minor"])
                if less > 0 and step["rule"] != "rounding":
                    cut[settlement.period_to.isoformat(), step["rule"]] += less
    return [{"rule": rule, "on": on, "amount": text(amount)} for (on, rule), amount in cut.items() if amount]


def _investor(bond: Published, id: str) -> dict[str, Any]:
    with at(bond.days()[-1] + timedelta(days=1)):
        found = holding(bond.programme, bond.investors[id].organisations[0])
    return {
        "id": id,
        "paid_in": text(found.paid_in),
        "distributed": text(found.distributed),
        "interest": text(found.returned),
        "principal": text(found.principal),
        "multiple": found.multiple,
    }


def given_back(bond: Published) -> int:
    """All that investors got, in minor units."""
    both = DistributionPart.principal_minor + DistributionPart.return_minor
    held = select(func.coalesce(func.sum(both), 0)).where(
        DistributionPart.commitment_id.in_([one.id for one in bond.round.commitments])
    )
    return int(db.session.scalar(held) or 0)
