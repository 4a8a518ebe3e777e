"""Every route declares its action; deny by default; 404 before 403 before 409."""

import pytest
from flask import Blueprint

from app import create_app
from app.access import guard
from app.access.actions import Action
from app.access.four_eyes import FOUR_EYES
from app.access.guard import can, public, requires
from app.access.permissions import PERMISSIONS
from app.access.roles import Role
from app.people.models import OrganisationKind
from app.programmes.models import Part, Programme
from app.programmes.states import ProgrammeState
from tests.conftest import SETTINGS
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme


def fresh_app(tmp_path):
    settings = SETTINGS | {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/x.sqlite"}
    return create_app(settings, environ={"SECRET_KEY": "only for tests"})


def test_start_up_refuses_a_route_that_declares_nothing(tmp_path):
    app = fresh_app(tmp_path)
    forgotten = Blueprint("forgotten", __name__)
    forgotten.get("/forgotten")(lambda: "open to all")
    app.register_blueprint(forgotten)
    with pytest.raises(RuntimeError, match=r"forgotten\.<lambda> declares no action"):
        guard.refuse_undeclared(app)


def test_declared_routes_pass(tmp_path):
    app = fresh_app(tmp_path)
    guard.refuse_undeclared(app)
    assert public(lambda: "").declared_action is None
    assert requires(Action.PROGRAMME_EDIT, Programme)(lambda p: "").declared_action == Action.PROGRAMME_EDIT


def test_every_action_has_a_row_and_every_row_a_role():
    assert set(PERMISSIONS) == set(Action)
    assert all(PERMISSIONS.values())
    assert set(FOUR_EYES) <= set(PERMISSIONS)


def test_an_administrator_has_no_part_in_any_bond():
    keeps_accounts = {action for action, roles in PERMISSIONS.items() if Role.ADMIN in roles}
    assert {str(action).split(".")[0] for action in keeps_accounts} <= {"account", "organisation", "member"}


def test_who_comes_before_when(app):
    """A stranger hears that it is not theirs (403), not in what state it is; an official hears that it is not now."""
    programme = make_programme(state=ProgrammeState.APPROVED)
    investor = make_user(make_party(programme, Part.INVESTOR))
    official = make_user(programme.lead)
    assert not can(Action.PROGRAMME_SUBMIT, programme, investor).yours
    late = can(Action.PROGRAMME_SUBMIT, programme, official)
    assert late.yours and not late.allowed and late.reason


def test_a_part_in_one_bond_is_nothing_in_the_next(app):
    one, other = make_programme(), make_programme()
    desk = make_user(make_party(one, Part.INTERMEDIARY))
    assert can(Action.TREASURY_READ, one, desk)
    assert not can(Action.TREASURY_READ, other, desk)


def test_an_organisation_that_is_not_vetted_only_looks(app):
    city = make_user(make_organisation(OrganisationKind.MUNICIPALITY, vetted_at=None))
    assert not can(Action.PROGRAMME_DRAFT, None, city)
    assert can(Action.PROGRAMME_LIST, None, city)
