"""Committing (domain 3.3, issue 2): to the cent, never above what is left, by an invited investor only."""

import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.capital import queries
from app.capital.allotment import AllotmentRule
from app.capital.models import Commitment, Round, Tranche
from app.capital.operations import close_round, commit
from app.capital.signing import digest_of
from app.capital.states import CommitmentState, RoundState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Organisation, User
from app.pricing.states import TableState
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.capital import PASSWORD, make_commitment, make_investor, make_round
from tests.factories.people import make_organisation, make_user, with_password
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def round(app):
    made = make_round(make_programme(illustrative=True))
    make_table(made.programme)
    return made


@pytest.fixture
def investor(round):
    return make_investor(round, "Fonds Oost")


def promise(browser, round, **typed):
    """Both steps as a person takes them: the amount, then the figures and the promise."""
    shown = browser.post_form(f"/rounds/{round.id}/commit", typed)
    if shown.status_code != 200:
        return shown
    return browser.submit(shown, {"bound": True, "password": PASSWORD})


def commit_now(round, investor, amount, tranche=None, organisation=None):
    tranche, organisation = tranche or round.tranches[0], organisation or investor.organisations[0]
    return commit(round, tranche, organisation, amount, actor=investor, once=uuid.uuid4())


@pytest.mark.parametrize(("locale", "nothing"), [("en", "0.00 x"), ("nl", "0,00 x")])
def test_the_multiple_is_written_as_the_reader_writes_it(round, investor, browse, locale, nothing):
    """As expected; then nobody reaches anything, half of them do, all of them do: no time, then more often."""
    investor.locale = locale
    db.session.commit()
    shown = browse(investor).post_form(f"/rounds/{round.id}/commit", {"amount": "123456"})
    rows = [[cell.text.strip() for cell in row.select("th, td")] for row in soup(shown).select("main table tbody tr")]
    multiples = [row[-1] for row in rows if row[-1].endswith(" x")]
    assert len(multiples) == 4 and multiples[1] == nothing
    assert all(len(one.split(nothing[1])[-1]) == len("00 x") for one in multiples)


def test_an_investor_commits_after_seeing_its_figures(round, investor, browse):
    treasurer = make_user(make_party(round.programme, Part.INTERMEDIARY))
    browser = browse(investor)
    shown = browser.post_form(f"/rounds/{round.id}/commit", {"amount": "123456.78"})
    assert shown.status_code == 200
    facts = soup(shown).select_one("section.confirmation").text
    assert "123,456.78" in facts and "You get back €0.00" in facts.replace("\u00a0", " ")
    assert db.session.scalars(select(Commitment)).all() == []

    answer = browser.submit(shown, {"bound": True, "password": PASSWORD})

    assert answer.status_code == 303
    made = db.session.scalars(select(Commitment)).one()
    assert (made.amount_minor, made.state, made.organisation.name) == (
        12_345_678,
        CommitmentState.COMMITTED,
        "Fonds Oost",
    )
    assert db.session.scalars(select(AuditEntry.action)).all() == ["commitment.commit"]
    told = set(db.session.scalars(select(Notification.address)))
    assert {investor.email, treasurer.email} <= told


def test_a_second_promise_names_the_first(round, investor, browse):
    """Two tabs are two commitments: the second confirmation says what is signed already, and at no success both cases
    in one sentence."""
    browser = browse(investor)
    first = browser.post_form(f"/rounds/{round.id}/commit", {"amount": "1000"})
    other_tab = browser.get_ok(f"/rounds/{round.id}/commit")
    assert "Signed already" not in first.text
    assert browser.submit(first, {"bound": True, "password": PASSWORD}).status_code == 303
    shown = browser.submit(other_tab, {"amount": "2000"})
    facts = soup(shown).select_one("section.confirmation").text
    assert "Signed already in this round" in facts and "€1,000.00" in facts and "comes on top" in facts
    both = round.maximum_minor > round.target_minor
    assert ("if the round reaches its target, and" in facts) == both


