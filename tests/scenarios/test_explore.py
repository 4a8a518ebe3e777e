"""The what-if page: who may ask, what it answers, what it refuses (issue 3, "Looking ahead")."""

from urllib.parse import urlencode

import pytest

from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.outcomes import make_agreement
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_party, make_programme
from tests.statements import counted

HALF = {"first_intake": "2026-01-01", "l_work-13w": "0", "e_work-13w": "50", "h_work-13w": "100"}
PERIOD = "Give a day of this bond: from 1 January 2026 to 31 December 2028."
ALL_OF_THEM = {"l_work-26w": "100", "e_work-26w": "100", "h_work-26w": "100"}


def rows_of(page, caption):
    table = next(one for one in soup(page).select("main table") if caption in one.caption.text)
    return [[cell.text.strip() for cell in row.find_all(["th", "td"])] for row in table.select("tbody tr, tfoot tr")]


def asked(path, **answers):
    return f"{path}?{urlencode(answers)}"


@pytest.mark.parametrize("part", [Part.INTERMEDIARY, Part.INVESTOR, Part.GOVERNMENT])
def test_parties_that_pay_hold_or_invest_may_ask(programme, path, browse, part):
    page = browse(make_user(make_party(programme, part))).get_ok(path)
    assert soup(page).h1.text == "What if"
    assert "Assumptions, no forecast" in page.text


@pytest.mark.parametrize("part", [Part.PROVIDER, Part.ASSESSOR, Part.AUDITOR])
def test_other_parties_may_not(programme, path, browse, part):
    assert browse(make_user(make_party(programme, part))).get(path).status_code == 403


def test_strangers_may_not(path, browse):
    assert browse(make_user()).get(path).status_code == 403
    assert "/login" in browse().get(path).headers["Location"]


def test_payments_per_year_and_payer_against_the_reservation(path, official, round, browse):
    """50 people: 0, 25 or 50 reach work (2,000.00 after 20 % deadweight), then all of them keep it (1,500.00 more, for
    a person brings 3,500.00 at the most). All start on 1 January 2026: six months later is in the half-year after."""
    page = browse(official).get_ok(asked(path, **HALF, **ALL_OF_THEM, intakes=1))
    rows = rows_of(page, "Payments per municipality and year")
    assert [row[2:5] for row in rows[-1:]] == [["€0.00", "€87,500.00", "€175,000.00"]]
    lead, other = rows[0], rows[3]
    # 15 and 10 of 25; both effects are reached within the first twelve months, the second on 1 January 2027
    assert lead[1:6] == ["2026", "€0.00", "€30,000.00", "€60,000.00", "€500,000.00"]
    assert rows[1][1:5] == ["2027", "€0.00", "€22,500.00", "€45,000.00"]
    assert other[1:6] == ["2026", "€0.00", "€20,000.00", "€40,000.00", "€100,000.00"]


def test_what_is_above_the_reservation_of_a_year_is_said(path, programme, official, browse):
    share = next(one for one in programme.shares if one.organisation_id != programme.lead_id)
    share.budget[0].reserved_minor = 1_000_000
    db.session.commit()
    page = browse(official).get_ok(asked(path, **HALF, **ALL_OF_THEM, intakes=1))
    rows = rows_of(page, "Payments per municipality and year")
    assert rows[3][5:] == ["€10,000.00", "€30,000.00"]
    assert rows[-1][-1] == rows[3][-1]  # the years add up; what other years and municipalities leave is not taken off
    assert "1 budget year of a municipality asks more than is reserved for it, €30,000.00 in all" in page.text
    # the expected case asks 20,000.00 where 10,000.00 is reserved: that is said first, and weighs more
    (heavy,) = soup(page).select(".notice.tone-bad li")
    assert heavy.text == f"{share.organisation.name}: 2026 asks €10,000.00 more than is reserved."
    left = next(tile for tile in soup(page).select(".figures > *") if "Reserved" in tile.text)
    assert "over all years" in left.text and "is left at the highest" in left.text


def test_enough_reserved_for_what_is_expected_brings_no_heavy_notice(path, official, browse):
    page = browse(official).get_ok(asked(path, **HALF, **ALL_OF_THEM, intakes=1))
    assert not soup(page).select(".notice.tone-bad")


