"""A published call changes only by telling all at once, and its deadline only to a later moment (domain, section 6)."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.calls.asked import ItemKind
from app.calls.asked_operations import ItemFacts
from app.calls.models import Duty
from app.calls.operations import unfollow_call
from app.calls.rectify_operations import least_deadline, rectify_call
from app.calls.rewriting import Rewritten
from app.core import clock
from app.core.document import Document
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.states import ProposalState
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal


@pytest.fixture
def call(app):
    return make_call()


def official_of(call):
    return make_user(call.programme.lead)


def test_everybody_who_follows_is_told_and_the_change_is_shown(call, browse):
    official, bidder, other = official_of(call), make_user(lead := make_provider()), make_user(make_provider())
    make_consortium(call, lead)
    before = call.deadline
    later = (before + timedelta(days=7)).astimezone(clock.LOCAL)

    answer = browse(official).post_form(
        f"/calls/{call.id}/rectify",
        {"text": "The cohort is 72.", "free_day": "keep", "deadline": f"{later:%Y-%m-%dT%H:%M}"},
    )

    assert answer.status_code == 303
    db.session.refresh(call)
    assert timedelta(days=6) < call.deadline - before <= timedelta(days=7)
    told = db.session.scalars(db.select(Notification).where(Notification.action == "call.rectify")).all()
    addresses = {notice.address for notice in told}
    assert {bidder.email, official.email} <= addresses
    assert other.email not in addresses
    assert "The cohort is 72." in told[0].body
    page = browse().get_ok(f"/calls/{call.id}").text
    assert "The cohort is 72." in page
    assert "Deadline moved from" in page


def test_the_deadline_never_comes_sooner(call):
    for sooner in (call.deadline, call.deadline - timedelta(seconds=1)):
        with pytest.raises(Refused, match="later moment"):
            rectify_call(call, "Sooner.", sooner, actor=official_of(call))


def test_at_the_deadline_it_is_too_late(call):
    official, deadline = official_of(call), call.deadline
    with clock.at(deadline - timedelta(seconds=1)):
        rectify_call(call, "Just in time.", deadline + timedelta(days=1), actor=official)
    with clock.at(deadline):
        rectify_call(call, "Still open.", deadline + timedelta(days=2), actor=official)
    deadline = call.deadline
    with clock.at(deadline), pytest.raises(NotNow):
        rectify_call(call, "Late.", deadline + timedelta(days=1), actor=official)


def test_two_officials_at_once(call, browse):
    one, other = browse(official_of(call)), browse(official_of(call))
    page = other.get_ok(f"/calls/{call.id}/rectify")
    later = (call.deadline + timedelta(days=2)).astimezone(clock.LOCAL)
    one.post_form(
        f"/calls/{call.id}/rectify", {"text": "First.", "free_day": "keep", "deadline": f"{later:%Y-%m-%dT%H:%M}"}
    )
    late = other.submit(page, {"text": "Second, typed with care."})
    assert late.status_code == 409
    assert "Second, typed with care." in late.text


def test_a_double_click_tells_once(call, browse):
    reader = browse(official_of(call))
    page = reader.get_ok(f"/calls/{call.id}/rectify")
    for _ in range(2):
        assert reader.submit(page, {"text": "Once.", "contacts-0-name": "Tenders"}).status_code == 303
    db.session.refresh(call)
    assert len(call.rectifications) == 1


def test_tenderers_do_not_rectify(call, browse):
    assert browse(make_user(make_provider())).get(f"/calls/{call.id}/rectify").status_code == 403


def local(moment):
    return f"{moment.astimezone(clock.LOCAL):%Y-%m-%dT%H:%M}"


def ten_days_later(call):
    """Ten days that end on a working day, and a minute because a form knows no seconds."""
    closes = call.deadline.astimezone(clock.LOCAL)
    day = clock.term_end(closes.date(), 10, "NL")
    return closes.replace(year=day.year, month=day.month, day=day.day) + timedelta(minutes=1)


def test_old_and_new_stand_side_by_side_on_the_page_and_in_the_mail(call, browse):
    bidder = make_user(lead := make_provider())
    make_consortium(call, lead)
    typed = {"text": "The council asked for it.", "criteria-0-weight": "70", "criteria-1-weight": "30"}
    typed |= {
        "free_day": "keep",
        "requirements": "Experience with the target group, five years.",
        "deadline": local(ten_days_later(call)),
    }
    assert browse(official_of(call)).post_form(f"/calls/{call.id}/rectify", typed).status_code == 303
    db.session.refresh(call)
    made = call.rectifications[0]
    assert made.is_essential
    assert [(c["what"], c["name"], c["before"], c["after"]) for c in made.changes] == [
        ("requirements", "", "Experience with the target group.", "Experience with the target group, five years."),
        ("weight", "Approach", "60", "70"),
        ("weight", "Risks", "40", "30"),
    ]
    page = soup(browse().get_ok(f"/calls/{call.id}"))
    cells = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert ["Weight of “Approach”", "60", "70"] in cells
    mail = db.session.scalars(
        db.select(Notification).where(Notification.action == "call.rectify", Notification.user_id == bidder.id)
    ).one()
    assert "Weight of “Approach”: “60” became “70”." in mail.body
    assert "confirmed again by each partner" in mail.body


@pytest.mark.parametrize(
    "typed",
    [
        {"criteria-0-weight": "61", "criteria-1-weight": "39"},
        {"criteria-0-description": "How the plan reaches more effects."},
        {"criteria-1-name": "", "criteria-1-weight": "", "criteria-1-description": "", "criteria-0-weight": "100"},
        {"criteria-1-minimum": "5"},
        {"new_item": "Privacy"},
        {"requirements": "A licence."},
        {"lines-0-longest": "500"},
        {"lines-0-gone": "y"},
        {"description": "Seventy-two young adults."},
        {"scale": "0, 2, 4, 6, 8, 10"},
        {"minimum_total": "5.50"},
        {"tie_rule": "lot"},
        {"allows_two_consortia": "y"},
        {"criteria-1-kind": "discount"},
    ],
)
@pytest.mark.parametrize("is_correction", [False, True])
def test_what_bidders_plan_by_gives_them_the_time_of_the_law(call, browse, typed, is_correction):
    """Art. 47(3) of Directive 2014/24/EU: proportionate time. Only of texts may an official say that they are mere
    corrections; of weights, criteria, requirements and questions never."""
    url, reader = f"/calls/{call.id}/rectify", browse(official_of(call))
    words = {"text": "Changed.", "free_day": "keep"} | typed | ({"is_correction": "y"} if is_correction else {})
    nearly = ten_days_later(call) - timedelta(minutes=3)
    for deadline in ("", local(nearly)):
        answer = reader.post_form(url, words | {"deadline": deadline})
        free = is_correction and "description" in typed
        assert answer.status_code == (303 if free else 422)
        if free:
            return
        assert "10 calendar days more" in answer.text
    before = call.deadline
    db.session.refresh(call)
    assert (call.deadline, call.rectifications) == (before, [])
    assert [criterion.weight for criterion in call.criteria] == [60, 40]
    assert reader.post_form(url, words | {"deadline": local(ten_days_later(call))}).status_code == 303
    db.session.refresh(call)
    assert call.rectifications[0].is_essential


def test_a_page_that_is_sent_back_unchanged_changes_nothing(call, browse):
    """Browsers send other line ends and no seconds: neither is a change. What only explains belongs in a nota."""
    text = "One line.\n\nAnother line."
    with_text = make_call(call.programme, table=call.table, description=text)
    reader = browse(official_of(call))
    page = reader.get_ok(f"/calls/{with_text.id}/rectify")
    assert f"/calls/{with_text.id}/questions" in [link["href"] for link in soup(page).select("main .notice a")]
    answer = reader.submit(page, {"text": "Only said.", "description": text.replace("\n", "\r\n")})
    assert answer.status_code == 422
    assert "Nothing changes by this. What only explains belongs in a nota" in answer.text
    assert "Only said." in answer.text
    db.session.refresh(with_text)
    assert (with_text.rectifications, with_text.description) == ([], text)


def test_weights_still_add_up(call, browse):
    typed = {"text": "x", "free_day": "keep", "criteria-0-weight": "61", "deadline": local(ten_days_later(call))}
    answer = browse(official_of(call)).post_form(f"/calls/{call.id}/rectify", typed)
    assert answer.status_code == 422
    assert "The weights add up to 101" in answer.text


def test_whoever_reads_something_new_can_still_ask(call):
    """With questions closed, an essential change opens them again, or is refused."""
    changed = Rewritten(requirements="A licence.")
    with clock.at(call.questions_until + timedelta(days=1)):
        with pytest.raises(Refused, match="able to ask"):
            rectify_call(call, "New.", ten_days_later(call), rewritten=changed, actor=official_of(call))
        later = Rewritten(requirements="A licence.", questions_until=call.deadline - timedelta(days=1))
        rectify_call(call, "New.", ten_days_later(call), rewritten=later, actor=official_of(call))
    assert call.questions_until == call.rectifications[0].deadline_before - timedelta(days=1)


def test_questions_never_end_sooner_nor_after_the_last_answers(call):
    for moment, why in (
        (call.questions_until - timedelta(hours=1), "later moment"),
        (call.answers_until + timedelta(minutes=1), "last answers"),
    ):
        with pytest.raises(Refused, match=why):
            rectify_call(call, "x", rewritten=Rewritten(questions_until=moment), actor=official_of(call))


def test_partners_confirm_anew_after_an_essential_change_and_only_then(call):
    plan = make_proposal(make_consortium(call, make_provider()))
    before = plan.stands_on
    rectify_call(
        call, "A word.", rewritten=Rewritten(description="A word.", is_correction=True), actor=official_of(call)
    )
    assert plan.stands_on == before
    changed = Rewritten(requirements="A licence.")
    rectify_call(call, "A licence.", ten_days_later(call), rewritten=changed, actor=official_of(call))
    db.session.refresh(plan)
    assert plan.stands_on != before


def test_a_partner_who_follows_nothing_is_told(call):
    partner = make_user(lead := make_provider())
    make_consortium(call, lead)
    unfollow_call(call, actor=partner)
    rectify_call(call, "Heard by all.", call.deadline + timedelta(days=1), actor=official_of(call))
    told = db.session.scalars(db.select(Notification.user_id).where(Notification.action == "call.rectify")).all()
    assert told.count(partner.id) == 1


def test_no_national_number_becomes_public(call, browse):
    answer = browse(official_of(call)).post_form(f"/calls/{call.id}/rectify", {"text": "Betreft 111222333."})
    assert answer.status_code == 422


def test_items_and_documents_change_with_their_differences(call):
    """An item keeps its key, so that a draft keeps its answer; a withdrawn document stays readable."""
    first, second = call.items[0], call.items[1]
    key = first.key
    asked = ItemFacts(ItemKind.TEXT, "How you work", "In steps.", longest=900)
    brief = Document("brief.pdf", "application/pdf", "ab" * 32, b"%PDF-1.7 brief")
    changed = Rewritten(items={first.id: asked}, removed_items=frozenset({second.id}), new_document=("Brief", brief))
    rectify_call(call, "Shorter.", ten_days_later(call), rewritten=changed, actor=official_of(call))
    said = {(change["what"], change["name"]): change for change in call.rectifications[0].changes}
    assert said["item", "Approach"]["after"].startswith("How you work · In steps. · 900")
    assert said["item", "Team and roles"]["after"] == ""
    assert "ab" * 32 in said["document", "Brief"]["after"]
    assert (call.items[0].key, call.items[0].longest) == (key, 900)
    assert "Team and roles" not in {item.title for item in call.items}
    gone = Rewritten(withdrawn=frozenset({call.documents[0].id}), is_correction=True)
    rectify_call(call, "Wrong file.", rewritten=gone, actor=official_of(call))
    assert call.documents[0].withdrawn_at is not None
    assert [c["after"] for c in call.rectifications[1].changes] == [""]


def test_a_plan_always_answers_something(call):
    everything = Rewritten(removed_items=frozenset(item.id for item in call.items))
    with pytest.raises(Refused, match="keep at least one"):
        rectify_call(call, "x", ten_days_later(call), rewritten=everything, actor=official_of(call))


def test_after_a_rectification_the_call_stands_again(call):
    """The guards of the database open for the rectification only."""
    corrected = Rewritten(description="A word.", is_correction=True)
    rectify_call(call, "A word.", rewritten=corrected, actor=official_of(call))
    call.description = "Behind everybody's back."
    with pytest.raises(IntegrityError, match="rectification"):
        db.session.commit()
    db.session.rollback()


def test_the_new_deadline_does_not_fall_on_new_year(app):
    """Ten days after 22 December 2026 is a holiday, then a weekend: Monday 4 January 2027, at the same time of day."""
    with clock.at(clock.local(date(2026, 12, 1), 9)):
        call = make_call(deadline=clock.local(date(2026, 12, 22), 12), questions_until=clock.local(date(2026, 12, 8)))
        assert least_deadline(call) == clock.local(date(2027, 1, 4), 12)
        changed, official = Rewritten(requirements="A licence."), official_of(call)
        with pytest.raises(Refused, match="4 January 2027 12:00"):
            rectify_call(call, "x", clock.local(date(2027, 1, 4), 11), rewritten=changed, actor=official)
        rectify_call(call, "x", clock.local(date(2027, 1, 4), 12), rewritten=changed, actor=official)


def test_what_was_sealed_stays_confirmed_and_the_bidder_reads_what_to_do(call, browse):
    """Art. 2.109: who handed in keeps a plan that counts; it may be withdrawn and handed in anew in time."""
    consortium = make_consortium(call, make_provider())
    bidder = make_user(consortium.lead, "Anna de Boer")
    plan = make_proposal(consortium, state=ProposalState.SUBMITTED)
    scorer = call.on_committee(Duty.SCORER)[0].user
    rectify_call(
        call,
        "A licence.",
        ten_days_later(call),
        rewritten=Rewritten(requirements="A licence."),
        actor=official_of(call),
    )
    assert set(plan.confirmed_by()) == {consortium.lead_id}
    page = browse(bidder).get_ok(f"/proposals/{plan.id}").text
    assert "The call changed after you handed in" in page and "A licence." in page
    assert "Anna de Boer, " in page  # by whom it was confirmed, with the moment
    sent = {
        notice.user_id: notice.body
        for notice in db.session.scalars(db.select(Notification).filter_by(action="call.rectify"))
    }
    assert "counts as it is" in sent[bidder.id] and "confirmed again" in sent[bidder.id]
    assert "confirm" not in sent[scorer.id] and "handed in" not in sent[scorer.id]
