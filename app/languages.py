"""The languages of the portal: catalogues are read once, and Flemish falls back to Dutch.

`nl_BE` holds only the words that differ; whatever it lacks is said as in the Netherlands.
"""

from functools import cache, cached_property
from typing import Any

import flask_babel
from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask
from flask_babel import Babel, Domain
from wtforms.i18n import messages_path

FALLBACK = {"nl_BE": "nl"}


class Catalogues(Domain):
    """Flask-Babel's own domain, with a fallback between languages. A page asks it for a hundred words, so what was
    found for a language is found again in one step."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ready: dict[Locale, Any] = {}

    def get_translations(self) -> Any:
        locale = flask_babel.get_locale()
        if locale is None:
            return super().get_translations()
        ready = self._ready.get(locale)
        if ready is None:
            ready = self._ready[locale] = self._with_fallback(locale)
        return ready

    def _with_fallback(self, locale: Locale) -> Any:
        own = super().get_translations()
        general = FALLBACK.get(str(locale))
        if general and isinstance(getattr(own, "_fallback", None), NullTranslations | None):
            with flask_babel.force_locale(general):
                own._fallback = super().get_translations()
        return own


class Languages(Babel):
    """Keeps one set of catalogues for the whole process; the library reads them anew for each request."""

    def init_app(self, app: Flask, *args: Any, **options: Any) -> None:
        super().init_app(app, *args, **options)
        words = self.domain_instance.get_translations
        app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
            gettext=lambda one: words().ugettext(one),
            ngettext=lambda one, many, number: words().ungettext(one, many, number),
            newstyle=True,
            pgettext=lambda context, one: words().upgettext(context, one),
            npgettext=lambda context, one, many, number: words().unpgettext(context, one, many, number),
        )

    @cached_property
    def domain_instance(self) -> Catalogues:  # type: ignore[override]
        return Catalogues()


class FormWords:
    """What the form library itself says ("Not a valid integer value."), in the language of the reader; the library
    would read its catalogue anew for every form."""

    def gettext(self, one: str) -> str:
        return _form_catalogue(str(flask_babel.get_locale())).ugettext(one)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return _form_catalogue(str(flask_babel.get_locale())).ungettext(one, many, number)


@cache
def _form_catalogue(locale: str) -> Any:
    return Translations.load(messages_path(), [locale], domain="wtforms")


class Worded:
    """Forms with this class among their own speak by `FormWords`."""

    class Meta:
        def get_translations(self, form: Any) -> FormWords:
            return FORM_WORDS


FORM_WORDS = FormWords()
