"""Settlement and replay are one calculation (replay-format): live and file agree line by line, whatever binds."""

import json
import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.pricing.models import PriceTable
from app.pricing.states import TableState
from app.scenarios.replay import compute, read
from app.scenarios.result import result_of
from app.settlement.invariants import (
    no_claim_is_settled_twice,
    settlements_recompute,
    statements_sum_their_lines,
    what_is_paid_later_is_owed_from_before,
)
from app.settlement.states import LineKind
from tests.factories.outcomes import (
    START,
    Delivery,
    make_batch,
    make_claim,
    make_delivery,
    make_participant,
    make_signed_off,
)
from tests.factories.pricing import make_effect, make_table
from tests.factories.settlement import make_settlement, statement_of

JUNE, DECEMBER = date(2026, 6, 30), date(2026, 10, 31)


def major(minor) -> str:
    return f"{Decimal(minor) / 100:.2f}"


def whole_cents(exact_minor: Fraction) -> str:
    return major(math.floor(exact_minor + Fraction(1, 2)))


def as_file(bond: Delivery, settlements) -> bytes:
    """The bond as an auditor would type it into a replay/1 file, from the agreement and the claims."""
    table = bond.agreement.table
    effects = []
    for effect in table.effects:
        row = {"id": effect.code, "name": effect.name, "kind": effect.kind.value}
        if effect.kind != "fee":
            row["deadweight"] = str(Decimal(effect.deadweight_bp) / 10_000)
        effects.append(row | promised(effect))
    caps = {"per_person": table.cap_per_person_minor, "contract": table.cap_contract_minor}
    periods = [
        {"from": cap["from"], "to": cap["to"], "amount": major(cap["amount_minor"])} for cap in table.period_caps
    ]
    rules = {"reduce": table.reduce.value, "overshoot": table.overshoot.value, "periods": periods}
    taken = [(one, line) for one in settlements for line in one.lines if line.kind == LineKind.FIRST]
    proofs = [(one, line.proof) for one, line in taken]
    claims = [proof for _, proof in proofs if isinstance(proof, Claim)]
    people = {claim.participant.code: str(claim.participant.payer_id) for claim in claims}
    tree = {
        "format": "replay/1",
        "title": bond.programme.title,
        "currency": "EUR",
        "payer_rule": "residence",
        "payers": [
            {"id": str(s.organisation_id), "name": s.organisation.name, "ceiling": major(s.ceiling_minor)}
            for s in bond.programme.shares
        ],
        "participants": [{"id": code, "payer": payer} for code, payer in people.items()],
        "effects": effects,
        "caps": rules | {key: major(minor) for key, minor in caps.items() if minor is not None},
        "facts": [
            {"effect": proof.effect.code, "on": str(max(proof.achieved_on, one.period_from))} | proven(proof)
            for one, proof in proofs
        ],
        "settle_on": [str(one.period_to) for one in settlements],
    }
    return json.dumps(tree).encode()


def promised(effect) -> dict:
    """What is paid for an effect, in the words of replay/1 for its kind."""
    price = {"price": major(effect.price_minor)}
    return {
        "per_person": price
        | {"max_per_person": effect.max_per_person, "requires": effect.requires}
        | ({"best_of": effect.best_of} if effect.best_of else {}),
        "per_unit": price | {"unit": effect.unit},
        "steps": {"steps": [in_major(one) for one in effect.scale], "between": effect.between},
        "bands": {"bands": [in_major(one) for one in effect.scale], "threshold": effect.threshold},
        "difference": price
        | {"threshold": effect.threshold}
        | ({"pooled_threshold": effect.pooled_threshold} if effect.pooled_threshold else {}),
        "share": {
            "share": str(Decimal(effect.share_bp) / 10_000),
            "share_after": str(Decimal(effect.share_after_bp or 0) / 10_000),
            "until": major(effect.until_minor or 0),
        },
        "fee": price,
    }[effect.kind]


def in_major(row: dict) -> dict:
    return {key.removesuffix("_minor"): major(it) if key.endswith("_minor") else it for key, it in row.items()}


def proven(proof) -> dict:
    """What was proven, in the words of replay/1 for the kind of the effect."""
    if isinstance(proof, Claim):
        return {"participant": proof.participant.code, "quantity": proof.quantity}
    payer = {"payer": str(proof.payer_id)}
    return (
        payer
        | {
            "steps": {"value": proof.value},
            "bands": {"value": proof.value},
            "difference": {"cohort": proof.cohort, "treatment": proof.treatment, "control": proof.control},
            "share": {"avoided": major(proof.avoided_minor or 0)},
            "fee": {"count": proof.quantity},
        }[proof.effect.kind]
    )


