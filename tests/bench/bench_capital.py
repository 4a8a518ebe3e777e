"""A large bond settles and distributes in one run: `python -m tests.bench.bench_capital [--effects N] [--investors N]`.

Signed-off effects and investors who paid in are laid in bulk; all that moves money after that are the operations
themselves. Prints seconds, statements and memory of each act, the ratio of the settlement to the bare SQL sum of
the same rows, and what the pages cost, beside a small bond of the same making. `--on sqlite` measures there instead.
"""

import argparse
import logging
import resource
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import Engine

from app.capital.models import Commitment
from app.capital.states import CommitmentState
from app.core import clock
from app.core.bulk import add_rows
from app.extensions import db
from app.intake.models import AgeBand, Participant
from app.ledger.balances import moved
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.pricing.models import Effect
from app.programmes.models import Part, Party, Programme
from app.programmes.pseudonym import ALPHABET
from app.settlement.models import Settlement, Statement
from app.settlement.operations import approve_statement, check_settlement, prepare_settlement
from app.treasury import operations as treasury
from app.treasury.models import CapitalCall, CapitalCallPart, Distribution
from app.treasury.states import CapitalCallState
from tests.bench.__main__ import database
from tests.conftest import SETTINGS, browser_of
from tests.factories.outcomes import make_batch
from tests.factories.treasury import FIRST_LOSS, SENIOR, Funded, make_funded, pay_cost

DAY = date(2026, 6, 30)
EACH = 200_000  # minor units that every investor paid in
PER_PERSON = 10  # effects, of which the last requires the first


# --- A large bond ----------------------------------------------------------------------------------------------------


def lay(effects: int, investors: int) -> dict[str, uuid.UUID]:
    """A bond in delivery: `effects` signed off, `investors` who paid in, and all of that spent on the work."""
    table = {"effects": PER_PERSON - 1, "cap_contract_minor": None}
    bond = make_funded(reserved_minor=10**13, table=table, tranches=(SENIOR, FIRST_LOSS))
    bond.programme.shares[0].budget[0].reserved_minor = 10**13
    for one in bond.commitments:
        one.allotted_minor = one.amount_minor = EACH
    bond.round.target_minor = bond.round.maximum_minor = EACH * (investors + 2)
    db.session.commit()
    _lay_investors(bond, investors)
    pay_cost(bond, EACH * (investors + 2))
    _lay_claims(bond, effects)
    make_batch(bond)
    people = ("intermediary", "colleague", "official", "neighbour", "investor")
    laid = {"programme": bond.programme.id, "round": bond.round.id} | {name: getattr(bond, name).id for name in people}
    db.session.remove()
    return laid


