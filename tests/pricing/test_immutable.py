"""The database itself keeps a published table, on SQLite and PostgreSQL: no road around the operations."""

import uuid

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.pricing.models import Effect, EvidenceType, Overshoot, PriceTable, Reduce
from app.pricing.states import TableState
from app.programmes.models import LifeDomain
from tests.factories.pricing import make_effect, make_table

OTHER = {
    "id": uuid.uuid4(),
    "created_at": None,
    "programme_id": None,
    "number": 99,
    "note": "Changed",
    "illustrative": True,
    "cap_per_person_minor": 1,
    "cap_contract_minor": 1,
    "published_at": None,
    "period_caps": [{"from": "2026-01-01", "to": "2026-12-31", "amount_minor": 1}],
    "reduce": Reduce.PRO_RATA,
    "overshoot": Overshoot.CARRIED,
    "step_minor": 100,
    "vat_bp": 2_100,
}


def refused(statement) -> None:
    with pytest.raises(DBAPIError, match="never changes"), db.session.begin_nested():
        db.session.execute(statement)


def table_in(state: TableState) -> PriceTable:
    table = make_table(state=TableState.PUBLISHED)
    if state == TableState.SUPERSEDED:
        table.state = state
        db.session.commit()
    return table


@pytest.mark.parametrize("state", [TableState.PUBLISHED, TableState.SUPERSEDED])
def test_no_column_of_the_table_changes(both, state):
    table = table_in(state)
    other_programme = make_table(state=TableState.DRAFT).programme_id
    for name in (column.name for column in PriceTable.__table__.columns):
        if name in ("state", "version"):
            continue
        moment = table.programme.created_at
        others = OTHER | {"programme_id": other_programme, "copied_from_id": table.id, "created_at": moment}
        value = others[name]
        for also in ({}, {"state": TableState.SUPERSEDED}):
            refused(update(PriceTable).where(PriceTable.id == table.id).values({name: value} | also))


@pytest.mark.parametrize("state", [TableState.PUBLISHED, TableState.SUPERSEDED])
def test_it_is_not_deleted(both, state):
    table = table_in(state)
    refused(delete(PriceTable).where(PriceTable.id == table.id))
    refused(delete(Effect).where(Effect.table_id == table.id))


@pytest.mark.parametrize("state", [TableState.PUBLISHED, TableState.SUPERSEDED])
def test_no_effect_is_added_changed_or_moved_in_or_out(both, state):
    table = table_in(state)
    draft = make_table(state=TableState.DRAFT, effects=0)
    loose = make_effect(draft, "loose")
    refused(update(Effect).where(Effect.table_id == table.id).values(price_minor=1))
    refused(update(Effect).where(Effect.table_id == table.id).values(table_id=draft.id))
    refused(update(Effect).where(Effect.id == loose.id).values(table_id=table.id))
    row = {"table_id": table.id, "position": 9, "code": "new", "name": "New", "life_domain": LifeDomain.WORK}
    row |= {"definition": "x", "price_minor": 1, "evidence_type": EvidenceType.SCHOOL}
    refused(insert(Effect).values(row))


@pytest.mark.parametrize("state", [TableState.DRAFT, TableState.IN_REVIEW, TableState.APPROVED])
def test_it_never_goes_back_to_be_changed(both, state):
    for table in (table_in(TableState.PUBLISHED), table_in(TableState.SUPERSEDED)):
        refused(update(PriceTable).where(PriceTable.id == table.id).values(state=state))
    superseded = table_in(TableState.SUPERSEDED)
    refused(update(PriceTable).where(PriceTable.id == superseded.id).values(state=TableState.PUBLISHED))


def test_a_published_table_may_be_superseded_and_a_draft_changed_and_deleted(both):
    table = make_table()
    table.state = TableState.SUPERSEDED
    db.session.commit()
    assert db.session.scalar(select(PriceTable.state).where(PriceTable.id == table.id)) == TableState.SUPERSEDED
    draft = make_table(state=TableState.DRAFT)
    draft.effects[0].price_minor = 1
    draft.note = "Changed"
    db.session.commit()
    db.session.delete(draft)
    db.session.commit()
    assert db.session.get(PriceTable, draft.id) is None
