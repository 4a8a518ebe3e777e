"""What the text for the impact assessment says of who reads what is so (GDPR, article 35(7)); and nothing is passed on
by a provider that leaves before its last day."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.agreements.models import AgreementParty
from app.core import clock
from app.extensions import db
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from app.settlement.invoice_models import Invoice
from tests.browser import soup
from tests.factories.outcomes import START, make_claim, make_delivery, make_participant, make_signed_off, publish
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement


@pytest.fixture
def bond(app):
    return make_delivery()


def text_of(browser, path):
    return soup(browser.get_ok(path)).select_one("main").get_text(" ", strip=True)


def test_the_text_names_every_role_that_reads_more_and_what(bond, browse):
    official = text_of(browse(bond.official), f"/programmes/{bond.programme.id}/intake/open")
    for said in (
        "The intermediary reads how many effects of each kind a settlement counts for each municipality",
        "It reads no number of a claim, no code and no day",
        "by who follows its residents",
        "The auditor reads, once a second person has checked a settlement",
        "The auditor reads the trail",
        "Every service provider of a bond reads what is measured for a cohort",
        "An investor reads its own exact cash",
        "published once a month, and once when the bond is closed",
        "Pages tell the totals of the bond first",
        "with the published prices that may tell of which kind they were",
        "of one kind or one municipality it may be fewer than five",
    ):
        assert said in official, said


def test_what_is_said_of_intermediary_and_auditor_is_so_and_nobody_else_reads_it(bond, browse):
    """Two effects of 2,000.00: 4,000.00 tells the two. Provider and assessor see the rows; the neighbour nothing."""
    claims = [make_signed_off(bond, bond.enschede) for _ in range(2)]
    settlement = make_settlement(bond, START + timedelta(days=180), approved=True)
    publish(bond)
    page = f"/settlements/{settlement.id}"
    desk, auditor = text_of(browse(bond.intermediary), page), text_of(browse(bond.auditor), page)
    assert "€4,000.00" in desk and claims[0].number not in desk and claims[0].participant.code not in desk
    assert "4,000.00" in auditor and claims[0].number not in auditor
    assert "4,000.00" not in text_of(browse(bond.neighbour), page)
    for person, room in ((bond.investor, "holding"), (bond.investor, "delivery"), (None, "results")):
        assert "4,000.00" not in text_of(browse(person), f"/programmes/{bond.programme.id}/{room}")
    said = db.session.scalars(select(Invoice).filter_by(statement_id=settlement.statements[0].id)).first().content
    assert said["rows"][0][1] == "2", "an invoice names the number (Directive 2006/112/EC, art. 226(6))"


def test_the_trail_tells_no_code(bond, browse):
    person = make_participant(bond)
    make_claim(bond, person, state=ClaimState.REGISTERED)
    assert person.code not in text_of(browse(bond.auditor), f"/programmes/{bond.programme.id}/trail")


def test_the_page_and_the_homes_say_who_passes_people_on_and_when(bond, browse):
    """The portal itself does, on the day after the last one (agreements.departures.end_part)."""
    successor = make_user(make_party(bond.programme, Part.PROVIDER))
    person = make_participant(bond)
    path = f"/programmes/{bond.programme.id}/participants"
    assert "leaves this bond" not in text_of(browse(successor), path)
    last = clock.today() + timedelta(days=3)
    left = {"left_on": last, "successor": successor.organisations[0], "part": Part.PROVIDER}
    db.session.add(AgreementParty(agreement=bond.agreement, organisation=person.provider, **left))
    db.session.commit()
    for reader in (successor, bond.provider, bond.official):
        said = text_of(browse(reader), path)
        assert f"{person.provider.name} leaves this bond" in said
        assert f"the portal itself passes them on to {successor.organisations[0].name}" in said
        assert "A service provider leaves" in text_of(browse(reader), "/home")
    assert person.code not in text_of(browse(successor), path)
    assert "A service provider leaves" not in text_of(browse(bond.neighbour), "/home")
