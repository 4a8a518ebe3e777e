"""Close of a bond to zero (issue 6; domain, section 3.9): nothing stands in the way, two people, every account at zero,
and nothing happens any more."""

import io
import uuid
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.access.closed import AFTER_CLOSE, bond_of
from app.access.guard import can
from app.capital.models import TrancheTerms
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.outcomes.models import Claim
from app.outcomes.publishing import publish
from app.outcomes.states import ClaimState
from app.programmes.states import Phase
from app.treasury import queries
from app.treasury.charge_operations import book_charge
from app.treasury.closing_checks import in_the_way
from app.treasury.closing_operations import ClosingFacts, approve_closing, prepare_closing, reject_closing
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.remittance_operations import approve_remittance, excess_of, prepare_remittance, remittable_minor
from app.treasury.states import ChargeKind, ClosingState, RemittanceKind
from tests.browser import soup
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund, make_funded, owe, pay_cost
from tests.told import recorded, words_told

SEEN = "Statement 12 of 4 May 2030"
CAPPED = {"name": "Only", "rank": 1, "terms": TrancheTerms.RETURN, "irr_cap_bp": 0}


def facts(day=date(2040, 1, 1)):
    return ClosingFacts(day, day, "Start the intake earlier.", SEEN)


@contextmanager
def after_the_tail(bond, days=1):
    on = bond.programme.tail_until + timedelta(days=days)
    with clock.at(clock.local(on, 12)):  # noon: an hour of summer time must not make another day of it
        yield


def after_the_terms(bond):
    """Nobody can claim any more: evidence may be dated up to 90 days after the end (the default of `Effect`)."""
    return after_the_tail(bond, 91)


def settle_claims(bond):
    """The claims behind the statements, as the settlement leaves them."""
    for claim in db.session.scalars(select(Claim).filter_by(programme_id=bond.programme.id)).unique():
        claim.state = ClaimState.SETTLED
    db.session.commit()


@pytest.fixture
def bond(app):
    """300,000.00 paid in and spent; 350,000.00 earned of which no investor is owed more than 300,000.00."""
    made = make_funded((20_000_000, 10_000_000), tranches=(CAPPED,))
    fund(made, 30_000_000)
    pay_cost(made, 30_000_000)
    for statement in owe(made, 21_000_000, 14_000_000):
        receive_payment(statement, actor=made.intermediary)
    settle_claims(made)
    return made


def distribute(bond):
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)


def pay_what_is_left(bond):
    amount = remittable_minor(bond.programme, RemittanceKind.EXCESS)
    made = prepare_remittance(bond.programme, RemittanceKind.EXCESS, amount, actor=bond.intermediary, once=uuid.uuid4())
    approve_remittance(made, actor=bond.colleague)
    return made


def prepare(bond, given=None, once=None):
    return prepare_closing(bond.programme, given or facts(), actor=bond.intermediary, once=once or uuid.uuid4())


def close(bond):
    made = prepare(bond)
    approve_closing(made, actor=bond.colleague)
    return made


def labels(bond):
    return {str(one.label) for one in in_the_way(bond.programme)}


def test_everything_that_stands_in_the_way_is_named(bond):
    assert any(label.startswith("Effects accrue no more (until ") for label in labels(bond))
    with after_the_terms(bond):
        assert labels(bond) == {
            "All that investors are owed is distributed",
            "The account of the bond is at zero in the books",
        }
        with pytest.raises(NotNow, match="Something still stands in the way"):
            prepare(bond)
        distribute(bond)
        assert labels(bond) == {"The account of the bond is at zero in the books"}
        pay_what_is_left(bond)
        assert labels(bond) == set()
        db.session.scalars(select(Claim)).first().state = ClaimState.SUBMITTED
        db.session.commit()
        assert labels(bond) == {"Every effect is decided"}


def test_every_account_goes_to_zero(bond):
    with after_the_terms(bond):
        distribute(bond)
        pay_what_is_left(bond)
        made = close(bond)
    programme = bond.programme
    assert programme.phase == Phase.CLOSED and made.state == ClosingState.APPROVED
    assert set(balances(programme.id).values()) == {0}
    before = balances(programme.id, closed=False)
    assert before[AccountKind.RUNNING_COSTS, bond.provider_organisation.id] == 30_000_000
    assert made.figures == {"excess": 5_000_000, "outcome_income": 35_000_000, "running_costs": 30_000_000}
    assert book_faults() == []


def test_lost_capital_is_written_off_at_the_close(app):
    """Nothing was proven: what was paid in is spent, and the close books it as lost."""
    bond = make_funded()
    fund(bond, 60_000_000)
    pay_cost(bond, 60_000_000)
    with after_the_terms(bond):
        close(bond)
    assert set(balances(bond.programme.id).values()) == {0}
    assert book_faults() == []


