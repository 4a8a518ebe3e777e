"""What a consortium covers: life domains in each municipality, skills; what nobody does is named."""

import pytest

from app.consortia.coverage import coverage_of, municipalities_of
from app.consortia.states import PartnerState
from app.core import clock
from app.extensions import db
from app.programmes.models import LifeDomain
from app.proposals.states import ProposalState
from tests.browser import soup
from tests.factories.calls import make_lots, make_provider
from tests.factories.consortia import add_partner, make_consortium, make_parts
from tests.factories.people import make_organisation, make_user
from tests.factories.proposals import make_proposal
from tests.statements import counted


@pytest.fixture
def consortium(app):
    return make_consortium(lead=make_provider("Lead"))


def test_a_domain_counts_where_somebody_works_on_it(consortium):
    enschede, *others = municipalities_of(consortium.call)
    add_partner(
        consortium, make_provider("Homes"), PartnerState.ACCEPTED,
        life_domains=["home"], municipalities=[str(enschede.id)], skills=["housing"],
    )  # fmt: skip
    coverage = coverage_of(consortium)
    cells = dict(coverage.domains)[LifeDomain.HOME]
    assert [[p.organisation.name for p in cell] for cell in cells] == [["Homes"]] + [[]] * len(others)
    missing = dict(coverage.missing_domains)
    assert missing.get(LifeDomain.HOME, []) == others
    assert missing[LifeDomain.SAFETY] == [enschede, *others]
    assert "housing" not in coverage.missing_skills
    assert "debt_help" in coverage.missing_skills


def test_who_left_or_is_only_invited_covers_nothing(consortium):
    place = str(municipalities_of(consortium.call)[0].id)
    for state in (PartnerState.INVITED, PartnerState.LEFT, PartnerState.RELEASED):
        add_partner(consortium, make_provider(), state, life_domains=["care"], municipalities=[place])
    assert all(not cell for cell in dict(coverage_of(consortium).domains)[LifeDomain.CARE])


def test_a_lot_has_its_own_municipalities(app):
    hengelo = make_organisation(name="Hengelo")
    call = make_lots(organisation_ids=[str(hengelo.id)])
    assert coverage_of(make_consortium(call, lot=call.lots[0])).places == [hengelo]


def test_the_page_names_what_is_missing(consortium, browse):
    text = browse(make_user(consortium.lead)).get_ok(f"/consortia/{consortium.id}/coverage").text
    assert f"Safety in {municipalities_of(consortium.call)[0].name}" in text
    assert "debt counselling" in text


def cost(reader, url):
    reader.get_ok(url)
    with counted() as statements:
        reader.get_ok(url)
    return len(statements)


def test_it_costs_the_same_for_two_and_for_twenty_partners(consortium, browse):
    add_partner(consortium, make_provider(), PartnerState.ACCEPTED)
    make_parts(consortium)
    reader = browse(make_user(consortium.lead))
    pages = [f"/consortia/{consortium.id}{path}" for path in ("", "/coverage", "/shares")]
    for_two = [cost(reader, url) for url in pages]
    for _ in range(18):
        add_partner(consortium, make_provider(), PartnerState.ACCEPTED)
    make_parts(consortium)
    assert [cost(reader, url) for url in pages] == for_two
    page = reader.get_ok(pages[1])
    assert "20 %" not in soup(page).text  # five per cent each


def test_after_handing_in_its_people_still_see_what_they_cover(consortium, browse):
    from app.consortia import vault
    from app.consortia.states import ConsortiumState
    from app.core.operation import housekeeping

    make_parts(consortium)
    housekeeping(vault.destroy)(consortium)
    consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    reader = browse(make_user(consortium.lead))
    assert "The shares are sealed with the plan." in reader.get_ok(f"/consortia/{consortium.id}/coverage").text
    assert "The parts are sealed with the plan." in reader.get_ok(f"/consortia/{consortium.id}").text
    with clock.at(consortium.call.deadline):
        assert "Work" in reader.get_ok(f"/consortia/{consortium.id}/coverage").text


def test_what_is_not_sealed_is_said(consortium, browse):
    """Role, domains, places and skills stay in clear columns: whoever writes them knows it, before and after."""
    lead = make_user(consortium.lead)
    assert "are not sealed" in browse(lead).get_ok(f"/consortia/{consortium.id}/part").text
    assert "Not sealed with the plan" not in browse(lead).get_ok(f"/consortia/{consortium.id}/coverage").text
    make_proposal(consortium, state=ProposalState.SUBMITTED)
    assert "Not sealed with the plan" in browse(lead).get_ok(f"/consortia/{consortium.id}/coverage").text
    assert "is not sealed" in browse(lead).get_ok(f"/consortia/{consortium.id}").text
