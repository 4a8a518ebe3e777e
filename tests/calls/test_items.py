"""What a plan answers is defined per call: seven ways of asking, each with its bounds, in an order that the officials
choose."""

import pytest

from app.audit.models import AuditEntry
from app.calls.asked import ItemKind, PlanItem, key_for
from app.calls.models import Call
from app.calls.operations import publish_call
from app.calls.states import CallState
from app.core.errors import Refused
from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.statements import counted


@pytest.fixture
def call(app):
    return make_call(state=CallState.DRAFT)


@pytest.fixture
def official(call):
    return make_user(call.programme.lead)


def added(call):
    db.session.expire_all()
    return call.items[-1]


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", {"longest": "1200"}, {"longest": 1200}),
        ("number", {"least": "-3", "most": "500"}, {"least": -3, "most": 500}),
        ("number", {}, {"least": None, "most": None}),
        ("number", {"least": "0", "most": "0"}, {"least": 0, "most": 0}),
        ("choice", {"choices": "1 March\n\n  1 June \n"}, {"choices": ["1 March", "1 June"]}),
        ("file", {}, {"longest": None}),
        ("budget", {}, {"longest": None}),
    ],
)
def test_an_official_asks_one_thing_more(call, official, browse, kind, typed, stored):
    url = f"/calls/{call.id}/items/add?kind={kind}"
    facts = {"title": "Employers that take part", "guidance": "Signed.", "criterion": str(call.criteria[1].id)}
    answer = browse(official).post_form(url, facts | typed)
    assert answer.status_code == 303
    item = added(call)
    assert (item.kind, item.key, item.position) == (ItemKind(kind), "employers-that-take-part", 6)
    assert (item.guidance, item.criterion.name, item.required) == ("Signed.", "Risks", True)
    assert {name: getattr(item, name) for name in stored} == stored
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["call.edit"]


