"""A statement as the bank sends it: ISO 20022 camt.053, any version.

Read without documents that define entities (`defusedxml`): a file from outside may be a bomb. What is only announced
(pending, information) is no movement.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.bank.reported import MOST_LINES, Line, Reported, Span, day_of, minor_of, refused
from app.core.format import money
from app.core.money import Money

NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.[0-9]{2}\}Document")
SIGNS = {"CRDT": 1, "DBIT": -1}


def read_camt(content: bytes, currency: str) -> Reported:
    """Refused: no camt.053, entities, another currency, several accounts, or lines that do not lead from the opening
    balance to the closing one."""
    root = _root(content)
    statements = root.findall("{*}BkToCstmrStmt/{*}Stmt")
    if not statements:
        raise refused(_("The file holds no statement."))
    ibans = {_text(one, "Acct/Id/IBAN") for one in statements}
    if len(ibans) != 1 or not ibans - {""}:
        raise refused(_("The file must be of one account, named by its IBAN."))
    lines: list[Line] = []
    balances: dict[date, int] = {}
    spans: list[Span] = []
    for one in statements:
        found = list(_lines(one, currency))
        opening, closing = _balance(one, ("OPBD", "PRCD"), currency), _balance(one, ("CLBD",), currency)
        moved = sum(line.amount_minor for line in found)
        if opening is not None and closing is not None and opening[1] + moved != closing[1]:
            should = money(Money(opening[1] + moved, currency))
            raise refused(
                _(
                    "The %(count)d lines do not lead from the opening balance to the closing balance: "
                    "that should be %(balance)s.",
                    count=len(found),
                    balance=should,
                )
            )
        if closing is not None:
            balances[closing[0]] = closing[1]
        days = [line.booked_on for line in found] + ([closing[0]] if closing is not None else [])
        if days:
            ends = (opening[1] if opening else None, closing[1] if closing else None)
            spans.append(Span(min(days), max(days), *ends))
        lines += found
        if len(lines) > MOST_LINES:
            raise refused(_("The file holds more than %(most)d lines.", most=MOST_LINES))
    return Reported(ibans.pop(), lines, sorted(balances.items()), sorted(spans, key=lambda one: one.from_on))


def _root(content: bytes) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content, forbid_dtd=True)
    except (DefusedXmlException, ParseError, LookupError, ValueError):
        raise refused(_("This is no sound XML file, or it defines entities, which is not taken.")) from None
    if not NAMESPACE.fullmatch(root.tag):
        raise refused(_("This is no camt.053 statement."))
    return root


def _lines(statement: Any, currency: str) -> Iterator[Line]:
    """Each booked entry; one that gathers several transactions becomes a line for each."""
    for number, entry in enumerate(statement.findall("{*}Ntry"), start=1):
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status != "BOOK":
            continue
        amount = _signed(entry, "Amt", currency)
        booked = day_of(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt"))
        own = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
        if not own:
            own = f"{_text(statement, 'Id')}/{number}"
        details = entry.findall("{*}NtryDtls/{*}TxDtls")
        if len(details) > 1 and all(one.find("{*}Amt") is not None for one in details):
            parts = [_signed(one, "Amt", currency, amount) for one in details]
            if sum(parts) != amount:
                raise refused(_("The transactions of entry %(reference)s do not add up to it.", reference=own[:40]))
            for n, (one, part) in enumerate(zip(details, parts, strict=True), start=1):
                yield _line(f"{own}/{n}", booked, part, one, entry)
        else:
            yield _line(own, booked, amount, details[0] if len(details) == 1 else entry, entry)


def _line(reference: str, booked: date, amount: int, details: Any, entry: Any) -> Line:
    is_reversal = _text(entry, "RvslInd") in ("true", "1")
    other = "Dbtr" if (amount > 0) != is_reversal else "Cdtr"  # of a reversal the parties stand as they stood
    if is_reversal and details.find(_path(f"RltdPties/{other}")) is None:
        other = "Cdtr" if other == "Dbtr" else "Dbtr"
    parties = f"RltdPties/{other}"
    remittance = [node.text or "" for node in details.findall(_path("RmtInf/Ustrd"))]
    structured = _text(details, "RmtInf/Strd/CdtrRefInf/Ref")
    batch = _text(entry, "NtryDtls/Btch/PmtInfId") or _text(details, "Refs/PmtInfId")
    info = _text(entry, "AddtlNtryInf")
    back = [_text(details, f"RtrInf/{path}") for path in ("Rsn/Cd", "Rsn/Prtry", "AddtlInf")]  # why it came back
    return Line(
        reference=reference[:140],
        booked_on=booked,
        amount_minor=amount,
        name=(_text(details, f"{parties}/Nm") or _text(details, f"{parties}/Pty/Nm"))[:140],
        iban=_text(details, f"{parties}Acct/Id/IBAN")[:34],
        text=" ".join(part for part in (*back, *remittance, structured, batch, info) if part)[:1_000],
        end_to_end=_text(details, "Refs/EndToEndId").replace("NOTPROVIDED", "")[:35],
        is_reversal=is_reversal,
    )


def _signed(node: Any, path: str, currency: str, like: int | None = None) -> int:
    amount = node.find(_path(path))
    if amount is None or amount.get("Ccy") != currency:
        raise refused(_("Every amount must be in %(currency)s.", currency=currency))
    minor = minor_of((amount.text or "").strip(), currency)
    sign = SIGNS.get(_text(node, "CdtDbtInd"))
    if sign is None and like is not None:
        sign = 1 if like > 0 else -1
    if sign is None or minor < 0:
        raise refused(_("An amount does not say whether it came in or went out."))
    return sign * minor


def _balance(statement: Any, codes: tuple[str, ...], currency: str) -> tuple[date, int] | None:
    for one in statement.findall("{*}Bal"):
        if _text(one, "Tp/CdOrPrtry/Cd") in codes:
            return day_of(_text(one, "Dt/Dt") or _text(one, "Dt/DtTm")), _signed(one, "Amt", currency)
    return None


def _path(path: str) -> str:
    return "/".join("{*}" + step for step in path.split("/"))


def _text(node: Any, path: str) -> str:
    found = node.find(_path(path))
    return (found.text or "").strip().replace("\x00", "") if found is not None else ""