@pytest.mark.parametrize("typed", ["", "not my password"])
def test_a_promise_is_signed_after_signing_in_afresh(round, investor, browse, typed):
    """Issue 6: without the password, or with a wrong one, nothing is promised; what was chosen stays."""
    browser = browse(investor)
    shown = browser.post_form(f"/rounds/{round.id}/commit", {"amount": "1000"})
    answer = browser.submit(shown, {"bound": True, "password": typed})
    assert answer.status_code == 422
    assert ("Fill this in" if not typed else "not your password") in answer.text
    assert soup(answer).select_one("[name=amount]")["value"] == "1000"
    assert db.session.scalars(select(Commitment)).all() == []


def test_what_was_signed_is_kept_as_a_digest(round, investor, browse):
    promise(browse(investor), round, amount="1000")
    made = db.session.scalars(select(Commitment)).one()
    assert made.signed_digest == digest_of(round, queries.table_of(round))
    round.tranches[0].irr_cap_bp = 1
    assert made.signed_digest != digest_of(round, queries.table_of(round))


def test_prices_that_changed_meanwhile_are_read_first(round, investor, browse):
    """The table was replaced between reading and signing: the terms are others, nothing is promised."""
    browser = browse(investor)
    shown = browser.post_form(f"/rounds/{round.id}/commit", {"amount": "1000"})
    queries.table_of(round).state = TableState.SUPERSEDED
    make_table(round.programme, number=2)
    answer = browser.submit(shown, {"bound": True, "password": PASSWORD})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert db.session.scalars(select(Commitment)).all() == []


@pytest.mark.parametrize(("amount", "says"), [("24999.99", "At least"), ("27000", "in steps of"), ("25000", "")])
def test_a_commitment_is_a_ticket(round, investor, browse, amount, says):
    round.ticket_least_minor, round.ticket_step_minor = 2_500_000, 500_000
    db.session.commit()
    answer = promise(browse(investor), round, amount=amount)
    assert answer.status_code == (422 if says else 303)
    assert says in answer.text


def test_all_that_is_left_is_always_a_ticket(round, investor):
    round.ticket_least_minor = 2_500_000
    make_commitment(round, make_investor(round), 59_999_999)
    commit_now(round, investor, 1)
    assert round.left_minor() == 0


def test_the_maximum_and_not_the_target_is_the_end(round, investor):
    round.maximum_minor = 70_000_000
    db.session.commit()
    make_commitment(round, make_investor(round), 60_000_000)
    with pytest.raises(Refused):
        commit_now(round, investor, 10_000_001)
    commit_now(round, investor, 10_000_000)


def test_pro_rata_takes_more_than_the_maximum(round, investor):
    round.allotment = AllotmentRule.PRO_RATA
    make_commitment(round, make_investor(round), 60_000_000)
    commit_now(round, investor, 60_000_000)
    with pytest.raises(Refused):
        commit_now(round, investor, 60_000_001)


def test_not_before_the_opening_day(round, investor, browse):
    round.opens_on = clock.today() + timedelta(days=3)
    db.session.commit()
    answer = browse(investor).get(f"/rounds/{round.id}/commit")
    assert answer.status_code == 409 and "may commit from" in answer.text
    with clock.at(clock.now() + timedelta(days=3)):
        commit_now(round, investor, 100)


def test_a_promise_needs_the_tick(round, investor, browse):
    browser = browse(investor)
    shown = browser.post_form(f"/rounds/{round.id}/commit", {"amount": "1000"})
    answer = browser.submit(shown)
    assert answer.status_code == 422
    assert "Confirm this first" in answer.text
    assert db.session.scalars(select(Commitment)).all() == []


def test_other_figures_than_were_shown_are_shown_first(round, investor, browse):
    browser = browse(investor)
    shown = browser.post_form(f"/rounds/{round.id}/commit", {"amount": "1000"})
    answer = browser.submit(shown, {"bound": True, "amount": "2000"})
    assert answer.status_code == 200
    assert "2,000.00" in soup(answer).select_one("section.confirmation").text
    assert db.session.scalars(select(Commitment)).all() == []


def test_the_page_says_what_an_investor_must_know(round, investor, browse):
    words = browse(investor).get_ok(f"/rounds/{round.id}/commit").text
    for told in ("no public offering", "0 % success", "50 % success", "100 % success", "You can lose everything"):
        assert told in words
    assert "Illustrative prices" in words
    assert "Thirteen weeks of work" in words and "2,500.00" in words


