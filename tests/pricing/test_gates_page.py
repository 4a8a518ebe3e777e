"""The page of the gates: for the governments while a table is prepared, for everybody once it is published."""

from app.extensions import db
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.pricing import make_effect, make_table
from tests.statements import counted


def url(table) -> str:
    return f"/prices/{table.id}/gates"


def test_each_gate_has_its_section_with_evidence_and_verdict(official, draft, browse):
    page = soup(browse(official).get_ok(url(draft)))
    codes = [*(f"D{n}" for n in range(1, 12)), *(f"C{n}" for n in range(1, 7)), "grade", "engine"]
    for code in codes:
        section = page.select_one(f"section#gate-{code}")
        assert section and section.select_one(".status"), code
    assert "24 of 120 people: 20.0% (95% interval 13.8% to 28.0%)" in page.select_one("#gate-D5").text
    assert "touchstone: two groups of 70 with a baseline of 30 per cent" in page.select_one("#gate-D7").text
    assert page.select_one("#gate-C5 svg") and page.select_one("#gate-C5 table")
    nobody, *_others = page.select("#gate-C6 table")[-1].select("tbody tr")
    assert nobody.text.split()[:2] == ["nobody", "succeeds"] and nobody.text.strip().endswith("€0.00")


def test_what_is_wrong_leads_to_the_field_where_it_is_mended(official, draft, browse):
    row = draft.effects[0]
    row.gaming = ""
    draft.cap_contract_minor = None
    draft.programme.council_decision = ""
    db.session.commit()
    page = soup(browse(official).get_ok(url(draft)))
    assert page.select_one(f"#gate-D8 a[href='/effects/{row.id}/edit#gaming']")
    assert page.select_one(f"#gate-C1 a[href='/prices/{draft.id}/edit#cap_contract_minor']")
    assert page.select_one(f"#gate-C1 a[href='/programmes/{draft.programme_id}']")
    assert "fails" in page.select_one("#gate-D8 .status").text


def test_a_draft_is_for_the_governments_and_a_published_one_for_all(investor, programme, draft, browse):
    assert browse(investor).get(url(draft)).status_code == 404
    published = make_table(programme)
    page = soup(browse().get_ok(url(published)))
    assert not page.select("a[href*='/edit'], a[href$='/override'], a[href*='reader-test']")


def test_a_superseded_table_keeps_its_page(programme, browse):
    browse().get_ok(url(make_table(programme, state=TableState.SUPERSEDED)))


def test_a_draft_without_anything_still_has_its_page(official, draft, browse):
    db.session.delete(draft.effects[0])
    draft.programme.shares.clear()
    db.session.commit()
    page = soup(browse(official).get_ok(url(draft)))
    assert "The table has no effect yet." in page.select_one("#gate-engine").text


def test_a_requirement_that_is_not_there_is_a_verdict_and_no_crash(official, draft, browse):
    draft.effects[0].requires = ["gone"]
    db.session.commit()
    assert "not in this table" in browse(official).get_ok(url(draft)).text


def test_it_costs_the_same_for_1_and_30_effects(official, draft, browse):
    with counted() as for_one:
        browse(official).get_ok(url(draft))
    for number in range(2, 31):
        make_effect(draft, f"effect-{number}", definition=f"Has a contract of {number} hours.")
    with counted() as for_thirty:
        browse(official).get_ok(url(draft))
    assert len(for_thirty) == len(for_one)


def test_what_is_committed_is_not_for_the_public(official, investor, programme, browse):
    """What a municipality paid in a year can tell of a single participant (domain, section 9)."""
    table = make_table(programme)
    for person, sees in ((official, True), (investor, False), (None, False)):
        heads = [th.text for th in soup(browse(person).get_ok(url(table))).select("#gate-C5 thead th")]
        assert ("Committed" in heads) is sees
        assert {"Reserved", "Expected", "Highest of three courses"} <= set(heads)


def test_what_passes_is_closed_and_what_asks_attention_open(official, draft, browse):
    """C5 carries a caution: more are expected than there are people, which may be right."""
    row = draft.effects[0]
    row.gaming, row.max_per_person = "", None
    row.lasts = 91  # days, the thirteen weeks that it says; without a clock D4 asks attention
    row.expected_count = draft.programme.cohort_size + 1
    db.session.commit()
    page = soup(browse(official).get_ok(url(draft)))
    opened = {code: page.select_one(f"#gate-{code} > details").has_attr("open") for code in ("D4", "D8", "C5")}
    assert opened == {"D4": False, "D8": True, "C5": True}
    for section in page.select("section[id^='gate-']"):
        assert section.select_one(":scope > h3 .status")  # closed or not, the verdict is read


def test_the_row_of_the_ceiling_explains_its_total(official, draft, browse):
    """The reservations together may exceed the contract maximum, which bounds the total (gate C6)."""
    page = soup(browse(official).get_ok(url(draft)))
    last = page.select("#gate-C6 table")[-1].select("tbody tr")[-1]
    assert "each at most what it reserved, in all at most the contract maximum" in last.text
