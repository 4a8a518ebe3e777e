"""Days that no period covers are said where the maximums are set, tested and published.

Source: replay/1, `caps.periods` and `overshoot`: carried money is paid inside a period only, and a settlement outside
all of them has no maximum."""

from datetime import date

import pytest

from app.extensions import db
from app.pricing.models import Overshoot
from app.pricing.periods import left_open
from app.pricing.states import TableState
from app.pricing.terms import Caps, Effect, Period
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.pricing.build import END, fact, settle
from tests.pricing.judging import judged, programme, table

LAPSES = "After 31 December 2026 there is no maximum per period; what is still owed then lapses."


def cap(start: str, end: str) -> dict:
    return {"from": start, "to": end, "amount_minor": 1_00}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("caps", "overshoot", "said"),
    [
        ([], Overshoot.LOST, []),
        ([], Overshoot.CARRIED, ["There is no maximum per period, so nothing is cut off and nothing is owed later."]),
        ([cap("2026-01-01", "2027-12-31")], Overshoot.CARRIED, []),
        ([cap("2026-01-01", "2026-12-31"), cap("2027-01-01", "2028-12-31")], Overshoot.CARRIED, []),
        ([cap("2026-01-01", "2026-12-31")], Overshoot.CARRIED, [LAPSES]),
        (
            [cap("2026-01-01", "2026-12-31")],
            Overshoot.LOST,
            ["After 31 December 2026 there is no maximum per period."],
        ),
        (
            [cap("2027-02-01", "2027-12-31"), cap("2026-01-01", "2026-12-31")],
            Overshoot.CARRIED,
            [
                "From 1 January 2027 to 31 January 2027 there is no maximum per period; "
                "what is owed then waits for the next period."
            ],
        ),
        (
            [cap("2026-02-01", "2027-12-31")],
            Overshoot.CARRIED,
            ["From 1 January 2026 to 31 January 2026 there is no maximum per period."],
        ),
    ],
)
def test_the_days_without_a_maximum_are_said(caps, overshoot, said):
    """The bond starts on 1 January 2026 and settles for the last time on 31 December 2027."""
    made = table(period_caps=caps, overshoot=overshoot)
    assert left_open(made, programme()) == said
    assert judged("C1", made).findings[1].caution == " ".join(said)


def test_the_engine_does_what_the_sentence_says():
    """Of 2 x 80 the first half-year pays 100; outside all periods the new 80 is paid whole and the 60 owed lapses."""
    first = Period(date(2024, 1, 1), date(2024, 6, 30), 100)
    facts = [fact("job", "02-01", "a"), fact("job", "03-01", "b"), fact("job", "09-01", "c")]
    caps = Caps(periods=(first,), overshoot="carried")
    found = settle([Effect("job", "per_person", price=80)], facts, (first.end, END), caps=caps)
    assert [statement.paid for statement in found.statements] == [100, 80]
    assert found.owed == 60


def test_it_is_said_on_the_form_and_the_public_table(app, browse):
    made = make_table(state=TableState.DRAFT)
    browser = browse(make_user(made.programme.lead))
    path = f"/prices/{made.id}"
    first = made.programme.starts_on
    until = {"start": str(first), "end": f"{first.year}-12-31", "cap": "100.00"}
    typed = {f"period_rows-0-{name}": value for name, value in until.items()}
    sentence = f"After 31 December {first.year} there is no maximum per period; what is still owed then lapses."
    assert browser.submit(browser.get_ok(f"{path}/edit"), typed | {"overshoot": "carried"}).status_code == 303
    assert sentence in soup(browser.get_ok(path)).text  # what was just saved
    assert sentence in soup(browser.get_ok(f"{path}/edit")).select_one("main").text
    db.session.refresh(made)
    made.state, made.published_at = TableState.PUBLISHED, made.created_at
    db.session.commit()
    assert sentence in soup(browse().get_ok(path)).select_one("main").text
