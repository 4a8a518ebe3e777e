from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core import clock
from app.core.flow import Flow, Labelled, step
from app.core.format import moment as shown_moment


class CallState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    PUBLISHED = "published", _l("open for plans"), "info"
    CLOSED = "closed", _l("closed"), "warn"
    AWARDED = "awarded", _l("awarded"), "good"
    CANCELLED = "cancelled", _l("cancelled"), "bad"


class ExtensionState(Labelled):
    """Of a proposal for more time after an outage."""

    PROPOSED = "proposed", _l("proposed"), "warn"
    CONFIRMED = "confirmed", _l("confirmed"), "good"
    REFUSED = "refused", _l("refused"), "bad"
    LAPSED = "lapsed", _l("lapsed"), "neutral"


class Leaving(Labelled):
    """Why an official no longer opens with the key that was made. A closed list: the trail holds no text about a
    person."""

    LOST = "lost", _l("the passphrase is lost")
    LEFT = "left", _l("no longer works for the municipality")
    ABSENT = "absent", _l("cannot take part any more")


def deadline_passed(call: object) -> object | None:
    return _("The deadline has passed.") if clock.now() >= call.deadline else None  # type: ignore[attr-defined]


def not_open(call: object) -> object | None:
    """For all that needs an open call: published, not cancelled, and the deadline not reached at this moment."""
    if call.state != CallState.PUBLISHED:  # type: ignore[attr-defined]
        return _("Not possible now: the call is %(state)s.", state=call.state.label)  # type: ignore[attr-defined]
    return deadline_passed(call)


def deadline_ahead(call: object) -> object | None:
    return None if clock.now() >= call.deadline else _("Not before the deadline.")  # type: ignore[attr-defined]


def opened(call: object) -> object | None:
    """Art. 2.109 Aw: more time only while nobody has taken cognisance of a plan."""
    begun = call.is_opened  # type: ignore[attr-defined]
    return _("The opening of the plans has begun, so the deadline cannot move any more.") if begun else None


def not_to_extend(call: object) -> object | None:
    if (begun := opened(call)) is not None:
        return begun
    standing = call.standing_extension is not None  # type: ignore[attr-defined]
    return _("More time is proposed already. Confirm or refuse that first.") if standing else None


def extension_waits(call: object) -> object | None:
    """Time does not run out while an official waits for a second one."""
    standing = call.standing_extension  # type: ignore[attr-defined]
    if standing is None:
        return None
    return _(
        "More time after an outage is proposed. No plan is opened until that is confirmed or refused, or lapses on "
        "%(moment)s.",
        moment=shown_moment(standing.lapses_at),
    )


def not_to_close(call: object) -> object | None:
    return deadline_ahead(call) or extension_waits(call)


def not_to_answer(extension: object) -> object | None:
    if not extension.stands:  # type: ignore[attr-defined]
        return _("This proposal stands no more.")
    return None


def not_to_confirm(extension: object) -> object | None:
    call = extension.call  # type: ignore[attr-defined]
    if (reason := not_to_answer(extension) or opened(call)) is not None:
        return reason
    if call.deadline != extension.deadline_before:  # type: ignore[attr-defined]
        return _("The deadline moved since this was proposed. Refuse it; propose anew what is still lacking.")
    return None


def still_stands(extension: object) -> object | None:
    ahead = clock.now() < extension.lapses_at  # type: ignore[attr-defined]
    return _("Its term has not passed yet.") if ahead else None


def questions_closed(call: object) -> object | None:
    passed = clock.now() >= call.questions_until  # type: ignore[attr-defined]
    return _("The term for questions has passed.") if passed else None


def answers_closed(call: object) -> object | None:
    """Art. 2.54 Aw: what comes later than this nobody can use, unless the deadline moves."""
    if clock.now() <= call.answers_until:  # type: ignore[attr-defined]
        return deadline_passed(call)
    return _("The day of the last answers has passed. Move the deadline by a rectification first.")


def answered(question: object) -> object | None:
    if question.nota_id is not None:  # type: ignore[attr-defined]
        return _("This question has been answered.")
    if question.withdrawn_at is not None:  # type: ignore[attr-defined]
        return _("This question was withdrawn.")
    return deadline_passed(question.call)  # type: ignore[attr-defined]


def nothing_answered(call: object) -> object | None:
    if not any(one.is_open and one.is_ready for one in call.questions):  # type: ignore[attr-defined]
        return _("No answer is ready to be published.")
    return answers_closed(call)


def plans_opened(call: object) -> object | None:
    return _("The plans were opened.") if call.plans_opened_at is not None else None  # type: ignore[attr-defined]


S = CallState
FLOW = Flow(
    {
        A.CALL_EDIT: step(S.DRAFT),
        A.CALL_PUBLISH: step(S.DRAFT, to=S.PUBLISHED),
        A.OPENING_KEY_MAKE: step(S.DRAFT, S.PUBLISHED, S.CLOSED, unless=plans_opened),
        A.OPENER_PROPOSE: step(S.PUBLISHED, S.CLOSED, unless=plans_opened),
        A.OPENER_REPLACE: step(S.PUBLISHED, S.CLOSED, unless=plans_opened),
        A.OPENER_KEEP: step(S.PUBLISHED, S.CLOSED, unless=plans_opened),
        A.CALL_RECTIFY: step(S.PUBLISHED, unless=deadline_passed),
        A.EXTENSION_PROPOSE: step(S.PUBLISHED, S.CLOSED, unless=not_to_extend),
        A.CALL_CANCEL: step(S.DRAFT, S.PUBLISHED, S.CLOSED, to=S.CANCELLED),
        A.CALL_CLOSE: step(S.PUBLISHED, to=S.CLOSED, unless=not_to_close),
        A.QUESTION_ASK: step(S.PUBLISHED, unless=questions_closed),
        A.QUESTION_CLARIFY: step(S.PUBLISHED, unless=answers_closed),
        A.NOTA_PUBLISH: step(S.PUBLISHED, unless=nothing_answered),
        A.BOARD_POST: step(S.PUBLISHED, unless=deadline_passed),
        A.CONSORTIUM_FORM: step(S.PUBLISHED, unless=deadline_passed),
    }
)
E = ExtensionState
EXTENSION_FLOW = Flow(
    {
        A.EXTENSION_CONFIRM: step(E.PROPOSED, to=E.CONFIRMED, unless=not_to_confirm),
        A.EXTENSION_REFUSE: step(E.PROPOSED, to=E.REFUSED, unless=not_to_answer),
        A.EXTENSION_LAPSE: step(E.PROPOSED, to=E.LAPSED, unless=still_stands),
    }
)
QUESTION_FLOW = Flow(
    {
        A.QUESTION_ANSWER: step(S.PUBLISHED, unless=answered),
        A.QUESTION_WITHDRAW: step(S.PUBLISHED, unless=answered),
    }
)
