"""Each reader judges every file once, blind to the other; then, and only then, the outcome is there for all."""

import uuid
from dataclasses import fields, replace

import pytest
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditEntry, AuditFacts
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.gate import Verdict
from app.pricing.gate_queries import judge_gates
from app.pricing.operations import EffectFacts, TableFacts, draft_table, edit_effect
from app.readers.models import ReaderVerdict
from app.readers.operations import judge_files
from app.readers.states import ReaderTestState
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table


def url(test) -> str:
    return f"/reader-tests/{test.id}/judge"


def answers(test, *yes: int):
    return {file.id: file.position in yes for file in test.files}


def typed(*yes: int):
    return {f"file_{n}": "yes" if n in yes else "no" for n in range(1, 11)}


def verdict(table) -> Verdict:
    return next(gate.verdict for gate in judge_gates(table) if gate.code == "D2")


def test_two_readers_judge_and_the_table_shows_it(reading, effect, official, first, second, browse):
    assert browse(first).post_form(url(reading), typed(1, 2, 3, 4)).status_code == 303
    db.session.refresh(reading)
    assert reading.state == ReaderTestState.READING
    assert browse(second).post_form(url(reading), typed(1, 2, 3, 4, 5)).status_code == 303
    db.session.refresh(reading)
    assert reading.state == ReaderTestState.DONE
    assert (reading.both_yes, reading.first_only, reading.second_only, reading.both_no) == (4, 0, 1, 5)
    page = browse(official).get_ok(f"/reader-tests/{reading.id}").text
    assert "Agreement = (4 + 5) / 10 = 0.90. By chance alone: 0.50." in page
    assert "Kappa = (0.90 - 0.50) / (1 - 0.50) = 0.80." in page
    told = db.session.scalars(db.select(Notification).where(Notification.action == "reader_test.judge")).all()
    assert official.email in {notice.address for notice in told}
    assert "10 files, agreement 90%, kappa 0.80" in browse(official).get_ok(f"/prices/{effect.table_id}/gates").text


def test_nobody_sees_an_answer_before_both_are_done(reading, effect, official, first, second, browse):
    judge_files(reading, answers(reading, 1, 2), actor=first)
    for person in (official, first, second):
        page = soup(browse(person).get_ok(f"/reader-tests/{reading.id}"))
        assert {len(row.select("td")) for row in page.select("tbody tr")} == {1}  # the file, and no verdict
    assert "First reader" not in soup(browse(second).get_ok(url(reading))).select_one("form.form").text
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "reader_test.judge")).one()
    assert db.session.get(AuditFacts, entry.seq).body == {"files": 10}
    assert db.session.scalars(db.select(Notification).where(Notification.action == "reader_test.judge")).all() == []
    assert reading.agreement.files == 0


def test_readers_do_not_know_of_each_other_before_both_have_read(reading, official, first, second, browse):
    address = f"/reader-tests/{reading.id}"
    judge_files(reading, answers(reading, 1, 2), actor=first)
    assert "Second Reader" not in soup(browse(first).get_ok(address)).select_one("main").text
    assert "First Reader" not in soup(browse(second).get_ok(address)).select_one("main").text
    assert "First Reader" in soup(browse(official).get_ok(address)).select_one("main").text
    judge_files(reading, answers(reading, 1, 2), actor=second)
    assert "Second Reader" in soup(browse(first).get_ok(address)).select_one("main").text


def test_a_reader_answers_once(reading, first, browse):
    judge_files(reading, answers(reading, 1), actor=first)
    with pytest.raises(NotNow, match="already"):
        judge_files(reading, answers(reading, 2), actor=first)
    assert browse(first).get(url(reading)).headers["Location"] == f"/reader-tests/{reading.id}"
    assert url(reading) not in browse(first).get_ok("/home").text


def test_every_file_is_judged(reading, first, browse):
    some = typed(1)
    some.pop("file_7")
    answer = browse(first).post_form(url(reading), some)
    assert answer.status_code == 422
    assert "Choose one." in answer.text
    assert soup(answer).select_one("input[name=file_1][value=yes][checked]")  # what was chosen is kept
    with pytest.raises(Refused):
        judge_files(reading, {reading.files[0].id: True}, actor=first)
    assert db.session.scalars(db.select(ReaderVerdict)).all() == []


def test_only_the_two_readers_judge(reading, official, city, browse):
    assert browse(official).get(url(reading)).status_code == 403
    colleague = make_user(city)
    assert browse(colleague).get(url(reading)).status_code == 403
    outsider = make_user(make_organisation())
    assert browse(outsider).get(f"/reader-tests/{reading.id}").status_code == 404


def test_the_database_keeps_a_verdict_as_it_is(reading, first):
    judge_files(reading, answers(reading, 1), actor=first)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.update(ReaderVerdict).values(meets=True))


def test_both_saying_yes_to_all_tests_nothing(reading, effect, first, second):
    everything = range(1, 11)
    judge_files(reading, answers(reading, *everything), actor=first)
    judge_files(reading, answers(reading, *everything), actor=second)
    assert reading.agreement.kappa is None
    assert verdict(effect.table) == Verdict.FAILS
    told = db.session.scalars(db.select(Notification).where(Notification.action == "reader_test.judge")).all()
    assert told and all("so nothing was tested" in notice.body for notice in told)
    assert not any("did not agree" in notice.body for notice in told)


def test_a_test_that_fails_leads_on(reading, effect, official, second, first, browse):
    judge_files(reading, answers(reading, 1, 2, 3), actor=first)
    judge_files(reading, answers(reading, 4, 5, 6), actor=second)
    ways = {f"/prices/{effect.table_id}/gates#gate-D2", f"/effects/{effect.id}/edit#definition"}
    ways.add(f"/effects/{effect.id}/reader-test")
    assert ways <= links(browse(official), reading)
    assert not ways & links(browse(second), reading)  # an auditor sees no draft


def test_a_test_that_passes_leads_back_only(reading, effect, official, first, second, browse):
    for reader in (first, second):
        judge_files(reading, answers(reading, 1, 2, 3, 4, 5), actor=reader)
    found = links(browse(official), reading)
    assert f"/prices/{effect.table_id}/gates#gate-D2" in found
    assert f"/effects/{effect.id}/reader-test" not in found


def links(browser, test):
    return {link["href"] for link in soup(browser.get_ok(f"/reader-tests/{test.id}")).select("main .actions a")}


def test_a_changed_definition_is_untested_again_and_the_old_one_counts_once_more(effect, official):
    facts = EffectFacts(**{field.name: getattr(effect, field.name) for field in fields(EffectFacts)})
    assert verdict(effect.table) == Verdict.PASSES
    edit_effect(effect, replace(facts, definition="Has a contract of at least 24 hours a week."), actor=official)
    assert verdict(effect.table) == Verdict.FAILS
    edit_effect(effect, replace(facts, price_minor=1), actor=official)  # the price defines nothing
    assert verdict(effect.table) == Verdict.PASSES


def test_an_unchanged_definition_carries_over_to_the_next_version(programme, official):
    make_table(programme)
    later = draft_table(programme, TableFacts(cap_contract_minor=1_000), actor=official, once=uuid.uuid4())
    assert verdict(later) == Verdict.PASSES
