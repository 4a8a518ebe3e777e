"""Home of who is new, and what happened lately when ten notices say the same."""

from datetime import timedelta

from app.access.actions import Action
from app.core import clock
from app.extensions import db
from app.notifications.models import MailState, Notification
from app.people.models import OrganisationKind
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.outcomes import make_delivery
from tests.factories.people import make_organisation, make_user


def suggested(browse, user):
    """What home suggests; each must open for this person."""
    links = soup(browse(user).get_ok("/home")).select(".tasks a")
    for link in links:
        assert browse(user).get(link["href"]).status_code == 200, link["href"]
    return [link.text for link in links]


def test_a_new_provider_is_led_to_calls_and_profile(app, browse):
    make_call(committee=False)
    newcomer = make_user(make_organisation(OrganisationKind.PROVIDER, vetted_at=None))
    assert suggested(browse, newcomer) == [
        "Read the open calls",
        "Complete the profile of your organisation",
        "Look round the bonds",
    ]
    assert "Open now: 1." in browse(newcomer).get_ok("/home").text


def test_the_administrator_is_led_to_organisations_and_people(app, browse):
    make_organisation(OrganisationKind.PROVIDER, vetted_at=None)
    admin = make_user(is_admin=True)
    assert "See which organisations are to be vetted" in suggested(browse, admin)
    assert "Draft a programme" not in suggested(browse, admin)


def test_an_official_without_bonds_may_draft_one_and_an_investor_may_not(app, browse):
    assert "Draft a programme" in suggested(browse, make_user(make_organisation()))
    assert suggested(browse, make_user(make_organisation(OrganisationKind.INVESTOR))) == [
        "Complete the profile of your organisation",
        "Look round the bonds",
    ]


def test_who_has_a_bond_gets_no_suggestions(app, browse):
    assert suggested(browse, make_delivery().investor) == []


def notices(user, action, bond, count, age=timedelta(0), read=False):
    for n in range(count):
        notice = Notification(
            user_id=user.id,
            address=user.email,
            programme_id=bond.programme.id,
            action=str(action),
            title=f"{bond.programme.title}: notice {n} of {action}",
            body="Words.",
            path="/programmes/",
            locale="en",
            read_at=clock.now() if read else None,
            mail_state=MailState.SENT,
            created_at=clock.now() - age - timedelta(minutes=n),
        )
        db.session.add(notice)
    db.session.commit()


def lines(browse, user):
    return [
        (" ".join(item.select_one(".timeline__title").text.split()), item.select_one(".timeline__title a")["href"])
        for item in soup(browse(user).get_ok("/home")).select(".timeline li")
    ]


def test_ten_claims_to_verify_are_one_line_that_leads_to_their_list(app, browse):
    bond = make_delivery(title="SIB One")
    notices(bond.assessor, Action.CLAIM_SUBMIT, bond, 10)
    notices(bond.assessor, Action.CLAIM_SUBMIT, bond, 2, age=timedelta(days=40), read=True)
    now, earlier = lines(browse, bond.assessor)
    url = f"/programmes/{bond.programme.id}/claims?state=submitted"
    assert now == ("SIB One: 10 claims to verify new", url)
    assert earlier == ("SIB One: 2 claims to verify", url)
    assert browse(bond.assessor).get(url).status_code == 200


def test_other_notices_of_one_kind_lead_to_their_own_part_of_the_inbox(app, browse):
    bond, other = make_delivery(title="SIB One"), make_delivery(title="SIB Two")
    notices(bond.investor, Action.CALL_PUBLISH, bond, 3)
    notices(bond.investor, Action.TABLE_PUBLISH, bond, 1)
    page = soup(browse(bond.investor).get_ok("/home"))
    more = page.select_one('.timeline a[href*="like="]')
    assert more.text == "2 more like this"
    part = soup(browse(bond.investor).get_ok(more["href"]))
    assert len(part.select(".timeline li")) == 3 and "table.publish" not in part.text
    assert browse(other.investor).get(more["href"]).status_code == 404  # notices are for their reader alone
