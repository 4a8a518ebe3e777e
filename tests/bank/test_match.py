"""By reference and amount to the cent; nothing booked twice; the rest on a work list with the reason."""

import io
from datetime import timedelta

import pytest

from app.bank import matching, queries, reconciling
from app.bank.due import run_due
from app.bank.models import BankEntry, BankMatch
from app.bank.states import EntryState
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.ledger.balances import bank_minor
from app.settlement.states import StatementState
from app.treasury import operations as treasury
from tests.factories.bank import bring, camt, entry, give_account, make_banked
from tests.factories.ledger import book_faults
from tests.factories.treasury import call, fund, owe, pay_cost
from tests.statements import counted
from tests.told import told


@pytest.fixture
def bond(app):
    return make_banked()


def imported(bond, *entries, opening=0, closing=None, on=None):
    """As the page does: keep the lines, then match."""
    total = sum(minor for minor, _xml in entries)
    content = camt([xml for _minor, xml in entries], opening, opening + total if closing is None else closing, on=on)
    bring(bond, content)
    return matching.match_open(bond.programme, actor=bond.intermediary)


def line(minor, text, **facts):
    return minor, entry(minor, text, **facts)


def states():
    return sorted(str(one.state) for one in db.session.scalars(db.select(BankEntry)).unique())


def why(bond):
    return [reason for _line, reason, _bank in queries.work_list(bond.programme)]


def test_a_file_books_what_came_in(bond, browse):
    """Capital and a municipality's payment, each on the day of the bank; written as people write references."""
    asked = call(bond, 30_000_000)
    (owed,) = owe(bond, 1_234_500)
    entries = [line(part.amount_minor, f"inleg {part.reference.lower()}") for part in asked.parts]
    entries.append(line(1_234_500, owed.reference.replace("-", " ")))
    content = camt([xml for _minor, xml in entries], 0, sum(minor for minor, _xml in entries))
    url = f"/programmes/{bond.programme.id}/bank-statements/import"

    answer = browse(bond.intermediary).post_form(url, {"file": (io.BytesIO(content), "day.xml")})

    assert answer.status_code == 303 and states() == ["matched"] * 3
    db.session.refresh(owed)
    assert (owed.state, owed.paid_on) == (StatementState.PAID, clock.today())
    assert bank_minor(bond.programme.id) == 31_234_500
    assert book_faults() == [] and reconciling.days(bond.programme.id)[0].difference == 0
    page = browse(bond.auditor).follow(answer).text
    assert owed.reference in page and "day.xml" in page


def test_the_same_file_and_the_same_line_come_in_once(bond, browse):
    """Two files that overlap: the bank's own number of the line decides."""
    (owed,) = owe(bond, 100)
    content = camt([entry(100, owed.reference, reference="R1")], 0, 100)
    bring(bond, content)
    url = f"/programmes/{bond.programme.id}/bank-statements/import"
    answer = browse(bond.intermediary).post_form(url, {"file": (io.BytesIO(content), "again.xml")})
    assert answer.status_code == 422 and "imported before" in answer.text
    second = bring(bond, camt([entry(100, owed.reference, reference="R1"), entry(7, "x", reference="R2")], 0, 107))
    assert (second.known_already, len(second.entries)) == (1, 1)
    matching.match_open(bond.programme, actor=bond.intermediary)
    assert matching.match_open(bond.programme, actor=bond.intermediary) == 0
    assert bank_minor(bond.programme.id) == 100 and book_faults() == []
    with pytest.raises(Refused, match="differently"):
        bring(bond, camt([entry(101, owed.reference, reference="R1")], 0, 101))


