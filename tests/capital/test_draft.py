"""Drafting an investor round (domain 3.3): target, minimum, closing day, term sheet, tranches."""

import hashlib
import io
import uuid
from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.capital.models import Round, TrancheTerms
from app.capital.operations import RoundFacts, TrancheFacts, draft_round
from app.capital.states import RoundState
from app.core import clock
from app.core.errors import Changed, NotNow
from app.extensions import db
from app.programmes.models import Part
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.capital import make_round
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def programme(app):
    return make_programme()


@pytest.fixture
def treasurer(programme):
    return make_user(make_party(programme, Part.INTERMEDIARY))


def typed(**changes):
    answers = {
        "target": "600000,00",
        "minimum": "400000.00",
        "closes_on": str(clock.today() + timedelta(days=30)),
        "term_sheet": "Paid back from proven effects only.",
        "tranches-0-name": "Senior",
        "tranches-0-rank": "1",
        "tranches-0-terms": "loan",
        "tranches-0-rate_bp": "3,25",
        "tranches-0-day_count": "ACT/365F",
        "tranches-1-name": "First loss",
        "tranches-1-rank": "2",
        "tranches-1-terms": "return",
        "tranches-1-irr_cap_bp": "8",
    }
    return answers | changes


def facts(**changes):
    defaults = {
        "target_minor": 100_00,
        "minimum_minor": 50_00,
        "closes_on": clock.today(),
        "term_sheet": "Terms.",
        "tranches": (TrancheFacts("All", 1, TrancheTerms.RETURN),),
    }
    return RoundFacts(**(defaults | changes))


def test_the_intermediary_drafts_a_round(programme, treasurer, browse):
    answer = browse(treasurer).post_form(f"/programmes/{programme.id}/round/draft", typed())
    assert answer.status_code == 303
    round = db.session.scalars(db.select(Round)).one()
    assert (round.target_minor, round.minimum_minor, round.state) == (60_000_000, 40_000_000, RoundState.DRAFT)
    lines = [(t.name, t.rank, t.terms, t.rate_bp, t.irr_cap_bp) for t in round.tranches]
    assert lines == [
        ("Senior", 1, TrancheTerms.LOAN, 325, None),
        ("First loss", 2, TrancheTerms.RETURN, None, 800),
    ]
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["round.draft"]


def test_a_draft_is_changed_not_doubled(programme, treasurer, browse):
    make_round(programme, state=RoundState.DRAFT)
    browser = browse(treasurer)
    answer = browser.post_form(f"/programmes/{programme.id}/round/draft", {"target": "700000", "minimum": "700000"})
    assert answer.status_code == 303
    round = db.session.scalars(db.select(Round)).one()
    db.session.refresh(round)
    assert round.target_minor == 70_000_000
    assert [t.name for t in round.tranches] == ["Consortium"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"minimum": "600000.01"}, "The minimum cannot be above the target"),
        ({"target": "-5"}, "above zero"),
        ({"target": "99999999999999"}, "too high"),
        ({"target": "12.345678"}, "Give an amount"),
        ({"closes_on": "2001-01-01"}, "must not be in the past"),
        ({"closes_on": "soon"}, "Give a date"),
        ({"closes_on": "2300-01-01"}, "Check the year"),
        ({"tranches-0-day_count": ""}, "how the days of interest"),
        ({"excess": "100,01"}, "from 0 to 100"),
        ({"term_sheet": ""}, "Fill this in"),
        ({"tranches-0-name": "", "tranches-1-name": ""}, "at least one tranche"),
        ({"tranches-1-name": "senior"}, "a name of its own"),
        ({"tranches-0-rate_bp": ""}, "is a loan: give its interest"),
        ({"tranches-0-rate_bp": "a lot"}, "Give a percentage"),
        ({"tranches-1-rate_bp": "3"}, "bears no interest"),
        ({"tranches-0-irr_cap_bp": "3"}, "no return that could be capped"),
        ({"tranches-0-rank": ""}, "1 is first"),
        ({"maximum": "599999.99"}, "The maximum cannot be below the target"),
        ({"ticket_least": "600000.01"}, "smallest ticket"),
        ({"opens_on": "2199-01-01"}, "cannot open after it closes"),
        ({"tranches-1-guarantee": "1000"}, "both the guarantee and who gives it"),
        (
            {
                f"tranches-{n}-{name}": word
                for n in (0, 1)
                for name, word in (("guarantee", "1"), ("guarantor", "City"))
            },
            "One tranche at most",
        ),
    ],
)
def test_wrong_input_is_said_on_the_field_and_kept(programme, treasurer, browse, changes, says):
    answer = browse(treasurer).post_form(f"/programmes/{programme.id}/round/draft", typed(**changes))
    assert answer.status_code == 422
    assert says in soup(answer).select_one("main [role=alert]").text
    kept = soup(answer).select_one("[name=tranches-1-rank]")["value"]
    assert kept == "2"
    assert db.session.scalars(db.select(Round)).all() == []


def test_a_double_click_is_one_round(programme, treasurer):
    once = uuid.uuid4()
    first = draft_round(programme, facts(), actor=treasurer, once=once)
    assert draft_round(programme, facts(), actor=treasurer, once=once).id == first.id


