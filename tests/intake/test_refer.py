"""A municipality refers, the provider screens, somebody starts under the same code (domain, sections 3 and 9)."""

import uuid
from datetime import date

import pytest

from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.intake.models import AgeBand, DeclineReason, Participant, Referral
from app.intake.operations import admit_referral, decline_referral, refer_resident
from app.intake.states import ReferralState
from app.programmes.models import Part
from app.programmes.pseudonym import is_code
from tests.browser import soup
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_delivery, make_participant
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.statements import counted
from tests.told import recorded, told, words_told


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/referrals/make"


def test_from_referral_to_start(bond, path, browse):
    official, provider = browse(bond.neighbour), browse(bond.provider)
    referred = official.post_form(path, {"age_band": "18-20"})
    made = db.session.scalars(db.select(Referral)).unique().one()
    assert is_code(made.code) and made.payer == bond.hengelo
    assert made.code in official.follow(referred).text
    assert told("referral.make") == {bond.provider.email}
    assert made.code not in words_told("referral.make")
    assert recorded("referral.make") == [{"municipality": "Hengelo"}]

    assert provider.get(f"/referrals/{made.id}/start").status_code == 409, "not before the screening"
    assert provider.post_form(f"/referrals/{made.id}/admit").status_code == 303
    form = {"started_on": "2026-11-15", "informed_on": "2026-11-14"}
    assert provider.post_form(f"/referrals/{made.id}/start", form).status_code == 303
    person = db.session.scalars(db.select(Participant)).unique().one()
    assert (person.code, person.payer, person.age_band) == (made.code, bond.hengelo, AgeBand.FROM_18)
    db.session.refresh(made)
    assert made.state == ReferralState.STARTED
    assert provider.get(f"/referrals/{made.id}/start").status_code == 409, "nobody starts twice"


@pytest.mark.parametrize("who", ["provider", "assessor", "intermediary", "investor", "auditor"])
def test_only_a_municipality_of_the_bond_refers(bond, path, browse, who):
    assert browse(getattr(bond, who)).get(path).status_code == 403
    with pytest.raises(NotYours):
        refer_resident(bond.programme, bond.enschede, AgeBand.FROM_18, actor=getattr(bond, who), once=uuid.uuid4())


def test_a_municipality_refers_its_own_residents_only(bond):
    with pytest.raises(NotYours):
        refer_resident(bond.programme, bond.hengelo, AgeBand.FROM_18, actor=bond.official, once=uuid.uuid4())


def test_somebody_of_another_age_is_refused_on_the_field(bond, path, browse):
    browser = browse(bond.official)
    page = browser.get_ok(path)
    assert [one["value"] for one in soup(page).select("#age_band option")] == ["", "16-17", "18-20", "21-23"]
    answer = browser.submit(page, {"age_band": "24+"}, forged=True)
    assert answer.status_code == 422
    with pytest.raises(Refused) as refused:
        refer_resident(bond.programme, bond.enschede, AgeBand.FROM_24, actor=bond.official, once=uuid.uuid4())
    assert refused.value.field == "age_band"
    assert db.session.query(Referral).count() == 0


def test_turned_down_with_a_reason(bond, browse):
    referral = make_referral(bond, bond.hengelo)
    path = f"/referrals/{referral.id}/decline"
    assert browse(bond.provider).post_form(path, {"reason": ""}).status_code == 422
    assert browse(bond.provider).post_form(path, {"reason": "unwilling"}).status_code == 303
    db.session.refresh(referral)
    assert (referral.state, referral.decline_reason) == (ReferralState.DECLINED, DeclineReason.UNWILLING)
    assert told("referral.decline") == {bond.neighbour.email}
    assert recorded("referral.decline") == [{}], "why stands on the row, not in the trail"
    with pytest.raises(NotNow):
        admit_referral(referral, actor=bond.provider)


