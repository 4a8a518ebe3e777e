"""Rows of a draft: added, changed, moved, removed; each act is recorded on the table, for four eyes."""

import uuid

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.pricing.models import Effect, EffectKind, EvidenceType
from app.pricing.operations import EffectFacts, add_effect, edit_effect
from app.pricing.states import TableState
from app.programmes.models import LifeDomain
from tests.browser import soup
from tests.factories.pricing import make_effect, make_table

GOOD = {
    "name": "Start qualification",
    "code": "school-2",
    "life_domain": "education",
    "who": "Participants without one at intake",
    "definition": "Holds a diploma at level 2.",
    "sustained": "Once, on the day",
    "kind": "per_person",
    "price_minor": "3,500.00",
    "deadweight_bp": "12.5",
    "max_per_person": "1",
    "evidence_type": "school",
    "evidence_days": "90",
}


def add_url(table) -> str:
    return f"/prices/{table.id}/effects/add"


def edit_url(effect) -> str:
    return f"/effects/{effect.id}/edit"


def codes(table) -> list[str]:
    db.session.expire_all()
    return [effect.code for effect in table.effects]


def test_an_effect_is_added_at_the_end(official, draft, browse):
    answer = browse(official).post_form(add_url(draft), GOOD | {"requires": ["work-13w"]})
    assert answer.status_code == 303
    assert codes(draft) == ["work-13w", "school-2"]
    effect = draft.effects[1]
    assert (effect.price_minor, effect.deadweight_bp, effect.max_per_person) == (350_000, 1_250, 1)
    assert (effect.requires, effect.saving_minor, effect.saving_class) == (["work-13w"], None, None)
    assert (effect.life_domain, effect.evidence_type) == (LifeDomain.EDUCATION, EvidenceType.SCHOOL)
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("table.edit", draft.id)


def test_paid_per_effect_is_the_price_less_what_would_have_happened_anyway(draft):
    effect = draft.effects[0]
    effect.price_minor, effect.deadweight_bp = 250_001, 1_250  # 218750.875 cents
    assert effect.paid_minor == 218_751
    effect.price_minor, effect.deadweight_bp = 1, 5_000  # half a cent is rounded up
    assert effect.paid_minor == 1


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("name", "", "Fill this in."),
        ("name", "a\x00b", "cannot be stored"),
        ("code", "Work 13", "small letters"),
        ("code", "work-13w", "already has an effect"),
        ("code", "x" * 31, "At most 30"),
        ("life_domain", "sports", "valid choice"),
        ("definition", "", "Fill this in."),
        ("price_minor", "0", "above zero"),
        ("price_minor", "-20", "above zero"),
        ("price_minor", "1e9", "Give an amount"),
        ("price_minor", "99999999999999", "too high"),
        ("deadweight_bp", "100", "from 0 to 99.99"),
        ("deadweight_bp", "-3", "from 0 to 99.99"),
        ("deadweight_bp", "12.345", "from 0 to 99.99"),
        ("max_per_person", "0", "from 1 to"),
        ("max_per_person", "many", "whole number"),
        ("requires", "nothing-such", "valid choice"),
        ("evidence_type", "provider", "valid choice"),  # gate D3: the provider's own word is not on the list
        ("evidence_days", "0", "from 1 to"),
        ("saving_minor", "4257", "its kind and its source"),
    ],
)
def test_a_wrong_answer_is_told_on_its_field(official, draft, browse, field, typed, says):
    browser = browse(official)
    answer = browser.submit(browser.get_ok(add_url(draft)), GOOD | {field: typed}, forged=True)
    assert answer.status_code == 422
    told = {"saving_minor": "saving_class"}.get(field, field)
    assert says in soup(answer).select_one(f"#{told}-error").text
    kept = soup(answer).select_one("#definition" if field != "definition" else "#who")
    assert (kept.text.strip() or kept.get("value")) == GOOD["definition" if field != "definition" else "who"]
    assert codes(draft) == ["work-13w"]


def test_units_are_not_limited_per_person_nor_chained_because_the_engine_does_neither(official, draft, browse):
    browser = browse(official)
    page = browser.get_ok(f"{add_url(draft)}?kind=per_unit")
    assert not soup(page).select("[name=max_per_person], [name=requires]")
    typed = GOOD | {"kind": "per_unit", "unit": "day", "price_minor": "38.50", "max_per_person": "5"}
    assert browser.submit(page, typed | {"requires": ["work-13w"]}, forged=True).status_code == 303
    effect = db.session.scalars(db.select(Effect).filter_by(code="school-2")).one()
    assert (effect.kind, effect.unit, effect.max_per_person) == (EffectKind.PER_UNIT, "day", None)
    assert effect.requires == []


def test_a_double_click_is_one_effect(official, draft, browse):
    browser = browse(official)
    page = browser.get_ok(add_url(draft))
    assert [browser.submit(page, GOOD).status_code for _ in range(2)] == [303, 303]
    assert codes(draft) == ["work-13w", "school-2"]


