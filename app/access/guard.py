"""What every endpoint declares, and what every button asks."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, g, request
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.closed import why_closed
from app.access.four_eyes import FOUR_EYES, FOUR_EYES_REASONS
from app.access.lately import who_was_first
from app.access.permissions import PERMISSIONS
from app.access.roles import roles_towards
from app.audit import trail
from app.core.errors import NotNow, NotYours
from app.core.web import LATELY
from app.extensions import db

LATELY.append(who_was_first)


@dataclass(frozen=True, slots=True)
class Answer:
    """May it, now, by this person; and if not, why not (shown beside the disabled button)."""

    allowed: bool
    reason: Any = ""
    yours: bool = True

    def __bool__(self) -> bool:
        return self.allowed


def reader() -> Any:
    """Who asks for this page: the person, and not the proxy that looks it up again for each of their rights."""
    return current_user._get_current_object()


def may(action: Action, subject: Any, user: Any) -> bool:
    """Who: does one of the person's hats towards `subject` allow `action`?"""
    return bool(roles_towards(subject, user) & PERMISSIONS.get(action, frozenset()))


def why_not_same_person(action: Action, subject: Any, user: Any) -> Any | None:
    """Four eyes: the reason when `user` already did the paired act on `subject`."""
    paired = FOUR_EYES.get(action)
    if paired and trail.has_done(user, paired, subject):
        for earlier in paired & FOUR_EYES_REASONS.keys():
            if trail.has_done(user, frozenset({earlier}), subject):
                return FOUR_EYES_REASONS[earlier]
        return _("A second person must do this: you took the step before it.")
    return None


def _not_yours(subject: Any) -> Any:
    """Of a bond and whatever is in one; an organisation or a person has nothing to do with a bond. A thing whose reason
    is not plain tells it itself (`why_not_yours`)."""
    if getattr(subject, "why_not_yours", None):
        return subject.why_not_yours
    if subject is None or getattr(subject, "__tablename__", "") in ("organisation", "user"):
        return _("Your account does not allow this.")
    return _("Your part in this bond does not allow this.")


def can(action: Action | str, subject: Any = None, user: Any = None) -> Answer:
    """Who and when together, for buttons and links."""
    action = Action(action)
    user = reader() if user is None else user
    if not may(action, subject, user):
        return Answer(False, _not_yours(subject), yours=False)
    flow = getattr(subject, "FLOW", None)
    reason = flow.why_not(action, subject) if flow is not None else None
    reason = reason or why_closed(action, subject) or why_not_same_person(action, subject, user)
    return Answer(reason is None, reason or "")


def requires(action: Action, model: Any = None, key: str = "id") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The endpoint does `action` on the `model` row named by the URL's `key`, handed to the view as first argument.

    Not visible to this person: 404. Not theirs: 403 (anonymous: to the sign-in page). Not now: 409.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def guarded(**kwargs: Any) -> Any:
            g.subject = subject = _load(model, kwargs.pop(key)) if model is not None else None
            _check(action, subject)
            return view(subject, **kwargs) if model is not None else view(**kwargs)

        guarded.declared_action = action  # type: ignore[attr-defined]
        guarded.declared_model = model  # type: ignore[attr-defined]
        return guarded

    return declare


def requires_self(action: Action) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The endpoint does `action` on the account of the person who asks, and on no other."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def guarded(**kwargs: Any) -> Any:
            _check(action, reader())
            return view(**kwargs)

        guarded.declared_action = action  # type: ignore[attr-defined]
        guarded.declared_model = None  # type: ignore[attr-defined]
        return guarded

    return declare


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint concerns no thing of anybody: the landing page, the language switch, a sign of life."""
    view.declared_action = None  # type: ignore[attr-defined]
    view.declared_model = None  # type: ignore[attr-defined]
    return view


def _load(model: Any, key: Any) -> Any:
    user = reader()
    visible = model.visible_to(user).where(model.id == key)
    subject = db.session.scalars(visible).unique().one_or_none()
    if subject is None:
        if not user.is_authenticated:
            raise NotSignedIn  # may well see it afterwards; and nobody learns what exists
        abort(404)
    return subject


class NotSignedIn(Exception):
    """Sign in first; answered with the sign-in page, which comes back here."""


def _check(action: Action, subject: Any) -> None:
    g.action = action
    user = reader()
    if not may(action, subject, user):
        if not user.is_authenticated:
            raise NotSignedIn
        raise NotYours(_not_yours(subject))
    flow = getattr(subject, "FLOW", None)
    reason = flow.why_not(action, subject) if flow is not None else None
    if reason is not None and request.method != "POST":
        raise NotNow(reason)  # a POST gets the same answer from the operation, with the form kept
    closed = why_closed(action, subject)
    if closed is not None and request.method != "POST":
        raise NotNow(closed)
    same = why_not_same_person(action, subject, user)
    if same is not None:
        raise NotYours(same)


LIBRARY_ENDPOINTS = ("static", "security.")


def refuse_undeclared(app: Flask) -> None:
    """Start-up fails over a route that declares no action; the sign-in library's own pages are the exception."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "declared_action") and not rule.endpoint.startswith(LIBRARY_ENDPOINTS):
            raise RuntimeError(f"{rule.endpoint} declares no action: decorate it with requires() or public()")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(can=can, Action=Action)
