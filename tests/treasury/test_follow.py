"""Follow this cent (issue 2, step 8): back to effect, signature and price table, as far as the reader's rights go."""

import uuid

import pytest

from app.core import clock
from app.core.format import money
from app.extensions import db
from app.ledger.models import AccountKind, TransferKind
from app.outcomes.states import ClaimState
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.other_receipt_operations import book_other_receipt, set_off
from app.treasury.states import OtherReceiptKind
from tests.browser import soup
from tests.factories.ledger import transfers_of
from tests.factories.outcomes import make_batch, make_claim, publish
from tests.factories.people import make_organisation, make_user
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, owe, pay_cost
from tests.treasury.test_distribution import distribute, in_days


@pytest.fixture
def bond(app):
    """Capital in, spent; six effects signed off, paid by Enschede, distributed."""
    made = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    made.capital = fund(made, 30_000_000)
    made.cost = pay_cost(made, 30_000_000)
    (made.statement,) = owe(made, 1_200_000, claims=6)
    for line in made.statement.settlement.lines:
        line.claim.state = ClaimState.VERIFIED
        line.claim.decided_by_id = made.assessor.id
    db.session.commit()
    made.batch = make_batch(made)
    receive_payment(made.statement, actor=made.intermediary)
    made.given = distribute(made)
    return made


def transfer(cause, kind=None, side=None):
    return next(
        t
        for t in transfers_of(cause)
        if t.kind in (TransferKind.POSTED, TransferKind.POST_PENDING) and (side is None or t.debit.kind == side)
    )


def follow(browse, person, found):
    return browse(person).get_ok(f"/transfers/{found.id}")


def test_from_a_return_back_to_the_price_table(bond, browse):
    page = follow(browse, bond.intermediary, transfer(bond.given.parts[0])).text
    assert bond.statement.reference in page
    assert f"/settlements/{bond.statement.settlement_id}" in page
    assert f"/batches/{bond.batch.id}" in page
    assert f"/prices/{bond.table.id}" in page
    assert "Thirteen weeks of work" in page
    for line in bond.statement.settlement.lines:
        assert line.claim.participant.code not in page
        assert f"/claims/{line.claim_id}" not in page


def test_an_investor_stops_at_aggregates(bond, browse):
    part = next(p for p in bond.given.parts if p.organisation_id == bond.investor.organisations[0].id)
    publish(bond)
    page = follow(browse, bond.investor, transfer(part)).text
    assert "Thirteen weeks of work" in page and f"/prices/{bond.table.id}" in page
    for hidden in (bond.statement.reference, "/claims/", "/batches/", "/settlements/", "Enschede"):
        assert hidden not in page


def test_what_was_paid_for_later_is_not_behind_it(bond, browse):
    """On the day six effects were paid for; two more come later. The six alone, beside the eight of today, would tell
    of two: so from then on the effects have their names only."""
    part = next(p for p in bond.given.parts if p.organisation_id == bond.investor.organisations[0].id)
    rule = "had paid for by"
    publish(bond)
    page = soup(follow(browse, bond.investor, transfer(part)))
    assert rule in page.text and page.select_one("main [data-figure]") is not None
    with in_days(30):
        (later,) = owe(bond, 400_000, claims=2)
        receive_payment(later, actor=bond.intermediary)
        page = soup(follow(browse, bond.investor, transfer(part)))
    assert rule in page.text and "More was paid for since" in page.text and "Thirteen weeks of work" in page.text
    assert page.select_one("main [data-figure]") is None


def test_an_investor_does_not_see_another_investors_money(bond, browse):
    part = next(p for p in bond.given.parts if p.organisation_id == bond.second.organisations[0].id)
    assert browse(bond.investor).get(f"/transfers/{transfer(part).id}").status_code == 404


def test_the_municipality_clicks_through_to_its_own_claims(bond, browse):
    page = follow(browse, bond.official, transfer(bond.statement, side=AccountKind.BANK)).text
    line = bond.statement.settlement.lines[0]
    assert f"/claims/{line.claim_id}" in page and f"/batches/{bond.batch.id}" in page
    assert browse(bond.neighbour).get(f"/transfers/{transfer(bond.statement).id}").status_code == 404


