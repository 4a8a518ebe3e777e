"""In a municipality rows about residents are for who follows them, not for everybody: a personal right that a manager
gives. Source: the domain, section 9; GDPR, article 5(1)(b) and (c)."""

import pytest

from app.access.actions import Action
from app.audit.models import AuditEntry
from app.extensions import db
from app.notifications.models import Notification
from app.outcomes.states import ClaimState
from app.people.models import OrganisationKind
from tests.factories.intake import make_referral
from tests.factories.outcomes import make_claim, make_delivery, make_participant, make_signed_off
from tests.factories.people import make_organisation, make_user


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def scorer(bond):
    """A colleague in Enschede who scores tenders and follows nobody."""
    found = make_user(bond.enschede, "Wim Scholten")
    works = found.memberships[0]
    works.is_case_owner = works.is_manager = False
    db.session.commit()
    return found


@pytest.fixture
def resident(bond):
    way = make_referral(bond)
    person = make_participant(bond, code="9J2-6TM8", payer=bond.enschede)
    claim = make_claim(bond, person, state=ClaimState.SUBMITTED)
    return {"way": way.id, "person": person.id, "claim": claim.id, "bond": bond.programme.id}


ROWS = ("/participants/{person}", "/claims/{claim}", "/referrals/{way}")
LISTS = tuple(f"/programmes/{{bond}}/{name}" for name in ("participants", "claims", "referrals", "views"))


@pytest.mark.parametrize("path", ROWS + LISTS)
def test_who_does_not_follow_residents_reads_no_row_about_them(bond, scorer, resident, browse, path):
    assert browse(scorer).get(path.format(**resident)).status_code in (403, 404)
    assert browse(bond.official).get(path.format(**resident)).status_code == 200


def test_the_neighbour_s_case_owner_reads_none_of_them(bond, resident, browse):
    for path in ROWS:
        assert browse(bond.neighbour).get(path.format(**resident)).status_code == 404


def test_numbers_of_the_own_municipality_stay_for_everybody_there(bond, scorer, resident, browse):
    assert browse(scorer).get_ok(f"/programmes/{bond.programme.id}/delivery").status_code == 200


def test_only_a_case_owner_refers_a_resident(bond, scorer, browse):
    path = f"/programmes/{bond.programme.id}/referrals/make"
    assert browse(scorer).get(path).status_code == 403
    assert browse(bond.official).get(path).status_code == 200


def test_only_a_case_owner_appeals_about_a_claim_of_a_resident(bond, scorer, browse):
    claim = make_signed_off(bond, bond.enschede)
    assert browse(scorer).get(f"/claims/{claim.id}/appeal").status_code in (403, 404)


def test_notices_about_residents_go_to_case_owners(bond, scorer):
    from app.intake.notices import tell_exited

    tell_exited(make_participant(bond, payer=bond.enschede))
    db.session.commit()
    told = set(db.session.scalars(db.select(Notification.user_id).filter_by(action=str(Action.PARTICIPANT_EXIT))))
    assert bond.official.id in told
    assert scorer.id not in told


def test_a_manager_gives_the_right_and_takes_it_back(bond, scorer, resident, browse):
    page, base = f"/participants/{resident['person']}", f"/organisations/{bond.enschede.id}/members/{scorer.id}"
    assert "Let follow residents" in browse(bond.official).get_ok(f"/organisations/{bond.enschede.id}").text
    assert browse(bond.official).post_form(f"{base}/name-case-owner", {}).status_code == 303
    db.session.expire_all()
    assert browse(scorer).get(page).status_code == 200
    assert "follows residents" in browse(bond.official).get_ok(f"/organisations/{bond.enschede.id}").text
    kept = db.session.scalars(db.select(AuditEntry).filter_by(action=str(Action.CASE_OWNER_NAME))).one()
    assert kept.facts.body["member"] == str(scorer.id)
    told = set(db.session.scalars(db.select(Notification.user_id).filter_by(action=str(Action.CASE_OWNER_NAME))))
    assert {scorer.id, bond.official.id} <= told
    assert browse(bond.official).post_form(f"{base}/release-case-owner", {}).status_code == 303
    db.session.expire_all()
    assert browse(scorer).get(page).status_code == 404
    assert browse(bond.official).post_form(f"{base}/release-case-owner", {}).status_code == 409


def test_nobody_else_gives_it(bond, scorer, browse):
    path = f"/organisations/{bond.enschede.id}/members/{scorer.id}/name-case-owner"
    admin = make_user(is_admin=True)
    for who in (scorer, bond.neighbour, bond.intermediary, admin):
        assert browse(who).get(path).status_code in (403, 404)


def test_an_organisation_without_residents_names_none(bond, browse):
    works = make_organisation(OrganisationKind.PROVIDER)
    manager = make_user(works)
    path = f"/organisations/{works.id}/members/{manager.id}/name-case-owner"
    assert browse(manager).get(path).status_code == 404


def test_a_municipality_in_which_nobody_follows_residents_is_told(bond, browse):
    for one in bond.enschede.memberships:
        one.is_case_owner = False
    db.session.commit()
    assert "Nobody follows residents" in browse(bond.official).get_ok(f"/organisations/{bond.enschede.id}").text
