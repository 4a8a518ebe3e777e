"""Tells the treasury which payments left the account: those that a line of the bank was matched with."""

from typing import Any

from sqlalchemy import Select, select

from app.bank.models import BankEntry, BankMatch
from app.treasury.standing import GONE_OUT


def gone_out() -> Select[Any]:
    return select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor < 0)


GONE_OUT.append(gone_out)
