"""One act is one transaction, and an act that nobody can read back in the trail did not happen."""

import uuid
from datetime import date

import pytest
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.audit.models import AuditEntry
from app.core.errors import Changed, NotYours
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.programmes.operations import ProgrammeFacts, draft_programme
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_nothing_recorded_nothing_committed(both):
    @operation
    def rename(organisation):
        organisation.name = "Other"

    city = make_organisation(name="Enschede")
    with pytest.raises(RuntimeError, match="recorded nothing"):
        rename(city)
    assert db.session.get(Organisation, city.id).name == "Enschede"


def test_the_second_half_of_a_double_click_writes_nothing_and_is_no_fault(both):
    city = make_organisation(name="Enschede")
    official, once = make_user(city), uuid.uuid4()
    facts = ProgrammeFacts("SIB", "Debts.", "Two domains.", 70, 16, 23, "NL", *(date(2026 + n, 1, 1) for n in range(3)))
    first = draft_programme(city, facts, actor=official, once=once)
    second = draft_programme(city, facts, actor=official, once=once)
    assert first.id == second.id == once
    assert count(AuditEntry) == 1


def test_a_refused_actor_leaves_no_trace(both):
    """The second lock: `record` refuses what the table does not allow, and the change goes with it."""

    @operation
    def meddle(programme, *, actor):
        programme.title = "Mine"
        record(Action.PROGRAMME_EDIT, programme, actor)

    programme = make_programme(title="Theirs")
    stranger = make_user(make_organisation(OrganisationKind.MUNICIPALITY))
    with pytest.raises(NotYours):
        meddle(programme, actor=stranger)
    assert programme.title == "Theirs"
    assert count(AuditEntry) == 0


def test_a_nested_operation_joins_the_outer_one(both):
    @operation
    def inner(programme, *, actor):
        programme.title = "Changed"
        record(Action.PROGRAMME_EDIT, programme, actor)

    @operation
    def outer(programme, *, actor):
        inner(programme, actor=actor)
        raise ZeroDivisionError

    programme = make_programme(title="As it was")
    official = make_user(programme.lead)
    with pytest.raises(ZeroDivisionError):
        outer(programme, actor=official)
    assert programme.title == "As it was"
    assert count(AuditEntry) == 0


def test_rows_changed_outside_an_operation_are_not_swept_along(both):
    @housekeeping
    def anything():
        pass

    city = make_organisation()
    city.name = "Changed in a view"
    with pytest.raises(RuntimeError, match="outside an operation"):
        anything()
    db.session.rollback()


def test_the_second_of_two_people_hears_that_it_changed(both):
    programme = make_programme()
    programme.expect_version(programme.version)
    with pytest.raises(Changed) as told:
        programme.expect_version(programme.version - 1)
    assert told.value.version == programme.version
