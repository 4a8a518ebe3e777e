"""What is expected of a bond, for who is about to commit: the expected case of the what-if, by the same calculation.

The assumptions are those from which a what-if of this table starts; the capital is that of the commit page, with its
guarantee. Source: issue 6, what an investor reads before it promises: 50 % success is not what is expected.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from app.capital.models import Round
from app.capital.queries import Outlook as Committing
from app.capital.scenario import Scenario, paid_in_at_once, seen_by_first
from app.capital.terms import Capital
from app.capital.waterfall import Outcome
from app.pricing.models import PriceTable
from app.pricing.terms_of import valuation_terms
from app.scenarios.assumptions import Assumptions
from app.scenarios.expected import unsaid
from app.scenarios.forms import form_of
from app.scenarios.outlook import Outlook, outlook_of, returns
from app.scenarios.queries import Setting


@dataclass(frozen=True, slots=True)
class Expected:
    """A scenario for each outlook of the commit page, or the reason in words why there is none.

    `unsaid` names the effects of which the table says no number: of those the what-if assumes one.
    """

    scenarios: list[Scenario] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    why_none: str = ""


def expected_of(round: Round, table: PriceTable, outlooks: Iterable[Committing]) -> Expected:
    """The municipalities pay at each settlement, as the what-if of this table assumes before anybody changes it."""
    setting = _setting(round, table)
    missing = unsaid(setting)
    if len(missing) == len(table.effects):
        return Expected(why_none=_("The price table says of no effect how many are expected."))
    form = form_of(setting, {})
    if not form.validate():
        reasons = [str(error) for errors in form.errors.values() for error in errors]
        return Expected(why_none=_("The what-if cannot be worked out: %(reason)s", reason=" ".join(reasons)))
    assumptions = form.assumptions()
    brings = outlook_of(assumptions, "expected", setting.minor_per_major)
    return Expected([_scenario(round, assumptions, brings, one) for one in outlooks], missing)


def _setting(round: Round, table: PriceTable) -> Setting:
    """No capital: that of the commit page is used, not that which a what-if starts from."""
    shares = list(round.programme.shares)
    terms = valuation_terms(table, shares) if shares else None
    return Setting(round.programme, shares, [table], table, terms, tranches=[], capital={}, own={})


def _scenario(round: Round, assumptions: Assumptions, brings: Outlook, committing: Committing) -> Scenario:
    def run(terms: Capital) -> Outcome:
        found = returns(replace(assumptions, capital=terms), brings.valuation)
        assert found is not None
        return found

    terms = paid_in_at_once(round.programme, round.tranches, committing.committed)
    return seen_by_first(terms, run, None, None, brings.paid)
