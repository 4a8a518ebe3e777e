"""How a cohort was measured: source, method, interval and power stand with the figure, typed or uploaded; who measured
it does not decide on it (domain, sections 4 and 8)."""

import io
from datetime import date

import pytest

from app.core.errors import NotYours
from app.core.workbook import new_workbook
from app.extensions import db
from app.outcomes.basis import shows_bp
from app.outcomes.measurement_import import MEASUREMENTS
from app.outcomes.models import Measurement, MeasurementBasis, RejectionReason
from app.outcomes.proving import question_proof, reject_proof, verify_proof
from app.outcomes.sheets import empty_csv
from app.outcomes.states import ClaimState
from app.pricing.models import Counterfactual
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_every_kind,
    make_measurement,
    make_participant,
    publish,
)
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.verification import make_colleague
from tests.outcomes.test_measure import at, typed
from tests.told import told

HEAD = (
    "effect,payer,achieved_on,value,source,method,people,compared,compared_value,low,high,"
    "evidence_issuer,evidence_on,evidence_digest"
)
ROW = (
    "coupon,{city},2026-05-01,{value},Register,matched,{people},140,0.4,0.5,0.75,employer,2026-05-01,"
    + "ab" * 32
)


@pytest.fixture
def bond(app):
    return make_every_kind()


def csv_of(*rows):
    return (io.BytesIO("\n".join([HEAD, *rows]).encode()), "results.csv")


def row(city="Hengelo", value="0.625", people="24"):
    return ROW.format(city=city, value=value, people=people)


@pytest.mark.parametrize(
    "code, changes, field",
    [
        ("coupon", {"source": ""}, "source"),
        ("coupon", {"method": ""}, "method"),
        ("coupon", {"people": ""}, "people"),
        ("coupon", {"compared": ""}, "compared"),  # a matched group has a size
        ("coupon", {"compared_value": ""}, "compared_value"),  # and a share of its own
        ("coupon", {"compared_value": "1.1"}, "compared_value"),
        ("coupon", {"compared_value": "about"}, "compared_value"),
        ("coupon", {"method": "fixed"}, "compared_value"),  # nobody was compared
        ("events", {"compared": "", "method": "fixed"}, "compared"),  # events are avoided against a group
        ("coupon", {"low": "", "high": "0.75"}, "low"),
        ("coupon", {"low": "about"}, "low"),
        ("coupon", {"low": "0.8", "high": "0.7"}, "high"),
        ("coupon", {"low": "0.63"}, "value"),  # 0.625 was measured
        ("events", {"high": "0.10"}, "high"),  # 1,390 of 1,550: 10.3 per cent avoided
        ("share", {"high": "149999"}, "avoided_minor"),  # 150,000.00 avoided
        ("coupon", {"value": "5", "low": "4", "high": "6"}, "value"),  # a share of 500 per cent
        ("coupon", {"value": "-0.1", "low": "-0.2", "high": "0.1"}, "value"),
        ("coupon", {"high": "1.2"}, "high"),
        ("coupon", {"source": "85073003328"}, "source"),
    ],
)
def test_what_misses_or_does_not_fit_is_said_at_its_field(bond, browse, code, changes, field):
    answer = browse(bond.provider).post_form(at(bond, code), typed(bond, code, **changes))
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    assert db.session.scalars(db.select(Measurement)).all() == []


def test_the_page_tells_source_interval_and_what_groups_of_this_size_show(bond, browse):
    """Baseline 24 of 120; a group of 70 beside one of 140 shows a rise from 20 per cent of 18.3 points: less than the
    22.4 points of two groups of 70, for the larger group beside it is known better (Fleiss, Levin and Paik, 4.4)."""
    browser = browse(bond.provider)
    for share in bond.programme.shares:
        share.cohort_size = 70
    db.session.commit()
    page = browser.follow(browser.post_form(at(bond, "coupon"), typed(bond, people="70", value="0.629")))
    kept = db.session.scalars(db.select(MeasurementBasis)).one()
    assert (kept.low, kept.high, kept.method) == ("0.5", "0.75", Counterfactual.MATCHED)
    least = shows_bp(kept, bond.effect("coupon"))
    assert 1_800 < least < 1_850
    assert "42.9 percentage points" in page.text, "62.9 measured, 20 before"
    assert kept.compared_value == "0.4"
    assert "22.9 percentage points" in page.text, "62.9 measured, 40 in the comparison group"
    for words in ("Register of the court", "0.5 to 0.75", f"{least / 100:.2f}".rstrip("0")):
        assert words in page.text