def _lay(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Committed now and then: of what one transaction changes again and again, such as a count, nothing is cleared away
    before its end."""
    for _added in add_rows(model, rows):
        db.session.commit()


def _lay_investors(bond: Funded, number: int) -> None:
    """Each with a person, a part in the bond, a commitment, and its part of one call paid in and booked."""
    now, programme, round = clock.now(), bond.programme.id, bond.round.id
    made = {"created_at": now, "version": 1}
    ids = [(uuid.uuid4(), uuid.uuid4(), uuid.uuid4()) for _ in range(number)]
    kind = {"kind": OrganisationKind.INVESTOR, "vetted_at": now} | made
    _lay(Organisation, (kind | {"id": org, "name": f"Fund {n}"} for n, (org, _, _) in enumerate(ids)))
    person = {"confirmed_at": now, "locale": "en", "active": True, "created_at": now}
    _lay(
        User,
        (
            person | {"id": user, "name": f"Fund {n}", "email": f"{user.hex}@bench.example", "fs_uniquifier": user.hex}
            for n, (_, user, _) in enumerate(ids)
        ),
    )
    _lay(Membership, ({"id": uuid.uuid4(), "user_id": u, "organisation_id": o} for o, u, _ in ids))
    _lay(
        Party,
        (
            {"id": uuid.uuid4(), "programme_id": programme, "organisation_id": o, "part": Part.INVESTOR}
            for o, _, _ in ids
        ),
    )
    tranches = [tranche.id for tranche in bond.round.tranches]
    given = {"round_id": round, "programme_id": programme, "amount_minor": EACH, "allotted_minor": EACH, "version": 1}
    given |= {"state": CommitmentState.ALLOTTED, "committed_by_id": bond.investor.id}
    held = [
        given | {"id": c, "organisation_id": o, "tranche_id": tranches[n % 2], "created_at": now + timedelta(0, 0, n)}
        for n, (o, _, c) in enumerate(ids)
    ]
    _lay(Commitment, held)
    held += [{"id": one.id, "organisation_id": one.organisation_id} for one in bond.commitments]
    _lay_call(bond, held)


def _lay_call(bond: Funded, held: list[dict[str, Any]]) -> None:
    whole = EACH * len(held)
    call = CapitalCall(
        programme=bond.programme,
        number=1,
        amount_minor=whole,
        purpose="Start",
        notice_days=10,
        due_on=DAY,
        state=CapitalCallState.FUNDED,
    )
    bank = Account(programme_id=bond.programme.id, kind=AccountKind.BANK)
    db.session.add_all([call, bank])
    db.session.commit()
    parts = [(uuid.uuid4(), uuid.uuid4(), one) for one in held]
    part = {"capital_call_id": call.id, "amount_minor": EACH, "received_on": date(2026, 1, 2), "version": 1}
    account = {"programme_id": bond.programme.id, "kind": AccountKind.INVESTOR_CAPITAL, "currency": "EUR"}
    _lay(
        CapitalCallPart,
        (
            part
            | {"id": id, "commitment_id": one["id"], "organisation_id": one["organisation_id"], "reference": id.hex}
            for id, _, one in parts
        ),
    )
    _lay(Account, (account | {"id": a, "organisation_id": one["organisation_id"]} for _, a, one in parts))
    moved = {"programme_id": bond.programme.id, "debit_id": bank.id, "amount_minor": EACH, "kind": TransferKind.POSTED}
    moved |= {"cause_type": "capital_call_part", "entered_by_id": bond.intermediary.id}
    _lay(Transfer, (moved | {"id": uuid.uuid4(), "credit_id": a, "cause_id": id} for id, a, _ in parts))


def _lay_claims(bond: Funded, effects: int) -> None:
    now, people = clock.now(), effects // PER_PERSON
    who = [uuid.uuid4() for _ in range(people)]
    person = {"programme_id": bond.programme.id, "provider_id": bond.provider.organisations[0].id, "version": 1}
    person |= {"age_band": AgeBand.FROM_18, "started_on": date(2026, 1, 1), "state": "active", "created_at": now}
    payers = (bond.enschede.id, bond.hengelo.id)
    _lay(
        Participant,
        (person | {"id": id, "code": _code(n), "payer_id": payers[n % 2]} for n, id in enumerate(who)),
    )
    rows = [effect for effect in bond.table.effects if effect.code != "days"]
    assert len(rows) == PER_PERSON
    claim = {"programme_id": bond.programme.id, "quantity": 1, "evidence_issuer": "employer", "version": 1}
    claim |= {"state": ClaimState.VERIFIED, "registered_by_id": bond.provider.id, "decided_by_id": bond.assessor.id}
    claim |= {"submitted_at": now, "decided_at": now, "created_at": now}
    proven = [(effect.id, effect.evidence_type) for effect in rows]
    _lay(
        Claim,
        (
            claim
            | {"id": uuid.uuid4(), "participant_id": id, "effect_id": effect, "evidence_type": by}
            | {"achieved_on": (on := date(2026, 1, 5) + timedelta(days=(n + 17 * place) % 170)), "evidence_on": on}
            for n, id in enumerate(who)
            for place, (effect, by) in enumerate(proven)
        ),
    )


def _code(n: int) -> str:
    """A code of its own for each; without the check character, which nobody types here."""
    drawn = ""
    for _ in range(8):
        n, place = divmod(n, len(ALPHABET))
        drawn += ALPHABET[place]
    return drawn


# --- What is measured ------------------------------------------------------------------------------------------------


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Statements and the seconds that the database took for them."""
    seen = {"statements": 0.0, "seconds": 0.0}

    def before(connection: Any, *_rest: Any) -> None:
        connection.info["since"] = time.perf_counter()

    def after(connection: Any, *_rest: Any) -> None:
        seen["statements"] += 1
        seen["seconds"] += time.perf_counter() - connection.info["since"]

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)


