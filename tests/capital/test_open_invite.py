"""Inviting investors and opening the round: invited organisations only, told in their language (domain 3.3)."""

import pytest

from app.capital.operations import invite_investor, open_round
from app.capital.states import RoundState
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.models import Part, Party
from tests.factories.capital import make_investor, make_round
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party


@pytest.fixture
def round(app):
    made = make_round(state=RoundState.DRAFT)
    make_table(made.programme)
    return made


@pytest.fixture
def treasurer(round):
    return make_user(make_party(round.programme, Part.INTERMEDIARY))


def test_the_intermediary_makes_an_investor_a_party(round, treasurer, browse):
    fund = make_organisation(OrganisationKind.INVESTOR, "Fonds")
    answer = browse(treasurer).post_form(f"/rounds/{round.id}/invite", {"organisation": str(fund.id)})
    assert answer.status_code == 303
    assert db.session.scalars(db.select(Party.part).where(Party.organisation_id == fund.id)).one() == Part.INVESTOR


def test_an_invited_investor_sees_the_round_only_when_it_is_open(round, treasurer, browse):
    investor = make_investor(round)
    assert browse(investor).get(f"/rounds/{round.id}").status_code == 404
    assert browse(treasurer).post_form(f"/rounds/{round.id}/open").status_code == 303
    db.session.refresh(round)
    assert round.state == RoundState.OPEN
    told = db.session.scalars(db.select(Notification).where(Notification.user_id == investor.id)).one()
    assert round.programme.title in told.title and told.path == f"/rounds/{round.id}"
    page = browse(investor).get_ok(f"/rounds/{round.id}")
    assert "no public offering" in page.text


def test_who_is_invited_to_an_open_round_hears_it_at_once(round, treasurer):
    open_round(round, actor=treasurer)
    fund = make_organisation(OrganisationKind.INVESTOR)
    person = make_user(fund)
    invite_investor(round, fund, actor=treasurer)
    assert db.session.scalars(db.select(Notification).where(Notification.user_id == person.id)).one()


def test_an_organisation_has_one_part(round, treasurer):
    provider = make_party(round.programme, Part.PROVIDER)
    unvetted = make_organisation(OrganisationKind.INVESTOR, vetted_at=None)
    for organisation in (provider, unvetted, make_investor(round).organisations[0]):
        with pytest.raises(Refused):
            invite_investor(round, organisation, actor=treasurer)


def test_no_round_opens_without_a_published_price_table(app):
    bare = make_round(state=RoundState.DRAFT)
    with pytest.raises(Refused, match="price table"):
        open_round(bare, actor=make_user(bare.programme.lead))


def test_a_round_opens_once(round, treasurer):
    open_round(round, actor=treasurer)
    with pytest.raises(NotNow):
        open_round(round, actor=treasurer)


def test_investors_and_outsiders_do_not_prepare(round, browse):
    investor = make_investor(round)
    round.state = RoundState.OPEN
    db.session.commit()
    for verb in ("open", "invite", "close"):
        assert browse(investor).get(f"/rounds/{round.id}/{verb}").status_code == 403
        assert browse(make_user(make_organisation())).get(f"/rounds/{round.id}/{verb}").status_code == 404