def test_only_the_bounds_of_its_kind_are_asked(call, official, browse):
    asked = {"text": {"longest"}, "number": {"least", "most"}, "choice": {"choices"}, "file": set(), "budget": set()}
    for kind, names in asked.items():
        page = soup(browse(official).get_ok(f"/calls/{call.id}/items/add?kind={kind}"))
        found = {control["name"] for control in page.select("main form [name]")}
        assert found & {"longest", "least", "most", "choices"} == names
    assert browse(official).get(f"/calls/{call.id}/items/add?kind=dance").status_code == 404


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("text", {"title": ""}, "Fill this in"),
        ("text", {"title": " risks "}, "Another item has this title already"),
        ("text", {"title": "Number 111222333"}, "national number"),
        ("text", {"guidance": "x" * 5_001}, "At most 5000 characters"),
        ("text", {"longest": ""}, "Fill this in"),
        ("text", {"longest": "49"}, "from 50 to 50000"),
        ("text", {"longest": "50001"}, "from 50 to 50000"),
        ("number", {"least": "5", "most": "4"}, "must not be below the lowest"),
        ("number", {"least": "1.5"}, "Give a whole number"),
        ("number", {"most": "1000000001"}, "Give a whole number from"),
        ("choice", {"choices": "Only one"}, "at least two choices"),
        ("choice", {"choices": "Yes\nyes"}, "at least two choices"),
        ("choice", {"choices": ""}, "Fill this in"),
        ("choice", {"choices": "a\n" + "b" * 201}, "At most 200 characters on a line"),
        ("volumes", {}, "it is asked already"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(call, official, browse, kind, typed, words):
    facts = {"title": "Something new", "guidance": "Kept as typed."} | typed
    answer = browse(official).post_form(f"/calls/{call.id}/items/add?kind={kind}", facts)
    assert answer.status_code == 422
    assert words in soup(answer).text
    assert "guidance" in typed or "Kept as typed." in answer.text
    db.session.expire_all()
    assert len(call.items) == 5


def test_an_item_keeps_its_key_when_its_title_changes(call, official, browse):
    """The key names the answer in drafts of plans: a better title loses nothing."""
    item = call.items[0]
    typed = {"title": "Our approach", "longest": "3000", "required": False}
    assert browse(official).post_form(f"/items/{item.id}/edit", typed).status_code == 303
    db.session.refresh(item)
    assert (item.key, item.title, item.longest, item.required) == ("approach", "Our approach", 3000, False)


def test_the_criterion_must_be_of_this_call(call, official, browse):
    other = make_call(state=CallState.DRAFT)
    typed = {"title": "New", "criterion": str(other.criteria[0].id)}
    reader = browse(official)
    answer = reader.submit(reader.get_ok(f"/calls/{call.id}/items/add?kind=file"), typed, forged=True)
    assert answer.status_code == 422
    db.session.expire_all()
    assert len(call.items) == 5


def test_items_move_up_and_down_and_the_ends_stay(call, official, browse):
    reader = browse(official)
    keys = ["approach", "team", "planning", "risks", "volumes"]

    def press(key, way):
        item = next(item for item in call.items if item.key == key)
        page = reader.get_ok(f"/calls/{call.id}/items")
        assert reader.submit(page, action=f"/items/{item.id}/{way}").status_code == 303
        db.session.expire_all()
        return [one.key for one in call.items]

    assert press("team", "up") == ["team", "approach", *keys[2:]]
    assert press("team", "down") == keys
    assert press("volumes", "up") == [*keys[:3], "volumes", "risks"]
    page = soup(reader.get_ok(f"/calls/{call.id}/items"))
    first, last = call.items[0], call.items[-1]
    assert not page.select(f'form[action="/items/{first.id}/up"], form[action="/items/{last.id}/down"]')
    assert sorted(item.position for item in call.items) == [1, 2, 3, 4, 5]


def test_an_item_is_removed_and_the_rest_keep_their_order(call, official, browse):
    item = call.items[1]
    assert browse(official).post_form(f"/items/{item.id}/remove").status_code == 303
    db.session.expire_all()
    assert [(one.key, one.position) for one in call.items] == [
        ("approach", 1),
        ("planning", 2),
        ("risks", 3),
        ("volumes", 4),
    ]


def test_a_second_click_asks_nothing_twice(call, official, browse):
    reader = browse(official)
    page = reader.get_ok(f"/calls/{call.id}/items/add?kind=file")
    answers = [reader.submit(page, {"title": "Letters"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(db.select(db.func.count(PlanItem.id)).where(PlanItem.key == "letters")) == 1


def test_the_second_of_two_editors_hears_that_it_changed(call, official, browse):
    item = call.items[0]
    first, second = browse(official), browse(make_user(call.programme.lead))
    page = second.get_ok(f"/items/{item.id}/edit")
    first.post_form(f"/items/{item.id}/edit", {"title": "First"})
    late = second.submit(page, {"title": "Second"})
    assert late.status_code == 409
    assert 'value="Second"' in late.text


def test_who_may_and_when(call, official, browse):
    """404 for who may not see the draft, 403 for who may see but not change it, 409 once it is public."""
    item = call.items[0]
    published = make_call()
    addresses = [f"/calls/{call.id}/items", f"/calls/{call.id}/items/add", f"/items/{item.id}/edit"]
    other_city = make_user(make_party(call.programme, Part.GOVERNMENT))
    for url in [*addresses, f"/items/{item.id}/remove"]:
        assert browse(make_user(make_provider())).get(url).status_code == 404
        assert browse(other_city).get(url).status_code == 403
        assert browse().get(url).status_code == 303
    theirs = make_user(published.programme.lead)
    for url in (f"/calls/{published.id}/items", f"/items/{published.items[0].id}/edit"):
        assert browse(theirs).get(url).status_code == 409


def test_a_call_published_meanwhile_is_not_changed(call, official, browse):
    reader = browse(official)
    page = reader.get_ok(f"/items/{call.items[0].id}/edit")
    db.session.execute(db.update(Call).where(Call.id == call.id).values(state=CallState.PUBLISHED))
    db.session.commit()
    answer = reader.submit(page, {"title": "Too late"})
    assert answer.status_code == 409
    db.session.expire_all()
    assert call.items[0].title == "Approach"


def test_without_items_a_call_is_not_published(call, official, browse):
    call.items.clear()
    db.session.commit()
    answer = browse(official).get_ok(f"/calls/{call.id}/publish")
    with pytest.raises(Refused):
        publish_call(call, actor=official)
    assert "there is no item yet" in answer.text


def test_everybody_reads_what_is_asked(app, browse):
    call = make_call(state=CallState.DRAFT)
    call.items += [
        PlanItem(position=6, key="n", kind=ItemKind.NUMBER, title="Employers", least=3, most=1500, choices=[]),
        PlanItem(position=7, key="c", kind=ItemKind.CHOICE, title="Start", choices=["1 March", "1 June"]),
        PlanItem(position=8, key="f", kind=ItemKind.FILE, title="Letters", choices=[], required=False),
    ]
    db.session.commit()
    call.state = CallState.PUBLISHED
    db.session.commit()
    page = soup(browse().get_ok(f"/calls/{call.id}/plan"))
    words = " ".join(page.get_text(" ").split())
    for said in (
        "text of at most 20,000 characters",
        "whole number from 3 to 1,500",
        "one of: 1 March; 1 June",
        "file: PDF, PNG or JPEG of at most 10 MB may be left out",
        "volumes per effect",
    ):
        assert said in words


def test_the_page_of_a_plan_costs_the_same_for_five_items_and_for_forty(app, browse):
    few, many = make_call(), make_call(state=CallState.DRAFT)
    for n in range(35):
        facts = {"title": f"Item {n}", "criterion": many.criteria[n % 2], "choices": []}
        many.items.append(PlanItem(position=6 + n, key=f"item-{n}", kind=ItemKind.FILE, **facts))
    db.session.commit()
    many.state = CallState.PUBLISHED
    db.session.commit()
    counts = []
    for call in (few, many):
        browse().get_ok(f"/calls/{call.id}/plan")
        with counted() as statements:
            browse().get_ok(f"/calls/{call.id}/plan")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


@pytest.mark.parametrize(
    ("title", "taken", "key"),
    [
        ("Approach", set(), "approach"),
        ("Wat kan één gemeente doen?", set(), "wat-kan-een-gemeente-doen"),
        ("Approach", {"approach"}, "approach-2"),
        ("Approach", {"approach", "approach-2"}, "approach-3"),
        ("???", set(), "item"),
        ("a" * 60, set(), "a" * 40),
    ],
)
def test_a_key_is_a_plain_word_of_its_own(title, taken, key):
    assert key_for(title, taken) == key
