"""Participants and claims from a file: every fault with its cell, a dry run that writes nothing, all rows or none."""

import io
from datetime import date

import pytest
import xlsxwriter

from app.accounts.models import AnsweredForm
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.intake.states import ReferralState
from app.notifications.models import Notification
from app.outcomes.models import Claim
from app.programmes.models import Part
from app.programmes.pseudonym import ALPHABET, new_code
from tests.browser import soup
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_delivery, make_lasting, make_participant
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.told import recorded, told, words_told

DIGEST, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def bond(app):
    return make_lasting()


def late(rows):
    """People who started long ago, each with why they are registered only now."""
    if rows[0][: len(PEOPLE)] != PEOPLE:
        return rows
    return [(*rows[0], "late_reason"), *((*row, "The paper form came late.") for row in rows[1:])]


def csv(*rows):
    return "\n".join(";".join(row) for row in late(rows)).encode()


def xlsx(*rows):
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(late(rows)):
            sheet.write_row(number, 0, row)
    return written.getvalue()


def check(browser, path, content, name="file.csv"):
    return browser.post_form(path, {"file": (io.BytesIO(content), name)})


def faults(page):
    rows = soup(page).select_one("main table").select("tbody tr")
    return {row.find("th").text: row.find_all("td")[-1].text for row in rows if row.find("th")}


def people():
    return db.session.scalar(db.select(db.func.count(Participant.id)))


PEOPLE = ("municipality", "age_band", "started_on", "informed_on", "referral")
TOLD = "2026-01-15"
CLAIMS = ("participant", "effect", "achieved_on", "evidence_issuer", "evidence_on", "evidence_digest")


@pytest.mark.parametrize("make", [csv, xlsx])
def test_participants_are_checked_then_registered(bond, browse, make):
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/participants/import"
    content = make(
        PEOPLE, ("enschede", "18-20", "2026-02-01", TOLD, ""), ("Hengelo", "16-17 years", "1-3-2026", TOLD, "")
    )
    checked = check(browser, path, content, "people.xlsx")
    assert checked.status_code == 200
    assert "1 March 2026" in checked.text
    assert people() == 0
    assert recorded("participant.register") == []
    done = browser.follow(browser.submit(checked))
    assert people() == 2
    for person in db.session.scalars(db.select(Participant)).unique():
        assert person.code in done.text
        assert person.provider_id in bond.provider.organisation_ids
    assert len(recorded("participant.register")) == 2
    assert told("participant.register") == {bond.official.email, bond.neighbour.email, bond.provider.email}
    assert "1 participant from your municipality was registered" in words_told("participant.register")


def test_rows_and_codes_of_an_import_are_found_again(bond, browse):
    """The key is kept outside the portal and is written from this page: neither a reload, nor a second click, nor a
    browser that closed loses which row got which code. Read by nobody but the provider, on record (domain, 9)."""
    browser = browse(bond.provider)
    path = f"/programmes/{bond.programme.id}/participants/import"
    one, example = ("Enschede", "18-20", "2026-02-01", TOLD, ""), ("# Enschede", "", "", "", "")
    checked = check(browser, path, csv(PEOPLE, one, example, ("Hengelo", "16-17", "2026-03-01", TOLD, "")))
    first = browser.submit(checked)
    answers = [first, browser.submit(checked)]
    db.session.execute(db.delete(AnsweredForm))  # after days: the portal keeps no forms that long
    db.session.commit()
    answers.append(browser.submit(checked))
    assert [one.status_code for one in answers] == [303, 303, 303]
    assert len({one.headers["Location"] for one in answers}) == 1
    assert people() == 2
    assert len(recorded("participant.register")) == 2
    notices = db.session.scalars(db.select(Notification).where(Notification.action == "participant.register")).all()
    assert sorted(one.address for one in notices) == sorted(
        [bond.official.email, bond.neighbour.email, bond.provider.email]
    )
    (mine,) = [one for one in notices if one.user_id == bond.provider.id]
    codes = {one.payer.name: one.code for one in db.session.scalars(db.select(Participant)).unique()}
    assert not any(code in mine.title + mine.body + mine.path for code in codes.values())
    lines = soup(browse(bond.provider).get_ok(mine.path)).select("main tbody tr")
    shown = [[cell.text.strip() for cell in line.select("th, td")][:3] for line in lines]
    assert shown == [["2", codes["Enschede"], "Enschede"], ["4", codes["Hengelo"], "Hengelo"]]
    assert recorded("participant.read")
    for other in (bond.official, bond.assessor, bond.investor):
        assert browse(other).get(mine.path).status_code in (403, 404)
    assert browser.get(mine.path[:-1] + ("0" if mine.path[-1] != "0" else "1")).status_code == 404