def test_a_double_click_imports_once(bond, browse):
    (owed,) = owe(bond, 100)
    browser = browse(bond.intermediary)
    page = browser.get_ok(f"/programmes/{bond.programme.id}/bank-statements/import")
    content = camt([entry(100, owed.reference)], 0, 100)
    answers = [browser.submit(page, {"file": (io.BytesIO(content), "day.xml")}) for _click in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len({one.headers["Location"] for one in answers}) == 1 and bank_minor(bond.programme.id) == 100


def test_a_part_is_booked_and_the_rest_when_it_comes(bond):
    (owed,) = owe(bond, 1_000)
    assert imported(bond, line(400, owed.reference)) == 1
    db.session.refresh(owed)
    assert (owed.state, owed.outstanding_minor, bank_minor(bond.programme.id)) == (StatementState.PARTLY_PAID, 600, 400)
    assert reconciling.days(bond.programme.id)[0].is_sound
    with clock.at(clock.now() + timedelta(days=1)):
        assert imported(bond, line(600, owed.reference), opening=400) == 1
        db.session.refresh(owed)
        assert (owed.state, owed.paid_on) == (StatementState.PAID, clock.today())
    assert db.session.query(BankMatch).count() == 2 and book_faults() == []


def test_two_parts_of_one_day(bond):
    (owed,) = owe(bond, 1_000)
    assert imported(bond, line(400, owed.reference), line(600, owed.reference)) == 2
    db.session.refresh(owed)
    assert owed.state == StatementState.PAID and bank_minor(bond.programme.id) == 1_000 and book_faults() == []


def test_what_the_desk_booked_in_part_is_not_booked_twice(bond):
    (owed,) = owe(bond, 1_000)
    treasury.receive_payment(owed, amount_minor=400, actor=bond.intermediary)
    assert imported(bond, line(400, owed.reference)) == 1
    db.session.refresh(owed)
    assert (owed.outstanding_minor, bank_minor(bond.programme.id)) == (600, 400) and book_faults() == []


def test_too_much_is_not_booked(bond):
    (owed,) = owe(bond, 1_000)
    assert imported(bond, line(1_001, owed.reference)) == 0
    assert states() == ["open"] and bank_minor(bond.programme.id) == 0


def test_one_payment_for_two_references(bond):
    first, second = owe(bond, 1_000), owe(bond, 500)
    assert imported(bond, line(1_500, f"{first[0].reference} en {second[0].reference}")) == 1
    assert bank_minor(bond.programme.id) == 1_500 and book_faults() == []


def test_paid_twice_stays_on_the_list(bond):
    (owed,) = owe(bond, 1_000)
    assert imported(bond, line(1_000, owed.reference), line(1_000, owed.reference)) == 1
    assert states() == ["matched", "open"] and "paid already" in why(bond)[0]
    assert bank_minor(bond.programme.id) == 1_000


def test_a_reference_that_begins_like_another_is_not_taken_for_it(bond):
    first, second = owe(bond, 1_000)[0], owe(bond, 1_000)[0]
    second.reference = first.reference + "9"
    db.session.commit()
    assert imported(bond, line(1_000, second.reference)) == 1
    for one in (first, second):
        db.session.refresh(one)
    assert (first.state, second.state) == (StatementState.APPROVED, StatementState.PAID)


def test_of_too_much_is_said_what_to_do(bond):
    """21,640.00 is owed and 30,000.00 came in: nothing is booked by itself, and the desk reads how to go on."""
    (owed,) = owe(bond, 2_164_000)
    assert imported(bond, line(3_000_000, owed.reference)) == 0
    assert "paid too much" in why(bond)[0] and "21,640.00" in why(bond)[0]


def test_money_out_is_never_taken_for_money_in(bond):
    (owed,) = owe(bond, 1_000)
    imported(bond, line(-1_000, owed.reference), opening=5_000)
    assert states() == ["open"] and "known here" in why(bond)[0]


def test_what_the_desk_refuses_is_said(bond):
    """Money that came before it was called: the desk books no receipt before its cause."""
    asked = call(bond, 1_000)
    before = clock.today() - timedelta(days=5)
    parts = [line(one.amount_minor, one.reference, on=before) for one in asked.parts]
    assert imported(bond, *parts, on=before) == 0
    assert "before it was called" in why(bond)[0]


def test_booked_by_hand_is_confirmed_and_not_booked_again(bond):
    asked = fund(bond, 1_000)
    assert imported(bond, *[line(one.amount_minor, one.reference) for one in asked.parts]) == len(asked.parts)
    assert bank_minor(bond.programme.id) == 1_000 and reconciling.days(bond.programme.id)[0].is_sound


def test_a_wrong_reference_is_matched_by_hand_to_the_cent(bond, browse):
    first, second = owe(bond, 1_000, 700)
    imported(bond, line(1_000, "S1-WRONG"))
    (open_line,) = db.session.scalars(db.select(BankEntry)).unique().all()
    url = f"/bank-entries/{open_line.id}/match"
    wrong = browse(bond.intermediary).post_form(url, {"causes": [str(second.id)], "note": "Telephoned"})
    assert wrong.status_code == 422 and "amounts differ" in wrong.text and "Telephoned" in wrong.text
    assert browse(bond.intermediary).post_form(url, {"causes": [], "note": "x"}).status_code == 422
    done = browse(bond.intermediary).post_form(url, {"causes": [str(first.id)], "note": "Telephoned"})
    assert done.status_code == 303
    db.session.refresh(open_line)
    assert (open_line.state, open_line.note) == (EntryState.MATCHED, "Telephoned")
    assert bank_minor(bond.programme.id) == 1_000 and book_faults() == []
    assert browse(bond.intermediary).get(url).status_code == 409


def test_set_aside_with_a_reason(bond, browse):
    imported(bond, line(-250, "Bank costs"), opening=250)
    (open_line,) = db.session.scalars(db.select(BankEntry)).unique().all()
    url = f"/bank-entries/{open_line.id}/set-aside"
    assert browse(bond.intermediary).post_form(url, {"reason": ""}).status_code == 422
    assert browse(bond.intermediary).post_form(url, {"reason": "Bank costs of May"}).status_code == 303
    page = browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/bank/work-list").text
    assert "Bank costs of May" in page and "Nothing to do" in page
    assert bank_minor(bond.programme.id) == 0


def test_a_line_that_was_set_aside_goes_back_to_the_work_list(bond, browse):
    """Set aside by mistake, the money of a municipality could never be booked."""
    owe(bond, 1_000)
    imported(bond, line(1_000, "S1-WRONG"))
    (open_line,) = db.session.scalars(db.select(BankEntry)).unique().all()
    url = f"/bank-entries/{open_line.id}/take-up"
    assert browse(bond.intermediary).get(url).status_code == 409
    matching.set_aside(open_line, "Not ours", actor=bond.intermediary)
    list_url = f"/programmes/{bond.programme.id}/bank/work-list"
    assert url in browse(bond.intermediary).get_ok(list_url).text
    assert url not in browse(bond.auditor).get_ok(list_url).text
    assert browse(bond.auditor).get(url).status_code == 403
    assert "Not ours" in browse(bond.intermediary).get_ok(url).text
    assert browse(bond.intermediary).post_form(url).status_code == 303
    db.session.refresh(open_line)
    assert (open_line.state, open_line.note) == (EntryState.OPEN, "")
    matching.match_lines([open_line], queries.candidates(open_line), actor=bond.intermediary)
    assert bank_minor(bond.programme.id) == 1_000 and book_faults() == []


def test_the_list_is_tried_again(bond, browse):
    """The money came before the municipality approved; afterwards one press books it."""
    imported(bond, line(1_000, "later"))
    (owed,) = owe(bond, 1_000)
    owed.reference = "LATER"
    db.session.commit()
    answer = browse(bond.intermediary).post_form(f"/programmes/{bond.programme.id}/bank/match")
    assert answer.status_code == 303 and states() == ["matched"]


def test_payments_are_found_by_their_reference_or_by_that_of_the_batch(bond):
    import uuid

    from app.bank.batches import approve_batch, prepare_batch
    from tests.factories.bank import working_day

    asked = fund(bond, 10_000)
    give_account(bond, bond.provider, 1)
    costs = [pay_cost(bond, 1_000), pay_cost(bond, 2_000), pay_cost(bond, 4_000)]
    made = []
    for some in (costs[:1], costs[1:]):
        ids = [one.id for one in some]
        made.append(prepare_batch(bond.programme, ids, working_day(), actor=bond.intermediary, once=uuid.uuid4()))
        approve_batch(made[-1], actor=bond.colleague)
    receipts = [line(one.amount_minor, one.reference) for one in asked.parts]
    single = line(-1_000, "", end_to_end=made[0].payments[0].reference)
    whole = line(-6_000, f"batch {made[1].reference}")
    assert imported(bond, *receipts, single) == len(asked.parts) + 1
    day = reconciling.days(bond.programme.id)[0]
    assert (day.difference, day.leaving, day.is_sound) == (6_000, 6_000, True)
    with clock.at(clock.now() + timedelta(days=1)):
        assert imported(bond, whole, opening=9_000) == 1
        assert reconciling.days(bond.programme.id)[0].difference == 0
    assert db.session.query(BankMatch).count() == len(asked.parts) + 3
    assert bank_minor(bond.programme.id) == 3_000 and book_faults() == []


def test_a_difference_is_shown_and_warned_of_once(bond, browse):
    """The desk booked capital that the bank never saw: portal and bank must be equal."""
    fund(bond, 1_000)
    imported(bond)
    day = reconciling.days(bond.programme.id)[0]
    assert (day.balance.amount_minor, day.books, day.arrived, day.is_sound) == (0, 1_000, -1_000, False)
    assert any("portal_equals_bank" in one for one in book_faults())
    assert run_due() == 1 and run_due() == 0
    assert {bond.intermediary.email, bond.colleague.email} <= told("bank.read")
    assert bond.investor.email not in told("bank.read")
    for place in ("bank", "bank/balances"):
        assert "Bank and books differ" in browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/{place}").text


def test_a_balance_that_grows_old_is_said(bond, browse):
    """Every day: nobody looks at a page that says that all is well and speaks of last month."""
    imported(bond)
    url = f"/programmes/{bond.programme.id}/bank"
    assert "Import what the bank sent since" not in browse(bond.intermediary).get_ok(url).text
    with clock.at(clock.now() + timedelta(days=6)):
        assert "Import what the bank sent since" in browse(bond.intermediary).get_ok(url).text


def test_a_missing_statement_shows(bond):
    """The bank has more than its lines add up to: a day between was never imported."""
    imported(bond, opening=5_000)
    day = reconciling.days(bond.programme.id)[0]
    assert (day.unexplained, day.is_sound) == (5_000, False)


def test_a_dozen_more_lines_cost_no_more_statements(bond, browse):
    owe(bond, 100)
    imported(bond, line(1, "a"))
    desk = browse(bond.intermediary)
    places = ["bank", "bank/work-list", "bank/balances"]

    def cost():
        found = []
        for place in places:
            db.session.expire_all()
            desk.get_ok(f"/programmes/{bond.programme.id}/{place}")
            with counted() as statements:
                desk.get_ok(f"/programmes/{bond.programme.id}/{place}")
            found.append(len(statements))
        return found

    few = cost()
    for n in range(12):
        owe(bond, 100)
        bring(bond, camt([entry(2, f"b{n}")], 1 + 2 * n, 3 + 2 * n))
    assert cost() == few


def test_a_line_that_waits_long_is_no_more_on_its_way(bond, browse):
    """Six days on the work list: the difference is called late, and the desk and the auditor hear of it once."""
    imported(bond, line(777, "rente?"))
    (day,) = reconciling.days(bond.programme.id)
    assert day.is_sound and day.late == 0 and run_due() == 0
    with clock.at(clock.now() + timedelta(days=6)):
        (day,) = reconciling.days(bond.programme.id)
        assert (day.is_sound, day.late) == (True, 777)
        assert (
            "waits too long: €7.77"
            in browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/bank/balances").text
        )
        assert (run_due(), run_due()) == (1, 0)
    assert {bond.intermediary.email, bond.colleague.email, bond.auditor.email} == told("bank.read")


def test_a_payment_that_never_left_is_late(bond):
    asked = fund(bond, 1_000_000)
    pay_cost(bond, 400_000)
    with clock.at(clock.now() + timedelta(days=6)):
        imported(bond, *[line(part.amount_minor, part.reference) for part in asked.parts])
        assert reconciling.days(bond.programme.id)[0].late == 400_000
        (fault,) = book_faults()  # the nightly check says what the page says
        assert "nothing_waits_too_long" in fault and "400000" in fault


def test_what_the_bank_carried_out_in_time_is_not_late(bond):
    """Of a bond whose bank is not read nobody knows; five days old is not too long yet."""
    asked = fund(bond, 1_000_000)
    pay_cost(bond, 400_000)
    with clock.at(clock.now() + timedelta(days=40)):
        assert book_faults() == []
    with clock.at(clock.now() + timedelta(days=4)):
        imported(bond, *[line(part.amount_minor, part.reference) for part in asked.parts])
        assert book_faults() == []
