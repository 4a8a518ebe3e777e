"""Tell people, in their language, in the transaction of the act itself."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import clock
from app.extensions import db
from app.notifications.models import MailState, Notification
from app.people.models import User


@dataclass(frozen=True, slots=True)
class Notice:
    """The words: a title that names the bond and the act, and paragraphs."""

    title: str
    paragraphs: list[str]


def notify(
    readers: Iterable[User],
    action: str,
    about: Any,
    words: Callable[[], Notice],
    endpoint: str,
    *,
    illustrative: bool | None = None,
    **values: Any,
) -> list[Notification]:
    """One row per reader. `words` is called once per language, with that language in force.

    `about` is the thing the notice tells of; `endpoint` and `values` name the page it lands on. `illustrative`: whether
    the prices of the bond were made up, from a caller that tells many and knows it; else it is looked up.
    """
    if illustrative is None:
        illustrative = _is_illustrative(about)
    by_locale: dict[str, list[User]] = defaultdict(list)
    for reader in {reader.id: reader for reader in readers}.values():
        if reader.active:
            by_locale[reader.locale].append(reader)
    made = []
    for locale, group in by_locale.items():
        with force_locale(locale):
            notice = words()
            if illustrative:
                notice.paragraphs.append(_("The amounts of this bond are illustrative: they show how it works."))
        for reader in group:
            made.append(_row(notice, action, about, path_for(endpoint, **values), locale, reader.email, reader.id))
    db.session.add_all(made)
    return made


def _is_illustrative(about: Any) -> bool:
    """Is this about a bond whose prices were made up? Then every notice says so, as every page does.

    Programmes stand above this package, so their table is asked by its name.
    """
    bond = db.metadata.tables["programme"]
    return bool(db.session.scalar(select(bond.c.illustrative).where(bond.c.id == _programme_id(about))))


def _programme_id(about: Any) -> Any:
    return about.id if type(about).__name__ == "Programme" else getattr(about, "programme_id", None)


def write_to(
    address: str, locale: str, action: str, about: Any, words: Callable[[], Notice], path: str
) -> Notification:
    """Mail to somebody who has no account yet, such as a person invited into an organisation."""
    with force_locale(locale):
        notice = words()
    made = _row(notice, action, about, path, locale, address, None)
    db.session.add(made)
    return made


def _row(notice: Notice, action: str, about: Any, path: str, locale: str, address: str, user_id: Any) -> Notification:
    caught = current_app.config["DEMO"]
    return Notification(
        user_id=user_id,
        address=address,
        programme_id=_programme_id(about),
        action=str(action),
        subject_id=getattr(about, "id", None),
        title=notice.title,
        body="\n\n".join(notice.paragraphs),
        path=path,
        locale=locale,
        mail_state=MailState.CAUGHT if caught else MailState.WAITING,
        next_attempt_at=None if caught else clock.now(),
    )


def path_for(endpoint: str, **values: Any) -> str:
    """The path of a page, also outside a request, where no host is known."""
    return current_app.url_map.bind("portal").build(endpoint, values)