def test_the_intake_may_be_uneven(path, official, browse):
    """Of the lead's 30 six start in each of the first two quarters and 18 in the third, whose effects come in 2026 no
    more when they take six months; spread evenly 20 come in 2026. Half of them reach work, and all of those keep it."""
    answers = HALF | ALL_OF_THEM | {"rhythm": "quarter", "intakes": 3, "m_work-13w": 6, "m_work-26w": 6}
    found = {}
    for spread in ("10, 10; 30", "", "1 1 1"):
        page = browse(official).get_ok(asked(path, **answers, spread=spread))
        found[spread] = [row[:5] for row in rows_of(page, "Payments per municipality and year")]
        assert soup(page).select_one("[name=spread]")["value"] == spread
    uneven, even = found["10, 10; 30"], found[""]
    assert found["1 1 1"] == even
    assert (uneven[0][4], even[0][4]) == ("€42,000.00", "€70,000.00")  # everybody in the high case, 3,500.00 each
    assert uneven[-1] == even[-1]  # in all as much


def test_the_return_per_tranche(path, official, round, other_investor, browse):
    """60,000.00 is called on 1 January 2026. With 87,500.00 in the expected case both tranches get their caps: 4 % and
    12 %, and what no tranche is owed stays with the municipalities."""
    page = browse(official).get_ok(asked(path, **HALF, **ALL_OF_THEM, intakes=1))
    rows = rows_of(page, "Return per tranche")
    assert [row[:4] + row[5:] for row in rows] == [
        ["Senior", "Low", "€55,000.00", "€0.00", "-100.0%"],
        ["Senior", "Expected", "€55,000.00", rows[1][3], "4.0%"],
        ["Senior", "High", "€55,000.00", rows[2][3], "4.0%"],
        ["First loss", "Low", "€5,000.00", "€0.00", "-100.0%"],
        ["First loss", "Expected", "€5,000.00", rows[4][3], "12.0%"],
        ["First loss", "High", "€5,000.00", rows[5][3], "12.0%"],
    ]
    assert "What no tranche is owed stays with the municipalities" in page.text


def test_an_investor_sees_its_own_part_and_no_other_commitment(path, investor, other_investor, browse):
    """Own 15,000.00 in the first loss; the rest of the target stands in the tranche that is served first, whatever
    others committed."""
    page = soup(browse(investor).get_ok(path))
    values = [field["value"] for field in page.select("main form input[name^=capital_]")]
    assert values == ["45000.00", "15000.00"]
    assert "First loss, your own part" in page.text
    assert "Senior, your own part" not in page.text


def test_the_desk_starts_from_what_was_committed(path, desk, investor, other_investor, browse):
    page = soup(browse(desk).get_ok(path))
    assert [f["value"] for f in page.select("main form input[name^=capital_]")] == ["40000.00", "20000.00"]
    assert "your own part" not in page.text


def test_only_a_government_may_pick_a_draft(path, programme, official, desk, browse):
    draft = make_table(programme, state="draft")
    assert len(soup(browse(official).get_ok(path)).select("select[name=table] option")) == 2
    assert len(soup(browse(desk).get_ok(path)).select("select[name=table] option")) == 1
    assert browse(official).get(asked(path, table=draft.id)).status_code == 200
    answer = browse(desk).get(asked(path, table=draft.id))
    assert answer.status_code == 422 and not soup(answer).select(".figures")


@pytest.mark.parametrize("state", ["draft", "offered", "in_force"])
def test_it_starts_from_the_table_of_the_agreement(path, programme, table, official, browse, state):
    """A later version replaces the table for new bonds; what is owed here stays by the table that was signed. What is
    still a draft of the agreement may change, so the table in force is taken until it is offered."""
    table.state = "superseded"
    newer = make_table(programme)
    make_agreement(programme, table, state=state)
    chosen = soup(browse(official).get_ok(path)).select_one("select[name=table] option[selected]")
    if state == "draft":
        assert (chosen["value"], chosen.text) == (str(newer.id), "Price table 2, published")
    else:
        assert (chosen["value"], chosen.text) == (str(table.id), "Price table 1, in the agreement")
    picked = soup(browse(official).get_ok(asked(path, table=newer.id))).select_one("select[name=table] [selected]")
    assert picked["value"] == str(newer.id)


