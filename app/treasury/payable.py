"""Whether an organisation can be paid: it is when an account of it is in use, which the package of the bank knows."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.core import format


@dataclass(frozen=True, slots=True)
class NotYet:
    """An organisation that the bank cannot pay: it named no account, or one that nobody confirmed yet, or one that is
    in its waiting time until `usable_from`."""

    organisation_id: uuid.UUID
    name: str
    is_named: bool
    usable_from: datetime | None

    @property
    def account(self) -> str:
        """What stands where the account would."""
        if self.usable_from is not None:
            return _("may be used from %(moment)s on", moment=format.moment(self.usable_from))
        return _("named, not confirmed yet") if self.is_named else _("no account in use")

    @property
    def why(self) -> str:
        """And who can mend it."""
        facts: dict[str, Any] = {"name": self.name}
        if self.usable_from is not None:
            return _(
                "The account of %(name)s may be used from %(moment)s on.",
                **facts,
                moment=format.moment(self.usable_from),
            )
        if self.is_named:
            return _(
                "No account of %(name)s is in use: the one that it named waits until the intermediary confirms it by "
                "telephone.",
                **facts,
            )
        return _(
            "No account of %(name)s is in use: somebody of %(name)s names it on the page of the organisation, and the "
            "intermediary confirms it by telephone.",
            **facts,
        )


Finding = Callable[[Any], list[NotYet]]
NOT_YET: list[Finding] = []  # the bank, which stands above, adds to it
TOLD = 3


def not_yet_payable(organisation_ids: Any) -> list[NotYet]:
    """Those of these organisations (ids, or what selects them) to whom the bank carries out nothing, by name."""
    found = {one.organisation_id: one for find in NOT_YET for one in find(organisation_ids)}
    return sorted(found.values(), key=lambda one: (one.name, str(one.organisation_id)))


def told_approved(organisation_ids: Iterable[uuid.UUID] | Any) -> str:
    """What whoever approved a payment is told."""
    found = not_yet_payable(organisation_ids)
    if not found:
        return _("Approved: it can now go into a payment batch.")
    return " ".join([_("Approved. Not everything can be paid yet."), *(one.why for one in found[:TOLD])])
