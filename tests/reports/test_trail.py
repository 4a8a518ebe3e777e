"""The auditor searches the trail by noun, party and period, and takes what it finds along."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.audit.models import AuditEntry
from app.audit.trail import verify
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.programmes.models import Programme
from app.reports.trail import NOUNS, TOLD_OF_PEOPLE, Asked, about_people, as_csv, facts_of, trail_of
from tests.browser import soup
from tests.conftest import browser_of
from tests.statements import counted
from tests.world import person


@pytest.fixture
def bond(world):
    found = select(Programme).where(Programme.title == "SIB Jongvolwassenen Enschede en Hengelo")
    return db.session.scalars(found).unique().one()


@pytest.fixture
def auditor(world):
    browser = browser_of(world, person("auditor"))
    browser.get("/language/en")
    return browser


def entries(bond, **asked):
    return db.session.execute(trail_of(bond, Asked(**asked))).all()


def codes_on(page):
    return {code.text for code in soup(page).select("main table code")}


def test_every_act_stands_in_words_with_its_code(auditor, bond):
    page = auditor.get_ok(f"/programmes/{bond.id}/trail?group=capital_call")
    assert codes_on(page) and all(code.startswith("capital_call.") for code in codes_on(page))
    assert str(Action.CAPITAL_CALL_APPROVE.label) in page.text


def test_every_noun_has_a_word():
    assert {str(action).split(".")[0] for action in Action} <= set(NOUNS)


def test_a_noun_that_ends_alike_is_another(bond):
    """A call for consortia is no capital call: the whole first half of the code counts."""
    assert {entry.action.split(".")[0] for entry in entries(bond, group="call")} == {"call"}


def test_by_party(auditor, bond):
    """All acts of one organisation's people, and of nobody else."""
    firm = person("assessor").organisations[0]
    found = entries(bond, party=firm.id)
    assert found and {entry.actor for entry in found} <= {member.name for member in firm.people()}
    page = auditor.get_ok(f"/programmes/{bond.id}/trail?party={firm.id}&group=batch")
    assert codes_on(page) == {"batch.prepare", "batch.counter_sign", "batch.sign_off"}
    assert soup(page).select_one("#party option[selected]").text == firm.name


def test_by_period_both_days_included(bond):
    """The days are those of the parties, not of UTC: an act just before midnight is of that day."""
    whole = entries(bond)
    days = sorted({entry.at.astimezone(clock.LOCAL).date() for entry in whole})
    first, last = days[1], days[-2]
    found = entries(bond, since=first, until=last)
    expected = [entry.seq for entry in whole if first <= entry.at.astimezone(clock.LOCAL).date() <= last]
    assert [entry.seq for entry in found] == expected and len(expected) < len(whole)
    assert not entries(bond, since=last, until=first)
    assert len(entries(bond, until=date.max)) == len(whole)


def test_a_day_that_is_none_is_named(auditor, bond):
    page = auditor.get_ok(f"/programmes/{bond.id}/trail?since=31-12-2020&party=nobody&group=nothing")
    assert "“31-12-2020” is not a day" in page.text
    assert codes_on(page), "what could not be read was left out"
    far = clock.today() + timedelta(days=400)
    assert "No act found" in auditor.get_ok(f"/programmes/{bond.id}/trail?since={far}").text


def test_the_choice_goes_along_to_the_next_page(auditor, bond):
    page = soup(auditor.get_ok(f"/programmes/{bond.id}/trail?group=claim&until={clock.today()}"))
    following = page.select_one(".pagination a[rel=next]")["href"]
    assert "group=claim" in following and "until=" in following
    assert all(code.startswith("claim.") for code in codes_on(auditor.get_ok(following)))


def test_it_is_cut_in_the_database(auditor, bond):
    with counted() as few:
        auditor.get_ok(f"/programmes/{bond.id}/trail?group=batch")
    with counted() as many:
        auditor.get_ok(f"/programmes/{bond.id}/trail")
    assert len(many) == len(few)