def test_the_assessor_measures_and_a_colleague_decides(bond, browse):
    colleague = make_colleague(bond)
    answer = browse(bond.assessor).post_form(at(bond, "coupon"), typed(bond))
    assert answer.status_code == 303
    made = db.session.scalars(db.select(Measurement)).one()
    assert (made.state, made.provider) == (ClaimState.SUBMITTED, bond.provider.organisations[0])
    assert told("measurement.submit") == {colleague.email, bond.provider.email}
    with pytest.raises(NotYours):
        verify_proof(made, actor=bond.assessor)
    verify_proof(made, "Two registers agree.", actor=colleague)
    assert made.state == ClaimState.VERIFIED


def test_who_measured_neither_rejects_nor_asks_but_takes_it_back(bond, browse):
    """Four eyes for each decision on it, also for who types the address; a colleague may, and takes all three."""
    browse(bond.assessor).post_form(at(bond, "coupon"), typed(bond))
    made, colleague = db.session.scalars(db.select(Measurement)).one(), make_colleague(bond)

    def offered(person):
        page = soup(browse(person).get_ok(f"/measurements/{made.id}")).select("main a[href]")
        return {a["href"].rsplit("/", 1)[-1] for a in page if f"{made.id}/" in a["href"]}

    assert offered(bond.assessor) == {"withdraw"}
    assert offered(colleague) == {"verify", "reject", "question"}
    for verb, act in (
        ("verify", lambda: verify_proof(made, actor=bond.assessor)),
        ("reject", lambda: reject_proof(made, RejectionReason.NO_EVIDENCE, "It shows less.", actor=bond.assessor)),
        ("question", lambda: question_proof(made, "Of which month?", actor=bond.assessor)),
    ):
        answer = browse(bond.assessor).get(f"/measurements/{made.id}/{verb}")
        assert answer.status_code == 403 and "A second person must do this" in answer.text, verb
        with pytest.raises(NotYours):
            act()
    db.session.refresh(made)
    assert (made.state, made.messages, made.decided_by_id) == (ClaimState.SUBMITTED, [], None)
    reject_proof(made, RejectionReason.NO_EVIDENCE, "It shows less.", actor=colleague)
    assert made.state == ClaimState.REJECTED


def test_the_assessor_claims_no_fee(bond, browse):
    page = soup(browse(bond.assessor).get_ok(f"/programmes/{bond.programme.id}/measurements/add"))
    assert [link.text for link in page.select("main a[href*='effect=']")] == ["Coupon", "Points", "Events", "Share"]


def test_results_are_uploaded_after_a_dry_run(bond, browse):
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}/measurements/upload"
    shown = browser.post_form(path, {"file": csv_of(row(), row("Enschede", "0.75"))})
    assert shown.status_code == 200
    assert "Measurements to be registered" in shown.text
    assert db.session.scalars(db.select(Measurement)).all() == []
    assert browser.submit(shown).status_code == 303
    made = db.session.scalars(db.select(Measurement).order_by(Measurement.value)).all()
    assert [(one.value, one.payer.name, one.basis.people) for one in made] == [
        ("0.625", "Hengelo", 24),
        ("0.75", "Enschede", 24),
    ]


def test_one_fault_in_a_cell_and_nothing_is_registered(bond, browse):
    path = f"/programmes/{bond.programme.id}/measurements/upload"
    shown = browse(bond.provider).post_form(path, {"file": csv_of(row(), row("Deventer"), row(value="0.9", people=""))})
    assert shown.status_code == 422
    cells = [tag.text for tag in soup(shown).select("main tbody tr > :first-child")]
    assert {"B3", "D4", "G4"} <= set(cells)
    assert db.session.scalars(db.select(Measurement)).all() == []


@pytest.mark.parametrize("registered, people, status", [(0, 25, 303), (0, 26, 422), (3, 3, 303), (3, 4, 422)])
def test_no_more_people_than_started_or_than_there_are_places(bond, browse, registered, people, status):
    """Hengelo has 25 places; once the bond registers participants, whoever started there is the most."""
    for _one in range(registered):
        make_participant(bond, bond.hengelo)
    answer = browse(bond.provider).post_form(at(bond, "coupon"), typed(bond, people=str(people), value="0.7"))
    assert answer.status_code == status
    assert (soup(answer).select_one("#people-error") is not None) == (status == 422)