@pytest.mark.parametrize(
    ("amount", "says"),
    [("0", "above zero"), ("-1", "above zero"), ("600000.01", "More than is left"), ("abc", "Give an amount")],
)
def test_wrong_amounts(round, investor, browse, amount, says):
    answer = promise(browse(investor), round, amount=amount)
    assert answer.status_code == 422
    assert says in answer.text
    assert soup(answer).select_one("[name=amount]")["value"] == amount
    assert db.session.scalars(select(Commitment)).all() == []


def test_the_last_cent_and_not_one_more(round, investor):
    make_commitment(round, make_investor(round), 59_999_999)
    with pytest.raises(Refused) as refused:
        commit_now(round, investor, 2)
    assert refused.value.field == "amount"
    commit_now(round, investor, 1)
    assert round.left_minor() == 0


def test_what_was_withdrawn_is_free_again(round, investor):
    gone = make_commitment(round, make_investor(round), 60_000_000)
    gone.state = CommitmentState.WITHDRAWN
    db.session.commit()
    commit_now(round, investor, 60_000_000)
    assert round.left_minor() == 0


def test_what_was_reduced_meanwhile_is_not_withdrawn_unseen(round, investor, browse):
    commitment = make_commitment(round, investor, 20_000_000)
    browser = browse(investor)
    opened = browser.get_ok(f"/commitments/{commitment.id}/withdraw")
    commitment.amount_minor = 2_000_000
    db.session.commit()
    assert browser.submit(opened, with_password(investor)).status_code == 409
    db.session.refresh(commitment)
    assert commitment.state == CommitmentState.COMMITTED


def test_only_for_the_own_invited_organisation(round, investor):
    other = make_investor(round)
    with pytest.raises(Refused):
        commit_now(round, investor, 100, organisation=other.organisations[0])
    with pytest.raises(Refused):
        commit_now(round, investor, 100, tranche=make_round().tranches[0])


def test_not_after_the_closing_day_and_not_in_a_draft(round, investor, browse):
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(NotNow):
        commit_now(round, investor, 100)
    round.state = RoundState.STANDING
    db.session.commit()
    with pytest.raises(NotNow):
        commit_now(round, investor, 100)
    assert browse(investor).get(f"/rounds/{round.id}/commit").status_code == 409


def test_who_was_not_invited(round, browse):
    outsider = make_user(make_organisation())
    assessor = make_user(make_party(round.programme, Part.ASSESSOR))
    assert browse(outsider).get(f"/rounds/{round.id}/commit").status_code == 404
    assert browse(assessor).get(f"/rounds/{round.id}/commit").status_code == 403


def test_a_double_click_is_one_commitment(round, investor):
    once = uuid.uuid4()
    for _click in range(2):
        commit(round, round.tranches[0], investor.organisations[0], 500, actor=investor, once=once)
    assert round.committed_minor() == 500


@pytest.mark.parametrize("rivals", [4, pytest.param(50, marks=pytest.mark.postgres)])
def test_many_on_the_last_euro_exactly_one_wins(own_database, rivals):
    """Issue 6: fifty parallel commitments on the last euro; one wins and each other is told what is left."""
    if rivals == 50 and own_database.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("fifty connections are PostgreSQL's trade")
    with own_database.app_context():
        round = make_round()
        make_commitment(round, make_investor(round), 59_999_900)
        people = [make_investor(round).id for _ in range(rivals)]
        round_id, tranche_id = round.id, round.tranches[0].id
        db.session.remove()
    results, start = [], threading.Barrier(rivals)

    def rush(user_id):
        start.wait()
        with own_database.app_context():
            user = db.session.get_one(User, user_id)
            row = (db.session.get_one(Round, round_id), db.session.get_one(Tranche, tranche_id))
            organisation = db.session.get_one(Organisation, user.organisations[0].id)
            try:
                commit(*row, organisation, 100, actor=user, once=uuid.uuid4())
                results.append("won")
            except Refused as refused:
                results.append(str(refused.message))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=rush, args=(user_id,)) for user_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == rivals and results.count("won") == 1
    assert all("More than is left" in told for told in results if told != "won")
    with own_database.app_context():
        assert db.session.get_one(Round, round_id).left_minor() == 0
        db.session.remove()


