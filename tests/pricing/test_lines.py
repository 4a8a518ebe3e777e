"""The line editor: all effects of a draft in one act; wholly without JavaScript, quick with it."""

import pytest

from app.audit.models import AuditEntry
from app.core.errors import Changed, Refused
from app.extensions import db
from app.pricing.lines import Line, edit_lines
from app.pricing.models import Effect, EffectKind
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.pricing import make_effect, make_table
from tests.statements import counted

HTMX = {"HX-Request": "true"}


@pytest.fixture
def table(programme):
    """Three effects: work-13w, effect-2 and days (per unit), of which effect-2 requires the first."""
    table = make_table(programme, state=TableState.DRAFT, effects=2)
    table.effects[1].requires = ["work-13w"]
    db.session.commit()
    make_effect(table, "days", kind=EffectKind.PER_UNIT, unit="day", max_per_person=None)
    db.session.refresh(table)
    return table


def url(table) -> str:
    return f"/prices/{table.id}/lines"


def effect(table, at: int) -> Effect:
    db.session.expire_all()
    return table.effects[at]


def entries() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(AuditEntry)) or 0


def test_one_save_for_all_lines(official, table, browse):
    typed = {
        "lines-0-price_minor": "2,600.00",
        "lines-0-expected_count": "40",
        "lines-1-name": "Twenty-six weeks",
        "lines-1-max_per_person": "",
        "lines-2-deadweight_bp": "12.5",
        "lines-2-months_after": "7",
    }
    assert browse(official).post_form(url(table), typed).status_code == 303
    assert (effect(table, 0).price_minor, table.effects[0].expected_count) == (260_000, 40)
    assert (table.effects[1].name, table.effects[1].max_per_person) == ("Twenty-six weeks", None)
    assert (table.effects[2].deadweight_bp, table.effects[2].months_after) == (1_250, 7)
    assert entries() == 1  # one act, recorded on the table: four eyes see it


def test_saved_as_it_stands_nothing_changes(official, table, browse):
    versions = [e.version for e in table.effects]
    assert browse(official).post_form(url(table)).status_code == 303
    db.session.expire_all()
    assert [e.version for e in table.effects] == versions
    assert entries() == 0


def test_what_a_kind_does_not_have_cannot_be_typed(official, table, browse):
    make_effect(table, "pass", kind=EffectKind.STEPS, price_minor=0, scale=[{"at": "1", "amount_minor": 5}])
    page = soup(browse(official).get_ok(url(table)))
    assert not page.select_one("[name='lines-2-max_per_person']") and not page.select_one(
        "[name='lines-3-price_minor']"
    )
    assert page.select_one("[name='lines-2-price_minor']")


@pytest.mark.parametrize(
    ("cell", "typed", "says"),
    [
        ("lines-0-price_minor", "0", "above zero"),
        ("lines-0-price_minor", "x", "Give an amount"),
        ("lines-1-code", "Not Good", "small letters"),
        ("lines-1-code", "days", "already has an effect"),
        ("lines-1-name", "", "Fill this in."),
        ("lines-2-deadweight_bp", "100", "from 0 to 99.99"),
        ("lines-0-expected_count", "-1", "from 0 to"),
    ],
)
def test_a_fault_is_told_at_its_cell_and_nothing_is_saved(official, table, browse, cell, typed, says):
    answer = browse(official).post_form(url(table), {"lines-2-name": "Kept", cell: typed})
    assert answer.status_code == 422
    page = soup(answer)
    assert says in page.select_one(f"#{cell}-error").text
    assert page.select_one(f"[name='{cell}']")["aria-invalid"] == "true"
    assert page.select_one("[name='lines-2-name']")["value"] == "Kept"
    assert effect(table, 2).name != "Kept"


def test_codes_change_places_and_requirements_follow(official, table, browse):
    typed = {"lines-0-code": "days", "lines-2-code": "work-13w"}
    assert browse(official).post_form(url(table), typed).status_code == 303
    db.session.expire_all()
    assert [e.code for e in table.effects] == ["days", "effect-2", "work-13w"]
    assert table.effects[1].requires == ["days"]


def test_the_second_of_two_hears_what_was_saved_and_keeps_the_text(official, second, table, browse):
    late, early = browse(second), browse(official)
    page = late.get_ok(url(table))
    early.post_form(url(table), {"lines-0-price_minor": "3,000.00"})
    answer = late.submit(page, {"lines-0-price_minor": "4,000.00", "lines-1-name": "Typed with care"})
    assert answer.status_code == 409
    assert "€3,000.00" in soup(answer).select_one(".notice.tone-warn").text
    assert soup(answer).select_one("[name='lines-1-name']")["value"] == "Typed with care"
    assert effect(table, 0).price_minor == 300_000
    assert late.submit(answer).status_code == 303  # having seen it, saving again replaces it
    assert effect(table, 0).price_minor == 400_000


def test_what_somebody_left_as_it_stood_never_replaces_what_a_colleague_saved(official, second, table, browse):
    """A sets line 1 and the name of line 2; B, on the page from before, types in line 2 and 3 alone."""
    late, early = browse(second), browse(official)
    page = late.get_ok(url(table))
    early.post_form(url(table), {"lines-0-price_minor": "1,111.00", "lines-1-name": "As A named it"})
    answer = late.submit(page, {"lines-1-price_minor": "2,222.00", "lines-2-price_minor": "3,333.00"})
    assert answer.status_code == 409  # both wrote on line 2
    cells = {
        name: soup(answer).select_one(f"[name='{name}']")["value"] for name in ("lines-0-price_minor", "lines-1-name")
    }
    assert cells == {"lines-0-price_minor": "1111.00", "lines-1-name": "As A named it"}
    assert late.submit(answer).status_code == 303
    db.session.expire_all()
    assert [e.price_minor for e in table.effects] == [111_100, 222_200, 333_300]
    assert table.effects[1].name == "As A named it"


