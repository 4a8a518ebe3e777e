"""Closing (domain 3.3): the consortium stands and everybody is allotted to the cent, or everybody is released."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.capital.allotment import AllotmentRule
from app.capital.operations import close_round, open_round, reduce_commitment, withdraw_commitment
from app.capital.states import CommitmentState, RoundState
from app.core import clock, format
from app.core.errors import NotNow, NotYours
from app.core.money import Money
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from app.programmes.states import Phase
from tests.browser import soup
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.people import make_user, with_password
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party


@pytest.fixture
def round(app):
    return make_round()


@pytest.fixture
def treasurer(round):
    return make_user(make_party(round.programme, Part.INTERMEDIARY))


def fill(round, *amounts):
    return [make_commitment(round, make_investor(round, f"Investor {n}"), a) for n, a in enumerate(amounts)]


def after_closing(round):
    return clock.at(clock.local(round.closes_on + timedelta(days=1), 12))


def test_a_full_round_stands(round, treasurer, browse):
    first, second = fill(round, 35_000_001, 24_999_999)
    assert browse(treasurer).post_form(f"/rounds/{round.id}/close").status_code == 303
    for row in (round, first, second, round.programme):
        db.session.refresh(row)
    assert (round.state, round.programme.phase) == (RoundState.STANDING, Phase.CALL)
    assert [(c.state, c.allotted_minor) for c in (first, second)] == [
        (CommitmentState.ALLOTTED, 35_000_001),
        (CommitmentState.ALLOTTED, 24_999_999),
    ]
    told = db.session.scalars(select(Notification).where(Notification.user_id == first.committed_by_id)).one()
    assert "350,000.01" in told.body and "249,999.99" not in told.body


def test_at_the_minimum_the_closer_decides(round, treasurer, browse):
    (commitment,) = fill(round, 40_000_000)
    with after_closing(round):
        assert browse(treasurer).post_form(f"/rounds/{round.id}/close", {"stands": "no"}).status_code == 303
    db.session.refresh(round)
    db.session.refresh(commitment)
    assert (round.state, commitment.state, commitment.allotted_minor) == (
        RoundState.FAILED,
        CommitmentState.RELEASED,
        0,
    )


def test_at_the_minimum_it_may_stand(round, treasurer):
    fill(round, 40_000_000)
    with after_closing(round):
        close_round(round, actor=treasurer)
    assert round.state == RoundState.STANDING


def test_a_cent_below_the_minimum_it_fails_whatever_the_closer_wants(round, treasurer):
    (commitment,) = fill(round, 39_999_999)
    with after_closing(round):
        close_round(round, actor=treasurer, stands=True)
    assert (round.state, commitment.state) == (RoundState.FAILED, CommitmentState.RELEASED)
    assert round.programme.phase != Phase.CALL


def test_a_failed_round_says_so_and_leads_to_the_one_that_came_after_it(round, treasurer, browse):
    """Who is released reads no "€0.00 of €600,000.00", and a second round is drafted once, from the newest."""
    (commitment,) = fill(round, 39_999_999)
    with after_closing(round):
        close_round(round, actor=treasurer)
        failed = browse(treasurer).get_ok(f"/rounds/{round.id}").text
        assert "Nobody is bound by it" in failed and "Draft a new round" in failed and "€0.00 of" not in failed
        later = make_round(programme=round.programme)
        for who in (treasurer, commitment.committed_by):
            failed = browse(who).get_ok(f"/rounds/{round.id}").text
            assert f"/rounds/{later.id}" in failed and "Draft a new round" not in failed


def test_everybody_reads_why_a_round_failed_and_what_it_came_to(round, treasurer, browse):
    """Page and mail, of who committed, of whose second never signed, of who did not commit, and of the desk."""
    (commitment,), idle = fill(round, 39_999_999), make_investor(round, "Waits")
    half = make_commitment(round, make_investor(round, "Two sign"), 5_000_000)
    half.state = CommitmentState.SIGNED_ONCE
    db.session.commit()
    with after_closing(round):
        close_round(round, actor=treasurer)
    mails = {one.user_id: one.body for one in db.session.scalars(select(Notification))}
    for who in (commitment.committed_by, idle, treasurer):
        assert "€399,999.99 was committed, and at least €400,000.00 was needed" in mails[who.id]
    assert "Nothing of it will be asked for" in mails[commitment.committed_by_id]
    assert "Investor 0" not in mails[idle.id] and "can be drafted" not in mails[idle.id]
    assert "A new round can be drafted" in mails[treasurer.id]
    assert "Two sign of €50,000.00 lapses: nobody signed it as the second" in mails[half.committed_by_id]
    for who in (commitment.committed_by, treasurer):
        page = browse(who).get_ok(f"/rounds/{round.id}").text
        assert "€399,999.99" in page and "when it closed" in page and "Not enough was committed" in page


def test_a_round_that_somebody_let_fail_is_not_said_to_lack_the_minimum(round, treasurer, browse):
    (commitment,) = fill(round, 45_000_000)
    with after_closing(round):
        close_round(round, actor=treasurer, stands=False)
    told = db.session.scalars(select(Notification).where(Notification.user_id == commitment.committed_by_id)).one()
    assert "below the target of €600,000.00" in told.body and "decided that the consortium does not stand" in told.body
    page = browse(commitment.committed_by).get_ok(f"/rounds/{round.id}").text
    assert "The minimum was reached, the target was not" in page and "Not enough was committed" not in page


def test_nothing_is_called_allotted_before_the_round_closes(round, browse):
    """ "€0.00 allotted" reads as refused."""
    (commitment,) = fill(round, 20_000_000)
    investor = browse(commitment.committed_by)
    page = soup(investor.get_ok(f"/rounds/{round.id}"))
    (row,) = [one for one in page.select("main tbody tr") if "€200,000.00" in one.text]
    assert row.select_one("[data-label=Allotted]").text.strip() == "–"
    assert "known when the round closes" in investor.get_ok(f"/commitments/{commitment.id}").text


@pytest.mark.parametrize("rule, freed", [("pro_rata", "are cut less"), ("first_come", "is free for other investors")])
def test_what_giving_up_means_depends_on_how_the_round_is_shared(round, browse, rule, freed):
    round.allotment = AllotmentRule(rule)
    (commitment,) = fill(round, 20_000_000)
    for page in ("reduce", "withdraw"):
        assert freed in browse(commitment.committed_by).get_ok(f"/commitments/{commitment.id}/{page}").text


def test_investors_have_until_the_closing_day(round, treasurer, browse):
    fill(round, 50_000_000)
    reader, url = browse(treasurer), f"/rounds/{round.id}"
    assert f"{url}/close" not in reader.get_ok(url).text  # no link that would answer that it is not time
    answer = reader.get(f"{url}/close")
    assert answer.status_code == 409
    assert "until the closing day" in answer.text
    with pytest.raises(NotNow, match="until the closing day"):
        close_round(round, actor=treasurer)
    db.session.refresh(round)
    assert round.state == RoundState.OPEN


def test_what_is_above_the_maximum_is_cut_pro_rata_and_explained(round, treasurer, browse):
    """900,000.00 for 600,000.00: two thirds each, and the odd cent to the largest remainder; each hears its own."""
    round.allotment = AllotmentRule.PRO_RATA
    first, second = fill(round, 50_000_001, 40_000_000)
    with pytest.raises(NotNow, match="pro rata"):
        close_round(round, actor=treasurer)
    with after_closing(round):
        close_round(round, actor=treasurer)
    assert [c.allotted_minor for c in (first, second)] == [33_333_334, 26_666_666]
    assert round.committed_minor() == 60_000_000 == round.maximum_minor
    told = db.session.scalars(select(Notification).where(Notification.user_id == first.committed_by_id)).one()
    assert "333,333.34" in told.body and "500,000.01" in told.body
    mine = browse(first.committed_by).get_ok(f"/commitments/{first.id}").text
    assert "900,000.01" in mine and "One cent was added" in mine
    shown = browse(second.committed_by).get_ok(f"/rounds/{round.id}").text
    assert "900,000.01" in shown and "before it was cut" in shown and "600,000.00 of €600,000.00" in shown
    rival = browse(second.committed_by).get_ok(f"/commitments/{second.id}").text
    assert "No cent was added" in rival and "333,333.34" not in rival
    assert browse(second.committed_by).get(f"/commitments/{first.id}").status_code == 404


def test_what_comes_out_to_the_cent_is_not_called_rounded(round, treasurer, browse):
    """500,000.00 for 360,000.00: 72 per cent of each, and the page of the close says beforehand that all are cut."""
    round.allotment, round.maximum_minor = AllotmentRule.PRO_RATA, 36_000_000
    round.target_minor = round.minimum_minor = 30_000_000
    db.session.commit()
    first, _second = fill(round, 20_000_000, 30_000_000)
    with after_closing(round):
        page = browse(treasurer).get_ok(f"/rounds/{round.id}/close").text
        assert "the same fraction of the maximum, €360,000.00" in page and "allotted what was committed" not in page
        close_round(round, actor=treasurer)
    mine = browse(first.committed_by).get_ok(f"/commitments/{first.id}").text
    assert "144,000.00" in mine and "comes out to the cent" in mine and "No cent was added" not in mine


def test_a_commitment_is_reduced_while_the_round_is_open(round, treasurer, browse):
    (commitment,) = fill(round, 60_000_000)
    investor = browse(commitment.committed_by)
    url, own = f"/commitments/{commitment.id}/reduce", with_password(commitment.committed_by)
    assert investor.post_form(url, {"amount": "450000", "password": "wrong"}).status_code == 422
    assert investor.post_form(url, {"amount": "450000", **own}).status_code == 303
    db.session.refresh(commitment)
    assert (commitment.amount_minor, round.left_minor()) == (45_000_000, 15_000_000)
    told = db.session.scalars(select(Notification).where(Notification.user_id == treasurer.id)).one()
    assert "600,000.00" in told.body and "450,000.00" in told.body
    shown = investor.get_ok(f"/commitments/{commitment.id}").text
    assert "from €600,000.00 to €450,000.00, on " in shown, "what was signed for stays readable"
    assert "commitment.reduce" in db.session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    ("amount", "says"), [("600000", "below"), ("600001", "below"), ("10", "At least"), ("", "Fill")]
)
def test_a_reduction_is_less_and_still_a_ticket(round, browse, amount, says):
    (commitment,) = fill(round, 60_000_000)
    round.ticket_least_minor = 2_500_000
    db.session.commit()
    typed = {"amount": amount, **with_password(commitment.committed_by)}
    answer = browse(commitment.committed_by).post_form(f"/commitments/{commitment.id}/reduce", typed)
    assert answer.status_code == 422 and says in answer.text
    db.session.refresh(commitment)
    assert commitment.amount_minor == 60_000_000


def test_nobody_reduces_for_another_or_afterwards(round, treasurer, browse):
    mine, other = fill(round, 20_000_000, 40_000_000)
    assert browse(other.committed_by).get(f"/commitments/{mine.id}/reduce").status_code == 404
    with pytest.raises(NotYours):
        reduce_commitment(mine, 100, actor=treasurer)
    with after_closing(round), pytest.raises(NotNow):
        reduce_commitment(mine, 100, actor=mine.committed_by)
    close_round(round, actor=treasurer)
    assert browse(mine.committed_by).get(f"/commitments/{mine.id}/reduce").status_code == 409


def test_a_round_closes_once(round, treasurer):
    fill(round, 60_000_000)
    close_round(round, actor=treasurer)
    with pytest.raises(NotNow):
        close_round(round, actor=treasurer)


def test_a_commitment_is_withdrawn_while_the_round_is_open(round, treasurer, browse):
    (commitment,) = fill(round, 60_000_000)
    investor = commitment.organisation.people()[0]
    url, own = f"/commitments/{commitment.id}/withdraw", with_password(investor)
    assert browse(investor).post_form(url, {"password": "wrong"}).status_code == 422
    assert browse(investor).post_form(url, own).status_code == 303
    db.session.refresh(commitment)
    assert commitment.state == CommitmentState.WITHDRAWN
    assert round.left_minor() == 60_000_000
    told = set(db.session.scalars(select(Notification.address)))
    assert treasurer.email in told


def test_nobody_withdraws_for_another_or_afterwards(round, treasurer, browse):
    mine, _full = fill(round, 20_000_000, 40_000_000)
    rival = make_investor(round)
    assert browse(rival).get(f"/commitments/{mine.id}/withdraw").status_code == 404
    assert browse(treasurer).get(f"/commitments/{mine.id}/withdraw").status_code == 403
    with pytest.raises(NotYours):
        withdraw_commitment(mine, actor=treasurer)
    close_round(round, actor=treasurer)
    with pytest.raises(NotNow):
        withdraw_commitment(mine, actor=mine.organisation.people()[0])


def test_an_open_round_above_its_maximum_says_what_each_would_be_allotted_now(round, treasurer, browse):
    """900,000.01 for 600,000.00, pro rata: each party reads that it is over-subscribed; an investor what it would be
    allotted itself and never another's, the desk of all. The same as at the close. It names the day it was opened."""
    round.state, round.opens_on, round.allotment = RoundState.DRAFT, None, AllotmentRule.PRO_RATA
    make_table(round.programme)
    db.session.commit()
    url = f"/rounds/{round.id}"
    open_round(round, actor=treasurer)
    first, second = fill(round, 35_000_001, 25_000_000 - 1)
    before = browse(treasurer).get_ok(url).text
    assert "More is offered than the round takes" not in before and "Would be allotted now" not in before
    third = make_commitment(round, make_investor(round, "Third"), 30_000_001)
    shown = {who: browse(who).get_ok(url).text for who in (treasurer, first.committed_by, third.committed_by)}
    for text in shown.values():
        assert "More is offered than the round takes" in text and "66.67" in text
        assert f"opened on {format.day(clock.today())}" in text
    with after_closing(round):
        close_round(round, actor=treasurer)
    sums = {one: format.money(Money(one.allotted_minor, "EUR")) for one in (first, second, third)}
    assert all(one in shown[treasurer] for one in sums.values())
    assert sums[first] in shown[first.committed_by] and sums[third] not in shown[first.committed_by]
    assert sums[third] in shown[third.committed_by] and sums[first] not in shown[third.committed_by]


def test_first_come_and_at_its_maximum_nothing_is_said_of_a_cut(round, treasurer, browse):
    fill(round, 60_000_000)
    assert "Would be allotted now" not in browse(treasurer).get_ok(f"/rounds/{round.id}").text
