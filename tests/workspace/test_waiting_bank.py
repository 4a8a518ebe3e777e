"""What waits for the desk between the books and the bank."""

import uuid
from datetime import timedelta

from app.bank import accounts, matching
from app.bank.batches import payable, prepare_batch
from app.core import clock
from app.treasury.other_receipt_operations import book_other_receipt
from app.treasury.remittance_operations import approve_remittance, prepare_remittance
from app.treasury.states import OtherReceiptKind, RemittanceKind
from tests.factories.bank import bring, camt, entry, give_account, iban_of, make_banked, working_day
from tests.factories.ledger import book_faults, transfers_of
from tests.factories.treasury import fund, pay_cost
from tests.told import words_told


def test_a_batch_a_line_and_an_account_wait(app, waiting):
    bond = make_banked()
    fund(bond, 10_000)
    give_account(bond, bond.provider, 1)
    pay_cost(bond, 1_000)
    ids = [one.id for one in payable(bond.programme)]
    prepare_batch(bond.programme, ids, working_day(), actor=bond.intermediary, once=uuid.uuid4())
    bring(bond, camt([entry(1, "a"), entry(2, "b")], 0, 3))
    matching.match_open(bond.programme, actor=bond.intermediary)
    own = bond.investor.organisations[0]
    accounts.name_account(own, "Fund", iban_of(2), actor=bond.investor, once=uuid.uuid4())
    both = {"bank_entry.match": 2, "payout_account.confirm": None}
    mine = {kind: count for kind, count in waiting(bond.colleague).items() if kind.startswith(("bank", "pay"))}
    assert mine == both | {"payment_batch.approve": None}
    other = {kind: count for kind, count in waiting(bond.intermediary).items() if kind.startswith(("bank", "pay"))}
    assert other == both  # whoever prepared the batch does not let it go
    assert not any(kind.startswith(("bank", "payout")) for kind in waiting(bond.investor))


def test_a_receipt_that_the_bank_does_not_show_waits_by_its_reference(app, waiting, browse):
    """Capital of two investors is booked by hand. Before a statement covers its day nobody knows; one that shows the
    first alone makes the other a task of the desk, until two people take it back or its line comes."""
    bond = make_banked()
    never, came = sorted(fund(bond, 1_000).parts, key=lambda part: part.amount_minor)
    assert "receipt.never_came" not in waiting(bond.intermediary)
    bring(bond, camt([entry(came.amount_minor, came.reference)], 0, came.amount_minor))
    matching.match_open(bond.programme, actor=bond.intermediary)
    assert waiting(bond.intermediary)["receipt.never_came"] == 1
    home = browse(bond.intermediary).get_ok("/home").text
    assert f"{bond.programme.title}: {never.reference}" in home and "the bank does not show" in home
    assert came.reference not in home
    for person in (bond.investor, bond.official):
        assert "receipt.never_came" not in waiting(person)
    balances = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/bank/balances").text
    assert f"/transfers/{transfers_of(never)[-1].id}" in balances, "from there it is taken back"
    bring(bond, camt([entry(never.amount_minor, never.reference)], came.amount_minor, 1_000))
    matching.match_open(bond.programme, actor=bond.intermediary)
    assert "receipt.never_came" not in waiting(bond.intermediary)