def test_the_export_holds_what_the_filter_shows(auditor, bond):
    answer = auditor.get(f"/programmes/{bond.id}/trail.csv?group=claim")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["entry"]) for row in rows] == [entry.seq for entry in entries(bond, group="claim")]
    hashes = dict(db.session.execute(select(AuditEntry.seq, AuditEntry.hash)).all())
    assert all(row["hash"] == hashes[int(row["entry"])] for row in rows)


def test_only_the_auditor_takes_it_along(world, bond):
    for name in ("government", "investor", "intermediary", "admin", "provider"):
        assert browser_of(world, person(name)).get(f"/programmes/{bond.id}/trail.csv").status_code == 403


def test_a_name_is_no_formula(world, bond):
    """A spreadsheet runs a cell that begins with = + - or @ (OWASP, CSV injection)."""
    who = person("government")

    @operation
    def rename():
        who.name = "=HYPERLINK(1)"
        record(Action.PROGRAMME_EDIT, bond, who)

    rename()
    text = "".join(as_csv(entries(bond, group="programme")))
    assert "'=HYPERLINK(1)" in text and ",=HYPERLINK" not in text


def test_the_trail_tells_no_day_number_or_fingerprint_of_a_person(auditor, world, bond):
    """The auditor reads no rows (GDPR, art. 5(1)(c)): who began on a day known to a partner, or whose file has a known
    fingerprint, would be found in the trail by it. The hash of the entry stays, so that the chain can be proven."""
    provider, assessor = person("provider"), person("assessor")
    claims = Claim.visible_to(assessor).where(Claim.programme_id == bond.id, Claim.state == ClaimState.SUBMITTED)
    claim = db.session.scalars(claims).unique().first()
    _write(claim.participant, Action.CLOCK_START, provider, chain="home", started_on="1999-01-31")
    _write(claim.participant, Action.CLOCK_STOP, provider, chain="home", stopped_on="1999-02-03")
    _write(claim.participant, Action.PARTICIPANT_EXIT, provider, reason="moved_away")
    _write(claim, Action.CLAIM_READ, assessor, effect="K1", evidence="f" * 64, claim=claim.number, anything="new")
    page = auditor.get_ok(f"/programmes/{bond.id}/trail").text
    whole = auditor.get(f"/programmes/{bond.id}/trail.csv").text
    days = "1999-01-31", "1999-02-03"
    for hidden in ("started on", "stopped on", *days, "moved_away", "f" * 64, claim.number, "anything"):
        assert hidden not in page and hidden not in whole, hidden
    assert "chain: home" in page and "effect: K1" in page
    assert all(row["hash"] for row in csv.DictReader(io.StringIO(whole))) and list(verify()) == []


def _write(subject, action, actor, **facts):
    operation(lambda: record(action, subject, actor, **facts))()


def test_no_entry_about_a_person_tells_more_than_the_list(bond):
    """The rule is by the kind of subject, and not by the act: an act that is added tomorrow is guarded too."""
    assert {"Participant", "Claim", "EvidenceFile", "Referral", "Judgement", "Appeal", "View"} <= about_people()
    assert not {"Docket", "Batch", "Measurement", "Programme", "Settlement", "Intake"} & about_people()
    found = [entry for entry in entries(bond) if entry.subject_type in about_people()]
    assert {name for entry in found for name in facts_of(entry)} <= TOLD_OF_PEOPLE
    told = [name for entry in found for name in entry.body or {}]
    assert "evidence" in told and "sha256" in told, "the demonstration has entries that would tell"


def test_codes_and_numbers_of_claims_stand_nowhere_in_the_trail(auditor, bond):
    whole = auditor.get(f"/programmes/{bond.id}/trail.csv").text
    said = " ".join(row["facts"] for row in csv.DictReader(io.StringIO(whole)))
    for claim in db.session.scalars(select(Claim).where(Claim.programme_id == bond.id)).unique():
        assert claim.number not in said and claim.participant.code not in said
        assert claim.evidence_digest not in said