def test_a_second_drafter_hears_of_the_first(programme, treasurer):
    round = draft_round(programme, facts(), actor=treasurer, once=uuid.uuid4())
    with pytest.raises(Changed):
        draft_round(programme, facts(target_minor=1_00, minimum_minor=1_00), actor=treasurer, once=uuid.uuid4())
    with pytest.raises(Changed):
        draft_round(programme, facts(), actor=treasurer, once=uuid.uuid4(), version=round.version + 1)
    assert round.target_minor == 100_00


@pytest.mark.parametrize("state", [RoundState.OPEN, RoundState.STANDING])
def test_a_bond_has_one_round_at_a_time(programme, treasurer, state):
    make_round(programme, state=state)
    with pytest.raises(NotNow):
        draft_round(programme, facts(), actor=treasurer, once=uuid.uuid4())


def test_after_a_failed_round_another_may_come(programme, treasurer):
    make_round(programme, state=RoundState.FAILED)
    assert draft_round(programme, facts(), actor=treasurer, once=uuid.uuid4()).state == RoundState.DRAFT


def test_the_next_round_begins_with_the_terms_of_the_one_that_failed(programme, treasurer, browse):
    """All but the days, which have passed; a first round begins empty."""
    url, desk = f"/programmes/{programme.id}/round/draft", browse(treasurer)
    assert not soup(desk.get_ok(url)).select_one("#target").get("value")
    failed = make_round(programme, state=RoundState.FAILED, ticket_least_minor=2_500_000)
    page = desk.get_ok(url)
    shown = soup(page)
    assert [shown.select_one(f"#{name}")["value"] for name in ("target", "minimum", "ticket_least")] == [
        "600000.00",
        "400000.00",
        "25000.00",
    ]
    assert shown.select_one("#tranches-0-name")["value"] == "Consortium"
    assert not shown.select_one("#closes_on").get("value") and "the round that failed" in shown.text
    closes_on = clock.today() + timedelta(days=20)
    assert desk.submit(page, {"closes_on": closes_on.isoformat()}).status_code == 303
    (made,) = db.session.scalars(db.select(Round).where(Round.state == RoundState.DRAFT)).unique()
    assert (made.target_minor, made.term_sheet, made.closes_on) == (60_000_000, failed.term_sheet, closes_on)
    assert failed.state == RoundState.FAILED


def test_not_for_a_programme_that_is_no_more_than_a_draft(app, browse):
    programme = make_programme(state=ProgrammeState.DRAFT)
    with pytest.raises(NotNow):
        draft_round(programme, facts(), actor=make_user(programme.lead), once=uuid.uuid4())


def test_who_may_not(programme, browse):
    stranger, provider = make_user(make_organisation()), make_user(make_party(programme, Part.PROVIDER))
    url = f"/programmes/{programme.id}/round/draft"
    assert browse(stranger).get(url).status_code == 403
    assert browse(provider).get(url).status_code == 403
    assert browse().get(url).status_code == 303


def test_everything_that_decides_stands_on_the_page_of_the_round(programme, treasurer, browse):
    """Issue 6: maximum, tickets, opening, day count, guarantee, and the term sheet as a file with its fingerprint."""
    sheet = b"%PDF-1.7 terms"
    typed_too = {
        "maximum": "700000",
        "allotment": "pro_rata",
        "ticket_least": "25000",
        "ticket_step": "5000",
        "opens_on": str(clock.today()),
        "tranches-0-day_count": "30E/360",
        "tranches-1-guarantee": "50000",
        "tranches-1-guarantor": "Provincie Overijssel",
        "file": (io.BytesIO(sheet), "Term sheet.pdf"),
    }
    answer = browse(treasurer).post_form(f"/programmes/{programme.id}/round/draft", typed(**typed_too))
    assert answer.status_code == 303
    page = browse(treasurer).get_ok(answer.headers["Location"]).text
    digest = hashlib.sha256(sheet).hexdigest()
    shown = ("700,000.00", "cut alike", "25,000.00", "5,000.00", "30E/360", "50,000.00", "Provincie Overijssel")
    for word in (*shown, "no public offering"):
        assert word in page, word
    assert digest in page.replace("<wbr>", "")
    got = browse(treasurer).get_ok(f"{answer.headers['Location']}/term-sheet")
    assert got.data == sheet and got.headers["Content-Disposition"].startswith("attachment")
    again = browse(treasurer).post_form(f"/programmes/{programme.id}/round/draft", {"maximum": "800000"})
    assert again.status_code == 303
    assert digest in browse(treasurer).get_ok(again.headers["Location"]).text.replace("<wbr>", "")


def test_a_term_sheet_is_a_document(programme, treasurer, browse):
    wrong = {"file": (io.BytesIO(b"<html>"), "terms.pdf")}
    answer = browse(treasurer).post_form(f"/programmes/{programme.id}/round/draft", typed(**wrong))
    assert answer.status_code == 422 and "not a PDF" in answer.text


def test_who_may_not_see_the_round_gets_no_term_sheet(programme, browse):
    round = make_round(programme)
    assert browse(make_user()).get(f"/rounds/{round.id}/term-sheet").status_code == 404


def test_all_that_is_left_may_go_to_the_providers(programme, treasurer, browse):
    """The bug: 100 per cent was refused as a percentage from 0 to 99.99."""
    answer = browse(treasurer).post_form(f"/programmes/{programme.id}/round/draft", typed(excess="100"))
    assert answer.status_code == 303
    assert db.session.query(Round).one().excess_to_providers_bp == 10_000