def analyse() -> None:
    """What autovacuum does of itself within a minute: the planner learns how many rows there are."""
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def act(name: str, work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    with watched() as seen:
        work()
    took = time.perf_counter() - start
    db.session.remove()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {name:<24}{took:>9.1f} s{seen['statements']:>10,.0f} statements{seen['seconds']:>8.1f} s in them"
        f"{peak:>8,.0f} MB",
        flush=True,
    )
    return took


def run(app: Flask, effects: int, investors: int) -> None:
    print(f"{effects:,} signed-off effects, {investors:,} investors", flush=True)
    with app.app_context(), clock.at(clock.local(date(2026, 11, 15), 12)):
        start = time.perf_counter()
        ids = lay(effects, investors)
        analyse()
        print(f"  laid in {time.perf_counter() - start:.0f} s", flush=True)
        plain = bare_sum(ids["programme"])
        print(f"  the bare SQL sum        {plain:>9.2f} s", flush=True)
        made, given = uuid.uuid4(), uuid.uuid4()

        def person(name: str) -> User:
            return db.session.get_one(User, ids[name])

        def bond() -> Programme:
            return db.session.get_one(Programme, ids["programme"])

        def statement(of: str) -> Statement:
            mine = select(Statement).where(Statement.payer_id.in_(person(of).organisation_ids))
            return db.session.scalars(mine).unique().one()

        desk, cities = "intermediary", ("official", "neighbour")
        took = act("prepare the settlement", lambda: prepare_settlement(bond(), DAY, actor=person(desk), once=made))
        act("check it", lambda: check_settlement(db.session.get_one(Settlement, made), actor=person("colleague")))
        for one in cities:
            act("approve a statement", lambda one=one: approve_statement(statement(one), actor=person(one)))
        for one in cities:
            act("receive its payment", lambda one=one: treasury.receive_payment(statement(one), actor=person(desk)))
        act(
            "prepare the distribution",
            lambda: treasury.prepare_distribution(bond(), actor=person(desk), once=given),
        )
        act(
            "approve the distribution",
            lambda: treasury.approve_distribution(db.session.get_one(Distribution, given), actor=person("colleague")),
        )
        print(f"  settled in {took / plain:.0f} x the bare SQL sum, {effects / took:,.0f} effects a second", flush=True)
        analyse()
        look(app, ids, made, given)


def bare_sum(programme_id: uuid.UUID) -> float:
    """Prices per effect and payer of the same claims, summed by the database."""
    found = (
        select(Effect.id, Participant.payer_id, func.count(), func.sum(Effect.price_minor * Claim.quantity))
        .select_from(Claim)
        .join(Effect, Effect.id == Claim.effect_id)
        .join(Participant, Participant.id == Claim.participant_id)
        .where(Claim.programme_id == programme_id, Claim.state == ClaimState.SIGNED_OFF)
        .group_by(Effect.id, Participant.payer_id)
    )
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        db.session.execute(found).all()
        best = min(best, time.perf_counter() - start)
    return best


