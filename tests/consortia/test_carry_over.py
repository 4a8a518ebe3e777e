"""Migration 0013: what partners had typed of their work is in the opened plan, or in the vault; none of it is lost."""

import uuid
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from flask import current_app

from app import create_app
from app.consortia.models import Consortium
from app.consortia.parts import part_of
from app.extensions import db

DUMMIES = {sa.Integer: 1, sa.String: "x", sa.Boolean: False, sa.LargeBinary: b"", sa.JSON: []}
MOMENTS = {sa.DateTime: datetime(2026, 1, 1, tzinfo=UTC), sa.Date: date(2026, 1, 1), sa.Uuid: None}
KNOWN = {
    "programme": {"ends_on": date(2027, 1, 1), "tail_until": date(2028, 1, 1), "state": "approved", "phase": "call"},
    "price_table": {"state": "published"},
    "organisation": {"kind": "provider"},
    "call": {"state": "draft", "tie_rule": "heaviest"},
    "evaluation": {"state": "final"},
    "proposal": {"state": "opened"},
}


@pytest.fixture
def portal(tmp_path):
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/old.sqlite", "SECRET_KEY": "only for tests"}
    app = create_app({"TESTING": True}, environ=environ | {"INSTANCE": str(tmp_path)})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def lay(connection, name, **values):
    """A row as the schema of that day wants it, with the rows that it names; what no test asks about is a dummy."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    row = {"id": uuid.uuid4().hex} | KNOWN.get(name, {}) | values
    for column in table.columns:
        if column.nullable or column.name in row:
            continue
        parents = [key.target_fullname.split(".")[0] for key in column.foreign_keys]
        row[column.name] = lay(connection, parents[0]) if parents else dummy(column)
    connection.execute(table.insert().values(**row))
    return row["id"]


def dummy(column):
    kind = next(kind for kind in type(column.type).__mro__ if kind in DUMMIES | MOMENTS)
    value = (DUMMIES | MOMENTS)[kind]
    return uuid.uuid4().hex if value == "x" or value is None else value


def test_every_word_is_carried_over_and_none_stays_in_the_clear(portal):
    config = current_app.extensions["migrate"].migrate.get_config()
    command.upgrade(config, "0014")
    with db.engine.begin() as connection:
        provider = lay(connection, "organisation")
        forming, opened = (lay(connection, "consortium", lead_id=provider, state=s) for s in ("forming", "awarded"))
        for key in (forming, opened):
            said = {"contribution": "Homes.", "life_domains": ["home"], "state": "accepted"}
            lay(connection, "consortium_partner", consortium_id=key, organisation_id=provider, **said)
        plan = {"answers": {}, "volumes": {}}
        lay(connection, "opened_proposal", consortium_id=opened, content=plan)
    command.upgrade(config, "0015")
    with db.engine.connect() as connection:
        columns = {column["name"] for column in sa.inspect(connection).get_columns("consortium_partner")}
        assert "contribution" not in columns
        slots = connection.execute(sa.text("SELECT ciphertext FROM draft_slot")).scalars().all()
        assert len(slots) == 2 and not any(b"Homes." in slot for slot in slots)  # the part and the salt
        content = connection.execute(sa.text("SELECT content FROM opened_proposal")).scalar()
        assert "Homes." in content and str(uuid.UUID(provider)) in content
    command.upgrade(config, "head")
    found = sa.select(Consortium).where(Consortium.id == uuid.UUID(forming)).options(sa.orm.lazyload("*"))
    part = part_of(db.session.scalars(found).one(), uuid.UUID(provider))
    assert (part["contribution"], part["life_domains"]) == ("Homes.", ["home"])