def test_forward_to_where_it_went(bond, browse):
    paid = follow(browse, bond.intermediary, transfer(bond.statement, side=AccountKind.BANK)).text
    for part in bond.given.parts:
        assert part.organisation.name in paid
    part = bond.capital.parts[0]
    capital = follow(browse, bond.intermediary, transfer(part)).text
    assert bond.provider_organisation.name in capital  # the first capital went to the first costs
    assert bond.statement.reference not in capital


def test_what_is_owed_and_what_was_paid_are_one_story(bond, browse):
    owed = follow(browse, bond.intermediary, transfer(bond.statement, side=AccountKind.RECEIVABLE)).text
    assert bond.given.parts[0].organisation.name in owed


def test_the_provider_follows_its_costs_without_names(bond, browse):
    page = follow(browse, bond.provider, transfer(bond.cost)).text
    assert "capital paid in" in page
    assert bond.investor.organisations[0].name not in page


def test_who_may_not(bond, browse):
    url = f"/transfers/{transfer(bond.cost).id}"
    for person in (bond.assessor, bond.official, bond.investor, make_user(make_organisation())):
        assert browse(person).get(url).status_code == 404
    assert browse().get(url).status_code == 303
    assert browse(bond.auditor).get(url).status_code == 200


def test_from_a_claim_forward_to_its_money(bond, browse):
    """The municipality: settlement, its statement and what was booked for it. The provider: no statement."""
    line = bond.statement.settlement.lines[0]
    statement, prices = f"/statements/{bond.statement.id}", f"/prices/{bond.table.id}"
    page = browse(bond.official).get_ok(f"/claims/{line.claim_id}")
    paid = transfer(bond.statement, side=AccountKind.BANK)
    for address in (f"/settlements/{bond.statement.settlement_id}", statement, prices, f"/transfers/{paid.id}"):
        assert f'href="{address}"' in page.text
        assert browse(bond.official).get(address).status_code == 200
    assert "€2,000.00" in page.text and "What was paid for it" in page.text

    page = browse(bond.provider).get_ok(f"/claims/{line.claim_id}").text
    assert f"/settlements/{bond.statement.settlement_id}" in page and "€2,000.00" in page
    assert statement not in page and "/transfers/" not in page


def test_no_money_sways_the_assessor(bond, browse):
    page = browse(bond.assessor).get_ok(f"/claims/{bond.statement.settlement.lines[0].claim_id}").text
    assert "What was paid for it" not in page and "€" not in page and "/settlements/" not in page.split("<main")[1]


def test_an_unsettled_claim_has_no_money_yet(bond, browse):
    claim = make_claim(bond)
    assert "What was paid for it" not in browse(bond.official).get_ok(f"/claims/{claim.id}").text


def test_from_a_distribution_back_to_its_receipts(bond, browse):
    """The desk reads which statement paid for it; what came in and what went out are the same cents."""
    page = browse(bond.intermediary).get_ok(f"/distributions/{bond.given.id}")
    rows = receipts_on(page)
    assert [(row[1], row[2]) for row in rows] == [("Enschede", bond.statement.reference)]
    assert rows[0][3] == "€12,000.00" == money(bond.given.amount_minor)
    assert soup(page).select(f'a[href="/transfers/{transfer(bond.statement, side=AccountKind.BANK).id}"]')


def test_an_investor_reads_of_its_own_part_only_what_kind_of_money_it_is(bond, browse):
    part = next(p for p in bond.given.parts if p.organisation_id == bond.investor.organisations[0].id)
    page = browse(bond.investor).get_ok(f"/distributions/{bond.given.id}")
    assert receipts_on(page) == [
        ["payment of a municipality", "–", "–", money(part.principal_minor + part.return_minor)]
    ]
    for hidden in (bond.statement.reference, "/settlements/", "/statements/", bond.second.organisations[0].name):
        assert hidden not in page.text.split("<main")[1]


