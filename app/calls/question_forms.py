import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.calls.question_models import Question
from app.calls.question_operations import Reply
from app.core.forms import Form, choice, long_text, text
from app.core.national_id import no_national_id


class AskForm(Form):
    text = long_text(_l("Your question"), longest=5_000, validators=[no_national_id])
    confidential = long_text(_l("Confidential part"), required=False, longest=5_000, validators=[no_national_id])


class AnswerForm(Form):
    same_as = choice(_l("Asks the same as"), required=False)
    topic = text(_l("Heading"), required=False, longest=120, validators=[no_national_id])
    answer = long_text(_l("Answer"), required=False, longest=10_000, validators=[no_national_id])
    withheld_because = long_text(
        _l("Why the confidential part is left out"), required=False, longest=1_000, validators=[no_national_id]
    )

    def offer(self, others: list[Question]) -> None:
        """The questions that may ask the same, as choices."""
        self.same_as.choices = [("", _("no other question")), *((str(one.id), one.text[:90]) for one in others)]

    def reply(self) -> Reply:
        return Reply(
            answer=self.answer.data or "",
            topic=self.topic.data or "",
            withheld_because=self.withheld_because.data or "",
            same_as=uuid.UUID(self.same_as.data) if self.same_as.data else None,
        )


def typed(question: Question) -> dict[str, Any]:
    """The draft as its form holds it."""
    names = ("version", "topic", "answer", "withheld_because")
    return {name: getattr(question, name) for name in names} | {"same_as": str(question.same_as_id or "")}


class ClarifyForm(Form):
    topic = text(_l("Heading"), required=False, longest=120, validators=[no_national_id])
    text = long_text(_l("Clarification"), longest=10_000, validators=[no_national_id])
