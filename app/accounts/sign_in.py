"""The sign-in library, set up for this portal."""

from datetime import timedelta
from typing import Any

import flask_babel
from flask import Flask, Response, request, session, url_for
from flask_login import user_logged_in
from flask_security import Security, SQLAlchemyUserDatastore, user_confirmed
from flask_security.utils import validate_redirect_url
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import TooManyRequests

from app.accounts import answered, demo_sign_ins, kept, notices
from app.accounts.sign_in_forms import (
    AddressFirst,
    ChangeForm,
    ForgotForm,
    PasswordRules,
    ResetForm,
    SendConfirmation,
    SignInForm,
)
from app.accounts.sign_in_mail import LibraryMail
from app.accounts.sign_in_words import MESSAGES
from app.core import clock
from app.core.operation import begin_writing
from app.core.web import page
from app.extensions import db
from app.people import attempts
from app.people.models import Anonymous, User
from app.people.password import AFewAtATime


def init_app(app: Flask) -> None:
    app.config.from_mapping(settings())
    attempts.init_app(app)
    app.before_request(_begin_writing)  # before the library reads who is there
    library = Security(
        app,
        Store(db, User, None),  # type: ignore[arg-type]  # global roles do not exist here, so there is no role model
        render_template=_page,  # type: ignore[arg-type]
        mail_util_cls=LibraryMail,
        password_util_cls=PasswordRules,
        login_form=SignInForm,
        forgot_password_form=ForgotForm,
        reset_password_form=ResetForm,
        change_password_form=ChangeForm,
        send_confirmation_form=SendConfirmation,
    )
    library.i18n_domain = OurCatalogue()  # type: ignore[assignment]
    library.pwd_context = AFewAtATime(library.pwd_context)
    app.login_manager.anonymous_user = Anonymous  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]  # a session or nothing
    app.before_request(refuse_guessing)
    app.after_request(count_failure)
    app.after_request(_lead_on)
    user_logged_in.connect(_begin_session, app)
    user_confirmed.connect(_tell_officials, app)
    kept.init_app(app)
    answered.init_app(app)


def settings() -> dict[str, Any]:
    return MESSAGES | {
        "SECURITY_URL_PREFIX": None,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_LOGIN_URL": "/login",
        "SECURITY_LOGOUT_URL": "/logout",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/home",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_CHANGE_VIEW": "/account",
        "SECURITY_POST_CONFIRM_VIEW": "/login",
        "SECURITY_CONFIRM_ERROR_VIEW": "/login",
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_TRACKABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_FRESHNESS": timedelta(-1),  # an act that needs the password asks for it on its own page
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_EMAIL_PLAINTEXT": False,  # the words are ours: sign_in_mail
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_CACHE_CONTROL": {"private": None, "no-store": None},  # words without a value
        "SECURITY_DATETIME_FACTORY": clock.now,
    }


_BY_SESSION = (
    select(User)
    .where(User.fs_uniquifier == bindparam("key"))
    .options(joinedload(User.memberships))  # the rights of every page ask for them
)


class Store(SQLAlchemyUserDatastore):
    def find_user(self, case_insensitive: bool = False, **known: Any) -> Any:
        if set(known) == {"fs_uniquifier"}:
            return db.session.scalars(_BY_SESSION, {"key": known["fs_uniquifier"]}).unique().one_or_none()
        return super().find_user(case_insensitive, **known)

    def commit(self) -> None:
        """Two sign-ins of one person at once: the first has noted the moment, which is all there was to note."""
        try:
            db.session.commit()
        except StaleDataError:
            db.session.rollback()


WRITING_BY_LINK = {"security.confirm_email", "security.reset_password"}


def _begin_writing() -> None:
    if request.blueprint == "security" and (request.method == "POST" or request.endpoint in WRITING_BY_LINK):
        begin_writing()


class OurCatalogue:
    """The library asks for its words here."""

    def gettext(self, words: str, **values: Any) -> str:
        return flask_babel.gettext(words, **values)

    def ngettext(self, one: str, many: str, num: int, **values: Any) -> str:
        return flask_babel.ngettext(one, many, num, **values)

    def format_list(self, parts: list[str], **_options: Any) -> str:
        return ", ".join(parts)


def _page(template: str, **context: Any) -> Response:
    """The library's pages answer as ours do: 422 with the form when something is wrong in it."""
    form = next(value for key, value in context.items() if key.endswith("_form"))
    if isinstance(form, AddressFirst) and form.form_errors:
        form.say_at_field()
    context |= {"form": form, "demo": demo_sign_ins.listed() if template == "security/login_user.html" else []}
    return page(template, status=422 if form.errors else 200, **context)


# --- Guessing --------------------------------------------------------------------------------------------------------

PER_ADDRESS, PER_ACCOUNT = "50 per 15 minutes", "10 per 15 minutes"
GUESSABLE = {"security.login", "security.change_password"}
MAILING = {"security.forgot_password", "security.send_confirmation"}


def _keys() -> list[tuple[str, str, str]]:
    """Who tries, from where and for which account; what was typed is an account as long as it may be one."""
    typed = request.form.get("email", "").strip().casefold()[:200]
    kind = "mail" if request.endpoint in MAILING else "sign-in"
    keys = [(PER_ADDRESS, kind, f"from {request.remote_addr}")]
    return [*keys, (PER_ACCOUNT, kind, f"for {typed}")] if typed else keys


def refuse_guessing() -> None:
    if request.method == "POST" and request.endpoint in GUESSABLE | MAILING:
        waits = [attempts.seconds_to_wait(*key) for key in _keys() if attempts.too_many(*key)]
        if waits:
            raise TooManyRequests(retry_after=max(waits))
        if request.endpoint in MAILING:
            _count()


def count_failure(response: Response) -> Response:
    if request.method == "POST" and request.endpoint in GUESSABLE and response.status_code == 422:
        _count()
    return response


def _count() -> None:
    for key in _keys():
        attempts.count(*key)


# --- What follows a sign-in ------------------------------------------------------------------------------------------


def _lead_on(response: Response) -> Response:
    """From the mail that verifies an address, by way of signing in, to where its reader came from."""
    then = request.args.get("next", "")
    if request.endpoint == "security.confirm_email" and then and validate_redirect_url(then):
        response.location = url_for("security.login", next=then)
    return response


def _begin_session(_app: Flask, user: User, **_more: Any) -> None:
    """From now on the session ends after an hour without a request (`PERMANENT_SESSION_LIFETIME`)."""
    session.permanent = True
    kept.discard_of_another(user)


def _tell_officials(_app: Flask, user: User, **_more: Any) -> None:
    """An address was verified: its organisation can be vetted now. The library commits this with its own change."""
    for organisation in user.organisations:
        if organisation.vetted_at is None:
            notices.tell_registered(organisation)