def assert_equal_to_replay(bond: Delivery, settlements) -> None:
    replayed = result_of(compute(read(as_file(bond, settlements)), lines=True), lines=True)
    live = [(one, line) for one in settlements for line in one.lines]
    assert len(replayed["lines"]) == len(live)
    fact_of = {line.proof_id: n for n, line in enumerate(one for _, one in live if one.kind == LineKind.FIRST)}
    for one, line in live:
        found = line_like(replayed["lines"], fact_of[line.proof_id], str(one.period_to), line.kind)
        assert found.get("participant") == (line.claim.participant.code if line.claim else None)
        assert found["payer"] == str(line.payer_id)
        assert found["paid"] == major(line.paid_minor)
        assert [row["rule"] for row in found["steps"]] == [step["rule"] for step in line.steps]
        after = [row["after"] for row in found["steps"]]
        assert after == [whole_cents(Fraction(step["after_minor"])) for step in line.steps]
    for one in settlements:
        found = next(row for row in replayed["statements"] if row["on"] == str(one.period_to))
        assert (found["gross"], found["paid"]) == (major(one.gross_minor), major(one.paid_minor))
        owed = {row["id"]: row["amount"] for row in found["payers"]}
        for statement in one.statements:
            assert owed[str(statement.payer_id)] == major(statement.amount_minor)


def line_like(rows, fact: int, on: str, kind: LineKind) -> dict:
    """The one line of that kind that a replay has for a fact in a statement."""
    marks = {key: True for key in ("carried", "pooled") if key == kind}
    same = [row for row in rows if (row["fact"], row["statement"]) == (fact, on)]
    (found,) = [row for row in same if {key: row[key] for key in ("carried", "pooled") if key in row} == marks]
    return found


def nothing_is_wrong() -> list[str]:
    return [
        *settlements_recompute(),
        *statements_sum_their_lines(),
        *no_claim_is_settled_twice(),
        *what_is_paid_later_is_owed_from_before(),
    ]


@pytest.fixture
def bond(app):
    return make_delivery()


def test_price_deadweight_and_residence(bond):
    """2,500.00 less 20 % is 2,000.00 for Enschede; 30 days at 10.00 are 300.00 for Hengelo."""
    work = make_signed_off(bond, bond.enschede)
    days = make_signed_off(bond, bond.hengelo, "days", quantity=30)
    settlement = make_settlement(bond, JUNE)

    assert {line.claim_id: line.paid_minor for line in settlement.lines} == {work.id: 200_000, days.id: 30_000}
    assert (settlement.gross_minor, settlement.paid_minor) == (280_000, 230_000)
    assert statement_of(settlement, bond.enschede).amount_minor == 200_000
    assert statement_of(settlement, bond.hengelo).amount_minor == 30_000
    assert next(line for line in settlement.lines if line.claim_id == work.id).steps == [
        {"rule": "price", "before_minor": "0", "after_minor": "250000"},
        {"rule": "deadweight", "before_minor": "250000", "after_minor": "200000"},
    ]
    assert_equal_to_replay(bond, [settlement])
    assert nothing_is_wrong() == []


def test_a_half_cent_is_rounded_up_once(app):
    """333.35 less 25 % is 250.0125 -> 250.01; less 10 % is 300.015 -> 300.02 (half up)."""
    bond = make_delivery()
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0)
    make_effect(table, "quarter", price_minor=33_335, deadweight_bp=2_500)
    make_effect(table, "tenth", price_minor=33_335, deadweight_bp=1_000)
    bond.agreement.table, bond.table = table, table
    db.session.commit()
    for code in ("quarter", "tenth"):
        make_signed_off(bond, code=code)
    settlement = make_settlement(bond, JUNE)
    assert sorted(line.paid_minor for line in settlement.lines) == [25_001, 30_002]
    assert_equal_to_replay(bond, [settlement])
    assert nothing_is_wrong() == []


def test_the_ceiling_of_one_municipality_binds_and_the_other_pays_nothing_more(app):
    """Hengelo reserved 3,000.00: its second effect of 2,000.00 gets 1,000.00, its third nothing (latest first)."""
    bond = make_delivery(reserved_minor=300_000)
    claims = [make_signed_off(bond, bond.hengelo, achieved_on=START + timedelta(days=100 + day)) for day in range(3)]
    make_signed_off(bond, bond.enschede)
    settlement = make_settlement(bond, JUNE)
    paid = {line.claim_id: line.paid_minor for line in settlement.lines}
    assert [paid[claim.id] for claim in claims] == [200_000, 100_000, 0]
    assert statement_of(settlement, bond.hengelo).amount_minor == 300_000
    assert statement_of(settlement, bond.enschede).amount_minor == 200_000
    cut = next(line for line in settlement.lines if line.claim_id == claims[1].id).steps[-1]
    assert cut == {"rule": "payer.ceiling", "before_minor": "200000", "after_minor": "100000"}
    assert_equal_to_replay(bond, [settlement])
    assert nothing_is_wrong() == []


