"""The file that a bank takes: SEPA credit transfers, ISO 20022 pain.001.001.09."""

import re
from typing import Any

from app.bank.models import PaymentBatch
from app.core import clock

SCHEMA = "pain.001.001.09"
# The characters that every bank of the SEPA scheme takes (EPC 217-08); anything else becomes a space.
NOT_LATIN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


def pain_of(batch: PaymentBatch) -> bytes:
    """The whole batch as one file, checked against the published schema; message and payment id are its reference."""
    from sepaxml import SepaTransfer  # heavy, and seldom needed
    from sepaxml.validation import try_valid_xml

    currency = batch.programme.currency
    debtor = {"name": _latin(batch.holder)[:70], "IBAN": batch.iban, "currency": currency, "batch": True}
    made = SepaTransfer(debtor, schema=SCHEMA, clean=True)
    for payment in batch.payments:
        made.add_payment(
            {
                "name": _latin(payment.holder)[:70],
                "IBAN": payment.iban,
                "amount": payment.amount_minor,
                "execution_date": batch.execution_on,
                "description": _latin(payment.description)[:140],
                "endtoend_id": payment.reference,
            }
        )
    file = _named(_with_agents(made.export(validate=False)), batch.reference)
    try_valid_xml(file, SCHEMA)
    return file


def _latin(text: str) -> str:
    from text_unidecode import unidecode

    return NOT_LATIN.sub(" ", str(unidecode(text))).strip() or "-"


def _with_agents(file: bytes) -> bytes:
    """IBAN only: where no BIC is given, the usage rules of the scheme ask for NOTPROVIDED instead of an empty element
    (EPC 132-08)."""
    return re.sub(
        rb"<FinInstnId\s*/>|<FinInstnId>\s*</FinInstnId>",
        b"<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>",
        file,
    )


def _named(file: bytes, reference: str) -> bytes:
    """The library draws ids of its own and asks another clock; ours are those that the bank sends back."""
    moment = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M:%S")
    fixed: dict[str, Any] = {"MsgId": reference, "PmtInfId": reference, "CreDtTm": moment}
    for tag, value in fixed.items():
        file = re.sub(rf"<{tag}>[^<]*</{tag}>".encode(), f"<{tag}>{value}</{tag}>".encode(), file)
    return file