def receipts_on(page):
    table = next(t for t in soup(page).select("table") if "receipts" in t.caption.text)
    return [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tbody tr")]


def test_what_was_set_off_is_followed_to_its_receipt(app, browse):
    """50.00 too much, set off against 12,000.00 that is then paid but for 50.00: the distribution is made of the two,
    and of no capital; the statement says which was no money. The bug: the 50.00 was traced to "capital paid in"."""
    bond = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 29_000_000)
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, 5_000, clock.today(), "Twice.")
    receipt = book_other_receipt(bond.programme, *facts, actor=bond.intermediary, once=uuid.uuid4())
    (statement,) = owe(bond, 1_200_000)
    set_off(statement, actor=bond.intermediary, once=uuid.uuid4())
    receive_payment(statement, actor=bond.intermediary)
    came, off = transfers_of(receipt)[0], transfer(statement, side=AccountKind.PAYER_CREDIT)
    given = prepare_distribution(bond.programme, 1_000_000, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(given, actor=bond.colleague)
    page = follow(browse, bond.intermediary, transfer(given.parts[0])).text
    assert "set off against what was owed" in page and f"/transfers/{off.id}" in page
    assert "capital paid in" not in page and statement.reference in page
    page = follow(browse, bond.intermediary, off).text
    assert f"/transfers/{came.id}" in page and "paid too much" in page
    assert f"/transfers/{transfer(given.parts[0]).id}" in page
    page = follow(browse, bond.intermediary, came).text
    assert f"/transfers/{off.id}" in page and "It is still on the bank account" not in page
    shown = soup(browse(bond.official).get_ok(f"/statements/{statement.id}"))
    rows = [row.text for row in shown.select("main table tr")]
    assert any("set off against what the bond owed" in row and "50.00" in row for row in rows)
    assert any("received on the account" in row and "11,950.00" in row for row in rows)
    assert follow(browse, bond.official, off).status_code == 200


def test_of_what_is_owed_only_what_was_paid_is_on_the_account(app, browse):
    """12,000.00 is owed and 1,000.00 of it came in: 1,000.00 is on the account, 11,000.00 is still owed (issue 6, every
    euro accounted for). The bug: all of it was said to be on the account."""
    bond = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    (statement,) = owe(bond, 1_200_000)
    asked = transfer(statement, side=AccountKind.RECEIVABLE)
    for person in (bond.intermediary, bond.official):
        page = follow(browse, person, asked)
        assert "The municipality has not paid it yet." in page.text and went(page)[-1] == "€12,000.00"
    receive_payment(statement, amount_minor=100_000, actor=bond.intermediary)
    for person in (bond.intermediary, bond.official):
        page = follow(browse, person, asked)
        assert "It is still on the bank account" not in page.text and "not paid it yet" not in page.text
        assert "still on the bank account of the bond: €1,000.00." in page.text
        assert went(page) == ["€12,000.00", "€1,000.00", "€11,000.00"]
    receive_payment(statement, amount_minor=100_000, actor=bond.intermediary)
    given = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(given, actor=bond.colleague)
    page = follow(browse, bond.intermediary, asked)
    assert "Nothing of it is left" in page.text and went(page) == ["€12,000.00", "€2,000.00", "€10,000.00"]


def test_what_was_set_off_and_what_is_still_owed_stand_apart(app, browse):
    """Of 12,000.00 the bond set off 50.00 that it owed: that paid, and 11,950.00 is still owed."""
    bond = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, 5_000, clock.today(), "Twice.")
    book_other_receipt(bond.programme, *facts, actor=bond.intermediary, once=uuid.uuid4())
    (statement,) = owe(bond, 1_200_000)
    set_off(statement, actor=bond.intermediary, once=uuid.uuid4())
    page = follow(browse, bond.intermediary, transfer(statement, side=AccountKind.RECEIVABLE))
    assert went(page) == ["€12,000.00", "€0.00", "€50.00", "€11,950.00"]


def went(page):
    """The figures under "Where it went", from top to bottom."""
    head = next(one for one in soup(page).select("main h2") if one.text == "Where it went")
    return [one.get_text(strip=True) for one in head.find_next("dl").select("dd")]
