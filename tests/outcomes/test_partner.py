"""A partner of the consortium delivers beside the provider that took somebody in: rows about that person, and what is
claimed for it, are not the partner's. Source: the domain, section 9; GDPR, article 5(1)(b) and (c)."""

import uuid
from datetime import date

import pytest

from app.evidence.models import EvidenceFile
from app.extensions import db
from app.intake.operations import admit_referral
from app.intake.states import ReferralState
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_claim, make_delivery, make_measurement, make_participant, publish
from tests.factories.people import make_user
from tests.factories.programmes import make_party

READ = (
    "/participants/{person}",
    "/claims/{questioned}",
    "/claims/{registered}",
    "/evidence/{file}",
    "/referrals/{way}",
)
DONE = (
    *("/participants/{person}/baseline", "/participants/{person}/pause", "/participants/{person}/exit"),
    *("/participants/{person}/claim", "/participants/{person}/ask-view", "/participants/{person}/clock/start"),
    *("/claims/{registered}/submit", "/claims/{registered}/withdraw", "/claims/{questioned}/answer"),
    *("/claims/{registered}/attach", "/evidence/{file}/remove"),
)


@pytest.fixture
def bond(app):
    return make_delivery(kept_days=730)


@pytest.fixture
def partner(bond):
    return make_user(make_party(bond.programme, Part.PROVIDER))


@pytest.fixture
def theirs(bond):
    """Somebody whom the lead of the consortium took in, and what hangs on that person."""
    way = make_referral(bond, state=ReferralState.STARTED)
    person = make_participant(bond, code=way.code, referral=way)
    registered = make_claim(bond, person, state=ClaimState.REGISTERED)
    questioned = make_claim(bond, person, state=ClaimState.QUESTIONED)
    file = make_file(registered, bond.provider)
    found = {"person": person, "registered": registered, "questioned": questioned, "file": file, "way": way}
    return {name: row.id for name, row in found.items()}


def make_file(claim, by):
    about = {"programme_id": claim.programme_id, "participant_id": claim.participant_id, "claim": claim, "number": 1}
    kept = {"media_type": "application/pdf", "ending": "pdf", "size": 9, "sha256": "a" * 64, "kept_sha256": "b" * 64}
    file = EvidenceFile(**about, **kept, stored_as=uuid.uuid4().hex, kept_by=by, keep_until=date(2030, 1, 1))
    db.session.add(file)
    db.session.commit()
    return file


@pytest.mark.parametrize("page", READ + DONE)
def test_a_partner_finds_no_page_about_somebody_else_s_participant(bond, partner, theirs, browse, page):
    assert browse(partner).get(page.format(**theirs)).status_code == 404
    assert browse(bond.provider).get(page.format(**theirs)).status_code != 404


def test_lists_hold_the_own_people_and_claims_only(bond, partner, theirs, browse):
    own = make_participant(bond, provider=partner.organisations[0])
    claim = make_claim(bond, own, state=ClaimState.REGISTERED)
    other = db.session.get(type(own), theirs["person"]).code
    for page in ("participants", "referrals?state=all", "claims?state=all", "claims?state=registered", "views"):
        text = browse(partner).get_ok(f"/programmes/{bond.programme.id}/{page}").text
        assert other not in text, page
        assert theirs["registered"].hex[:8].upper() not in text, page
    browser = browse(partner)
    assert own.code in browser.get_ok(f"/programmes/{bond.programme.id}/participants").text
    listed = soup(browser.get_ok(f"/programmes/{bond.programme.id}/claims?state=all")).select("main tbody tr")
    assert len(listed) == 1
    assert own.code in listed[0].text
    assert browser.get_ok(f"/claims/{claim.id}").status_code == 200


def test_home_counts_what_the_organisation_itself_hands_in_or_answers(bond, partner, theirs, browse):
    page = browse(partner).get_ok("/home").text
    assert "Claims to hand to the assessor" not in page
    for _ in range(2):
        make_claim(bond, make_participant(bond, provider=partner.organisations[0]), state=ClaimState.REGISTERED)
    assert "Claims to hand to the assessor (2)" in browse(partner).get_ok("/home").text
    assert "Claims to hand to the assessor (1)" in browse(bond.provider).get_ok("/home").text


def test_a_partner_reads_figures_as_other_parties_do(bond, partner, theirs, browse):
    """Two claims are a small number, which the assessor and a provider that took everybody in may know."""
    path = f"/programmes/{bond.programme.id}/delivery"
    make_participant(bond, provider=partner.organisations[0])
    publish(bond)
    read = {who: soup(browse(person).get_ok(path)).select_one("main").text for who, person in people(bond, partner)}
    assert "<5" in read["partner"]
    assert "<5" in read["investor"]
    assert "<5" not in read["assessor"]


def people(bond, partner):
    return {"partner": partner, "investor": bond.investor, "assessor": bond.assessor}.items()


def test_a_provider_that_took_everybody_in_reads_every_figure(bond, partner, theirs, browse):
    assert "<5" not in browse(bond.provider).get_ok(f"/programmes/{bond.programme.id}/delivery").text


def test_a_resident_who_was_referred_is_offered_to_every_provider_until_somebody_starts(bond, partner, browse):
    way = make_referral(bond)
    assert browse(partner).get_ok(f"/referrals/{way.id}").status_code == 200


def test_a_resident_whom_one_provider_took_up_is_closed_to_the_others_at_once(bond, partner, browse):
    """Nobody else needs the code, the age and the municipality any more (GDPR, art. 5(1)(c)), though the start may
    follow weeks later."""
    way = make_referral(bond)
    admit_referral(way, actor=bond.provider)
    for path in (f"/referrals/{way.id}", f"/referrals/{way.id}/decline", f"/referrals/{way.id}/start"):
        assert browse(partner).get(path).status_code == 404, path
    assert way.code not in browse(partner).get_ok(f"/programmes/{bond.programme.id}/referrals?state=all").text
    for who in (bond.provider, bond.official):
        assert browse(who).get_ok(f"/referrals/{way.id}")
    assert way.code in browse(bond.provider).get_ok(f"/programmes/{bond.programme.id}/referrals?state=all").text


def test_measurements_stay_for_all_providers_of_the_bond(bond, partner, browse):
    measured = make_measurement(bond, "work-13w")
    assert browse(partner).get_ok(f"/measurements/{measured.id}").status_code == 200


def test_whoever_takes_the_work_over_reads_on_and_who_handed_it_over_does_not(bond, partner, theirs, browse):
    """A replacement moves `provider_id` (`departures.end_part`)."""
    db.session.get_one(type(make_participant(bond)), theirs["person"]).provider = partner.organisations[0]
    db.session.commit()
    for page in READ[:3]:
        assert browse(partner).get_ok(page.format(**theirs)).status_code == 200
        assert browse(bond.provider).get(page.format(**theirs)).status_code == 404
