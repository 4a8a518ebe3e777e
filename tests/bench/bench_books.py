"""The books of a bond with a million transfers: `python -m tests.bench.bench_books [--transfers N] [--on sqlite]`.

Ten thousand investors who paid in call after call, and what of it went to the provider in many payments, are laid in
bulk, beside a small bond of the same making. Prints what posting costs with and without the sums that the database
keeps beside the transfers, what the pages of the books cost, and how long each rule takes that is asked of one bond.
"""

import argparse
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from app.core import clock
from app.core.bulk import add_rows
from app.extensions import db
from app.ledger.checking import invariants_of_bonds
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment
from app.treasury.states import CapitalCallState, PaymentState
from tests.bench.__main__ import database
from tests.bench.bench_capital import PER_PERSON, analyse, ask_page, build, lay, watched

TODAY = date(2026, 11, 15)
FIRST_DAY = date(2024, 1, 8)
HOURS = 40  # within which all parts of a call come in
MINOR = 100  # of every part
SINGLE, MANY = 200, 10_000  # transfers posted one by one, and in one go
KEPT = "book_transfer_insert"  # the trigger that keeps the sums


# --- A bond with many transfers --------------------------------------------------------------------------------------


def lay_books(transfers: int, investors: int) -> dict[str, uuid.UUID]:
    ids = lay(PER_PERSON, investors)
    programme, desk = ids["programme"], ids["intermediary"]
    held = db.session.execute(
        select(CapitalCallPart.commitment_id, CapitalCallPart.organisation_id, Account.id)
        .join(Account, Account.organisation_id == CapitalCallPart.organisation_id)
        .where(Account.programme_id == programme, Account.kind == AccountKind.INVESTOR_CAPITAL)
        .order_by(CapitalCallPart.reference)
    ).all()
    for number in range(2, 2 + -(-transfers // (2 * len(held)))):
        _lay_call(programme, desk, number, held)
        _lay_costs(programme, desk, number, len(held) // 2)
    return ids


def _lay_call(programme: uuid.UUID, desk: uuid.UUID, number: int, held: Any) -> None:
    on = FIRST_DAY + timedelta(days=7 * number)
    call = CapitalCall(
        programme_id=programme,
        number=number,
        amount_minor=MINOR * len(held),
        purpose="Further",
        notice_days=14,
        due_on=on,
        state=CapitalCallState.FUNDED,
    )
    db.session.add(call)
    db.session.flush()
    part = {"capital_call_id": call.id, "amount_minor": MINOR, "received_on": on, "version": 1}
    parts = [(uuid.uuid4(), *one) for one in held]
    rows = (
        part | {"id": id, "commitment_id": commitment, "organisation_id": organisation, "reference": id.hex}
        for id, commitment, organisation, _ in parts
    )
    for _added in add_rows(CapitalCallPart, rows):
        pass
    accounts = [(account, id) for id, _, _, account in parts]
    for _added in add_rows(Transfer, transfers_of(programme, desk, accounts, clock.local(on))):
        pass
    db.session.commit()


def _lay_costs(programme: uuid.UUID, desk: uuid.UUID, number: int, payments: int) -> None:
    """Each was set aside and then approved."""
    provider = db.session.scalars(select(CostPayment.organisation_id).filter_by(programme_id=programme)).first()
    bank, costs = (
        db.session.scalar(select(Account.id).filter_by(programme_id=programme, kind=kind))
        for kind in (AccountKind.BANK, AccountKind.RUNNING_COSTS)
    )
    since = clock.local(FIRST_DAY + timedelta(days=7 * number + 3))
    paid = {"programme_id": programme, "organisation_id": provider, "amount_minor": MINOR, "description": "Coaching"}
    paid |= {"state": PaymentState.APPROVED, "version": 1}
    booked = {"programme_id": programme, "debit_id": costs, "credit_id": bank, "amount_minor": MINOR, "reference": ""}
    booked |= {"cause_type": "cost_payment", "entered_by_id": desk}
    made = []
    for n in range(payments):
        at = since + timedelta(hours=n % HOURS, microseconds=n)
        made.append((uuid.uuid4(), uuid.uuid4(), at, at + timedelta(days=1)))
    costs_paid = (paid | {"id": id, "created_at": at, "decided_at": done} for id, _, at, done in made)
    pending, posted = TransferKind.PENDING, TransferKind.POST_PENDING
    waited = (booked | {"id": p, "kind": pending, "cause_id": id, "created_at": at} for id, p, at, _ in made)
    answers = (
        booked | {"id": uuid.uuid4(), "kind": posted, "cause_id": id, "created_at": at, "pending_id": p}
        for id, p, _, at in made
    )
    for model, rows in ((CostPayment, costs_paid), (Transfer, waited), (Transfer, answers)):
        for _added in add_rows(model, rows):
            pass
    db.session.commit()


def transfers_of(programme: uuid.UUID, desk: uuid.UUID, accounts: Any, since: Any) -> Iterator[dict[str, Any]]:
    """A payment of each of these accounts of investors, all within a few days."""
    bank = db.session.scalar(select(Account.id).filter_by(programme_id=programme, kind=AccountKind.BANK))
    fixed = {"programme_id": programme, "debit_id": bank, "amount_minor": MINOR, "kind": TransferKind.POSTED}
    fixed |= {"cause_type": "capital_call_part", "entered_by_id": desk, "reference": "", "pending_id": None}
    for n, (account, cause) in enumerate(accounts):
        at = since + timedelta(hours=n % HOURS, microseconds=n)
        yield fixed | {"id": uuid.uuid4(), "credit_id": account, "cause_id": cause, "created_at": at}


# --- What posting costs ----------------------------------------------------------------------------------------------


def posting(ids: dict[str, uuid.UUID]) -> None:
    """Best of five, in turn, each taken back: `MANY` in one go, and `SINGLE` one by one, in microseconds a transfer."""
    own = select(Account.id).filter_by(programme_id=ids["programme"], kind=AccountKind.INVESTOR_CAPITAL)
    accounts = [(id, id) for id in db.session.scalars(own.limit(MANY))]
    db.session.rollback()
    found: dict[str, list[tuple[float, float]]] = {"with the sums": [], "without": []}
    for _ in range(5):
        for name, rounds in found.items():
            kept = name != "without"
            rounds.append((_posted(ids, accounts, kept, MANY), _posted(ids, accounts, kept, SINGLE)))
    bare = [min(one) for one in zip(*found["without"], strict=True)]
    for name, rounds in found.items():
        many, single = (min(one) for one in zip(*rounds, strict=True))
        ratios = f"{many / bare[0]:>6.2f} x{single:>10.0f} us{single / bare[1]:>6.2f} x"
        print(f"  posting {name:<19}{many:>9.0f} us{ratios}", flush=True)


def _posted(ids: dict[str, uuid.UUID], accounts: Any, kept: bool, number: int) -> float:
    asked = islice(cycle(accounts), number)
    rows = list(transfers_of(ids["programme"], ids["intermediary"], asked, clock.now()))
    if not kept:
        is_sqlite = db.engine.dialect.name == "sqlite"
        without = f"DROP TRIGGER {KEPT}" if is_sqlite else f"ALTER TABLE transfer DISABLE TRIGGER {KEPT}"
        db.session.execute(text(without))
    connection = db.session.connection()
    start = time.perf_counter()
    if number == SINGLE:
        for row in rows:
            connection.execute(insert(Transfer.__table__), row)
    else:
        for _added in add_rows(Transfer, rows):
            pass
    took = time.perf_counter() - start
    db.session.rollback()
    return 1_000_000 * took / len(rows)


# --- What is read ----------------------------------------------------------------------------------------------------


def look(app: Flask, ids: dict[str, uuid.UUID]) -> None:
    programme, capital = ids["programme"], "account=investor_capital"
    accounts = select(Account.id).filter_by(programme_id=programme).order_by(Account.id)
    bank = db.session.scalar(accounts.where(Account.kind == AccountKind.BANK))
    fund = db.session.scalars(accounts.where(Account.kind == AccountKind.INVESTOR_CAPITAL)).first()
    journal, account = f"/programmes/{programme}/journal", f"/ledger-accounts/{bank}"
    trial, days = f"/programmes/{programme}/trial-balance", "since=2024-01-22&until=2024-02-10"
    pages = {
        "journal": journal,
        "journal, last page": f"{journal}?page=999999",
        "journal, newest first": f"{journal}?order=newest",
        "journal, some days": f"{journal}?{days}",
        "journal, one kind": f"{journal}?{capital}",
        "journal, one kind, last": f"{journal}?{capital}&page=999999",
        "journal, a rare kind": f"{journal}?account=running_costs",
        "journal, a party": f"{journal}?party=Fund+7",
        "journal, all parties": f"{journal}?party=Fund",
        "bank account": account,
        "bank account, last page": f"{account}?page=999999",
        "bank account, newest": f"{account}?order=newest",
        "bank account, some days": f"{account}?{days}",
        "account of an investor": f"/ledger-accounts/{fund}",
        "trial balance": trial,
        "trial balance, one kind": f"{trial}?{capital}",
        "trial balance, last page": f"{trial}?page=999999",
        "trial balance of a day": f"{trial}?on=2024-03-01",
    }
    for name, path in pages.items():
        ask_page(app, name, ids["intermediary"], path)
    ask_page(app, "journal of an investor", ids["investor"], journal)
    ask_page(app, "trial balance, an investor", ids["investor"], trial)


def ask(programme_id: uuid.UUID) -> None:
    """Every rule that is asked of one bond."""
    whole = 0.0
    for name, check in invariants_of_bonds():
        start = time.perf_counter()
        with watched() as seen:
            faults = sum(1 for _ in check(programme_id))
        took = time.perf_counter() - start
        db.session.remove()
        whole += took
        figures = f"{took:>8.2f} s{seen['statements']:>7,.0f} statements{seen['seconds']:>8.2f} s in them"
        print(f"  {name:<58}{figures}{faults:>4} faults", flush=True)
    print(f"  asked in {whole:.1f} s", flush=True)


def run(app: Flask, transfers: int, investors: int) -> None:
    print(f"{transfers:,} transfers, {investors:,} investors", flush=True)
    with app.app_context(), clock.at(clock.local(TODAY, 12)):
        start = time.perf_counter()
        ids = lay_books(transfers, investors)
        analyse()
        print(f"  laid in {time.perf_counter() - start:.0f} s", flush=True)
        posting(ids)
        look(app, ids)
        ask(ids["programme"])


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.bench_books")
    asked.add_argument("--transfers", type=int, default=1_000_000)
    asked.add_argument("--investors", type=int, default=10_000)
    asked.add_argument("--on", choices=["postgres", "sqlite"], default="postgres")
    chosen = asked.parse_args()
    for transfers, investors in ((1_000, 10), (chosen.transfers, chosen.investors)):
        with database(chosen.on) as url:
            run(build(url), transfers, investors)


if __name__ == "__main__":
    main()
