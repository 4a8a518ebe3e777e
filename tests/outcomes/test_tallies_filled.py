"""A bond that stood before its figures were kept is counted by the migration, on both databases."""

from datetime import timedelta

import pytest
from alembic import command
from flask import current_app
from sqlalchemy import Uuid, column, select, table, update

from app.extensions import db
from app.intake.figures import started_by
from app.outcomes.disclosure import as_it_is
from app.outcomes.invariants import kept_counts_are_right
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import ClaimState
from tests.factories.outcomes import (
    START,
    make_claim,
    make_every_kind,
    make_measured,
    make_participant,
    make_signed_off,
)
from tests.factories.settlement import make_settlement


@pytest.fixture
def app(own_database):
    with own_database.app_context():
        yield own_database


def test_down_and_up_with_a_bond_in_it(app):
    bond = make_every_kind()
    make_claim(bond, make_participant(bond, bond.hengelo), "work")
    make_claim(bond, code="days", state=ClaimState.REGISTERED)
    make_signed_off(bond, code="work")
    make_measured(bond, "fee")
    make_settlement(bond, START + timedelta(days=120), approved=True)
    programme, cities = bond.programme, (bond.enschede.id, bond.hengelo.id)
    before = as_it_is(programme.id)
    assert sorted(before.cells.values()) == [(1, 0), (1, 260_000), (1, 383_855_600)]
    db.session.commit()
    config = current_app.extensions["migrate"].migrate.get_config()
    command.downgrade(config, "0060")  # before what is kept knew the provider
    assert _held(programme) == {bond.provider.organisations[0].id: 1}
    db.session.commit()
    command.downgrade(config, "0034")
    command.upgrade(config, "head")
    assert as_it_is(programme.id) == before
    assert started_by(programme, cities) == {cities[0]: 2, cities[1]: 1}
    for kind in (Claim, Measurement):  # the triggers stand again
        db.session.execute(update(kind).values(state=ClaimState.REJECTED))
    assert {key.stage for key in as_it_is(programme.id).cells} == {"rejected"}
    assert [*kept_counts_are_right()] == []


def _held(programme):
    """What the provider of each registered claim was told of until 0060."""
    held = table("held_tally", column("provider_id", Uuid), column("number"), column("programme_id", Uuid))
    found = select(held.c.provider_id, held.c.number).where(held.c.programme_id == programme.id)
    return dict(iter(db.session.execute(found)))
