"""Who did each step stands on the page of what was done, with the moment: four eyes are worth what can be seen of them
(issue 6). Names for the desk and for colleagues; others read which organisation it was (GDPR, art. 5(1)(c))."""

import uuid
from datetime import date, timedelta

import pytest

from app.core import clock
from app.core.format import moment
from app.settlement.dispute_operations import answer_dispute, dispute_statement
from app.settlement.operations import refuse_statement
from app.treasury.default_operations import confirm_default, declare_default
from app.treasury.operations import (
    approve_cost,
    approve_distribution,
    prepare_cost,
    prepare_distribution,
    receive_capital,
    receive_payment,
)
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.settlement import make_settlement, statement_of
from tests.factories.treasury import call, fund, make_funded, owe
from tests.statements import counted
from tests.told import acts_shown, acts_timed

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_funded()


def named(user):
    return f"{user.name} ({user.organisations[0].name})"


def test_of_a_default_declared_confirmed_and_paid_late(bond, browse):
    asked = call(bond, 30_000_000)
    part = next(one for one in asked.parts if one.organisation_id == bond.second.organisations[0].id)
    on = clock.local(asked.due_on + timedelta(days=15), 12)
    with clock.at(on):
        made = declare_default(part, "No answer.", actor=bond.intermediary, once=uuid.uuid4())
    with clock.at(on + timedelta(days=1)):
        confirm_default(made, actor=bond.colleague)
    with clock.at(on + timedelta(days=2)):
        receive_capital(part, clock.today(), actor=bond.intermediary)
    told = ["Declare an investor in default", "Confirm the default of an investor", "Book capital received"]
    who = [bond.intermediary, bond.colleague, bond.intermediary]
    found = acts_timed(browse(bond.auditor), f"/defaults/{made.id}")
    assert [one[:2] for one in found] == [(step, named(one)) for step, one in zip(told, who, strict=True)]
    assert [when for *_step, when in found] == [moment(on + timedelta(days=n)) for n in range(3)]
    party = bond.intermediary.organisations[0].name
    assert acts_shown(browse(bond.second), f"/defaults/{made.id}") == [(step, party) for step in told]


def test_of_a_distribution_and_a_cost(bond, browse):
    """The investor and the provider read that the intermediary did it, and no name of its people."""
    fund(bond, 10_000_000)
    paid = (bond.programme, bond.provider_organisation, 100, "Rent")
    cost = prepare_cost(*paid, actor=bond.intermediary, once=uuid.uuid4())
    approve_cost(cost, actor=bond.colleague)
    statement = owe(bond, 500_000)[0]
    receive_payment(statement, actor=bond.intermediary)
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)
    both = [named(bond.intermediary), named(bond.colleague)]
    party = [bond.intermediary.organisations[0].name] * 2
    for url, outside in ((f"/distributions/{made.id}", bond.investor), (f"/costs/{cost.id}", bond.provider)):
        assert [who for _step, who in acts_shown(browse(bond.auditor), url)] == both, url
        assert [who for _step, who in acts_shown(browse(outside), url)] == party, url
        assert bond.colleague.name not in browse(outside).get_ok(url).text, url
    booked = ("Book a payment received", named(bond.intermediary))
    assert booked in acts_shown(browse(bond.auditor), f"/statements/{statement.id}")


def test_of_a_settlement_and_its_statements(app, browse):
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.hengelo)
    settlement = make_settlement(bond, JUNE, checked=True)
    own = statement_of(settlement, bond.hengelo)
    refuse_statement(own, "One of them lives elsewhere.", actor=bond.neighbour)
    first = ["Prepare a settlement", "Check a settlement"]
    for url in (f"/settlements/{settlement.id}", f"/statements/{own.id}"):
        found = acts_timed(browse(bond.auditor), url)
        assert [step for step, *_ in found] == [*first, "Refuse a statement"], url
        assert found[0][1] == named(bond.intermediary) and found[2][1] == named(bond.neighbour), url
        assert found[1][1] != found[0][1], "a second person checked it"
        assert all(when and when != "–" for *_step, when in found), url
    read_by_provider = acts_timed(browse(bond.provider), f"/settlements/{settlement.id}")
    assert read_by_provider[2][1] == bond.hengelo.name, "who of Hengelo it was is not the provider's to know"
    assert acts_shown(browse(bond.neighbour), f"/statements/{own.id}")[2][1] == named(bond.neighbour), "a colleague"
    other = statement_of(settlement, bond.enschede)
    assert [step for step, _who in acts_shown(browse(bond.official), f"/statements/{other.id}")] == first


def test_of_a_dispute_and_its_answer_in_as_many_statements(app, browse):
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    settlement = make_settlement(bond, JUNE, approved=True)
    own = settlement.statements[0]
    browser, url = browse(bond.auditor), f"/statements/{own.id}"
    browser.get_ok(url)
    with counted() as before:
        found = acts_timed(browser, url)
    dispute = dispute_statement(own, "Twice.", actor=bond.official, once=uuid.uuid4())
    answer_dispute(dispute, "It stands.", actor=bond.intermediary)
    browser.get_ok(url)
    with counted() as after:
        more = acts_timed(browser, url)
    assert [step for step, *_ in more[len(found) :]] == ["Dispute a statement", "Answer a dispute"]
    assert [who for _step, who, _when in more[len(found) :]] == [named(bond.official), named(bond.intermediary)]
    asked = [sum("audit_entry" in one for one in found) for found in (before, after)]
    assert asked == [1, 1], "one statement however much was done"
