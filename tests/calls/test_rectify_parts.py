"""How plans are judged, contacts and lots change by a rectification: old beside new, and nobody who bids for a lot is
left behind (domain, section 6)."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from app.audit.models import AuditFacts
from app.calls.asked import Lot
from app.calls.asked_operations import ContactFacts, LotFacts
from app.calls.criteria import scoring_of
from app.calls.models import CriterionKind, TieRule
from app.calls.rectify_operations import least_deadline, rectify_call
from app.calls.rewriting import Rewritten
from app.calls.states import CallState
from app.consortia.operations import edit_consortium
from app.consortia.states import LotFate
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.operations import unfinished
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal


@pytest.fixture
def call(app):
    return make_call()


def divided(*sizes):
    """A public call in lots that hold the cohort of seventy."""
    call = make_call(state=CallState.DRAFT)
    ids = cities(call)
    call.lots = [
        Lot(position=n, name=f"Lot {n}", cohort_size=size, organisation_ids=ids)
        for n, size in enumerate(sizes, start=1)
    ]
    db.session.commit()
    call.state, call.published_at = CallState.PUBLISHED, clock.now()
    db.session.commit()
    return call


def cities(call):
    return [str(share.organisation_id) for share in call.programme.shares]


def official_of(call):
    return make_user(call.programme.lead)


def facts_of(lot, **other):
    ids = tuple(uuid.UUID(one) for one in lot.organisation_ids)
    return replace(LotFacts(lot.name, lot.description, lot.cohort_size, ids), **other)


def in_time(call):
    return least_deadline(call) + timedelta(minutes=1)


def rectify(call, **changes):
    return rectify_call(call, "Changed.", in_time(call), rewritten=Rewritten(**changes), actor=official_of(call))


def told(user, action="call.rectify"):
    found = db.select(Notification).where(Notification.action == action, Notification.user_id == user.id)
    return "\n".join(notice.body for notice in db.session.scalars(found))


def lines(made):
    return {change["what"]: (change["before"], change["after"]) for change in made.changes}


def test_how_plans_are_judged_stands_side_by_side(call, browse):
    """Scale, minimum, what decides a tie, two consortia, a discount: said in the language of the reader."""
    judged = scoring_of(call)
    criteria = (judged.criteria[0], replace(judged.criteria[1], kind=CriterionKind.DISCOUNT))
    other = replace(
        judged,
        criteria=criteria,
        scale=(0, 5, 10),
        minimum_total=550,
        tie_rule=TieRule.LOT,
        allows_two_consortia=True,
    )
    made = rectify(call, scoring=other)
    assert lines(made) == {
        "discount": ("", "Risks"),
        "scale": ("0-10", "0, 5, 10"),
        "minimum_total": ("", "550"),
        "tie_rule": ("heaviest", "lot"),
        "two_consortia": ("no", "yes"),
    }
    assert call.allows_discount and call.scale == [0, 5, 10]
    cells = [
        [cell.get_text(strip=True) for cell in row.select("th, td")]
        for row in soup(browse().get_ok(f"/calls/{call.id}")).select("tbody tr")
    ]
    assert ["Minimum total", "–", "5.50"] in cells
    tie = next(row for row in cells if row[0] == "When two plans have the same total")
    assert tie[1:] == ["the plan with more points on the heaviest criterion comes first", "two officials draw lots"]
    back = rectify(call, scoring=replace(other, minimum_total=None))
    assert lines(back) == {"minimum_total": ("550", "")}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"scale": "5"}, "at least two different whole points"),
        ({"scale": "0-4", "criteria-0-minimum": "5"}, "is no point of the scale"),
        ({"minimum_total": "11"}, "No plan can reach this"),
        ({"contacts-0-address": "nobody"}, "Give a mail address or a telephone number"),
        ({"contacts-0-gone": "y"}, "Name at least one contact."),
        ({"contacts-1-name": "Desk"}, "Fill this in"),
        ({"lots-0-name": "East", "lots-0-cohort_size": "70"}, "Fill this in"),
        ({"lots-0-name": "East"}, "Fill this in"),
    ],
)
def test_a_mistake_is_named_and_nothing_changes(call, browse, typed, words):
    deadline = f"{in_time(call).astimezone(clock.LOCAL):%Y-%m-%dT%H:%M}"
    answer = browse(official_of(call)).post_form(
        f"/calls/{call.id}/rectify", {"text": "x", "free_day": "keep", "deadline": deadline} | typed
    )
    assert answer.status_code == 422
    assert words in answer.text
    db.session.refresh(call)
    assert (call.rectifications, len(call.contacts), call.lots) == ([], 1, [])


def test_contacts_change_without_more_time_and_the_trail_names_nobody(call, browse):
    before = call.deadline
    typed = {"text": "Another desk.", "contacts-0-name": "Jo Smits", "contacts-1-name": "Night desk"}
    typed["contacts-1-address"] = "+31 53 481 81 81"
    assert browse(official_of(call)).post_form(f"/calls/{call.id}/rectify", typed).status_code == 303
    db.session.refresh(call)
    made = call.rectifications[0]
    assert (call.deadline, made.is_essential, made.only_corrects) == (before, False, False)
    assert [contact.name for contact in call.contacts] == ["Jo Smits", "Night desk"]
    assert [(c["name"], c["before"], c["after"]) for c in made.changes] == [
        ("Tender desk", "Tender desk · tenders@city.example", "Jo Smits · tenders@city.example"),
        ("Night desk", "", "Night desk · +31 53 481 81 81"),
    ]
    assert "Jo Smits" in browse().get_ok(f"/calls/{call.id}").text
    kept = db.session.scalars(db.select(AuditFacts)).all()[-1].body
    assert kept["contacts"] == 2 and "Smits" not in str(kept)
    gone = Rewritten(removed_contacts=frozenset({call.contacts[0].id}))
    rectify_call(call, "One desk.", rewritten=gone, actor=official_of(call))
    assert [(one.name, one.position) for one in call.contacts] == [("Night desk", 1)]


def test_rectifications_are_numbered_and_the_newest_stands_first(call, browse):
    for name in ("One", "Two"):
        contacts = {call.contacts[0].id: ContactFacts(name, "", "desk@city.example")}
        rectify_call(call, name, rewritten=Rewritten(contacts=contacts), actor=official_of(call))
    page = soup(browse().get_ok(f"/calls/{call.id}"))
    assert [title.text for title in page.select("h3") if "Rect" in title.text] == ["Rectification 2", "Rectification 1"]
    captions = [caption.text.strip() for caption in page.select("caption") if "rectification" in caption.text]
    assert captions == ["Changed by rectification 2", "Changed by rectification 1"]


def test_an_undivided_call_is_divided_on_the_page(call, browse):
    lead = make_provider()
    consortium = make_consortium(call, lead, partners=[make_provider()])
    member, deadline = make_user(lead), f"{in_time(call).astimezone(clock.LOCAL):%Y-%m-%dT%H:%M}"
    typed = {"text": "In two parts.", "free_day": "keep", "deadline": deadline}
    for n, (name, size) in enumerate((("East", "30"), ("West", "40"))):
        typed |= {f"lots-{n}-name": name, f"lots-{n}-cohort_size": size, f"lots-{n}-municipalities": cities(call)}
    assert browse(official_of(call)).post_form(f"/calls/{call.id}/rectify", typed).status_code == 303
    db.session.expire_all()
    assert [(lot.name, lot.cohort_size) for lot in call.lots] == [("East", 30), ("West", 40)]
    assert call.rectifications[0].is_essential
    assert "The call is in lots now" in told(member)
    assert (consortium.must_choose_lot, consortium.lot_fate) == (True, LotFate.GONE)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [((30, 41), "The lots hold 71"), ((70,), "One lot divides nothing"), ((30, 71), "70 participants")],
)
def test_lots_hold_the_whole_cohort_after_a_rectification_too(call, sizes, words):
    ids = tuple(uuid.UUID(one) for one in cities(call))
    new = tuple(LotFacts(f"Lot {n}", "", size, ids) for n, size in enumerate(sizes))
    with pytest.raises(Refused, match=words):
        rectify(call, new_lots=new)


def test_a_consortium_whose_lot_goes_is_told_and_chooses_again(app, browse):
    """Its confirmations fall, its partners stay, and until it has chosen nothing is confirmed nor handed in."""
    call = divided(30, 20, 20)
    lost, kept, other = call.lots
    lead, partner = make_provider(), make_provider()
    ours = make_consortium(call, lead, partners=[partner], lot=lost)
    theirs = make_consortium(call, make_provider(), lot=other)
    plan, people = make_proposal(ours), [make_user(lead), make_user(partner)]
    before = plan.stands_on
    stays = {kept.id: facts_of(kept, cohort_size=50)}
    made = rectify(call, removed_lots=frozenset({lost.id}), lots=stays)
    assert [(c["what"], c["name"], c["after"]) for c in made.changes if not c["after"]] == [
        ("lot", "Lot 1", ""),
        ("lot_text", "Lot 1", ""),
    ]
    assert [(lot.name, lot.position) for lot in call.lots] == [("Lot 2", 1), ("Lot 3", 2)]
    for person in people:
        assert "The lot “Lot 1” of the consortium “De Brug” is asked no more." in told(person)
        assert "The lots of the call changed" in browse(person).get_ok(f"/consortia/{ours.id}").text
    assert (ours.must_choose_lot, theirs.must_choose_lot, theirs.lot_fate) == (True, False, None)
    assert plan.stands_on != before
    assert "the lead partner chooses the lot" in unfinished(plan)[0]
    reader = browse(people[0])
    assert reader.post_form(f"/consortia/{ours.id}/edit", {"lot": str(kept.id)}).status_code == 303
    db.session.expire_all()
    assert (ours.lot_id, ours.lot_fate, len(ours.taking_part)) == (kept.id, None, 2)
    assert "bids for the lot “Lot 2” from now on" in told(people[1], "consortium.edit")
    assert not any("chooses the lot" in lack for lack in unfinished(plan))
    with pytest.raises(Refused, match="Others joined for this lot"):  # once, not at will
        edit_consortium(ours, "De Brug", actor=people[0], version=None, lot=other)


def test_a_consortium_whose_lot_is_for_others_may_choose_or_stay(app):
    call = divided(30, 40)
    one, two = call.lots
    ours = make_consortium(call, lead := make_provider(), partners=[make_provider()], lot=one)
    member = make_user(lead)
    rectify(call, lots={one.id: facts_of(one, cohort_size=40), two.id: facts_of(two, cohort_size=30)})
    assert (ours.lot_id, ours.lot_fate, ours.must_choose_lot) == (one.id, LotFate.CHANGED, False)
    assert "is for other participants or municipalities now" in told(member)
    edit_consortium(ours, "De Brug", actor=member, version=None, lot=one)
    assert ours.lot_fate == LotFate.CHANGED  # it stayed, and may still choose
    edit_consortium(ours, "De Brug", actor=member, version=None, lot=two)
    assert (ours.lot_id, ours.lot_fate) == (two.id, None)


def test_the_words_of_a_lot_may_be_corrected_without_more_time(app):
    """For whom a lot is never: that always gives more time."""
    call = divided(30, 40)
    one, two = call.lots
    ours = make_consortium(call, make_provider(), lot=one)
    words = Rewritten(lots={one.id: facts_of(one, name="East", description="Near the park.")}, is_correction=True)
    made = rectify_call(call, "A name.", rewritten=words, actor=official_of(call))
    assert (lines(made), made.is_essential) == ({"lot_text": ("Lot 1", "East · Near the park.")}, False)
    assert ours.lot_fate is None
    sizes = {one.id: facts_of(one, cohort_size=31), two.id: facts_of(two, cohort_size=39)}
    with pytest.raises(Refused, match="at least"):
        rectify_call(call, "A size.", rewritten=Rewritten(lots=sizes, is_correction=True), actor=official_of(call))


def test_when_the_lots_go_the_call_is_undivided_and_nobody_sits_in_two_consortia(app):
    """Who bid for two lots is in two consortia for one call now: it leaves one before either hands in."""
    call = divided(30, 40)
    one, two = call.lots
    both = make_provider()
    ours = make_consortium(call, lead := make_provider(), partners=[both], lot=one)
    theirs = make_consortium(call, make_provider(), partners=[both], lot=two)
    member = make_user(lead)
    rectify(call, removed_lots=frozenset({one.id, two.id}))
    assert (call.lots, ours.lot_id, ours.must_choose_lot) == ([], None, False)
    assert "The call is undivided now" in told(member)
    for consortium in (ours, theirs):
        lacks = unfinished(make_proposal(consortium))
        assert any("leaves one of the two first" in lack for lack in lacks)
        assert not any(both.name in lack for lack in lacks if "leaves one" in lack)


def test_two_consortia_that_are_not_allowed_any_more(call):
    other = replace(scoring_of(call), allows_two_consortia=True)
    rectify(call, scoring=other)
    both = make_provider()
    plans = [make_proposal(make_consortium(call, make_provider(), partners=[both])) for _ in range(2)]
    assert not any("leaves one" in lack for plan in plans for lack in unfinished(plan))
    rectify(call, scoring=replace(other, allows_two_consortia=False))
    assert all(any("leaves one" in lack for lack in unfinished(plan)) for plan in plans)
