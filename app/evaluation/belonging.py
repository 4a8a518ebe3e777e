"""What a thing takes over from the evaluation, or from the opened plan, that it belongs to."""

import uuid
from typing import TYPE_CHECKING, Any

from app.calls.models import Call

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

    from app.evaluation.models import Evaluation, OpenedProposal


class OfEvaluation:
    """Belongs to one `evaluation`. `state` is that of the evaluation, where the thing has none of its own."""

    if TYPE_CHECKING:

        @property
        def evaluation(self) -> Any: ...

    @property
    def programme_id(self) -> uuid.UUID:
        found: uuid.UUID = self.evaluation.programme_id
        return found

    @property
    def call(self) -> Call:
        found: Call = self.evaluation.call
        return found

    @property
    def state(self) -> Any:
        return self.evaluation.state


class OfOpened(OfEvaluation):
    """Belongs to one `opened` plan, and by that to its evaluation."""

    if TYPE_CHECKING:
        opened: Mapped[OpenedProposal]

    @property
    def evaluation(self) -> "Evaluation":
        return self.opened.evaluation