def look(app: Flask, ids: dict[str, uuid.UUID], made: uuid.UUID, given: uuid.UUID) -> None:
    programme, bank, costs = ids["programme"], AccountKind.BANK, AccountKind.RUNNING_COSTS
    paid, owed = (_first(programme, bank, kind) for kind in (AccountKind.INVESTOR_CAPITAL, AccountKind.RECEIVABLE))
    pages = [
        ("bond", "intermediary", f"/programmes/{programme}"),
        ("desk", "intermediary", f"/programmes/{programme}/treasury"),
        ("distribution", "intermediary", f"/distributions/{given}"),
        ("a cent that paid all", "intermediary", f"/transfers/{owed}"),
        ("a cent of one investor", "intermediary", f"/transfers/{paid}"),
        ("a cost that all paid", "intermediary", f"/transfers/{_first(programme, costs, bank)}"),
        ("an investor's own holding", "investor", f"/programmes/{programme}/holding"),
        ("settlement", "intermediary", f"/settlements/{made}"),
        ("settlement, last page", "intermediary", f"/settlements/{made}?page=999999"),
        ("settlement, a city's", "official", f"/settlements/{made}"),
        ("settlements", "official", f"/programmes/{programme}/settlements"),
        ("delivery", "official", f"/programmes/{programme}/delivery"),
        ("round", "investor", f"/rounds/{ids['round']}"),
        ("round, at the desk", "intermediary", f"/rounds/{ids['round']}"),
        ("results, for everybody", None, f"/programmes/{programme}/results"),
    ]
    for name, person, path in pages:
        ask_page(app, name, ids[person] if person else None, path)


def ask_page(app: Flask, name: str, person: uuid.UUID | None, path: str) -> None:
    """Asked once to compile templates and statements, then five times: the time of the best, which other work on the
    machine moves least."""
    browser = browser_of(app, db.session.get_one(User, person) if person else None, FlaskClient)
    g.pop("_login_user", None)  # the context around all this would keep who asked first
    browser.get(path)
    db.session.remove()
    asked = [_ask(browser, path) for _ in range(5)]
    answer, seen, whole = min(asked, key=lambda one: one[1]["seconds"])
    figures = f"{seen['statements']:>4.0f} statements{1000 * seen['seconds']:>8.0f} ms in the database"
    print(f"  {name:<28}{answer.status_code}{figures}{whole:>8.0f} ms{len(answer.data) / 1000:>8.0f} kB", flush=True)


def _ask(browser: FlaskClient, path: str) -> tuple[Any, dict[str, float], float]:
    """The answer, what the database did for it, and milliseconds in all."""
    start = time.perf_counter()
    with watched() as seen:
        answer = browser.get(path)
    whole = 1000 * (time.perf_counter() - start)
    db.session.remove()
    return answer, seen, whole


def _first(programme_id: uuid.UUID, debit: AccountKind, credit: AccountKind) -> uuid.UUID:
    """The first transfer in which money moved between accounts of these kinds."""
    own = select(Account.id).where(Account.programme_id == programme_id)
    to, out_of = (own.where(Account.kind == kind) for kind in (debit, credit))
    found = select(Transfer.id).where(Transfer.debit_id.in_(to), Transfer.credit_id.in_(out_of), moved())
    return db.session.execute(found.order_by(Transfer.created_at).limit(1)).scalar_one()


def build(url: str) -> Flask:
    """As the tests have it, so that the clock can be moved into the bond."""
    from app import create_app

    app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": url}, environ={"SECRET_KEY": "only for the bench"})
    with app.app_context():
        upgrade()
    for chatty in ("alembic", "app"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return app


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.bench_capital")
    asked.add_argument("--effects", type=int, default=1_000_000)
    asked.add_argument("--investors", type=int, default=10_000)
    asked.add_argument("--on", choices=["postgres", "sqlite"], default="postgres")
    chosen = asked.parse_args()
    for effects, investors in ((1_000, 10), (chosen.effects, chosen.investors)):
        with database(chosen.on) as url:
            run(build(url), effects, investors)


if __name__ == "__main__":
    main()
