"""The demonstration passes its gates honestly: definitions read by two people, one override by name."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.extensions import db
from app.pricing.budget import early_by_year
from app.pricing.gate import Verdict
from app.pricing.gate_queries import committed_by_year, judge_gates
from app.pricing.models import PriceTable
from app.readers.models import ReaderTest
from app.settlement.models import Statement
from app.settlement.states import StatementState


@pytest.fixture
def tables(world):
    return db.session.scalars(select(PriceTable).order_by(PriceTable.created_at)).unique().all()


def test_no_gate_of_any_table_fails_and_one_was_overridden_by_name(tables):
    assert len(tables) >= 4
    for table in tables:
        verdicts = {gate.code: gate.verdict for gate in judge_gates(table)}
        assert [code for code, verdict in verdicts.items() if verdict == Verdict.FAILS] == [], table.title
        assert [code for code, verdict in verdicts.items() if verdict == Verdict.OVERRIDDEN] == ["D2"]


def test_two_readers_really_read_and_once_did_not_agree_on_a_file(world):
    tests = db.session.scalars(select(ReaderTest)).unique().all()
    assert len(tests) == 3
    assert all(test.agreement.passes and test.has_judged(reader) for test in tests for reader in test.reader_ids)
    assert sorted(test.second_only for test in tests) == [0, 0, 1]


def test_what_is_paid_counts_as_committed_and_the_rest_up_to_the_ceiling(tables):
    bond = tables[0].programme
    committed, worst = committed_by_year(bond), early_by_year(tables[0], bond.shares)
    paid = db.session.scalars(
        select(Statement).where(Statement.programme_id == bond.id, Statement.state != StatementState.REFUSED)
    ).unique()
    asked: dict[str, int] = {}
    for statement in paid:
        payer = str(statement.payer_id)
        asked[payer] = asked.get(payer, 0) + statement.amount_minor
    assert asked and all(amount > 0 for amount in asked.values())
    this_year = clock.today().year
    for payer, years in committed.items():
        assert sum(years.values()) == sum(worst[payer].values())
        past = sum(amount for year, amount in years.items() if year < this_year)
        assert past <= asked[payer]  # in a year that is over nothing can be asked any more
