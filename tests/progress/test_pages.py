"""The page of progress for each reader: small numbers hidden as everywhere, and as many statements for many rows."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.models import OrganisationKind
from app.progress.guarding import look_after
from app.progress.operations import add_milestone, propose_action
from tests.browser import soup
from tests.factories.outcomes import make_batch, make_claim, make_participant
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme
from tests.progress.conftest import TODAY
from tests.statements import counted


def path(bond):
    return f"/programmes/{bond.programme.id}/progress"


@pytest.mark.parametrize(
    "who", ["investor", "provider", "assessor", "official", "neighbour", "intermediary", "auditor"]
)
def test_every_party_reads_it(bond, browse, who):
    make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)
    look_after(bond.programme)
    page = browse(getattr(bond, who)).get_ok(path(bond)).text
    assert "Effects up to 30 June 2026 are settled" in page and "Early warnings" in page


def test_strangers_do_not(bond, browse):
    stranger = browse(make_user(make_organisation(OrganisationKind.INVESTOR)))
    assert stranger.get(path(bond)).status_code == 403
    assert "/login" in browse().get(path(bond)).headers["Location"]


def test_before_the_agreement_there_is_nothing_to_guard(app, browse):
    programme = make_programme()
    page = browse(make_user(programme.lead)).get_ok(f"/programmes/{programme.id}/progress").text
    assert "Nothing to guard yet" in page


def test_small_numbers_are_for_those_who_may_know_them(bond, browse):
    """Three of Hengelo started and are proven: the provider reads 3, the investor reads that it is fewer than 5."""
    for _ in range(3):
        make_claim(bond, make_participant(bond, bond.hengelo), state=ClaimState.VERIFIED)
    make_batch(bond)
    for who, reads in (("provider", {"3"}), ("investor", {"0", "<5fewer than 5", "hidden"})):
        page = soup(browse(getattr(bond, who)).get_ok(path(bond)))
        shown = {mark.text for mark in page.select("[data-figure]")}
        assert "3" in shown if who == "provider" else shown <= reads, shown
        drawn = {text.text for text in page.select("svg text.soft-text")}
        assert ("3" in drawn) == (who == "provider")


def test_a_warning_names_who_was_told_and_only_readers_see_it(bond, browse):
    make_claim(bond, submitted_at=clock.now() - timedelta(days=31))
    assert "within the hour" in browse(bond.assessor).get_ok(path(bond)).text
    look_after(bond.programme)
    page = browse(bond.assessor).get_ok(path(bond)).text
    assert "Claims wait too long" in page and bond.assessor.organisations[0].name in page
    assert "Claims wait too long" not in browse(bond.investor).get_ok(path(bond)).text
    assert "were filled" in browse(bond.official).get_ok(path(bond)).text
    assert "were filled" not in browse(bond.intermediary).get_ok(path(bond)).text, "a small number of Enschede"


def test_as_many_statements_for_many_rows(bond, browse):
    def fill(count):
        for n in range(count):
            day = TODAY + timedelta(days=20 + n)
            once = uuid.uuid4(), uuid.uuid4()
            owner = bond.provider_organisation
            add_milestone(bond.programme, f"M{n}", owner, day, actor=bond.intermediary, once=once[0])
            propose_action(bond.programme, f"A{n}", owner, day, actor=bond.intermediary, once=once[1])
        look_after(bond.programme)

    browser = browse(bond.intermediary)
    fill(1)
    browser.get_ok(path(bond))
    with counted() as few:
        browser.get_ok(path(bond))
    fill(8)
    with counted() as many:
        browser.get_ok(path(bond))
    assert len(many) == len(few), "\n".join(sorted(set(many) - set(few)))


def test_what_waits_at_home(bond, browse):
    """An action to agree to; a milestone on its day, and not the day before."""
    owner = bond.provider_organisation
    propose_action(bond.programme, "More", owner, TODAY, actor=bond.intermediary, once=uuid.uuid4())
    add_milestone(bond.programme, "Start", owner, TODAY + timedelta(days=1), actor=bond.intermediary, once=uuid.uuid4())
    page = browse(bond.provider).get_ok("/home").text
    assert "Agree to an action" in page and "Meet a milestone" not in page
    assert "Agree to an action" not in browse(bond.official).get_ok("/home").text
    with clock.at(clock.local(TODAY + timedelta(days=1), 12)):
        assert "Meet a milestone" in browse(bond.provider).get_ok("/home").text
    db.session.remove()
