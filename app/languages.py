"""The languages of the portal: catalogues are read once, and Flemish falls back to Dutch.

`nl_BE` holds only the words that differ; whatever it lacks is said as in the Netherlands.
"""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

import flask_babel
from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, g
from flask_babel import Babel, Domain
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from wtforms.i18n import messages_path

FALLBACK = {"nl_BE": "nl"}
# By jurisdiction: what leaves the portal is written in the language of the administration, whoever sends it.
LOCALES = {"NL": "nl", "BE": "nl_BE"}


def locale_here() -> Locale | None:
    """`flask_babel.get_locale()`, where the library put its answer: a page asks two hundred times."""
    try:
        return g._flask_babel.babel_locale or flask_babel.get_locale()
    except (AttributeError, RuntimeError):  # not asked before, or no page at all
        return flask_babel.get_locale()


class Language:
    """One language. A page asks it for a hundred words, so what was found once is found again in one step."""

    def __init__(self, catalogue: Any) -> None:
        self.catalogue = catalogue
        self.text: Callable[[str], str] = cache(catalogue.ugettext)
        self.markup: Callable[[str], Markup] = cache(lambda one: Markup(self.text(one)))  # our own words  # nosec B704
        self.finished: Callable[[str], Markup] = cache(lambda one: self.markup(one) % {})


class Catalogues(Domain):
    """Flask-Babel's own domain, with a fallback between languages."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ready: dict[tuple[str, str | None], Language] = {}

    def language(self) -> Language | None:
        """The language of the reader; none outside a request."""
        locale = locale_here()
        if locale is None:
            return None
        key = (locale.language, locale.territory)  # a quarter of what the hash of a locale costs
        if key not in self._ready:
            self._ready[key] = Language(self._with_fallback(locale))
        return self._ready[key]

    def get_translations(self) -> Any:
        language = self.language()
        return super().get_translations() if language is None else language.catalogue

    def gettext(self, string: str, **variables: Any) -> str:
        language = self.language()
        said = string if language is None else language.text(string)
        return said % variables if variables else said

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

        @pass_eval_context
        def say(page: EvalContext, one: str, **values: Any) -> str:
            """`_()` of the templates: always a format string, escaped where the template escapes."""
            language = self.domain_instance.language()
            if language is None or not page.autoescape:
                return self.domain_instance.gettext(one) % values
            return language.markup(one) % values if values else language.finished(one)

        app.jinja_env.globals.update(_=say, gettext=say)

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
