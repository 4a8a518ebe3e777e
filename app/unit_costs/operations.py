"""The only code that changes the register of unit costs."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotYours, Refused
from app.core.money import DIGITS
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import LifeDomain
from app.unit_costs.models import Bearer, SavingClass, UnitCost, may_contribute
from app.unit_costs.states import FLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFacts:
    """What a figure says: `value_minor` of `currency` per `unit`, in prices of `price_year`, measured in `country`."""

    name: str
    value_minor: int
    unit: str
    price_year: int
    bearer: Bearer
    saving_class: SavingClass
    source: str
    licence: str
    currency: str = "EUR"
    country: str = "NL"
    life_domain: LifeDomain | None = None
    address: str = ""
    note: str = ""
    illustrative: bool = False


@operation
def add_unit_cost(organisation: Organisation, facts: FigureFacts, *, actor: User, once: uuid.UUID) -> UnitCost:
    """Put a figure in the register for `organisation`, which must be one of the actor's and vetted.

    `Refused` on `value_minor`, `currency`, `price_year` or `address` when they cannot be true.
    """
    existing = db.session.get(UnitCost, once)
    if existing is not None:
        return existing
    if organisation.id not in actor.organisation_ids or not may_contribute(organisation):
        raise NotYours(_("Your organisation does not fill the register."))
    _check(facts)
    figure = UnitCost(id=once, organisation=organisation, **asdict(facts))
    db.session.add(figure)
    record(Action.UNIT_COST_ADD, figure, actor, **_told(facts))
    return figure


def _check(facts: FigureFacts) -> None:
    if facts.value_minor <= 0:
        raise Refused(_("The amount must be above zero."), "value_minor")
    if facts.currency not in DIGITS:
        raise Refused(_("The portal does not count in this currency."), "currency")
    if not 1950 <= facts.price_year <= clock.today().year:
        raise Refused(_("Give a year from 1950 until now."), "price_year")
    if facts.address and not facts.address.startswith(("https://", "http://")):
        raise Refused(_("Give an address that begins with https://."), "address")


def _told(facts: FigureFacts) -> dict[str, Any]:
    told = asdict(facts)
    return {name: told[name] for name in ("name", "value_minor", "currency", "unit", "price_year", "source", "licence")}


@operation
def edit_unit_cost(figure: UnitCost, facts: FigureFacts, *, actor: User, version: int | None = None) -> None:
    """Change a figure; tables that used it keep the values that they copied."""
    figure.expect_version(version)
    FLOW.advance(figure, Action.UNIT_COST_EDIT)
    _check(facts)
    for name, value in asdict(facts).items():
        setattr(figure, name, value)
    record(Action.UNIT_COST_EDIT, figure, actor, **_told(facts))


@operation
def withdraw_unit_cost(figure: UnitCost, *, actor: User) -> None:
    """It is no longer offered; its page and the tables that used it stay."""
    FLOW.advance(figure, Action.UNIT_COST_WITHDRAW)
    figure.withdrawn = True
    record(Action.UNIT_COST_WITHDRAW, figure, actor, name=figure.name)
