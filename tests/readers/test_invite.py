"""Two people who did not write what they read and gain nothing by how they read it."""

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, OrganisationKind
from app.pricing.operations import move_effect
from app.programmes.models import Part
from app.readers.operations import invite_readers
from app.readers.states import ReaderTestState
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party


def url(test) -> str:
    return f"/reader-tests/{test.id}/invite"


def test_both_are_asked_and_find_it_on_their_home_page(drafted, official, first, second, browse):
    typed = {"first": first.email.upper(), "second": second.email}
    assert browse(official).post_form(url(drafted), typed).status_code == 303
    db.session.refresh(drafted)
    assert (drafted.state, drafted.reader_ids) == (ReaderTestState.READING, (first.id, second.id))
    told = db.session.scalars(db.select(Notification)).all()
    assert {(n.address, n.path) for n in told} == {(r.email, f"/reader-tests/{drafted.id}") for r in (first, second)}
    for reader in (first, second):
        assert f"/reader-tests/{drafted.id}/judge" in browse(reader).get_ok("/home").text
    assert f"/reader-tests/{drafted.id}/judge" not in browse(official).get_ok("/home").text
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "reader_test.invite")).one()
    assert db.session.get(AuditFacts, entry.seq).body["readers"] == [str(first.id), str(second.id)]


def test_it_takes_two_people(drafted, official, first):
    with pytest.raises(Refused, match="two people"):
        invite_readers(drafted, first.email, first.email, actor=official)


def test_who_wrote_the_files_does_not_read_them(drafted, official, first):
    with pytest.raises(Refused, match="knows what was meant"):
        invite_readers(drafted, first.email, official.email, actor=official)


def test_who_touched_the_table_does_not_read(drafted, effect, official, first, second, browse):
    move_effect(effect, up=True, actor=first)
    answer = browse(official).post_form(url(drafted), {"first": first.email, "second": second.email})
    assert answer.status_code == 422
    assert "First Reader wrote the prices or the files" in answer.text
    assert second.email in answer.text


@pytest.mark.parametrize("part", [Part.PROVIDER, Part.INVESTOR])
def test_who_gains_by_the_effect_does_not_read(drafted, programme, official, first, part):
    interested = make_user(make_party(programme, part))
    with pytest.raises(Refused, match="Nobody with this address may read"):
        invite_readers(drafted, first.email, interested.email, actor=official)


@pytest.mark.parametrize("kind", [OrganisationKind.PROVIDER, OrganisationKind.INVESTOR])
def test_who_may_bid_on_the_bond_later_does_not_see_its_prices_early(drafted, official, first, kind, browse):
    """Of no party of this bond yet, and member of an assessor too."""
    rival = make_user(make_organisation(OrganisationKind.ASSESSOR), name="Rival Reader")
    db.session.add(Membership(user=rival, organisation=make_organisation(kind)))
    db.session.commit()
    answer = browse(official).post_form(url(drafted), {"first": first.email, "second": rival.email})
    assert answer.status_code == 422
    assert "Nobody with this address may read" in answer.text
    assert "Rival Reader" not in answer.text, "an address does not bring out whose it is"
    assert drafted.reader_ids == (None, None)


def test_an_unknown_a_blocked_and_an_unvetted_person_are_refused_alike(drafted, official, first):
    blocked = make_user(make_organisation(), active=False)
    unvetted = make_user(make_organisation(OrganisationKind.ASSESSOR, vetted_at=None))
    for address in (blocked.email, unvetted.email, "nobody@test.example"):
        with pytest.raises(Refused, match="Nobody with this address may read"):
            invite_readers(drafted, first.email, address, actor=official)


def test_somebody_of_another_vetted_organisation_may(drafted, official, first):
    other = make_user(make_organisation(OrganisationKind.ASSESSOR))
    invite_readers(drafted, first.email, other.email, actor=official)
    assert drafted.second_reader_id == other.id


def test_not_twice(reading, official, first, second, browse):
    assert browse(official).get(url(reading)).status_code == 409
    with pytest.raises(NotNow):
        invite_readers(reading, first.email, second.email, actor=official)


def test_a_reader_invites_nobody(reading, second, browse):
    assert browse(second).get(url(reading)).status_code == 403
