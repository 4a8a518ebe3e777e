"""The terms as one JSON document, and the digest that every party signs.

Everything that decides who pays what for which effect stands in it as it is at the offer, with the ids of where it
came from, so that nothing published or changed later can alter it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.agreements.ending_models import drafted_ending
from app.agreements.models import BY_LAW_DAYS, Agreement
from app.agreements.verification_models import as_terms, drafted_rules
from app.calls.asked import Lot
from app.capital.models import Commitment, Round
from app.capital.signing import term_sheet_of
from app.capital.states import CommitmentState, RoundState
from app.core.errors import NotNow
from app.direct.models import DirectAward, direct_award_of
from app.direct.states import FLOW as DIRECT_FLOW
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.people.models import Organisation
from app.pricing.models import Effect, PriceTable, table_in_force
from app.pricing.states import PUBLIC
from app.programmes.models import Part, Programme
from app.programmes.states import Route

COST_FACTS = ("year", "what", "milestone", "amount_minor")
FORMAT = "agreement/2"  # the first knew one consortium, and no discount
# What decides whether, how and how much is paid for an effect.
PROMISED = (
    *("code", "name", "who", "definition", "unit", "sustained", "lasts", "achieved_when", "resets"),
    *("price_minor", "payer_prices", "tiers", "scale", "between", "threshold", "pooled_threshold"),
    *("share_bp", "share_after_bp", "until_minor", "deadweight_bp"),
    *("max_per_person", "requires", "best_of", "after_units", "retroactive", "max_count", "max_amount_minor"),
    *("evidence_holder", "evidence_days"),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What an agreement is made of: an award or, where nothing was tendered, the providers that were named."""

    evaluation: Evaluation | None
    direct: DirectAward | None
    table: PriceTable
    round: Round

    def winners(self) -> list[OpenedProposal]:
        """The winning plans in the order of their lots; one for an undivided call, none without a tender."""
        found = self.evaluation.winners() if self.evaluation is not None else []
        return sorted(found, key=lambda one: one.consortium.lot.position if one.consortium.lot else 0)

    def providers(self) -> list[Organisation]:
        """Everyone who delivers, each once."""
        if self.direct is not None:
            return [one.organisation for one in self.direct.taking_part]
        won = [partner for winner in self.winners() for partner in winner.consortium.taking_part]
        return list({one.organisation_id: one.organisation for one in won}.values())


def sources_of(programme: Programme) -> Sources:
    """The final award, the table on which the bidders made their plans, and the investors that stand.

    The table is the one of the call, also when a newer one was published since: nobody made a plan on that one. A bond
    without a tender takes the providers that were named and accepted, and the table in force. `NotNow` while one of the
    three is missing.
    """
    if programme.route == Route.NO_TENDER:
        return Sources(None, _named(programme), _table_in_force(programme), _standing_round(programme))
    final = select(Evaluation).filter_by(programme_id=programme.id, state=EvaluationState.FINAL)
    evaluation = db.session.scalars(final.order_by(Evaluation.finalised_at.desc())).first()
    if evaluation is None:
        raise NotNow(_("There is no final award yet."))
    round = _standing_round(programme)
    if evaluation.call.table.state not in PUBLIC:
        raise NotNow(_("The price table of the call is not published."))
    return Sources(evaluation, None, evaluation.call.table, round)


def _named(programme: Programme) -> DirectAward:
    award = db.session.scalars(direct_award_of(programme.id)).unique().one_or_none()
    if award is None:
        raise NotNow(_("No service provider is named yet."))
    if (reason := DIRECT_FLOW.why_not(Action.AGREEMENT_DRAFT, award)) is not None:
        raise NotNow(reason)
    return award


def _table_in_force(programme: Programme) -> PriceTable:
    table = db.session.scalars(table_in_force(programme.id)).unique().one_or_none()
    if table is None:
        raise NotNow(_("There is no published price table yet."))
    return table


def _standing_round(programme: Programme) -> Round:
    standing = select(Round).filter_by(programme_id=programme.id, state=RoundState.STANDING)
    round = db.session.scalars(standing.order_by(Round.stands_at.desc())).first()
    if round is None:
        raise NotNow(_("The consortium of investors does not stand yet."))
    return round


def terms_now(agreement: Agreement, sources: Sources) -> dict[str, Any]:
    """What would be frozen if this draft were offered now."""
    kept = agreement.files_kept_days
    made = make_terms(agreement.programme, sources, agreement.volumes, agreement.payment_days, files_kept_days=kept)
    ending = drafted_ending(agreement.id)
    return made | ({"ending": ending.as_terms()} if ending else {}) | _costs(agreement, sources)


def _costs(agreement: Agreement, sources: Sources) -> dict[str, Any]:
    """The budget of running costs, where no plan holds one; nothing where none was laid down."""
    of = {str(one.id): named(one) for one in sources.providers()} if sources.direct is not None else {}
    lines = [
        {"organisation": of[line["organisation_id"]]} | {name: line[name] for name in COST_FACTS}
        for line in agreement.costs or ()
        if line["organisation_id"] in of
    ]
    return {"costs": lines} if lines else {}


