"""Rows by the hundred thousand: what is added past the session is what was given, on both databases."""

import uuid

from app.core import bulk
from app.core.bulk import add_rows
from app.extensions import db
from app.intake.models import Participant
from app.intake.tally_models import StartTally
from app.people.models import Organisation, OrganisationKind
from tests.factories.outcomes import make_delivery, make_participant

AWKWARD = 'Tab\t, line\nbreak, \\N, "quotes", é and none'


def test_what_was_given_is_read_back_and_the_rest_is_the_default_of_the_model(both, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    ids = [uuid.uuid4() for _ in range(3)]
    given = ({"id": id, "name": AWKWARD, "kind": OrganisationKind.INVESTOR, "street": ""} for id in ids)
    assert list(add_rows(Organisation, given)) == [2, 3], "in portions"
    for id in ids:
        found = db.session.get_one(Organisation, id)
        assert (found.name, found.kind, found.street) == (AWKWARD, OrganisationKind.INVESTOR, "")
        assert found.vetted_at is None and found.created_at is not None and found.version == 1


def test_counts_that_the_database_keeps_see_them(both):
    bond = make_delivery()
    one = make_participant(bond)
    values = {column.key: getattr(one, column.key) for column in Participant.__table__.columns}
    rows = [values | {"id": uuid.uuid4(), "code": f"CODE{n}"} for n in range(5)]
    for _added in add_rows(Participant, rows):
        pass
    count = db.select(StartTally.number).filter_by(programme_id=bond.programme.id, payer_id=bond.enschede.id)
    assert db.session.scalar(count) == 6