def test_every_fault_of_a_file_with_people_has_its_cell(bond, browse):
    path = f"/programmes/{bond.programme.id}/participants/import"
    content = csv(
        PEOPLE,
        ("# Enschede", "18-20", "2026-02-01", TOLD, ""),
        ("Almelo", "18-20", "2026-02-01", TOLD, ""),
        ("Enschede", "12-13", "2026-02-31", "", ""),
        ("Enschede", "24+", "2026-02-01", TOLD, ""),
        ("Enschede", "18-20", "2027-02-01", TOLD, ""),
        ("", "18-20", "2026-02-01", TOLD, ""),
        ("Enschede", "18-20", "2026-02-01", TOLD, ""),
        ("Enschede", "18-20", "2026-02-01", "2026-02-02", ""),
        ("", "18-20", "2026-02-01", TOLD, "K7P-4WXC"),
    )
    answer = check(browse(bond.provider), path, content)
    assert answer.status_code == 422
    found = faults(answer)
    assert set(found) >= {"A3", "B4", "C4", "D4", "B5", "C6", "A7", "D9", "E10"}
    assert "no part of the cohort" in found["A3"]
    assert "16 to 23 years" in found["B5"]
    assert "future" in found["C6"]
    assert "A2" not in found  # an example
    assert "A8" not in found
    assert people() == 0


def test_places_are_counted_over_the_whole_file(app, browse):
    bond = make_delivery()
    bond.programme.shares[0].cohort_size = 2
    db.session.commit()
    row = ("Enschede", "18-20", "2026-02-01", TOLD, "")
    answer = check(
        browse(bond.provider), f"/programmes/{bond.programme.id}/participants/import", csv(PEOPLE, row, row, row)
    )
    assert next(iter(faults(answer))) == "A4"
    assert people() == 0


def test_a_file_starts_those_who_were_referred(bond, browse):
    admitted = make_referral(bond, bond.hengelo, state=ReferralState.ADMITTED, referred_on=date(2026, 1, 20))
    waiting = make_referral(bond, bond.hengelo)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/participants/import"
    row = ("", "18-20", "2026-02-01", TOLD)
    answer = check(browser, path, csv(PEOPLE, (*row, waiting.code), ("Enschede", *row[1:], admitted.code)))
    assert set(faults(answer)) == {"E2", "A3"}
    assert "Note first" in faults(answer)["E2"]
    done = browser.submit(check(browser, path, csv(PEOPLE, (*row, admitted.code))))
    assert done.status_code == 303
    person = db.session.scalars(db.select(Participant)).unique().one()
    assert (person.code, person.payer_id) == (admitted.code, bond.hengelo.id)


def test_a_chain_of_claims_in_one_file_in_any_order(bond, browse):
    person = make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    content = csv(
        CLAIMS,
        (person.code.lower(), "Home 3 months", "2026-06-30", "landlord", "2026-07-01", OTHER),
        (person.code, "home-start", "2026-03-31", "landlord", "2026-03-31", DIGEST.upper()),
    )
    checked = check(browser, path, content)
    assert checked.status_code == 200, faults(checked)
    assert db.session.scalars(db.select(Claim)).unique().all() == []
    assert browser.submit(checked).status_code == 303
    claims = db.session.scalars(db.select(Claim).order_by(Claim.achieved_on)).unique().all()
    assert [claim.effect.code for claim in claims] == ["home-start", "home-3m"]
    assert [claim.evidence_digest for claim in claims] == [DIGEST, OTHER]
    assert {claim.evidence_type.value for claim in claims} == {"landlord"}


def test_a_dry_run_says_which_effect_cannot_have_lasted(bond, browse):
    person = make_participant(bond, started_on=date(2026, 3, 2))
    path = f"/programmes/{bond.programme.id}/claims/import"
    row = (person.code, "work-13w", "2026-03-07", "employer", "2026-03-07", DIGEST)
    found = faults(check(browse(bond.provider), path, csv(CLAIMS, row)))
    assert "C2" in found
    assert "Rule “duration”" in found["C2"]
    assert "1 June 2026" in found["C2"]


