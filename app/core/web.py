"""How a view answers: `page`, `done`, `refusals_on`, and the three together: `carry_out`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, flash, g, make_response, redirect, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from app.core.errors import Changed, DoneAlready, NotNow, Refused
from app.extensions import db

LATELY: list[Callable[[Any], str | None]] = []  # who changed a thing last, told by the packages above


def page(template: str, *, status: int | None = None, **context: Any) -> Response:
    """Render a whole page. A form with errors answers 422, a form that came too late 409."""
    if status is None:
        form = context.get("form")
        status = getattr(form, "status", 200) if form is not None else 200
    return make_response(render_template(template, **context), status)


def done(url: str, message: object | None = None) -> BaseResponse:
    """The act succeeded: say so on the next page, which is fetched anew (303)."""
    if message is not None:
        flash(str(message), "good")
    return redirect(url, 303)


@contextmanager
def refusals_on(form: FlaskForm) -> Iterator[None]:
    """Put what an operation refuses on the form, where it was typed; the view then shows the form again.

    `NotNow` is shown on top of the form (409), `Refused` on its field or on top (422). A page that only asks to
    confirm offers no button any more after `NotNow`: pressing it again would say the same. Who lost a race is told
    what the thing is now, and by whom, as far as the reader may know.
    """
    try:
        yield
    except Refused as refused:
        for one in (refused, *refused.also):
            field = getattr(form, one.field, None) if one.field else None
            if field is not None and hasattr(field, "errors"):
                field.errors = [*field.errors, one.message]
            else:
                form.form_errors.append(one.message)
    except NotNow as late:
        reason = _over_by_now()
        is_over = not isinstance(late, Changed) or reason is not None
        form.form_errors.append(reason if isinstance(late, Changed) and is_over else late.message)
        if reason is not None and not isinstance(late, DoneAlready):
            form.form_errors += told_lately()
        form.refused_with, form.is_over = 409, is_over
        if isinstance(late, Changed) and not is_over:
            form.version.process_data(late.version)
            form.version.raw_data = None


def told_lately() -> list[str]:
    """Who took the last step with the thing of this page, and when, as far as the reader may know; nothing of a thing
    that has no steps."""
    subject = g.get("subject")
    if getattr(subject, "FLOW", None) is None:
        return []
    return [words for told in LATELY if (words := told(subject))]


def _over_by_now() -> object | None:
    """Why what this page asks for can be done no more, read anew after somebody else was first."""
    subject, action = g.get("subject"), g.get("action")
    flow = getattr(subject, "FLOW", None)
    if flow is None or action is None or subject not in db.session:
        return None
    db.session.refresh(subject)
    reason: object | None = flow.why_not(action, subject)
    return reason


def expect_now(form: FlaskForm, why_not: object | None) -> None:
    """A page whose step is not for now is not shown (409, with the reason). What was sent gets the same answer from the
    operation, with what was typed kept."""
    if why_not is not None and not form.is_submitted():
        raise NotNow(why_not)


def carry_out(form: FlaskForm, act: Callable[[], Any], then: Any, told: Any, template: str, **context: Any) -> Any:
    """Most views that do one thing: a GET asks, a POST that holds carries out `act`, goes on to `then` and says `told`.

    `then` (an address) and `told` may be functions of what `act` gave back. What is refused stands on the form, in the
    page that asked.
    """
    if form.validate_on_submit():
        with refusals_on(form):
            made = act()
            return done(*(one(made) if callable(one) else one for one in (then, told)))
    return page(template, form=form, **context)