def test_where_nobody_started_there_is_no_cohort_to_measure(bond, browse):
    """Said of the municipality, with its name: "at most 0" on the number of people would be no help."""
    make_participant(bond, bond.enschede)
    for people in ("", "1", "25"):
        answer = browse(bond.provider).post_form(at(bond, "coupon"), typed(bond, people=people))
        assert answer.status_code == 422
        assert "nobody of Hengelo has started" in soup(answer).select_one("#payer-error").text
    make_participant(bond, bond.hengelo)
    one = typed(bond, people="1", value="1", high="1")
    assert browse(bond.provider).post_form(at(bond, "coupon"), one).status_code == 303


def test_a_provider_beside_others_learns_no_small_number_by_trying(bond, browse):
    """Of the people whom a partner took in it may not know how many there are (domain, section 9)."""
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    for _one in range(3):
        make_participant(bond, bond.hengelo)
    make_participant(bond, provider=partner.organisations[0])
    for people, status in (("26", 422), ("4", 303)):
        answer = browse(partner).post_form(at(bond, "coupon"), typed(bond, people=people, value="0.5"))
        assert answer.status_code == status
        assert "at most 3" not in answer.text


def test_a_second_result_in_a_period_is_warned_of(bond, browse):
    """Half-year January to June where the table has no periods; July is another, and so is another municipality."""
    browser = browse(bond.provider)
    first = make_measurement(bond, "coupon", bond.hengelo, value="0.6", achieved_on=date(2026, 4, 1))
    assert first.number in soup(browser.get_ok(at(bond, "coupon"))).select_one("main table").text
    again = browser.post_form(at(bond, "coupon"), typed(bond))
    assert again.status_code == 422 and first.number in soup(again).select_one("#another_cohort-error").text
    assert browser.post_form(at(bond, "coupon"), typed(bond, payer=str(bond.enschede.id))).status_code == 303
    july = {"achieved_on": "2026-07-01", "evidence_on": "2026-07-01"}
    assert browser.post_form(at(bond, "coupon"), typed(bond, **july)).status_code == 303
    assert browser.post_form(at(bond, "coupon"), typed(bond, another_cohort="y")).status_code == 303
    path = f"/programmes/{bond.programme.id}/measurements/upload"
    other = row().replace("2026-05-01", "2026-05-02")
    assert "another cohort" in browser.post_form(path, {"file": csv_of(other)}).text
    said = (io.BytesIO(f"{HEAD},another_cohort\n{other},yes".encode()), "results.csv")
    assert browser.post_form(path, {"file": said}).status_code == 200


def test_a_fault_writes_figures_as_the_reader_does(bond, browse):
    bond.provider.locale = "nl"
    db.session.commit()
    answer = browse(bond.provider).post_form(at(bond, "coupon"), typed(bond, value="1,44"))
    assert "1,44," in soup(answer).select_one("#value-error").text


def test_the_empty_file_can_be_had_by_who_measures_and_its_example_is_skipped(bond, browse):
    path = f"/programmes/{bond.programme.id}/measurements/empty.csv"
    assert browse(bond.assessor).get_ok(path).text == empty_csv(MEASUREMENTS)
    assert browse(bond.investor).get(path).status_code == 403
    shown = browse(bond.assessor).post_form(
        f"/programmes/{bond.programme.id}/measurements/upload",
        {"file": (io.BytesIO(empty_csv(MEASUREMENTS).encode()), "empty.csv")},
    )
    assert "The file has no rows" in shown.text


def test_the_page_says_that_nothing_is_sampled(bond, browse):
    page = browse(bond.assessor).get_ok(f"/programmes/{bond.programme.id}/measurements").text
    assert "each of them is judged" in page


def test_the_report_tells_power_and_where_it_may_be_told_the_interval(bond, browse):
    """Four measurements are a small number, so nothing of them is told (domain, section 9); nine tell from the lowest
    end to the highest. What a cohort of 70 can show stands beforehand: about 22 points above a fifth."""
    for day in range(1, 10):
        lay(bond, "points", day)
    for day in range(1, 5):
        lay(bond, "coupon", day)
    make_claim(bond, make_participant(bond, bond.hengelo), "days", ClaimState.VERIFIED, quantity=3)  # or 13 - 9 is 4
    make_batch(bond)
    publish(bond)
    page = browse().get_ok(f"/programmes/{bond.programme.id}/results")
    assert cohort_row(page, "Points")[-1] == "6 to 19"
    hidden = cohort_row(page, "Coupon")
    assert hidden[-1] == "–"
    assert 20 < float(hidden[2].split(" percentage points")[0]) < 23


