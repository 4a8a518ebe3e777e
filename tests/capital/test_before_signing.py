"""What an investor reads before it signs (issue 6, investors): the fingerprint of the terms, and what is too much."""

import pytest
from sqlalchemy import select

from app.capital import queries
from app.capital.allotment import AllotmentRule
from app.capital.models import Commitment
from app.capital.signing import digest_of
from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.capital.test_commit import promise
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party


@pytest.fixture
def round(app):
    made = make_round()
    make_table(made.programme)
    return made


@pytest.fixture
def investor(round):
    return make_investor(round, "Fonds Oost")


def test_what_is_signed_has_one_fingerprint_before_and_after(round, investor, browse):
    """Issue 6, term sheet with hash: who reads the terms before signing, or afterwards, sees what would be signed."""
    treasurer, browser = make_user(make_party(round.programme, Part.INTERMEDIARY)), browse(investor)
    reading = (f"/rounds/{round.id}", f"/rounds/{round.id}/commit")

    def shown(browser, path):
        return browser.get_ok(path).text.replace("<wbr>", "")

    signed = digest_of(round, queries.table_of(round))
    for who, path in ((browser, reading[0]), (browser, reading[1]), (browse(treasurer), reading[0])):
        assert signed in shown(who, path)
    assert promise(browser, round, amount="123456").status_code == 303
    made = db.session.scalars(select(Commitment)).one()
    assert signed in shown(browser, reading[0])
    round.term_sheet += " And a clause more."
    db.session.commit()
    today = digest_of(round, queries.table_of(round))
    assert today != signed and today in shown(browser, reading[0]) and signed not in shown(browser, reading[0])
    assert signed in shown(browser, f"/commitments/{made.id}"), "what was signed stays"


def test_pro_rata_one_commitment_is_at_most_the_round(round, investor, browse):
    """Nothing is "left" where all are cut alike: what stops one is what the whole round takes."""
    round.allotment = AllotmentRule.PRO_RATA
    other = make_investor(round, "Bank")
    make_commitment(round, other, round.maximum_minor)
    answer = promise(browse(investor), round, amount="600000.01")
    assert answer.status_code == 422
    assert "More than the whole round takes: €600,000.00" in soup(answer).select_one("#amount-error").text
    assert promise(browse(investor), round, amount="600000.00").status_code == 303


def test_a_full_round_says_so_before_anybody_tries(round, investor, browse):
    """First come: until the last cent is taken it does not; pro rata no round is full."""
    full = "The round is full"
    first, path = make_investor(round, "Bank"), f"/rounds/{round.id}"
    made = make_commitment(round, first, round.maximum_minor - 1)
    assert full not in browse(investor).get_ok(path).text
    made.amount_minor += 1
    db.session.commit()
    assert full in browse(investor).get_ok(path).text
    round.allotment = AllotmentRule.PRO_RATA
    db.session.commit()
    assert full not in browse(investor).get_ok(path).text
