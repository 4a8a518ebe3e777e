"""One group of which only the dearest is paid has one deadweight (replay/1, `best_of`): told wherever it is typed, and
never published, since whoever checks a settlement does it with the replay file.
"""

import io
import uuid
from dataclasses import replace

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.pricing.copying import copy_effects
from app.pricing.gates import faults_of
from app.pricing.lines import facts_of
from app.pricing.models import PriceTable
from app.pricing.operations import edit_effect, submit_table
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.people import make_organisation
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme

SAYS = "In this group “First” takes off 20% for what would have happened anyway."


@pytest.fixture
def table(programme):
    """Two effects of one group that take off 20%, and one that stands alone and takes off nothing."""
    table = make_table(programme, state=TableState.DRAFT, effects=0)
    make_effect(table, "first", name="First", best_of="job", deadweight_bp=2_000)
    make_effect(table, "second", name="Second", best_of="job", deadweight_bp=2_000)
    make_effect(table, "alone", name="Alone", deadweight_bp=0)
    db.session.refresh(table)
    return table


def stored(table) -> list[tuple[str, str, int]]:
    db.session.expire_all()
    effects = db.session.get(PriceTable, table.id).effects
    return [(effect.code, effect.best_of, effect.deadweight_bp) for effect in effects]


def test_the_form_tells_it_on_the_group(official, table, browse):
    before = stored(table)
    answer = browse(official).post_form(f"/effects/{table.effects[2].id}/edit", {"best_of": "job"})
    assert answer.status_code == 422
    assert SAYS in soup(answer).select_one("#best_of-error").text
    assert stored(table) == before


def test_the_same_deadweight_joins(official, table, browse):
    typed = {"best_of": "job", "deadweight_bp": "20"}
    assert browse(official).post_form(f"/effects/{table.effects[2].id}/edit", typed).status_code == 303
    assert stored(table)[2] == ("alone", "job", 2_000)


def test_the_lines_tell_it_at_the_percentage_and_let_all_change_together(official, table, browse):
    before = stored(table)
    answer = browse(official).post_form(f"/prices/{table.id}/lines", {"lines-1-deadweight_bp": "30"})
    assert answer.status_code == 422
    assert SAYS in soup(answer).select_one("#lines-1-deadweight_bp-error").text
    assert stored(table) == before
    both = {"lines-0-deadweight_bp": "30", "lines-1-deadweight_bp": "30"}
    assert browse(official).post_form(f"/prices/{table.id}/lines", both).status_code == 303
    assert [row[2] for row in stored(table)] == [3_000, 3_000, 0]


def test_an_import_tells_it_at_its_cell(official, table, browse):
    before = stored(table)
    data = {"file": (io.BytesIO(b"id,best_of\nalone,job\n"), "prices.csv")}
    answer = browse(official).post_form(f"/prices/{table.id}/import", data)
    assert answer.status_code == 422
    assert "B2" in soup(answer).select_one("main table tbody tr").text and SAYS in soup(answer).text
    assert stored(table) == before
    data = {"file": (io.BytesIO(b"id,best_of,deadweight\nalone,job,20%\n"), "prices.csv")}
    assert browse(official).post_form(f"/prices/{table.id}/import", data).status_code == 200


def test_a_copy_that_does_not_fit_its_group_is_refused(official, table):
    elsewhere = make_table(make_programme(make_organisation()), state=TableState.DRAFT, effects=0)
    other = make_effect(elsewhere, "other", name="Other", best_of="job", deadweight_bp=500)
    elsewhere.published_at, elsewhere.state = elsewhere.created_at, TableState.PUBLISHED
    db.session.commit()
    before = stored(table)
    with pytest.raises(Refused, match=r"Other: .*“First” takes off 20%"):
        copy_effects(table, [other], actor=official, once=uuid.uuid4())
    db.session.rollback()
    assert stored(table) == before


def test_the_act_itself_refuses_too(official, table):
    with pytest.raises(Refused, match="takes off 20%"):
        edit_effect(table.effects[2], replace(facts_of(table.effects[2]), best_of="job"), actor=official)


def test_no_official_waves_it_through(official, table):
    """A row that was stored before this was told: shut, named, and not for an override."""
    table.effects[1].deadweight_bp = 1_000
    db.session.commit()
    found = [
        (gate.may_be_overridden, fault.field, fault.message)
        for gate, fault in faults_of(table, table.programme.shares)
        if gate.code == ""
    ]
    assert found == [(False, "best_of", "Second: the effects of one group must have the same deadweight.")]
    with pytest.raises(Refused, match="the same deadweight"):
        submit_table(table, actor=official)


def test_what_a_replay_file_refuses_cannot_be_submitted(official, table):
    """A price for a payer without a share: nobody would ever pay it."""
    table.effects[0].payer_prices = {str(uuid.uuid4()): 100}
    db.session.commit()
    with pytest.raises(Refused, match="First: a price is set for a payer that has no share"):
        submit_table(table, actor=official)