def test_an_effect_is_changed_and_those_that_require_it_follow_its_code(official, draft, browse):
    make_effect(draft, "work-26w", requires=["work-13w"])
    answer = browse(official).post_form(edit_url(draft.effects[0]), {"code": "job-13w", "price_minor": "2600"})
    assert answer.status_code == 303
    assert codes(draft) == ["job-13w", "work-26w"]
    assert draft.effects[0].price_minor == 260_000
    assert draft.effects[1].requires == ["job-13w"]


def test_the_second_of_two_hears_of_it_and_keeps_the_text(official, second, draft, browse):
    effect = draft.effects[0]
    late, early = browse(second), browse(official)
    page = late.get_ok(edit_url(effect))
    early.post_form(edit_url(effect), {"price_minor": "3000"})
    answer = late.submit(page, {"price_minor": "4000", "who": "Typed with care"})
    assert answer.status_code == 409
    assert soup(answer).select_one("#who")["value"] == "Typed with care"
    assert "€3,000.00" in soup(answer).select_one(".notice.tone-warn").text
    db.session.refresh(effect)
    assert effect.price_minor == 300_000


def test_what_somebody_left_as_it_stood_never_replaces_what_a_colleague_saved(official, second, draft, browse):
    """A sets the price and the definition, B on the page from before types for whom it is and a definition too."""
    effect = draft.effects[0]
    effect.definition = "Works\n12 hours a week."  # a browser sends other line ends
    db.session.commit()
    late, early = browse(second), browse(official)
    page = late.get_ok(edit_url(effect))
    by_a = {"price_minor": "3000", "achieved_when": "As A says it", "name": "As A named it"}
    early.post_form(edit_url(effect), by_a)
    answer = late.submit(page, {"who": "As B says it", "name": "As B named it"})
    assert answer.status_code == 409
    shown = soup(answer).select_one(".notice.tone-warn").text
    assert "As A named it" in shown and "€3,000.00" not in shown  # the one answer that both gave
    assert soup(answer).select_one("#price_minor")["value"] == "3000.00"
    assert late.submit(answer).status_code == 303
    db.session.refresh(effect)
    assert (effect.price_minor, effect.achieved_when) == (300_000, "As A says it")
    assert (effect.who, effect.name) == ("As B says it", "As B named it")
    assert effect.definition.split() == ["Works", "12", "hours", "a", "week."]


def test_up_and_down(official, programme, browse):
    table = make_table(programme, state=TableState.DRAFT, effects=3)
    browser = browse(official)
    show = browser.get_ok(f"/prices/{table.id}")
    assert browser.submit(show, action=f"/effects/{table.effects[2].id}/move-up").status_code == 303
    assert codes(table) == ["work-13w", "effect-3", "effect-2"]
    first = table.effects[0]
    show = browser.get_ok(f"/prices/{table.id}")
    assert browser.submit(show, action=f"/effects/{first.id}/move-down").status_code == 303
    assert codes(table) == ["effect-3", "work-13w", "effect-2"]
    assert not soup(browser.get_ok(f"/prices/{table.id}")).select(
        f"form[action='/effects/{table.effects[0].id}/move-up']"
    )


def test_an_effect_is_removed(official, draft, browse):
    make_effect(draft, "work-26w")
    answer = browse(official).post_form(f"/effects/{draft.effects[0].id}/remove")
    assert answer.status_code == 303
    assert codes(draft) == ["work-26w"]


@pytest.mark.parametrize("state", [TableState.IN_REVIEW, TableState.APPROVED, TableState.PUBLISHED])
def test_only_in_a_draft(official, programme, browse, state):
    table = make_table(programme, state=state)
    effect = table.effects[0]
    browser = browse(official)
    for url in (add_url(table), edit_url(effect), f"/effects/{effect.id}/remove", f"/prices/{table.id}/edit"):
        assert browser.get(url).status_code == 409, url
    assert not soup(browser.get_ok(f"/prices/{table.id}")).select("form[action*='/move-']")


def test_others_neither_see_nor_touch_a_draft(draft, investor, browse):
    for url in (add_url(draft), edit_url(draft.effects[0]), f"/prices/{draft.id}"):
        assert browse(investor).get(url).status_code == 404, url


def test_the_table_itself_is_changed(official, draft, browse):
    answer = browse(official).post_form(f"/prices/{draft.id}/edit", {"note": "New note", "cap_contract_minor": ""})
    assert answer.status_code == 303
    db.session.refresh(draft)
    assert (draft.note, draft.cap_contract_minor) == ("New note", None)


def _facts(code: str) -> EffectFacts:
    words = {"code": code, "name": "x", "life_domain": LifeDomain.WORK, "definition": "x"}
    return EffectFacts(**words, price_minor=100, evidence_type=EvidenceType.SCHOOL)


def test_facts_are_checked_without_a_page_too(official, draft):
    facts = _facts("bad code")
    with pytest.raises(Refused) as refused:
        add_effect(draft, facts, actor=official, once=uuid.uuid4())
    assert refused.value.field == "code"
    draft.state = TableState.IN_REVIEW
    db.session.commit()
    good = _facts("good")
    with pytest.raises(NotNow):
        edit_effect(draft.effects[0], good, actor=official)