def test_what_is_left_goes_where_the_round_says(bond):
    """A fifth to the provider; the rest to the municipalities by what they paid, 21 to 14."""
    assert [(one.name, minor) for one, minor in excess_of(bond.programme, 5_000_000)] == sorted(
        [("Enschede", 3_000_000), ("Hengelo", 2_000_000)],
        key=lambda one: str(bond.enschede.id if one[0] == "Enschede" else bond.hengelo.id),
    )
    bond.round.excess_to_providers_bp = 2_000
    db.session.commit()
    split = {one.name: minor for one, minor in excess_of(bond.programme, 5_000_001)}
    assert split[bond.provider_organisation.name] == 1_000_000
    assert split["Enschede"] + split["Hengelo"] == 4_000_001 and abs(split["Enschede"] - 2_400_000) <= 1


def test_what_is_left_waits_for_the_distribution(bond):
    with pytest.raises(NotNow, match="accrue until"):
        pay_what_is_left(bond)
    with after_the_terms(bond), pytest.raises(NotNow, match="distribute it first"):
        pay_what_is_left(bond)


def test_two_people_and_no_second_close(bond):
    with after_the_terms(bond):
        distribute(bond)
        pay_what_is_left(bond)
        once = uuid.uuid4()
        made = prepare(bond, once=once)
        assert prepare(bond, once=once).id == made.id
        with pytest.raises(NotNow, match="already"):
            prepare(bond)
        with pytest.raises(NotYours):
            approve_closing(made, actor=bond.intermediary)
        reject_closing(made, "A last look at the key", actor=bond.colleague)
        assert bond.programme.phase != Phase.CLOSED
        with pytest.raises(Refused, match="past"):
            prepare(bond, facts(date(2020, 1, 1)))
        close(bond)


def test_what_came_in_between_stops_it(bond):
    with after_the_terms(bond):
        distribute(bond)
        pay_what_is_left(bond)
        made = prepare(bond)
        db.session.scalars(select(Claim)).first().state = ClaimState.SUBMITTED
        db.session.commit()
        with pytest.raises(NotNow, match="Every effect is decided"):
            approve_closing(made, actor=bond.colleague)
    assert bond.programme.phase != Phase.CLOSED and made.state == ClosingState.PREPARED


def test_where_no_statement_of_the_bank_is_read_two_people_state_that_all_is_paid(bond):
    """In a closed bond nobody can pay any more what was only approved, and nobody here knows what the bank did."""
    with after_the_terms(bond):
        distribute(bond)
        pay_what_is_left(bond)
        for nothing in ("", "   "):
            with pytest.raises(Refused) as refused:
                prepare(bond, ClosingFacts(date(2040, 1, 1), date(2040, 1, 1), "None.", nothing))
            assert refused.value.field == "bank_seen"
        with pytest.raises(Refused, match="national"):
            prepare(bond, ClosingFacts(date(2040, 1, 1), date(2040, 1, 1), "None.", "of J., 111222333"))
        made = prepare(bond)
        assert made.bank_seen == SEEN
        made.bank_seen = None  # as one that was prepared before it was asked
        db.session.commit()
        with pytest.raises(NotNow, match="names no statement of the bank"):
            approve_closing(made, actor=bond.colleague)
        assert bond.programme.phase != Phase.CLOSED
        assert recorded("closing.prepare")[-1]["bank_seen"] == SEEN


def test_after_the_close_an_investor_reads_what_was_paid_and_what_was_lost(app, browse):
    """300,000.00 paid in, 120,000.00 earned: nothing is outstanding in a bond that is closed."""
    made = make_funded((20_000_000, 10_000_000), tranches=(CAPPED,))
    fund(made, 30_000_000)
    pay_cost(made, 30_000_000)
    for statement in owe(made, 7_000_000, 5_000_000):
        receive_payment(statement, actor=made.intermediary)
    settle_claims(made)
    held = f"/programmes/{made.programme.id}/holding"
    with after_the_terms(made):
        distribute(made)
        before = browse(made.investor).get_ok(held).text
        assert "not known here to be paid" in before and "Lost at the close" not in before
        approve_closing(prepare(made), actor=made.colleague)
        mine = queries.holding(made.programme, made.investor.organisations[0])
        assert (mine.outstanding, mine.lost) == (0, mine.paid_in - mine.principal) and mine.lost > 0
        after = browse(made.investor).get_ok(held)
        assert "Lost at the close" in after.text and "not known here to be paid" not in after.text
        assert "as two people stated at the close" in after.text
        way = soup(after).select("a[href^='/transfers/']")[-1]["href"]  # of the distribution, which stands last
        followed = browse(made.investor).get_ok(way).text
        assert "stated at the close" in followed and "not known here" not in followed
        book = CalamineWorkbook.from_filelike(io.BytesIO(browse(made.investor).get_ok(f"{held}/statement.xlsx").data))
        cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
        assert "Lost at the close" in cells
    heard = words_told("closing.approve")
    assert "two people of the intermediary state" in heard


