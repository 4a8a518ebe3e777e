"""Who reads what of a settlement, and when: nobody outside the intermediary before its second person has checked it,
and a partner of the consortium no more than the other parties. Source: the domain, sections 7 and 9."""

from datetime import date

import pytest

from app.programmes.models import Part
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_participant, make_signed_off
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement, statement_of

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def partner(bond):
    """A second service provider of the bond, that took one person in itself."""
    found = make_user(make_party(bond.programme, Part.PROVIDER))
    make_claim(bond, make_participant(bond, provider=found.organisations[0]))
    return found


def settle(bond, **steps):
    for _ in range(6):
        make_signed_off(bond, bond.enschede)
    for _ in range(2):
        make_signed_off(bond, bond.hengelo)
    return make_settlement(bond, JUNE, **steps)


@pytest.mark.parametrize("who", ["auditor", "official", "provider"])
def test_nobody_outside_the_intermediary_reads_a_settlement_before_it_is_checked(bond, browse, who):
    settlement = settle(bond)
    statement = statement_of(settlement, bond.hengelo)
    browser = browse(getattr(bond, who))
    for page in (f"/settlements/{settlement.id}", f"/statements/{statement.id}"):
        assert browser.get(page).status_code == 404, page
    listed = soup(browser.get_ok(f"/programmes/{bond.programme.id}/settlements")).select_one("main").text
    assert "Settlement 1" not in listed
    assert "€" not in listed
    desk = browse(bond.intermediary)
    assert "Settlement 1" in desk.get_ok(f"/programmes/{bond.programme.id}/settlements").text
    assert desk.get_ok(f"/statements/{statement.id}").status_code == 200


def test_the_auditor_reads_it_once_it_is_checked(bond, browse):
    settlement = settle(bond, checked=True)
    browser = browse(bond.auditor)
    assert "Settlement 1" in browser.get_ok(f"/programmes/{bond.programme.id}/settlements").text
    assert browser.get_ok(f"/statements/{statement_of(settlement, bond.hengelo).id}").status_code == 200


def test_a_partner_reads_no_exact_count_or_amount_of_the_others_people(bond, partner, browse):
    """Two effects for Hengelo are the lead's: 4,000.00 would tell them, and so would 16,000.00 less 12,000.00."""
    settlement = settle(bond, checked=True)
    browser = browse(partner)
    for page in (f"/settlements/{settlement.id}", f"/programmes/{bond.programme.id}/settlements"):
        text = soup(browser.get_ok(page)).select_one("main").text
        for told in ("€4,000.00", "€12,000.00", "€16,000.00"):
            assert told not in text, page
    assert "Line by line" not in browser.get_ok(f"/settlements/{settlement.id}").text
    assert "€16,000.00" in browse(bond.intermediary).get_ok(f"/settlements/{settlement.id}").text


def test_a_partner_reads_its_own_lines(bond, partner, browse):
    own = make_signed_off(bond, bond.enschede)
    own.participant.provider = partner.organisations[0]
    settlement = settle(bond, checked=True)
    page = browse(partner).get_ok(f"/settlements/{settlement.id}").text
    assert own.number in page
    assert page.count('href="/claims/') == 1
