"""A living bond as a file of the format replay/1: what was agreed, proven, paid in, paid and given back so far.

The file says what the books say as `expected`, so `flask replay FILE --check` proves that one calculation made both.
It is refused, naming the rule, where the bond did what the format has no words for.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select

from app.agreements.models import agreement_in_force
from app.capital.models import Round, standing_round
from app.capital.scenario import tranche_terms
from app.core.errors import NotNow
from app.core.money import DIGITS
from app.extensions import db
from app.pricing.terms import Fact, Terms
from app.programmes.models import Programme
from app.scenarios.check import differences
from app.scenarios.replay import compute, read
from app.scenarios.replay_file import Writer, tranche_row
from app.scenarios.replay_file import given as numbers
from app.scenarios.result import number_text, result_of
from app.scenarios.strict_json import Refused
from app.settlement.dispute_models import Correction
from app.settlement.models import Settlement, Statement
from app.settlement.queries import standing
from app.settlement.states import SettlementState
from app.settlement.valuing import facts_of, period_of, terms_of
from app.treasury.assignment import Assignment
from app.treasury.flows import Flows, allotted, given_back, owed_apart, real_flows
from app.treasury.states import AssignmentState

DONE = (SettlementState.APPROVED, SettlementState.PAID)


def bond_file(programme: Programme, on: date) -> dict[str, Any]:
    """The bond up to and including `on`. `NotNow`, with the rule, where replay/1 cannot tell what happened."""
    agreement = db.session.scalar(agreement_in_force(programme.id))
    round = db.session.scalar(standing_round(programme.id))
    if agreement is None or round is None:
        raise NotNow(_("There is no agreement in force yet."))
    made = [one for one in standing(programme) if one.state in DONE and one.period_to <= on]
    flows = real_flows(programme, on)
    terms = terms_of(agreement)
    for rule in _without_words(programme, round, terms, made, flows):
        raise _refused(rule)
    written = _Lived(programme, on, terms, made, round, flows).file()
    try:
        found = differences(written["expected"], result_of(compute(read(json.dumps(written).encode()))))
    except Refused as refused:
        raise _refused(refused.faults[0]) from None
    for line in found:
        raise _refused(line.removeprefix("expected."))
    return written


def _refused(rule: str) -> NotNow:
    return NotNow(_("The file format has no words for what this bond did: %(rule)s.", rule=rule))


def _without_words(
    programme: Programme, round: Round, terms: Terms, made: Sequence[Settlement], flows: Flows
) -> Iterator[str]:
    """Each rule of this bond that is none of replay/1."""
    if not made:
        yield "no settlement"
    if any(effect.prices or any(tier.prices for tier in effect.tiers) for effect in terms.effects):
        yield "a price per payer"
    if terms.discounts:
        yield "a discount of a plan"
    corrected = select(Correction.id).join(Statement, Statement.id == Correction.statement_id)
    if db.session.scalar(select(exists(corrected.where(Statement.programme_id == programme.id)))):
        yield "a correction of a statement"
    if any(one.is_closing for one in made):
        yield "a closing settlement"
    if any(effect.pooled_threshold for effect in terms.effects) and made and not made[-1].is_final:
        yield "pooled_threshold before the last settlement"
    days = {one.period_to for one in made}
    if terms.caps.overshoot == "carried" and any(one.on not in days for one in flows.distributions):
        yield "overshoot carried, and a distribution between settlements"
    held = {(str(one.tranche_id), str(one.id)) for one in allotted(round)}
    paying = {(flow.on, flow.tranche): set[Any]() for flow in flows.drawdowns}
    for flow in flows.drawdowns:
        paying[flow.on, flow.tranche].add((flow.tranche, flow.investor))
    if any(who != {one for one in held if one[0] == tranche} for (_on, tranche), who in paying.items()):
        yield "a drawdown that not every investor of a tranche paid on the same day"
    if any(one.reserve_minor for one in flows.distributions):
        yield "a reserve kept back from a distribution"
    if any(tranche.guarantee_minor for tranche in round.tranches):
        yield "a guarantee before the end of the bond"
    passed_on = select(Assignment.id).filter_by(programme_id=programme.id, state=AssignmentState.DONE)
    if db.session.scalar(select(passed_on.exists())):
        yield "a commitment that changed hands"
    elif flows.distributions and owed_apart(programme, flows.distributions[-1].on):
        yield "a tranche whose investors paid in at other times"


class _Lived(Writer):
    def __init__(
        self, programme: Programme, on: date, terms: Terms, made: Sequence[Settlement], round: Round, flows: Flows
    ) -> None:
        names = {str(share.organisation_id): share.organisation.name for share in programme.shares}
        effects = {effect.code: effect.name for effect in made[0].agreement.table.effects}
        super().__init__(terms, DIGITS[programme.currency], names.__getitem__, effects.__getitem__)
        self.programme, self.on, self.made, self.round, self.flows = programme, on, made, round, flows

    def file(self) -> dict[str, Any]:
        days = {one.period_to for one in self.made} | {one.on for one in self.flows.distributions}
        facts = list(self._facts())
        people = {fact.participant: fact.payer for fact in facts if fact.participant is not None}
        return {
            "format": "replay/1",
            "title": self.programme.title,
            "currency": self.programme.currency,
            **self.promised(),
            "participants": [{"id": code, "payer": payer} for code, payer in people.items()],
            "facts": [self._fact(fact) for fact in facts],
            "settle_on": [day.isoformat() for day in sorted(days)],
            "capital": self._capital(),
            "expected": self._expected(),
        }

    def _facts(self) -> Iterator[Fact]:
        """As settled. The format distributes only on a day of `settle_on`: a fact of a later settlement is dated after
        a distribution before which it was proven, so that it stays in the statement that took it, in its order."""
        for settlement in self.made:
            period = period_of(settlement)
            between = [d.on for d in self.flows.distributions if period.first <= d.on < period.last]
            first = max(between, default=date.min) + timedelta(days=1)
            for fact in facts_of([period]):
                yield replace(fact, on=max(fact.on, first))

    def _fact(self, fact: Fact) -> dict[str, Any]:
        written: dict[str, Any] = {"effect": fact.effect, "on": fact.on.isoformat()}
        if fact.participant is not None:
            return {**written, "participant": fact.participant, "quantity": number_text(fact.quantity)}
        written["payer"] = fact.payer
        if fact.avoided is not None:
            return {**written, "avoided": self.money(fact.avoided)}
        if fact.control is not None:
            return {**written, "cohort": str(fact.key), **numbers(treatment=fact.treatment, control=fact.control)}
        return {**written, **(numbers(value=fact.value) if fact.value is not None else numbers(count=fact.quantity))}

    def _capital(self) -> dict[str, Any]:
        held = allotted(self.round)
        drawn: dict[tuple[date, str | None], int] = {}
        for flow in self.flows.drawdowns:
            drawn[flow.on, flow.tranche] = drawn.get((flow.on, flow.tranche), 0) + flow.amount
        return {
            "tranches": [tranche_row(tranche_terms(tranche)) for tranche in self.round.tranches],
            "investors": [
                {"id": str(c.id), "tranche": str(c.tranche_id), "committed": self.money(c.allotted_minor)} for c in held
            ],
            "drawdowns": [
                {"on": on.isoformat(), "amount": self.money(amount), "tranche": tranche}
                for (on, tranche), amount in drawn.items()
            ],
            "receipts": self._moves(self.flows.receipts),
            "costs": self._moves(self.flows.costs),
        }

    def _moves(self, flows: Sequence[Any]) -> list[dict[str, str]]:
        return [{"on": flow.on.isoformat(), "amount": self.money(flow.amount)} for flow in flows]

    def _expected(self) -> dict[str, Any]:
        """What was settled, paid in and given, read from the books and not computed."""
        statements = [
            {
                "on": one.period_to.isoformat(),
                "paid": self.money(one.paid_minor),
                "payers": [{"id": str(s.payer_id), "amount": self.money(s.amount_minor)} for s in one.statements],
            }
            for one in self.made
        ]
        total = self.money(sum(one.paid_minor for one in self.made))
        return {"total": {"paid": total}, "statements": statements, "investors": self._investors()}

    def _investors(self) -> list[dict[str, str]]:
        drawn: Counter[str | None] = Counter()
        for flow in self.flows.drawdowns:
            drawn[flow.investor] += flow.amount
        given = given_back(self.programme, self.on)
        rows = [(str(c.id), drawn[str(c.id)], *given.get(c.id, (0, 0))) for c in allotted(self.round)]
        names = ("paid_in", "principal", "interest")
        return [
            {"id": id} | {name: self.money(amount) for name, amount in zip(names, amounts, strict=True)}
            for id, *amounts in rows
        ]