def test_no_provider_overrules_another(bond, browse):
    """Two have the page open; one finds that the person fits, and the case closes to the other, who would turn down for
    want of a place."""
    other = make_user(make_party(bond.programme, Part.PROVIDER))
    referral = make_referral(bond)
    late = browse(other)
    stale = late.get_ok(f"/referrals/{referral.id}/decline")
    assert browse(bond.provider).post_form(f"/referrals/{referral.id}/admit").status_code == 303
    assert late.submit(stale, {"reason": "no_place"}).status_code == 404
    assert late.submit(stale, {"reason": "no_place", "version": ""}, forged=True).status_code == 404
    db.session.refresh(referral)
    assert (referral.state, referral.taken_up_by) == (ReferralState.ADMITTED, bond.provider.organisations[0])
    assert bond.provider.organisations[0].name in browse(bond.official).get_ok(f"/referrals/{referral.id}").text
    for step in ("", "/decline", "/start"):
        assert late.get(f"/referrals/{referral.id}{step}").status_code == 404
    with pytest.raises(NotYours):
        decline_referral(referral, DeclineReason.NO_PLACE, actor=other)


def test_the_municipality_takes_it_back(bond, browse):
    referral = make_referral(bond)
    assert browse(bond.neighbour).get(f"/referrals/{referral.id}/withdraw").status_code == 404
    assert browse(bond.provider).get(f"/referrals/{referral.id}/withdraw").status_code == 403
    assert browse(bond.official).post_form(f"/referrals/{referral.id}/withdraw").status_code == 303
    with pytest.raises(NotNow):
        decline_referral(referral, DeclineReason.TWICE, actor=bond.provider)


@pytest.mark.parametrize(
    "who, answer",
    [
        ("provider", 200),
        ("assessor", 200),
        ("official", 200),
        ("neighbour", 404),
        ("intermediary", 404),
        ("investor", 404),
        ("auditor", 404),
    ],
)
def test_a_referral_is_for_case_owners_only(bond, browse, who, answer):
    referral = make_referral(bond)
    browser = browse(getattr(bond, who))
    for _ in range(2):
        assert browser.get(f"/referrals/{referral.id}").status_code == answer
    assert len(recorded("referral.read")) == (answer == 200), "each reading is logged, once a day"
    page = browser.get(f"/programmes/{bond.programme.id}/referrals?state=all")
    assert (referral.code in page.text) == (answer == 200)


def test_reading_a_list_of_referrals_alone_is_logged(bond, browse):
    make_referral(bond)
    for _ in range(2):
        browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/referrals")
    assert len(recorded("participant.read")) == 1


@pytest.mark.parametrize("who", ["provider", "official"])
@pytest.mark.parametrize("where", ["referrals?state=all", "intake"])
def test_thirty_rows_cost_no_more_statements_than_one(bond, browse, who, where):
    browser, path = browse(getattr(bond, who)), f"/programmes/{bond.programme.id}/{where}"
    make_referral(bond)
    make_participant(bond)
    browser.get_ok(path)
    with counted() as one:
        browser.get_ok(path)
    for _ in range(29):
        make_referral(bond)
        make_participant(bond)
    with counted() as thirty:
        browser.get_ok(path)
    assert len(thirty) == len(one), "\n".join(thirty)


def test_a_code_is_found_and_a_national_number_is_not_looked_for(bond, browse):
    referral = make_referral(bond)
    path = f"/programmes/{bond.programme.id}/referrals?state=all"
    assert referral.code in browse(bond.provider).get_ok(f"{path}&q={referral.code.lower()}").text
    page = browse(bond.provider).get_ok(f"{path}&q=123456782").text
    assert "123456782" not in page.split("<main")[1]


def test_nobody_starts_before_the_day_of_the_referral(bond, browse):
    way = make_referral(bond, state=ReferralState.ADMITTED, referred_on=date(2026, 11, 10))
    browser, path = browse(bond.provider), f"/referrals/{way.id}/start"
    answer = browser.post_form(path, {"started_on": "2026-11-09", "informed_on": "2026-11-01"})
    assert answer.status_code == 422
    assert "10 November 2026" in soup(answer).select_one("#started_on-error").text
    assert way.participant is None
    assert browser.post_form(path, {"started_on": "2026-11-10", "informed_on": "2026-11-01"}).status_code == 303