def test_the_page_names_seed_and_number_of_draws(path, official, browse):
    page = browse(official).get_ok(asked(path, seed=123456))
    assert "10,000 draws with the seed 123456." in page.text
    again = browse(official).get_ok(asked(path, seed=123456))
    assert rows_of(page, "do not exceed") == rows_of(again, "do not exceed")
    assert rows_of(page, "do not exceed") != rows_of(browse(official).get_ok(asked(path, seed=1)), "do not exceed")


def test_a_link_holds_all_answers(path, official, desk, browse):
    """Whoever may ask sees the same figures at the address, whatever seed was made."""
    page = browse(official).get_ok(asked(path, **HALF))
    link = next(a["href"] for a in soup(page).select("main a") if a.text == "Link to these answers")
    for person in (official, desk):
        shared = browse(person).get_ok(link)
        for caption in ("Payments per municipality and year", "do not exceed"):
            assert rows_of(shared, caption) == rows_of(page, caption)


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"h_work-13w": "100.01"}, "h_work-13w", "Give a percentage from 0 to 100."),
        ({"l_work-13w": "-5"}, "l_work-13w", "Give a percentage from 0 to 100."),
        ({"l_work-13w": ""}, "l_work-13w", "Give a percentage from 0 to 100."),
        ({"l_work-13w": "1e2"}, "l_work-13w", "Give a percentage from 0 to 100."),
        ({"l_work-13w": "٣"}, "l_work-13w", "Give a percentage from 0 to 100."),
        ({"l_work-13w": "60"}, "e_work-13w", "This is below the low rate."),
        ({"h_work-13w": "49,99"}, "h_work-13w", "This is below the expected rate."),
        ({"m_work-26w": "3"}, "m_work-26w", "This is before Thirteen weeks of work, which it requires."),
        ({"m_work-26w": "-1"}, "m_work-26w", "Give a whole number from 0 to 240."),
        ({"u_work-13w": "1.5"}, "u_work-13w", "Give a whole number."),
        ({"intakes": "0"}, "intakes", "Give a whole number from 1 to 60."),
        ({"intakes": "8"}, "intakes", "The last ones would start after the bond has ended."),
        ({"calls": "7"}, "calls", "The last part would be called after the bond has ended."),
        ({"first_intake": "2029-01-01"}, "first_intake", PERIOD),
        ({"first_intake": "2999-01-01"}, "first_intake", PERIOD),
        ({"first_intake": "0001-01-01"}, "first_intake", PERIOD),
        ({"first_intake": "2027-02-29"}, "first_intake", "Give a date that exists, such as 2026-06-30."),
        ({"first_intake": "yesterday"}, "first_intake", "Give a date that exists, such as 2026-06-30."),
        ({"rhythm": "daily"}, "rhythm", "Not a valid choice."),
        ({"table": "00000000-0000-0000-0000-000000000000"}, "table", "Not a valid choice."),
        ({"spread": "10 20", "intakes": "3"}, "spread", "Give as many numbers as times that participants start: 3."),
        ({"spread": "0", "intakes": "1"}, "spread", "Give at least one participant."),
        ({"spread": "all"}, "spread", "Give whole numbers with a space between them"),
        ({"spread": "-1"}, "spread", "Give whole numbers with a space between them"),
        ({"seed": "1000000000000"}, "seed", "Give a whole number"),
    ],
)
def test_a_wrong_answer_is_refused_on_its_field_and_kept(path, official, round, browse, answers, field, words):
    answer = browse(official).get(asked(path, **answers))
    assert answer.status_code == 422
    page = soup(answer)
    assert words in page.select_one(f"[id='{field}-error']").text
    assert not page.select(".figures")
    name, typed = next(iter(answers.items()))
    if field == name and field not in ("rhythm", "table"):
        assert page.select_one(f"[name='{field}']")["value"] == typed


def test_a_huge_cohort_is_refused(path, programme, official, browse):
    names = [f"cohort_{str(share.organisation_id)[:8]}" for share in programme.shares]
    for answers in ({names[0]: 10_001}, dict.fromkeys(names, 6_000), dict.fromkeys(names, 0)):
        answer = browse(official).get(asked(path, **answers))
        assert answer.status_code == 422
        assert soup(answer).select_one(f"[id='{names[0]}-error']")


