"""Where the story plays: who has a browser, what time it is, which addresses are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from typing import Any

from flask import Flask

from app.core import clock
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.notifications.models import Notification
from tests.story.person import Person

WHEN = Timeline(date(2025, 1, 1), date(2025, 12, 1))


class Stage:
    """`stage["hengelo"]` is a person, signed in when first called upon; `with stage.at(-280)` it is then, for all.

    Days are counted from the start of delivery. The time is told to every request, in whatever thread it is answered.
    """

    def __init__(self, app: Flask, enter: Callable[[str], Person]) -> None:
        self.app, self.enter = app, enter
        self.persons: dict[str, Person] = {}
        self.places: dict[str, str] = {}  # addresses that a person would have in a mail or a bookmark
        self.passphrases: dict[str, str] = {}  # on a piece of paper, by who wrote it down
        self.moment: datetime | None = None
        self.answer = app.wsgi_app
        app.wsgi_app = self._answer_then  # type: ignore[method-assign]

    def __getitem__(self, name: str) -> Person:
        if name not in self.persons:
            self.persons[name] = self.enter(name)
            self.persons[name].sign_in()
        return self.persons[name]

    def mail_to(self, name: str, action: str) -> Notification:
        """The last mail of this kind to this person."""
        with self.app.app_context():
            found = db.select(Notification).filter_by(address=f"{name}@demo.example", action=action)
            mail = db.session.scalars(found.order_by(Notification.created_at.desc()).limit(1)).first()
            assert mail is not None, f"{name} got no mail about {action}"
            db.session.expunge(mail)
            return mail

    @contextmanager
    def at(self, offset: int, hour: int = 10) -> Iterator[None]:
        self.moment = WHEN.moment(offset, hour)
        with self.told():
            yield

    @contextmanager
    def told(self) -> Iterator[None]:
        """The moment of the story, also outside a request."""
        with ExitStack() as stack:
            if self.moment is not None:
                with self.app.app_context():
                    stack.enter_context(clock.at(self.moment))
            yield

    def _answer_then(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self.told():
            return self.answer(environ, start_response)

    def leave(self) -> None:
        self.app.wsgi_app = self.answer  # type: ignore[method-assign]