def test_a_municipality_that_is_paid_back_names_its_account(app, waiting, browse):
    """50.00 paid too much goes back: who approves reads what it is; the municipality finds at home, and on the page of
    its organisation, where to say on which account; the desk is told who lacks one; the cause names who is paid."""
    bond = make_banked()
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, 5_000, clock.today(), "Twice.")
    book_other_receipt(bond.programme, *facts, actor=bond.intermediary, once=uuid.uuid4())
    assert "payout_account.name" not in waiting(bond.official)
    kind = RemittanceKind.PAYER_BACK
    made = prepare_remittance(bond.programme, kind, 5_000, actor=bond.intermediary, once=uuid.uuid4())
    assert "remittance.approve_back" in waiting(bond.colleague) and "remittance.approve" not in waiting(bond.colleague)
    assert "payout_account.name" in waiting(bond.official) and "payout_account.name" not in waiting(bond.neighbour)
    approve_remittance(made, actor=bond.colleague)
    url = f"/programmes/{bond.programme.id}"
    shown = browse(bond.intermediary).get_ok(f"{url}/payment-batches/prepare").text
    assert "have no account in use" in shown and "on the page of its organisation" in shown
    assert "1 more waits for an account" in browse(bond.intermediary).get_ok(f"{url}/bank").text
    own = f"/organisations/{bond.enschede.id}"
    assert f"{own}/account" in browse(bond.official).get_ok(own).text
    gone = transfers_of(made.parts[0])[-1]
    assert f"back to {bond.enschede.name}" in browse(bond.intermediary).get_ok(f"/transfers/{gone.id}").text
    accounts.name_account(bond.enschede, "Enschede", iban_of(2), actor=bond.official, once=uuid.uuid4())
    assert "payout_account.name" not in waiting(bond.official)


def test_a_provider_without_an_account_hears_that_nothing_can_be_paid_and_so_does_the_desk(app, waiting, browse):
    """Nobody says that the bank pays it. Once the provider named an account both tasks are gone; paid on an account in
    use, the notice says that the bank pays."""
    bond = make_banked()
    fund(bond, 10_000)
    assert "payout_account.name_to_be_paid" not in waiting(bond.provider)
    pay_cost(bond, 1_000)
    said = words_told("cost.approve")
    assert "cannot be paid yet" in said and "No account of" in said and "the bank pays it" not in said
    assert "payout_account.name_to_be_paid" in waiting(bond.provider)
    assert "payout_account.ask" in waiting(bond.intermediary) and "payout_account.ask" in waiting(bond.colleague)
    for other in (bond.investor, bond.official):
        assert not {"payout_account.ask", "payout_account.name_to_be_paid"} & set(waiting(other))
    home = browse(bond.provider).get_ok("/home")
    assert "nothing can be paid to you before" in home.text and f"{bond.provider_organisation.id}/account" in home.text
    give_account(bond, bond.provider, 1)
    assert "payout_account.name_to_be_paid" not in waiting(bond.provider)
    assert "payout_account.ask" not in waiting(bond.intermediary)
    pay_cost(bond, 1_000)
    assert "is approved; the bank pays it." in words_told("cost.approve")


def test_what_waits_too_long_at_the_bank_waits_at_home(app, waiting, browse):
    """The nightly rule `bank.nothing_waits_too_long`: who holds the money finds at home what it finds, with the page
    where it is mended. Not while the five days last, nor for who does not hold the money; not once the bank paid."""
    bond = make_banked()
    asked = fund(bond, 10_000)
    paid = pay_cost(bond, 1_000)
    late = {"bank_entry.waits", "payment.waits"}
    bring(bond, camt([entry(part.amount_minor, part.reference) for part in asked.parts], 0, 10_000))
    matching.match_open(bond.programme, actor=bond.intermediary)
    with clock.at(clock.now() + timedelta(days=4)):
        assert not late & set(waiting(bond.colleague))
    with clock.at(clock.now() + timedelta(days=6)):
        bring(bond, camt([entry(2, "what is this?")], 10_000, 10_002))
        assert late & set(waiting(bond.colleague)) == {"payment.waits"} and len(book_faults()) == 1
        assert f"/programmes/{bond.programme.id}/bank" in browse(bond.colleague).get_ok("/home").text
        balances = browse(bond.colleague).get_ok(f"/programmes/{bond.programme.id}/bank/balances").text
        assert "Payments that never left: €10.00" in balances and "Lines that nobody matched" not in balances
        for other in (bond.investor, bond.official, bond.auditor):
            assert not late & set(waiting(other))
    with clock.at(clock.now() + timedelta(days=12)):
        assert late <= set(waiting(bond.intermediary)) and waiting(bond.intermediary)["bank_entry.waits"] == 1
        bring(bond, camt([entry(-paid.amount_minor, "Costs")], 10_002, 9_002))
        matching.match_open(bond.programme, actor=bond.intermediary)
        assert late & set(waiting(bond.intermediary)) == {"bank_entry.waits"}
