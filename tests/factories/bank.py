"""A bond with accounts at a bank, and files as a bank makes them."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from schwifty import IBAN

from app.bank import accounts, importing
from app.bank.models import BankStatement, PayoutAccount
from app.core import clock
from app.people.models import Organisation, User
from app.treasury.account import approve_account, code_of, prepare_account
from tests.factories.treasury import Funded, make_funded

OWN = "NL20INGB0001234567"


def make_banked(**facts: Any) -> Funded:
    """A funded bond whose own account two people named."""
    bond = make_funded(**facts)
    named = prepare_account(bond.programme, "Stichting SIB", OWN, actor=bond.intermediary, once=uuid.uuid4())
    approve_account(named, code_of(named), "Ines", actor=bond.colleague)
    return bond


def iban_of(number: int) -> str:
    return str(IBAN.generate("NL", bank_code="INGB", account_code=str(number)).compact)


def give_account(bond: Funded, user: User, number: int) -> PayoutAccount:
    """Named, confirmed by the intermediary and past its waiting time."""
    organisation: Organisation = user.organisations[0]
    with clock.at(clock.now() - timedelta(days=accounts.WAITING_DAYS + 1)):
        named = accounts.name_account(
            organisation, f"Rekening {number}", iban_of(number), actor=user, once=uuid.uuid4()
        )
        accounts.confirm_account(named, accounts.code_of(named), "Jo, 053 123", actor=bond.intermediary)
    return named


def working_day() -> date:
    """The next day on which Dutch banks work, today included."""
    day = clock.today()
    while not clock.is_working_day(day, "NL"):
        day += timedelta(days=1)
    return day


def amount(minor: int) -> str:
    return f"{abs(minor) // 100}.{abs(minor) % 100:02d}"


def entry(minor: int, text: str, *, on: date | None = None, reference: str | None = None, **facts: str) -> str:
    """An `Ntry` of camt.053; `end_to_end`, `name`, `iban` and `status` are optional facts."""
    day = (on or clock.today()).isoformat()
    party = "Dbtr" if minor > 0 else "Cdtr"
    account = f"<{party}Acct><Id><IBAN>{facts['iban']}</IBAN></Id></{party}Acct>" if "iban" in facts else ""
    return f"""<Ntry><Amt Ccy="{facts.get("currency", "EUR")}">{amount(minor)}</Amt>
      <CdtDbtInd>{"CRDT" if minor > 0 else "DBIT"}</CdtDbtInd><Sts><Cd>{facts.get("status", "BOOK")}</Cd></Sts>
      <BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference or uuid.uuid4().hex}</AcctSvcrRef>
      <NtryDtls><TxDtls><Refs><EndToEndId>{facts.get("end_to_end", "NOTPROVIDED")}</EndToEndId></Refs>
        <RltdPties><{party}><Pty><Nm>{facts.get("name", "Somebody")}</Nm></Pty></{party}>{account}</RltdPties>
        <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def camt(entries: Sequence[str], opening: int, closing: int, *, on: date | None = None, iban: str = OWN) -> bytes:
    """A whole camt.053 of one day."""

    def balance(code: str, minor: int) -> str:
        sign = "CRDT" if minor >= 0 else "DBIT"
        day = (on or clock.today()).isoformat()
        return f"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount(minor)}</Amt>
          <CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"""

    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
  <GrpHdr><MsgId>1</MsgId></GrpHdr>
  <Stmt><Id>{uuid.uuid4().hex}</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>
  {balance("OPBD", opening)}{balance("CLBD", closing)}{"".join(entries)}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def bring(bond: Funded, content: bytes) -> BankStatement:
    return importing.import_statement(bond.programme, content, "bank.xml", actor=bond.intermediary, once=uuid.uuid4())
