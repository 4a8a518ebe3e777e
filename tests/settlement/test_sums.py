"""What the lines of a settlement come to is kept beside them (issue 6: "figures on pages come from sums that stay
fast"), and its lines are found by their place."""

from datetime import date

import pytest

from app.agreements.departures import _hand_over
from app.extensions import db
from app.pricing.models import Effect
from app.programmes.models import Part
from app.settlement import queries
from app.settlement.invariants import lines_name_the_provider, sums_are_of_their_lines
from app.settlement.states import LineKind
from app.settlement.sum_models import SettlementSum
from app.settlement.sums import line_count
from tests.factories.outcomes import make_delivery, make_participant, make_signed_off
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


def places(settlement, user, number=1, payer_id=None):
    return [row.position for row in queries.lines(settlement, user, number, str, payer_id).rows]


def test_a_settlement_keeps_what_its_lines_come_to(bond):
    """Two of 2,000.00 in Enschede, one in Hengelo with 30 days of 10.00: three sums of four lines."""
    for payer in (bond.enschede, bond.enschede, bond.hengelo):
        make_signed_off(bond, payer)
    make_signed_off(bond, bond.hengelo, "days", quantity=30)
    settlement = make_settlement(bond, JUNE)
    found = db.session.query(SettlementSum).join(Effect).filter(SettlementSum.settlement_id == settlement.id)
    rows = {(one.effect.code, one.payer_id): (one.kind, one.lines, one.paid_minor) for one in found}
    assert rows == {
        ("work-13w", bond.enschede.id): (LineKind.FIRST, 2, 400_000),
        ("work-13w", bond.hengelo.id): (LineKind.FIRST, 1, 200_000),
        ("days", bond.hengelo.id): (LineKind.FIRST, 1, 30_000),
    }
    assert (line_count(settlement.id), line_count(settlement.id, [bond.hengelo.id])) == (4, 2)
    assert list(sums_are_of_their_lines()) == []


def test_a_sum_that_is_not_of_the_lines_is_a_fault(bond):
    make_signed_off(bond)
    settlement = make_settlement(bond, JUNE)
    keys = {"settlement_id": settlement.id, "effect_id": bond.effect("days").id, "payer_id": bond.hengelo.id}
    db.session.add(SettlementSum(**keys, kind=LineKind.FIRST, lines=1, paid_minor=1))
    db.session.flush()
    assert list(sums_are_of_their_lines()) == [
        f"settlement {settlement.id}: the sums that were kept are not those of its lines"
    ]


def test_each_reader_pages_through_its_own_lines(bond, monkeypatch):
    """By turns of Enschede and Hengelo, two on a page: who took everybody in has all, a city every second one."""
    monkeypatch.setattr(queries, "PER_PAGE", 2)
    for n in range(5):
        make_signed_off(bond, (bond.enschede, bond.hengelo)[n % 2])
    settlement = make_settlement(bond, JUNE, checked=True)
    assert [places(settlement, bond.provider, number) for number in (1, 2, 3, 99)] == [[1, 2], [3, 4], [5], [5]]
    assert queries.lines(settlement, bond.intermediary, 1, str) is None, "it reads no rows"
    mine = [place for number in (1, 2) for place in places(settlement, bond.official, number)]
    assert len(mine) == len(set(mine)) == queries.lines(settlement, bond.official, 1, str).total == 3
    assert places(settlement, bond.provider, 1, bond.enschede.id) == mine[:2]
    assert places(settlement, bond.neighbour, 1, bond.enschede.id) == []


def test_a_provider_reads_no_lines_of_another_ones_people(bond):
    make_signed_off(bond)
    other = make_user(make_party(bond.programme, Part.PROVIDER))
    theirs = make_participant(bond)
    theirs.provider = other.organisations[0]
    db.session.commit()
    make_signed_off(bond, participant=theirs)
    settlement = make_settlement(bond, JUNE, checked=True)
    one, another = places(settlement, bond.provider), places(settlement, other)
    assert len(one) == len(another) == 1 and one != another
    assert queries.lines(settlement, other, 1, str).total == 1


def test_who_takes_over_reads_the_lines_of_those_it_helps_on(bond):
    """Of two lines each provider reads one; after the hand-over one of them reads both."""
    make_signed_off(bond)
    theirs = make_participant(bond, provider=make_party(bond.programme, Part.PROVIDER))
    before, goes_on = theirs.provider, make_user(bond.provider.organisations[0])
    make_signed_off(bond, participant=theirs)
    settlement = make_settlement(bond, JUNE, checked=True)
    assert places(settlement, make_user(before)) != places(settlement, goes_on)
    assert list(lines_name_the_provider()) == []
    dict(_hand_over(bond.programme.id, before, bond.provider.organisations[0]))
    assert list(lines_name_the_provider()) == []
    stranger = make_user(make_party(bond.programme, Part.PROVIDER))
    make_participant(bond, provider=stranger.organisations[0])
    assert places(settlement, goes_on) == [1, 2]
    assert places(settlement, stranger) == []
    line = settlement.lines[0]
    line.provider_id = stranger.organisations[0].id
    db.session.commit()
    assert list(lines_name_the_provider()) == [f"line {line.id}: names another provider than its participant is with"]