def test_through_the_pages(bond, browse):
    programme = bond.programme
    with after_the_terms(bond):
        assert (
            "The account of the bond is at zero in the books"
            in browse(bond.intermediary).get_ok(f"/programmes/{programme.id}/closing").text
        )
        distribute(bond)
        assert (
            browse(bond.intermediary).post_form(f"/programmes/{programme.id}/remittances/excess/prepare").status_code
            == 303
        )
        remittance = f"/remittances/{_newest_remittance(programme).id}"
        assert browse(bond.intermediary).get(f"{remittance}/approve").status_code == 403
        own = with_password(bond.colleague)
        assert browse(bond.colleague).post_form(f"{remittance}/approve", {"password": "no"}).status_code == 422
        assert browse(bond.colleague).post_form(f"{remittance}/approve", own).status_code == 303
        assert "30,000.00" in browse(bond.official).get_ok(remittance).text
        assert browse(bond.investor).get(remittance).status_code == 404
        typed = {"key_deleted_by": "2020-01-01", "files_deleted_by": "2040-01-01", "lessons": "Start earlier"}
        page = f"/programmes/{programme.id}/closing/prepare"
        assert browse(bond.intermediary).post_form(page, typed).status_code == 422
        right = typed | {"key_deleted_by": "2040-01-01"}
        unseen = browse(bond.intermediary).post_form(page, right)
        assert unseen.status_code == 422
        assert "every payment carried out" in soup(unseen).select_one("#bank_seen-error").text
        assert browse(bond.intermediary).post_form(page, right | {"bank_seen": SEEN}).status_code == 303
        made = _newest_closing(programme)
        assert SEEN in browse(bond.colleague).get_ok(f"/closings/{made.id}/approve").text, "who approves states it too"
        assert browse(bond.investor).get(page).status_code == 403
        assert browse(bond.colleague).post_form(f"/closings/{made.id}/approve", {"password": "no"}).status_code == 422
        assert browse(bond.colleague).post_form(f"/closings/{made.id}/approve", own).status_code == 303
        closed = browse(bond.intermediary).get_ok(f"/programmes/{programme.id}/closing").text
        assert "closed" in closed and SEEN in closed
        assert bond.intermediary.name in closed and bond.colleague.name in closed, "who did each step"
        told = set(db.session.scalars(select(Notification.user_id).filter_by(action="closing.approve")))
        assert told == {user.id for user in programme.people()}
        desk = browse(bond.intermediary).get_ok(f"/programmes/{programme.id}/treasury")
        assert "300,000.00" in desk.text and desk.text.count("This bond is closed") == 1
        assert "Call capital" not in desk.text and soup(desk).select("main [aria-disabled]") == []
        results = f"/programmes/{programme.id}/results"
        assert "Its final results come within a day" in browse().get_ok(results).text
        publish(programme)
        final = browse().get_ok(results).text
        assert "these are its final results" in final and "after the bond was closed" in final
        assert "renewed once" not in final
        room = browse(bond.official).get_ok(f"/programmes/{programme.id}/closing").text  # its own money, not all of it
        assert "This bond was closed on" in room and "300,000.00" not in room


def _newest_remittance(programme):
    from app.treasury.remittance import Remittance

    return db.session.scalars(select(Remittance).filter_by(programme_id=programme.id)).unique().one()


def _newest_closing(programme):
    from app.treasury.closing import Closing

    return db.session.scalars(select(Closing).filter_by(programme_id=programme.id)).unique().one()


def test_nothing_happens_in_a_closed_bond(world):
    """Over the whole table: whatever is declared for a thing of a bond, and does not only read, is not for now once
    that bond is closed; whoever has the right hears why."""
    declared = {
        (view.declared_action, view.declared_model)
        for view in world.view_functions.values()
        if getattr(view, "declared_action", None) and getattr(view, "declared_model", None)
    }
    from app.people.models import User

    people = db.session.scalars(select(User)).unique().all()
    for bond in db.session.scalars(select(_bond())).unique():
        bond.phase = Phase.CLOSED
    db.session.flush()
    looked_at = set()
    for action, model in sorted(declared, key=lambda one: str(one[0])):
        things = db.session.scalars(select(model).limit(2)).unique().all()
        of_a_bond = [thing for thing in things if bond_of(thing) is not None]
        for thing in of_a_bond:
            looked_at.add(action)
            for person in people:
                answer = can(action, thing, person)
                assert not answer or action in AFTER_CLOSE, f"{action} on {thing!r}"
    assert len(looked_at - AFTER_CLOSE) > 100


def _bond():
    from app.programmes.models import Programme

    return Programme


def test_the_second_lock_holds_too(bond):
    """Also an operation that no page asked for is refused, and nothing is booked."""
    with after_the_terms(bond):
        distribute(bond)
        pay_what_is_left(bond)
        close(bond)
        with pytest.raises(NotNow):
            book_charge(
                bond.programme,
                ChargeKind.INTEREST,
                1,
                clock.today(),
                "Interest",
                actor=bond.intermediary,
                once=uuid.uuid4(),
            )
    assert book_faults() == []
