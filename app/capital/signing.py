"""What an investor signs: everything that decides what becomes of its money, as one canonical text with a digest."""

import hashlib
import json
import uuid

from sqlalchemy import select

from app.capital.models import Round
from app.capital.term_sheet import TermSheet
from app.extensions import db
from app.pricing.models import PriceTable

FORMAT = "commitment/2"  # the first knew neither recycling nor a split of the excess
OF_ROUND = (
    *("target_minor", "minimum_minor", "maximum_minor", "ticket_least_minor", "ticket_step_minor", "term_sheet"),
    *("recycles", "excess_to_providers_bp"),
)
OF_TRANCHE = ("name", "rank", "rate_bp", "irr_cap_bp", "guarantee_minor", "guarantor")


def term_sheet_of(round_id: uuid.UUID) -> TermSheet | None:
    return db.session.scalar(select(TermSheet).where(TermSheet.round_id == round_id))


def digest_of(round: Round, table: PriceTable | None) -> str:
    """SHA-256, in hex, of the canonical JSON of the terms of `round` and the version of the prices.

    A table that is replaced by a newer version changes it, so that nobody signs for prices that were not read.
    """
    sheet = term_sheet_of(round.id)
    told = {name: getattr(round, name) for name in OF_ROUND} | {
        "format": FORMAT,
        "round": str(round.id),
        "allotment": round.allotment.value,
        "closes_on": round.closes_on.isoformat(),
        "term_sheet_file": sheet.sha256 if sheet is not None else None,
        "price_table": str(table.id) if table is not None else None,
        "tranches": [
            {name: getattr(tranche, name) for name in OF_TRANCHE}
            | {"terms": tranche.terms.value, "day_count": tranche.day_count.value}
            for tranche in round.tranches
        ],
    }
    written = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()
