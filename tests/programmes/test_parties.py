"""One organisation has one part, and the assessor is independent of everybody else (domain, section 2)."""

import pytest

from app.audit.models import AuditEntry
from app.consortia.states import PartnerState
from app.core.errors import Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, OrganisationKind
from app.programmes.models import Part, Party
from app.programmes.operations import add_party, remove_party
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.consortia import make_consortium
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party


@pytest.fixture
def institute(app):
    return make_organisation(OrganisationKind.ASSESSOR, "Toetsbureau")


def url(programme) -> str:
    return f"/programmes/{programme.id}/parties"


@pytest.mark.parametrize("part", [Part.INTERMEDIARY, Part.ASSESSOR, Part.AUDITOR])
def test_a_party_is_added_and_told(official, programme, browse, part):
    organisation = make_organisation(OrganisationKind(part.value))
    person = make_user(organisation)
    answer = browse(official).post_form(url(programme), {"organisation": str(organisation.id), "part": part.value})
    assert answer.status_code == 303
    assert db.session.scalars(db.select(Party.part).filter_by(organisation_id=organisation.id)).all() == [part]
    assert db.session.scalars(db.select(Notification.address)).all() == [person.email]
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["programme.add_party"]
    assert organisation.name in browse(person).get_ok(f"/programmes/{programme.id}").text


def test_an_assessor_with_another_part_is_refused(official, programme, institute, browse):
    make_party(programme, Part.INTERMEDIARY, institute)
    answer = browse(official).post_form(url(programme), {"organisation": str(institute.id), "part": "assessor"})
    assert answer.status_code == 422
    told = soup(answer).select_one("#organisation-error").text
    assert "Toetsbureau is intermediary in this bond. The assessor must be independent" in told


def test_the_assessor_gets_no_other_part(official, programme, institute):
    make_party(programme, Part.ASSESSOR, institute)
    with pytest.raises(Refused, match="must be independent"):
        add_party(programme, institute, Part.AUDITOR, actor=official)


def test_the_same_party_twice_is_refused(official, programme, institute, browse):
    make_party(programme, Part.ASSESSOR, institute)
    answer = browse(official).post_form(url(programme), {"organisation": str(institute.id), "part": "assessor"})
    assert answer.status_code == 422
    assert "already has a part in this bond: independent assessor" in answer.text


@pytest.mark.parametrize("part", [Part.PROVIDER, Part.INVESTOR, Part.INTERMEDIARY])
def test_an_assessor_that_shares_people_with_a_provider_or_investor_is_refused(official, programme, institute, part):
    other = make_party(programme, part)
    person = make_user(institute)
    db.session.add(Membership(user=person, organisation=other))
    db.session.commit()
    with pytest.raises(Refused, match="member in common"):
        add_party(programme, institute, Part.ASSESSOR, actor=official)


def test_a_provider_that_shares_people_with_the_assessor_is_refused(official, programme, institute):
    make_party(programme, Part.ASSESSOR, institute)
    provider = make_organisation(OrganisationKind.PROVIDER)
    db.session.add(Membership(user=make_user(institute), organisation=provider))
    db.session.commit()
    with pytest.raises(Refused, match="member in common"):
        add_party(programme, provider, Part.PROVIDER, actor=official)


def test_who_was_a_party_of_this_bond_never_assesses_it(official, programme, institute):
    """The part was taken back; that it was held stays in the trail."""
    add_party(programme, institute, Part.INTERMEDIARY, actor=official)
    remove_party(programme, institute, actor=official)
    with pytest.raises(Refused, match="took part in this bond"):
        add_party(programme, institute, Part.ASSESSOR, actor=official)


def test_who_is_tied_to_a_former_party_never_assesses_either(official, programme, institute):
    desk = make_organisation(OrganisationKind.INTERMEDIARY, "Desk")
    db.session.add(Membership(user=make_user(institute), organisation=desk))
    db.session.commit()
    add_party(programme, desk, Part.INTERMEDIARY, actor=official)
    remove_party(programme, desk, actor=official)
    with pytest.raises(Refused, match="member in common"):
        add_party(programme, institute, Part.ASSESSOR, actor=official)


@pytest.mark.parametrize("state", [PartnerState.ACCEPTED, PartnerState.LEFT, PartnerState.RELEASED])
def test_a_partner_of_those_who_want_to_provide_never_assesses(official, programme, institute, state):
    """Also without a part in the bond: whoever plans the work has an interest in its effects."""
    rival = make_organisation(OrganisationKind.PROVIDER, "Rival")
    consortium = make_consortium(make_call(programme), partners=[rival])
    db.session.add(Membership(user=make_user(institute), organisation=rival))
    next(partner for partner in consortium.partners if partner.organisation_id == rival.id).state = state
    db.session.commit()
    with pytest.raises(Refused, match="member in common"):
        add_party(programme, institute, Part.ASSESSOR, actor=official)


def test_an_invitation_that_was_only_sent_ties_nobody(official, programme, institute):
    rival = make_organisation(OrganisationKind.PROVIDER, "Rival")
    consortium = make_consortium(make_call(programme), partners=[rival])
    db.session.add(Membership(user=make_user(institute), organisation=rival))
    next(one for one in consortium.partners if one.organisation_id == rival.id).state = PartnerState.DECLINED
    db.session.commit()
    assert add_party(programme, institute, Part.ASSESSOR, actor=official).part == Part.ASSESSOR


def test_an_investor_without_a_part_yet_counts_by_its_commitment(official, programme, institute):
    round = make_round(programme)
    investor = make_investor(round)
    make_commitment(round, investor, 1_000_000)
    db.session.query(Party).filter_by(organisation_id=investor.organisations[0].id).delete()
    db.session.add(Membership(user=make_user(institute), organisation=investor.organisations[0]))
    db.session.commit()
    with pytest.raises(Refused, match="member in common"):
        add_party(programme, institute, Part.ASSESSOR, actor=official)


def test_only_an_assessor_assesses(official, programme):
    bank = make_organisation(OrganisationKind.INTERMEDIARY, "Bank")
    with pytest.raises(Refused, match="cannot assess"):
        add_party(programme, bank, Part.ASSESSOR, actor=official)


def test_an_organisation_that_nobody_vetted_is_refused(official, programme, browse):
    unknown = make_organisation(OrganisationKind.AUDITOR, "Unknown", vetted_at=None)
    with pytest.raises(Refused, match="not been vetted"):
        add_party(programme, unknown, Part.AUDITOR, actor=official)
    assert "Unknown" not in browse(official).get_ok(url(programme)).text


@pytest.mark.parametrize(("field", "typed"), [("part", "provider"), ("part", "owner"), ("organisation", "x")])
def test_a_part_or_organisation_that_is_not_offered(official, programme, institute, browse, field, typed):
    browser = browse(official)
    good = {"organisation": str(institute.id), "part": "assessor"}
    answer = browser.submit(browser.get_ok(url(programme)), good | {field: typed}, forged=True)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error")
    assert db.session.scalar(db.select(db.func.count()).select_from(Party)) == 1


def test_only_the_leading_municipality(outsider, programme, institute, browse):
    assert browse(outsider).get(url(programme)).status_code == 404
    make_party(programme, Part.ASSESSOR, institute)
    assert browse(make_user(institute)).get(url(programme)).status_code == 403
