"""A named official lets a gate pass with a reason, public for ever; never grade C, never whoever approves."""

import uuid

import pytest
from sqlalchemy.exc import DBAPIError

from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.pricing.gate_operations import override_gate
from app.pricing.gate_queries import judge_gates
from app.pricing.models import EvidenceType, GateOverride
from app.pricing.operations import approve_table, publish_table, submit_table
from app.pricing.states import TableState
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table

REASON = "The register of addresses follows in the second year."


def url(table) -> str:
    return f"/prices/{table.id}/override"


def let_pass(table, official, gate="D8", code="", reason=REASON, once=None):
    return override_gate(table, gate, code, reason, actor=official, once=once or uuid.uuid4())


@pytest.fixture
def shut(draft):
    """A draft of which one row says nothing about gaming."""
    draft.effects[0].gaming = ""
    db.session.commit()
    return draft


def test_it_opens_the_gate_under_a_name_that_stays_public(official, second, shut, browse):
    assert "D8" in browse(official).post_form(f"/prices/{shut.id}/submit").text
    typed = {"gate": "D8", "effect_code": "work-13w", "reason": REASON}
    assert browse(official).post_form(url(shut), typed).status_code == 303
    submit_table(shut, actor=official)
    assert "1 gate was overridden" in browse(second).get_ok(f"/prices/{shut.id}/approve").text
    approve_table(shut, actor=second)
    publish_table(shut, actor=official)
    for page in (f"/prices/{shut.id}", f"/prices/{shut.id}/gates"):
        text = browse().get_ok(page).text  # nobody signed in
        assert REASON in text and official.name in text
    page = browse().get_ok(f"/prices/{shut.id}").text
    assert "1 gate was overridden" in page and f"({shut.effects[0].name}):" in page


@pytest.mark.parametrize("code", ["", "work-13w"])
def test_it_covers_what_was_there_and_no_definition_that_came_later(official, shut, browse, code):
    """Domain, section 4: a reason is given for a promise that somebody read."""
    let_pass(shut, official, code=code)
    assert not [gate for gate in judge_gates(shut) if gate.open_faults]
    make_effect(shut, "other", name="Came later", gaming="")
    shut.effects[0].definition = "Works at least 1 hour a week."
    db.session.commit()
    db.session.refresh(shut)
    d8 = next(gate for gate in judge_gates(shut) if gate.code == "D8")
    assert [fault.effect.code for fault in d8.open_faults] == ["work-13w", "other"]
    names = [shut.effects[0].name] + (["Came later"] if not code else [])
    text = " ".join(browse(official).get_ok(f"/prices/{shut.id}/gates").text.split())
    assert f"The override does not cover: {', '.join(names)}." in text
    let_pass(shut, official)  # a reason for what is there now
    assert not next(gate for gate in judge_gates(shut) if gate.code == "D8").open_faults


def test_whoever_overrides_does_not_approve(official, second, shut):
    let_pass(shut, second)
    submit_table(shut, actor=official)
    with pytest.raises(NotYours, match="You overrode a gate of this table, so another official approves it"):
        approve_table(shut, actor=second)
    with pytest.raises(NotYours, match="you took the step before it"):
        approve_table(shut, actor=official)


def test_grade_c_is_never_overridden_into_a_price(official, draft, browse):
    make_effect(draft, "scale", name="Scale", evidence_type=EvidenceType.SCALE)
    for gate, code in (("grade", ""), ("D3", "scale"), ("D8", "")):
        with pytest.raises(Refused, match="rade C can never"):
            let_pass(draft, official, gate, code)
    typed = {"gate": "D3", "effect_code": "scale", "reason": REASON}
    assert browse(official).post_form(url(draft), typed).status_code == 422
    draft.effects[0].gaming = ""
    db.session.commit()
    let_pass(draft, official, "D8", "work-13w")  # of another row it may
    with pytest.raises(Refused, match="grade C"):
        submit_table(draft, actor=official)
    db.session.rollback()


def test_grade_c_is_not_published_either(official, programme):
    table = make_table(programme, state=TableState.DRAFT)
    make_effect(table, "scale", name="Scale", evidence_type=EvidenceType.SELF_REPORT)
    table.state = TableState.APPROVED
    db.session.add(GateOverride(table_id=table.id, gate="grade", reason=REASON, official=official))
    db.session.commit()
    with pytest.raises(Refused, match="grade C"):
        publish_table(table, actor=official)


@pytest.mark.parametrize("reason", ["Because", "Necessary-for-the-council", "          a           "])
def test_a_reason_is_at_least_a_sentence(official, shut, reason):
    with pytest.raises(Refused) as refused:
        let_pass(shut, official, reason=reason)
    assert refused.value.field == "reason"


@pytest.mark.parametrize(("gate", "code", "field"), [("D12", "", "gate"), ("", "", "gate"), ("D8", "x", "effect_code")])
def test_only_gates_and_effects_that_are_there(official, shut, gate, code, field):
    with pytest.raises(Refused) as refused:
        let_pass(shut, official, gate, code)
    assert refused.value.field == field


def test_only_what_fails(official, shut, browse):
    """D4 passes, and of D8 only the first row fails; the form offers nothing else."""
    make_effect(shut, "other", name="Another effect")
    for gate, code, field in (("D4", "", "gate"), ("D8", "other", "effect_code")):
        with pytest.raises(Refused) as refused:
            let_pass(shut, official, gate, code)
        assert refused.value.field == field
        db.session.rollback()
    page = browse(official).get_ok(url(shut)).text
    assert 'value="D8"' in page and 'value="D4"' not in page and 'value="work-13w"' in page


@pytest.mark.parametrize("state", [TableState.IN_REVIEW, TableState.APPROVED, TableState.PUBLISHED])
def test_only_of_a_draft_so_that_the_approver_has_it_before_them(official, programme, browse, state):
    table = make_table(programme, state=state)
    assert browse(official).get(url(table)).status_code == 409
    with pytest.raises(NotNow):
        let_pass(table, official)


def test_the_database_keeps_it_as_it_is(official, shut):
    let_pass(shut, official)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.update(GateOverride).values(reason="Another"))


def test_a_double_click_is_one_override(official, shut):
    once = uuid.uuid4()
    assert let_pass(shut, official, once=once) is let_pass(shut, official, once=once)


def test_only_the_leading_municipality(shut, investor, browse):
    assert browse(investor).get(url(shut)).status_code == 404
    assert browse(make_user()).get(url(shut)).status_code == 404
