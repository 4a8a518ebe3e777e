"""A published call stands (art. 2.115 of the Dutch act: weights are published and kept): the database refuses a change
outside a rectification, whatever the code above it does."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DatabaseError

from app.access.actions import Action
from app.access.record import record
from app.calls.asked import CallContact, CallDocument, ItemKind, Lot, PlanItem
from app.calls.models import Call, Criterion, CriterionKind
from app.calls.rectifying import rectifying
from app.calls.states import CallState
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from tests.factories.calls import make_call
from tests.factories.people import make_user

STANDS = "changes only by a rectification"


def document(call):
    facts = {"title": "Terms", "filename": "terms.pdf", "media_type": "application/pdf", "size": 5, "sha256": "0" * 64}
    return CallDocument(call=call, content=b"%PDF-", position=1, added_at=clock.now(), **facts)


ADDED = {
    "item": lambda call: PlanItem(call=call, position=9, key="extra", kind=ItemKind.TEXT, title="Extra", choices=[]),
    "lot": lambda call: Lot(call=call, position=1, name="East", cohort_size=10, organisation_ids=[]),
    "document": document,
    "contact": lambda call: CallContact(call=call, position=1, name="Desk", address="desk@city.example"),
    "criterion": lambda call: Criterion(call=call, position=3, name="Price", weight=10, kind=CriterionKind.DISCOUNT),
}


@pytest.mark.parametrize("what", ADDED)
@pytest.mark.parametrize("state", [CallState.PUBLISHED, CallState.CLOSED, CallState.CANCELLED])
def test_nothing_is_added_to_a_published_call(both, what, state):
    call = make_call(state=state)
    with pytest.raises(DatabaseError, match=STANDS):
        db.session.add(ADDED[what](call))
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE criterion SET weight = 1",
        "DELETE FROM criterion",
        "UPDATE plan_item SET required = NOT required",
        "DELETE FROM plan_item",
        "UPDATE call SET description = 'Something else'",
        "UPDATE call SET scale = '[0, 100]'",
        "UPDATE call SET minimum_total = 1",
        "UPDATE call SET tie_rule = 'lot'",
        "UPDATE call SET allows_two_consortia = NOT allows_two_consortia",
        "UPDATE call SET state = 'published', title = 'Something else'",
        "DELETE FROM call",
    ],
)
def test_nothing_of_a_published_call_changes(both, statement):
    make_call()
    with pytest.raises(DatabaseError, match=STANDS):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_criterion_does_not_move_to_another_call(both):
    published, draft = make_call(), make_call(state=CallState.DRAFT)
    with pytest.raises(DatabaseError, match=STANDS):
        db.session.execute(update(Criterion).where(Criterion.call_id == draft.id).values(call_id=published.id))
    db.session.rollback()


def test_a_draft_is_free(both):
    call = make_call(state=CallState.DRAFT)
    for what in ADDED.values():
        db.session.add(what(call))
    call.description, call.tie_rule = "Something else", "lot"
    db.session.commit()
    assert len(call.lots) == len(call.documents) == len(call.contacts) == 1


def test_a_rectification_may_change_it_and_then_it_stands_again(both):
    call = make_call()
    official = make_user(call.programme.lead)

    @operation
    def rectify():
        with rectifying(call):
            call.description = "Something else"
            call.criteria[0].weight, call.criteria[1].weight = 70, 30
            db.session.add(ADDED["lot"](call))
        record(Action.CALL_RECTIFY, call, official)

    version = call.version
    rectify()
    db.session.expire_all()
    assert (call.description, [c.weight for c in call.criteria]) == ("Something else", [70, 30])
    assert (call.version, call.rectifying) == (version + 1, False)  # as any edit
    with pytest.raises(DatabaseError, match=STANDS):
        db.session.execute(text("UPDATE criterion SET weight = 50"))
    db.session.rollback()


def test_outside_an_operation_nothing_opens(app):
    with pytest.raises(RuntimeError), rectifying(make_call()):
        pass


@pytest.mark.parametrize("kind", [ItemKind.VOLUMES, ItemKind.BUDGET])
def test_volumes_and_budget_are_asked_at_most_once(both, kind):
    call = make_call(state=CallState.DRAFT)
    call.items.clear()
    db.session.flush()
    call.items = [PlanItem(position=n, key=f"{n}", kind=kind, title="Twice", choices=[]) for n in (1, 2)]
    with pytest.raises(DatabaseError):
        db.session.flush()
    db.session.rollback()


def test_a_discount_is_judged_by_at_most_one_criterion(both):
    call = make_call(state=CallState.DRAFT)
    for criterion in call.criteria:
        criterion.kind = CriterionKind.DISCOUNT
    with pytest.raises(DatabaseError):
        db.session.flush()
    db.session.rollback()


def test_the_discount_is_allowed_exactly_when_a_criterion_is_for_it(app):
    call = make_call(state=CallState.DRAFT)
    assert not call.allows_discount
    call.criteria[1].kind = CriterionKind.DISCOUNT
    assert call.allows_discount


def test_a_new_call_asks_the_four_texts_and_the_volumes(app):
    call = make_call()
    assert [(item.key, item.kind) for item in call.items] == [
        ("approach", ItemKind.TEXT),
        ("team", ItemKind.TEXT),
        ("planning", ItemKind.TEXT),
        ("risks", ItemKind.TEXT),
        ("volumes", ItemKind.VOLUMES),
    ]
    assert (call.scale, call.minimum_total, call.allows_two_consortia) == (list(range(11)), None, False)
    assert isinstance(db.session.get(Call, call.id).tie_rule, str)
