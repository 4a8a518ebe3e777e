"""A version starts as a draft; it begins with the effects of the published one, so that codes stay the same."""

import uuid

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.pricing.models import Overshoot, PriceTable, Reduce
from app.pricing.operations import TableFacts, draft_table
from app.pricing.states import TableState
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme


def url(programme) -> str:
    return f"/programmes/{programme.id}/prices/draft"


def test_an_official_drafts_the_first_version(official, programme, browse):
    typed = {"note": "First prices.", "cap_per_person_minor": "10,000.00", "cap_contract_minor": "700,000.00"}
    answer = browse(official).post_form(url(programme), typed)
    assert answer.status_code == 303
    table = db.session.scalars(db.select(PriceTable)).unique().one()
    assert (table.number, table.state, table.effects) == (1, TableState.DRAFT, [])
    assert (table.cap_per_person_minor, table.cap_contract_minor) == (1_000_000, 70_000_000)
    assert not table.illustrative
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["table.draft"]


def test_the_next_version_copies_the_effects_of_the_published_one(official, programme, browse):
    first = make_table(programme, effects=3)
    answer = browse(official).post_form(url(programme), {"note": "Dearer work."})
    assert answer.status_code == 303
    table = db.session.scalars(db.select(PriceTable).filter_by(number=2)).unique().one()
    assert [e.code for e in table.effects] == [e.code for e in first.effects]
    assert [e.price_minor for e in table.effects] == [e.price_minor for e in first.effects]
    assert {e.id for e in table.effects}.isdisjoint({e.id for e in first.effects})


def test_an_illustrative_bond_has_only_illustrative_tables(official, city, browse):
    programme = make_programme(city, illustrative=True)
    page = browse(official).get_ok(url(programme))
    assert "Illustrative prices:" in page.text
    assert not soup(page).select_one("[name=illustrative]")
    table = draft_table(programme, TableFacts(illustrative=False), actor=official, once=uuid.uuid4())
    assert table.illustrative


def test_one_version_at_a_time(official, programme, draft, browse):
    answer = browse(official).post_form(url(programme), {"note": "Another"})
    assert answer.status_code == 409
    assert "Price table 1 is still being prepared." in answer.text
    assert "Another" in soup(answer).select_one("#note").text


def test_a_double_click_is_one_table(official, programme, browse):
    browser = browse(official)
    page = browser.get_ok(url(programme))
    first, again = (browser.submit(page, {"note": "Once"}) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert db.session.scalar(db.select(db.func.count()).select_from(PriceTable)) == 1


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("cap_contract_minor", "-1", "above zero"),
        ("cap_contract_minor", "999999999999999", "too high"),
        ("cap_contract_minor", "1.234567", "whole cents"),
        ("cap_contract_minor", "ten", "Give an amount"),
        ("cap_per_person_minor", "900", "higher than that of the contract"),
        ("note", "x" * 2001, "At most 2000"),
    ],
)
def test_a_wrong_answer_is_told_on_its_field(official, programme, browse, field, typed, says):
    good = {"note": "Kept text", "cap_contract_minor": "800"}
    answer = browse(official).post_form(url(programme), good | {field: typed})
    assert answer.status_code == 422
    assert says in soup(answer).select_one(f"#{field}-error").text
    assert db.session.scalar(db.select(db.func.count()).select_from(PriceTable)) == 0


def test_only_once_the_programme_is_approved(official, city, browse):
    programme = make_programme(city, state=ProgrammeState.IN_REVIEW)
    assert browse(official).get(url(programme)).status_code == 409
    with pytest.raises(NotNow):
        draft_table(programme, TableFacts(), actor=official, once=uuid.uuid4())


def test_only_the_leading_municipality(programme, investor, browse):
    assert browse(investor).get(url(programme)).status_code == 403
    assert browse().get(url(programme)).status_code == 303
    with pytest.raises(NotYours):
        draft_table(programme, TableFacts(), actor=investor, once=uuid.uuid4())
    assert db.session.scalar(db.select(db.func.count()).select_from(PriceTable)) == 0


PERIOD = {"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 10_000_000}


def test_the_next_version_keeps_the_maximums_rounding_and_vat(official, programme, browse):
    """Left as they stand they hold on: a maximum that vanishes unseen is a promise without an end."""
    kept = {"period_caps": [PERIOD], "reduce": Reduce.PRO_RATA, "step_minor": 100, "vat_bp": 2_100}
    make_table(programme, note="The first.", **kept)
    browser = browse(official)
    assert browser.post_form(url(programme), {}).status_code == 303
    table = db.session.scalars(db.select(PriceTable).filter_by(number=2)).unique().one()
    assert (table.cap_per_person_minor, table.cap_contract_minor) == (1_000_000, 100_000_000)
    assert {name: getattr(table, name) for name in kept} == kept
    assert table.note == ""  # why this version, is another reason each time
    assert "in the table it started from" not in browser.get_ok(f"/prices/{table.id}").text


def test_what_is_emptied_or_not_taken_over_is_told(official, programme, browse):
    make_table(programme)
    other = make_table(period_caps=[PERIOD], cap_per_person_minor=500_000, overshoot=Overshoot.CARRIED)
    browser = browse(official)
    typed = {"start": str(other.id), "cap_per_person_minor": ""}
    assert browser.post_form(url(programme), typed).status_code == 303
    table = db.session.scalars(db.select(PriceTable).filter_by(programme_id=programme.id, number=2)).unique().one()
    assert table.copied_from_id == other.id and table.cap_per_person_minor is None
    told = soup(browser.get_ok(f"/prices/{table.id}")).select_one("main").text
    assert "Maximum per participant: was €5,000.00 in the table it started from, now none." in told
    assert "Maximum per period: was 1 January 2026 to 31 December 2026: €100,000.00 in the table" in told
    assert "What a maximum per period cuts off: was" in told
    assert "Maximum for the whole contract: was" not in told
