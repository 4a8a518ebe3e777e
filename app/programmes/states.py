from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core import clock
from app.core.flow import Flow, Labelled, step


class ProgrammeState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    IN_REVIEW = "in_review", _l("with a second official"), "warn"
    APPROVED = "approved", _l("approved"), "good"


class Route(Labelled):
    """The first legal question of a bond: how does the government come to its consortium?"""

    CONTRACT = "contract", _l("public contract")
    SUBSIDY = "subsidy", _l("subsidy")
    NO_TENDER = "no_tender", _l("no tender")


class Phase(Labelled):
    """How far the bond has come; the phase line of every page of the bond."""

    PREPARATION = "preparation", _l("Programme")
    PRICES = "prices", _l("Prices"), "info"
    INVESTORS = "investors", _l("Investors"), "info"
    CALL = "call", _l("Call"), "info"
    AGREEMENT = "agreement", _l("Contract"), "info"
    DELIVERY = "delivery", _l("Delivery"), "info"
    CLOSED = "closed", _l("Closed")

    def line(self, route: Route, investors_stand: bool) -> list[tuple[Any, str]]:
        """(label, done | current | todo) per phase, for the header. A call may open before the investors stand: then
        both are under way."""
        phases = list(Phase)
        here = phases.index(self)
        steps = {one: "done" if i < here else "current" if i == here else "todo" for i, one in enumerate(phases)}
        if self in BEFORE_SIGNING and not investors_stand:
            steps[Phase.INVESTORS] = "current"
        return [(one.shown(route).label, step) for one, step in steps.items()]

    def shown(self, route: Route) -> Labelled:
        """The word for this phase: a bond without a tender names its providers where others hold a call."""
        return Naming.NAMING if self == Phase.CALL and route == Route.NO_TENDER else self


class Naming(Labelled):
    """What a bond without a tender does instead of a call; no phase of its own in the books."""

    NAMING = "naming", _l("Naming"), "info"


BEFORE_SIGNING = (Phase.CALL, Phase.AGREEMENT)  # no agreement is signed without investors who stand


def agreed(programme: object) -> object | None:
    """From the final award on the parties stand: the agreement names them."""
    phases = list(Phase)
    if phases.index(programme.phase) < phases.index(Phase.AGREEMENT):  # type: ignore[attr-defined]
        return None
    if programme.route == Route.NO_TENDER:  # type: ignore[attr-defined]
        return _("The service providers have accepted: the agreement names the parties of this bond.")
    return _("The award is final: the agreement names the parties of this bond.")


def not_tendered(programme: object) -> object | None:
    """A bond that documents why nothing is tendered holds no call."""
    if programme.route != Route.NO_TENDER:  # type: ignore[attr-defined]
        return None
    return _("This bond holds no tender: %(reason)s", reason=programme.route_reason)  # type: ignore[attr-defined]


def tendered(programme: object) -> object | None:
    """Only a bond that documents why nothing is tendered names its service providers itself, at published prices."""
    if programme.route != Route.NO_TENDER:  # type: ignore[attr-defined]
        return _("This bond comes to its service providers by a call.")
    if programme.phase in (Phase.PREPARATION, Phase.PRICES):  # type: ignore[attr-defined]
        return _("The price per effect is published first: providers must know what they are asked to deliver for.")
    return None


def delivering(programme: object) -> object | None:
    """Progress is guarded while the bond is delivered, its tail included; nothing changes once it is closed."""
    if programme.phase != Phase.DELIVERY:  # type: ignore[attr-defined]
        return _("This is for the time in which the bond is delivered.")
    return None


S = ProgrammeState
FLOW = Flow(
    {
        A.PROGRAMME_EDIT: step(S.DRAFT),
        A.PROGRAMME_SUBMIT: step(S.DRAFT, to=S.IN_REVIEW),
        A.PROGRAMME_RETURN: step(S.IN_REVIEW, to=S.DRAFT),
        A.PROGRAMME_APPROVE: step(S.IN_REVIEW, to=S.APPROVED),
        A.PROGRAMME_REMOVE_PARTY: step(*S, unless=agreed),
        A.TABLE_DRAFT: step(S.APPROVED),
        A.ROUND_DRAFT: step(S.APPROVED),
        A.CALL_DRAFT: step(S.APPROVED, unless=not_tendered),
        A.DIRECT_NAME: step(S.APPROVED, unless=tendered),
        A.MILESTONE_ADD: step(S.APPROVED, unless=delivering),
        A.CORRECTIVE_PROPOSE: step(S.APPROVED, unless=delivering),
        A.CASH_LINE_PLAN: step(S.APPROVED, unless=delivering),
    }
)


class AccountState(Labelled):
    PREPARED = "prepared", _l("waits for a second person"), "warn"
    APPROVED = "approved", _l("approved"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "bad"


def account_in_use(account: Any) -> object | None:
    begun = account.usable_from is None or account.usable_from <= clock.now()
    if account.state == AccountState.APPROVED and begun:
        return _("This account is in use. Name another one: everybody who pays hears of it.")
    return None


ACCOUNT_FLOW = Flow(
    {
        A.BANK_ACCOUNT_APPROVE: step(AccountState.PREPARED, to=AccountState.APPROVED),
        A.BANK_ACCOUNT_WITHDRAW: step(
            AccountState.PREPARED, AccountState.APPROVED, to=AccountState.WITHDRAWN, unless=account_in_use
        ),
    }
)