def test_caps_per_person_and_of_the_contract_bind(app):
    """At most 2,500.00 a person, 6,000.00 in all: 2,000 + 500 (of 1,200), 2,000, then 1,500 of the last 2,000."""
    bond = make_delivery(table={"cap_per_person_minor": 250_000, "cap_contract_minor": 600_000})
    person = make_participant(bond)
    first = make_signed_off(bond, participant=person, achieved_on=date(2026, 4, 1))
    second = make_signed_off(bond, code="work-26w", participant=person, achieved_on=date(2026, 4, 2))
    third = make_signed_off(bond, achieved_on=date(2026, 4, 3))
    fourth = make_signed_off(bond, achieved_on=date(2026, 4, 4))
    settlement = make_settlement(bond, JUNE)
    paid = {line.claim_id: line.paid_minor for line in settlement.lines}
    assert [paid[claim.id] for claim in (first, second, third, fourth)] == [200_000, 50_000, 200_000, 150_000]
    assert_equal_to_replay(bond, [settlement])
    assert nothing_is_wrong() == []


def test_two_settlements_in_sequence_share_their_ceilings(app):
    """What the first took is gone for the second; the first does not change."""
    bond = make_delivery(reserved_minor=300_000)
    make_signed_off(bond, bond.hengelo, achieved_on=date(2026, 4, 1))
    first = make_settlement(bond, JUNE, approved=True)
    digest = first.digest
    late = make_signed_off(bond, bond.hengelo, achieved_on=date(2026, 5, 1))  # signed off after its own period
    new = make_signed_off(bond, bond.hengelo, achieved_on=date(2026, 8, 1))
    second = make_settlement(bond, DECEMBER)

    assert first.paid_minor == 200_000
    assert first.digest == digest
    paid = {line.claim_id: line.paid_minor for line in second.lines}
    assert paid == {late.id: 100_000, new.id: 0}, "the late one counts first, on the first day of the second period"
    assert (second.period_from, second.number) == (date(2026, 7, 1), 2)
    assert_equal_to_replay(bond, [first, second])
    assert nothing_is_wrong() == []


def test_a_newer_published_table_changes_nothing(bond):
    """The agreement froze its version (domain, section 3.5)."""
    make_signed_off(bond)
    bond.table.state = TableState.SUPERSEDED
    db.session.commit()
    newer = make_table(bond.programme, effects=1)
    assert newer.number > bond.table.number
    settlement = make_settlement(bond, JUNE)
    assert settlement.paid_minor == 200_000
    assert db.session.query(PriceTable).filter_by(programme_id=bond.programme.id).count() == 2
    assert nothing_is_wrong() == []


def test_what_requires_an_undecided_effect_waits_for_it(bond):
    """Signed off half a year, while its thirteen weeks are with the assessor: both count in the next settlement."""
    person = make_participant(bond)
    weeks = make_claim(bond, person, achieved_on=date(2026, 4, 1))
    half_year = make_signed_off(bond, code="work-26w", participant=person, achieved_on=date(2026, 6, 1))
    make_signed_off(bond)
    first = make_settlement(bond, JUNE, approved=True)
    assert half_year.id not in {line.claim_id for line in first.lines}

    weeks.state = ClaimState.VERIFIED
    db.session.commit()
    make_batch(bond)
    second = make_settlement(bond, DECEMBER)
    paid = {line.claim_id: line.paid_minor for line in second.lines}
    assert paid == {weeks.id: 200_000, half_year.id: 120_000}
    assert_equal_to_replay(bond, [first, second])
    assert nothing_is_wrong() == []


def test_what_requires_a_rejected_effect_is_settled_at_nothing_and_says_why(bond):
    person = make_participant(bond)
    weeks = make_claim(bond, person)
    half_year = make_signed_off(bond, code="work-26w", participant=person)
    weeks.state = ClaimState.REJECTED  # after the other was signed for
    db.session.commit()
    settlement = make_settlement(bond, JUNE)
    line = settlement.lines[0]
    assert (line.claim_id, line.paid_minor) == (half_year.id, 0)
    assert line.steps[0]["rule"] == "requires"
    assert nothing_is_wrong() == []


def test_tampering_shows(bond):
    make_signed_off(bond)
    settlement = make_settlement(bond, JUNE)
    settlement.lines[0].paid_minor += 1
    db.session.commit()
    assert len(nothing_is_wrong()) == 3  # the line, the fingerprint, the statement


def test_a_changed_claim_shows(bond):
    claim = make_signed_off(bond, code="days", quantity=10)
    make_settlement(bond, JUNE)
    claim.quantity = 11
    db.session.commit()
    assert any("line 1 was paid 10000, now 11000" in fault for fault in settlements_recompute())
