"""The terms as one JSON document, and the digest that every party signs.

Everything that decides who pays what for which effect stands in it as it is at the offer, with the ids of where it
came from, so that nothing published or changed later can alter it.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.capital.models import Commitment, Round
from app.capital.signing import term_sheet_of
from app.capital.states import CommitmentState, RoundState
from app.consortia.models import Consortium
from app.consortia.states import PartnerState
from app.core.errors import NotNow
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.people.models import Organisation
from app.pricing.models import Effect, PriceTable
from app.pricing.states import PUBLIC
from app.programmes.models import Part, Programme

FORMAT = "agreement/1"
# What decides whether, how and how much is paid for an effect.
PROMISED = (
    *("code", "name", "who", "definition", "unit", "sustained", "achieved_when", "resets"),
    *("price_minor", "payer_prices", "tiers", "scale", "between", "threshold", "pooled_threshold"),
    *("share_bp", "share_after_bp", "until_minor", "deadweight_bp"),
    *("max_per_person", "requires", "best_of", "after_units", "retroactive", "max_count", "max_amount_minor"),
    *("evidence_holder", "evidence_days"),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What an agreement is made of."""

    evaluation: Evaluation
    table: PriceTable
    round: Round


def sources_of(programme: Programme) -> Sources:
    """The final award, the table on which the bidders made their plans, and the investors that stand.

    The table is the one of the call, also when a newer one was published since: nobody made a plan on that one.
    `NotNow` while one of the three is missing.
    """
    final = select(Evaluation).filter_by(programme_id=programme.id, state=EvaluationState.FINAL)
    evaluation = db.session.scalars(final.order_by(Evaluation.finalised_at.desc())).first()
    if evaluation is None:
        raise NotNow(_("There is no final award yet."))
    standing = select(Round).filter_by(programme_id=programme.id, state=RoundState.STANDING)
    round = db.session.scalars(standing.order_by(Round.stands_at.desc())).first()
    if round is None:
        raise NotNow(_("The consortium of investors does not stand yet."))
    if evaluation.call.table.state not in PUBLIC:
        raise NotNow(_("The price table of the call is not published."))
    return Sources(evaluation, evaluation.call.table, round)


def make_terms(programme: Programme, evaluation: Evaluation, table: PriceTable, round: Round) -> dict[str, Any]:
    """Amounts in minor units of `programme.currency`; days as ISO 8601; ids as text."""
    winner = evaluation.awarded()
    return {
        "format": FORMAT,
        "programme": _programme(programme),
        "table": _table(table),
        "payers": _payers(programme),
        "round": _round(round),
        "consortium": _consortium(winner.consortium, winner.content.get("parts", {})),
        "intermediary": [_organisation(one) for one in programme.organisations(Part.INTERMEDIARY)],
        "assessor": [_organisation(one) for one in programme.organisations(Part.ASSESSOR)],
        "award": _award(evaluation, winner),
        "volumes": _volumes(winner, table),
    }


def canonical(text: str, terms: dict[str, Any]) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    whole = {"text": text, "terms": terms}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(text: str, terms: dict[str, Any]) -> str:
    """SHA-256, in hex, of the canonical JSON of text and terms."""
    return hashlib.sha256(canonical(text, terms)).hexdigest()


def allotted(round: Round) -> list[Commitment]:
    """What each investor was allotted, in the order of commitment."""
    return [one for one in round.commitments if one.state == CommitmentState.ALLOTTED]


def partners(consortium: Consortium) -> list[Any]:
    return [partner for partner in consortium.partners if partner.state == PartnerState.ACCEPTED]


def _programme(programme: Programme) -> dict[str, Any]:
    return {
        "id": str(programme.id),
        "title": programme.title,
        "entry_conditions": programme.entry_conditions,
        "cohort_size": programme.cohort_size,
        "age_from": programme.age_from,
        "age_to": programme.age_to,
        "jurisdiction": programme.jurisdiction,
        "currency": programme.currency,
        "starts_on": programme.starts_on.isoformat(),
        "ends_on": programme.ends_on.isoformat(),
        "tail_until": programme.tail_until.isoformat(),
        "council_decision": programme.council_decision,
        "illustrative": programme.illustrative,
    }