def test_every_fault_of_a_file_with_claims_has_its_cell_and_names_its_rule(bond, browse):
    person = make_participant(bond)
    good = ("landlord", "2026-04-01", DIGEST)
    content = csv(
        CLAIMS,
        ("K7P-0000", "home-9m", "2026-04-01", *good),
        (person.code, "home-3m", "2026-04-01", *good),
        (person.code, "home-start", "2026-04-01", "landlord", "2026-08-01", "xyz"),
        (person.code, "home-start", "2026-04-01", "J. BSN 111222333", "2026-04-01", DIGEST),
        (person.code, "level-1", "2026-04-01", "employer", "2026-04-01", DIGEST),
        (person.code, "level-1", "2026-04-02", "employer", "2026-04-02", DIGEST),
    )
    answer = check(browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import", content)
    assert answer.status_code == 422
    found = faults(answer)
    assert {"A2", "B2", "B3", "E4", "F4", "D5", "B7"} <= set(found)
    assert "Rule “requires”" in found["B3"]
    assert "Rule “evidence window”" in found["E4"]
    assert "national number" in found["D5"]
    assert "Rule “once only”" in found["B7"]
    assert "111222333" not in answer.text
    assert db.session.scalars(db.select(Claim)).unique().all() == []


def test_a_row_that_is_wrong_in_every_cell_tells_all_of_them_in_one_go(bond, browse):
    """What cannot be read, or is nobody's, hides no other fault of its row."""
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    content = csv(
        (*CLAIMS, "quantity"),
        ("K7P-0000", "home-9m", "2030-04-01", "nobody", "2031-04-01", "xyz", "many"),
        ("K7P-0000", "home-9m", "2030-04-01", "landlord", "2031-04-01", "xyz", "1"),
        (make_participant(bond).code, "home-9m", "2030-04-01", "nobody", "2031-04-01", "xyz", "1"),
    )
    found = faults(check(browser, path, content))
    assert set(found) == {*(f"{at}2" for at in "ABCDEFG"), *(f"{at}3" for at in "ABCEF"), *(f"{at}4" for at in "BCDEF")}
    path = f"/programmes/{bond.programme.id}/participants/import"
    wrong = ("Almelo", "24+", "2030-02-01", "2030-03-01", "K7P-0000")
    found = faults(check(browser, path, csv(PEOPLE, wrong, ("Almelo", "about 20", *wrong[2:]))))
    assert set(found) == {f"{at}{row}" for row in (2, 3) for at in "ABCDE"}


def test_a_row_that_is_refused_counts_for_the_rows_after_it(bond, browse):
    """Of one reading (issue 5): row 2 names the wrong kind of evidence. That row 3 claims the same again with the same
    document is told at once, and row 4 is not called wrong for what row 2 will prove; the file mended is right."""
    one, other = make_participant(bond), make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    head = (*CLAIMS[:3], "evidence_type", *CLAIMS[3:])
    start = (one.code, "home-start", "2026-03-31")
    of_landlord = ("landlord", "landlord", "2026-03-31")
    later = (one.code, "home-3m", "2026-06-30", "landlord", "landlord", "2026-07-01", OTHER)
    third = (other.code, "home-start", "2026-04-01", "landlord", "landlord", "2026-04-01", DIGEST)
    wrong = [
        (*start, "employer", "landlord", "2026-03-31", DIGEST),
        (*start[:2], "2026-04-02", "landlord", "landlord", "2026-04-02", "ef" * 32),
        later,
        third,
    ]
    found = faults(check(browser, path, csv(head, *wrong)))
    assert set(found) == {"D2", "B3", "row 5"}, found
    assert "Rule “evidence type”" in found["D2"]
    assert "Rule “once only”" in found["B3"] and "row 2 of this file" in found["B3"], "its number is nowhere yet"
    assert "row 2 of this file" in found["row 5"]
    right = [(*start, *of_landlord, DIGEST), later, (*third[:-1], "ef" * 32)]
    assert check(browser, path, csv(head, *right)).status_code == 200


def test_a_wrong_effect_or_day_hides_nothing_that_is_wrong_with_the_evidence(bond, browse):
    """And a code that is mistyped is told as such, beside one that nobody has."""
    person = make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    wrong_character = person.code[:-1] + ALPHABET[(ALPHABET.index(person.code[-1]) + 1) % len(ALPHABET)]
    content = csv(
        (*CLAIMS[:3], "evidence_type", *CLAIMS[3:]),
        (person.code, "home-3m", "2026-06-30", "employer", "landlord", "2026-01-01", DIGEST),
        (person.code, "level-1", "2025-06-30", "employer", "employer", "2026-01-01", OTHER),
        (wrong_character, "level-1", "2026-06-30", "employer", "employer", "2026-07-01", "ef" * 32),
        (new_code(), "level-1", "2026-06-30", "employer", "employer", "2026-07-01", "ed" * 32),
    )
    found = faults(check(browser, path, content))
    assert set(found) == {"B2", "D2", "F2", "C3", "F3", "A4", "A5"}, found
    assert "“requires”" in found["B2"] and "“evidence type”" in found["D2"] and "“evidence window”" in found["F2"]
    assert "typing mistake" in found["A4"] and "No participant" in found["A5"]


def test_what_became_wrong_after_the_check_is_not_imported(bond, browse):
    person = make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    row = (person.code, "level-1", "2026-04-01", "employer", "2026-04-01", DIGEST)
    checked = check(browser, path, csv(CLAIMS, row))
    from tests.factories.outcomes import make_claim

    make_claim(bond, person, "level-1")
    answer = browser.submit(checked)
    assert answer.status_code == 422
    assert "Rule “once only”" in answer.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"PK\x03\x04broken", "damaged"),
        (b"participant;name\nK7P;Jan\n", "No column is called"),
        (b"participant\nK7P-4WXC\n", "is missing"),
        (csv(CLAIMS), "no rows"),
        (csv(CLAIMS, *[("x",) * 6] * 501), "more than 500 rows"),
    ],
)
def test_a_file_that_cannot_be_read(bond, browse, content, told):
    answer = check(browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import", content)
    assert answer.status_code == 422
    assert told in soup(answer).select_one("main").text


@pytest.mark.parametrize(("cohort", "offered"), [((21, 27), ("21-23", "24+")), ((16, 17), ("16-17",))])
def test_a_file_offers_and_takes_the_ages_of_the_cohort_alone(bond, browse, cohort, offered):
    """The help is bought for one cohort (domain, section 3): no other band stands on the page or in the empty file,
    and a cell with one is told which are right; the page that registers one person offers the same."""
    bond.programme.age_from, bond.programme.age_to = cohort
    db.session.commit()
    browser, at = browse(bond.provider), f"/programmes/{bond.programme.id}"
    labels = {one.value: str(one.label) for one in AgeBand}
    right, wrong = [{labels[one] for one in labels if (one in offered) == good} for good in (True, False)]

    def says(text):
        assert all(label in text for label in right) and not any(label in text for label in wrong), text

    says(soup(browser.get_ok(f"{at}/participants/import")).select_one("main").text)
    says(soup(browser.get_ok(f"{at}/participants/register")).select_one("select[name=age_band]").text)
    example = browser.get(f"{at}/import/participants.csv").text.splitlines()[1].split(",")[2]
    assert example in offered
    rows = [("Enschede", band, "2026-02-01", TOLD, "") for band in (*labels, "about 20")]
    found = faults(check(browser, f"{at}/participants/import", csv(PEOPLE, *rows)))
    assert set(found) == {f"B{row}" for row, band in enumerate((*labels, "about 20"), 2) if band not in offered}
    for fault in found.values():
        says(fault)
    done = check(browser, f"{at}/participants/import", csv(PEOPLE, *(row for row in rows if row[1] in offered)))
    assert done.status_code == 200


@pytest.mark.parametrize("kind", ["participants", "claims"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_empty_file_comes_back_without_a_row(bond, browse, kind, ending):
    browser = browse(bond.provider)
    content = browser.get(f"/programmes/{bond.programme.id}/import/{kind}.{ending}").data
    answer = check(browser, f"/programmes/{bond.programme.id}/{kind}/import", content)
    assert "no rows" in answer.text


def test_only_a_provider_imports(bond, browse):
    for path in ("participants/import", "claims/import", "import/claims.csv"):
        for person in (bond.assessor, bond.official, bond.investor):
            assert browse(person).get(f"/programmes/{bond.programme.id}/{path}").status_code == 403


def test_a_municipality_goes_by_its_name_with_or_without_its_office(bond, browse):
    """The example in the empty file says "Enschede"; the organisation may be called "Gemeente Enschede"."""
    bond.enschede.name = "Gemeente Enschede"
    db.session.commit()
    path = f"/programmes/{bond.programme.id}/participants/import"
    rows = [(name, "18-20", "2026-02-01", TOLD, "") for name in ("enschede", "Gemeente Enschede", "Hengelo")]
    assert check(browse(bond.provider), path, csv(PEOPLE, *rows)).status_code == 200
    wrong = check(browse(bond.provider), path, csv(PEOPLE, ("Utrecht", *rows[0][1:])))
    assert wrong.status_code == 422 and "Write one of: Gemeente Enschede, Hengelo." in wrong.text


def test_a_file_of_windows_says_how_it_was_read(bond, browse):
    """Excel saves "CSV" in Windows-1252; whoever imports sees in the dry run that its letters were read so."""
    person = make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    row = (person.code, "level-1", "2026-04-01", "employer", "2026-04-01", DIGEST, "Geïnd met één brief – € 5")
    content = csv((*CLAIMS, "note"), row).decode()
    assert "Windows-1252" not in check(browser, path, content.encode()).text
    checked = check(browser, path, content.encode("cp1252"))
    assert checked.status_code == 200 and "Windows-1252" in checked.text
    browser.submit(checked)
    assert db.session.scalars(db.select(Claim.note)).all() == [row[-1]]


def again(browser, path, content):
    """A file chosen anew: checked, and the answer when it is sent as it is."""
    checked = check(browser, path, content)
    return checked, browser.submit(checked)


def test_the_same_file_chosen_anew_registers_nobody_twice(bond, browse):
    """Another upload, not the same form sent twice: refused by default, with when and by whom it was imported and the
    page that says what became of it. Whoever holds the key says that they are others."""
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/participants/import"
    content = csv(PEOPLE, ("Enschede", "18-20", "2026-02-01", TOLD, ""), ("Hengelo", "16-17", "2026-03-01", TOLD, ""))
    first = browser.submit(check(browser, path, content))
    checked, answer = again(browser, path, content)
    assert checked.status_code == 200
    for page in (checked, answer):
        told = soup(page).select_one("main .notice")
        assert f"{bond.provider.name} imported this very file on" in told.text and "15 November 2026" in told.text
        assert told.select(f"a[href='{first.headers['Location']}']")
        assert "These 2 rows say the same of people who are registered already: 2, 3." in told.text
    assert answer.status_code == 422 and "say that these are others" in soup(answer).select_one("#is_new-error").text
    assert people() == 2 and len(recorded("participant.register")) == 2
    assert browser.submit(answer, {"is_new": "y"}).status_code == 303
    assert people() == 4


def test_a_row_of_another_file_that_says_the_same_is_named(bond, browse):
    """Fields that differ are other people; what another provider registered is not told."""
    other = make_user(make_party(bond.programme, Part.PROVIDER))
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/participants/import"
    one, two = ("Enschede", "18-20", "2026-02-01", TOLD, ""), ("Enschede", "18-20", "2026-02-02", TOLD, "")
    browser.submit(check(browser, path, csv(PEOPLE, one)))
    checked, answer = again(browser, path, csv(PEOPLE, two, one))
    assert "This row says the same of somebody who is registered already: 3." in checked.text
    assert "imported this very file" not in checked.text and answer.status_code == 422
    assert people() == 1
    checked, answer = again(browser, path, csv(PEOPLE, two))
    assert "registered already" not in checked.text and answer.status_code == 303
    checked, answer = again(browse(other), path, csv(PEOPLE, one))
    assert "registered already" not in checked.text and answer.status_code == 303
    assert people() == 3


def test_the_same_file_with_claims_is_refused_also_of_a_number_of_days(app, browse):
    """Days are counted and not once only; of one day of achievement they are claimed once all the same."""
    bond = make_delivery()
    person = make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    row = (person.code, "days", "2026-05-01", "30", "employer", "2026-05-02", "ab" * 32)
    content = csv((*CLAIMS[:3], "quantity", *CLAIMS[3:]), row)
    assert browser.submit(check(browser, path, content)).status_code == 303
    assert check(browser, path, content).status_code == 422
    assert "once only" in str(faults(check(browser, path, content)))
    assert db.session.query(Claim).count() == 1
