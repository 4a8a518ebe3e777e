"""Care worker, participant or youth judge give the unpriced indicator through a link, without an account (gate D9)."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.intake.models import ExitReason, View
from app.intake.operations import exit_participant
from app.intake.states import ViewState
from app.intake.views import TERM, ask_view, find_view, give_view
from app.pricing.models import CompanionView
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_participant
from tests.told import recorded, told


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def person(bond):
    return make_participant(bond)


def ask(bond, person):
    effect = bond.effect("work-13w")
    token = ask_view(person, effect, CompanionView.PARTICIPANT, actor=bond.provider, once=uuid.uuid4())
    assert token
    return token


def test_the_indicator_names_whose_view_is_asked(bond, person, browse):
    """How the participant sees it is asked of nobody else; the youth judge gives no view of their own beside it."""
    effect, path = bond.effect("work-13w"), f"/participants/{person.id}/ask-view"
    assert effect.companion_view == CompanionView.PARTICIPANT
    for other in ("youth_judge", "care_worker"):
        wrong = browse(bond.provider).post_form(path, {"effect": str(effect.id), "view": other})
        assert wrong.status_code == 422 and "participant" in soup(wrong).select_one("#view-error").text
    assert db.session.query(View).count() == 0


def test_asked_by_a_link_and_given_without_an_account(bond, person, browse):
    effect = bond.effect("work-13w")
    form = {"effect": str(effect.id), "view": "participant"}
    page = browse(bond.provider).post_form(f"/participants/{person.id}/ask-view", form)
    assert page.status_code == 200
    path = re.search(r"/views/[\w-]{43}", page.text).group()
    kept = db.session.scalars(db.select(View)).unique().one()
    assert path[7:] not in repr(vars(kept)), "only its digest is kept"

    stranger = browse()
    shown = stranger.get_ok(path)
    assert effect.companion in shown.text and "about yourself" in shown.text
    assert person.code not in shown.text and "Enschede" not in shown.text.split("<main")[1], "the page names nobody"
    assert "without names" not in shown.text and "the provider knows whose code it is" in shown.text
    assert stranger.submit(shown).status_code == 422
    number = stranger.submit(shown, {"score": "4", "remark": "85.07.30-033 28"})
    assert number.status_code == 422 and soup(number).select_one("#remark-error")
    assert stranger.submit(shown, {"score": "4", "remark": "Gaat beter."}).status_code == 303
    db.session.refresh(kept)
    assert (kept.state, kept.score, kept.remark) == (ViewState.GIVEN, 4, "Gaat beter.")
    assert stranger.get(path).status_code == 404, "it works once"
    assert recorded("view.give") == [{}] and bond.provider.email in told("view.give")
    for who in ("assessor", "official"):
        assert "Gaat beter." in browse(getattr(bond, who)).get_ok(f"/participants/{person.id}").text


@pytest.mark.parametrize("score, kept", [("0", None), ("5", 5)])
def test_somebody_may_not_be_able_to_tell(bond, person, browse, score, kept):
    token = ask(bond, person)
    assert browse().post_form(f"/views/{token}", {"score": score}).status_code == 303
    assert db.session.scalars(db.select(View.score)).one() == kept


def test_a_link_that_is_wrong_old_or_taken_back_is_not_there(bond, person, browse):
    token = ask(bond, person)
    view = find_view(token)
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC) + TERM):
        assert find_view(token) is not None
    with clock.at(datetime(2026, 11, 16, 12, tzinfo=UTC) + TERM):
        assert browse().get(f"/views/{token}").status_code == 404
        with pytest.raises(NotNow):
            give_view(view, 3, "")
    assert browse().get("/views/" + "x" * 43).status_code == 404
    assert browse(bond.assessor).get(f"/views/{view.id}/cancel").status_code == 403
    assert browse(bond.provider).post_form(f"/views/{view.id}/cancel").status_code == 303
    assert browse().get(f"/views/{token}").status_code == 404


@pytest.mark.parametrize("reason, answers", [(ExitReason.DECEASED, 410), (ExitReason.STOPPED, 200)])
def test_a_link_about_somebody_who_died_asks_nothing_any_more(bond, person, browse, reason, answers):
    """In neutral words, for it may be read by a child or by the widow: nobody learns it from a form of the portal."""
    path = f"/views/{(token := ask(bond, person))}"
    stranger, view = browse(), find_view(token)
    shown = stranger.get_ok(path)
    exit_participant(person, clock.today(), reason, actor=bond.provider)
    for code in ("en", "nl", "nl_BE"):
        stranger.get(f"/language/{code}")
        answer = stranger.get(path)
        assert answer.status_code == answers
        said = soup(answer).select_one("main").text.casefold()
        assert not [word for word in ("died", "death", "deceased", "overled", "sterv", "gestorven") if word in said]
        if answers == 410:
            assert not soup(answer).select("main form, main a")
            assert view.effect.companion.casefold() not in said and person.code.casefold() not in said
    given = stranger.submit(shown, {"score": "4", "remark": ""})
    assert given.status_code == (410 if answers == 410 else 303)
    db.session.refresh(view)
    assert view.state == (ViewState.ASKED if answers == 410 else ViewState.GIVEN)
    if answers == 410:
        with pytest.raises(NotNow) as late:
            give_view(view, 3, "")
        assert "died" not in str(late.value.message)
        with clock.at(clock.now() + TERM + timedelta(days=2)):
            assert stranger.get(path).status_code == 404, "an old link tells nobody what it was"


def test_only_an_indicator_of_the_agreement(bond, person):
    effect = make_delivery().effect("days")  # of another bond
    with pytest.raises(Refused) as refused:
        ask_view(person, effect, CompanionView.PARTICIPANT, actor=bond.provider, once=uuid.uuid4())
    assert refused.value.field == "effect"


def test_the_list_and_its_average_are_for_case_owners(bond, browse):
    path = f"/programmes/{bond.programme.id}/views"
    def average(who):
        return soup(browse(who).get_ok(path)).select("tbody tr")[0].select("td")[-1].text

    def answer(payer, score):
        give_view(find_view(ask(bond, make_participant(bond, payer))), score, "")

    for payer, score in ((bond.enschede, 2), (bond.enschede, 5), (bond.enschede, 2), (bond.enschede, 5)):
        answer(payer, score)
    assert average(bond.official) == average(bond.assessor) == "fewer than 5 answers", "domain, section 9"
    answer(bond.hengelo, 1)
    assert average(bond.official) == "fewer than 5 answers", "4 of its own residents"
    assert average(bond.assessor) == "3.00"
    answer(bond.enschede, 3)
    assert average(bond.official) == "3.40", "of its own residents: 2, 5, 2, 5 and 3"
    for who in ("intermediary", "investor", "auditor"):
        assert browse(getattr(bond, who)).get(path).status_code == 403


def test_it_decides_no_payment(bond, person):
    """The settlement knows nothing of a view: no claim, no measurement comes of it."""
    from app.outcomes.models import Claim, Measurement

    give_view(find_view(ask(bond, person)), 5, "")
    assert db.session.query(Claim).count() == db.session.query(Measurement).count() == 0


def test_asked_anew_it_is_filled_in_as_it_was(bond, person, browse):
    """A link that expired, was used or was taken back; of somebody else's view nothing is filled in."""
    ask(bond, person)
    asked = db.session.scalars(db.select(View)).unique().one()
    browser, path = browse(bond.provider), f"/participants/{person.id}"
    anew = f"{path}/ask-view?like={asked.id}"
    assert anew not in browser.get_ok(path).text, "the link still works"
    asked.state = ViewState.CANCELLED
    db.session.commit()
    assert anew in browser.get_ok(path).text
    assert anew not in browse(bond.assessor).get_ok(path).text

    def chosen(address):
        return [one["value"] for one in soup(browser.get_ok(address)).select("main select option[selected]")]

    assert chosen(anew) == [str(asked.effect_id), "participant"]
    assert chosen(f"{path}/ask-view") == []
    other = make_participant(bond)
    assert chosen(f"/participants/{other.id}/ask-view?like={asked.id}") == []