def test_the_page_says_what_would_be_allotted_and_at_which_size(round, investor, browse):
    """Pro rata, full: who signs for 100,000.00 beside 200,000.00 of another in a round of 200,000.00 gets a third less.
    The target is passed, so its table is gone; with one tranche nothing is said of others."""
    round.allotment = AllotmentRule.PRO_RATA
    round.minimum_minor, round.target_minor, round.maximum_minor = 1, 10_000_000, 20_000_000
    make_commitment(round, make_investor(round), 20_000_000)
    db.session.commit()
    first = browse(investor).get_ok(f"/rounds/{round.id}/commit").text
    assert "you may commit more, and everybody is cut alike" in first and "Left of the maximum" not in first
    assert "All investors together, at the target of €100,000.00" in first and "You get back" not in first
    answer = browse(investor).post_form(f"/rounds/{round.id}/commit", {"amount": "100000"})
    shown = answer.text
    assert "You sign for €100,000.00; as things stand €66,666.67 of it would be allotted" in shown
    assert "target of €100,000.00" not in shown and "maximum of €200,000.00" in shown
    caption = "What would be allotted to you now, €66,666.67 of the €100,000.00 that you sign for"
    filled = next(one for one in soup(answer).select("table") if caption in one.text)
    cells = [[cell.text.strip() for cell in row.select("td")] for row in filled.select("tbody tr")]
    assert cells and all("€66,666.67" in row and "€100,000.00" not in row[-3] for row in cells)
    for page in (first, shown):
        assert "tranche that is served first" not in page and "Tranches with a lower number" not in page


def test_a_tiny_ticket_in_a_huge_round_may_come_to_nothing(round, investor, browse):
    """Two of 1,000.00 and one cent for a round of 1,000.00: 499.997.., 499.997.. and 0.004..; both cents that are left
    go to the larger remainders. The page says so, promises no figures, and the promise can be made all the same."""
    round.allotment, round.ticket_least_minor, round.ticket_step_minor = AllotmentRule.PRO_RATA, 1, 1
    round.minimum_minor, round.target_minor, round.maximum_minor = 1, 100_000, 100_000
    for name in ("Bank Noord", "Bank Zuid"):
        make_commitment(round, make_investor(round, name), 100_000)
    db.session.commit()
    page = browse(investor).post_form(f"/rounds/{round.id}/commit", {"amount": "0.01"})
    assert page.status_code == 200 and "nothing of it would be allotted" in page.text
    assert "You get back" not in page.text and "What you may expect" not in page.text
    assert promise(browse(investor), round, amount="0.01").status_code == 303
    treasurer = make_user(make_party(round.programme, Part.INTERMEDIARY))
    with clock.at(clock.local(round.closes_on + timedelta(days=1), 12)):
        close_round(round, actor=treasurer, stands=True)
    held = sorted((one.allotted_minor, one.state) for one in db.session.scalars(select(Commitment)).unique())
    assert held == [(0, CommitmentState.RELEASED), *[(50_000, CommitmentState.ALLOTTED)] * 2]


def test_a_full_round_asks_for_no_amount(round, investor, browse):
    """First come and nothing left: no form that can only be refused; interest can still be stated."""
    make_commitment(round, make_investor(round, "Bank West"), 60_000_000)
    shown = browse(investor).get_ok(f"/rounds/{round.id}/commit")
    assert "The round is full" in shown.text and soup(shown).select("main [name=amount]") == []
    assert soup(shown).select(f"main a[href='/rounds/{round.id}/interest']")
    round.allotment = AllotmentRule.PRO_RATA
    db.session.commit()
    cut = browse(investor).get_ok(f"/rounds/{round.id}/commit")
    assert "The round is full" not in cut.text and soup(cut).select("main [name=amount]")


def test_the_page_names_the_tranche_and_the_guarantors_part(round, investor, browse):
    """With two tranches it says in which all of it is taken to stand; a guarantee that pays has a column of its own."""
    round.tranches.append(Tranche(name="Steun", rank=2, guarantee_minor=1_000_000, guarantor="Provincie"))
    db.session.commit()
    text = browse(investor).get_ok(f"/rounds/{round.id}/commit").text
    assert "all of it in the tranche Consortium" in text and "Of it from the guarantor" not in text
    typed = {"amount": "100000", "tranche": str(round.tranches[1].id)}
    text = browse(investor).post_form(f"/rounds/{round.id}/commit", typed).text
    assert "your amount in the tranche Steun" in text and "Of it from the guarantor" in text