def _table(table: PriceTable) -> dict[str, Any]:
    return {
        "id": str(table.id),
        "number": table.number,
        "illustrative": table.illustrative,
        "cap_per_person_minor": table.cap_per_person_minor,
        "cap_contract_minor": table.cap_contract_minor,
        "period_caps": table.period_caps,
        "reduce": table.reduce.value,
        "overshoot": table.overshoot.value,
        "step_minor": table.step_minor,
        "vat_bp": table.vat_bp,
        "effects": [_effect(effect) for effect in table.effects],
    }


def _effect(effect: Effect) -> dict[str, Any]:
    words = {name: getattr(effect, name).value for name in ("life_domain", "kind", "evidence_type")}
    return {"id": str(effect.id)} | words | {name: getattr(effect, name) for name in PROMISED}


def _payers(programme: Programme) -> list[dict[str, Any]]:
    return [
        {
            "organisation": _organisation(share.organisation),
            "cohort_size": share.cohort_size,
            "ceiling_minor": share.ceiling_minor,
            "budget": {str(year.year): year.reserved_minor for year in share.budget},
        }
        for share in programme.shares
    ]


def _round(round: Round) -> dict[str, Any]:
    commitments = allotted(round)
    sheet = term_sheet_of(round.id)
    return {
        "id": str(round.id),
        "term_sheet": round.term_sheet,
        "term_sheet_sha256": sheet.sha256 if sheet is not None else None,
        "total_minor": sum(one.allotted_minor for one in commitments),
        "tranches": [
            {
                "id": str(tranche.id),
                "name": tranche.name,
                "rank": tranche.rank,
                "terms": tranche.terms.value,
                "rate_bp": tranche.rate_bp,
                "irr_cap_bp": tranche.irr_cap_bp,
                "day_count": tranche.day_count.value,
                "guarantee_minor": tranche.guarantee_minor,
                "guarantor": tranche.guarantor,
            }
            for tranche in round.tranches
        ],
        "investors": [
            {
                "organisation": _organisation(one.organisation),
                "tranche": one.tranche.name,
                "tranche_id": str(one.tranche_id),
                "allotted_minor": one.allotted_minor,
            }
            for one in commitments
        ],
    }


def _consortium(consortium: Consortium, parts: dict[str, Any]) -> dict[str, Any]:
    """`parts`: what each partner said it does, as the opened plan holds it."""
    return {
        "id": str(consortium.id),
        "name": consortium.name,
        "lead": _organisation(consortium.lead),
        "partners": [
            {
                "organisation": _organisation(partner.organisation),
                "contribution": parts.get(str(partner.organisation_id), {}).get("contribution", ""),
            }
            for partner in partners(consortium)
        ],
    }


def _award(evaluation: Evaluation, winner: OpenedProposal) -> dict[str, Any]:
    return {
        "evaluation_id": str(evaluation.id),
        "call": evaluation.call.title,
        "plan_digest": winner.digest,
        "standstill_days": evaluation.call.standstill_days,
        "decided_at": evaluation.decided_at.isoformat() if evaluation.decided_at else None,
        "standstill_until": evaluation.standstill_until.isoformat() if evaluation.standstill_until else None,
        "finalised_at": evaluation.finalised_at.isoformat() if evaluation.finalised_at else None,
    }


def _volumes(winner: OpenedProposal, table: PriceTable) -> dict[str, int]:
    """What the winning plan promises, by the code of the effect."""
    promised = winner.content["volumes"]
    return {effect.code: promised[str(effect.id)] for effect in table.effects if promised.get(str(effect.id))}


def _organisation(organisation: Organisation) -> dict[str, str]:
    return {
        "id": str(organisation.id),
        "name": organisation.name,
        "registration_number": organisation.registration_number,
    }