def test_nor_after_a_fault_of_ones_own(official, second, table, browse):
    """The page with the fault shows what is stored now; sent again, that is still no answer of this person."""
    late, early = browse(second), browse(official)
    page = late.get_ok(url(table))
    early.post_form(url(table), {"lines-0-price_minor": "1,111.00"})
    answer = late.submit(page, {"lines-2-price_minor": "0"})
    assert answer.status_code == 422
    early.post_form(url(table), {"lines-0-price_minor": "1,222.00"})
    assert late.submit(answer, {"lines-2-price_minor": "5.00"}).status_code == 303
    assert (effect(table, 0).price_minor, table.effects[2].price_minor) == (122_200, 500)


def test_nor_line_by_line(official, second, table, browse):
    """With htmx the cells on the screen stay as they were, also those that a colleague changed meanwhile."""
    late, early = browse(second), browse(official)
    page = soup(late.get_ok(url(table)))
    fields = {c["name"]: c.get("value", "") for c in page.select("main form input[name]")}
    fields |= {f"lines-{n}-life_domain": "work" for n in range(3)}
    address = page.select("tbody tr")[0]["hx-post"]
    early.post_form(url(table), {"lines-0-name": "As A named it"})
    for price, status in (("4.00", 409), ("5.00", 200), ("6.00", 200)):
        answer = late.post(address, data=fields | {"lines-0-price_minor": price}, headers=HTMX)
        assert answer.status_code == status
        said = soup(answer).select_one(f"#said-{table.effects[0].id}")
        fields |= {c["name"]: c["value"] for c in said.select("input")}
    assert (effect(table, 0).name, table.effects[0].price_minor) == ("As A named it", 600)


def test_two_people_on_two_lines_do_not_hinder_each_other(official, second, table, browse):
    late, early = browse(second), browse(official)
    page = late.get_ok(url(table))
    early.post_form(url(table), {"lines-0-name": "First"})
    stale = {"lines-0-name": "First", "lines-1-name": "Second"}
    assert late.submit(page, stale).status_code == 303
    assert (effect(table, 0).name, table.effects[1].name) == ("First", "Second")


def test_with_htmx_a_line_is_saved_alone_as_it_changes(official, table, browse):
    browser = browse(official)
    page = browser.get_ok(url(table))
    row = soup(page).select("tbody tr")[0]
    fields = {c["name"]: c.get("value", "") for c in soup(page).select("main form input[name]")}
    fields |= {f"lines-{n}-life_domain": "work" for n in range(3)}
    fields |= {"lines-0-price_minor": "2,700.00", "lines-1-name": ""}  # another line is being typed: no hindrance
    answer = browser.post(row["hx-post"], data=fields, headers=HTMX)
    assert answer.status_code == 200
    state = soup(answer).select_one(row["hx-select"])
    assert "saved" in state.text and state.select_one("[name='lines-0-version']")["value"] == str(
        effect(table, 0).version
    )
    assert effect(table, 0).price_minor == 270_000 and table.effects[1].name
    fields["lines-0-price_minor"] = "0"
    fields["lines-0-version"] = str(table.effects[0].version)
    refused = browser.post(row["hx-post"], data=fields, headers=HTMX)
    assert refused.status_code == 422
    assert "above zero" in soup(refused).select_one(row["hx-select"]).text


def test_a_line_of_another_table_is_left_alone(official, table, browse):
    other = make_table(state=TableState.DRAFT)
    browser = browse(official)
    typed = {"lines-0-effect_id": str(other.effects[0].id), "lines-0-name": "Stolen"}
    browser.submit(browser.get_ok(url(table)), typed, forged=True)
    db.session.refresh(other.effects[0])
    assert other.effects[0].name != "Stolen"


def test_the_act_itself_refuses_too(official, table):
    first = table.effects[0]
    with pytest.raises(Refused):
        edit_lines(table, [Line(first.id, first.version, {"price_minor": 0})], actor=official)
    with pytest.raises(Changed):
        edit_lines(table, [Line(first.id, first.version - 1, {"name": "Late"})], actor=official)


def test_only_in_a_draft_and_only_for_the_lead(official, investor, programme, table, browse):
    assert browse(investor).get(url(table)).status_code == 404
    assert browse().get(url(table)).status_code == 303
    other = make_table(programme)
    assert browse(official).get(url(other)).status_code == 409
    assert browse(investor).get(url(other)).status_code == 403


def test_an_empty_draft_leads_to_the_first_effect(official, programme, browse):
    table = make_table(programme, state=TableState.DRAFT, effects=0)
    page = soup(browse(official).get_ok(url(table)))
    assert page.select_one(f"a[href='/prices/{table.id}/effects/add']")


def test_the_page_costs_the_same_for_1_and_30(official, app, city, browse):
    from tests.factories.programmes import make_programme

    pages = []
    for effects in (1, 30):
        table = make_table(make_programme(city), state=TableState.DRAFT, effects=effects)
        browse(official).get_ok(url(table))
        with counted() as statements:
            browse(official).get_ok(url(table))
        pages.append(len(statements))
    assert pages[0] == pages[1]
