"""Rows of a file that become no claim, since something in them is refused.

Each counts for the rows after it as the claim that it would have been, with its document: so one reading of a file
tells all that is wrong with it, and nothing is called wrong for a row before it that only needs mending.
"""

import uuid
from collections import defaultdict
from functools import partial
from typing import Any

from flask_babel import gettext as _

from app.core.errors import Refused, refused_by
from app.intake.models import Participant
from app.outcomes import rules
from app.outcomes.models import Claim, claims_of
from app.outcomes.same_document import expect_said, stands_under
from app.outcomes.states import ClaimState
from app.people.models import User


class Unmade:
    """`rows`: the row of each claim that the file did make so far."""

    def __init__(self, actor: User, rows: dict[uuid.UUID, int]) -> None:
        self.actor, self.rows = actor, rows
        self._claims: dict[uuid.UUID, dict[int, Claim]] = defaultdict(dict)  # by person and row
        self._documents: dict[str, int] = {}

    def bears_on(self, person: Participant, known: dict[str, Any]) -> bool:
        """Whether a row of this person, or with this document, was refused before."""
        return person.id in self._claims or known["evidence_digest"] in self._documents

    def wrong_with(self, person: Participant | None, known: dict[str, Any], number: int) -> list[Refused]:
        """All that the rules say of row `number`; `known`: the facts of it that could be read."""
        known = known | {"rows": self.rows}
        if person is None:
            found = refused_by(rules.check_nobody, known)
        else:
            others = [claim for row, claim in self._claims.get(person.id, {}).items() if row != number]
            found = refused_by(partial(rules.check_claim, in_file=True), person, known, [*claims_of(person), *others])
        digest, because = known.get("evidence_digest") or "", known.get("same_document_because") or ""
        if any(one.field == "evidence_digest" for one in found):
            return found
        earlier = self._documents.get(digest, number)
        if earlier != number and not because.strip():
            return [*found, stands_under(_("row %(number)d of this file", number=earlier))]
        return found + refused_by(expect_said, digest, because, self.actor, self.rows)

    def keep(self, person: Participant | None, known: dict[str, Any], number: int) -> None:
        """Let the row count for those after it."""
        if known.get("evidence_digest"):
            self._documents.setdefault(known["evidence_digest"], number)
        effect, achieved_on = known.get("effect"), known.get("achieved_on")
        if person is not None and effect is not None and achieved_on is not None:
            of = {"effect": effect, "effect_id": effect.id, "achieved_on": achieved_on}
            made = self._claims[person.id][number] = Claim(id=uuid.uuid4(), state=ClaimState.REGISTERED, **of)
            self.rows[made.id] = number