def test_a_dutch_reader_finds_amounts_as_they_are_typed_in_dutch(path, desk, investor, other_investor, browse):
    desk.locale = "nl"
    db.session.commit()
    page = soup(browse(desk).get_ok(path))
    assert [f["value"] for f in page.select("main form input[name^=capital_]")] == ["40000,00", "20000,00"]


def test_capital_may_be_left_out_and_not_be_negative(path, official, round, browse):
    name = f"capital_{str(round.tranches[0].id)[:8]}"
    assert browse(official).get(asked(path, **{name: "-1"})).status_code == 422
    other = name.replace(name[8:], str(round.tranches[1].id)[:8])
    page = browse(official).get_ok(asked(path, **{name: "", other: "100.50"}))
    assert {row[0] for row in rows_of(page, "Return per tranche")} == {"First loss"}
    assert "What investors get back" not in browse(official).get_ok(asked(path, **{name: ""})).text


def test_what_comes_after_the_bond_has_ended_is_not_paid_and_is_said(path, official, browse):
    page = browse(official).get_ok(asked(path, intakes=1, **{"m_work-26w": 40}))
    assert "50 times a participant would reach an effect only after the bond has ended" in page.text


def test_without_a_table_or_a_round(programme, official, browse):
    empty = f"/programmes/{programme.id}/what-if"
    assert "There is no price table yet" in browse(official).get_ok(empty).text
    make_table(programme)
    page = browse(official).get_ok(empty)
    assert "What investors get back" not in page.text and "Payments against the reservation" in page.text


def test_a_draft_without_effects_pays_nothing(programme, official, browse):
    make_table(programme, state="draft", effects=0)
    page = browse(official).get_ok(f"/programmes/{programme.id}/what-if")
    assert rows_of(page, "Payments per municipality and year")[-1][2:5] == ["€0.00"] * 3


@pytest.mark.parametrize("illustrative", [True, False])
def test_illustrative_prices_are_labelled(app, browse, illustrative):
    programme = make_programme(illustrative=illustrative)
    make_table(programme)
    page = browse(make_user(programme.lead)).get_ok(f"/programmes/{programme.id}/what-if")
    assert ("Illustrative prices:" in page.text) == illustrative


def test_the_pages_of_the_bond_and_the_round_lead_to_it(path, programme, official, round, browse):
    for page in (f"/programmes/{programme.id}", f"/rounds/{round.id}"):
        assert soup(browse(official).get_ok(page)).select(f"main a[href='{path}']"), page


def test_it_costs_the_same_number_of_statements_whatever_the_size(programme, official, round, investor, browse):
    """More effects, commitments and versions cost no further statement."""
    make_table(programme)
    browser, path = browse(official), f"/programmes/{programme.id}/what-if"
    browser.get_ok(path)
    with counted() as few:
        browser.get_ok(path)
    table = make_table(programme, state="draft")
    for number in range(20):
        make_effect(table, f"more-{number}")
    address = asked(f"/programmes/{programme.id}/what-if", table=table.id)
    with counted() as many:
        browser.get_ok(address)
    assert len(many) == len(few) <= 14, "\n".join(many)


def test_the_address_of_a_hundred_effects_fits(programme, official, browse):
    """A server takes a first line of 8,190 bytes (gunicorn's largest `limit_request_line`)."""
    table = make_table(programme, state="draft", effects=0)
    for number in range(100):
        make_effect(table, f"effect-{number}")
    page = browse(official).get_ok(f"/programmes/{programme.id}/what-if?table={table.id}")
    link = next(a["href"] for a in soup(page).select("main a") if a.text == "Link to these answers")
    assert len(f"GET {link} HTTP/1.1\r\n") <= 8_190


def test_a_guarantee_that_is_not_counted_is_named(path, round, investor, official, browse):
    """The page on which an investor commits counts it; without a word the two would seem to differ (issue 6)."""
    assert "The guarantee is not counted here" not in browse(official).get_ok(asked(path, **HALF)).text
    round.tranches[1].guarantee_minor, round.tranches[1].guarantor = 3_000_000, "Provincie Overijssel"
    db.session.commit()
    page = browse(official).get_ok(asked(path, **HALF)).text
    assert "The guarantee is not counted here" in page and "€30,000.00" in page and "Provincie Overijssel" in page