def make_terms(
    programme: Programme,
    sources: Sources,
    promised: Mapping[str, int],
    payment_days: int = BY_LAW_DAYS,
    *,
    files_kept_days: int | None = None,
) -> dict[str, Any]:
    """Amounts in minor units of `programme.currency`; days as ISO 8601; ids as text.

    `promised`: volumes by the code of the effect where there is no plan to take them from. `payment_days`: calendar
    days from an invoice to the day on which it must be paid.
    """
    table, consortia = sources.table, _consortia(sources, promised)
    verification = drafted_rules(programme.id)
    return {
        "format": FORMAT,
        "programme": _programme(programme),
        "table": _table(table),
        "payers": _payers(programme),
        "payment": {"days": payment_days},
        "round": _round(sources.round),
        "consortia": consortia,
        "unawarded": _unawarded(sources),
        "intermediary": [named(one) for one in programme.organisations(Part.INTERMEDIARY)],
        "assessor": [named(one) for one in programme.organisations(Part.ASSESSOR)],
        "award": _award(sources.evaluation) if sources.evaluation is not None else None,
        "direct": _direct(sources.direct) if sources.direct is not None else None,
        "volumes": _together(consortia, table),
        "evidence": {"files": files_kept_days is not None, "kept_days": files_kept_days},
    } | ({"verification": as_terms(verification)} if verification else {})


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
    words = {name: getattr(effect, name).value for name in ("life_domain", "kind", "evidence_type", "lasts_unit")}
    return {"id": str(effect.id)} | words | {name: getattr(effect, name) for name in PROMISED}


def _payers(programme: Programme) -> list[dict[str, Any]]:
    return [
        {
            "organisation": named(share.organisation),
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
        "recycles": round.recycles,
        "excess_to_providers_bp": round.excess_to_providers_bp,
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
                "organisation": named(one.organisation),
                "tranche": one.tranche.name,
                "tranche_id": str(one.tranche_id),
                "allotted_minor": one.allotted_minor,
            }
            for one in commitments
        ],
    }


def _consortia(sources: Sources, promised: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every consortium that delivers, with its lot, volumes, shares and discount."""
    if sources.direct is not None:
        return [_of_direct(sources.direct, sources.table, promised)]
    return [_of_plan(winner, sources.table) for winner in sources.winners()]


def _of_plan(winner: OpenedProposal, table: PriceTable) -> dict[str, Any]:
    consortium, parts = winner.consortium, winner.content.get("parts", {})
    return {
        "id": str(consortium.id),
        "name": consortium.name,
        "lead": named(consortium.lead),
        "partners": [
            _partner(one.organisation, parts.get(str(one.organisation_id), {}), table) for one in consortium.taking_part
        ],
        "lot": _lot(consortium.lot) if consortium.lot is not None else None,
        "plan_digest": winner.digest,
        "volumes": _volumes(winner, table),
        "discount_bp": (winner.discount or {}).get("discount_bp") or 0,
    }


def _of_direct(award: DirectAward, table: PriceTable, promised: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": str(award.id),
        "name": award.name,
        "lead": named(award.lead),
        "partners": [
            _partner(one.organisation, {"contribution": one.contribution}, table) for one in award.taking_part
        ],
        "lot": None,
        "plan_digest": "",
        "volumes": {effect.code: promised[effect.code] for effect in table.effects if promised.get(effect.code)},
        "discount_bp": 0,
    }


def _partner(organisation: Organisation, part: Mapping[str, Any], table: PriceTable) -> dict[str, Any]:
    """What a partner said it does, as the opened plan holds it; its shares by the code of the effect."""
    shares = part.get("shares", {})
    return {
        "organisation": named(organisation),
        "contribution": part.get("contribution", ""),
        "shares": {effect.code: shares[str(effect.id)] for effect in table.effects if str(effect.id) in shares},
    }


def _lot(lot: Lot) -> dict[str, Any]:
    return {
        "id": str(lot.id),
        "name": lot.name,
        "cohort_size": lot.cohort_size,
        "municipalities": [
            named(share.organisation)
            for share in lot.call.programme.shares
            if str(share.organisation_id) in lot.organisation_ids
        ],
    }


def _unawarded(sources: Sources) -> list[dict[str, Any]]:
    """The lots for which no plan was chosen: nobody delivers there under this agreement."""
    if sources.evaluation is None:
        return []
    won = {winner.consortium.lot_id for winner in sources.winners()}
    return [_lot(lot) for lot in sources.evaluation.call.lots if lot.id not in won]


def _together(consortia: Sequence[dict[str, Any]], table: PriceTable) -> dict[str, int]:
    """The volumes of all plans, by the code of the effect."""
    sums = {effect.code: sum(one["volumes"].get(effect.code, 0) for one in consortia) for effect in table.effects}
    return {code: number for code, number in sums.items() if number}


def _award(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "evaluation_id": str(evaluation.id),
        "call": evaluation.call.title,
        "standstill_days": evaluation.call.standstill_days,
        "decided_at": evaluation.decided_at.isoformat() if evaluation.decided_at else None,
        "standstill_until": evaluation.standstill_until.isoformat() if evaluation.standstill_until else None,
        "finalised_at": evaluation.finalised_at.isoformat() if evaluation.finalised_at else None,
    }


def _direct(award: DirectAward) -> dict[str, Any]:
    """Why nothing was tendered, and why these providers."""
    return {"id": str(award.id), "route_reason": award.programme.route_reason, "reason": award.reason}


def _volumes(winner: OpenedProposal, table: PriceTable) -> dict[str, int]:
    """What a winning plan promises, by the code of the effect."""
    promised = winner.content["volumes"]
    return {effect.code: promised[str(effect.id)] for effect in table.effects if promised.get(str(effect.id))}


def named(organisation: Organisation) -> dict[str, str]:
    """An organisation as the terms name it."""
    return {
        "id": str(organisation.id),
        "name": organisation.name,
        "registration_number": organisation.registration_number,
    }
