"""What the gates look at, read from the database: tests, overrides, and what already binds the payers."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.audit import trail
from app.core import clock
from app.core.errors import Refused
from app.core.money import share
from app.extensions import db
from app.pricing.budget import Years, early_by_year
from app.pricing.definability import definition_of
from app.pricing.gate import Gate
from app.pricing.gates import gates_of
from app.pricing.models import GateOverride, PriceTable
from app.programmes.models import Programme
from app.readers.models import digest_of
from app.readers.queries import Tested, tests_of


def judge_gates(table: PriceTable, tests: dict[str, Tested] | None = None) -> list[Gate]:
    """Every gate of this version, with its verdict as things are now."""
    tests = reader_tests_of(table) if tests is None else tests
    overrides = overrides_of(table)
    return gates_of(table, table.programme.shares, tests, overrides, _lapsed(table) if overrides else None)


def definitions_in(table: PriceTable) -> dict[str, str]:
    """By effect code, the digest of its definition now: what overrides and two-reader tests are bound to."""
    return {effect.code: digest_of(definition_of(effect)) for effect in table.effects}


def _lapsed(table: PriceTable) -> dict[uuid.UUID, frozenset[str]]:
    """By override, the effects that were added or defined anew since. The trail says what it was made on; where its
    facts are no longer kept the table has long been published, and nothing of it can change any more."""
    now = definitions_in(table)
    return {
        uuid.UUID(said["override"]): frozenset(code for code, digest in now.items() if said["on"].get(code) != digest)
        for said in trail.all_proven_facts(Action.TABLE_OVERRIDE, table)
        if "override" in said
    }


def reader_tests_of(table: PriceTable) -> dict[str, Tested]:
    """By effect code, the two-reader tests of exactly its definition; they carry over from version to version."""
    return tests_of(table.programme_id, definitions_in(table))


def overrides_of(table: PriceTable) -> list[GateOverride]:
    found = select(GateOverride).where(GateOverride.table_id == table.id).order_by(GateOverride.created_at)
    return list(db.session.scalars(found).unique())


def expect_open(table: PriceTable) -> None:
    """Raise `Refused`, naming the gates, while one is shut that no official let pass."""
    shut = [(gate, fault) for gate in judge_gates(table) for fault in gate.open_faults]
    if not shut:
        return
    gate, fault = shut[0]
    first = f"{gate.code}: {fault.message}" if gate.code and gate.may_be_overridden else fault.message
    if len(shut) == 1:
        raise Refused(first)
    codes = list(dict.fromkeys(gate.code for gate, _fault in shut if gate.code and gate.may_be_overridden))
    more = _("%(number)d more: see the checks below.", number=len(shut) - 1)
    shut_gates = _("Shut: %(gates)s.", gates=", ".join(codes)) if codes else ""
    raise Refused(f"{first} {more} {shut_gates}".strip())


def committed_by_year(programme: Programme) -> dict[str, Years]:
    """What the agreement in force binds each payer to: paid so far, and what may still come up to its ceilings.

    By `str(organisation_id)` and budget year, minor units; empty while no agreement is in force. What was not asked
    in a year that is over may still be asked in the present one. Agreements and statements stand above this package,
    so their tables are asked by name.
    """
    agreement = db.metadata.tables["agreement"]
    binding = select(agreement.c.table_id).where(agreement.c.state == "in_force")
    table_id = db.session.scalar(binding.where(agreement.c.programme_id == programme.id))
    if table_id is None:
        return {}
    table, paid = db.session.get_one(PriceTable, table_id), _paid_by_year(programme.id)
    worst = early_by_year(table, programme.shares)
    _fit(worst, table.cap_contract_minor)
    return {payer: _bound(paid.get(payer, {}), years, programme.years) for payer, years in worst.items()}


def _paid_by_year(programme_id: uuid.UUID) -> dict[str, Years]:
    """What checked settlements asked, by the year in which their period ends."""
    statement, settlement = db.metadata.tables["statement"], db.metadata.tables["settlement"]
    found: Any = select(statement.c.payer_id, settlement.c.period_to, func.sum(statement.c.amount_minor))
    found = found.join(settlement, settlement.c.id == statement.c.settlement_id)
    found = found.where(statement.c.programme_id == programme_id, statement.c.state != "refused")
    found = found.where(settlement.c.checked_by_id.is_not(None)).group_by(statement.c.payer_id, settlement.c.period_to)
    paid: dict[str, Years] = {}
    for payer, period_to, amount in db.session.execute(found):
        years = paid.setdefault(str(payer), {})
        years[period_to.year] = years.get(period_to.year, 0) + int(amount)
    return paid


def _fit(worst: dict[str, Years], ceiling: int | None) -> None:
    """The engine keeps to the ceiling of the contract already; this holds it to the cent when years are summed."""
    total = sum(sum(years.values()) for years in worst.values())
    if ceiling is None or total <= ceiling:
        return
    places = [(payer, year) for payer, years in worst.items() for year in years]
    for (payer, year), amount in zip(places, share(ceiling, [worst[p][y] for p, y in places]), strict=True):
        worst[payer][year] = amount


def _bound(paid: Years, worst: Years, years: range) -> Years:
    left = max(0, sum(worst.values()) - sum(paid.values()))
    bound = dict(paid)
    present = min(max(clock.today().year, years[0]), years[-1])
    for year in range(years[-1], present - 1, -1):
        room = left if year == present else min(left, worst.get(year, 0))
        bound[year] = bound.get(year, 0) + room
        left -= room
    return bound