def lay(bond, code, day):
    facts = {"value": "10", "achieved_on": date(2026, 1, day)}
    measured = make_measurement(bond, code, bond.hengelo, ClaimState.VERIFIED, **facts)
    kept = MeasurementBasis(source="Register", method=Counterfactual.MATCHED, people=70, compared=140)
    kept.measurement, kept.low, kept.high = measured, str(5 + day), str(10 + day)
    db.session.add(kept)
    db.session.commit()


def cohort_row(page, effect):
    table = next(one for one in soup(page).select("main table") if "whole cohort" in one.caption.text)
    rows = [[cell.text.strip() for cell in row.select("th, td")] for row in table.select("tbody tr")]
    return next(row for row in rows if row[0] == effect)


def test_the_columns_say_when_they_are_needed_and_a_missing_one_is_named(bond, browse):
    """What a measured result needs is no "no"; a column that the file lacks is a fault of the row and of no cell."""
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}/measurements/upload"
    needed = {
        line.select("td, th")[1].text.strip(): line.select("td, th")[3].text.strip()
        for line in soup(browser.get_ok(path)).select("main table tbody tr")
    }
    for name in ("source", "method", "people", "low", "high"):
        assert "every result that is measured" in needed[name]
    assert needed["cost_avoided"] == "for a share of the cost avoided" and needed["note"] == "no"
    head, line = HEAD.replace("source,", ""), row().replace("Register,", "")
    answer = browser.post_form(path, {"file": (io.BytesIO(f"{head}\n{line}".encode()), "results.csv")})
    assert answer.status_code == 422
    cells = [cell.text.strip() for cell in soup(answer).select("main table")[0].select("tbody td, tbody th")]
    assert cells[:2] == ["row 2", "Source of the figures"] and "Rule “basis”" in cells[2]


@pytest.mark.parametrize("name", ["cost_avoided", "avoided_minor", "Cost avoided"])
def test_the_cost_avoided_is_read_under_each_of_its_names(bond, browse, name):
    path = f"/programmes/{bond.programme.id}/measurements/upload"
    head = f"effect,payer,achieved_on,{name}," + HEAD.split(",value,")[1]
    line = 'share,Hengelo,2026-05-01,"150000,00",Register,matched,25,140,,100000,200000,employer,2026-05-01,'
    shown = browse(bond.assessor).post_form(
        path, {"file": (io.BytesIO(f"{head}\n{line}{'ab' * 32}".encode()), "r.csv")}
    )
    assert shown.status_code == 200, soup(shown).select_one("main").text


def points(**said):
    """Of an effect that is no share: its figure may lie above 1."""
    return row(**said).replace("coupon", "points").replace(",140,0.4,", ",140,,")


def sheet_of(value):
    """The same row in a spreadsheet, with the measured value as it stands in its cell."""
    written = io.BytesIO()
    with new_workbook(written) as book:
        sheet = book.add_worksheet()
        for at, (name, text) in enumerate(zip(HEAD.split(","), points().split(","), strict=True)):
            sheet.write_string(0, at, name)
            sheet.write(1, at, value if name == "value" else {"low": 0.5, "high": 5_000}.get(name, text))
    return (io.BytesIO(written.getvalue()), "results.xlsx")


@pytest.mark.parametrize(
    "file, kept",
    [
        (csv_of(points(value='"1,420"')), None),  # fourteen hundred to one reader, 1.42 to another
        (csv_of(points(value="1.420")), None),
        (csv_of(points(value="1.4200").replace("0.75", "5000")), "1.42"),
        (csv_of(points(value="1.4250").replace("0.75", "5000")), "1.4250"),
        (sheet_of(1.425), "1.4250"),  # a number of a spreadsheet is what it is
        (sheet_of("1.425"), None),
    ],
)
def test_a_figure_that_can_be_misread_is_refused_and_one_that_cannot_is_not(bond, browse, file, kept):
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}/measurements/upload"
    shown = browser.post_form(path, {"file": file})
    assert shown.status_code == (422 if kept is None else 200), soup(shown).select_one("main").text
    if kept is None:
        assert "can be misread" in shown.text
    else:
        browser.submit(shown)
    assert [one.value for one in db.session.scalars(db.select(Measurement))] == [kept] * (kept is not None)
